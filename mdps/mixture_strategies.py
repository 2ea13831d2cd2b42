"""Hypothesis strategies for linear mixture MDPs.

Examples
--------
>>> from hypothesis import given, settings
>>> @settings(max_examples=10, database=None)
... @given(linear_mixtures())
... def value_features_are_short(model):
...     assert model.largest_norm().lower <= 1 + 1e-9
>>> value_features_are_short()
"""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn

from mdps.strategies import laws
from rltheory import LinearMixtureMDP


@st.composite
def linear_mixtures(
    draw: DrawFn,
    *,
    max_states: int = 4,
    max_actions: int = 3,
    max_features: int = 3,
    max_horizon: int = 4,
    total_reward: float = 1.0,
    per_step: bool | None = None,
    uneven: bool = False,
) -> LinearMixtureMDP:
    """Draw a `LinearMixtureMDP` whose episodes pay at most ``total_reward``, H >= 1.

    Base kernels are deterministic, sparse or dense, and so are their weights. Half of the models have their features
    turned in space, so that features are signed and look like no kernel.

    Parameters
    ----------
    max_states, max_actions, max_features, max_horizon : int
        Largest sizes.
    total_reward : float
        Rewards are in [0, total_reward / H].
    per_step : bool, optional
        Whether weights and rewards change with the step; by default drawn for each of the two.
    uneven : bool
        Whether probabilities may be as small as 1e-9.

    Returns
    -------
    SearchStrategy of LinearMixtureMDP
    """
    H, d = draw(st.integers(1, max_horizon)), draw(st.integers(1, max_features))
    n_states, n_actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    weights_change, rewards_change = (draw(st.booleans()) if per_step is None else per_step for _ in range(2))
    kernels = draw(laws(n_states * n_actions * d, n_states, uneven=uneven)).reshape(n_states, n_actions, d, n_states)
    weights = draw(laws(H if weights_change else 1, d, uneven=uneven))
    shape = (H, n_states, n_actions) if rewards_change else (n_states, n_actions)
    eighths = draw(hnp.arrays(np.int64, shape, elements=st.integers(0, 8), fill=st.nothing()))
    turn = draw(st.none() | st.integers(0, 2**16).map(lambda seed: _rotation(d, seed)))
    basis = np.eye(d) if turn is None else turn
    model = LinearMixtureMDP(
        phi=np.moveaxis(kernels, 2, -1) @ basis / np.sqrt(d),
        theta=np.sqrt(d) * (weights if weights_change else weights[0]) @ basis,
        r=eighths * (total_reward / (8 * H)),
        H=H,
        mu=draw(st.none() | laws(1, n_states).map(lambda rows: rows[0])),
    )
    note(f"{model!r}\nphi = {model.phi}\ntheta = {model.theta}\nr = {model.r}\nmu = {model.mu}")
    return model


def _rotation(d: int, seed: int) -> np.ndarray:
    """Return an orthogonal matrix."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]
