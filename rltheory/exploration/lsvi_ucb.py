r"""LSVI-UCB: least-squares value iteration with a bonus, in a linear MDP whose factors are unknown.

.. math::

   \Lambda_t = \lambda I + \sum \phi \phi^\top, \qquad
   w_t = \Lambda_t^{-1} \sum \phi \, \big( r + V_{t+1}(s') \big), \qquad
   Q_t = \Big[ \langle \phi, w_t \rangle + \beta_t \|\phi\|_{\Lambda_t^{-1}} \Big]_{[0, H - t]}, \qquad
   V_t = \max_a Q_t .

Targets are formed anew in every episode, over all past data with the values of now. As they enter through
:math:`\sum \phi\, e_{s'}^\top`, a matrix of d times S numbers that grows by one column's worth a transition, this takes
no longer in the thousandth episode than in the first.

Source: Jin, Yang, Wang and Jordan (2020).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from rltheory.exploration import _mixture_kernels as kernels
from rltheory.exploration._checked import checked_delta, checked_episodes, checked_positive
from rltheory.exploration._one_mixture import batches
from rltheory.exploration._tabular_kernels import draw
from rltheory.exploration.bounds.lsvi_ucb import lsvi_ucb_beta
from rltheory.exploration.learning_run import LearningRun, empty_record, from_curves
from rltheory.exploration.radius import Data, Radius, Scaled
from rltheory.models import LinearMDP, ModelError
from rltheory.models._drawable import drawable

_TOLERANCE = 1e-9


def lsvi_ucb(
    model: LinearMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius | None = None,
    ridge: float = 1.0,
    record: bool = False,
    rng: Any = None,
) -> LearningRun:
    r"""Learn a linear MDP by optimistic least-squares value iteration.

    Parameters
    ----------
    model : LinearMDP
        The truth, of which the learner reads features and draws transitions and rewards; rewards in [0, 1], features of
        norm at most 1, weights of rewards and masses of factors of norm at most :math:`\sqrt d`.
    episodes : int
        Number of episodes, at least 0.
    delta : float
        Probability with which an error may exceed its bonus at some time.
    radius : Radius, optional
        `Data`, the default, for `bounds.lsvi_ucb_finite_beta` with the determinant of the data; `Theory` for
        `bounds.lsvi_ucb_beta`, which does not ask how many states there are; ``Scaled(c)`` for
        :math:`c\, d H \sqrt{\ln(2 d K H / \delta)}`, the form of the paper.
    ridge : float
        :math:`\lambda`.
    record : bool
        Whether to keep the policy of every episode.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        With the optimistic value, the multiplier, the error
        :math:`\|w_t - \theta_t - \sum_{s'} \mu_t(s') V_{t+1}(s')\|_{\Lambda_t}` and the log-determinant before each
        episode: those of the step at which the error is nearest its multiplier or furthest beyond it, and the
        determinant of all steps together.

    Raises
    ------
    ModelError
        If an argument is out of range, or the model breaks one of the conditions; the message names the number.

    References
    ----------
    Jin, Yang, Wang and Jordan (2020), algorithm 1, where values are clipped at H at every step.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration.radius import Scaled
    >>> model = mdps.random_linear_mdp(8, 3, d=3, H=5, rng=0)
    >>> run = lsvi_ucb(model, 1000, radius=Scaled(0.05), rng=1)
    >>> bool(run.regret[-100:].mean() < run.regret[:100].mean() / 2)
    True
    """
    K, delta, ridge = checked_episodes(episodes), checked_delta(delta), checked_positive("ridge", ridge)
    _check_conditions(model)
    H, d, S = model.H, model.d, model.n_states
    rng, radius = np.random.default_rng(rng), Data() if radius is None else radius
    steps = range(H)
    P, r = np.array([model.kernel(t) for t in steps]), np.array([model.rewards(t) for t in steps])
    factors, theta = (np.array([of(t) for t in steps]) for of in (model.step_factors, model.step_theta))
    cumulative, starts = drawable(P), drawable(model.mu)
    gram = np.tile(ridge * np.eye(d), (H, 1, 1))
    inverse, rewards, counted, log_det = np.linalg.inv(gram), np.zeros((H, d)), np.zeros((H, d, S)), np.zeros(H)
    value, policy = np.zeros((H + 1, S)), np.zeros((H, S), dtype=np.int64)
    fixed = math.nan if isinstance(radius, Data) else _fixed_beta(radius, d, H, max(K, 1), delta, ridge)
    logarithm = 2 * (S * math.log(2) + math.log(H / delta))
    policies = empty_record(record, K, policy)
    curves = np.empty((K, 5))  # rows, so that every batch has the same layout and compiles once
    for some in batches(K):
        _play(
            model.phi, model.pair_start, P, cumulative, r, factors, theta, model.mu, starts,
            gram, inverse, rewards, counted, log_det, fixed, logarithm, math.sqrt(d * ridge),
            rng.random((some.size, H + 1)), value, policy, policies[some[0] : some[-1] + 1],
            curves[some[0] : some[-1] + 1],
        )  # fmt: skip
        inverse, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1] - d * math.log(ridge)
    return from_curves("LSVI-UCB", _optimum(model, P, r), curves, policy, policies=policies if record else None)


def _fixed_beta(radius: Radius, d: int, H: int, K: int, delta: float, ridge: float) -> float:
    """Return the multiplier of all steps and episodes where it does not depend on the data."""
    if isinstance(radius, Scaled):
        return radius.c * d * H * math.sqrt(math.log(2 * d * K * H / delta))
    return lsvi_ucb_beta(d, H, K, delta, ridge=ridge)


def _optimum(model: LinearMDP, P: np.ndarray, r: np.ndarray) -> float:
    """Return the optimal value of the true model."""
    value = np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        value = np.maximum.reduceat(r[t] + P[t] @ value, model.pair_start[:-1])
    return float(model.mu @ value)


def _check_conditions(model: LinearMDP) -> None:
    """Check the conditions under which multipliers are proven."""
    if model.H == 0:
        raise ModelError("H is 0; a learner needs at least one step")
    low, high = model.reward_range
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        raise ModelError(f"rewards are between {low:.6g} and {high:.6g}; LSVI-UCB needs them in [0, 1]")
    norms = np.linalg.norm(model.phi, axis=1)
    if norms.max() > 1 + _TOLERANCE:
        pair = int(norms.argmax())
        state = int(model.pair_state[pair])
        where = f"state {state}, action {pair - int(model.pair_start[state])}"
        raise ModelError(f"the features of {where} have norm {norms[pair]:.6g}; LSVI-UCB needs at most 1")
    root = math.sqrt(model.d)
    for t in range(model.H):
        for what, weights in (
            ("the weights of rewards", model.step_theta(t)),
            ("the masses of factors", np.abs(model.step_factors(t)).sum(axis=1)),
        ):
            norm = float(np.linalg.norm(weights))
            if norm > root * (1 + _TOLERANCE):
                raise ModelError(f"{what} of step {t} have norm {norm:.6g}; LSVI-UCB needs at most {root:.6g}")


@njit(cache=True)
def _play(  # type: ignore[no-untyped-def]
    phi, pair_start, P, cumulative, r, factors, theta, mu, starts, gram, inverse, rewards, counted, log_det, fixed,
    logarithm, root, uniforms, value, policy, policies, curves,
):  # fmt: skip
    """Play episodes: regress and plan, evaluate exactly, act, and count the transitions."""
    (H, n_states), d = policy.shape, phi.shape[1]
    w, target, off, work = np.empty(d), np.empty(d), np.empty(d), np.empty(d)
    exact = np.zeros_like(value)
    for k in range(uniforms.shape[0]):
        furthest = -np.inf
        for t in range(H - 1, -1, -1):
            largest = H - t - 1.0
            beta = fixed
            if np.isnan(fixed):
                beta = largest / 2 * np.sqrt(log_det[t] + logarithm) + (largest + 1) * root
            for i in range(d):
                target[i] = rewards[t, i] + kernels.dot(counted[t, i], value[t + 1])
            kernels.times(inverse[t], target, w)
            for i in range(d):
                off[i] = w[i] - theta[t, i] - kernels.dot(factors[t, i], value[t + 1])
            error = np.sqrt(kernels.squared_norm(gram[t], off))
            if error - beta > furthest:
                furthest, curves[k, 2], curves[k, 3] = error - beta, beta, error
            for s in range(n_states):
                best = -1.0
                for row in range(pair_start[s], pair_start[s + 1]):
                    width = np.sqrt(kernels.squared_norm(inverse[t], phi[row]))
                    q = min(max(kernels.dot(phi[row], w) + beta * width, 0.0), largest + 1)
                    if q > best:
                        best, policy[t, s] = q, row - pair_start[s]
                value[t, s] = best
                row = pair_start[s] + policy[t, s]
                exact[t, s] = r[t, row] + kernels.dot(P[t, row], exact[t + 1])
        curves[k, 0], curves[k, 1] = kernels.dot(mu, exact[0]), kernels.dot(mu, value[0])
        curves[k, 4] = log_det.sum()
        if len(policies):
            policies[k] = policy
        s = draw(starts, uniforms[k, H])
        for t in range(H):
            row = pair_start[s] + policy[t, s]
            s = draw(cumulative[t, row], uniforms[k, t])
            log_det[t] += kernels.add_observation(inverse[t], rewards[t], phi[row], r[t, row], 1.0, work)
            kernels.add_outer(gram[t], phi[row], 1.0)
            for i in range(d):
                counted[t, i, s] += phi[row, i]
