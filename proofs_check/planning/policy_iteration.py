"""Howard's policy iteration: every round improves, and there are not many rounds."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, policies, unit_reward_mdps
from proofs_check import oracles
from proofs_check.claims import Remark
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds, greedy, policy_iterates

DISCOUNTS = st.sampled_from((0.25, *GAMMAS))
CORRIDORS = st.builds(mdps.slow_policy_iteration, DISCOUNTS, st.integers(1, 7))
STARTS = paired(discounted_mdps(max_states=3, gammas=(0.25, *GAMMAS)), policies)
TWO_ACTIONS = st.builds(mdps.near_optimal_policy, DISCOUNTS, st.just(1.0))


def _policies(mdp: MDP, policy: np.ndarray) -> list[np.ndarray]:
    """The policies of the package's policy iteration, the subject of these theorems."""
    return [iterate.policy for iterate in policy_iterates(mdp, policy)]


def _backup_improves(mdp: MDP, policy: np.ndarray) -> Check:
    v = oracles.exact_policy_value(mdp, policy)
    return Check.everywhere(v, oracles.backup(mdp, v))


backup_improves = Theorem(
    name="policy-below-backup",
    statement=r"$v^\pi \le T v^\pi$.",
    source="szepesvari2022, lecture 4",
    assumptions=r"$\pi$ deterministic, rewards in $[0, 1]$ (only so that the ratio means something)",
    instances=paired(unit_reward_mdps(max_states=3), policies),
    check=_backup_improves,
    refutable=scaled(_backup_improves),
    tight=lambda: _backup_improves(mdps.single_state(gamma=0.9), np.array([0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _greedy_improves(mdp: MDP, policy: np.ndarray) -> Check:
    v = oracles.exact_policy_value(mdp, policy)
    return Check.everywhere(oracles.backup(mdp, v), oracles.exact_policy_value(mdp, greedy(mdp, v)))


greedy_improves = Theorem(
    name="policy-improvement",
    statement=r"$T v^\pi \le v^{\pi'}$ for $\pi' = \pi_{v^\pi}$: one improvement is worth at least one sweep.",
    source="szepesvari2022, lecture 4",
    assumptions=r"$\pi$ deterministic, rewards in $[0, 1]$ (only so that the ratio means something)",
    instances=paired(unit_reward_mdps(max_states=3), policies),
    check=_greedy_improves,
    refutable=scaled(_greedy_improves),
    tight=lambda: _greedy_improves(mdps.single_state(gamma=0.9), np.array([0])),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _rate(mdp: MDP, policy: np.ndarray, k: int) -> Check:
    visited = _policies(mdp, policy)
    start, reached = (oracles.exact_policy_value(mdp, visited[min(i, len(visited) - 1)]) for i in (0, k))
    optimum = oracles.lp_value(mdp)
    return Check(sup(reached - optimum), bounds.geometric_error(mdp.gamma, k, sup(start - optimum)))


policy_iteration_rate = Theorem(
    name="policy-iteration-rate",
    statement=r"$\|v^{\pi_k} - v^*\| \le \gamma^k \|v^{\pi_0} - v^*\|$: never slower than value iteration.",
    source="szepesvari2022, lecture 4",
    assumptions=r"$\pi_0$ deterministic",
    instances=st.tuples(STARTS | CORRIDORS, st.integers(1, 5)).map(lambda drawn: (*drawn[0], drawn[1])),
    check=_rate,
    refutable=scaled(_rate),
    tight=lambda: _rate(*mdps.slow_policy_iteration(gamma=0.9, steps=5), 5),
    tight_ratio=0.9999,
    attained_by="`mdps.slow_policy_iteration`, a corridor in which good news travels one state an improvement,",
)


def _howard(mdp: MDP, policy: np.ndarray) -> Check:
    rounds = len(_policies(mdp, policy)) - 1
    return Check(rounds, bounds.howard_improvements(mdp.gamma, mdp.n_states, mdp.n_pairs))


howard_count = Theorem(
    name="howard-count",
    statement=r"Policy iteration stops after at most $(SA - S)(\lceil H_{\gamma,1} \rceil + 1)$ improvements.",
    source="szepesvari2022, lecture 4",
    assumptions=(
        r"$SA$ counts the pairs; $H_{\gamma,1} = \ln H / \ln\frac1\gamma$. Derived again here: if the worst action of "
        r"$\pi_0$ loses $\delta$ at once, then $\pi_k$ loses at most $\gamma^k H \delta$ in all, so that for "
        r"$\gamma^k H < 1$ it has given that action up, for good"
    ),
    instances=STARTS | CORRIDORS | TWO_ACTIONS,
    check=_howard,
    # False: without the factor SA - S.
    refutable=lambda mdp, policy: Check(_howard(mdp, policy).lhs, bounds.howard_improvements(mdp.gamma, 0, 1)),
)


def _howard_sharp(mdp: MDP, policy: np.ndarray) -> Check:
    rounds = len(_policies(mdp, policy)) - 1
    return Check(rounds, bounds.howard_improvements_sharp(mdp.gamma, mdp.n_states, mdp.n_pairs))


howard_count_sharp = Theorem(
    name="howard-count-sharp",
    statement=r"Policy iteration stops after at most $(SA - S)(\lfloor H_{\gamma,1} \rfloor + 1)$ improvements.",
    source="derived here, after szepesvari2022, lecture 4",
    assumptions=(
        r"as howard-count, of which no more is needed than the least $k$ with $\gamma^k H < 1$, which is "
        r"$\lfloor H_{\gamma,1} \rfloor + 1$"
    ),
    instances=STARTS | CORRIDORS | TWO_ACTIONS,
    check=_howard_sharp,
    refutable=scaled(_howard_sharp),
    tight=lambda: _howard_sharp(*mdps.near_optimal_policy(gamma=0.25, error=1.0)),
    tight_ratio=1.0,
    attained_by="One state with two actions, and a discount of 1/4,",
)


def _scherrer(mdp: MDP, policy: np.ndarray) -> Check:
    rounds = len(_policies(mdp, policy)) - 1
    return Check(rounds, bounds.howard_improvements_scherrer(mdp.gamma, mdp.n_states, mdp.n_pairs))


howard_count_scherrer = Theorem(
    name="howard-count-scherrer",
    statement=r"Policy iteration stops after at most $(SA - S) \lceil H \ln H \rceil$ improvements.",
    source="scherrer2016",
    assumptions=(
        r"$0 < \gamma < 1$; $SA$ counts the pairs. Derived again here, as howard-count, from $\gamma^k H < 1$ for "
        r"$k \ge H \ln H$"
    ),
    instances=STARTS | CORRIDORS | TWO_ACTIONS,
    check=_scherrer,
    refutable=scaled(_scherrer),
    tight=lambda: _scherrer(*mdps.near_optimal_policy(gamma=0.25, error=1.0)),
    tight_ratio=1.0,
    attained_by="One state with two actions and a small discount",
)


def _no_repeat(mdp: MDP, policy: np.ndarray) -> Check:
    visited = _policies(mdp, policy)
    return Check(len(visited), len({tuple(one) for one in visited}))


def _restless(mdp: MDP, policy: np.ndarray) -> Check:
    """False variant: an action that ties with the best is exchanged, for 20 rounds at most."""
    visited = [tuple(policy.tolist())]
    while len(visited) < 20:
        q = oracles.action_values(mdp, oracles.exact_policy_value(mdp, np.array(visited[-1])))
        improved = []
        for own, values in zip(visited[-1], np.split(q, mdp.pair_start[1:-1]), strict=True):
            others = np.flatnonzero((values >= values.max() - 1e-9) & (np.arange(values.size) != own))
            improved.append(int(others[-1]) if others.size else own)
        if tuple(improved) == visited[-1]:
            break
        visited.append(tuple(improved))
    return Check(len(visited), len(set(visited)))


no_repeat = Theorem(
    name="policy-iteration-no-repeat",
    statement=r"Policy iteration visits no policy twice.",
    source="howard1960",
    assumptions=r"an action that ties with the best is kept",
    instances=STARTS | CORRIDORS,
    check=_no_repeat,
    refutable=_restless,
)


def _finite(mdp: MDP, policy: np.ndarray) -> Check:
    rounds = len(_policies(mdp, policy)) - 1
    return Check(rounds, bounds.policy_count(mdp.action_counts) - 1)


policy_iteration_finite = Theorem(
    name="policy-iteration-finite",
    statement=r"Policy iteration makes at most $\prod_s |A(s)| - 1$ improvements.",
    source="howard1960",
    assumptions=r"none on the discount or the rewards",
    instances=STARTS | CORRIDORS | TWO_ACTIONS,
    check=_finite,
    refutable=scaled(_finite),
    tight=lambda: _finite(*mdps.near_optimal_policy(gamma=0.9, error=1.0)),
    tight_ratio=1.0,
    attained_by="One state with two actions",
)

THEOREMS = (
    backup_improves,
    greedy_improves,
    policy_iteration_rate,
    howard_count,
    howard_count_sharp,
    howard_count_scherrer,
    no_repeat,
    policy_iteration_finite,
)

REMARKS = (
    Remark(
        name="policy-iteration-is-exponential",
        statement=(
            "There are families of models on which Howard's policy iteration makes a number of improvements that is"
            " exponential in the number of states."
        ),
        source="fearnley2010",
        reason=(
            "the family needs discounts that tend to 1 with its size, or total or average rewards, and states by the"
            " dozen before its count passes that of ordinary models: a program to look at, not an inequality. For a"
            " fixed discount howard-count is polynomial"
        ),
    ),
    Remark(
        name="policy-iteration-is-strongly-polynomial",
        statement=(
            r"For a fixed discount Howard's policy iteration, and the simplex method with Dantzig's rule, need"
            r" $O(S A H \ln(S H))$ improvements."
        ),
        source="ye2011; hansen2013",
        reason=(
            "an order without constants. What is checked has them: howard-count, howard-count-scherrer and"
            " policy-iteration-finite"
        ),
    ),
)
