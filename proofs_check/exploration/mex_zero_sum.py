"""Maximising to explore in zero-sum games: what is promised and what is feared, each counted with its fit.

Games have two actions a player, so that a formula has the value of a stage, and a best response is the
smaller of two numbers.
"""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from proofs_check.theorem import Check, Theorem
from rltheory.exploration.bounds import mex as bounds
from rltheory.exploration.mex.zero_sum import mex_zero_sum
from rltheory.games.markov import MarkovGame


def _stage(q: np.ndarray) -> float:
    """Return the value of a matrix game of two actions a player."""
    lower, upper = q.min(axis=1).max(), q.max(axis=0).min()
    if lower >= upper:
        return float(lower)
    return float((q[0, 0] * q[1, 1] - q[0, 1] * q[1, 0]) / (q[0, 0] + q[1, 1] - q[0, 1] - q[1, 0]))


def _nash(P: np.ndarray, r: np.ndarray, H: int) -> float:
    """Return the value of a game from state 0."""
    value = np.zeros(len(r))
    for _ in range(H):
        value = np.array([_stage(q) for q in r + P @ value])
    return float(value[0])


def _against(P: np.ndarray, r: np.ndarray, policy: np.ndarray) -> float:
    """Return what the first player's policy is worth from state 0 against a best response."""
    value = np.zeros(len(r))
    for law in policy[::-1]:
        value = np.einsum("sa,sab->sb", law, r + P @ value).min(axis=1)
    return float(value[0])


def _bracket(kernels: np.ndarray, r: np.ndarray, place: int, eta: float, seed: int, *, fit: bool = True) -> Check:
    """Compare, in each episode, what is feared, what the policy is left with, the value of the game and the promise."""
    games = [MarkovGame.zero_sum(P, r, gamma=1.0, H=2, mu=0) for P in kernels]
    run = mex_zero_sum(games[place], games, 6, eta=eta, rng=seed)
    value, promised = _nash(kernels[place], r, 2), [_nash(P, r, 2) for P in kernels]
    lower, upper = [], []
    for f, g, (fit_f, fit_g) in zip(run.chosen, run.exploiting, run.fit if fit else 0 * run.fit, strict=True):
        left = _against(kernels[place], r, run.policies[f])
        feared = _against(kernels[g], r, run.policies[f])
        lower += [bounds.counted_promise(feared, -eta, fit_g), left, value]
        upper += [left, value, bounds.counted_promise(promised[f], eta, fit_f)]
    return Check.everywhere(lower, upper)


@st.composite
def _games(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """Draw kernels of a few games of the same rewards, and the place of the truth."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, S = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    kernels = rng.dirichlet(np.full(S, draw(st.sampled_from([0.3, 3.0]))), size=(n, S, 2, 2)) + 1e-6
    return kernels / kernels.sum(axis=-1, keepdims=True), rng.random((S, 2, 2)), int(rng.integers(n))


def _pennies(*chances: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Who matches may reach a state that pays, with one of these chances if both show the first side; the truth first.

    Otherwise a match reaches it half of the time.
    """
    kernels = np.zeros((len(chances), 2, 2, 2, 2))
    kernels[:, 1, ..., 1] = kernels[:, 0, [0, 1], [1, 0], 0] = 1.0
    kernels[:, 0, 1, 1] = 0.5
    kernels[:, 0, 0, 0, 1] = chances
    kernels[:, 0, 0, 0, 0] = 1 - kernels[:, 0, 0, 0, 1]
    return kernels, np.array([np.zeros((2, 2)), np.ones((2, 2))]), 0


BRACKET = Theorem(
    name="mex-brackets-the-game",
    statement=(
        r"In every episode $V_{g_k}^{\mu_k, \dagger} - \eta L_k(g_k) \le V^{\mu_k, \dagger} \le V^* \le V^*_{f_k} +"
        r" \eta L_k(f_k)$, with $L_k$ the log-likelihood less the truth's, and $\dagger$ the best response."
    ),
    source="liu2023",
    assumptions=r"two players, zero-sum; the truth is in the list",
    instances=st.just((*_pennies(0.52, 0.48, 0.5), 10.0, 0))
    | st.tuples(_games(), st.sampled_from([0.01, 0.3, 10.0]), st.integers(0, 99)).map(lambda x: (*x[0], *x[1:])),
    check=_bracket,
    refutable=partial(_bracket, fit=False),  # false: what fits better may promise less, or leave more to fear
    tight=lambda: _bracket(*_pennies(0.3), 0.1, 0),
    tight_ratio=0.999,
    attained_by="A list of the truth alone",
)

THEOREMS = (BRACKET,)
