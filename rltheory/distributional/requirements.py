r"""What dynamic programming asks of a functional, and what to use where it does not get it.

On states with stock, with :math:`F_K \eta(s, c) = K(c + G(s, c))`, the step that everything rests on is monotonicity:
if :math:`F_K \eta \ge F_K \eta'` everywhere then :math:`F_K T_\pi \eta \ge F_K T_\pi \eta'` for every policy. Since
:math:`c + R + \gamma G = \gamma (c' + G')`, it follows from indifference to mixtures (over actions, rewards and next
states) and then to the discount; and it fails if either does: give the nodes of a lottery two laws each, or put a step
without reward before a choice (Pires et al. 2025). In absolute bookkeeping K is asked about :math:`c_0 + G` at every
step, and indifference to mixtures is enough.
"""

from __future__ import annotations

from typing import Literal

from rltheory.distributional.functional import Functional
from rltheory.models import CriterionError, ModelError, OutcomeModel

Convention = Literal["rescaled", "absolute"]

_INSTEAD = {
    "CVaR": "maximise_cvar, which searches for the right initial stock",
    "OptimisticCVaR": "maximise_optimistic_cvar",
    "OptimisedCertaintyEquivalent": "maximise_oce, which searches for the right initial stock",
    "LowerQuantile": 'maximise_value_at_risk(side="lower")',
    "ValueAtRisk": "maximise_value_at_risk",
    "Spectral": "maximise_spectral, or maximise_cvar for one level",
    "EVaR": "maximise_evar",
    "Variance": "maximise_variance, a convex program over the laws that policies achieve",
    "NegativeWasserstein": "minimise_wasserstein, a linear program over the laws that policies achieve",
    "NegativeCramer": "minimise_cramer, a convex program over the laws that policies achieve",
}
_OTHERWISE = (
    "maximise_cvar for CVaR, maximise_value_at_risk for quantiles, or an occupancy program (minimise_wasserstein,"
    " minimise_cramer, maximise_variance, maximise_concave) for distances to a law and functionals concave in the law"
)


def missing_axiom(functional: Functional, gamma: float, convention: Convention) -> str | None:
    """Say why dynamic programming with stock may miss the optimum of a functional, and what to use instead.

    Parameters
    ----------
    functional : Functional
        What is to be maximised.
    gamma : float
        Discount of the model.
    convention : {"rescaled", "absolute"}
        Bookkeeping of the stock.

    Returns
    -------
    str or None
        None if it does not: the functional has the axioms.
    """
    if not functional.axioms.indifferent_to_mixtures:
        return (
            f"{functional!r} is not indifferent to mixtures: what is best at every node need not be best at the start,"
            f" and dynamic programming may miss the optimum. Use {_INSTEAD.get(type(functional).__name__, _OTHERWISE)};"
            " unproven=True runs it all the same"
        )
    if convention == "rescaled" and not functional.indifferent_to_discount(gamma):
        return (
            f"{functional!r} is not indifferent to the discount {gamma:g}: it may prefer X to Y and gamma Y to gamma X,"
            ' so that a step without reward turns the choice around. Use convention="absolute", which keeps the stock'
            " in units of step 0 (maximise_utility does so for utilities); unproven=True runs it all the same"
        )
    return None


def require_lipschitz(functional: Functional, spread: float) -> float:
    """Return the Lipschitz constant of a functional, and refuse one that has none.

    Parameters
    ----------
    functional : Functional
        What is to be maximised.
    spread : float
        Length of the range of returns, in reward units.

    Returns
    -------
    float
        In units of the functional per reward unit.

    Raises
    ------
    CriterionError
        If it is infinite.
    """
    constant = functional.lipschitz(spread)
    if not constant < float("inf"):
        raise CriterionError(
            f"{functional!r} is not Lipschitz in w_1: what is far away may decide, however heavily it is discounted,"
            " and no number of sweeps proves anything. Give a horizon H"
        )
    return float(constant)


def require_bookkeeping(model: OutcomeModel, H: int | None, convention: Convention) -> None:
    """Refuse a discount that a horizon or a bookkeeping does not allow.

    Raises
    ------
    CriterionError
        If gamma is 1 without a horizon, or 0 with rescaled stock, which is divided by it.
    ModelError
        If the convention is unknown.
    """
    if convention not in ("rescaled", "absolute"):
        raise ModelError(f"convention is {convention!r}; it is 'rescaled' or 'absolute'")
    if H is None and model.gamma == 1:
        raise CriterionError("gamma is 1 and there is no horizon: give H, the number of steps")
    if convention == "rescaled" and model.gamma == 0 and H != 1:
        raise CriterionError(
            'gamma is 0, and the stock c\' = (c + r) / gamma is not defined; use convention="absolute", or H=1'
        )
