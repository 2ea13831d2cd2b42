r"""Quantile evaluation: the law of the return as m equal atoms, which go where they are needed.

A step makes of each state's atoms a law with many; the projection :math:`\Pi_Q` puts 1/m of mass at each of its
quantiles of level :math:`\tau_i = (2i - 1) / (2m)`, i = 1..m (the smallest y with :math:`P(G \le y) \ge \tau_i`). No m
equal atoms are closer in :math:`w_1`, and no support has to be chosen. :math:`\Pi_Q T_\pi` is a contraction by
:math:`\gamma` in :math:`\bar w_\infty` (Dabney, Rowland, Bellemare and Munos 2018), so that the iteration ends, and
with R the largest difference of returns from one state

.. math:: \bar w_1(\eta_Q, \eta^\pi) \le \frac{R}{2 m (1 - \gamma)} .

But the projection may take two laws further apart in :math:`w_1`, the mean is not kept, and what happens with a
probability below 1/(2m) may not be seen at all: there is no bound in :math:`w_\infty`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numba import njit

from rltheory.distributional.bounds import evaluation as bounds
from rltheory.distributional.chain import OutcomeChain, outcome_chain, require_discount
from rltheory.distributional.law import LEVEL_TOLERANCE
from rltheory.distributional.return_laws import ReturnLaws, accumulated, reached_status, rounding_error
from rltheory.models import ModelError, OutcomeModel
from rltheory.models import _validation as valid
from rltheory.planning.linear_systems import solve_policy_system
from rltheory.planning.memory import require_memory
from rltheory.planning.solution import Status
from rltheory.planning.threads import cut, on_each
from rltheory.planning.value_iteration import checked_tol


def quantile_evaluation(
    model: OutcomeModel,
    policy: Any,
    *,
    m: int = 201,
    H: int | None = None,
    tol: float = 1e-6,
    sweeps: int | None = None,
) -> ReturnLaws:
    r"""Compute the law of the return of a policy as m equal atoms, with a proven bound on the distance to the truth.

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1``, unless a horizon is given.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).
    m : int
        Number of atoms of each state.
    H : int, optional
        Number of steps; by default they never end.
    tol : float
        Without a horizon: how far in :math:`\bar w_\infty` the answer may be from the fixed point of projected steps,
        in reward units. How far that is from the truth depends on m.
    sweeps : int, optional
        Without a horizon: do exactly so many sweeps, whatever ``tol`` says. From 0 the answer is the mean.

    Returns
    -------
    ReturnLaws
        Its bounds account for the atoms, for the sweeps left out and for rounding.

    Raises
    ------
    ModelError
        If the policy does not fit the model, or ``m`` is less than 1.
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
    Dabney, Rowland, Bellemare and Munos (2018). The bound is `bounds.quantile_w1`.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.quantile_dp import quantile_evaluation
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> quantile_evaluation(coin, [0], m=3, tol=1e-12).support.round(8)
    array([[0.        , 0.66666667, 1.33333333]])
    """
    chain = outcome_chain(model, policy)
    if isinstance(m, bool) or not isinstance(m, (int, np.integer)) or m < 1:
        raise ModelError(f"m is {m!r}; it is a number of atoms, at least 1")
    require_memory(16.0 * chain.n_states * m, f"{m:,} atoms for each of {chain.n_states:,} states")
    if H is not None:
        return _over_horizon(chain, int(m), valid.checked_horizon(H))
    require_discount(chain)
    mean, _ = solve_policy_system(chain.transitions, chain.gamma, (chain.prob * chain.reward).sum(axis=1))
    atoms = np.repeat(mean[:, None], m, axis=1)
    if sweeps is not None:
        for _ in range(sweeps):
            atoms, _ = _step(chain, atoms)
        return _answer(chain, atoms, sweeps, Status.CONVERGED)
    before, (atoms, _), done = atoms, _step(chain, atoms), 1
    enough = bounds.sweeps_to_fixed_point(chain.gamma, checked_tol(tol), _furthest(atoms, before))
    while done < enough and bounds.distance_to_fixed_point(chain.gamma, _furthest(atoms, before)) > tol:
        before, (atoms, _) = atoms, _step(chain, atoms)
        done += 1
    status = reached_status(bounds.distance_to_fixed_point(chain.gamma, _furthest(atoms, before)), tol)
    return _answer(chain, atoms, done, status)


def _furthest(atoms: np.ndarray, before: np.ndarray) -> float:
    """Return the distance of two families of laws in w_inf."""
    return float(np.abs(atoms - before).max())


def _over_horizon(chain: OutcomeChain, m: int, H: int) -> ReturnLaws:
    """Return the laws over a horizon, with the errors of all steps added up."""
    P, atoms, w1 = chain.transitions, np.zeros((chain.n_states, m)), np.zeros(chain.n_states)
    for _ in range(H):
        atoms, moved = _step(chain, atoms)
        w1 = moved + rounding_error(chain, atoms) + chain.gamma * (P @ w1)
    return _laws(chain, atoms, w1, f"quantile evaluation over {H} steps", H, Status.CONVERGED)


def _answer(chain: OutcomeChain, atoms: np.ndarray, sweeps: int, status: Status) -> ReturnLaws:
    """Prove how far laws are from the truth, by what one more step would change, and would do wrong."""
    following, moved = _step(chain, atoms)
    change = np.abs(following - atoms).mean(axis=1)  # in w_1, since atoms are in order
    w1 = accumulated(chain, change + moved + rounding_error(chain, following))
    return _laws(chain, atoms, w1, "quantile evaluation", sweeps, status)


def _laws(
    chain: OutcomeChain, atoms: np.ndarray, w1: np.ndarray, method: str, sweeps: int, status: Status
) -> ReturnLaws:
    prob = np.broadcast_to(1 / atoms.shape[1], atoms.shape)
    return ReturnLaws(atoms, prob, w1, np.sqrt(w1), chain, method, sweeps, status)


def _step(chain: OutcomeChain, atoms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the atoms after a projected step, and a bound on what the projection moved, in w_1."""
    n_states, m = atoms.shape
    moved, swept = np.empty(n_states), np.empty_like(atoms)
    parts = cut(np.arange(n_states + 1) * chain.prob.shape[1] * m)
    on_each(parts, partial(_sweep, chain.prob, chain.next_state, chain.reward, chain.gamma, atoms, swept, moved))
    return swept, moved


