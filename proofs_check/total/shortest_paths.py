r"""Shortest paths: the equation of the best proper policy, and what the time to arrive does in place of a discount.

In all models here the goal is state 0, absorbing and without reward, and values there are 0.
"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

import mdps
from mdps.long_run_strategies import shortest_path_mdps
from mdps.strategies import paired, policies, stochastic_policies, value_vectors
from proofs_check import oracles
from proofs_check.chain_oracles import hitting_time, longest_time, total_until
from proofs_check.norms import sup
from proofs_check.rational_total import rational_policy_total
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import backup, bounds, policy_backup

LADDERS = st.builds(mdps.ladder, st.integers(1, 3), st.sampled_from([0.5, 0.25]))
LOANS = st.just(mdps.loan(gamma=1.0))
ALWAYS_ARRIVING = shortest_path_mdps(all_proper=True, max_reward=1.0)


def goal_of(mdp: MDP) -> np.ndarray:
    """State 0."""
    return np.arange(mdp.n_states) == 0


def zero_at_goal(mdp: MDP, max_value: float = 10.0) -> SearchStrategy[np.ndarray]:
    """Values that are right at the goal."""
    return value_vectors(mdp, max_value).map(lambda v: np.where(goal_of(mdp), 0.0, v))


def _best_proper(mdp: MDP, best: np.ufunc = np.maximum) -> np.ndarray:
    totals = [rational_policy_total(mdp, policy, [0]) for policy in oracles.deterministic_policies(mdp)]
    return best.reduce([np.array(total, dtype=float) for total in totals if total is not None])


def _optimality(mdp: MDP, best: np.ufunc = np.maximum) -> Check:
    v = _best_proper(mdp, best)
    return Check.equal(backup(mdp, v)[0], v)


shortest_path_optimality = Theorem(
    name="shortest-path-optimality",
    statement=r"$v^* = T v^*$, where $v^*(s)$ is the largest total reward of a proper policy.",
    source="bertsekas1991",
    assumptions=(
        r"there is a proper policy, and rewards away from the goal are negative, so that others lose without bound; "
        r"the maximum is over all proper deterministic policies"
    ),
    instances=shortest_path_mdps(),
    check=_optimality,
    refutable=lambda mdp: _optimality(mdp, best=np.minimum),  # false: of the smallest totals
)


def _arrival(mdp: MDP) -> Check:
    least = mdp.P.data[mdp.P.data > 0].min()
    return Check(longest_time(mdp, goal_of(mdp)).max(), bounds.arrival_time(least, mdp.n_states - 1))


arrival_time = Theorem(
    name="arrival-time",
    statement=(
        r"$\max_{\pi,s} E^\pi_s[\tau] \le p^{-1} + p^{-2} + \dots + p^{-N}$, where $\tau$ is the time to the goal."
    ),
    source="derived here",
    assumptions=(
        r"every policy is proper; $N$ states besides the goal, $p$ the smallest positive probability. For from every "
        r"state each action leads nearer with probability $p$ at least, and at worst to the farthest state otherwise"
    ),
    instances=ALWAYS_ARRIVING | LADDERS,
    check=_arrival,
    refutable=scaled(_arrival),
    tight=lambda: _arrival(mdps.ladder(3, 0.5)),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder`, whose failures throw back to the start,",
)


def _not_yet(mdp: MDP, sweeps: int) -> Check:
    waiting, away = mdp.replace(r=np.zeros(mdp.n_pairs)), (~goal_of(mdp)).astype(float)
    for _ in range(sweeps):
        away = backup(waiting, away)[0]
    least = mdp.P.data[mdp.P.data > 0].min()
    return Check(away.max(), bounds.interval_width(least, mdp.n_states - 1, sweeps))


arrival_tail = Theorem(
    name="arrival-tail",
    statement=r"$\max_\pi \Pr^\pi_s(\tau > n) \le (1 - p^N)^{\lfloor n/N \rfloor}$.",
    source="haddad2014",
    assumptions=(
        r"every policy is proper; $N$ states besides the goal, $p$ the smallest positive probability; the maximum, "
        r"$T^n 1$ without rewards, is over policies that may change from step to step"
    ),
    instances=st.tuples(ALWAYS_ARRIVING | LADDERS, st.integers(0, 12)),
    check=_not_yet,
    refutable=scaled(_not_yet),
    tight=lambda: _not_yet(mdps.ladder(3, 0.5), 3),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder`, whose failures throw back to the start,",
)


def _contraction(mdp: MDP, u: np.ndarray, v: np.ndarray) -> Check:
    away = ~goal_of(mdp)
    xi = longest_time(mdp, goal_of(mdp))[away]
    before, after = (u - v)[away], (backup(mdp, u)[0] - backup(mdp, v)[0])[away]
    return Check(sup(after / xi), bounds.weighted_modulus(xi.max()) * sup(before / xi))


def _own_times(mdp: MDP) -> tuple[MDP, np.ndarray, np.ndarray]:
    return mdp, longest_time(mdp, goal_of(mdp)), np.zeros(mdp.n_states)


shortest_path_contraction = Theorem(
    name="shortest-path-contraction",
    statement=(
        r"$\|T u - T v\|_\xi \le \big(1 - \frac{1}{\max \xi}\big) \|u - v\|_\xi$ with $\|v\|_\xi = \max_s "
        r"|v(s)|/\xi(s)$: without a discount $T$ contracts in a weighted norm."
    ),
    source="bertsekas1996, proposition 2.2",
    assumptions=(
        r"every policy is proper, $u = v = 0$ at the goal; $\xi(s)$ is the largest expected time from $s$ to the goal"
    ),
    instances=paired(ALWAYS_ARRIVING, zero_at_goal, zero_at_goal) | LADDERS.map(_own_times),
    check=_contraction,
    refutable=scaled(_contraction),
    tight=lambda: _contraction(*_own_times(mdps.ladder(3, 0.5))),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder`, weighted by its own times,",
)


def _total(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    return total_until(*oracles.chain(mdp, policy), goal_of(mdp))


def _residual(mdp: MDP, v: np.ndarray) -> Check:
    best = np.max([_total(mdp, policy) for policy in oracles.deterministic_policies(mdp)], axis=0)
    away, time = ~goal_of(mdp), longest_time(mdp, goal_of(mdp))
    promised = bounds.total_residual_error(time, sup(oracles.backup(mdp, v) - v))
    return Check.everywhere(np.abs(best - v)[away], promised[away])


total_residual = Theorem(
    name="total-residual",
    statement=r"$|v^*(s) - v(s)| \le \xi(s)\, \|T v - v\|$.",
    source="derived here",
    assumptions=(
        r"every policy is proper, $v = 0$ at the goal; $\xi(s)$ is the largest expected time from $s$ to the goal. For "
        r"$u = v + \|T v - v\|\, \xi$ satisfies $T u \le u$"
    ),
    instances=paired(ALWAYS_ARRIVING, zero_at_goal) | LADDERS.map(lambda mdp: (mdp, np.zeros(mdp.n_states))),
    check=_residual,
    refutable=scaled(_residual),
    tight=lambda: _residual(mdps.ladder(3, 0.5), np.zeros(4)),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder`, from nothing,",
)


def _bracket(mdp: MDP, policy: np.ndarray, v: np.ndarray, last: bool = False) -> Check:
    goal = np.arange(mdp.n_states) == mdp.n_states - 1 if last else goal_of(mdp)
    P, r = oracles.chain(mdp, policy)
    lower, upper = bounds.proper_bracket(v, policy_backup(mdp, v, policy), hitting_time(P, goal))
    value = total_until(P, r, goal)
    return Check.everywhere([value - lower, upper - value], upper - lower)


proper_bracket = Theorem(
    name="proper-bracket",
    statement=(
        r"$v + \tau^\pi \min d \le v^\pi \le v + \tau^\pi \max d$ with $d = T_\pi v - v$ away from the goal: the time "
        r"to arrive takes the place of $1/(1-\gamma)$."
    ),
    source="derived here",
    assumptions=(
        r"$\pi$ proper, $\tau^\pi$ its expected time to the goal, $v = 0$ there. For $v^\pi - v = (I - P_\pi)^{-1} d$"
    ),
    instances=paired(ALWAYS_ARRIVING, stochastic_policies, zero_at_goal)
    | st.just((mdps.loan(gamma=1.0), np.zeros(3, dtype=int), np.zeros(3), True)),
    check=_bracket,
    refutable=scaled(_bracket),
    tight=lambda: _bracket(mdps.loan(gamma=1.0), np.zeros(3, dtype=int), np.zeros(3), last=True),
    tight_ratio=0.999999,
    attained_by="`mdps.loan` without a discount",
)


def _length(mdp: MDP, policy: np.ndarray, u: np.ndarray, steps: int) -> Check:
    away = ~goal_of(mdp)
    decay = float((u - oracles.backup(mdp, u))[away].min())
    P, r = oracles.chain(mdp, policy)
    earned, length, power = np.zeros(mdp.n_states), np.zeros(mdp.n_states), np.eye(mdp.n_states)
    for _ in range(steps):
        earned, length, power = earned + power @ r, length + power @ away, power @ P
    drop = u - power @ u
    promised = [bounds.arrival_time_of_value(*pair, decay) for pair in zip(drop[away], earned[away], strict=True)]
    return Check.everywhere(length[away], promised)


episode_length = Theorem(
    name="episode-length",
    statement=(
        r"If $T u \le u - \varepsilon$ away from the goal, then $\varepsilon\, E(n \wedge \tau) \le u(s) - E\, "
        r"u(s_{n\wedge\tau}) - E \sum_{t < n \wedge \tau} r_t$: policies that do not arrive lose without bound."
    ),
    source="bertsekas1991",
    assumptions=r"$\pi$ any stationary policy, proper or not; $n \ge 0$, $\varepsilon > 0$, $u = 0$ at the goal",
    # Rewards are at most -1/8, and values differ by less: so u decays.
    instances=paired(
        shortest_path_mdps(), policies, lambda mdp: zero_at_goal(mdp, 1 / 32), lambda _: st.integers(0, 30)
    )
    | LADDERS.map(lambda mdp: (mdp, np.zeros(mdp.n_states, dtype=int), np.zeros(mdp.n_states), 10)),
    check=_length,
    refutable=scaled(_length),
    tight=lambda: _length(mdps.ladder(3, 0.5), np.zeros(4, dtype=int), np.zeros(4), 10),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder`, from nothing,",
)

THEOREMS = (
    shortest_path_optimality,
    arrival_time,
    arrival_tail,
    shortest_path_contraction,
    total_residual,
    proper_bracket,
    episode_length,
)
