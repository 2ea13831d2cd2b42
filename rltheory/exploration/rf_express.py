r"""RF-Express: as RF-UCRL, with an uncertainty that shrinks as 1/n, for an H less in the number of episodes.

By an inequality of Bernstein's kind the error at a value function is its deviation times $\sqrt{\beta / n}$, and
deviations add up along a trajectory to H, not to $H^{3/2}$. With Cauchy and Schwarz all that is left to bound is

.. math::

    W_t(s, a) = \min\Big\{H,\; 15 H^2 \frac{\beta(n)}{n} + \Big(1 + \frac1H\Big) \sum_{s'} \hat P_t(s' \mid s, a)
    \max_{a'} W_{t+1}(s', a') \Big\},

and no policy's value for a reward in [0, 1] is further off than $3 e \sqrt W + W$ with W of the start. The explorer is
greedy for W.

Menard, Domingues, Jonsson, Kaufmann, Leurent and Valko (2021), "Fast active learning for pure exploration in
reinforcement learning".
"""

from __future__ import annotations

import math

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_episodes
from rltheory.exploration._reward_free_kernels import explore
from rltheory.exploration._tabular import bonus_scale, checked_eps, tables, without_rewards
from rltheory.exploration.bounds import optimism as bounds
from rltheory.exploration.radius import Radius, Theory
from rltheory.exploration.reward_free_model import RewardFreeModel
from rltheory.models import FiniteHorizonMDP


def rf_express(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    eps: float = 0.0,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    rng: int | np.random.Generator | None = None,
) -> RewardFreeModel:
    r"""Learn a model for all rewards by RF-Express.

    Parameters
    ----------
    mdp, episodes, eps, delta, rng
        As for `rf_ucrl`.
    radius : Theory or Scaled
        `Theory` takes the 15 of the theorem, with which certificates say something after some hundred thousand
        episodes; ``Scaled(c)`` takes 15 c, without guarantee for c < 1.

    Returns
    -------
    RewardFreeModel
        With the certificate $2 (3 e \sqrt W + W)$, or H if that is less.

    Raises
    ------
    ModelError, CriterionError
        As for `rf_ucrl`.

    References
    ----------
    Menard, Domingues, Jonsson, Kaufmann, Leurent and Valko (2021): some
    $H^3 S A (\ln(1 / \delta) + S) / \mathtt{eps}^2$ episodes.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Scaled
    >>> rf_express(mdps.river_swim(3, gamma=1).finite_horizon(3), 1000, radius=Scaled(0.001), rng=0).n_episodes
    1000
    """
    checked_delta(delta)
    known, episodes = tables(without_rewards(mdp)), checked_episodes(episodes)
    H, n_states, n_actions = known.r.shape
    n = np.arange(1, episodes + 1)
    shrinking = bounds.kl_threshold(n_states, n_actions, H, n, delta=delta) / n
    width = np.full(H, 15.0 * H**2 * bonus_scale(radius, "RF-Express"))
    kernel, visits, before, last = explore(
        known.cumulative, known.mu, known.mu_cumulative, known.r.shape, episodes, np.full(H, float(H)), width,
        np.append(np.inf, shrinking), 1 + 1 / H, _enough(checked_eps(eps)), np.random.default_rng(rng),
    )  # fmt: skip
    certificates = np.minimum([2 * bounds.rf_express_error(W) for W in (*before, last)], H)
    return RewardFreeModel("RF-Express", kernel, visits, known.mu, float(certificates[-1]), certificates[:-1])


def _enough(eps: float) -> float:
    r"""Return the W at which the certificate is ``eps``: $W + 3 e \sqrt W$ is half of it."""
    return ((math.sqrt((3 * math.e) ** 2 + 2 * eps) - 3 * math.e) / 2) ** 2
