"""The probability of reaching a goal: what iterations from below and above, and their stops, are worth."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.long_run_strategies import average_mdps
from mdps.strategies import paired, policies, value_vectors
from proofs_check import oracles
from proofs_check.chain_oracles import leads_to, recurrent_sets
from proofs_check.rational_total import rational_maximal_reachability, rational_policy_total
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import backup, bounds, maximal_reachability, policy_backup

_SETTLED = 1e-16
SWEEPS = st.integers(0, 12)
ROOMS = st.sampled_from([0.5, 0.25, 0.9]).map(lambda p: (mdps.waiting_room(p), 2))
CHAINS = st.integers(2, 4).map(lambda n: (mdps.unsound_chain(n), 2 * n))
QUESTIONS = paired(average_mdps(max_states=4), lambda mdp: st.integers(0, mdp.n_states - 1))


def _stopped(mdp: MDP, goal: int) -> MDP:
    """The model without rewards and discount whose goal is absorbing."""
    P = mdp.P.toarray()
    P[mdp.pair_state == goal] = np.eye(mdp.n_states)[goal]
    return MDP.from_pairs(P, np.zeros(mdp.n_pairs), 1.0, pair_start=mdp.pair_start)


def _swept(mdp: MDP, v: np.ndarray, sweeps: int) -> np.ndarray:
    """``T^k v`` by the package's backup."""
    for _ in range(sweeps):
        v = backup(mdp, v)[0]
    return v


def _from_below(mdp: MDP, goal: int, sweeps: int) -> np.ndarray:
    return _swept(_stopped(mdp, goal), np.eye(mdp.n_states)[goal], sweeps)


def _from_above(mdp: MDP, goal: int, sweeps: int) -> np.ndarray:
    """The iteration from 1, or from 0 where the goal is out of reach."""
    anyhow = np.zeros((mdp.n_states, mdp.n_states))
    np.maximum.at(anyhow, mdp.pair_state, mdp.P.toarray())
    return _swept(_stopped(mdp, goal), leads_to(anyhow)[:, goal].astype(float), sweeps)


def _best(mdp: MDP, goal: int) -> np.ndarray:
    return np.array(rational_maximal_reachability(mdp, [goal]), dtype=float)


def _below(mdp: MDP, goal: int, sweeps: int) -> Check:
    this, following = _from_below(mdp, goal, sweeps), _from_below(mdp, goal, sweeps + 1)
    return Check.everywhere([this, following], [following, _best(mdp, goal)])


reachability_below = Theorem(
    name="reachability-below",
    statement=r"$T^k \mathbf 1_G \le T^{k+1} \mathbf 1_G \le v^*$: the iteration from below grows and never exceeds.",
    source="puterman2005, section 7.2",
    assumptions=r"$v^*$ is the largest probability of reaching the goal $G$, whose states are absorbing",
    instances=st.tuples(QUESTIONS, SWEEPS).map(lambda x: (*x[0], x[1])),
    check=_below,
    refutable=scaled(_below),
    tight=lambda: _below(mdps.chain(4), 3, 3),
    tight_ratio=0.999999,
    attained_by="`mdps.chain`, on which the goal is just as many steps away,",
)


def _error_at_the_stop(n: int) -> tuple[float, float]:
    """The change of the n-th sweep on the unsound chain, the first that moves the middle, and the error after it."""
    model = mdps.unsound_chain(n)
    before, after = (_from_below(model, 2 * n, sweeps) for sweeps in (n - 1, n))
    return np.abs(after - before).max(), 0.5 - after[n]


def _unsound(n: int) -> Check:
    change, error = _error_at_the_stop(n)
    return Check(0.5 - change, error)


def _trusted(n: int) -> Check:
    change, error = _error_at_the_stop(n)
    return Check(error, 100 * change)


reachability_stop = Theorem(
    name="reachability-stop",
    statement=(
        r"For every $\varepsilon = 2^{-n}$ there is a chain on which $\|T^n \mathbf 1_G - T^{n-1} \mathbf 1_G\| \le "
        r"\varepsilon$ while the error is $\frac12 - \varepsilon$: small changes prove nothing."
    ),
    source="haddad2014",
    assumptions=r"$n \ge 1$; the chain has $2n + 1$ states",
    instances=st.integers(1, 14),
    check=_unsound,
    refutable=_trusted,  # false: the error is at most a hundred times the last change
    tight=lambda: _unsound(10),
    tight_ratio=0.999999,
    attained_by="`mdps.unsound_chain`, on which a step changes less than the accuracy long before the end,",
)


def _stays_at_one(mdp: MDP, goal: int, sweeps: int) -> Check:
    stopped = _stopped(mdp, goal)
    reachable = _from_above(mdp, goal, 0)
    inside = np.zeros(mdp.n_states)
    for policy in oracles.deterministic_policies(mdp):
        for states in recurrent_sets(oracles.chain(stopped, policy)[0]):
            inside[states] = 1.0
    return Check.everywhere(inside * reachable, _from_above(mdp, goal, sweeps))


