"""Mixtures with estimates, for theorems that hold for any regression."""

from __future__ import annotations

import math

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.mixture_strategies import linear_mixtures
from rltheory import LinearMixtureMDP

Estimate = tuple[LinearMixtureMDP, np.ndarray, np.ndarray]
"""A mixture, the matrix of some features that were seen, and an error of the estimate."""


@st.composite
def estimates(draw: DrawFn, *, per_step: bool | None = None) -> Estimate:
    """Draw one; ``per_step`` says whether the mixture changes with the step, as in `linear_mixtures`."""
    model = draw(linear_mixtures(per_step=per_step))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seen = rng.normal(size=(draw(st.sampled_from([0, 3, 100])), model.d)) / math.sqrt(model.d)
    off = rng.normal(size=model.d) * draw(st.sampled_from([0.01, 0.1, 1.0]))
    return model, 0.1 * np.eye(model.d) + seen.T @ seen, off
