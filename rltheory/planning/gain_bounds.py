r"""From a bias vector to proven bounds on the average reward, rounding included.

The gain of a policy is what it earns a step in the long run, :math:`g^\pi = P_\pi^* r_\pi`, where the rows of the
limiting matrix :math:`P_\pi^* = P_\pi^* P_\pi` are distributions (Puterman 2005, section 8.2). For any vector h let
:math:`d(s, a) = r(s, a) + \sum_{s'} P(s' \mid s, a) (h(s') - h(s))`. Two proofs are used.

*One number for all states* (Odoni 1969). :math:`P_\pi^* d_\pi = P_\pi^* r_\pi + P_\pi^* (P_\pi - I) h = g^\pi`, so that
:math:`\min d_\pi \le g^\pi \le \max d_\pi` for every policy of every model. With the policy greedy for h,

.. math:: \min_s (T h - h)(s) \;\le\; g^{\pi} \;\le\; g^* \;\le\; \max_s (T h - h)(s), \qquad T h - h = \max_a d .

*One number for each state*, where the gain differs between them. In the long run a policy is in one of its recurrent
classes, and each of these lies inside a maximal end component C and uses only actions that stay in C: there the first
proof bounds its gain by :math:`U_C = \max d(s, a)` over such actions. Let u satisfy :math:`u \ge U_C` on each C and
:math:`u(s) \ge \sum_{s'} P(s' \mid s, a) u(s')` for all s, a. Then :math:`u \ge P_\pi^n u \to P_\pi^* u \ge g^\pi`,
hence :math:`g^* \le u`. It is the certificate :math:`u \ge P_a u, \; u + h \ge r_a + P_a h` of the multichain linear
program (Puterman 2005, section 9.3), its second part asked for only where a policy can stay. A lower bound for one
policy is an upper one with all signs reversed, its components being its recurrent classes.

Rounding is met by *differences before products*. A gain is defined for rows that sum to one, while floats do so only
nearly: the rows are read as weights, divided by their exact sums. Then :math:`\sum P (h' - h)` is Ph - h whatever the
size of h, each of its terms is off by a relative error of :math:`g_{2k+4}` in a row of k entries (division, difference,
product, sum; Higham 2002, section 3.1), and a state that is left with probability 1e-13 does no harm: its own entry is
multiplied by zero. The condition on u is tested in the same way; u is constant on each component, and is raised a
little where the others miss it, in proportion to the number of moves between components that may follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from rltheory.models import MDP, CriterionError, ModelError
from rltheory.planning._graph import graph_of
from rltheory.planning._kernels import SMALLEST_NORMAL, UNIT_ROUNDOFF
from rltheory.planning.backup import checked_value, policy_weights
from rltheory.planning.elimination import leaving_system
from rltheory.planning.rounding import growth, outward

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_SMALLEST_PRODUCT = 2.0**-1000
_MOST_ROUNDS = 100


@dataclass(frozen=True)
class Rows:
    """Rows of a model or of a policy, divided by their sums, and what rounding may have done to them.

    Parameters
    ----------
    P : csr_array, shape (n_rows, n_states)
        Positive entries only.
    r, size : ndarray, shape (n_rows,)
        Rewards, and the sum of the absolute values that went into each.
    pair_start : ndarray of int, shape (n_states + 1,)
        Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    roundings : int
        Relative errors of one unit in any entry of P.
    """

    P: csr_array
    r: np.ndarray
    size: np.ndarray
    pair_start: np.ndarray
    roundings: int

    @cached_property
    def owner(self) -> np.ndarray:
        """State of each row."""
        return np.repeat(np.arange(self.pair_start.size - 1), np.diff(self.pair_start))

    @cached_property
    def entry_owner(self) -> np.ndarray:
        """State of the row of each entry of P."""
        return np.repeat(self.owner, np.diff(self.P.indptr))

    def mean_change(self, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``sum P (h' - h)`` for each row, and the same of absolute values."""
        change = self.P.data * (h[self.P.indices] - h[self.entry_owner])
        starts = self.P.indptr[:-1]
        return np.add.reduceat(change, starts), np.add.reduceat(np.abs(change), starts)

    def residual(self, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``d = r + sum P (h' - h)`` for each row, and a bound on its rounding error."""
        change, absolute = self.mean_change(h)
        longest = int(np.diff(self.P.indptr).max())
        error = outward(growth(float(longest + self.roundings + 4)) * (self.size + absolute), longest + self.roundings)
        return self.r + change, error + (longest + 2) * SMALLEST_NORMAL * (1 + float(np.ptp(h)))

    def of_policy(self, policy: np.ndarray) -> Rows:
        """Return the rows of a checked policy, one for each state."""
        one_each = np.arange(self.pair_start.size)
        if policy.ndim == 1:
            chosen = self.pair_start[:-1] + policy
            return Rows(self.P[chosen], self.r[chosen], self.size[chosen], one_each, self.roundings)
        weights = policy_weights(self.pair_start, policy / policy.sum(axis=1, keepdims=True)).copy()
        weights.eliminate_zeros()
        if weights.data.min() * self.P.data.min() < _SMALLEST_PRODUCT:
            raise ModelError("probabilities of policy times model fall below 1e-300; round the smallest to zero")
        roundings = self.roundings + 2 * policy.shape[1] + 2
        return Rows(weights @ self.P, weights @ self.r, weights @ self.size, one_each, roundings)

    def negated(self) -> Rows:
        """Return the same rows with the opposite rewards."""
        return Rows(self.P, -self.r, self.size, self.pair_start, self.roundings)


def normalised_rows(mdp: MDP) -> Rows:
    """Return the pair rows of a model, divided by their sums."""
    P = sp.csr_array(mdp.P, copy=True)
    P.eliminate_zeros()
    entries = np.diff(P.indptr)
    P.data /= np.repeat(np.add.reduceat(P.data, P.indptr[:-1]), entries)
    return Rows(P, mdp.r, np.abs(mdp.r), mdp.pair_start, int(entries.max()))


@dataclass(frozen=True)
class Structure:
    """Where the rows of a model, or of one policy, can stay: its maximal end components.

    Parameters
    ----------
    rows : Rows
        For a policy the components are its recurrent classes.
    component : ndarray of int, shape (n_states,)
        Number of each state's component, -1 for states that every policy leaves.
    inside : ndarray of bool, shape (n_rows,)
        Whether a row stays inside its component.
    """

    rows: Rows
    component: np.ndarray
    inside: np.ndarray

    @property
    def n_components(self) -> int:
        """Number of maximal end components; 1 if and only if the model is weakly communicating."""
        return int(self.component.max()) + 1

    @cached_property
    def block(self) -> np.ndarray:
        """Return one number for all states of a component, and one for each state outside."""
        outside = self.component < 0
        return np.where(outside, self.n_components + np.cumsum(outside) - 1, self.component)

    @cached_property
    def longest_way(self) -> np.ndarray:
        """Number of moves between blocks that can follow, at most, in expectation: w >= P w + 1/2 on leaving rows."""
        block, leaving = self.block, np.flatnonzero(~self.inside)
        leaving = leaving[np.argsort(block[self.rows.owner[leaving]], kind="stable")]
        n_blocks = int(block.max()) + 1
        rows = self.rows.P[leaving]
        own = block[self.rows.owner[leaving]]
        entry_row = np.repeat(np.arange(leaving.size), np.diff(rows.indptr))
        foreign = block[rows.indices] != own[entry_row]
        ends = (entry_row[foreign], block[rows.indices[foreign]])
        moves = sp.csr_array((rows.data[foreign], ends), shape=(leaving.size, n_blocks))
        moves = sp.csr_array(sp.diags_array(1 / moves.sum(axis=1)) @ moves)
        return _longest_way(moves, own, n_blocks)


def structure_of(rows: Rows) -> Structure:
    """Find the maximal end components of a model, or the recurrent classes of a policy."""
    everything = np.ones(rows.P.shape[1], dtype=bool), np.ones(rows.r.size, dtype=bool)
    return Structure(rows, *graph_of(rows.P, rows.pair_start).end_components(*everything))


def gain_upper_bound(structure: Structure, h: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """Prove an upper bound on the gain of every policy, state by state.

    Parameters
    ----------
    structure : Structure
        Of the model, or of one policy.
    h, guess : ndarray, shape (n_states,)
        A bias and a gain, in reward units; the nearer they are to the optimal ones, the tighter the bound.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    rows, inside = structure.rows, structure.inside
    d, error = rows.residual(h)
    top = np.full(structure.n_components, -np.inf)
    np.maximum.at(top, structure.component[rows.owner[inside]], np.nextafter(d + error, np.inf)[inside])
    highest = np.full(h.size, top.max())
    if (top == top[0]).all():
        return highest
    return np.minimum(highest, _raised_until_superharmonic(structure, top, guess))


def constant_upper_bound(rows: Rows, h: np.ndarray) -> float:
    """Prove ``max d`` over all rows, an upper bound on the gain of every policy in every state."""
    d, error = rows.residual(h)
    return float(np.nextafter(d + error, np.inf).max())


@dataclass(frozen=True, slots=True, eq=False)
class GainEnclosure:
    """What is proven from one backup of h: ``lower <= g^policy <= g* <= upper``, for the greedy ``policy`` of h."""

    policy: np.ndarray
    lower: float
    upper: float


def enclose_gain(mdp: MDP, h: Any) -> GainEnclosure:
    r"""Prove bounds on the optimal average reward, and on that of the policy greedy for h, by one backup.

    .. math:: \min_s (T h - h)(s) \;\le\; g^{\pi} \;\le\; g^* \;\le\; \max_s (T h - h)(s)

    Parameters
    ----------
    mdp : MDP
        Its discount is not used. Rows are divided by their exact sums.
    h : array_like, shape (n_states,)
        Any values, in reward units. The bounds meet at an optimal bias, if the gain is the same in all states.

    Returns
    -------
    GainEnclosure
        Valid in every state of every model, rounding included.

    Raises
    ------
    ModelError
        If ``h`` has the wrong shape or is not finite.

    References
    ----------
    Odoni (1969); Puterman (2005), section 8.5.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[1, 0], [0, 1]]], [[0, 0.5], [2, 0.5]], gamma=1.0)
    >>> proven = rl.planning.enclose_gain(mdp, [0.0, 1.0])
    >>> proven.policy, proven.lower <= 1 <= proven.upper, proven.upper - proven.lower < 1e-13
    (array([0, 0]), True, True)
    """
    rows = normalised_rows(mdp)
    h = checked_value(mdp, h)
    policy = greedy_rows(rows, h)
    own = rows.of_policy(policy)
    return GainEnclosure(policy, -constant_upper_bound(own.negated(), -h), constant_upper_bound(rows, h))


def greedy_rows(rows: Rows, h: np.ndarray) -> np.ndarray:
    """Return the lowest action that attains the largest residual of each state."""
    d, _ = rows.residual(h)
    starts = rows.pair_start[:-1]
    best = np.maximum.reduceat(d, starts)
    attains = np.where(d == best[rows.owner], np.arange(d.size), d.size)
    return np.minimum.reduceat(attains, starts) - starts


def _raised_until_superharmonic(structure: Structure, top: np.ndarray, guess: np.ndarray) -> np.ndarray:
    """Return u with u >= top on each component and u >= P u on every row, lifted from a guess until that is proven."""
    block = structure.block
    u = np.full(int(block.max()) + 1, -np.inf)
    u[: top.size] = top
    np.maximum.at(u, block, guess)
    if _is_superharmonic(structure.rows, u[block]):
        return u[block]
    way = structure.longest_way
    lift = 4 * UNIT_ROUNDOFF * float(np.abs(u).max()) + SMALLEST_NORMAL
    while np.isfinite(lift) and lift * float(way.max()) <= 2 * float(np.ptp(u)):
        raised = (u + lift * way)[block]
        if _is_superharmonic(structure.rows, raised):
            return raised
        lift *= 4
    return np.full(guess.size, np.inf)


def _is_superharmonic(rows: Rows, u: np.ndarray) -> bool:
    """Return whether ``u >= P u`` is proven for every row; dividing a row by its sum changes no sign."""
    change, absolute = rows.mean_change(u)
    rising = np.logical_or.reduceat(u[rows.P.indices] > u[rows.entry_owner], rows.P.indptr[:-1])
    longest = int(np.diff(rows.P.indptr).max())
    error = outward(growth(float(longest + rows.roundings + 4)) * absolute, longest) + longest * SMALLEST_NORMAL
    return bool((~rising | (change + error <= 0)).all())


def _longest_way(moves: csr_array, own: np.ndarray, n_blocks: int) -> np.ndarray:
    """Return w with ``w >= moves w + 1/2`` in every block that can be left, by policy iteration for counts of moves."""
    blocks, first = np.unique(own, return_index=True)
    ends = np.ones(n_blocks)
    ends[blocks] = 0.0
    choice, way = first, np.zeros(n_blocks)
    for _ in range(_MOST_ROUNDS):
        try:
            solve, _ = leaving_system(moves[choice][:, blocks], moves[choice] @ ends)
        except CriterionError:
            return np.where(ends == 0, np.inf, 0.0)
        way[blocks] = solve(np.ones(blocks.size))
        count = 1 + moves @ way
        best = np.maximum.reduceat(count, first)
        better = best > way[blocks] + 0.5
        if not better.any():
            break
        attains = np.where(count == np.repeat(best, np.diff([*first, own.size])), np.arange(own.size), own.size)
        choice = np.where(better, np.minimum.reduceat(attains, first), choice)
    return way
