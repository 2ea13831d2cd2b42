r"""INPO: iterative Nash policy optimisation, mirror descent in which the reference policy keeps its weight.

.. math::

   \pi_{t+1} = \arg\max_\pi \; P(\pi \succ \pi_t) - \tau\, \mathrm{KL}(\pi \| \mathrm{ref})
   - (\eta_t - \tau)\, \mathrm{KL}(\pi \| \pi_t), \qquad
   \pi_{t+1}(y) \propto \mathrm{ref}(y)^{\tau / \eta_t}\, \pi_t(y)^{1 - \tau / \eta_t}\, e^{P(y \succ \pi_t) / \eta_t}

(Zhang et al. 2025). `bounds.inpo_factor`: for :math:`\eta \ge \tau + 1 / (4 \tau)` each step brings the equilibrium
nearer by the factor :math:`1 - \tau / \eta`. With eta = tau it is the best response, which may go round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import numpy as np

from rltheory.games.learning.hedge import softmax
from rltheory.games.preference.game import PreferenceGame, checked_policy
from rltheory.models import ModelError


def inpo_schedule(tau: float) -> Callable[[int], float]:
    r"""Return the schedule :math:`\eta_t = \tau (t + 2) / 2`, t = 0, 1, ..., with which INPO is O(1 / t²).

    Parameters
    ----------
    tau : float
        Weight of the reference policy.

    Returns
    -------
    callable
        From t to eta.

    Examples
    --------
    >>> inpo_schedule(tau=0.1)(8)
    0.5
    """
    return lambda t: tau * (t + 2) / 2


def inpo(
    game: PreferenceGame, *, eta: float | Callable[[int], float] | None = None, start: Any = None
) -> Iterator[np.ndarray]:
    """Yield the policies of INPO, the first one included, for ever.

    Parameters
    ----------
    game : PreferenceGame
        The game.
    eta : float or callable, optional
        Inverse step size, at least tau, or what it is at t = 0, 1, ...; by default `inpo_schedule`.
    start : array_like, shape (n,), optional
        The first policy, of full support; by default the reference policy.

    Yields
    ------
    ndarray, shape (n,)

    Raises
    ------
    ModelError
        If eta is below tau, or the first policy is not a law of full support.

    Examples
    --------
    >>> from itertools import islice
    >>> from rltheory.games.preference import PreferenceGame, inpo, preference_gap
    >>> game = PreferenceGame.bradley_terry([0.0, 1.0, 2.0], tau=0.2)
    >>> *_, last = islice(inpo(game, eta=1.5), 100)
    >>> preference_gap(game, last) < 1e-9
    True
    """
    schedule = inpo_schedule(game.tau) if eta is None else eta if callable(eta) else lambda t: eta
    _checked_eta(schedule(0), 0, game.tau)
    first = game.ref if start is None else checked_policy(game, start, full=True)
    return _inpo(game, schedule, first)


def _inpo(game: PreferenceGame, schedule: Callable[[int], float], policy: np.ndarray) -> Iterator[np.ndarray]:
    log_ref, logits = np.log(game.ref), np.log(policy)
    for t in count():
        yield policy
        eta = _checked_eta(schedule(t), t, game.tau)
        kept = game.tau / eta
        logits = kept * log_ref + (1 - kept) * logits + game.P @ policy / eta
        policy = softmax(logits)


def _checked_eta(eta: float, t: int, tau: float) -> float:
    if not tau <= eta < np.inf:
        raise ModelError(f"eta is {eta!r} at step {t}; it must be finite and at least tau = {tau:g}")
    return float(eta)
