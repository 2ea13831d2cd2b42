r"""Certificates of the average reward: bounds and bias vectors whose inequalities hold exactly.

If :math:`P_a u \le u` and :math:`r_a + P_a h \le u + h` in all states for all actions, then :math:`g^* \le u`: these
are the constraints of the multichain linear program (Puterman 2005, section 9.3). With the signs reversed and the rows
of one policy they prove a lower bound on its gain.

The solver's bounds u and bias h nearly satisfy them (`gain_bounds`): the second one holds, but for rounding, on the
pairs that stay inside a maximal end component, and need not hold on others. So, in exact arithmetic,

1. u is made constant on each component and raised by a constant until the second inequality holds inside;
2. a *ranking function* w, constant on each component and with :math:`P_a w < w` on all other pairs, is added to u,
   as often as the first inequality needs,
3. and to h, as often as the second needs on these pairs; neither matters inside components.

The largest expected number of moves between components that can follow is such a w, and raises u little; but where
components are left with tiny probabilities, floats may lose that it falls. For h, whose size does not matter, there is
another one that needs no linear system: with ranks as in `_ranks`, :math:`w = 1 - \varepsilon_k` on rank k, where
:math:`\varepsilon_0 = 1` and :math:`\varepsilon_k` is less than :math:`\varepsilon_{k-1}` times the least probability
with which a pair of rank k, when it leaves its component, leads to a lower rank. Then :math:`P_a (1 - w) > 1 - w`.
Where that takes too many digits, u is raised by a constant alone.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from fractions import Fraction

import numpy as np

from rltheory.models import MDP
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.exact_rows import ExactRows, Vector, exact
from rltheory.planning.gain_bounds import Structure, normalised_rows, structure_of

Ranking = Callable[[Structure], Vector | None]
"""Finds a ranking function w, or None."""

_MOST_BITS = 10_000  # Python reads integers of up to 4,300 digits


def gain_vectors(mdp: MDP, solution: AverageRewardSolution) -> dict[str, list[Vector]]:
    """Return bounds on the gain and the bias vectors that prove them, exactly.

    Returns
    -------
    dict
        ``lower``, ``lower_bias``, ``upper`` and ``upper_bias``, each one vector of n_states fractions in a list.
    """
    rows, own = normalised_rows(mdp), mdp.pair_start[:-1] + solution.policy
    below, of_policy = ExactRows(mdp, own, -mdp.r), structure_of(rows.of_policy(solution.policy))
    lower, lower_bias = _proven_above(below, of_policy, -solution.gain_lower, -solution.bias)
    above = ExactRows(mdp, range(mdp.n_pairs), mdp.r)
    bias = solution.bias if solution.upper_bias is None else solution.upper_bias
    upper, upper_bias = _proven_above(above, structure_of(rows), solution.gain_upper, bias)
    mirrored = [-x for x in lower], [-x for x in lower_bias]
    return {"lower": [mirrored[0]], "lower_bias": [mirrored[1]], "upper": [upper], "upper_bias": [upper_bias]}


def _proven_above(rows: ExactRows, structure: Structure, bound: np.ndarray, bias: np.ndarray) -> tuple[Vector, Vector]:
    """Return u and h with ``P u <= u`` and ``r + P h <= u + h`` on every row, near the given ones."""
    highest = np.full(int(structure.block.max()) + 1, -np.inf)
    np.maximum.at(highest, structure.block, bound)
    h = exact(bias)
    inside, leaving = np.flatnonzero(structure.inside).tolist(), np.flatnonzero(~structure.inside).tolist()
    u: Vector = exact(highest[structure.block])
    u = _raised(u, max(rows.gain(i, h) - u[rows.owner[i]] for i in inside))
    climb = {i: rows.change(i, u) for i in leaving}
    u = _lifted(rows, structure, u, climb, [_expected_moves]) or [max(u)] * len(u)
    excess = {i: rows.gain(i, h) - u[rows.owner[i]] for i in leaving}
    lifted = _lifted(rows, structure, h, excess, [_expected_moves, _ranks])
    return (u, lifted) if lifted else (_raised(u, max(excess.values())), h)


def _raised(u: Vector, by: Fraction) -> Vector:
    """Return u plus a constant that is a float not below the given one, if that is positive."""
    return [x + _rounded_up(by) for x in u] if by > 0 else u


def _lifted(
    rows: ExactRows, structure: Structure, v: Vector, excess: dict[int, Fraction], rankings: Sequence[Ranking]
) -> Vector | None:
    """Return v plus the multiple of a ranking function that takes off what pairs exceed; None if none of them falls."""
    if max(excess.values(), default=0) <= 0:
        return v
    for ranking in rankings:
        w = ranking(structure)
        if w is None or min(falls := [-rows.change(i, w) for i in excess]) <= 0:
            continue
        with contextlib.suppress(OverflowError):
            times = _rounded_up(max(x / fall for x, fall in zip(excess.values(), falls, strict=True)))
            return [x + times * y for x, y in zip(v, w, strict=True)]
    return None


def _expected_moves(structure: Structure) -> Vector | None:
    """Return how many moves between components can follow at most, in expectation, as far as floats can tell."""
    with np.errstate(over="ignore", invalid="ignore"):
        way = structure.longest_way[structure.block]
    return exact(way) if np.isfinite(way).all() else None


def _ranks(structure: Structure) -> Vector | None:
    """Return ``1 - epsilon_k`` for the states of rank k, where epsilon is a power of two; None if it has many digits.

    A component without ways out has rank 0; one has rank k if all its ways out may lead to ranks below k.
    """
    rows, block = structure.rows, structure.block
    leaving, target, starts = ~structure.inside, block[rows.P.indices], rows.P.indptr[:-1]
    own = block[rows.owner[leaving]]
    foreign = np.where(target == block[rows.entry_owner], 0.0, rows.P.data)
    away = np.add.reduceat(foreign, starts)[leaving]
    bits = np.zeros(int(block.max()) + 1)
    bits[own] = np.inf
    while np.isinf(bits).any():
        share = np.ones(bits.size)
        np.minimum.at(share, own, np.add.reduceat(foreign * np.isfinite(bits)[target], starts)[leaving] / away)
        joining = np.isinf(bits) & (share > 0)
        bits[joining] = bits[np.isfinite(bits)].max() + 1 + np.ceil(-np.log2(share[joining]))
        if not joining.any() or bits[joining].max() > _MOST_BITS:
            return None
    return [1 - Fraction(1, 2 ** int(k)) for k in bits[block]]


def _rounded_up(x: Fraction) -> Fraction:
    """Return a float that is larger, as a fraction with few digits."""
    return Fraction(math.nextafter(float(x), math.inf))
