r"""What a policy is worth, from sampled paths: a mean, and an interval for a stated probability of error.

With $\hat J$ and $\hat V$ the mean and the variance of the values of n independent paths, and B the most that a path
can be worth, with probability at least $1 - \delta$ (Maurer and Pontil 2009, theorem 4, on both sides)

.. math:: |\hat J - J| \;\le\; \sqrt{\frac{2 \hat V \ln(4/\delta)}{n}} + \frac{7 B \ln(4/\delta)}{3 (n - 1)}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import CriterionError, ModelError
from rltheory.models._validation import checked_whole
from rltheory.submodular.choices import chooser, looks_at_paths
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.rollouts import walks
from rltheory.submodular.unfolding import Unfolding

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class ValueEstimate:
    """The mean value of sampled paths, and an interval that contains J with probability at least 1 - delta.

    Parameters
    ----------
    mean : float
        In reward units.
    lower, upper : float
        Ends of the interval.
    standard_error : float
        Sample standard deviation divided by the root of the number of paths.
    n_paths : int
        How many paths were sampled.
    delta : float
        Probability that the interval misses J, at most.
    """

    mean: float
    lower: float
    upper: float
    standard_error: float
    n_paths: int
    delta: float


def estimate_value(
    mdp: SubmodularMDP,
    policy: Any,
    n_paths: int = 10_000,
    *,
    delta: float = 0.05,
    rng: int | np.random.Generator | None = None,
) -> ValueEstimate:
    r"""Estimate $J(\pi)$ from independent paths, with an interval for a given probability of error.

    Parameters
    ----------
    mdp : SubmodularMDP
        With F submodular and at least 0: then no path is worth more than $B = \sum_h \max_s F(\{s\})$, over the
        elements of step h.
    policy : array_like, mapping or callable
        As for `policy_value`.
    n_paths : int
        How many paths, at least 2.
    delta : float
        Probability that the interval misses J, in (0, 1).
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same paths.

    Returns
    -------
    ValueEstimate

    Raises
    ------
    ModelError
        If the policy does not fit, or a number is out of range.
    CriterionError
        If a path that was drawn is worth less than 0 or more than B, where the inequality does not apply.

    References
    ----------
    Maurer and Pontil (2009), theorem 4, on both sides.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> estimate = estimate_value(coin_mirror(), [0, 0, 0, 0, 0, 0], rng=0)
    >>> estimate.lower < 1.5 < estimate.upper
    True
    """
    n_paths = checked_whole("n_paths", n_paths, 2)
    if not 0 < delta < 1:
        raise ModelError(f"delta is {delta!r}; a probability of error is between 0 and 1")
    paths = sample_paths(mdp, policy, n_paths, rng=rng)
    values = np.asarray(mdp.F.gains_along(mdp.elements(paths))).sum(axis=1)
    mean, variance, logarithm = float(values.mean()), float(values.var(ddof=1)), math.log(4 / delta)
    most = most_of_a_path(mdp)
    for worth in (float(values.min()), float(values.max())):
        if not -_ROUNDING * most <= worth <= (1 + _ROUNDING) * most:
            raise CriterionError(
                f"a path is worth {worth:.6g}, and the interval holds of values from 0 to {most:.6g}, the sum of the"
                " largest single elements: F must be submodular and at least 0"
            )
    width = math.sqrt(2 * variance * logarithm / n_paths) + 7 * most * logarithm / (3 * (n_paths - 1))
    interval = max(0.0, mean - width), min(most, mean + width)
    return ValueEstimate(mean, *interval, math.sqrt(variance / n_paths), int(n_paths), float(delta))


def most_of_a_path(mdp: SubmodularMDP) -> float:
    r"""Return $\sum_h \max_s F(\{s\})_+$, which no path exceeds if F is submodular.

    An element that is worth less than nothing counts as 0, for to touch it again loses nothing.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    float
        In reward units.
    """
    single = np.asarray(mdp.F.gains_along(np.arange(mdp.F.n_elements)[:, None]))[:, 0]
    steps = single.reshape(-1, mdp.n_states).max(axis=1, initial=0.0)
    return float(np.broadcast_to(steps, (mdp.H + 1,)).sum())


def sample_paths(
    mdp: SubmodularMDP, policy: Any, n_paths: int, *, rng: int | np.random.Generator | None = None
) -> np.ndarray:
    """Draw independent paths of a policy.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.
    policy : array_like, mapping or callable
        As for `policy_value`; Markov policies are fast.
    n_paths : int
        How many.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same paths.

    Returns
    -------
    ndarray of int, shape (n_paths, H + 1)
        States.

    Raises
    ------
    ModelError
        If the policy does not fit the model.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> sample_paths(coin_mirror(), [0, 0, 0, 0, 0, 0], 3, rng=0).shape
    (3, 4)
    """
    rng = np.random.default_rng(rng)
    if not (callable(policy) or isinstance(policy, Mapping)):
        return walks(mdp, policy, n_paths, rng=rng)[0]
    unfolding = Unfolding(mdp, ordered=looks_at_paths(policy))
    choose = chooser(mdp, policy)
    paths = np.empty((n_paths, mdp.H + 1), dtype=np.int64)
    for path in paths:
        node = _drawn(list(unfolding.start().items()), rng)
        path[0] = node[0]
        for h in range(mdp.H):
            node = _drawn(unfolding.law(h, node, _drawn(choose(h, node), rng)), rng)
            path[h + 1] = node[0]
    return paths


def _drawn(law: list[tuple[Any, float]], rng: np.random.Generator) -> Any:
    """Return one of the outcomes at random."""
    if len(law) == 1:
        return law[0][0]
    cumulated = np.cumsum([p for _, p in law])
    return law[int(np.searchsorted(cumulated[:-1], rng.random() * cumulated[-1], side="right"))][0]
