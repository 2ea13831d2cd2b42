r"""The best spectral risk: a weighted sum of CVaRs at several levels, whose thresholds must be chosen together.

A spectral risk measure with a step density is :math:`\rho = \sum_i w_i \mathrm{CVaR}_{\tau_i}`, and
:math:`\mathrm{CVaR}_\tau[X] = \max_b \{ b + E(X - b)_- / \tau \}` where :math:`x_- = \min(x, 0)` (Rockafellar and
Uryasev 2000). Maxima commute, so that

.. math::

   \max_\pi \rho[G^\pi] = \max_{b_1 \le \dots \le b_k} \max_\pi E f_b(G^\pi), \qquad
   f_b(x) = \sum_i w_i \Big( b_i + \frac{(x - b_i)_-}{\tau_i} \Big),

with one dynamic program over the stock for each vector b. For a fixed policy the best :math:`b_i` is a
:math:`\tau_i`-quantile of the return, hence one of the sums of rewards that can be met, and the quantiles increase with
the level: the enumeration of nondecreasing vectors of final stocks is *exact*.

The function of b has local maxima, and climbing it by turns (the best policy for b, then the quantiles of its law; as
in Bäuerle and Glauner 2021) never goes down but may get stuck: `alternate_spectral`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations_with_replacement, islice
from typing import Any

import numpy as np

from rltheory.distributional._arguments import checked_level
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.risk.tails import lower_tail_mean
from rltheory.distributional.stock_answer import StockSolution
from rltheory.distributional.unfold import Unfolded, unfold
from rltheory.distributional.utility_values import best_expectation
from rltheory.models import CriterionError, ModelError, OutcomeModel

_BATCH = 4_000_000
_CLIMBS = 1_000


def maximise_spectral(
    model: OutcomeModel,
    weights: Any,
    levels: Any,
    *,
    H: int,
    start: int | None = None,
    max_programs: int = 1_000_000,
) -> StockSolution:
    r"""Maximise a weighted sum of CVaRs of the return, :math:`\sum_i w_i \mathrm{CVaR}_{\tau_i}[G]`, exactly.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    weights : array_like, shape (k,)
        Positive, of sum 1.
    levels : array_like, shape (k,)
        Levels in (0, 1], the masses of the lower tails; 1 is the mean.
    H : int
        Number of steps.
    start : int, optional
        State at step 0; by default drawn from ``mu``, and that draw is part of the risk.
    max_programs : int
        Limit on the number of dynamic programs: with n final stocks there are :math:`\binom{n + k - 1}{k}`.

    Returns
    -------
    StockSolution
        With ``thresholds`` in the order of increasing levels.

    Raises
    ------
    ModelError
        If an argument is out of range.
    CriterionError
        If there are too many programs, or too many nodes can be met.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.spectral import maximise_spectral
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> maximise_spectral(offer, [0.5, 0.5], [0.25, 1.0], H=2)
    StockSolution(2, exact; thresholds [2, 2]; 21 vectors of thresholds)
    """
    weights, levels = _checked_spectrum(weights, levels)
    nodes = unfold(model, H, start=start)
    atoms = np.unique(nodes.layers[-1].stock)
    n_programs = math.comb(atoms.size + levels.size - 1, levels.size)
    if n_programs > max_programs:
        raise CriterionError(
            f"{n_programs} vectors of thresholds are more than max_programs = {max_programs}; raise it, or climb with"
            " alternate_spectral, which bounds the optimum from both sides"
        )
    best, thresholds = -np.inf, atoms[[0] * levels.size]
    for batch in _batches(atoms, levels.size, nodes):
        values = _start_values(nodes, start, _utilities(nodes.layers[-1].stock, batch, weights, levels))
        if values.max() > best:
            best, thresholds = float(values.max()), batch[np.argmax(values)]
    return _attained(nodes, thresholds, weights, levels, start, best, f"{n_programs} vectors of thresholds")


def alternate_spectral(
    model: OutcomeModel,
    weights: Any,
    levels: Any,
    *,
    H: int,
    start: int | None = None,
    thresholds: Any = None,
    n_starts: int = 10,
    rng: np.random.Generator | int | None = None,
) -> StockSolution:
    r"""Climb to a good weighted sum of CVaRs: by turns the best policy for the thresholds, and its law's quantiles.

    .. warning::

       Each climb is monotone and may end at a local maximum, however many steps are made. A sure 0 is one beside a
       lottery on -1 or 3: with thresholds 0 only the losses of the lottery count. Several starts help, and prove
       nothing; ``upper`` tells how much may be missing, and `maximise_spectral` is exact.

    Parameters
    ----------
    model, weights, levels, H, start
        As for `maximise_spectral`.
    thresholds : array_like, shape (k,), optional
        Where the only climb begins, in the order of increasing levels; by default ``n_starts`` climbs begin at random.
    n_starts : int
        Number of climbs.
    rng : numpy.random.Generator or int, optional
        Where randomness comes from.

    Returns
    -------
    StockSolution
        ``lower`` is what the policy attains, and ``upper`` the sum of the best CVaR at each level, whose policies may
        differ.

    Raises
    ------
    ModelError
        If an argument is out of range.
    CriterionError
        If too many nodes can be met.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.spectral import alternate_spectral, maximise_spectral
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.125, 0, -1.0), (0.875, 0, 3.0)]]], gamma=1.0)
    >>> stuck = alternate_spectral(offer, [0.5, 0.5], [0.25, 0.5], H=1, thresholds=[0.0, 0.0])
    >>> stuck.lower, stuck.upper, maximise_spectral(offer, [0.5, 0.5], [0.25, 0.5], H=1).value
    (0.0, 1.5, 1.5)
    """
    weights, levels = _checked_spectrum(weights, levels)
    nodes = unfold(model, H, start=start)
    atoms = np.unique(nodes.layers[-1].stock)
    if thresholds is None:
        if n_starts < 1:
            raise ModelError(f"n_starts is {n_starts}; at least one climb is needed")
        begins = np.sort(np.random.default_rng(rng).choice(atoms, size=(n_starts, levels.size)), axis=1)
    else:
        begins = np.asarray(thresholds, dtype=np.float64)[None]
        if begins.shape != (1, levels.size):
            raise ModelError(f"thresholds has shape {begins.shape[1:]}; with {levels.size} levels it is one for each")
    upper = _sum_of_best(nodes, atoms, weights, levels, start)
    climbs = [_climb(nodes, b, weights, levels, start) for b in begins]
    reached = climbs[int(np.argmax([value for value, _ in climbs]))][1]
    return _attained(nodes, reached, weights, levels, start, upper, f"the best of {len(climbs)} climbs")


def _checked_spectrum(weights: Any, levels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and levels in the order of increasing levels."""
    weights, levels = np.atleast_1d(np.asarray(weights, np.float64)), np.atleast_1d(np.asarray(levels, np.float64))
    if weights.ndim != 1 or weights.shape != levels.shape:
        raise ModelError(f"weights and levels have shapes {weights.shape} and {levels.shape}; both must be (k,)")
    if not ((weights > 0).all() and abs(weights.sum() - 1) <= 1e-9):
        raise ModelError(f"weights is {weights}; it must be positive, of sum 1")
    for level in levels.tolist():
        checked_level(level, "a level")
    order = np.argsort(levels, kind="stable")
    return weights[order], levels[order]


