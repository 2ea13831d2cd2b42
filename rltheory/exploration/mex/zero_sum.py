r"""Maximise to explore in a zero-sum Markov game of two players, with an opponent who explores against us.

The first player takes the hypothesis that promises her the most and fits, and its Nash policy; an exploiter takes the
hypothesis in which that policy fares worst and which fits, and the best response there:

.. math::

   f_k = \arg\max_f \{ V^*_f(\mu) + \eta L_k(f) \}, \quad \mu_k = \text{Nash policy of } f_k, \qquad
   g_k = \arg\min_g \{ V_g^{\mu_k, \dagger}(\mu) - \eta L_k(g) \}, \quad
   \nu_k = \text{best response to } \mu_k \text{ in } g_k ,

where :math:`L_k` is the log-likelihood and :math:`\dagger` the second player's best response. They play
:math:`(\mu_k, \nu_k)`. The regret of episode k is :math:`V^* - V^{\mu_k, \dagger}`, what the first player's policy
leaves to an opponent who knows the game.

Source: Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023), algorithm 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.exploration._checked import checked_episodes
from rltheory.games.markov import MarkovGame, zero_sum_backward_induction
from rltheory.games.markov.backward_induction import require_horizon
from rltheory.games.markov.stage_games import require_zero_sum
from rltheory.models import ModelError
from rltheory.models._validation import frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ZeroSumMexRun:
    r"""A run of maximising to explore in a zero-sum Markov game.

    Parameters
    ----------
    value : float
        The value of the true game under its start distribution, to the first player.
    regret : ndarray, shape (K,)
        What the first player's policy loses against a best response, in each episode; at least 0 within rounding.
    promised : ndarray, shape (K,)
        The value of the hypothesis that was played.
    feared : ndarray, shape (K,)
        What the exploiter's hypothesis leaves to that policy, :math:`V_{g_k}^{\mu_k, \dagger}(\mu)`.
    fit : ndarray, shape (K, 2)
        Log-likelihoods of both hypotheses less the truth's, before each episode.
    chosen, exploiting : ndarray of int, shape (K,)
        The hypotheses of the first player and of her exploiter.
    policies : ndarray, shape (N, H, n_states, m)
        The first player's Nash policy in each hypothesis; she plays ``policies[chosen[k]]``.
    policy : ndarray, shape (H, n_states, m)
        Her policy in the last episode.
    """

    value: float
    regret: np.ndarray
    promised: np.ndarray
    feared: np.ndarray
    fit: np.ndarray
    chosen: np.ndarray
    exploiting: np.ndarray
    policies: np.ndarray
    policy: np.ndarray

    def __post_init__(self) -> None:
        for name in ("regret", "promised", "feared", "fit", "chosen", "exploiting", "policies", "policy"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def __repr__(self) -> str:
        return f"ZeroSumMexRun({self.regret.size} episodes, regret {self.regret.sum():.4g})"


def mex_zero_sum(
    game: MarkovGame, hypotheses: Sequence[MarkovGame], episodes: int, *, eta: float, rng: Any = None
) -> ZeroSumMexRun:
    r"""Learn to play a zero-sum game out of a list.

    Parameters
    ----------
    game : MarkovGame
        The truth: zero-sum, with a horizon, undiscounted, and as many actions in each state.
    hypotheses : sequence of MarkovGame
        Games of the same shape and rewards.
    episodes : int
        Number of episodes, at least 0.
    eta : float
        Weight of the data, at least 0, in reward units.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    ZeroSumMexRun

    Raises
    ------
    CriterionError
        If the game is not zero-sum or has no horizon.
    ModelError
        If a hypothesis is of another shape or pays otherwise, numbers of actions differ between states, a game is
        discounted, or eta is negative.

    References
    ----------
    Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023).

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games.markov import MarkovGame
    >>> def pennies(p):  # if they match, the game goes on to a state that pays, with probability p
    ...     P = np.zeros((2, 2, 2, 2))
    ...     P[1, ..., 1], P[0, ..., 0] = 1, 1
    ...     P[0, [0, 1], [0, 1]] = [[1 - p, p], [0.5, 0.5]]
    ...     return MarkovGame.zero_sum(P, [np.zeros((2, 2)), np.ones((2, 2))], gamma=1.0, H=2, mu=0)
    >>> run = mex_zero_sum(pennies(0.25), [pennies(p) for p in (0.0625, 0.25, 0.5, 0.75)], 400, eta=0.1, rng=0)
    >>> bool(run.regret[-50:].max() < 1e-9)
    True
    """
    K = checked_episodes(episodes)
    if not 0 <= eta < np.inf:
        raise ModelError(f"eta is {eta!r}; the weight of the data is finite and at least 0")
    true, r = _dense(game)
    models = np.stack([_checked_hypothesis(i, hypothesis, game, r) for i, hypothesis in enumerate(hypotheses)])
    nash = [zero_sum_backward_induction(hypothesis) for hypothesis in hypotheses]
    promised = np.array([game.mu @ solution.value[0] for solution in nash])
    policies = np.stack([solution.profile[0] for solution in nash])
    optimum = float(game.mu @ zero_sum_backward_induction(game).value[0])
    worst = np.array([game.mu @ _answered(true, r, policy)[0] for policy in policies])
    answers: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    rng, likelihood = np.random.default_rng(rng), np.zeros(len(models))
    with np.errstate(divide="ignore"):
        logs, true_logs = np.log(models), np.log(true)
    chosen, exploiting = np.empty(K, dtype=np.int64), np.empty(K, dtype=np.int64)
    feared, fits, true_likelihood = np.empty(K), np.empty((K, 2)), 0.0
    for k in range(K):
        fit = eta * likelihood if eta > 0 else np.zeros_like(likelihood)
        f = chosen[k] = int(np.argmax(promised + fit))
        if f not in answers:
            replies = [_answered(model, r, policies[f]) for model in models]
            answers[f] = np.array([game.mu @ value for value, _ in replies]), np.array([reply for _, reply in replies])
        left, replies_to = answers[f]
        g = exploiting[k] = int(np.argmin(left - fit))
        feared[k], fits[k] = left[g], likelihood[[f, g]] - true_likelihood
        s = int(rng.choice(game.n_states, p=game.mu))
        for t in range(len(policies[f])):
            a, b = int(rng.choice(policies.shape[3], p=policies[f, t, s])), replies_to[g, t, s]
            successor = int(rng.choice(game.n_states, p=true[t % len(true), s, a, b]))
            likelihood += logs[:, t % logs.shape[1], s, a, b, successor]
            true_likelihood += true_logs[t % len(true), s, a, b, successor]
            s = successor
    last = policies[chosen[-1]] if K else policies[0]
    regret = optimum - worst[chosen]
    return ZeroSumMexRun(optimum, regret, promised[chosen], feared, fits, chosen, exploiting, policies, last)


def _dense(game: MarkovGame) -> tuple[np.ndarray, np.ndarray]:
    """Return kernels (1 or H, S, m, n, S) and the first player's rewards (1 or H, S, m, n)."""
    require_zero_sum(game, discounted=False)
    require_horizon(game)
    if game.gamma != 1:
        raise ModelError(f"gamma is {game.gamma:g}; regret of episodes is undiscounted (gamma=1.0)")
    counts = game.action_counts
    if (counts != counts[0]).any():
        odd = int(np.argmax((counts != counts[0]).any(axis=1)))
        raise ModelError(f"state {odd} has {counts[odd].tolist()} actions and state 0 {counts[0].tolist()}")
    shape = (-1, game.n_states, *counts[0].tolist())
    rewards = np.asarray(game.r).reshape(-1, 2, game.n_joint)[:, 0]
    return game.P.toarray().reshape(*shape, game.n_states), rewards.reshape(shape)


def _checked_hypothesis(i: int, hypothesis: MarkovGame, game: MarkovGame, r: np.ndarray) -> np.ndarray:
    """Return the kernel of a hypothesis that has the rewards of the game."""
    P, rewards = _dense(hypothesis)
    if hypothesis.H != game.H or rewards.shape != r.shape or not np.array_equal(rewards, r):
        raise ModelError(f"hypothesis {i} has other rewards or another shape than the game; only kernels are unknown")
    return P


def _answered(P: np.ndarray, r: np.ndarray, policy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the first player's values against a best response to her policy, shape (S,), and that response."""
    H, n_states, _ = policy.shape
    value, response = np.zeros(n_states), np.empty((H, n_states), dtype=np.int64)
    for t in reversed(range(H)):
        q = np.einsum("sa,sab->sb", policy[t], r[t % len(r)] + P[t % len(P)] @ value)
        value, response[t] = q.min(axis=1), q.argmin(axis=1)
    return value, response
