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

Such a w is the largest expected number of moves between components that can follow. Where float64 cannot find it, u is
raised by constants alone, which proves the bound :math:`\max_s u` in all states.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from rltheory.models import MDP
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.exact_rows import ExactRows, Vector, exact
from rltheory.planning.gain_bounds import Structure, normalised_rows, structure_of


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
    upper, upper_bias = _proven_above(above, structure_of(rows), solution.gain_upper, solution.bias)
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
    lifted = _lifted(rows, structure, u, leaving, {i: rows.change(i, u) for i in leaving})
    u = [max(u)] * len(u) if lifted is None else lifted
    excess = {i: rows.gain(i, h) - u[rows.owner[i]] for i in leaving}
    lifted = _lifted(rows, structure, h, leaving, excess)
    return (_raised(u, max(excess.values())), h) if lifted is None else (u, lifted)


def _raised(u: Vector, by: Fraction) -> Vector:
    """Return u plus a constant that is a float not below the given one, if that is positive."""
    return [x + _rounded_up(by) for x in u] if by > 0 else u


def _lifted(
    rows: ExactRows, structure: Structure, v: Vector, leaving: Sequence[int], excess: dict[int, Fraction]
) -> Vector | None:
    """Return v plus the multiple of w that takes off what pairs between components exceed; None if there is no w."""
    if max(excess.values(), default=0) <= 0:
        return v
    way = structure.longest_way[structure.block]
    if not np.isfinite(way).all():
        return None
    w = exact(way)
    falls = {i: -rows.change(i, w) for i in leaving}
    if min(falls.values()) <= 0:
        return None
    try:
        times = _rounded_up(max(excess[i] / falls[i] for i in leaving))
    except OverflowError:
        return None
    return [x + times * y for x, y in zip(v, w, strict=True)]


def _rounded_up(x: Fraction) -> Fraction:
    """Return a float that is larger, as a fraction with few digits."""
    return Fraction(math.nextafter(float(x), math.inf))
