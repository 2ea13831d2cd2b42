r"""UCRL2: optimism about the average reward of one long life, without episodes.

For each pair the kernels that may be true are those within

.. math:: \| P(\cdot \mid s, a) - \hat P(\cdot \mid s, a) \|_1 \le \sqrt{\frac{14 S \ln(2 A t / \delta)}{\max\{1, N\}}},

and the plan is for the best of them all, by value iteration that also chooses the kernel:

.. math:: u(s) \leftarrow \max_a \Big\{ r(s, a) + \max_P \sum_{s'} P(s')\, u(s') \Big\}.

The best kernel of a ball moves half the radius from the worst successors to the best. A plan is kept until some pair
has been seen as often during the plan as before it.

Jaksch, Ortner and Auer (2010).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration._checked import checked_delta, checked_whole
from rltheory.exploration._tabular import bonus_scale
from rltheory.exploration._tabular_kernels import count_move, draw
from rltheory.exploration.learning_run import LearningRun
from rltheory.exploration.radius import Radius, Theory
from rltheory.models import MDP, CriterionError, ModelError
from rltheory.models._drawable import drawable
from rltheory.planning import average_reward

_LAZINESS = 0.1
"""Part of the old value that a sweep keeps, so that it also settles where chains are periodic."""
_SAME_GAIN = 1e-6


def ucrl2(
    mdp: MDP,
    steps: int,
    *,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn the best average reward by UCRL2.

    Parameters
    ----------
    mdp : MDP
        The true model, in which every state can be reached from every other, with as many actions in each; its discount
        is not used. The learner knows its rewards, which are in [0, 1].
    steps : int
        Number T of steps.
    delta : float
        Failure probability, in (0, 1).
    radius : Theory or Scaled
        `Theory` takes the radius above, ``Scaled(c)`` c > 0 times that, without guarantee for c < 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        With an entry for each step, not for each episode: ``optimum`` is the best average reward $\rho^*$, ``regret``
        is $\rho^* - r_t$, which may be negative, and ``optimistic_value`` a proven upper bound of the average reward
        that is planned for. ``error`` is the largest distance of the frequencies from the true kernel as a part of the
        radius, and ``radius`` 1. The policy has one row.

    Raises
    ------
    ModelError
        If a reward is not in [0, 1], states have different numbers of actions, or an argument is out of range.
    CriterionError
        If the best average reward depends on the first state.

    References
    ----------
    Jaksch, Ortner and Auer (2010), figure 1; regret at most `bounds.tabular.ucrl2_regret` with probability 1 - delta.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Scaled
    >>> run = ucrl2(mdps.river_swim(4), 20_000, radius=Scaled(0.1), rng=0)
    >>> bool(run.optimistic.all()), bool(run.regret[-5000:].mean() < 0.1 * run.regret[:500].mean())
    (True, True)
    """
    checked_delta(delta)
    scale, steps = bonus_scale(radius, "UCRL2"), checked_whole("steps", steps, 0)
    if scale == 0:
        raise ModelError("radius is Scaled(c=0); UCRL2 plans with balls of kernels, so c must be above 0")
    P, r = _dense(mdp)
    gain = average_reward(mdp).gain
    if np.ptp(gain) > _SAME_GAIN:
        raise CriterionError(
            f"the best average reward is {gain.min():.6g} from state {gain.argmin()} and {gain.max():.6g} from state"
            f" {gain.argmax()}; a learner that cannot return needs a model in which every state can be reached"
        )
    optimum = float(gain.mean())
    earned, believed, error, policy = _learn(
        P,
        drawable(P),
        r,
        drawable(np.array(mdp.mu)),
        steps,
        scale,
        delta,
        np.random.default_rng(rng),
    )
    return LearningRun(
        "UCRL2", optimum, optimum - earned, policy[None], optimistic_value=believed, radius=np.ones(steps), error=error
    )


def _dense(mdp: MDP) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and rewards as arrays, once every state has as many actions and rewards are in [0, 1]."""
    counts = mdp.action_counts
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise ModelError(f"state {odd} has {counts[odd]} actions and state 0 has {counts[0]}; all need as many")
    shape = (mdp.n_states, int(counts[0]))
    r = np.array(mdp.r).reshape(shape)
    if ((r < 0) | (r > 1)).any():
        s, a = np.argwhere((r < 0) | (r > 1))[0]
        raise ModelError(f"the reward of state {s}, action {a} is {r[s, a]}; rewards are in [0, 1] here: rescale them")
    return mdp.P.toarray().reshape(*shape, mdp.n_states), r


@njit(cache=True)
def _learn(P, cumulative, r, mu_cumulative, steps, scale, delta, rng):  # type: ignore[no-untyped-def]
    n_states, n_actions = r.shape
    visits, moves, kernel = np.zeros(r.shape), np.zeros(P.shape), np.full(P.shape, 1 / n_states)
    earned, believed, error = np.empty(steps), np.empty(steps), np.empty(steps)
    width, policy, u = np.empty(r.shape), np.zeros(n_states, dtype=np.int64), np.zeros(n_states)
    s, t = draw(mu_cumulative, rng.random()), 0
    while t < steps:
        before, largest = visits.copy(), 0.0
        for x in range(n_states):
            for a in range(n_actions):
                log = np.log(2 * n_actions * (t + 1) / delta)
                width[x, a] = scale * np.sqrt(14 * n_states * log / max(1.0, before[x, a]))
                if before[x, a] > 0:
                    largest = max(largest, np.abs(kernel[x, a] - P[x, a]).sum() / width[x, a])
        upper = _optimistic_plan(kernel, width, r, 1 / np.sqrt(t + 1), u, policy)
        while t < steps and visits[s, policy[s]] - before[s, policy[s]] < max(1.0, before[s, policy[s]]):
            a = policy[s]
            earned[t], believed[t], error[t] = r[s, a], upper, largest
            following = draw(cumulative[s, a], rng.random())
            count_move(visits, moves, kernel, s, a, following)
            s, t = following, t + 1
    return earned, believed, error, policy


@njit(cache=True)
def _optimistic_plan(kernel, width, r, tol, u, policy):  # type: ignore[no-untyped-def]
    """Improve u until the sweeps' changes differ by ``tol``, write the plan, and bound its average reward above."""
    n_states, n_actions = r.shape
    while True:
        order, low, high = np.argsort(-u), np.inf, -np.inf
        backed_up = np.full(n_states, -np.inf)
        for s in range(n_states):
            for a in range(n_actions):
                q = r[s, a] + optimistic_mean(kernel[s, a], width[s, a], u, order)
                if q > backed_up[s]:
                    backed_up[s], policy[s] = q, a
            low, high = min(low, backed_up[s] - u[s]), max(high, backed_up[s] - u[s])
        if high - low <= tol:
            return high
        u += (1 - _LAZINESS) * (backed_up - u)
        u -= u.min()


@njit(cache=True)
def optimistic_mean(row, width, u, order):  # type: ignore[no-untyped-def]
    """Return the largest mean of u over distributions within ``width`` in L1; ``order`` has the largest u first."""
    best = order[0]
    total = min(1.0, row[best] + width / 2) * u[best]
    excess = min(1.0, row[best] + width / 2) - row[best]  # to be taken from the worst
    for i in range(order.size - 1, 0, -1):
        y = order[i]
        taken = min(excess, row[y])
        total += (row[y] - taken) * u[y]
        excess -= taken
    return total
