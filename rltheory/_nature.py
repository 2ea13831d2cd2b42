"""What the command asks when the model may be wrong, and what nature then does where episodes begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, CriterionError, LinearMDP

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from rltheory.robust import Divergence, RobustSolution
    from rltheory.robust.solution import Model

_ROUNDING = 1e-12
"""A probability that changes by less has been rounded, not moved."""


def divergence_of(name: str, *, lam: float | None, rho: float | None) -> Divergence:
    """Return the divergence that ``--robust`` names, with its weight or radius.

    Parameters
    ----------
    name : {"tv", "kl", "chi2", "l1", "linf"}
    lam, rho : float, optional
        Weight of a penalty, or radius of a ball.

    Returns
    -------
    Divergence

    Raises
    ------
    ModelError
        If not exactly one of the two is given, or the divergence has no such form.

    Examples
    --------
    >>> divergence_of("chi2", lam=None, rho=0.5)
    ChiSquare(rho=0.5)
    """
    from rltheory import robust

    families = {"tv": robust.TV, "kl": robust.KL, "chi2": robust.ChiSquare, "l1": robust.L1, "linf": robust.LInf}
    return families[name](lam=lam, rho=rho)


def robust_answer(
    model: Model, divergence: Divergence, rectangular: str | None, *, tol: float
) -> tuple[Model, RobustSolution, str]:
    """Solve a model against nature.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or LinearMDP
    divergence : Divergence
        What nature may do, everywhere the same.
    rectangular : {"sa", "s", "d"}, optional
        What nature moves on its own: each row, the rows of a state together, or each factor, which is the default for a
        linear model; for others it is each row.
    tol : float
        Accuracy of the answer of a discounted model.

    Returns
    -------
    model : MDP, FiniteHorizonMDP or LinearMDP
        What was solved: a linear model without its features, if nature moves rows.
    solution : RobustSolution
    rectangular : str
        What nature moved.

    Raises
    ------
    CriterionError
        If factors are to be moved of a model that has none.
    ModelError
        As the solvers do.
    """
    from rltheory import robust

    if isinstance(model, LinearMDP):
        if rectangular in (None, "d"):
            return model, robust.solve(model, divergence, tol=tol), "d"
        model = model.to_finite_horizon()
    if rectangular == "d":
        raise CriterionError(
            "--rectangular d moves the factors of a linear model, and this one has none; ask for sa or s"
        )
    if rectangular == "s":
        return model, robust.s_rectangular_value_iteration(model, divergence, tol=tol), "s"
    return model, robust.solve(model, divergence, tol=tol), "sa"


def moves(model: Model, solution: RobustSolution, rectangular: str) -> list[dict[str, Any]]:
    """Return the transitions of the first step that nature changes, in the states where episodes begin.

    Parameters
    ----------
    model, solution, rectangular
        As `robust_answer` returns them.

    Returns
    -------
    list of dict
        With the indices ``state, action, next_state`` and the probabilities ``nominal, worst``; for each start state
        and each action that the policy takes there. Of a linear model the rows that the worst factors make.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, mu=0)
    >>> moves(*robust_answer(coin, divergence_of("tv", lam=None, rho=0.25), None, tol=1e-8))[0]
    {'state': 0, 'action': 0, 'next_state': 0, 'nominal': 0.5, 'worst': 0.75}
    """
    if not isinstance(model, MDP) and model.H == 0:
        return []
    policy = solution.policy if isinstance(model, MDP) else solution.policy[0]
    played = [(s, a) for s in np.flatnonzero(model.mu).tolist() for a in _taken(policy[s])]
    pairs = np.array([model.pair_start[s] + a for s, a in played])
    nominal = _nominal_rows(model)[pairs]
    worst = _worst_rows(model, solution, rectangular, pairs, nominal)
    change = (worst - nominal).tocsr()
    change.sort_indices()
    found = []
    for row, (s, a) in enumerate(played):
        ends = slice(*change.indptr[row : row + 2])
        for s_next in change.indices[ends][np.abs(change.data[ends]) > _ROUNDING].tolist():
            found.append(
                {
                    "state": s,
                    "action": a,
                    "next_state": s_next,
                    "nominal": float(nominal[row, s_next]),
                    "worst": float(worst[row, s_next]),
                }
            )
    return found


def _taken(choice: Any) -> list[int]:
    """Return the actions that a policy takes in one state."""
    return [int(choice)] if np.ndim(choice) == 0 else np.flatnonzero(choice).tolist()


def _nominal_rows(model: Model) -> csr_array:
    """Return the rows of all pairs at the first step."""
    from scipy.sparse import csr_array

    if isinstance(model, MDP):
        return model.P
    return csr_array(model.kernel(0)) if isinstance(model, LinearMDP) else model.rows(0)


def _worst_rows(
    model: Model, solution: RobustSolution, rectangular: str, pairs: np.ndarray, nominal: csr_array
) -> csr_array:
    """Return what nature makes of some pairs at the first step."""
    from scipy.sparse import csr_array

    from rltheory import robust

    t = None if isinstance(model, MDP) else 0
    if isinstance(model, LinearMDP):
        return csr_array(model.phi[pairs] @ solution.worst_kernel(t))
    if rectangular == "s":
        return csr_array(solution.worst_kernel(t)[pairs])
    v = solution.value if t is None else solution.value[1]
    return robust.worst_case_kernels(solution.divergence, nominal, v)
