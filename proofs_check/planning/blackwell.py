"""Blackwell's theorem: near discount 1 the optimal policies no longer change; in polynomials and fractions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import hypothesis.strategies as st

from proofs_check.theorem import Check, Theorem

Choice = tuple[int, int, int]
"""An action of a state of two: its reward, and the weights of going to states 0 and 1."""

CHOICES = st.tuples(st.integers(0, 6), st.integers(0, 4), st.integers(0, 4)).map(
    lambda x: x if x[1] + x[2] else (x[0], 1, 0)
)

SHORT_OR_LONG: tuple[Choice, Choice] = ((3, 0, 1), (2, 1, 0))
"""In state 0: earn 3 and go to state 1, or 2 and stay; the optimum changes at discount 1/3 if state 1 is worthless."""
NOTHING: Choice = (0, 0, 1)


def _values(first: Choice, second: Choice, gamma: Fraction) -> tuple[Fraction, Fraction]:
    """The values of states 0 and 1 under one policy, by Cramer's rule."""
    stay, leave = Fraction(first[1], first[1] + first[2]), Fraction(second[1], second[1] + second[2])
    determinant = (1 - gamma) * (1 - gamma * (stay - leave))
    at_0 = (1 - gamma * (1 - leave)) * first[0] + gamma * (1 - stay) * second[0]
    at_1 = gamma * leave * first[0] + (1 - gamma * stay) * second[0]
    return at_0 / determinant, at_1 / determinant


def _sign_polynomial(one: tuple[Choice, Choice], other: tuple[Choice, Choice], state: int) -> list[Fraction]:
    """A quadratic with the sign of the difference of two policies' values, from its values at three discounts."""

    def cleared(policy: tuple[Choice, Choice], gamma: Fraction) -> tuple[Fraction, Fraction]:
        """The value times (1 - gamma)(1 - gamma (stay - leave)), and the second of these factors."""
        (_, a, b), (_, c, d) = policy
        factor = 1 - gamma * (Fraction(a, a + b) - Fraction(c, c + d))
        return _values(*policy, gamma)[state] * (1 - gamma) * factor, factor

    def difference(gamma: Fraction) -> Fraction:
        (x, x_factor), (y, y_factor) = cleared(one, gamma), cleared(other, gamma)
        return x * y_factor - y * x_factor

    at_0, at_half, at_third = (difference(Fraction(*point)) for point in ((0, 1), (1, 2), (1, 3)))
    linear, quadratic = 9 * (at_third - at_0) - 4 * (at_half - at_0), 12 * (at_half - at_0) - 18 * (at_third - at_0)
    return [at_0, linear, quadratic]


def _roots_below_one(polynomial: Sequence[Fraction]) -> list[float]:
    """Real roots in (0, 1) of c0 + c1 x + c2 x^2; roots at 1 are divided out exactly first."""
    c0, c1, c2 = polynomial
    while c0 + c1 + c2 == 0 and (c1 or c2):
        c0, c1, c2 = -c1 - c2, -c2, Fraction(0)  # (c0 + c1 x + c2 x^2) / (x - 1), up to sign
    if c2 == 0:
        roots = [float(-c0 / c1)] if c1 else []
    else:
        inside = c1 * c1 - 4 * c2 * c0
        root = math.sqrt(inside) if inside >= 0 else math.nan
        roots = [(float(-c1) + sign * root) / float(2 * c2) for sign in (-1, 1)]
    return [root for root in roots if 0 < root < 1]


def _policies(model: Sequence[Sequence[Choice]]) -> Iterator[tuple[Choice, Choice]]:
    return itertools.product(*model)  # type: ignore[return-value]


def blackwell_discount(model: Sequence[Sequence[Choice]]) -> float:
    """Return a discount above which the optimal policies of a two-state model are always the same."""
    pairs = itertools.combinations(_policies(model), 2)
    polynomials = (_sign_polynomial(*pair, state) for pair in pairs for state in (0, 1))
    return max(itertools.chain.from_iterable(map(_roots_below_one, polynomials)), default=0.0)


def _optimal(model: Sequence[Sequence[Choice]], gamma: Fraction) -> frozenset[tuple[Choice, Choice]]:
    values = {policy: _values(*policy, gamma) for policy in _policies(model)}
    best = tuple(max(value[state] for value in values.values()) for state in (0, 1))
    return frozenset(policy for policy, value in values.items() if value == best)


def _distinct_optima(model: Sequence[Sequence[Choice]], above: float) -> Check:
    """How many different sets of optimal policies there are at discounts spread over (above, 1)."""
    start = Fraction(above)
    discounts = [start + (1 - start) * Fraction(share) for share in (0.01, 0.25, 0.5, 0.75, 0.99, 0.9999)]
    return Check(len({_optimal(model, gamma) for gamma in discounts}), 1)


blackwell = Theorem(
    name="blackwell",
    statement=(
        r"There is $\gamma_B < 1$ such that the set of optimal policies is the same for all "
        r"$\gamma \in (\gamma_B, 1)$: differences of values are rational in $\gamma$, with finitely many roots."
    ),
    source="blackwell1962, Theorem 5",
    assumptions=(
        r"tested for two states with rational data; $\gamma_B$ is the largest root below 1 of any difference, and the "
        r"sets are compared in exact arithmetic"
    ),
    instances=st.tuples(st.tuples(CHOICES, CHOICES), st.tuples(CHOICES, CHOICES)).map(lambda model: (model,))
    | st.just(((SHORT_OR_LONG, (NOTHING, NOTHING)),)),
    check=lambda model: _distinct_optima(model, above=blackwell_discount(model)),
    refutable=lambda model: _distinct_optima(model, above=0.0),  # false: for all discounts
)

THEOREMS = (blackwell,)
