r"""How algorithms that improve a policy again and again come near its value in between.

They solve :math:`(I - \gamma P_\pi) v = r_\pi` no better than the next improvement can make use of: by a few rounds of
BiCGSTAB (`krylov`), which are taken only if they made the residual smaller, else by sweeps in place; or by elimination,
where the states are in line.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit

from rltheory.models import MDP
from rltheory.planning.krylov import VECTORS, corrected
from rltheory.planning.pace import steps_at_once
from rltheory.planning.policy_system import PolicySystem, fill, residual, room_for_systems

_KRYLOV_ROUNDS = 200
_REDUCTION = 0.01
_SWEEPS = 300
_ONE = np.uint64(1)

Evaluate = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""From a policy, a guess of its value and a residual that is small enough, to a better guess."""


def by_krylov(mdp: MDP) -> Evaluate:
    """Return the evaluation by BiCGSTAB, or where that did not help by sweeps."""
    system, room = room_for_systems(mdp), np.empty((VECTORS, mdp.n_states))

    def evaluate(policy: np.ndarray, v: np.ndarray, enough: float) -> np.ndarray:
        fill(system, mdp, policy)
        before = _residual(system, v, room)
        if before <= enough:
            return v
        better, _ = corrected(system, v, room, reduction=_REDUCTION, rounds=_KRYLOV_ROUNDS, enough=enough)
        if _residual(system, better, room) < before:
            return better
        _swept(system, v, max(_REDUCTION * before, enough))
        return v

    return evaluate


def by_elimination(mdp: MDP, width: int) -> Evaluate:
    """Return the evaluation by LU of a matrix whose entries are within ``width`` places of the diagonal."""
    from scipy.linalg import solve_banded

    system = room_for_systems(mdp)

    def evaluate(policy: np.ndarray, v: np.ndarray, enough: float) -> np.ndarray:
        fill(system, mdp, policy)
        start, columns = system.start.astype(np.int64), system.columns[: system.start[-1]].astype(np.int64)
        state = np.repeat(np.arange(mdp.n_states), np.diff(start))
        band = np.zeros((2 * width + 1, mdp.n_states))
        band[width] = 1.0
        band[width + state - columns, columns] = -system.weights[: columns.size]
        return solve_banded((width, width), band, system.b, overwrite_ab=True, check_finite=False)

    return evaluate


def _residual(system: PolicySystem, v: np.ndarray, room: np.ndarray) -> float:
    size = residual(system.start, system.columns, system.weights, system.b, v, room[0])
    return float(size) if np.isfinite(room[0]).all() else np.inf  # a maximum passes over what is not a number


def _swept(system: PolicySystem, v: np.ndarray, enough: float) -> None:
    """Sweep v to and fro, in place, until it changes by little, or for long enough."""
    at_once = steps_at_once(2 * system.work, most=_SWEEPS)
    for _ in range(0, _SWEEPS, at_once):
        if _sweeps(system.start, system.columns, system.weights, system.b, v, at_once, enough):
            break


@njit(cache=True, nogil=True)
def _sweeps(start, columns, weights, b, v, sweeps, enough):  # type: ignore[no-untyped-def]
    """Sweep v to and fro; return whether the last sweep changed it by no more than ``enough``."""
    n, change = np.uint64(b.size), np.inf
    for sweep in range(sweeps):
        change = 0.0
        for step in range(n):
            s = n - _ONE - step if sweep % 2 == 0 else step
            total = b[s]
            for k in range(np.uint64(start[s]), np.uint64(start[s + _ONE])):
                total += weights[k] * v[columns[k]]
            change = max(change, abs(total - v[s]))
            v[s] = total
        if change <= enough:
            return True
    return False
