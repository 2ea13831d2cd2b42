"""Brute force over histories and sets: optima and policies from values of sets alone, without gains or merging."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP

Path = tuple[int, ...]
Laws = list[list[list[list[tuple[int, float]]]]]
"""By step, state and action: the next states with their probabilities, above 0."""

_IMAGINARY = 1e-30


def optimum(mdp: SubmodularMDP) -> float:
    r"""Return $\max_\pi J(\pi)$ over all policies, whatever they remember.

    Parameters
    ----------
    mdp : SubmodularMDP
        So small that all its histories can be listed.

    Returns
    -------
    float
        In reward units.
    """
    laws = _laws(mdp)
    return math.fsum(p * _best(mdp, laws, (s,)) for s, p in enumerate(mdp.mu.tolist()) if p > 0)


def _best(mdp: SubmodularMDP, laws: Laws, path: Path) -> float:
    h = len(path) - 1
    if h == mdp.H:
        return worth(mdp, path)
    rows = laws[h][path[-1]]
    return max(math.fsum(p * _best(mdp, laws, (*path, s)) for s, p in law) for law in rows)


def worth(mdp: SubmodularMDP, path: Path) -> float:
    """Return F of the elements that a path touches, in reward units."""
    return mdp.F.value(mdp.elements(np.array(path)).tolist())


def first_worth(mdp: SubmodularMDP) -> float:
    """Return what the first state is worth in expectation, in reward units."""
    return math.fsum(p * worth(mdp, (s,)) for s, p in enumerate(mdp.mu.tolist()) if p > 0)


def paths(mdp: SubmodularMDP) -> list[Path]:
    """Return all paths of H actions that have positive probability under some policy.

    Parameters
    ----------
    mdp : SubmodularMDP
        So small that they can be listed.

    Returns
    -------
    list of tuple of int
    """
    laws = _laws(mdp)
    found: list[Path] = [(s,) for s in np.flatnonzero(mdp.mu).tolist()]
    for h in range(mdp.H):
        found = [(*path, s) for path in found for s in sorted({s for law in laws[h][path[-1]] for s, _ in law})]
    return found


def _laws(mdp: SubmodularMDP) -> Laws:
    dynamics = mdp.dynamics
    tables = []
    for h in range(1 if dynamics.is_stationary else mdp.H):
        P = dynamics.rows(h)
        rows = [
            [(s, p) for s, p in zip(P.indices[low:high].tolist(), P.data[low:high].tolist(), strict=True) if p > 0]
            for low, high in itertools.pairwise(P.indptr.tolist())
        ]
        tables.append([rows[first:last] for first, last in itertools.pairwise(mdp.pair_start.tolist())])
    return tables * mdp.H if dynamics.is_stationary else tables


@dataclass(frozen=True, slots=True)
class Runs:
    """All that may happen: states and actions, the chance of the states given the actions, and the worth so far.

    Parameters
    ----------
    states : ndarray of int, shape (n, H + 1)
    actions : ndarray of int, shape (n, H)
    chance : ndarray, shape (n,)
        The first state's probability times those of the transitions.
    worth : ndarray, shape (n, H + 1)
        F of each beginning of the path, in reward units.
    """

    states: np.ndarray
    actions: np.ndarray
    chance: np.ndarray
    worth: np.ndarray

    def likelihood(self, table: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """Return the probability of each run under a Markov policy of shape (H, n_states, n_actions).

        Or under one of shape (n_rows, n_actions), if ``rows`` of shape (n, H) says which row each run looks at.
        """
        seen = (np.arange(self.actions.shape[1]), self.states[:, :-1]) if rows is None else (rows,)
        return self.chance * np.prod(table[*seen, self.actions], axis=1)

    def value(self, table: np.ndarray) -> float:
        """Return J of a Markov policy, in reward units; also of tables that are no probabilities."""
        return self.likelihood(table) @ self.worth[:, -1]

    def value_of(self, choose: Callable[[Path], np.ndarray | int]) -> float:
        """Return J of a policy that is asked after each history that it reaches, for an action or for probabilities."""
        answers: dict[Path, np.ndarray | int] = {}
        total = []
        for place, chance in enumerate(self.chance.tolist()):
            likelihood, run = chance, self.states[place].tolist()
            for h, action in enumerate(self.actions[place].tolist()):
                path = tuple(run[: h + 1])
                if path not in answers:
                    answers[path] = choose(path)
                answer = answers[path]
                likelihood *= float(answer[action]) if isinstance(answer, np.ndarray) else float(answer == action)
                if likelihood == 0:
                    break
            total.append(likelihood * float(self.worth[place, -1]))
        return math.fsum(total)


def runs(mdp: SubmodularMDP) -> Runs:
    """List all that may happen in a model, so small that it can be listed."""
    laws = _laws(mdp)
    found: list[tuple[Path, Path, float]] = [((s,), (), p) for s, p in enumerate(mdp.mu.tolist()) if p > 0]
    for h in range(mdp.H):
        found = [
            ((*path, s), (*actions, a), chance * p)
            for path, actions, chance in found
            for a, law in enumerate(laws[h][path[-1]])
            for s, p in law
        ]
    known = {
        beginning: worth(mdp, beginning)
        for beginning in {path[: h + 1] for path, _, _ in found for h in range(mdp.H + 1)}
    }
    return Runs(
        states=np.array([path for path, _, _ in found]),
        actions=np.array([actions for _, actions, _ in found]),
        chance=np.array([chance for _, _, chance in found]),
        worth=np.array([[known[path[: h + 1]] for h in range(mdp.H + 1)] for path, _, _ in found]),
    )


def markov_optimum(mdp: SubmodularMDP, *, stationary: bool = False) -> float:
    """Return the largest J of the deterministic Markov policies, each of them tried.

    Parameters
    ----------
    mdp : SubmodularMDP
        So small that its policies can be listed.
    stationary : bool
        Whether a policy must do the same at every step.

    Returns
    -------
    float
        In reward units.
    """
    all_runs = runs(mdp)
    rows = all_runs.states[:, :-1] + (0 if stationary else np.arange(mdp.H) * mdp.n_states)
    used, places = np.unique(rows, return_inverse=True)
    places = places.reshape(rows.shape)
    choices = [range(int(mdp.action_counts[row % mdp.n_states])) for row in used]
    policies = np.array(list(itertools.product(*choices)))
    total = np.zeros(len(policies))
    earned = all_runs.chance * all_runs.worth[:, -1]
    for place, actions, share in zip(places, all_runs.actions, earned, strict=True):
        total += share * (policies[:, place] == actions).all(axis=1)
    return float(total.max())


def softmax(theta: np.ndarray) -> np.ndarray:
    """Return probabilities over the last axis, of logits that may be complex."""
    weight = np.exp(theta - theta.real.max(axis=-1, keepdims=True))
    return weight / weight.sum(axis=-1, keepdims=True)


def gradient(
    mdp: SubmodularMDP,
    theta: np.ndarray,
    rows_of: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    myopic: bool = False,
) -> np.ndarray:
    r"""Return the derivative of J in the logits, by complex steps $\mathrm{Im}\, J(\theta + i\epsilon) / \epsilon$.

    Parameters
    ----------
    mdp : SubmodularMDP
        With all actions in all states.
    theta : ndarray, shape (H, n_states, n_actions) or (n_rows, n_actions)
        Logits of a Markov policy, or of one that looks at rows.
    rows_of : callable, optional
        From runs of states to the rows that are looked at.
    myopic : bool
        For the logits of step h, take in place of J the expected worth of the first h + 2 states.

    Returns
    -------
    ndarray
        Of the shape of ``theta``: finite differences, without their errors.
    """
    all_runs, slope = runs(mdp), np.zeros(theta.shape)
    rows = None if rows_of is None else rows_of(all_runs.states)
    for place in np.ndindex(theta.shape):
        moved = theta.astype(complex)
        moved[place] += 1j * _IMAGINARY
        last = place[0] + 1 if myopic else mdp.H
        slope[place] = (all_runs.likelihood(softmax(moved), rows) @ all_runs.worth[:, last]).imag / _IMAGINARY
    return slope


def open_loop(mdp: SubmodularMDP) -> Callable[[np.ndarray], float]:
    r"""Return J of independent draws, one action a step, in dynamics that ignore the state.

    Parameters
    ----------
    mdp : SubmodularMDP
        Where $P_h(\cdot \mid s, a)$ does not depend on s.

    Returns
    -------
    callable
        From $x_h(a)$, shape (H, n_actions), to J in reward units; with $1 - \sum_a x_h(a)$ step h touches nothing. A
        polynomial, so that x need not be probabilities.
    """
    n = mdp.n_states
    arms = np.zeros((mdp.H, mdp.n_actions, n))
    for h, step in enumerate(_laws(mdp)):
        for a, law in enumerate(step[0]):
            for s, p in law:
                arms[h, a, s] = p
    values = np.empty((n + 1,) * (mdp.H + 1))
    for run in np.ndindex(values.shape):
        values[run] = mdp.F.value([s + h * n * mdp.counts_visits for h, s in enumerate(run) if s < n])

    def value(chances: np.ndarray) -> float:
        expected = mdp.mu @ values[:n].reshape(n, -1)
        for chance, laws in zip(chances, arms, strict=True):
            expected = np.append(chance @ laws, 1 - chance.sum()) @ expected.reshape(n + 1, -1)
        return float(expected[0])

    return value


def subsets(n_elements: int) -> list[Path]:
    """Return all sets of elements, the empty one first."""
    return [chosen for size in range(n_elements + 1) for chosen in itertools.combinations(range(n_elements), size)]


def least_kept(F: SetFunction) -> float:
    r"""Return $\min_{A, v \notin A} F(v \mid A) / F(\{v\})$, which is 1 - c; 1 if nothing is worth anything."""
    value = {chosen: F.value(chosen) for chosen in subsets(F.n_elements)}
    kept = [
        (value[tuple(sorted((*chosen, v)))] - value[chosen]) / value[v,]
        for chosen in value
        for v in range(F.n_elements)
        if v not in chosen and value[v,] > 0
    ]
    return min(kept, default=1.0)


def best_of_size(F: SetFunction, k: int) -> float:
    """Return the largest value of k elements."""
    return max(F.value(chosen) for chosen in itertools.combinations(range(F.n_elements), k))


def best_walk(
    lengths: dict[int, dict[int, int]], F: SetFunction, root: int, budget: int, target: int | None = None
) -> float:
    """Return the largest worth of the nodes of a walk, of all walks of a limited length; -inf if there is none.

    Parameters
    ----------
    lengths : dict
        Of each node the lengths to its neighbours, at least 1.
    F : SetFunction
        Of nodes.
    root : int
        Where the walk begins.
    budget : int
        Largest length.
    target : int, optional
        Where it must end; by default anywhere.
    """
    here = F.value([root]) if target in (None, root) else -math.inf
    return max(here, _onward(lengths, F, (root,), budget, target))


def _onward(lengths: dict[int, dict[int, int]], F: SetFunction, walk: Path, budget: int, target: int | None) -> float:
    best = -math.inf
    for node, length in lengths[walk[-1]].items():
        if length <= budget:
            longer = (*walk, node)
            if target in (None, node):
                best = max(best, F.value(longer))
            best = max(best, _onward(lengths, F, longer, budget - length, target))
    return best
