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
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP


@st.composite
def coverages(draw: DrawFn, n_elements: int, *, max_items: int = 4) -> Coverage:
    """Draw a weighted coverage.

    Parameters
    ----------
    n_elements : int
        Size of the ground set.
    max_items : int
        Largest number of items; weights are quarters in [0, 2].

    Returns
    -------
    SearchStrategy of Coverage
    """
    n_items = draw(st.integers(1, max_items))
    covers = draw(_whole((n_elements, n_items), 0, 1))
    F = Coverage(covers.astype(float), draw(_whole((n_items,), 0, 8)) / 4)
    note(f"covers = {covers.tolist()}, weights = {F.weights.tolist()}")
    return F


@st.composite
def budgets(draw: DrawFn, n_elements: int, *, max_kinds: int = 3) -> BudgetAdditive:
    """Draw a budget-additive function.

    Parameters
    ----------
    n_elements : int
        Size of the ground set.
    max_kinds : int
        Largest number of kinds; amounts and budgets are quarters, at most 2.

    Returns
    -------
    SearchStrategy of BudgetAdditive
    """
    n_kinds = draw(st.integers(1, max_kinds))
    amounts = draw(_whole((n_elements, n_kinds), 0, 8)) / 4
    F = BudgetAdditive(amounts, draw(_whole((n_kinds,), 0, 8)) / 4)
    note(f"amounts = {amounts.tolist()}, budgets = {F.budgets.tolist()}")
    return F


def either(n_elements: int) -> SearchStrategy[SetFunction]:
    """Draw a weighted coverage or a budget-additive function."""
    return coverages(n_elements) | budgets(n_elements)


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
