"""Models in which news travels slowly, solved in the way that suits how their states hang together (`order`)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from rltheory.models import MDP
from rltheory.planning.acyclic import acyclic_value
from rltheory.planning.approximate_evaluation import by_elimination, by_krylov
from rltheory.planning.enclosure import certify
from rltheory.planning.gauss_seidel import in_place
from rltheory.planning.order import level_order, renumbered, spread
from rltheory.planning.solution import Progress, Solution

_CHEAP_ELIMINATION = 1e8


def solve_slow(mdp: MDP, *, tol: float, progress: Progress | None) -> Solution:
    """Solve a discounted model whose chains mix slowly; the method says why it was chosen.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    tol : float
        Accuracy of the answer, in reward units.
    progress : callable or None
        Called after each round as ``progress(round, width)``.

    Returns
    -------
    Solution
        By `acyclic_value` if no way leads back; else by Gauss-Seidel policy iteration, in the given order if states
        lead to near numbers, else in that of reverse Cuthill and McKee, in a copy of the model.
    """
    width, local = spread(mdp)
    if local:
        return _in_place(mdp, width, tol=tol, progress=progress, reason="its states lead to near ones")
    v = acyclic_value(mdp)
    if v is not None:
        method = "values in order, chosen because chains mix slowly and no way leads back to a state"
        return certify(mdp, v, tol=tol, history=[], method=method, limited=False)
    order = level_order(mdp)
    model = renumbered(mdp, order)
    width, local = spread(model)
    if not local:
        return _in_place(mdp, mdp.n_states, tol=tol, progress=progress, reason="no order of its states is better")
    reason = "its states lead to near ones once they are renumbered"
    return _restored(_in_place(model, width, tol=tol, progress=progress, reason=reason), mdp, order)


def _in_place(mdp: MDP, width: int, *, tol: float, progress: Progress | None, reason: str) -> Solution:
    """Solve by Gauss-Seidel policy iteration in the order of the states."""
    cheap = mdp.n_states * (width + 1.0) ** 2 <= _CHEAP_ELIMINATION
    solver = "banded elimination" if cheap else "BiCGSTAB"
    return in_place(
        mdp,
        tol=tol,
        limit=None,
        progress=progress,
        evaluate=by_elimination(mdp, width) if cheap else by_krylov(mdp),
        method=f"Gauss-Seidel policy iteration with {solver}, chosen because chains mix slowly and {reason}",
    )


def _restored(solution: Solution, mdp: MDP, order: np.ndarray) -> Solution:
    """Return the answer for the model before its states were renumbered."""
    place = np.argsort(order)
    fields = {name: getattr(solution, name)[place] for name in ("value", "policy", "lower", "upper")}
    return replace(solution, model=mdp, **fields)
