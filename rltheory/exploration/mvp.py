r"""MVP, monotonic value propagation: plan seldom, with a bonus under which larger values stay larger.

Each pair and step has its own epochs, which end at visits 1, 2, 4, 8, ... Only then its frequencies are renewed, from
the n samples of the epoch that ended and no others, and a new plan is made:

.. math::

    Q_t(s, a) = \min\Big\{v,\; r_t(s, a) + (\hat P_t V_{t+1})(s, a) + c_1 \sqrt{\frac{\operatorname{Var}_{\hat P_t}
    (V_{t+1})\, \iota}{n}} + c_3 \frac{v\, \iota}{n} \Big\}.

With $c_3$ so large beside $c_1$, the right side never falls when $V_{t+1}$ rises (`bounds.optimism.mvp_backup`), so
that an optimistic value stays so although its own variance is in the bonus. Samples of one epoch are independent of all
that was planned with others, and plans are few: the regret has the best possible order for every number of episodes.

That is the later form. In the original, one kernel rules all steps: pairs are counted over steps, n is the number of
all visits up to the last power of two, and frequencies are those of all n. Where an episode pays 1 at most its regret
is of the order of $\sqrt{S A K} + S^2 A$, whatever the number of steps.

Zhang, Ji and Du (2021); with epochs of their own samples, Zhang, Chen, Lee and Du (2024).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from rltheory.exploration._checked import checked_delta, checked_episodes
from rltheory.exploration._tabular import bonus_scale, optimist_run, tables
from rltheory.exploration._tabular_kernels import draw, greedy, largest_shortfall, mean, policy_value, variance
from rltheory.exploration.learning_run import LearningRun, empty_record
from rltheory.exploration.radius import Radius, Theory
from rltheory.models import FiniteHorizonMDP

VARIANCE_CONSTANT = 460 / 9
"""Of the deviation of the next value, c_1."""
RANGE_CONSTANT = 544 / 9
"""Of the range of the next value, c_3. The constant between these is of rewards' noise, and rewards are known here."""


def mvp(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    vmax: float | None = None,
    homogeneous: bool = False,
    record: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn by monotonic value propagation.

    Parameters
    ----------
    mdp : FiniteHorizonMDP
        The true model, undiscounted, with as many actions in each state; its kernel may change with the step. The
        learner knows its rewards, which are at least 0.
    episodes : int
        Number K of episodes.
    delta : float
        Failure probability, in (0, 1); $\iota = \ln(200 S A H^2 K^2 / \delta)$.
    radius : Theory or Scaled
        `Theory` takes the published constants, with which nothing is learned in as many episodes as a laptop plays;
        ``Scaled(c)`` multiplies the bonus by c, such as 0.01, without guarantee.
    vmax : float, optional
        Most that a trajectory can earn from anywhere, v, in reward units; H by default.
    homogeneous : bool
        Whether the kernel is known to be the same at all steps, so that visits of all steps count together, and
        frequencies are those of all samples. Its theorem is for ``vmax=1``.
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
        If a trajectory can earn less than 0 or more than ``vmax``, an argument is out of range, or the kernel changes
        with the step where it must not.
    CriterionError
        If the model has no horizon or discounts.

    References
    ----------
    Zhang, Chen, Lee and Du (2024), algorithm 1: regret of the order of $\min\{\sqrt{S A H^3 K}, H K\}$ up to
    logarithms. For the homogeneous form, Zhang, Ji and Du (2021), algorithm 1 and theorem 1.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Scaled
    >>> run = mvp(mdps.river_swim(3, gamma=1).finite_horizon(5), 50_000, radius=Scaled(0.01), rng=0)
    >>> bool(run.regret[-1000:].mean() < 0.1 * run.regret[:20].mean())
    True
    """
    checked_delta(delta)
    known, episodes = tables(mdp, vmax=vmax, stationary=homogeneous), checked_episodes(episodes)
    H, n_states, n_actions = known.r.shape
    iota = math.log(200 * n_states * n_actions * H**2 * max(episodes, 1) ** 2 / delta)
    scale = bonus_scale(radius, "MVP")
    policies = empty_record(record, episodes, known.q[:, :, 0])
    values, believed, error, policy = _learn(
        *known.world,
        known.q,
        episodes,
        known.vmax,
        scale * VARIANCE_CONSTANT * math.sqrt(iota),
        scale * RANGE_CONSTANT * known.vmax * iota,
        homogeneous,
        policies,
        np.random.default_rng(rng),
    )
    return optimist_run("MVP", known, values, believed, error, policy, policies if record else None)


@njit(cache=True)
def _learn(P, cumulative, r, mu, mu_cumulative, best, episodes, vmax, deviation, span, pooled, policies, rng):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    sizes = (1 if pooled else H, n_states, n_actions)
    visits, samples, moves = np.zeros(sizes, dtype=np.int64), np.zeros(sizes), np.zeros((*sizes, n_states))
    kernel, q, value = np.zeros((*sizes, n_states)), np.full(r.shape, vmax), np.zeros((H + 1, n_states))
    policy = np.zeros((H, n_states), dtype=np.int64)
    values, believed, error = np.empty(episodes), np.empty(episodes), np.empty(episodes)
    renewed = True
    for k in range(episodes):
        if renewed:
            _plan(r, kernel, samples, q, value, policy, vmax, deviation, span)
            values[k], believed[k] = policy_value(P, r, mu, policy), mean(mu, value[0])
            error[k] = largest_shortfall(best, q)
        else:
            values[k], believed[k], error[k] = values[k - 1], believed[k - 1], error[k - 1]
        if len(policies):
            policies[k] = policy
        renewed = False
        s = draw(mu_cumulative, rng.random())
        for t in range(H):
            a = policy[t, s]
            following = draw(cumulative[min(t, len(P) - 1), s, a], rng.random())
            i = t % sizes[0]
            visits[i, s, a] += 1
            moves[i, s, a, following] += 1
            n = visits[i, s, a]
            if n & (n - 1) == 0:  # a power of two
                samples[i, s, a] = moves[i, s, a].sum()
                kernel[i, s, a] = moves[i, s, a] / samples[i, s, a]
                if not pooled:
                    moves[i, s, a] = 0.0
                renewed = True
            s = following
    return values, believed, error, policy


@njit(cache=True)
def _plan(r, kernel, samples, q, value, policy, vmax, deviation, span):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    for t in range(H - 1, -1, -1):
        after = value[t + 1]
        for s in range(n_states):
            for a in range(n_actions):
                n = samples[t % len(samples), s, a]
                if n == 0:
                    continue
                row = kernel[t % len(samples), s, a]
                average = mean(row, after)
                bonus = deviation * np.sqrt(variance(row, after, average) / n) + span / n
                q[t, s, a] = min(vmax, r[t, s, a] + average + bonus)
        greedy(q[t], value[t], policy[t])
