"""Hypothesis strategies that draw submodular models small enough to be solved by brute force.

Weights are quarters, so that sums of few of them are exact in floats and ties are common.
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import laws
from mdps.submodular_function_strategies import budget_additives, coverages
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP


def either(n_elements: int) -> SearchStrategy[SetFunction]:
    """Draw a weighted coverage or a budget-additive function."""
    return coverages(n_elements, max_items=4) | budget_additives(n_elements)


@st.composite
def submodular_mdps(
    draw: DrawFn,
    *,
    max_states: int = 3,
    max_actions: int = 2,
    max_horizon: int = 3,
    chance: bool | None = None,
    functions: Callable[[int], SearchStrategy[SetFunction]] = either,
    visits: bool | None = None,
) -> SubmodularMDP:
    """Draw a `SubmodularMDP`: dense or sparse, with dynamics that change with the step or not.

    Parameters
    ----------
    max_states, max_actions, max_horizon : int
        Largest sizes; all states have the same number of actions.
    chance : bool, optional
        False for deterministic dynamics and one first state, True for any; by default both are drawn.
    functions : callable
        From a number of elements to a strategy of set functions of them.
    visits : bool, optional
        Whether elements are visits and not states; by default both are drawn.

    Returns
    -------
    SearchStrategy of SubmodularMDP
    """
    from scipy.sparse import csr_array

    n_states, n_actions = draw(st.integers(1, max_states)), draw(st.integers(1, max_actions))
    H = draw(st.integers(1, max_horizon))
    steps = draw(st.sampled_from([1, H]))
    n_rows = steps * n_states * n_actions
    if draw(st.booleans()) if chance is None else chance:
        P, mu = draw(laws(n_rows, n_states, uneven=False)), draw(laws(1, n_states, uneven=False))[0]
    else:
        P, mu = np.eye(n_states)[draw(_whole((n_rows,), 0, n_states - 1))], np.eye(n_states)[0]
    counts_visits = draw(st.booleans()) if visits is None else visits
    F = draw(functions((H + 1) * n_states if counts_visits else n_states))
    note(f"P = {P.tolist()}, mu = {mu.tolist()}, H = {H}")
    if draw(st.booleans()):
        return SubmodularMDP(csr_array(P), F, H, mu, np.arange(n_states + 1) * n_actions)
    shape = (n_states, n_actions, n_states)
    return SubmodularMDP(P.reshape(shape if steps == 1 else (steps, *shape)), F, H, mu)


def markov_policies(mdp: SubmodularMDP) -> SearchStrategy[np.ndarray]:
    """Draw a deterministic Markov policy, shape (H, n_states)."""
    return _whole((mdp.H, mdp.n_states), 0, int(mdp.action_counts.min()) - 1)


def mixed_policies(mdp: SubmodularMDP) -> SearchStrategy[np.ndarray]:
    """Draw a stochastic Markov policy, shape (H, n_states, n_actions)."""
    shape = (mdp.H, mdp.n_states, mdp.n_actions)
    return laws(mdp.H * mdp.n_states, mdp.n_actions, uneven=False).map(lambda rows: rows.reshape(shape))


def _whole(shape: tuple[int, ...], least: int, most: int) -> SearchStrategy[np.ndarray]:
    """Draw an array of whole numbers."""
    return hnp.arrays(np.int64, shape, elements=st.integers(least, most), fill=st.nothing())
