r"""Exact mode: policy iteration and backward induction in rational arithmetic, in which nothing rounds.

The floats of a model are rational numbers, and so are its values: the solution of :math:`(I - \gamma P_\pi) v = r_\pi`
has numerators and denominators of some 35 digits for each state. Howard's iteration starts from the policy found in
floating point, which is optimal as a rule, so that one system and one exact comparison of all actions are enough. All
work is done on integers: a float is an integer over a power of two, and rows are multiplied by their denominators.

python-flint solves the system by p-adic lifting where it is installed (the extra ``exact``); Bareiss' elimination
without fractions, in Python's integers, takes its place where it is not.
"""

from __future__ import annotations

import importlib.util
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from html import escape
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP
from rltheory.planning.enclosure import require_discounted
from rltheory.planning.policy_iteration import policy_iteration
from rltheory.planning.solution import _freeze

_MOST_STATES = 200
_MOST_STATES_WITHOUT_FLINT = 60
_DIGITS_A_STATE = 36
_DIGITS_A_STEP = 32
_MOST_DIGITS = 100_000_000
_ROWS_SHOWN = 12
_SHORT_BITS = 80


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ExactSolution:
    """An MDP solved in rational arithmetic: no bounds, because nothing was rounded.

    Parameters
    ----------
    value : tuple of Fraction, length n_states, or H + 1 such tuples for a finite horizon
        The optimal value of the model whose data are the floats of ``model``, in reward units.
    policy : ndarray of int, shape (n_states,) or (H, n_states)
        The lowest optimal action of each state.
    iterations : int
        How many improvements followed the policy found in floating point; steps, for a finite horizon.
    method : str
        The algorithm.
    model : MDP or FiniteHorizonMDP, optional
        What was solved; names in the tables come from it.
    """

    value: tuple[Any, ...]
    policy: np.ndarray
    iterations: int
    method: str
    model: MDP | FiniteHorizonMDP | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _freeze(self, "policy")

    @property
    def first_value(self) -> tuple[Fraction, ...]:
        """Value of each state, at the first step of a finite horizon."""
        return self.value[0] if isinstance(self.value[0], tuple) else self.value

    @property
    def start_value(self) -> Fraction:
        """Value under the model's start distribution, in reward units."""
        if self.model is None:
            raise AttributeError("this solution does not know its model, so it has no start distribution")
        return sum((Fraction(p) * v for p, v in zip(self.model.mu.tolist(), self.first_value, strict=True)), Fraction())

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each state (of the first step, for a finite horizon).

        Returns
        -------
        list of dict
            With keys ``state, action, value, decimal``; the value is a `fractions.Fraction`, the decimal the nearest
            float.
        """
        model = self.model
        actions: list[Any] = [None] * len(self.first_value)
        if self.policy.size:
            actions = self.policy.reshape(-1, len(actions))[0].tolist()
        return [
            {
                "state": str(s) if model is None else model.state_name(s),
                "action": "" if a is None else str(a) if model is None else model.action_name(s, a),
                "value": v,
                "decimal": float(v),
            }
            for s, (a, v) in enumerate(zip(actions, self.first_value, strict=True))
        ]

    def __repr__(self) -> str:
        least, most = min(self.first_value), max(self.first_value)
        return (
            f"ExactSolution(values {float(least):.6g} to {float(most):.6g}, {self.iterations} rounds of {self.method})"
        )

    def _repr_html_(self) -> str:
        rows = self.to_rows()
        head = "<tr><th>state</th><th>action</th><th>value</th><th>decimal</th></tr>"
        body = "".join(
            f"<tr><td>{escape(row['state'])}</td><td>{escape(row['action'])}</td>"
            f"<td>{short_fraction(row['value'])}</td><td>{row['decimal']:.12g}</td></tr>"
            for row in rows[:_ROWS_SHOWN]
        )
        more = f"<p>... and {len(rows) - _ROWS_SHOWN} more states</p>" if len(rows) > _ROWS_SHOWN else ""
        return f"<p>{escape(repr(self))}</p><table>{head}{body}</table>{more}"


def short_fraction(x: Fraction) -> str:
    """Return ``p/q`` where it fits on a line, else how long it is."""
    bits = x.numerator.bit_length() + x.denominator.bit_length()
    return str(x) if bits <= _SHORT_BITS else f"({math.ceil(bits * math.log10(2))} digits)"


def solve_exactly(model: MDP | FiniteHorizonMDP) -> ExactSolution:
    """Solve a small model in rational arithmetic; ``solve(model, exact=True)`` is the same.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        With at most 200 states (60 without python-flint), an MDP with ``gamma < 1``.

    Returns
    -------
    ExactSolution

    Raises
    ------
    CriterionError
        If ``gamma`` of an MDP is 1, or the model is too large: the message estimates the length of the numbers.

    References
    ----------
    Howard (1960); Bareiss (1968), Sylvester's identity and multistep integer-preserving Gaussian elimination; Dixon
    (1982), Exact solution of linear equations using p-adic expansions.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[0, 1], [1, 0]], [[0.75, 0.25], [0, 1]]], [[0, 0.5], [1, 0]], gamma=0.5)
    >>> rl.planning.solve_exactly(mdp).value
    (Fraction(1, 1), Fraction(11, 7))
    """
    if isinstance(model, FiniteHorizonMDP):
        return _backward(model)
    require_discounted(model)
    flint = importlib.util.find_spec("flint") is not None
    most = _MOST_STATES if flint else _MOST_STATES_WITHOUT_FLINT
    if model.n_states > most:
        extra = "" if flint or model.n_states > _MOST_STATES else " (python-flint, the extra `exact`, takes up to 200)"
        raise CriterionError(
            f"the model has {model.n_states} states, and exact mode takes at most {most}{extra}: each value would be a"
            f" ratio of numbers with some {_DIGITS_A_STATE * model.n_states} digits; leave exact out, for proven bounds"
        )
    rational = _Integers(model.P, model.r, model.gamma, model.pair_start)
    policy = policy_iteration(model, tol=math.inf).policy
    rounds = 0
    while True:
        v = rational.policy_value(policy.tolist())
        own, best, lowest = rational.compare(v, policy.tolist())
        better = np.array([x > y for x, y in zip(best, own, strict=True)])
        if not better.any():
            break
        policy, rounds = np.where(better, lowest, policy), rounds + 1
    solver = "python-flint" if flint else "integer elimination"
    method = f"rational policy iteration with {solver}, after policy iteration in floats"
    return ExactSolution(v, np.array(lowest), rounds, method, model)


def _backward(model: FiniteHorizonMDP) -> ExactSolution:
    """Solve a model of finite horizon exactly; its values are integers over powers of two."""
    digits = _DIGITS_A_STEP * model.H**2 * model.n_states // 2
    if model.n_states > _MOST_STATES or digits > _MOST_DIGITS:
        raise CriterionError(
            f"exact values of {model.n_states} states over {model.H} steps would have some {digits:.2g} digits in all;"
            f" exact mode takes at most {_MOST_STATES} states and {_MOST_DIGITS:.0e} digits; leave exact out, for"
            " proven bounds"
        )
    values: list[tuple[Fraction, ...]] = [(Fraction(),) * model.n_states]
    policy = np.zeros((model.H, model.n_states), dtype=np.int64)
    for t in reversed(range(model.H)):
        rational = _Integers(model.rows(t), model.rewards(t), model.gamma, model.pair_start)
        _, best, policy[t] = rational.compare(values[-1], [0] * model.n_states)
        values.append(tuple(best))
    return ExactSolution(tuple(reversed(values)), policy, model.H, "backward induction in rationals", model)


class _Integers:
    """Pair rows as integers: ``P[i][j] = data / P_unit``, ``r[i] = r / r_unit``, all units powers of two."""

    def __init__(self, P: Any, r: np.ndarray, gamma: float, pair_start: np.ndarray) -> None:
        data, self.P_unit = _over_common_denominator(P.data.tolist())
        self.r, self.r_unit = _over_common_denominator(r.tolist())
        self.gamma, self.gamma_unit = gamma.as_integer_ratio()
        self.pair_start = pair_start.tolist()
        columns, ends = P.indices.tolist(), P.indptr.tolist()
        self.rows = [list(zip(columns[i:j], data[i:j], strict=True)) for i, j in itertools.pairwise(ends)]

    def policy_value(self, policy: Sequence[int]) -> tuple[Fraction, ...]:
        """Return the value of a policy, exactly."""
        n_states = len(policy)
        matrix, right = [], []
        for s, a in enumerate(policy):
            pair = self.pair_start[s] + a
            row = [0] * n_states
            for column, p in self.rows[pair]:
                row[column] -= self.gamma * p
            row[s] += self.gamma_unit * self.P_unit
            matrix.append(row)
            right.append(self.r[pair] * self.gamma_unit * self.P_unit)
            common = math.gcd(*row, right[-1])
            matrix[-1], right[-1] = [x // common for x in row], right[-1] // common
        return tuple(x / self.r_unit for x in _solve(matrix, right))

    def compare(self, v: Sequence[Fraction], policy: Sequence[int]) -> tuple[list[Fraction], list[Fraction], list[int]]:
        """Return each state's q of the policy's action, its largest q, and the lowest action that attains it."""
        unit = math.lcm(*(x.denominator for x in v))
        scaled = [x.numerator * (unit // x.denominator) for x in v]
        reward_unit = self.gamma_unit * self.P_unit * unit
        q = [
            r * reward_unit + self.r_unit * self.gamma * sum(p * scaled[column] for column, p in row)
            for r, row in zip(self.r, self.rows, strict=True)
        ]
        whole = self.r_unit * reward_unit
        states = list(itertools.pairwise(self.pair_start))
        best = [max(q[i:j]) for i, j in states]
        lowest = [q[i:j].index(most) for (i, j), most in zip(states, best, strict=True)]
        own = [Fraction(q[i + a], whole) for (i, _), a in zip(states, policy, strict=True)]
        return own, [Fraction(most, whole) for most in best], lowest


def _over_common_denominator(numbers: Sequence[float]) -> tuple[list[int], int]:
    """Return floats as integers over their largest denominator, a power of two."""
    ratios = [x.as_integer_ratio() for x in numbers]
    unit = max((denominator for _, denominator in ratios), default=1)
    return [numerator * (unit // denominator) for numerator, denominator in ratios], unit


def _solve(matrix: list[list[int]], right: list[int]) -> list[Fraction]:
    """Return the solution of a system of integers whose leading minors are not zero."""
    try:
        import flint
    except ModuleNotFoundError:
        return _eliminate([[*row, b] for row, b in zip(matrix, right, strict=True)])
    x = flint.fmpz_mat(matrix).solve(flint.fmpz_mat([[b] for b in right]))
    return [Fraction(int(x[i, 0].p), int(x[i, 0].q)) for i in range(len(right))]


def _eliminate(rows: list[list[int]]) -> list[Fraction]:
    """Solve a system, its right side in the last column, by Bareiss' elimination: every division is exact."""
    n, previous = len(rows), 1
    for k in range(n - 1):
        pivot = rows[k][k]
        for i in range(k + 1, n):
            factor, own = rows[i][k], rows[i]
            own[k + 1 :] = [
                (x * pivot - factor * y) // previous for x, y in zip(own[k + 1 :], rows[k][k + 1 :], strict=True)
            ]
        previous = pivot
    determinant = rows[-1][n - 1]
    x = [0] * n
    for i in reversed(range(n)):
        known = sum(rows[i][j] * x[j] for j in range(i + 1, n))
        x[i] = (rows[i][n] * determinant - known) // rows[i][i]
    return [Fraction(numerator, determinant) for numerator in x]
