"""`solve`: the one function that chooses the robust algorithm by the kind of model."""

from __future__ import annotations

from rltheory.models import MDP
from rltheory.robust.backward_induction import robust_backward_induction
from rltheory.robust.divergences import Divergence
from rltheory.robust.solution import Model, RobustSolution
from rltheory.robust.value_iteration import robust_value_iteration

_EVALUATION_SWEEPS = 20


def solve(model: Model, divergence: Divergence, *, tol: float = 1e-8) -> RobustSolution:
    """Solve a model whose kernel may be wrong by as much as a divergence says.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or LinearMDP
        Nature moves each row of an `MDP` (discounted, modified policy iteration) and of a `FiniteHorizonMDP` (backward
        induction), and each factor of a `LinearMDP` (backward induction).
    divergence : TV, KL, ChiSquare, CressieRead, L1 or LInf
        With a weight ``lam`` or a radius ``rho``, one number or one for each row or factor.
    tol : float
        Accuracy of the answer in reward units; a finite horizon is exact up to rounding.

    Returns
    -------
    RobustSolution

    Raises
    ------
    CriterionError
        If an MDP's ``gamma`` is 1: set a horizon, or a discount.
    ModelError
        If ``tol`` is not positive, or the parameters do not fit the model.

    Warns
    -----
    ConvergenceWarning
        If the gap reached is larger than ``tol``.

    Examples
    --------
    >>> import mdps
    >>> from rltheory import robust
    >>> from rltheory.robust.solve import solve
    >>> round(solve(mdps.robust_walk(), robust.TV(lam=1.0)).start_value, 6)
    0.9995
    """
    if isinstance(model, MDP):
        return robust_value_iteration(model, divergence, tol=tol, evaluation_sweeps=_EVALUATION_SWEEPS)
    return robust_backward_induction(model, divergence)
