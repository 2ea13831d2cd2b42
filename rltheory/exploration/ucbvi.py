r"""UCBVI: estimate the kernel by frequencies, add a bonus for what is not yet known, plan, and play the plan.

With N visits to a pair, counted over all steps, since the kernel is the same at each, and relative frequencies
$\hat P$,

.. math::

    Q_t(s, a) \leftarrow \min\{Q_t(s, a),\; v,\; r_t(s, a) + (\hat P V_{t+1})(s, a) + b_t(s, a)\}, \qquad
    V_t(s) = \max_a Q_t(s, a),

from $Q_t = v$, the most that an episode can earn. The bonus must outweigh the error of $\hat P$ at one fixed function,
$|((\hat P - P) V^*_{t+1})(s, a)| \le b_t(s, a)$; then $Q_t \ge Q^*_t$ by induction: the learner is optimistic. A policy
that is worse than it looks has visited pairs with a large bonus, and every visit shrinks that.

Azar, Osband and Munos (2017), with bonuses of Hoeffding's and of Bernstein's kind.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from rltheory.exploration._checked import checked_delta, checked_episodes
from rltheory.exploration._tabular import Tables, bonus_scale, optimist_run, tables
from rltheory.exploration._tabular_kernels import (
    count_move,
    draw,
    greedy,
    largest_shortfall,
    mean,
    policy_value,
    variance,
)
from rltheory.exploration.bounds import tabular as bounds
from rltheory.exploration.learning_run import LearningRun, empty_record
from rltheory.exploration.radius import Data, Radius, Theory
from rltheory.models import FiniteHorizonMDP


def ucbvi(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    vmax: float | None = None,
    record: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn with bonuses of Hoeffding's kind, which shrink as $1/\sqrt{N}$.

    Parameters
    ----------
    mdp : FiniteHorizonMDP
        The true model, undiscounted, with one kernel for all steps and as many actions in each state. The learner knows
        its rewards, which are at least 0, and not its kernel.
    episodes : int
        Number K of episodes.
    delta : float
        Failure probability, in (0, 1).
    radius : Theory, Data or Scaled
        `Theory` takes the published bonus $7 v L / \sqrt{N}$ with $L = \ln(5 S A K H / \delta)$; `Data` the least for
        which the proof of optimism holds, `bounds.tabular.ucbvi_width` over $\sqrt{N}$, some twenty times less;
        ``Scaled(c)`` takes c times that of `Data`, without guarantee for c < 1.
    vmax : float, optional
        Most that a trajectory can earn from anywhere, v, in reward units; H by default.
    record : bool
        Whether to keep the policy of every episode.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        Its ``error`` is the largest $Q^*_t(s, a) - Q_t(s, a)$ before each episode, and its ``radius`` 0: a run is
        covered while it is optimistic everywhere.

    Raises
    ------
    ModelError
        If the kernel changes with the step, a trajectory can earn less than 0 or more than ``vmax``, or an argument is
        out of range.
    CriterionError
        If the model has no horizon or discounts.

    References
    ----------
    Azar, Osband and Munos (2017), UCBVI-CH. With `Theory` and rewards in [0, 1],
    `bounds.tabular.ucbvi_published_regret` holds with probability 1 - delta; with `Data`, `bounds.tabular.ucbvi_regret`
    does.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Data
    >>> run = ucbvi(mdps.river_swim(3, gamma=1).finite_horizon(5), 20_000, radius=Data(), rng=0)
    >>> bool(run.covered.all()), bool(run.regret[-5000:].mean() < 0.1 * run.regret[:100].mean())
    (True, True)
    """
    known = tables(mdp, vmax=vmax, stationary=True)
    sizes = _sizes(known, episodes, delta)
    width = bounds.ucbvi_width(*sizes, delta=delta, vmax=known.vmax)
    if isinstance(radius, Theory):
        width = 7 * known.vmax * _log(sizes, delta)
    elif not isinstance(radius, Data):
        width *= bonus_scale(radius, "UCBVI")
    return _run("UCBVI", known, sizes[-1], width, False, 1.0, record, rng)


