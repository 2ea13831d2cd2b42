r"""Stock on a lattice: dense backward induction for all stocks at once, when every sum of rewards is on one grid.

Without a discount, and with rewards :math:`r = r_0 + \delta k` for whole numbers k from 0 to w, the stock after t steps
is :math:`c_0 + t r_0 + \delta j` with j from 0 to t w. So step t needs an array whose width grows by w at each step, an
outcome is a shift of it, and nothing is rounded, clipped or looked up:

.. math::

   V_H(s, j) = f(c_0 + H r_0 + \delta j), \qquad
   V_t(s, j) = \max_a \sum_b p_b \, V_{t+1}(s'_b, j + k_b).

With C initial stocks :math:`c_0 + \delta i` the arrays are wider by C - 1, and one pass answers for each of them: that
is what the outer search of CVaR asks for. A sweep costs S A B times the width, with the innermost loop over adjacent
stocks. The law of the return from one start is one pass forward with mass; the law from every state and stock, m atoms
each, is built backward for the chosen actions only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numba import njit

from rltheory.distributional._arguments import Utility, start_distribution, utility_values
from rltheory.distributional.law import DiscreteLaw
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.planning.memory import require_memory
from rltheory.planning.threads import cut, on_each

_TIE = 1e-12
_LARGEST_DENOMINATOR = 1_000_000
_SAME = 1e-12
_BLOCK = 512


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lattice:
    """A model whose rewards are on a grid, over a number of steps.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma = 1``.
    H : int
        Number of steps, at least 0.
    low : float
        The smallest reward, in reward units.
    step : float
        Distance of the grid's points, in reward units.
    shift : ndarray of int, shape (n_pairs, B)
        How many steps above the smallest each reward is (0 in padding).
    """

    model: OutcomeModel
    H: int
    low: float
    step: float
    shift: np.ndarray

    @classmethod
    def of(cls, model: OutcomeModel, H: int) -> Lattice:
        """Find the widest grid that all rewards are on.

        Parameters
        ----------
        model : OutcomeModel
            With ``gamma = 1``, and rewards whose differences are fractions with denominators up to a million.
        H : int
            Number of steps, at least 0.

        Returns
        -------
        Lattice

        Raises
        ------
        CriterionError
            If there is a discount, or the rewards are on no grid: `unfold` serves these.
        ModelError
            If H is negative.

        Examples
        --------
        >>> import rltheory as rl
        >>> from rltheory.distributional.lattice import Lattice
        >>> Lattice.of(rl.OutcomeModel.from_lists([[[(0.5, 0, -1.0), (0.5, 0, 0.5)]]], gamma=1.0), 10)
        Lattice(10 steps, returns from -10 to 5 in steps of 1.5)
        """
        if H < 0:
            raise ModelError(f"H is {H}; it is a number of steps, at least 0")
        if model.gamma != 1:
            raise CriterionError(f"gamma is {model.gamma:g}; only sums without a discount stay on a grid: use unfold")
        happens = model.prob > 0
        low = float(model.reward[happens].min())
        above = np.where(happens, model.reward - low, 0.0)
        step = _common_step(np.unique(above))
        return cls(model, H, low, step, np.rint(above / step).astype(np.int64))

    @property
    def width(self) -> int:
        """How many steps the largest reward is above the smallest."""
        return int(self.shift.max())

    @property
    def returns(self) -> np.ndarray:
        """All sums of H rewards on the grid, increasing, shape (H * width + 1,), in reward units."""
        return self.H * self.low + self.step * np.arange(self.H * self.width + 1)

    def bytes_needed(self, size: int) -> int:
        """Return the memory of `lattice_values` for so many initial stocks: a policy, and two layers of values."""
        widths = size + self.width * np.arange(self.H + 1)
        return self.model.n_states * (4 * int(widths[:-1].sum()) + 16 * int(widths[-1]))

    def __repr__(self) -> str:
        returns = self.returns
        return f"Lattice({self.H} steps, returns from {returns[0]:g} to {returns[-1]:g} in steps of {self.step:g})"


@dataclass(frozen=True, slots=True, eq=False)
class LatticePolicy:
    """A deterministic policy that looks at the step, the state and the stock on a lattice.

    Parameters
    ----------
    lattice : Lattice
        The model.
    first : float
        The smallest initial stock, in reward units.
    actions : tuple of ndarray of int, one for each step, of shape (n_states, size + t * width)
        Action of each state, by its position among the state's own, for each stock of `stocks`.
    size : int
        Number of initial stocks.
    """

    lattice: Lattice
    first: float
    actions: tuple[np.ndarray, ...]
    size: int

    def stocks(self, t: int) -> np.ndarray:
        """Return the stocks at step t, increasing, in reward units."""
        at = np.arange(self.size + t * self.lattice.width)
        return self.first + (t * self.lattice.low + self.lattice.step * at)

    def action(self, t: int, state: int, stock: float) -> int:
        """Return the action of a state at step t with a stock.

        Raises
        ------
        ModelError
            If that stock is not on the lattice at that step, or no action is left to take.
        """
        if not 0 <= t < self.lattice.H:
            raise ModelError(f"t is {t}; actions are taken at steps 0..{self.lattice.H - 1}")
        return int(self.actions[t][state, self._place(t, stock)])

    def law(self, stock: float, start: int | None = None) -> DiscreteLaw:
        """Return the law of the stock at the end, ``c_0 + G``, from one start.

        Parameters
        ----------
        stock : float
            Stock at step 0, one of ``stocks(0)``.
        start : int, optional
            State at step 0; by default drawn from the model's ``mu``.

        Returns
        -------
        DiscreteLaw
            In reward units.

        Raises
        ------
        ModelError
            If the stock is not on the lattice.
        """
        place, lattice = self._place(0, stock), self.lattice
        arrays = _arrays(lattice)
        mass = start_distribution(lattice.model, start)[:, None]
        for t in range(lattice.H):
            after = np.zeros((mass.shape[0], mass.shape[1] + lattice.width))
            _push(*arrays, self.actions[t][:, place:], mass, after)
            mass = after
        return DiscreteLaw(self.stocks(0)[place] + lattice.returns, mass.sum(axis=0))

    def laws(self) -> np.ndarray:
        """Return the law of the return from every state and initial stock.

        Returns
        -------
        ndarray, shape (n_states, size, H * width + 1)
            Probability of each of ``lattice.returns``.

        Raises
        ------
        MemoryError
            If two layers of laws would not fit.
        """
        lattice, n_states = self.lattice, self.lattice.model.n_states
        atoms = [(self.size + t * lattice.width) * ((lattice.H - t) * lattice.width + 1) for t in range(lattice.H + 1)]
        most = max([n_states * 8 * sum(pair) for pair in pairwise(atoms)], default=0)
        require_memory(most, "the laws of the return from every state and stock", remedy="ask for one start with law")
        arrays = _arrays(lattice)
        laws = np.ones((n_states, self.size + lattice.H * lattice.width, 1))
        for t in reversed(range(lattice.H)):
            after, width = laws, self.size + t * lattice.width
            laws = np.empty((n_states, width, after.shape[2] + lattice.width))
            _each_state(lattice, width * after.shape[2], _law_sweep, *arrays, self.actions[t], after, laws)
        return laws

    def _place(self, t: int, stock: float) -> int:
        stocks = self.stocks(t)
        place = int(np.argmin(np.abs(stocks - stock)))
        if not abs(stocks[place] - stock) <= 1e-8 * self.lattice.step:
            raise ModelError(
                f"stock {stock} is not on the lattice at step {t}: from {stocks[0]:g} to {stocks[-1]:g} in steps of"
                f" {self.lattice.step:g}"
            )
        return place


def lattice_values(
    lattice: Lattice, utility: Utility, *, first: float = 0.0, size: int = 1
) -> tuple[np.ndarray, LatticePolicy]:
    """Maximise E f(c_0 + G) from every state, for several initial stocks at once.

    Parameters
    ----------
    lattice : Lattice
        The model and its horizon.
    utility : callable
        f, a function of arrays, or an object whose attribute ``f`` is one.
    first : float
        The smallest initial stock, in reward units.
    size : int
        How many initial stocks there are, ``lattice.step`` apart.

    Returns
    -------
    value : ndarray, shape (n_states, size)
        The optimum over all policies.
    policy : LatticePolicy
        Optimal from every state and stock. Actions within 1e-12 of the best, relative to the largest value, are ties,
        and go to the lowest.

    Raises
    ------
    MemoryError
        If the policy and two layers of values would not fit.
    ModelError
        If the utility is not finite.

    Examples
    --------
    Three bets on a fair coin, or none, for a target of 1: one can stop when it is reached.

    >>> import rltheory as rl
    >>> from rltheory.distributional.lattice import Lattice, lattice_values
    >>> game = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> value, policy = lattice_values(Lattice.of(game, 3), lambda x: (x >= 0).astype(float), first=-1.0)
    >>> value[0], policy.law(-1.0).shift(1.0)
    (array([0.625]), DiscreteLaw({-2: 0.25, -1: 0.125, 1: 0.625}))
    """
    if size < 1:
        raise ModelError(f"size is {size}; at least one initial stock is needed")
    require_memory(lattice.bytes_needed(size), f"a policy over {size} initial stocks", remedy="use unfold, or fewer")
    n_states, n_actions = lattice.model.n_states, lattice.model.n_actions
    actions: list[np.ndarray] = []
    policy = LatticePolicy(lattice, first, (), size)
    end = utility_values(utility, policy.stocks(lattice.H))
    tie = _TIE * np.abs(end).max()
    value = np.broadcast_to(end, (n_states, end.size)).copy()
    arrays = _arrays(lattice)
    for t in reversed(range(lattice.H)):
        after, shape = value, (n_states, size + t * lattice.width)
        value, action = np.empty(shape), np.empty(shape, dtype=np.int32)
        _each_state(lattice, shape[1], _best_sweep, *arrays, after, tie, n_actions, value, action)
        action.flags.writeable = False
        actions.append(action)
    value.flags.writeable = False
    return value, LatticePolicy(lattice, first, tuple(actions[::-1]), size)


def _common_step(above: np.ndarray) -> float:
    """Return the largest number of which all the given ones are multiples (1 if all are 0)."""
    fractions = [Fraction(x).limit_denominator(_LARGEST_DENOMINATOR) for x in above.tolist() if x > 0]
    if not fractions:
        return 1.0
    denominator = math.lcm(*(x.denominator for x in fractions))
    step = Fraction(math.gcd(*(int(x * denominator) for x in fractions)), denominator)
    rounded = float(step) * np.rint(above / float(step))
    if denominator > _LARGEST_DENOMINATOR or np.abs(rounded - above).max() > _SAME * above.max():
        raise CriterionError(
            "the rewards are not multiples of a common step (of a denominator up to a million): round them, or use"
            " unfold"
        )
    return float(step)


def _arrays(lattice: Lattice) -> tuple[np.ndarray, ...]:
    model = lattice.model
    return model.prob, model.next_state, lattice.shift, model.pair_start


def _each_state(lattice: Lattice, cost: int, kernel: Callable[..., None], *args: Any) -> None:
    """Run a kernel over all states, on several threads where the work of a pair's outcome, ``cost``, is large."""
    before = lattice.model.pair_start * (lattice.model.prob.shape[1] * cost)
    on_each(cut(before), lambda first, last: kernel(*args, first, last))


