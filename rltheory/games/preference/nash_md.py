r"""Nash-MD: mirror descent against the geometric mixture of the policy and the reference.

.. math::

   \bar\pi_t \propto \pi_t^{1 - \eta_t \tau}\, \mathrm{ref}^{\eta_t \tau}, \qquad
   \pi_{t+1} = \arg\max_\pi \; \eta_t P(\pi \succ \bar\pi_t) - \mathrm{KL}(\pi \| \bar\pi_t)
   \propto \bar\pi_t\, e^{\eta_t P(\cdot \succ \bar\pi_t)}

(Munos et al. 2024). It differs from INPO with :math:`\eta = 1 / \eta_t` in the opponent only, which is the mixture.
`bounds.nash_md_kl` is what a step promises; a constant step size stops short of the equilibrium, the schedule
:math:`\eta_t = 2 / (\tau (t + 2))` reaches it at the rate of `bounds.nash_md_last_kl`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from rltheory.games.learning.hedge import softmax
from rltheory.games.preference.game import PreferenceGame, checked_policy
from rltheory.models import ModelError


def nash_md_schedule(tau: float) -> Callable[[int], float]:
    r"""Return the schedule :math:`\eta_t = 2 / (\tau (t + 2))`, t = 0, 1, ..., of step sizes.

    Parameters
    ----------
    tau : float
        Weight of the reference policy.

    Returns
    -------
    callable
        From t to the step size.

    Examples
    --------
    >>> nash_md_schedule(tau=0.5)(2)
    1.0
    """
    return lambda t: 2 / (tau * (t + 2))


def nash_md(
    game: PreferenceGame, *, step: float | Callable[[int], float] | None = None, start: Any = None
) -> Iterator[np.ndarray]:
    """Yield the policies of Nash-MD, the first one included, for ever.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    step : float or callable, optional
        Step size, above 0 and at most 1 / tau, or what it is at t = 0, 1, ...; by default `nash_md_schedule`.
    start : array_like, shape (n,), optional
        The first policy, of full support; by default the reference policy.

    Yields
    ------
    ndarray, shape (n,)

    Raises
    ------
    ModelError
        If the step size is not in (0, 1 / tau], or the first policy is not a law of full support.

    Examples
    --------
    >>> from itertools import islice
    >>> from rltheory.games.preference import PreferenceGame, nash_md, preference_gap
    >>> game = PreferenceGame.bradley_terry([0.0, 1.0, 2.0], tau=0.2)
    >>> *_, last = islice(nash_md(game), 1000)
    >>> preference_gap(game, last) < 1e-4
    True
    """
    schedule = nash_md_schedule(game.tau) if step is None else step if callable(step) else lambda t: step
    _checked_step(schedule(0), 0, game.tau)
    first = game.ref if start is None else checked_policy(game, start, full=True)
    return _nash_md(game, schedule, first)


def _nash_md(game: PreferenceGame, schedule: Callable[[int], float], policy: np.ndarray) -> Iterator[np.ndarray]:
    log_ref, logits = np.log(game.ref), np.log(policy)
    for t in count():
        yield policy
        step = _checked_step(schedule(t), t, game.tau)
        mixed = (1 - step * game.tau) * logits + step * game.tau * log_ref
        logits = mixed + step * (game.P @ softmax(mixed))
        policy = softmax(logits)


def _checked_step(step: float, t: int, tau: float) -> float:
    if not 0 < step * tau <= 1 + 1e-12:
        raise ModelError(f"step is {step!r} at step {t}; it must be above 0 and at most 1 / tau = {1 / tau:g}")
    return min(float(step), 1 / tau)
