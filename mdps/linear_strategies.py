"""Hypothesis strategies for linear Markov decision processes.

Examples
--------
>>> from hypothesis import given, settings
>>> @settings(max_examples=10, database=None)
... @given(linear_mdps())
... def rows_are_mixtures_of_the_factors(model):
...     for t in range(model.H):
...         assert (model.kernel(t) <= model.step_factors(t).max(axis=0) + 1e-12).all()
>>> rows_are_mixtures_of_the_factors()
"""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn

from mdps.strategies import laws
from rltheory import LinearMDP


@st.composite
def linear_mdps(
    draw: DrawFn,
    *,
    max_states: int = 4,
    max_actions: int = 3,
    max_features: int = 3,
    max_horizon: int = 4,
    max_reward: float = 1.0,
    ragged: bool = True,
    uneven: bool = False,
) -> LinearMDP:
    """Draw a `LinearMDP` with simplex features and rewards in [0, max_reward], stationary or not, H >= 1.

    Features and factors are deterministic, sparse or dense distributions; factors may miss states, and features may
    be of any rank.

    Parameters
    ----------
    max_states, max_actions, max_features, max_horizon : int
        Largest sizes.
    max_reward : float
        Largest reward.
    ragged : bool
        Whether states may have different numbers of actions.
    uneven : bool
        Whether features and probabilities may be as small as 1e-9.

    Returns
    -------
    SearchStrategy of LinearMDP
    """
    H, d = draw(st.integers(1, max_horizon)), draw(st.integers(1, max_features))
    n_states = draw(st.integers(1, max_states))
    number = st.integers(1, max_actions)
    counts = draw(st.lists(number, min_size=n_states, max_size=n_states)) if ragged else [draw(number)] * n_states
    factors_change, theta_changes = draw(st.booleans()), draw(st.booleans())
    phi = draw(laws(sum(counts), d, uneven=uneven))
    factors = draw(laws(H * d if factors_change else d, n_states, uneven=uneven))
    eighths = hnp.arrays(np.int64, (H, d) if theta_changes else d, elements=st.integers(0, 8), fill=st.nothing())
    theta = draw(eighths) * (max_reward / 8)
    model = LinearMDP(
        phi=phi,
        factors=factors.reshape(H, d, n_states) if factors_change else factors,
        theta=theta,
        H=H,
        mu=draw(st.none() | laws(1, n_states).map(lambda rows: rows[0])),
        pair_start=np.concatenate([[0], np.cumsum(counts)]),
    )
    note(f"{model!r}\nphi = {model.phi}\nfactors = {model.factors}\ntheta = {model.theta}\nmu = {model.mu}")
    return model
