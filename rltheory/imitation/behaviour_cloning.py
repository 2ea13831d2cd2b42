r"""Behaviour cloning: do what the expert was seen to do.

.. math:: \hat\pi_t(a|s) = \frac{\#\{\text{episodes with } s_t = s,\ a_t = a\}}{\#\{\text{episodes with } s_t = s\}},

and any action is as good as any other where nothing was seen: the likelihood of the demonstrations is largest for this
policy. A learner that cannot tell some states from others counts them together. The *population version* has seen
infinitely many episodes, so that what is left is the error that no data cures.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.imitation._tables import checked_groups, checked_model, frequencies, pooled, probabilities, state_visits
from rltheory.models import Dataset, FiniteHorizonMDP


def behaviour_cloning(data: Dataset, *, groups: Any = None) -> np.ndarray:
    """Learn a policy from demonstrations.

    Parameters
    ----------
    data : Dataset
        Episodes of the expert; rewards are not looked at.
    groups : array_like, shape (n_states,), optional
        A label for each state: the learner cannot tell states of one label from each other. By default it can.

    Returns
    -------
    ndarray, shape (H, n_states, n_actions)
        Probabilities; all actions are alike where nothing was seen.

    Raises
    ------
    ModelError
        If there is not one label a state.

    References
    ----------
    Pomerleau (1991); Ross and Bagnell (2010).

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.imitation import behaviour_cloning
    >>> data = rl.Dataset.from_episodes([[(0, 1, 0.0, 0)], [(0, 1, 0.0, 0)]], n_states=2, n_actions=2, H=1)
    >>> behaviour_cloning(data)
    array([[[0. , 1. ],
            [0.5, 0.5]]])
    """
    groups = checked_groups(groups, data.n_states)
    seen = np.zeros((data.H, data.n_states, data.n_actions))
    np.add.at(seen, (data.step, data.state, data.action), 1.0)
    return frequencies(pooled(seen, groups))[:, groups]


def cloned_expert(model: FiniteHorizonMDP, expert: Any, *, groups: Any = None) -> np.ndarray:
    """Return what `behaviour_cloning` learns from infinitely many episodes.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Without discount.
    expert : array_like
        As for `rltheory.evaluate_policy`.
    groups : array_like, shape (n_states,), optional
        As for `behaviour_cloning`.

    Returns
    -------
    ndarray, shape (H, n_states, n_actions)
        Probabilities; all actions are alike where the expert never comes.

    Raises
    ------
    CriterionError
        If the model has no horizon, or a discount.
    ModelError
        If the expert or the labels do not fit, or a state lacks an action.

    Examples
    --------
    >>> import mdps
    >>> from rltheory.imitation import cloned_expert
    >>> model, expert, _ = mdps.steep_path(2)
    >>> cloned_expert(model, expert)[1]
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    checked_model(model)
    groups = checked_groups(groups, model.n_states)
    table = probabilities(model, expert)
    seen = state_visits(model, table)[:, :, None] * table
    return frequencies(pooled(seen, groups))[:, groups]
