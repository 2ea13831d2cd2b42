r"""Update rules: what a gradient makes of the parameters.

- ascent: $\theta \leftarrow \theta + \eta\, g$;
- Adam: $\theta \leftarrow \theta + \eta\, \hat m / (\sqrt{\hat v} + \epsilon)$, where $\hat m$ and $\hat v$ are running
  means of g and of its square, corrected for their start at 0 (Kingma and Ba 2015).

A rule is a function from the gradient of a round to the step; one that remembers is made anew for each run, by calling
its maker. Parameters may gain rows between rounds, and what is remembered of these is 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rltheory.models import ModelError

Update = Callable[[np.ndarray], np.ndarray]
"""From the gradient of a round to the step of the parameters."""


def ascent(rate: float) -> Callable[[], Update]:
    """Return the maker of plain gradient ascent.

    Parameters
    ----------
    rate : float
        Step size, above 0.

    Raises
    ------
    ModelError
        If it is not.
    """
    rate = _checked_rate(rate)
    return lambda: lambda gradient: rate * gradient


def adam(rate: float, *, first: float = 0.9, second: float = 0.999, eps: float = 1e-8) -> Callable[[], Update]:
    """Return the maker of Adam, with the usual constants.

    Parameters
    ----------
    rate : float
        Step size, above 0: about the change of a parameter in one round.
    first, second : float
        Decay of the running means of the gradient and of its square, in [0, 1).
    eps : float
        Added to the root, so that a gradient of 0 gives a step of 0.

    Raises
    ------
    ModelError
        If ``rate`` is not above 0.

    Examples
    --------
    The first step has the size of the rate, whatever the gradient's.

    >>> adam(0.1)()(np.array([1e-3, -5.0])).round(3)
    array([ 0.1, -0.1])
    """
    rate = _checked_rate(rate)

    def make() -> Update:
        mean, square, rounds = np.zeros(0), np.zeros(0), 0

        def update(gradient: np.ndarray) -> np.ndarray:
            nonlocal mean, square, rounds
            rounds += 1
            mean = first * _grown(mean, gradient.shape) + (1 - first) * gradient
            square = second * _grown(square, gradient.shape) + (1 - second) * gradient**2
            return rate * (mean / (1 - first**rounds)) / (np.sqrt(square / (1 - second**rounds)) + eps)

        return update

    return make


def _grown(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array with rows of zeros added, as many as it lacks."""
    if array.shape == shape:
        return array
    grown = np.zeros(shape)
    grown[: len(array)] = array.reshape(-1, *shape[1:])
    return grown


def _checked_rate(rate: float) -> float:
    if not 0 < rate < np.inf:
        raise ModelError(f"rate is {rate!r}; a step size is a finite number above 0")
    return float(rate)
