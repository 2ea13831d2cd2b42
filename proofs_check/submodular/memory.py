r"""Who has to remember: no one without chance, and no one gains by chance of their own."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

from mdps.submodular import coin_mirror
from proofs_check.submodular import oracles
from proofs_check.submodular.instances import FORK, PATHS, SEEDS, STAR, mixed
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.submodular import SubmodularMDP, bounds, derandomised, solve_exact, solve_markov
from rltheory.submodular.gradient import row_slopes


def _no_memory(mdp: SubmodularMDP, *, stationary: bool = False) -> Check:
    best_path = max(oracles.worth(mdp, path) for path in oracles.paths(mdp))
    forgetful = oracles.markov_optimum(mdp, stationary=stationary)
    return Check.equal([best_path, forgetful], solve_exact(mdp).value)


no_memory = Theorem(
    name="submodular-no-chance-no-memory",
    statement=(
        r"Without chance, $\max_{\Pi_M} J = \max_{\Pi_{NM}} J = \max_\tau F(\tau)$: a policy that knows the step need"
        r" not remember where it has been."
    ),
    source="derived here",
    assumptions=r"dynamics and first state are deterministic; a policy that does not know the step may fall short",
    instances=PATHS | st.just(STAR),
    check=_no_memory,
    refutable=partial(_no_memory, stationary=True),  # false: as if one need not know the step either
)


def _coin(heads: float, to_l: float) -> Check:
    fair = coin_mirror()
    P = fair.P.copy()
    P[0, :, 1], P[0, :, 2] = heads, 1 - heads
    mdp = SubmodularMDP(P, fair.F, fair.H, fair.mu)
    table = np.full((mdp.H, mdp.n_states, 2), 0.5)
    table[2, 3] = to_l, 1 - to_l
    most = max(oracles.markov_optimum(mdp), oracles.runs(mdp).value(table))
    return Check(most, bounds.forgetful(heads) * oracles.optimum(mdp))


_PORTIONS = st.integers(0, 8).map(lambda k: k / 8)

coin = Theorem(
    name="submodular-coin-mirror",
    statement=(
        r"With the coin and its mirror no Markov policy, whatever it mixes, reaches more than $(1 + \max(p, 1-p)) / 2$"
        r" of the optimum: 3/4 for a fair coin."
    ),
    source="derived here",
    assumptions=r"the coin falls on L with probability $p$",
    instances=st.tuples(_PORTIONS, _PORTIONS),
    check=_coin,
    refutable=scaled(_coin, rhs=0.99),
    tight=lambda: _coin(0.5, 0.5),
    tight_ratio=1 - 1e-9,
    attained_by="A fair coin",
)


def _randomised(mdp: SubmodularMDP, table: np.ndarray, seed: int, share: float = 1.0) -> Check:
    """Compare a Markov policy and one that mixes at random after every history with the best deterministic ones."""
    all_runs, rng = oracles.runs(mdp), np.random.default_rng(seed)
    mixing = all_runs.value_of(lambda path: rng.dirichlet(np.ones(mdp.n_actions)))
    return Check.everywhere(
        [all_runs.value(table), mixing], [share * solve_markov(mdp).value, share * solve_exact(mdp).value]
    )


randomised = Theorem(
    name="submodular-randomisation",
    statement=(
        r"$\max J$ over deterministic policies is $\max J$ over all policies, both among Markov policies and among"
        r" those that remember."
    ),
    source="prajapat2024; derived here",
    assumptions=r"none",
    instances=st.builds(lambda drawn, seed: (*drawn, seed), mixed(), SEEDS)
    | st.just((FORK, np.eye(2)[[[0, 0, 0]] * 2], 0)),
    check=_randomised,
    refutable=partial(_randomised, share=0.99),  # false: as if nothing reached the best
    tight=lambda: _randomised(FORK, np.eye(2)[[[0, 0, 0]] * 2], 0),
    tight_ratio=1 - 1e-9,
    attained_by="A fork of which one policy takes the same road always",
)


def _affine(mdp: SubmodularMDP, table: np.ndarray, *, rows: int = 1) -> Check:
    """Move one row, or one of each step, to each of its corners."""
    all_runs, slopes = oracles.runs(mdp), row_slopes(mdp, table)
    found, predicted = [], []
    for h, s, a in np.ndindex(table.shape):
        moved, corner = table.copy(), np.eye(mdp.n_actions)[a]
        steps = [h] if rows == 1 else range(mdp.H)
        moved[steps, s] = corner
        found.append(all_runs.value(moved) - all_runs.value(table))
        predicted.append(sum(slopes[step, s] @ (corner - table[step, s]) for step in steps))
    return Check.equal(found, predicted)


affine = Theorem(
    name="submodular-multi-affine",
    statement=(
        r"$J$ is affine in each row $\pi_h(\cdot \mid s)$ of a Markov policy, with the slopes"
        r" $\sum_{\tau \to s} \Pr(\tau)\, Q(\tau, a)$, where $Q$ counts the gains to come."
    ),
    source="derived here",
    assumptions=r"the other rows are held: a path passes each of them once at most",
    instances=mixed() | st.just((STAR, np.full((3, 3, 2), 0.5))),
    check=_affine,
    refutable=partial(_affine, rows=2),  # false: as if J were affine in several rows together
)


def _corners(mdp: SubmodularMDP, table: np.ndarray, *, likeliest: bool = False) -> Check:
    all_runs = oracles.runs(mdp)
    actions = table.argmax(axis=-1) if likeliest else derandomised(mdp, table)
    return Check(all_runs.value(table), all_runs.value(np.eye(mdp.n_actions)[actions]))


corners = Theorem(
    name="submodular-derandomising",
    statement=(
        r"Rows of a Markov policy can be moved to their best corners, step by step, without lowering $J$: a"
        r" deterministic policy comes out that is no worse."
    ),
    source="derived here",
    assumptions=r"none",
    instances=mixed() | st.just((STAR, np.tile([0.6, 0.4], (3, 3, 1)))),
    check=_corners,
    refutable=partial(_corners, likeliest=True),  # false: as if the likeliest actions did
    tight=lambda: _corners(FORK, np.full((2, 3, 2), 0.5)),
    tight_ratio=1 - 1e-9,
    attained_by="A fork, and the policy that takes either road alike,",
)

THEOREMS = (no_memory, coin, randomised, affine, corners)