def ucbvi_bernstein(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    vmax: float | None = None,
    record: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn with bonuses of Bernstein's kind, which are smaller where the next value hardly varies.

    With $L = \ln(5 S A K H / \delta)$ and $N'_{t+1}(y)$ the visits to the state y at step t + 1,

    .. math::

        b_t = \sqrt{\frac{8 L \operatorname{Var}_{\hat P}(V_{t+1})}{N}} + \frac{14 v L}{3 N} + \sqrt{\frac{8}{N}
        \sum_y \hat P(y) \min\Big\{\frac{100^2 H v^2 S^2 A L^2}{N'_{t+1}(y)}, v^2\Big\}}.

    Parameters
    ----------
    mdp, episodes, delta, vmax, record, rng
        As for `ucbvi`.
    radius : Theory or Scaled
        `Theory` takes this bonus, ``Scaled(c)`` c times it, without guarantee for c < 1.

    Returns
    -------
    LearningRun
        As for `ucbvi`.

    Raises
    ------
    ModelError, CriterionError
        As for `ucbvi`.

    References
    ----------
    Azar, Osband and Munos (2017), UCBVI-BF; its regret is at most `bounds.tabular.ucbvi_bernstein_published_regret`
    with probability 1 - delta.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Scaled
    >>> ucbvi_bernstein(mdps.river_swim(3, gamma=1).finite_horizon(5), 100, radius=Scaled(0.01), rng=0).n_episodes
    100
    """
    known = tables(mdp, vmax=vmax, stationary=True)
    sizes = _sizes(known, episodes, delta)
    return _run(
        "UCBVI-Bernstein",
        known,
        sizes[-1],
        _log(sizes, delta),
        True,
        bonus_scale(radius, "UCBVI-Bernstein"),
        record,
        rng,
    )


def _sizes(known: Tables, episodes: int, delta: float) -> tuple[int, int, int, int]:
    """Return S, A, H and K, once the numbers are in range."""
    checked_delta(delta)
    H, n_states, n_actions = known.r.shape
    return n_states, n_actions, H, checked_episodes(episodes)


def _log(sizes: tuple[int, int, int, int], delta: float) -> float:
    """Return the logarithm L of the published bonuses."""
    return math.log(5 * max(1, math.prod(sizes)) / delta)


def _run(
    method: str, known: Tables, episodes: int, width: float, bernstein: bool, scale: float, record: bool, rng: Any
) -> LearningRun:
    policies = empty_record(record, episodes, known.q[:, :, 0])
    values, believed, error, policy = _learn(
        *known.world, known.q, episodes, known.vmax, width, bernstein, scale, policies, np.random.default_rng(rng)
    )
    return optimist_run(method, known, values, believed, error, policy, policies if record else None)


@njit(cache=True)
def _learn(P, cumulative, r, mu, mu_cumulative, best, episodes, vmax, width, bernstein, scale, policies, rng):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    visits, moves = np.zeros((n_states, n_actions)), np.zeros((n_states, n_actions, n_states))
    kernel, arrivals = np.zeros((n_states, n_actions, n_states)), np.zeros((H, n_states))
    q, value = np.full((H, n_states, n_actions), vmax), np.zeros((H + 1, n_states))
    policy = np.zeros((H, n_states), dtype=np.int64)
    values, believed, error = np.empty(episodes), np.empty(episodes), np.empty(episodes)
    for k in range(episodes):
        _plan(r, kernel, visits, arrivals, q, value, policy, vmax, width, bernstein, scale)
        values[k], believed[k] = policy_value(P, r, mu, policy), mean(mu, value[0])
        error[k] = largest_shortfall(best, q)
        if len(policies):
            policies[k] = policy
        s = draw(mu_cumulative, rng.random())
        for t in range(H):
            arrivals[t, s] += 1
            a = policy[t, s]
            following = draw(cumulative[0, s, a], rng.random())
            count_move(visits, moves, kernel, s, a, following)
            s = following
    return values, believed, error, policy


@njit(cache=True)
def _plan(r, kernel, visits, arrivals, q, value, policy, vmax, width, bernstein, scale):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    unsure = np.zeros(n_states)  # after the last step nothing is left that could be
    for t in range(H - 1, -1, -1):
        after = value[t + 1]
        if bernstein and t < H - 1:
            _squared_errors(arrivals[t + 1], unsure, H, n_actions, vmax, width)
        for s in range(n_states):
            for a in range(n_actions):
                n = visits[s, a]
                if n == 0:
                    continue
                row = kernel[s, a]
                average = mean(row, after)
                if bernstein:
                    bonus = np.sqrt(8 * width * variance(row, after, average) / n) + 14 * vmax * width / (3 * n)
                    bonus = scale * (bonus + np.sqrt(8 * mean(row, unsure) / n))
                else:
                    bonus = width / np.sqrt(n)
                q[t, s, a] = min(q[t, s, a], vmax, r[t, s, a] + average + bonus)
        greedy(q[t], value[t], policy[t])


@njit(cache=True)
def _squared_errors(arrivals, unsure, H, n_actions, vmax, log):  # type: ignore[no-untyped-def]
    """Bound how far the value of each state may be from the optimum, squared."""
    n_states = arrivals.size
    numerator = 1e4 * H * vmax**2 * n_states**2 * n_actions * log**2
    for y in range(n_states):
        unsure[y] = min(numerator / max(arrivals[y], 1.0), vmax**2)
