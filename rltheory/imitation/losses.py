r"""How often a learner errs, and how much an error costs somebody whom the expert relieves at once.

.. math::

    \epsilon_t = \mathbb E_{s \sim d_t} \mathrm{TV}\big(\pi^e_t(\cdot|s), \pi_t(\cdot|s)\big), \qquad
    u_t = \max_s \Big\{ \max_{a:\, \pi^e_t(a|s) > 0} q^e_t(s, a) - \min_a q^e_t(s, a) \Big\} .

Whose visits :math:`d_t` are meant makes all the difference. Where the expert goes one can watch him; where the learner
goes one has to ask. By the performance-difference identity, the gap is
:math:`\sum_t \mathbb E_{s \sim d^\pi_t} \sum_a (\pi^e_t - \pi_t)(a|s)\, q^e_t(s, a) \le \sum_t u_t \epsilon_t` with the
learner's visits (Ross, Gordon and Bagnell 2011).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.imitation._tables import checked_model, probabilities, state_visits
from rltheory.models import FiniteHorizonMDP
from rltheory.planning import evaluate_policy


def disagreement(model: FiniteHorizonMDP, expert: Any, policy: Any, *, visited_by: Any = None) -> np.ndarray:
    """Compute the error of each step: the mean distance of two policies in the states that a third one visits.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Without discount.
    expert, policy : array_like
        As for `rltheory.evaluate_policy`.
    visited_by : array_like, optional
        Whose states count; by default the expert's, so that the result is what one sees by watching.

    Returns
    -------
    ndarray, shape (H,)
        Probabilities: mean total variation distances.

    Raises
    ------
    CriterionError
        If the model has no horizon, or a discount.
    ModelError
        If a policy does not fit, or a state lacks an action.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import imitation
    >>> model, expert, clone = mdps.steep_path(3, error=0.5)
    >>> imitation.disagreement(model, expert, clone)
    array([0.5, 0.5, 0.5])
    >>> imitation.disagreement(model, expert, clone, visited_by=clone)
    array([0.5  , 0.25 , 0.125])
    """
    checked_model(model)
    expert, policy = probabilities(model, expert), probabilities(model, policy)
    visitor = expert if visited_by is None else probabilities(model, visited_by)
    apart = np.abs(expert - policy).sum(axis=2) / 2
    return (state_visits(model, visitor) * apart).sum(axis=1)


def recoverability(model: FiniteHorizonMDP, expert: Any) -> np.ndarray:
    """Compute the most that one wrong action costs if the expert goes on from there.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Without discount.
    expert : array_like
        As for `rltheory.evaluate_policy`. Of several actions that he may take, the best one counts.

    Returns
    -------
    ndarray, shape (H,)
        For each step, in reward units: at most H - t times the width of the rewards.

    Raises
    ------
    CriterionError, ModelError
        As for `disagreement`.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import imitation
    >>> model, expert, _ = mdps.steep_path(3)
    >>> imitation.recoverability(model, expert)
    array([3., 2., 1.])
    """
    checked_model(model)
    table = probabilities(model, expert)
    after = evaluate_policy(model, table).value[1:]
    q = np.array([model.rewards(t) + model.rows(t) @ after[t] for t in range(model.H)]).reshape(table.shape)
    return (np.where(table > 0, q, -np.inf).max(axis=2) - q.min(axis=2)).max(axis=1)