reachability_above = Theorem(
    name="reachability-above",
    statement=(
        r"The iteration from above, $u_0 = 1$ wherever the goal can be reached, stays at 1 on every end component, "
        r"whatever $v^*$ is there."
    ),
    source="haddad2014",
    assumptions=r"a state is in an end component if it is recurrent under some policy",
    instances=st.tuples(QUESTIONS | ROOMS, SWEEPS).map(lambda x: (*x[0], x[1])),
    check=_stays_at_one,
    # False: it converges, and after 100 more sweeps is within 0.1.
    refutable=lambda mdp, goal, sweeps: Check.everywhere(_from_above(mdp, goal, sweeps + 100), _best(mdp, goal) + 0.1),
    tight=lambda: _stays_at_one(mdps.waiting_room(0.5), 2, 10),
    tight_ratio=0.999999,
    attained_by="`mdps.waiting_room`, where one may wait for ever,",
)


def _promised_width(mdp: MDP, goal: int, sweeps: int) -> float:
    undecided = sum(0 < value < 1 for value in rational_maximal_reachability(mdp, [goal]))
    return bounds.interval_width(mdp.P.data[mdp.P.data > 0].min(), max(undecided, 1), sweeps)


def _interval(mdp: MDP, goal: int, sweeps: int) -> Check:
    widths = maximal_reachability(mdp, goal).history
    return Check(widths[sweeps - 1] if widths.size else 0.0, _promised_width(mdp, goal, sweeps))


def _interval_of_the_model_as_it_is(mdp: MDP, goal: int, sweeps: int) -> Check:
    width = _from_above(mdp, goal, sweeps) - _from_below(mdp, goal, sweeps)
    return Check(width.max(), _promised_width(mdp, goal, sweeps))


interval_iteration = Theorem(
    name="interval-iteration",
    statement=(
        r"Once end components are merged and the probabilities 0 and 1 decided, the iterations from below and above "
        r"are within $(1 - p^N)^{\lfloor n/N \rfloor}$ of each other after $n$ sweeps."
    ),
    source="haddad2014",
    assumptions=r"$N$ states are undecided, $p$ is the smallest positive probability; sweeps may be in place",
    instances=st.tuples(QUESTIONS | ROOMS | CHAINS, st.integers(1, 12)).map(lambda x: (*x[0], x[1])),
    check=_interval,
    refutable=_interval_of_the_model_as_it_is,  # false: without merging
)


def _lowered(mdp: MDP, goal: int, policy: np.ndarray, v: np.ndarray, everywhere: bool = False) -> np.ndarray:
    """The largest l <= v with l <= T_pi l, 1 at the goal and 0 where the policy cannot reach it."""
    stopped = _stopped(mdp, goal)
    reaches = leads_to(oracles.chain(stopped, policy)[0])[:, goal]
    lower = np.abs(v) if everywhere else np.where(reaches, np.abs(v), 0.0)
    lower[goal] = 1.0
    while True:
        lowered = np.minimum(lower, policy_backup(stopped, lower, policy))
        if (lower - lowered).max() <= _SETTLED:
            return lower
        lower = lowered


def _proof_below(mdp: MDP, goal: int, policy: np.ndarray, v: np.ndarray, everywhere: bool = False) -> Check:
    reached = rational_policy_total(mdp, policy, [goal], reward=False)
    return Check.everywhere(_lowered(mdp, goal, policy, v, everywhere), np.array(reached, dtype=float))


PROOFS = paired(
    average_mdps(),
    lambda mdp: st.integers(0, mdp.n_states - 1),
    policies,
    lambda mdp: value_vectors(mdp, 1.0),
)

proof_below = Theorem(
    name="reachability-proof-below",
    statement=r"If $l \le T_\pi l$, and $l \le 0$ wherever $\pi$ cannot reach the goal, then $l \le v^\pi$.",
    source="puterman2005, section 7.2; the condition derived here",
    assumptions=r"$l \le 1$ at the goal; $v^\pi$ is the probability of reaching it",
    instances=PROOFS,
    check=_proof_below,
    # False: without the second condition.
    refutable=lambda mdp, goal, policy, v: _proof_below(mdp, goal, policy, v, everywhere=True),
    tight=lambda: _proof_below(mdps.unsound_chain(4), 8, np.zeros(9, dtype=int), np.ones(9)),
    tight_ratio=0.999999,
    attained_by="The value itself, on `mdps.unsound_chain`,",
)


def _raised(mdp: MDP, goal: int, v: np.ndarray) -> np.ndarray:
    """The smallest u >= v with u >= T u, and 1 at the goal."""
    stopped, upper = _stopped(mdp, goal), np.abs(v)
    upper[goal] = 1.0
    while True:
        raised = np.maximum(upper, backup(stopped, upper)[0])
        if (raised - upper).max() <= _SETTLED:
            return upper
        upper = raised


def _proof_above(mdp: MDP, goal: int, v: np.ndarray) -> Check:
    return Check.everywhere(_best(mdp, goal), _raised(mdp, goal, v))


proof_above = Theorem(
    name="reachability-proof-above",
    statement=r"If $u \ge T u$, $u \ge 0$ and $u \ge 1$ at the goal, then $u \ge v^*$: here no condition on the graph.",
    source="puterman2005, section 7.2",
    assumptions=r"$v^*$ is the largest probability of reaching the goal",
    instances=PROOFS.map(lambda x: (x[0], x[1], x[3])),
    check=_proof_above,
    refutable=scaled(_proof_above),
    tight=lambda: _proof_above(mdps.waiting_room(0.5), 2, np.zeros(3)),
    tight_ratio=0.999999,
    attained_by="The value itself, on `mdps.waiting_room`,",
)

THEOREMS = (
    reachability_below,
    reachability_stop,
    reachability_above,
    interval_iteration,
    proof_below,
    proof_above,
)
