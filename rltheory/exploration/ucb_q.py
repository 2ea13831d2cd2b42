r"""Q-learning with bonuses: no model is kept, and each transition moves one number.

At the n-th visit to a pair (s, a) at step t, with the state y that follows,

.. math::

    Q_t(s, a) \leftarrow (1 - \alpha_n)\, Q_t(s, a) + \alpha_n \big( r_t(s, a) + V_{t+1}(y) + c / \sqrt n \big), \qquad
    V_t(s) = \min\{v, \max_a Q_t(s, a)\},

from $Q_t = v$, with $\alpha_n = (H + 1) / (H + n)$. A step size of 1/n would average all targets alike, and those of
the beginning are far too large; this one forgets all but about the last n/H of them, at the price of a variance that
is H times larger.

Jin, Allen-Zhu, Bubeck and Jordan (2018).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from rltheory.exploration._checked import checked_delta, checked_episodes
from rltheory.exploration._tabular import bonus_scale, optimist_run, tables
from rltheory.exploration._tabular_kernels import draw, largest_shortfall, mean, policy_value
from rltheory.exploration.bounds import tabular as bounds
from rltheory.exploration.learning_run import LearningRun, empty_record
from rltheory.exploration.radius import Radius, Theory
from rltheory.models import FiniteHorizonMDP


def ucb_q(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    vmax: float | None = None,
    record: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LearningRun:
    r"""Learn without a model, by Q-learning with bonuses of Hoeffding's kind.

    Parameters
    ----------
    mdp : FiniteHorizonMDP
        The true model, undiscounted, with as many actions in each state; its kernel may change with the step. Rewards
        are at least 0, and what is seen is their expectation.
    episodes : int
        Number K of episodes.
    delta : float
        Failure probability, in (0, 1).
    radius : Theory or Scaled
        `Theory` takes the bonus $c / \sqrt n$ with c of `bounds.tabular.ucb_q_width`, ``Scaled(k)`` k times that,
        without guarantee for k < 1.
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
        If a trajectory can earn less than 0 or more than ``vmax``, or an argument is out of range.
    CriterionError
        If the model has no horizon or discounts.

    References
    ----------
    Jin, Allen-Zhu, Bubeck and Jordan (2018), algorithm 1; regret at most `bounds.tabular.ucb_q_regret` with probability
    1 - delta.

    Examples
    --------
    >>> import rltheory as rl
    >>> bet = rl.FiniteHorizonMDP([[[0.5, 0.5], [0.8, 0.2]], [[0, 1], [0, 1]]], [[0, 0], [1, 1]], H=3, mu=0)
    >>> run = ucb_q(bet, 20_000, rng=0)
    >>> bool(run.covered.all()), run.policy[0].tolist()
    (True, [0, 0])
    """
    checked_delta(delta)
    known, episodes = tables(mdp, vmax=vmax), checked_episodes(episodes)
    H, n_states, n_actions = known.r.shape
    width = bounds.ucb_q_width(n_states, n_actions, H, episodes, delta=delta, vmax=known.vmax)
    width *= bonus_scale(radius, "UCB-Q")
    policies = empty_record(record, episodes, known.q[:, :, 0])
    values, believed, error, policy = _learn(
        *known.world, known.q, episodes, known.vmax, width, policies, np.random.default_rng(rng)
    )
    return optimist_run("UCB-Q", known, values, believed, error, policy, policies if record else None)


@njit(cache=True)
def _learn(P, cumulative, r, mu, mu_cumulative, best, episodes, vmax, width, policies, rng):  # type: ignore[no-untyped-def]
    H, n_states, n_actions = r.shape
    visits, q = np.zeros((H, n_states, n_actions), dtype=np.int64), np.full((H, n_states, n_actions), vmax)
    value = np.full((H + 1, n_states), vmax)
    value[H] = 0.0
    policy = np.zeros((H, n_states), dtype=np.int64)
    values, believed, error = np.empty(episodes), np.empty(episodes), np.empty(episodes)
    played = policy.copy()
    for k in range(episodes):
        played[:] = policy
        values[k], believed[k] = policy_value(P, r, mu, policy), mean(mu, value[0])
        error[k] = largest_shortfall(best, q)
        if len(policies):
            policies[k] = policy
        s = draw(mu_cumulative, rng.random())
        for t in range(H):
            a = policy[t, s]
            following = draw(cumulative[min(t, len(P) - 1), s, a], rng.random())
            visits[t, s, a] += 1
            n = visits[t, s, a]
            alpha = (H + 1) / (H + n)
            target = r[t, s, a] + value[t + 1, following] + width / np.sqrt(n)
            q[t, s, a] += alpha * (target - q[t, s, a])
            policy[t, s] = np.argmax(q[t, s])
            value[t, s] = min(vmax, q[t, s, policy[t, s]])
            s = following
    return values, believed, error, played
