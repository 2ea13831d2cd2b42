r"""RF-UCRL: explore where the value of some policy for some reward is uncertain, until none is.

On the event that $n\, KL(\hat P_t \| P_t) \le \beta(n)$ for all pairs, Pinsker's inequality bounds the error of
$\hat P_t$ at any value function by its range times $\sqrt{\beta / (2 n)}$, and errors add up along a trajectory:

.. math::

    E_t(s, a) = \min\Big\{H - t,\; H \sqrt{\beta(n) / n} + \sum_{s'} \hat P_t(s' \mid s, a) \max_{a'} E_{t+1}(s', a')
    \Big\}

is at least the error of every policy's value for every reward in [0, 1]. The explorer is greedy for E, and takes the
action tried least of those that tie, as all do in the beginning.

Kaufmann, Menard, Domingues, Jonsson, Leurent and Valko (2021), "Adaptive reward-free exploration".
"""

from __future__ import annotations

import numpy as np

from rltheory.exploration._checked import checked_delta, checked_episodes
from rltheory.exploration._reward_free_kernels import explore
from rltheory.exploration._tabular import bonus_scale, checked_eps, tables, without_rewards
from rltheory.exploration.bounds import optimism as bounds
from rltheory.exploration.radius import Data, Radius, Theory
from rltheory.exploration.reward_free_model import RewardFreeModel
from rltheory.models import FiniteHorizonMDP


def rf_ucrl(
    mdp: FiniteHorizonMDP,
    episodes: int,
    *,
    eps: float = 0.0,
    delta: float = 0.05,
    radius: Radius = Theory(),  # noqa: B008
    rng: int | np.random.Generator | None = None,
) -> RewardFreeModel:
    r"""Learn a model for all rewards by RF-UCRL.

    Parameters
    ----------
    mdp : FiniteHorizonMDP
        The true model, undiscounted, with as many actions in each state; its kernel may change with the step. Its
        rewards are not looked at.
    episodes : int
        Most episodes to play.
    eps : float
        Stop when the certificate is at most this, in reward units.
    delta : float
        Failure probability, in (0, 1).
    radius : Theory, Data or Scaled
        `Theory` takes the uncertainty above; `Data` has $(H - t - 1) \sqrt{\beta(n) / (2 n)}$ in it, all that Pinsker's
        inequality needs; ``Scaled(c)`` c times that of `Theory`, without guarantee where that is less than `Data`.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same run.

    Returns
    -------
    RewardFreeModel
        With the certificate $2 \max_a E_0$ at the start, or H if that is less.

    Raises
    ------
    ModelError
        If an argument is out of range, or states have different numbers of actions.
    CriterionError
        If the model has no horizon or discounts.

    References
    ----------
    Kaufmann, Menard, Domingues, Jonsson, Leurent and Valko (2021): some
    $H^4 S A (\ln(1 / \delta) + S) / \mathtt{eps}^2$ episodes.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.exploration import Data
    >>> world = mdps.river_swim(3, gamma=1).finite_horizon(3)
    >>> learned = rf_ucrl(world, 50_000, radius=Data(), rng=0)
    >>> learned.loss(world) <= learned.certificate < 3
    True
    """
    checked_delta(delta)
    known, episodes = tables(without_rewards(mdp)), checked_episodes(episodes)
    H, n_states, n_actions = known.r.shape
    left = H - np.arange(H, dtype=np.float64)
    width = (left - 1) / np.sqrt(2) if isinstance(radius, Data) else np.full(H, float(H))
    if not isinstance(radius, Data):
        width = bonus_scale(radius, "RF-UCRL") * width
    n = np.arange(1, episodes + 1)
    shrinking = np.sqrt(bounds.kl_threshold(n_states, n_actions, H, n, delta=delta) / n)
    kernel, visits, before, last = explore(
        known.cumulative, known.mu, known.mu_cumulative, known.r.shape, episodes, left, width,
        np.append(np.inf, shrinking), 1.0, checked_eps(eps) / 2, np.random.default_rng(rng),
    )  # fmt: skip
    certificates = np.minimum(2 * np.append(before, last), H)
    return RewardFreeModel("RF-UCRL", kernel, visits, known.mu, float(certificates[-1]), certificates[:-1])
