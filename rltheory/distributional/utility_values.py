r"""The scalar shortcut: an expected utility of the final stock by backward induction over the nodes.

For :math:`K(\nu) = E f` no law is needed, only :math:`V(k) = E f(c_0 + G)` from each node,

.. math:: V_H(k) = f(b_H(k)), \qquad V_t(k) = \max_a \sum_{k'} P(k' \mid k, a)\, V_{t+1}(k'),

for any f and any discount, since the stock is absolute (Bäuerle and Ott 2011; Bäuerle and Rieder 2014). Ties go to
the lowest action.
"""

from __future__ import annotations

import numpy as np

from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import Unfolded
from rltheory.planning.best_rows import best_rows

_TIE = 1e-12


def best_expectation(unfolded: Unfolded, terminal: np.ndarray) -> tuple[list[np.ndarray], StockPolicy]:
    """Maximise the expectation of a function of the last node.

    Parameters
    ----------
    unfolded : Unfolded
        The nodes.
    terminal : ndarray, shape (n_nodes of the last layer,)
        What each last node is worth, such as ``f(unfolded.layers[-1].stock)``.

    Returns
    -------
    values : list of ndarray
        For each step, the optimum from each node.
    policy : StockPolicy
        Deterministic, optimal from every node. Actions within 1e-12 of the best, relative to the largest value, are
        ties, and go to the lowest.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional import best_expectation, unfold
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> nodes = unfold(offer, 1, stock=-2.0)
    >>> values, policy = best_expectation(nodes, (nodes.layers[-1].stock >= 0).astype(float))
    >>> values[0], policy.law()
    (array([0.5]), DiscreteLaw({-2: 0.5, 1: 0.5}))
    """
    value = np.asarray(terminal, dtype=np.float64)
    tie = _TIE * np.abs(value).max(initial=0.0)
    values, actions = [value], []
    for t in reversed(range(unfolded.H)):
        layer = unfolded.layers[t]
        q = (unfolded.prob(t) * value[layer.successor]).sum(axis=1)
        value, action = best_rows(q, layer.row_start, tie)
        values.append(value)
        actions.append(action)
    return values[::-1], StockPolicy.deterministic(unfolded, actions[::-1])
