r"""Functionals that dynamic programming with stock cannot optimise, each with the smallest model that shows it.

Two constructions are behind all of them; they are why the axioms are necessary, and not only sufficient. *A choice in
a lottery*: half of the time the choice is between X and Y, else Z is paid. The node prefers X if K(X) > K(Y), and the
start Y if :math:`K(\tfrac12 Y + \tfrac12 Z) > K(\tfrac12 X + \tfrac12 Z)`. *A choice after a pause*: X or Y, after a
step without reward. The node compares X and Y, the start :math:`\gamma X` and :math:`\gamma Y`. The losses of the
table are computed by hand from these laws.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check.distributional._functionals import MinusVariance
from proofs_check.distributional.control import without_stock
from proofs_check.distributional.history import best_over_histories
from proofs_check.theorem import Check, Theorem
from rltheory.distributional import DiscreteLaw, mixture, risk
from rltheory.distributional.value_iteration import distributional_value_iteration
from rltheory.models import OutcomeModel

COIN = DiscreteLaw(np.array([-2.0, 2.0]))
CAPPED = risk.ExpectedUtility(partial(np.minimum, 1), name="min(x, 1)", slope=1.0)


def even(*atoms: float) -> DiscreteLaw:
    """Return the law of equally likely values."""
    return DiscreteLaw(np.array(atoms))


def choice_in_lottery(x: DiscreteLaw, y: DiscreteLaw, z: DiscreteLaw) -> OutcomeModel:
    """Return the model of two steps in which, with probability 1/2 each, one chooses between X and Y, or gets Z."""
    return OutcomeModel.from_lists(
        [
            [[(0.5, 1, 0.0), (0.5, 2, 0.0)]],
            [_pays(x), _pays(y)],
            [_pays(z)],
            [[(1.0, 3, 0.0)]],
        ],
        gamma=1.0,
        mu=0,
    )


def choice_after_pause(x: DiscreteLaw, y: DiscreteLaw, gamma: float = 0.5) -> OutcomeModel:
    """Return the model of two steps in which one chooses between X and Y after a step without reward."""
    return OutcomeModel.from_lists(
        [[[(1.0, 1, 0.0)]], [_pays(x, end=2), _pays(y, end=2)], [[(1.0, 2, 0.0)]]], gamma, mu=0
    )


def _pays(law: DiscreteLaw, end: int = 3) -> list[tuple[float, int, float]]:
    return [(p, end, x) for x, p in zip(law.atoms.tolist(), law.prob.tolist(), strict=True)]


def loss(model: OutcomeModel, functional: Any, H: int = 2, stock: float = 0.0) -> float:
    """Return by how much value iteration misses the best policy with a memory."""
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0, unproven=True)
    return best_over_histories(model, functional, H, 0, stock=stock) - found.value


# ------------------------------------------------------------------------------------------------------- necessity

MIXED: tuple[tuple[str, Any, tuple[DiscreteLaw, DiscreteLaw, DiscreteLaw], float], ...] = (
    ("cvar", risk.CVaR(0.5), (even(-1), COIN, even(2)), 1.0),
    ("median", risk.LowerQuantile(0.5), (even(-1), COIN, even(2)), 3.0),
    ("variance", risk.Variance(), (even(-2, -1), even(2), even(-2)), 4 - 3 / 16),
    ("small-variance", MinusVariance(), (even(-2), even(1, 2), even(2)), 4 - 3 / 16),
    ("mean-variance", risk.MeanVariance(1.0), (even(2), even(-1), even(-2)), 9 / 4),
    ("cramer", risk.NegativeCramer(even(0)), (even(-2, -1), even(2), even(-2)), 9 / 16),
    ("wasserstein", risk.NegativeWasserstein(COIN), (even(-2, 0), even(2), even(-2)), 3 / 2),
)
"""Name, functional, the laws X, Y, Z of a lottery, and the loss."""

PAUSED: tuple[tuple[str, Any, tuple[DiscreteLaw, DiscreteLaw], float], ...] = (
    ("exponential", risk.ExpectedUtility.exponential(1.0), (even(0), even(-1, 4)), 1 - (np.exp(0.5) + np.exp(-2)) / 2),
    ("off-centre-square", risk.ExpectedUtility.quadratic(1.0), (even(1), even(2)), 1 / 4),
    ("cap", CAPPED, (even(1), even(0, 2, 2, 2)), 1 / 4),
)
"""Name, functional, the laws X, Y of a choice after a pause with discount 1/2, and the loss."""

_SMALL = st.lists(st.integers(-2, 2), min_size=1, max_size=2).map(lambda atoms: even(*map(float, atoms)))


def _lottery_loss(functional: Any, laws: tuple[DiscreteLaw, DiscreteLaw, DiscreteLaw]) -> Check:
    x, y = sorted(laws[:2], key=functional, reverse=True)
    reversal = functional(mixture([y, laws[2]], [0.5, 0.5])) - functional(mixture([x, laws[2]], [0.5, 0.5]))
    return Check.equal(loss(choice_in_lottery(x, y, laws[2]), functional), max(reversal, 0.0))


mixtures_are_needed = Theorem(
    name="mixture-indifference-is-needed",
    statement=(
        r"If $K(X) > K(Y)$ but $K(\frac12 Y + \frac12 Z) - K(\frac12 X + \frac12 Z) = d > 0$, value iteration loses "
        r"$d$ where half of the time the choice is between X and Y, and Z is paid otherwise."
    ),
    source="pires2025; derived here",
    assumptions=r"any functional $K$, $\gamma = 1$; no loss if there is no such reversal",
    instances=st.sampled_from(MIXED).flatmap(
        lambda row: st.tuples(st.just(row[1]), st.just(row[2]) | st.tuples(_SMALL, _SMALL, _SMALL))
    ),
    check=_lottery_loss,
    refutable=lambda functional, laws: Check.equal(loss(choice_in_lottery(*laws), functional), 0.0),  # false: optimal
)


def _pause_loss(functional: Any, laws: tuple[DiscreteLaw, DiscreteLaw]) -> Check:
    x, y = sorted(laws, key=functional, reverse=True)
    reversal = functional(y.scale(0.5)) - functional(x.scale(0.5))
    return Check.equal(loss(choice_after_pause(x, y), functional), max(reversal, 0.0))


discount_is_needed = Theorem(
    name="discount-indifference-is-needed",
    statement=(
        r"If $K(X) > K(Y)$ but $K(\gamma Y) - K(\gamma X) = d > 0$, value iteration with rescaled stock loses $d$ "
        r"where the choice between X and Y comes after a step without reward."
    ),
    source="pires2025; derived here",
    assumptions=r"any functional $K$; tested at $\gamma = \frac12$",
    instances=st.sampled_from(PAUSED).flatmap(
        lambda row: st.tuples(st.just(row[1]), st.just(row[2]) | st.tuples(_SMALL, _SMALL))
    ),
    check=_pause_loss,
    refutable=lambda functional, laws: Check.equal(loss(choice_after_pause(*laws), functional), 0.0),  # false: optimal
)


# ------------------------------------------------------------------------------------------------------- the table


def _fails(name: str, functional: Any, model: OutcomeModel, by: float, why: str) -> Theorem:
    """Return the theorem that value iteration with a functional misses the best policy of a model by so much."""

    def misses(instance: OutcomeModel) -> Check:
        return Check(by, loss(instance, functional))

    return Theorem(
        name=f"value-iteration-fails-for-{name}",
        statement=f"Value iteration with stock, run for this functional, misses the best policy by {by:.6g}.",
        source="derived here",
        assumptions=f"{functional!r}, {why}: two steps, one choice",
        instances=st.just(model),
        check=misses,
        refutable=lambda instance: Check(loss(instance, functional), 0.0),  # false: it is optimal
        tight=lambda: misses(model),
        tight_ratio=0.999999,
        attained_by="The model itself",
    )


STOCK_MATTERS = OutcomeModel.from_lists(
    [
        [[(0.5, 1, -2.0), (0.5, 1, 2.0)]],
        [[(1.0, 2, 0.0)], [(0.5, 2, -1.0), (0.5, 2, 2.0)]],
        [[(1.0, 2, 0.0)]],
    ],
    gamma=1.0,
    mu=0,
)
"""A bet on 2; then one may stop, or bet once more: on 2 against 1. Only who has lost should."""


def _blind(model: OutcomeModel) -> Check:
    best = best_over_histories(model, risk.ExpectedUtility.shortfall(), 2, 0)
    return Check(1 / 4, best - without_stock(model, risk.ExpectedUtility.shortfall(), 2, 0.0))


def _aware(model: OutcomeModel) -> Check:
    best = best_over_histories(model, risk.ExpectedUtility.shortfall(), 2, 0)
    return Check(best - without_stock(model, risk.ExpectedUtility.shortfall(), 2, 0.0), 0.0)


stock_is_needed = Theorem(
    name="stock-is-needed",
    statement=r"Without stock, value iteration for $E \min(G, 0)$ misses the best policy of a model by $\frac14$.",
    source="marthe2023; the model derived here",
    assumptions=r"$\gamma = 1$, where only affine and exponential utilities are optimised without stock",
    instances=st.just(STOCK_MATTERS),
    check=_blind,
    refutable=_aware,  # false: it is optimal
    tight=lambda: _blind(STOCK_MATTERS),
    tight_ratio=0.999999,
    attained_by="A lottery whose outcome decides what is best after it",
)

THEOREMS = (
    mixtures_are_needed,
    discount_is_needed,
    *(
        _fails(name, functional, choice_in_lottery(*laws), by, "which is not indifferent to mixtures")
        for name, functional, laws, by in MIXED
    ),
    *(
        _fails(name, functional, choice_after_pause(*laws), by, r"which is not indifferent to the discount $\frac12$")
        for name, functional, laws, by in PAUSED
    ),
    stock_is_needed,
)
