"""Relative value iteration: how fast it converges, and that it does not where chains are periodic."""

from __future__ import annotations

import warnings

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.long_run_strategies import unichain_mdps, weakly_communicating_mdps
from proofs_check import oracles
from proofs_check.chain_oracles import dobrushin
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.models import ConvergenceWarning
from rltheory.planning import bounds, relative_value_iteration

_SMALLEST_TOL = 1e-300
STAYS = st.sampled_from([0.5, 0.25, 0.1])


def _widths(mdp: MDP, stay: float, sweeps: int) -> np.ndarray:
    """The widths of Odoni's bracket in the package's relative value iteration, before and after some sweeps."""
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning):
        return relative_value_iteration(mdp, tol=_SMALLEST_TOL, stay=stay, max_sweeps=sweeps + 1).history


def _lazy(mdp: MDP, stay: float) -> MDP:
    """The model that stays where it is with some probability: the aperiodicity transform."""
    own = np.eye(mdp.n_states)[mdp.pair_state]
    return MDP.from_pairs(
        (1 - stay) * mdp.P.toarray() + stay * own, (1 - stay) * mdp.r, mdp.gamma, pair_start=mdp.pair_start
    )


def _dobrushin_of_steps(mdp: MDP, steps: int) -> float:
    """The largest total variation between distributions after some steps, from any states under any policies."""
    kernels = [oracles.chain(mdp, policy)[0] for policy in oracles.deterministic_policies(mdp)]
    reached = mdp.P.toarray()
    for _ in range(steps - 1):
        reached = np.unique(np.vstack([reached @ P for P in kernels]), axis=0)
    return dobrushin(reached)


def _rate(mdp: MDP, stay: float, steps: int, sweeps: int) -> Check:
    widths = _widths(mdp, stay, sweeps)
    coefficient = _dobrushin_of_steps(_lazy(mdp, stay), steps)
    promised = bounds.relative_value_iteration_width(coefficient, steps, len(widths) - 1, widths[0])
    return Check(widths[-1], promised)


def _two_states(delta: float = 0.5) -> MDP:
    return mdps.span_contraction(0.9, delta)[0]


relative_rate = Theorem(
    name="relative-value-iteration-rate",
    statement=(
        r"$\mathrm{sp}(T h_n - h_n) \le \delta_J^{\lfloor n/J \rfloor}\, \mathrm{sp}(T h_0 - h_0)$ for relative value "
        r"iteration, the width of the bracket around the gain."
    ),
    source="puterman2005, section 8.5",
    assumptions=(
        r"weakly communicating; $\delta_J$ is the largest total variation distance between two distributions after $J$ "
        r"steps of the model that is iterated, from any states under any policies (1 if a policy has two classes)"
    ),
    instances=st.tuples(
        unichain_mdps() | weakly_communicating_mdps(), STAYS | st.just(0.0), st.integers(1, 3), st.integers(0, 12)
    )
    | st.tuples(st.sampled_from([0.5, 0.9]).map(_two_states), st.just(0.0), st.integers(1, 3), st.integers(0, 12)),
    check=_rate,
    refutable=scaled(_rate),
    tight=lambda: _rate(_two_states(), 0.0, 2, 10),
    tight_ratio=0.999999,
    attained_by="`mdps.span_contraction`, two states whose rows mirror each other,",
)


def _periodic(rewards: np.ndarray, sweeps: int, stay: float = 0.0) -> Check:
    widths = _widths(mdps.cycle(len(rewards)).replace(r=rewards), stay, sweeps)
    return Check.equal(widths[-1], widths[0])


relative_periodic = Theorem(
    name="relative-value-iteration-periodic",
    statement=(
        r"On a cycle, $\mathrm{sp}(T h_n - h_n)$ is the same for all $n$: without the aperiodicity transform relative "
        r"value iteration does not converge where chains are periodic."
    ),
    source="puterman2005, section 8.5",
    assumptions=r"two states or more, rewards in $[0, 1]$",
    instances=st.tuples(
        st.integers(2, 5).flatmap(lambda n: hnp.arrays(float, n, elements=st.integers(0, 8).map(lambda k: k / 8))),
        st.integers(1, 12),
    ),
    check=_periodic,
    refutable=lambda rewards, sweeps: _periodic(rewards, sweeps, stay=0.5),  # false: with the transform, too
)


def _unichain_rate(mdp: MDP) -> Check:
    coefficient = _dobrushin_of_steps(mdp, max(mdp.n_states - 1, 1))
    return Check(coefficient, bounds.unichain_dobrushin(mdp.P.data[mdp.P.data > 0].min(), mdp.n_states))


unichain_rate = Theorem(
    name="unichain-mixing",
    statement=(
        r"$\delta_{S-1} \le 1 - p^{S-1}$ with the smallest positive probability $p$: on unichain models relative value "
        r"iteration with the aperiodicity transform converges, at a known rate."
    ),
    source="derived here",
    assumptions=(
        r"every policy has one recurrent class, and every pair stays with positive probability. Sets of states that "
        r"can be reached then only grow; at most $S - 2$ times while two of them are disjoint, and two that are closed "
        r"at once would be two classes of one policy"
    ),
    instances=st.builds(_lazy, unichain_mdps(), STAYS)
    | st.builds(mdps.ladder, st.integers(1, 3), st.sampled_from([0.5, 0.25]), fall=st.just(False)),
    check=_unichain_rate,
    refutable=scaled(_unichain_rate),
    tight=lambda: _unichain_rate(mdps.ladder(3, 0.25, fall=False)),
    tight_ratio=0.999999,
    attained_by="`mdps.ladder` without falls",
)

THEOREMS = (relative_rate, relative_periodic, unichain_rate)
