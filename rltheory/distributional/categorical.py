r"""Categorical evaluation: the law of the return on a fixed support, by projecting after every step.

On atoms :math:`z_1 < \dots < z_m` a law is m probabilities. A step puts mass at :math:`r + \gamma z_j`, between two
atoms, and the projection :math:`\Pi_C` shares it between them so that the mean is kept,

.. math::

   \delta_y \mapsto \frac{z_{i+1} - y}{z_{i+1} - z_i}\, \delta_{z_i} + \frac{y - z_i}{z_{i+1} - z_i}\, \delta_{z_{i+1}}.

:math:`\Pi_C T_\pi` is a contraction by :math:`\gamma` in :math:`\bar w_1` and by :math:`\sqrt\gamma` in
:math:`\bar\ell_2`, and its fixed point :math:`\eta_C` (Bellemare, Dabney and Munos 2017; Rowland, Bellemare, Dabney,
Munos and Teh 2018) has, for cells of at most :math:`\Delta`,

* the exact mean, and a variance that is too large by at most :math:`\Delta^2 / (4 (1 - \gamma^2))`;
* :math:`\bar w_1(\eta_C, \eta^\pi) \le \bar w_2(\eta_C, \eta^\pi) \le \Delta / (2 \sqrt{1 - \gamma^2})`, and
  :math:`\bar\ell_2^2(\eta_C, \eta^\pi) \le \Delta / (4 (1 - \gamma))`;
* every concave expected utility, and every CVaR, at most the true one: what is read off is a certified lower bound.

Which two atoms an outcome's mass goes to, and in which shares, is the same in every sweep and computed once. Iteration
begins with the exact means, each shared by two atoms: what it still has to find out, the shape, is forgotten faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory.distributional import supports
from rltheory.distributional.bounds import evaluation as bounds
from rltheory.distributional.chain import OutcomeChain, next_range, outcome_chain, require_discount, return_range
from rltheory.distributional.projected_step import ProjectedStep
from rltheory.distributional.return_laws import ReturnLaws, accumulated, reached_status
from rltheory.models import OutcomeModel
from rltheory.models import _validation as valid
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.memory import require_memory
from rltheory.planning.solution import Status
from rltheory.planning.value_iteration import checked_tol


def categorical_evaluation(
    model: OutcomeModel,
    policy: Any,
    *,
    support: Any = 201,
    H: int | None = None,
    tol: float = 1e-6,
    sweeps: int | None = None,
) -> ReturnLaws:
    r"""Compute the law of the return of a policy on a fixed support, with proven bounds on the distance to the truth.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1``, unless a horizon is given.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).
    support : int or array_like, shape (m,)
        A number of atoms for each state, evenly spaced over what its return can be (at each step to go, if there is a
        horizon); or increasing atoms that all share, in reward units.
    H : int, optional
        Number of steps; by default they never end.
    tol : float
        Without a horizon: how far in :math:`\bar w_1` the answer may be from the fixed point of projected steps, in
        reward units. How far that is from the truth depends on the support.
    sweeps : int, optional
        Without a horizon: do exactly so many sweeps, whatever ``tol`` says. From 0 the answer is the projected mean.

    Returns
    -------
    ReturnLaws
        Its ``w1_bound`` and ``cramer_bound`` account for the support, for the sweeps left out and for rounding.

    Raises
    ------
    ModelError
        If the policy does not fit the model, or mass would leave the support: nothing is clipped.
    CriterionError
        If ``gamma`` is 1 and there is no horizon.
    MemoryError
        If there is no room.

    Warns
    -----
    ConvergenceWarning
        If rounding ended the iteration before ``tol`` was reached.

    References
    ----------
    Bellemare, Dabney and Munos (2017); Rowland, Bellemare, Dabney, Munos and Teh (2018). The bounds are derived in
    `bounds`.

    Examples
    --------
    A fair coin, discounted by a half: the return is uniform on [0, 2], and so is the answer on each cell.

    >>> import rltheory as rl
    >>> from rltheory.distributional.categorical import categorical_evaluation
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> categorical_evaluation(coin, [0], support=5, tol=1e-12).prob.round(9)
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    """
    chain, atoms = outcome_chain(model, policy), supports.checked_support(support)
    if H is not None:
        return _over_horizon(chain, atoms, valid.checked_horizon(H))
    step, law = _stationary(chain, atoms)
    if sweeps is not None:
        for _ in range(sweeps):
            law, _ = step(law)
        return _answer(chain, step, law, sweeps, Status.CONVERGED)
    law, change = step(law)
    enough, done = bounds.sweeps_to_fixed_point(chain.gamma, checked_tol(tol), change.max()), 1
    while done < enough and bounds.distance_to_fixed_point(chain.gamma, change.max()) > tol:
        law, change = step(law)
        done += 1
    status = reached_status(bounds.distance_to_fixed_point(chain.gamma, change.max()), tol)
    return _answer(chain, step, law, done, status)


def categorical_fixed_point(model: OutcomeModel, policy: Any, *, support: Any = 51) -> ReturnLaws:
    r"""Solve for the fixed point of projected steps, which are linear in the probabilities.

    The unknowns are the distribution functions on the cells, :math:`F_s(i) = P(G_s \le z_i)`, n_states (m - 1) in all,

    .. math:: F_s(i) = \sum_b p_b \sum_j \Big( h_i(y_{bj}) - h_i(y_{b,j+1}) \Big) F_{s'_b}(j) + \text{constant},
              \qquad y_{bj} = r_b + \gamma z_j,

    where :math:`h_i(y)` is the share of a mass at y that is projected to atoms up to i. In the probabilities themselves
    the system would be singular, because mass is conserved. It is solved by dense elimination: for a few thousand
    unknowns this takes seconds, and then `categorical_evaluation` is the way.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1``.
    policy : array_like
        As for `categorical_evaluation`.
    support : int or array_like, shape (m,)
        As for `categorical_evaluation`.

    Returns
    -------
    ReturnLaws

    Raises
    ------
    ModelError, CriterionError, MemoryError
        As for `categorical_evaluation`.

    References
    ----------
    Rowland, Wenliang, Munos, Lyle, Tang and Dabney (2024), for the use of the linear system.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.categorical import categorical_fixed_point
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> categorical_fixed_point(coin, [0], support=5).prob.round(9)
    array([[0.125, 0.25 , 0.25 , 0.25 , 0.125]])
    """
    chain = outcome_chain(model, policy)
    step, law = _stationary(chain, supports.checked_support(support))
    cells = law.shape[1] - 1
    unknowns = chain.n_states * cells
    require_memory(16.0 * unknowns**2, f"a system of {unknowns:,} unknowns", remedy="use categorical_evaluation")
    matrix, constant = np.eye(unknowns), np.zeros(unknowns)
    for s, b in np.argwhere(chain.prob > 0):
        # Shares of mass that get to atoms up to i, for each atom that the outcome starts from.
        shares = np.clip(np.arange(1, cells + 1)[:, None] - step.positions(s, b), 0.0, 1.0)
        rows, columns = (slice(k * cells, (k + 1) * cells) for k in (s, chain.next_state[s, b]))
        matrix[rows, columns] -= chain.prob[s, b] * (shares[:, :-1] - shares[:, 1:])
        constant[rows] += chain.prob[s, b] * shares[:, -1]
    try:
        F = np.linalg.solve(matrix, constant).reshape(chain.n_states, cells)
    except np.linalg.LinAlgError:
        # Atoms of a return that is sure may differ by rounding only: any share of them is a fixed point then.
        F = np.linalg.lstsq(matrix, constant)[0].reshape(chain.n_states, cells)
    F = np.maximum.accumulate(np.clip(F, 0.0, 1.0), axis=1)  # rounding may let it fall
    law = np.diff(F, axis=1, prepend=0.0, append=1.0)
    return _answer(chain, step, law, 0, Status.CONVERGED, method="the linear system of categorical evaluation")


def _stationary(chain: OutcomeChain, atoms: int | np.ndarray) -> tuple[ProjectedStep, np.ndarray]:
    """Return the step that is repeated, and the exact means, each shared by its two atoms."""
    require_discount(chain)
    if isinstance(atoms, int):
        support, slipped = supports.even_support(*return_range(chain), atoms), None
    else:
        support, slipped = np.repeat(atoms[None], chain.n_states, axis=0), supports.require_inside(chain, atoms)
    mean, _ = solve_policy_system(chain.transitions, chain.gamma, (chain.prob * chain.reward).sum(axis=1))
    return ProjectedStep(chain, support, support, slipped), _shared(mean, support)


def _over_horizon(chain: OutcomeChain, atoms: int | np.ndarray, H: int) -> ReturnLaws:
    """Return the laws over a horizon, with the errors of all steps added up."""
    m, slipped = (atoms, None) if isinstance(atoms, int) else (atoms.size, supports.require_inside(chain, atoms, H))
    lowest = highest = np.zeros(chain.n_states)
    support, law = np.zeros((chain.n_states, m)), np.eye(1, m).repeat(chain.n_states, axis=0)
    P, rounding = chain.transitions, 0.0
    w1 = variance = squared = np.zeros(chain.n_states)
    for _ in range(H):
        lowest, highest = next_range(chain, lowest, highest)
        if isinstance(atoms, int):
            target = supports.even_support(lowest, highest, m)
        else:
            target = np.repeat(atoms[None], chain.n_states, axis=0)
        step = ProjectedStep(chain, support, target, slipped)
        moved, spread = step.errors(law)
        variance = step.added_variance(spread, np.full(chain.n_states, rounding)) + chain.gamma**2 * (P @ variance)
        w1 = moved + step.rounding + chain.gamma * (P @ w1)
        squared = step.cells / 4 + chain.gamma * (P @ squared)
        rounding = step.rounding + chain.gamma * rounding
        law, support = step(law)[0], target
    w1 = np.minimum(w1, np.sqrt(variance) + rounding)
    cramer = np.minimum(np.sqrt(w1), np.sqrt(squared) + rounding**0.5)
    law = law / law.sum(axis=1, keepdims=True)
    return ReturnLaws(support, law, w1, cramer, chain, f"categorical evaluation over {H} steps", H)


def _answer(
    chain: OutcomeChain,
    step: ProjectedStep,
    law: np.ndarray,
    sweeps: int,
    status: Status,
    method: str = "categorical evaluation",
) -> ReturnLaws:
    """Prove how far laws are from the truth, by what one more step would change, and would do wrong."""
    law = law / law.sum(axis=1, keepdims=True)  # rounding adds up over many sweeps
    _, change = step(law)
    moved, spread = step.errors(law)
    unfinished = accumulated(chain, change + step.rounding)
    variance = accumulated(chain, step.added_variance(spread, unfinished), power=2)
    w1 = np.minimum(accumulated(chain, change + step.rounding + moved), np.sqrt(variance) + unfinished)
    squared = accumulated(chain, step.cells / 4)
    cramer = np.minimum(np.sqrt(w1), np.sqrt(squared) + np.sqrt(unfinished))
    return ReturnLaws(step.target, law, w1, cramer, chain, method, sweeps, status)


def _shared(values: np.ndarray, support: np.ndarray) -> np.ndarray:
    """Return one number a state as a law on its atoms: the mass of each is shared by the two around it."""
    law, state = np.zeros(support.shape), np.arange(values.size)
    low = np.clip((support <= values[:, None]).sum(axis=1) - 1, 0, support.shape[1] - 2)
    start, end = support[state, low], support[state, low + 1]
    weight = np.clip((values - start) / np.where(end > start, end - start, 1.0), 0.0, 1.0)
    law[state, low], law[state, low + 1] = 1 - weight, weight
    return law
