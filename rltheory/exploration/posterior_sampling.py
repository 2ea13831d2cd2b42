r"""Posterior sampling: draw a model that may be true, given the data, and play its best policy.

The prior of every row of the kernel is a Dirichlet law, and so is the posterior, with the counts added:

.. math:: \tilde P(\cdot \mid s, a) \sim \operatorname{Dirichlet}(\alpha + N(s, a, \cdot)).

No bonus is needed: what has not been tried is sometimes drawn to be good, and then tried. If the prior is right, the
true and the sampled model have the same law given the data. Hence the optimum of the sampled model has the law of the
true one, in each episode, and expected regret is what a policy gains in its own model over the true one.

Thompson (1933); Strens (2000); Osband, Russo and Van Roy (2013).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration._checked import checked_episodes
from rltheory.exploration._tabular import tables
from rltheory.exploration._tabular_kernels import draw, greedy, mean, policy_value
from rltheory.exploration.learning_run import LearningRun, empty_record
from rltheory.models import FiniteHorizonMDP, ModelError


def posterior_sampling(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    prior: float = 1.0,
    record: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn by sampling from the posterior.

    Parameters
    ----------
    mdp : FiniteHorizonMDP
        The true model, undiscounted, with one kernel for all steps and as many actions in each state. The learner knows
        its rewards.
    episodes : int
        Number K of episodes.
    prior : float
        Weight $\alpha$ of each successor in the prior, above 0; 1 is the uniform law on the simplex.
    record : bool
        Whether to keep the policy of every episode.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    LearningRun
        Its ``optimistic_value`` is the optimum of the sampled model; over models of the prior it is as often below
        the truth as above.

    Raises
    ------
    ModelError
        If the kernel changes with the step, a reward is negative, a trajectory can earn more than H, or an argument is
        out of range.
    CriterionError
        If the model has no horizon or discounts.

    References
    ----------
    Osband, Russo and Van Roy (2013). Expected regret over models of the prior is at most
    `bounds.tabular.posterior_sampling_regret`.

    Examples
    --------
    >>> import mdps
    >>> run = posterior_sampling(mdps.river_swim(3, gamma=1).finite_horizon(5), 2000, rng=0)
    >>> bool(run.regret[-1000:].mean() < 0.1 * run.regret[:20].mean())
    True
    """
    if not 0 < prior < np.inf:
        raise ModelError(f"prior is {prior!r}; the weight of a successor is a finite number above 0")
    known, episodes = tables(mdp, stationary=True), checked_episodes(episodes)
    policies = empty_record(record, episodes, known.q[:, :, 0])
    values, believed, policy = _learn(*known.world, episodes, float(prior), policies, np.random.default_rng(rng))
    return LearningRun(
        "posterior sampling",
        known.optimum,
        known.optimum - values,
        policy,
        optimistic_value=believed,
        policies=policies if record else None,
    )


@njit(cache=True)
def _learn(P, cumulative, r, mu, mu_cumulative, episodes, prior, policies, rng):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    weights = np.full((n_states, n_actions, n_states), prior)
    sampled, q, value = np.empty(weights.shape), np.empty((n_states, n_actions)), np.zeros((H + 1, n_states))
    policy = np.zeros((H, n_states), dtype=np.int64)
    values, believed = np.empty(episodes), np.empty(episodes)
    for k in range(episodes):
        _sample(weights, sampled, rng)
        for t in range(H - 1, -1, -1):
            for s in range(n_states):
                for a in range(n_actions):
                    q[s, a] = r[t, s, a] + mean(sampled[s, a], value[t + 1])
            greedy(q, value[t], policy[t])
        values[k], believed[k] = policy_value(P, r, mu, policy), mean(mu, value[0])
        if len(policies):
            policies[k] = policy
        s = draw(mu_cumulative, rng.random())
        for t in range(H):
            a = policy[t, s]
            following = draw(cumulative[0, s, a], rng.random())
            weights[s, a, following] += 1
            s = following
    return values, believed, policy


@njit(cache=True)
def _sample(weights, sampled, rng):  # type: ignore[no-untyped-def]
    """Draw each row from its Dirichlet law, as gamma variables over their sum."""
    n_states, n_actions, _ = weights.shape
    for s in range(n_states):
        for a in range(n_actions):
            total = 0.0
            for y in range(n_states):
                sampled[s, a, y] = rng.standard_gamma(weights[s, a, y])
                total += sampled[s, a, y]
            if total > 0:
                for y in range(n_states):
                    sampled[s, a, y] /= total
            else:  # all underflow under a tiny prior, whose law is nearly that of a random successor
                sampled[s, a] = 0.0
                sampled[s, a, int(rng.random() * n_states)] = 1.0
