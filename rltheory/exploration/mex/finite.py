r"""Maximise to explore among finitely many models.

The optimal value and policy of each hypothesis are found once; an episode then costs no more than the logarithms of N
probabilities for each of its steps.

Source: Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023), algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration._checked import checked_episodes
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.learning_run import LearningRun
from rltheory.models import FiniteHorizonMDP, ModelError
from rltheory.models._drawable import drawable
from rltheory.models._validation import frozen

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MexRun:
    r"""A run of maximising to explore.

    Parameters
    ----------
    learning : LearningRun
        Regret, and in ``optimistic_value`` what the model that was played promises.
    chosen : ndarray of int, shape (K,)
        The hypothesis of each episode.
    fit : ndarray, shape (K,)
        Log-likelihood of that hypothesis less the truth's, before each episode.
    policies : ndarray of int, shape (N, H, n_states)
        The optimal policy of each hypothesis.
    values : ndarray, shape (N,)
        What each hypothesis promises.
    """

    learning: LearningRun
    chosen: np.ndarray
    fit: np.ndarray
    policies: np.ndarray
    values: np.ndarray

    def __post_init__(self) -> None:
        for name in ("chosen", "fit", "policies", "values"):
            object.__setattr__(self, name, frozen(np.asarray(getattr(self, name))))

    def __repr__(self) -> str:
        return f"MexRun({self.learning!r}, {self.values.size} hypotheses, {np.unique(self.chosen).size} played)"


def mex(model: FiniteHorizonMDP, hypotheses: Any, episodes: int, *, eta: float, rng: Any = None) -> MexRun:
    r"""Learn a model out of a list, by maximising what it promises plus :math:`\eta` times its log-likelihood.

    Parameters
    ----------
    model : FiniteHorizonMDP
        The truth, undiscounted, every state with equally many actions; rewards are known to the learner.
    hypotheses : array_like, shape (N, n_states, n_actions, n_states), or (N, H, ...) if they change with the step
        Kernels. The theorems are for lists that contain the truth.
    episodes : int
        Number of episodes K, at least 0.
    eta : float
        Weight of the data, at least 0, in reward units; 0 is optimism that never learns, `bounds.mex_eta` that of
        theory.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    MexRun

    Raises
    ------
    ModelError
        If a hypothesis is no kernel (the message names it), every one of them excludes a transition that the truth has,
        eta is negative, or the model is discounted.

    References
    ----------
    Liu, Lu, Xiong, Zhong, Hu, Zhang, Zheng, Yang and Wang (2023).

    Examples
    --------
    Which of eleven coins decides where action 1 leads?

    >>> import numpy as np, rltheory as rl
    >>> def coin(p):
    ...     return np.array([[[1, 0], [1 - p, p]], [[0, 1], [0, 1]]])
    >>> truth = rl.FiniteHorizonMDP(coin(0.3), np.array([[0.3, 0], [1, 1]]), 2, 1.0, np.array([1.0, 0]))
    >>> coins = [coin(p) for p in np.linspace(0, 1, 11)[1:]]
    >>> run = mex(truth, coins, 500, eta=0.1, rng=0)
    >>> bool(run.learning.regret[-100:].sum() == 0), bool(mex(truth, coins, 500, eta=0.0).learning.regret[-1] > 0)
    (True, True)
    """
    K = checked_episodes(episodes)
    if not 0 <= eta < np.inf:
        raise ModelError(f"eta is {eta!r}; the weight of the data is finite and at least 0")
    P, r = _dense(model)
    guesses = _checked_hypotheses(hypotheses, P, model.H)
    values, policies = _planned(guesses, r, model.mu, model.H)
    (best,), _ = _planned(P[None], r, model.mu, model.H)
    attained = np.empty(len(guesses))
    exact = np.zeros((model.H + 1, model.n_states))
    for i, policy in enumerate(policies):
        kernels.evaluate(P, r, policy, exact)
        attained[i] = model.mu @ exact[0]
    rng = np.random.default_rng(rng)
    chosen, fit = np.empty(K, dtype=np.int64), np.empty(K)
    with np.errstate(divide="ignore"):
        logs, true_logs = np.log(np.moveaxis(guesses, 0, -1)), np.log(P)
    _play(
        drawable(P), drawable(model.mu), np.ascontiguousarray(logs), true_logs, values, policies, eta,
        rng.random((K, model.H + 1)), chosen, fit,
    )  # fmt: skip
    last = policies[chosen[-1]] if K else policies[0]
    learning = LearningRun("MEX", float(best), best - attained[chosen], last, optimistic_value=values[chosen])
    return MexRun(learning, chosen, fit, policies, values)


def _dense(model: FiniteHorizonMDP) -> tuple[np.ndarray, np.ndarray]:
    """Return kernels (1 or H, S, A, S) and rewards (1 or H, S, A) of an undiscounted model with equal action sets."""
    if model.gamma != 1:
        raise ModelError(f"gamma is {model.gamma:g}; regret of episodes is undiscounted (gamma=1.0)")
    if model.H == 0:
        raise ModelError("H is 0; a learner needs at least one step")
    counts = model.action_counts
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise ModelError(f"state {odd} has {counts[odd]} actions and state 0 has {counts[0]}; here they are as many")
    P = model.P if isinstance(model.P, np.ndarray) else model.P.toarray()
    shape = (-1, model.n_states, int(counts[0]))
    return np.ascontiguousarray(P.reshape(*shape, model.n_states)), np.ascontiguousarray(model.r.reshape(shape))


def _checked_hypotheses(hypotheses: Any, P: np.ndarray, H: int) -> np.ndarray:
    """Return kernels, shape (N, 1 or H, S, A, S), of which one at least allows what the truth does."""
    guesses, shape = np.asarray(hypotheses, dtype=np.float64), P.shape[1:]
    if guesses.ndim == 4:
        guesses = guesses[:, None]
    if guesses.ndim != 5 or guesses.shape[2:] != shape or guesses.shape[1] not in (1, H) or not len(guesses):
        raise ModelError(f"hypotheses have shape {np.shape(hypotheses)}; it must be (N, {', '.join(map(str, shape))})")
    wrong = np.argwhere(~((guesses >= 0).all(axis=-1) & (np.abs(guesses.sum(axis=-1) - 1) < _ROUNDING)))
    if wrong.size:
        i, t, s, a = wrong[0]
        raise ModelError(f"hypothesis {i} is no distribution at step {t}, state {s}, action {a}: {guesses[i, t, s, a]}")
    if (((guesses == 0) & (P > 0)).any(axis=(1, 2, 3, 4))).all():
        raise ModelError("every hypothesis excludes a transition that is possible; one at least must allow them all")
    return guesses


def _planned(guesses: np.ndarray, r: np.ndarray, mu: np.ndarray, H: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the optimal values under the start distribution and optimal policies of many kernels at once."""
    n, _, n_states, _, _ = guesses.shape
    value, policies = np.zeros((n, n_states)), np.empty((n, H, n_states), dtype=np.int64)
    for t in reversed(range(H)):
        q = r[t % len(r)] + (guesses[:, t % guesses.shape[1]] @ value[:, None, :, None])[..., 0]
        value, policies[:, t] = q.max(axis=2), q.argmax(axis=2)
    return value @ mu, policies


@njit(cache=True)
def _play(  # type: ignore[no-untyped-def]
    cumulative, cumulative_mu, logs, true_logs, values, policies, eta, uniforms, chosen, fit
):
    """Play episodes: maximise over hypotheses, act, and add to all log-likelihoods."""
    n, H, _ = policies.shape
    likelihood, truth = np.zeros(n), 0.0
    for k in range(uniforms.shape[0]):
        best, f = -np.inf, 0
        for i in range(n):
            score = values[i] + eta * likelihood[i] if eta > 0.0 else values[i]
            if score > best:
                best, f = score, i
        chosen[k], fit[k] = f, likelihood[f] - truth
        s = draw(cumulative_mu, uniforms[k, H])
        for t in range(H):
            a = policies[f, t, s]
            successor = draw(cumulative[t % cumulative.shape[0], s, a], uniforms[k, t])
            gained = logs[t % logs.shape[0], s, a, successor]
            for i in range(n):
                likelihood[i] += gained[i]
            truth += true_logs[t % true_logs.shape[0], s, a, successor]
            s = successor
