r"""Rows in fractions: what floats have found is put to the test, and moved outward, in exact arithmetic.

A row of weights w with sum :math:`\sigma` stands for the distribution :math:`w / \sigma`. The *gain* of pair (s, a) at
a vector v,

.. math:: r(s, a) + \frac 1 \sigma \sum_{s'} w(s')\, (v(s') - v(s)),

is :math:`(T_a v - v)(s)` without a discount.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np

from rltheory.models import MDP

Vector = Sequence[Fraction]


class ExactRows:
    """Some pairs of a model without a discount, as rational numbers.

    Parameters
    ----------
    mdp : MDP
        The model.
    pairs : iterable of int
        Which of its pairs; they are numbered anew.
    reward : ndarray, shape (n_pairs,)
        Reward of each pair of the model.
    """

    def __init__(self, mdp: MDP, pairs: Iterable[int], reward: np.ndarray) -> None:
        pairs = np.asarray(pairs)
        self.owner = mdp.pair_state[pairs].tolist()
        self.reward = exact(reward[pairs])
        self.weights = []
        for i in pairs.tolist():
            entries = slice(mdp.P.indptr[i], mdp.P.indptr[i + 1])
            states, weights = mdp.P.indices[entries].tolist(), exact(mdp.P.data[entries])
            self.weights.append(list(zip(states, weights, strict=True)))
        self.total = [sum((w for _, w in row), Fraction(0)) for row in self.weights]

    def change(self, row: int, v: Vector) -> Fraction:
        """Return the expected ``v(s') - v(s)`` of a row."""
        own = v[self.owner[row]]
        return sum((w * (v[s] - own) for s, w in self.weights[row]), Fraction(0)) / self.total[row]

    def gain(self, row: int, v: Vector) -> Fraction:
        """Return the gain of a row at v."""
        return self.reward[row] + self.change(row, v)


def exact(v: np.ndarray) -> list[Fraction]:
    """Return floats as the rational numbers that they are."""
    return [Fraction(x) for x in v.tolist()]
