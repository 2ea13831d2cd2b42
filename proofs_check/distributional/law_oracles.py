r"""Laws of the return and distances of laws, by their definitions: what the theorems of evaluation are held against.

A law is a pair of arrays, atoms in increasing order and their probabilities. Nothing here uses the package's own laws,
metrics, projections or evaluations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rltheory import OutcomeModel

Law = tuple[np.ndarray, np.ndarray]
Family = list[Law]
"""One law for each state."""

_CELLS = 1000
_SAME = 1e-12


def make_law(atoms: Any, prob: Any) -> Law:
    """Return a law with sorted atoms, those closer than 1e-12 in a row merged.

    Parameters
    ----------
    atoms, prob : array_like, shape (n,)

    Returns
    -------
    (ndarray, ndarray)
    """
    atoms, prob = np.asarray(atoms, dtype=float), np.asarray(prob, dtype=float)
    order = np.argsort(atoms, kind="stable")
    atoms, prob = atoms[order], prob[order]
    first = np.flatnonzero(np.diff(atoms, prepend=-np.inf) > _SAME)
    return atoms[first], np.add.reduceat(prob, first)


def differences(law: Law, other: Law) -> tuple[np.ndarray, np.ndarray]:
    """Return the lengths of the intervals between all atoms, and F - G on each.

    Parameters
    ----------
    law, other : (ndarray, ndarray)

    Returns
    -------
    (ndarray, ndarray)
    """
    places = np.union1d(law[0], other[0])
    F, G = (np.array([prob[atoms <= t].sum() for t in places]) for atoms, prob in (law, other))
    return np.diff(places), (F - G)[:-1]


def w1(law: Law, other: Law) -> float:
    """Return the integral of |F - G|.

    Parameters
    ----------
    law, other : (ndarray, ndarray)

    Returns
    -------
    float
    """
    length, difference = differences(law, other)
    return float(length @ np.abs(difference))


def cramer(law: Law, other: Law) -> float:
    """Return the square root of the integral of (F - G)^2.

    Parameters
    ----------
    law, other : (ndarray, ndarray)

    Returns
    -------
    float
    """
    length, difference = differences(law, other)
    return float(np.sqrt(length @ difference**2))


def kolmogorov(law: Law, other: Law) -> float:
    """Return the largest |F - G|.

    Parameters
    ----------
    law, other : (ndarray, ndarray)

    Returns
    -------
    float
    """
    return float(np.abs(differences(law, other)[1]).max(initial=0.0))


def wasserstein(law: Law, other: Law, p: float) -> float:
    """Return the norm of the difference of the quantile functions in L_p, by pairing off mass from the left.

    Parameters
    ----------
    law, other : (ndarray, ndarray)
    p : float
        At least 1; infinity is allowed.

    Returns
    -------
    float
    """
    (x, left), (y, right) = ((atoms, prob.copy()) for atoms, prob in (law, other))
    i, j, total, most = 0, 0, 0.0, 0.0
    while i < x.size and j < y.size:
        mass = min(left[i], right[j])
        if mass > _SAME:
            most = max(most, abs(x[i] - y[j]))
            total += mass * abs(x[i] - y[j]) ** p if p < np.inf else 0.0
        left[i], right[j] = left[i] - mass, right[j] - mass
        i, j = i + (left[i] <= _SAME), j + (right[j] <= _SAME)
    return float(most if p == np.inf else total ** (1 / p))


def mean(law: Law) -> float:
    """Return the expectation.

    Parameters
    ----------
    law : (ndarray, ndarray)

    Returns
    -------
    float
    """
    return float(law[1] @ law[0])


def cvar(law: Law, tau: float) -> float:
    """Return the mean of the worst tau of mass, by the maximum over b of b + E min(X - b, 0) / tau.

    Parameters
    ----------
    law : (ndarray, ndarray)
    tau : float
        In (0, 1].

    Returns
    -------
    float
    """
    atoms, prob = law
    return float(max(b + prob @ np.minimum(atoms - b, 0.0) / tau for b in atoms))


def hat_projection(law: Law, grid: np.ndarray) -> Law:
    """Share each mass between the two points of the grid around it: point i gets what its hat function says.

    Parameters
    ----------
    law : (ndarray, ndarray)
    grid : ndarray, shape (m,)
        Increasing; it covers the law.

    Returns
    -------
    (ndarray, ndarray)
    """
    return grid, np.array([np.interp(law[0], grid, hat) @ law[1] for hat in np.eye(grid.size)])


def quantile_projection(law: Law, m: int) -> Law:
    """Put mass 1/m at each of the m quantiles of the middle levels.

    Parameters
    ----------
    law : (ndarray, ndarray)
    m : int

    Returns
    -------
    (ndarray, ndarray)
    """
    levels = (2 * np.arange(1, m + 1) - 1) / (2 * m)
    reached = np.cumsum(law[1])[None] >= levels[:, None] - _SAME
    return make_law(law[0][np.argmax(reached, axis=1)], np.full(m, 1 / m))


def choices(model: OutcomeModel, policy: np.ndarray, s: int) -> list[tuple[float, int, float]]:
    """Return the outcomes (probability, next state, reward) of a state under a policy.

    Parameters
    ----------
    model : OutcomeModel
    policy : ndarray, shape (n_states,) or (n_states, n_actions)
    s : int

    Returns
    -------
    list of (float, int, float)
    """
    found = []
    for a, row in enumerate(range(model.pair_start[s], model.pair_start[s + 1])):
        weight = float(policy[s] == a) if policy.ndim == 1 else float(policy[s, a])
        listed = zip(model.prob[row], model.next_state[row], model.reward[row], strict=True)
        found += [(weight * float(p), int(after), float(r)) for p, after, r in listed if weight * p > 0]
    return found


def backup(model: OutcomeModel, policy: np.ndarray, laws: Family) -> Family:
    """Return the laws of R + gamma G(S').

    Parameters
    ----------
    model : OutcomeModel
    policy : ndarray, shape (n_states,) or (n_states, n_actions)
    laws : list of (ndarray, ndarray)

    Returns
    -------
    list of (ndarray, ndarray)
    """
    backed_up = []
    for s in range(model.n_states):
        found = choices(model, policy, s)
        atoms = np.concatenate([r + model.gamma * laws[after][0] for _, after, r in found])
        backed_up.append(make_law(atoms, np.concatenate([p * laws[after][1] for p, after, _ in found])))
    return backed_up


def true_laws(model: OutcomeModel, policy: np.ndarray, H: int | None) -> tuple[Family, float]:
    """Return the laws of the return, and how far they may be from the truth in w_inf.

    Over a horizon, and where every walk ends in a last state that pays nothing, they are found by enumeration, without
    error. Else returns are rounded in each step, to the nearest point of a fine lattice.

    Parameters
    ----------
    model : OutcomeModel
    policy : ndarray, shape (n_states,) or (n_states, n_actions)
    H : int, optional

    Returns
    -------
    laws : list of (ndarray, ndarray)
    error : float
    """
    last = model.n_states - 1
    steps = [(s, after, r) for s in range(model.n_states) for _, after, r in choices(model, policy, s)]
    ends = all(after > s or (s == after == last and r == 0) for s, after, r in steps)
    if H is None and not ends:
        return _rounded_laws(model, policy)
    laws = [make_law([0.0], [1.0])] * model.n_states
    for _ in range(last if H is None else H):
        laws = backup(model, policy, laws)
    return laws, 0.0


def _rounded_laws(model: OutcomeModel, policy: np.ndarray) -> tuple[Family, float]:
    """Iterate on a lattice; the map to it moves by half a cell, and a step is a contraction in w_inf."""
    gamma, found = model.gamma, [choices(model, policy, s) for s in range(model.n_states)]
    rewards = [r for outcomes in found for _, _, r in outcomes]
    lattice, cell = np.linspace(min(rewards) / (1 - gamma), max(rewards) / (1 - gamma), _CELLS + 1, retstep=True)
    places = [
        [np.rint((r + gamma * lattice - lattice[0]) / (cell or 1.0)).astype(int) for _, _, r in outcomes]
        for outcomes in found
    ]
    prob = np.full((model.n_states, lattice.size), 1 / lattice.size)
    error = lattice[-1] - lattice[0]
    while error > 2 * cell / (1 - gamma):
        prob = np.stack(
            [
                sum(p * np.bincount(at, prob[after], lattice.size) for (p, after, _), at in zip(out, to, strict=True))
                for out, to in zip(found, places, strict=True)
            ]
        )
        error = gamma * error + cell / 2
    return [make_law(lattice[row > 0], row[row > 0]) for row in prob], float(error)