def spectral_risk(law: DiscreteLaw, weights: np.ndarray, levels: np.ndarray) -> float:
    """Return the weighted sum of CVaRs of a law."""
    return float(sum(w * lower_tail_mean(law, tau) for w, tau in zip(weights, levels, strict=True)))


def _batches(atoms: np.ndarray, k: int, nodes: Unfolded) -> Iterator[np.ndarray]:
    """Yield all nondecreasing vectors of k atoms, as many at once as fit in little memory."""
    size = max(1, _BATCH // max(1, *(layer.pair.size for layer in nodes.layers)))
    vectors = combinations_with_replacement(atoms.tolist(), k)
    while batch := list(islice(vectors, size)):
        yield np.array(batch)


def _utilities(x: np.ndarray, thresholds: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return f_b(x) for each x and each vector b, shape (n, K)."""
    worth = np.zeros((x.size, len(thresholds)))
    for b, w, tau in zip(thresholds.T, weights, levels, strict=True):
        worth += w * (b + np.minimum(x[:, None] - b, 0.0) / tau)
    return worth


def _start_values(nodes: Unfolded, start: int | None, terminal: np.ndarray) -> np.ndarray:
    """Return the best expectation from the start of each column of terminal (n, K)."""
    value = terminal
    for t in reversed(range(nodes.H)):
        layer, prob = nodes.layers[t], nodes.prob(t)
        q = sum(prob[:, [b]] * value[layer.successor[:, b]] for b in range(prob.shape[1]))
        value = np.maximum.reduceat(q, layer.row_start[:-1], axis=0)
    return value[0] if start is not None else nodes.model.mu[nodes.layers[0].state] @ value


def _sum_of_best(
    nodes: Unfolded, atoms: np.ndarray, weights: np.ndarray, levels: np.ndarray, start: int | None
) -> float:
    """Return the weighted sum of the best CVaR of each level."""
    shortfall = np.minimum(nodes.layers[-1].stock[:, None] - atoms, 0.0)
    best = _start_values(nodes, start, shortfall)
    return float(sum(w * (atoms + best / tau).max() for w, tau in zip(weights, levels, strict=True)))


def _climb(
    nodes: Unfolded, thresholds: np.ndarray, weights: np.ndarray, levels: np.ndarray, start: int | None
) -> tuple[float, np.ndarray]:
    """Return the value at which alternation stops, and its thresholds."""
    value = -np.inf
    for _ in range(_CLIMBS):
        terminal = _utilities(nodes.layers[-1].stock, thresholds[None], weights, levels)[:, 0]
        law = best_expectation(nodes, terminal)[1].law(start)
        reached = spectral_risk(law, weights, levels)
        if reached <= value + 1e-12 * (1 + abs(reached)):
            break
        value, thresholds = reached, law.quantile(levels)
    return value, thresholds


def _attained(
    nodes: Unfolded,
    thresholds: np.ndarray,
    weights: np.ndarray,
    levels: np.ndarray,
    start: int | None,
    upper: float,
    method: str,
) -> StockSolution:
    """Return the answer whose policy is best for the thresholds; ``upper`` is proven."""
    terminal = _utilities(nodes.layers[-1].stock, thresholds[None], weights, levels)[:, 0]
    policy = best_expectation(nodes, terminal)[1]
    law = policy.law(start)
    value = spectral_risk(law, weights, levels)
    return StockSolution(value, value, max(value, upper), 0.0, policy, law, method, thresholds.copy())
