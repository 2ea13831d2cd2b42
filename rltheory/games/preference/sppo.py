r"""SPPO: self-play preference optimisation, which is Hedge against oneself, and knows no reference policy.

.. math:: \pi_{t+1}(y) \propto \pi_t(y)\, e^{\eta P(y \succ \pi_t)}

(Wu et al. 2024; direct Nash optimisation, Rosset et al. 2024, is the same update where policies are tables). The
average of the policies approaches an equilibrium of the game without regularisation (`bounds.sppo_margin`); the last
one need not: where preferences go round in a circle, it moves outwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rltheory.games.learning.hedge import softmax
from rltheory.games.learning.rule import checked_step
from rltheory.games.preference.game import PreferenceGame, checked_policy


def sppo(game: PreferenceGame, *, step: float, start: Any = None) -> Iterator[np.ndarray]:
    """Yield the policies of SPPO, the first one included, for ever.

    Parameters
    ----------
    game : PreferenceGame
        The game; its tau plays no part.
    step : float
        Step size, above 0.
    start : array_like, shape (n,), optional
        The first policy, of full support; by default the reference policy.

    Yields
    ------
    ndarray, shape (n,)

    Raises
    ------
    ModelError
        If the step size is not above 0, or the first policy is not a law of full support.

    Examples
    --------
    >>> from itertools import islice
    >>> from rltheory.games.preference import PreferenceGame, sppo
    >>> game = PreferenceGame.bradley_terry([0.0, 1.0], tau=0.2)
    >>> [p.round(3).tolist() for p in islice(sppo(game, step=1.0), 2)]
    [[0.5, 0.5], [0.442, 0.558]]
    """
    step = checked_step(step)
    return _sppo(game, step, game.ref if start is None else checked_policy(game, start, full=True))


def _sppo(game: PreferenceGame, step: float, policy: np.ndarray) -> Iterator[np.ndarray]:
    logits = np.log(policy)
    while True:
        yield policy
        logits = logits + step * (game.P @ policy)
        policy = softmax(logits)