@njit(cache=True, nogil=True)
def _best_sweep(  # type: ignore[no-untyped-def]
    prob, next_state, shift, pair_start, after, tie, n_actions, value, action, first, last
):
    """Fill the best values and actions of the states ``first`` to ``last - 1``, for all stocks of this step.

    Stocks are taken in blocks, so that the values of all actions stay in the first cache.
    """
    q = np.empty((n_actions, _BLOCK))
    for s in range(first, last):
        begin, count = pair_start[s], pair_start[s + 1] - pair_start[s]
        for left in range(0, value.shape[1], _BLOCK):
            width = min(_BLOCK, value.shape[1] - left)
            for a in range(count):
                mean = q[a]
                mean[:width] = 0.0
                for b in range(prob.shape[1]):
                    p = prob[begin + a, b]
                    if p > 0:
                        ahead = after[next_state[begin + a, b], left + shift[begin + a, b] :]
                        for c in range(width):
                            mean[c] += p * ahead[c]
            best, chosen = value[s, left : left + width], action[s, left : left + width]
            best[:] = q[0, :width]
            for a in range(1, count):
                mean = q[a]
                for c in range(width):
                    best[c] = max(best[c], mean[c])
            for a in range(count - 1, -1, -1):
                mean = q[a]
                for c in range(width):
                    chosen[c] = a if mean[c] >= best[c] - tie else chosen[c]


@njit(cache=True, nogil=True)
def _push(prob, next_state, shift, pair_start, action, mass, after):  # type: ignore[no-untyped-def]
    """Add to ``after`` the mass of the next step; ``action[:, j]`` belongs to ``mass[:, j]``."""
    for s in range(mass.shape[0]):
        for c in range(mass.shape[1]):
            if mass[s, c] > 0:
                i = pair_start[s] + action[s, c]
                for b in range(prob.shape[1]):
                    after[next_state[i, b], c + shift[i, b]] += mass[s, c] * prob[i, b]


@njit(cache=True, nogil=True)
def _law_sweep(  # type: ignore[no-untyped-def]
    prob, next_state, shift, pair_start, action, after, laws, first, last
):
    """Fill the laws of the return under the chosen actions, from the laws one step later."""
    n_atoms = after.shape[2]
    for s in range(first, last):
        for c in range(laws.shape[1]):
            law, i = laws[s, c], pair_start[s] + action[s, c]
            law[:] = 0.0
            for b in range(prob.shape[1]):
                p, k = prob[i, b], shift[i, b]
                if p > 0:
                    ahead, moved = after[next_state[i, b], c + k], law[k:]
                    for j in range(n_atoms):
                        moved[j] += p * ahead[j]