@njit(cache=True, nogil=True)
def _sweep(prob, next_state, reward, gamma, atoms, swept, moved, first, last):  # type: ignore[no-untyped-def]
    """Merge the atoms of all outcomes, each in order, and read off the quantiles.

    Levels u are counted in slices of mass 1/m. With s(u) = -1 in the lower half of a slice and 1 in the upper, the
    projection moves int s(u) F^{-1}(u) du / m. The integral of s is -min(t, 1 - t), with t the fraction of u.
    """
    width, m = prob.shape[1], atoms.shape[1]
    head, value = np.empty(width, np.int64), np.empty(width)
    for s in range(first, last):
        for b in range(width):
            head[b] = 0
            value[b] = reward[s, b] + gamma * atoms[next_state[s, b], 0] if prob[s, b] > 0.0 else np.inf
        level, middle, i = 0.0, 0.5 - m * LEVEL_TOLERANCE, 0
        y, lowest, distance, within = 0.0, np.min(value), 0.0, 0.0
        while True:
            best = 0
            for b in range(1, width):
                best = b if value[b] < value[best] else best
            if value[best] == np.inf:
                break
            y = value[best]
            head[best] += 1
            at = min(head[best], m - 1)
            value[best] = reward[s, best] + gamma * atoms[next_state[s, best], at] if head[best] < m else np.inf
            level += prob[s, best]
            while i < m and level >= middle:
                swept[s, i] = y
                i, middle = i + 1, middle + 1.0
            before, fraction = within, level - np.floor(level)
            within = min(fraction, 1.0 - fraction)
            distance += y * (before - within)
        for k in range(i, m):
            swept[s, k] = y
        distance += y * within  # what rounding leaves of the last slice, where the integral of s is 0
        moved[s] = max(distance, 0.0) / m + 4.0 * (LEVEL_TOLERANCE + width * m * 2.0**-53) * (y - lowest)
