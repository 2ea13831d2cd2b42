"""Random dynamics with random weighted coverage."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.garnet import garnet
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.model import SubmodularMDP


def random_submodular_mdp(
    n_states: int,
    n_actions: int,
    H: int,
    *,
    branching: int = 1,
    n_items: int = 5,
    visits: bool = False,
    rng: int | np.random.Generator | None = None,
) -> SubmodularMDP:
    """Draw a model: `mdps.garnet` dynamics, and weighted coverage in which an element covers an item with chance 1/3.

    Parameters
    ----------
    n_states, n_actions, H : int
        Sizes, at least 1; the walk begins in state 0.
    branching : int
        Successors of each state-action pair: 1 for a model without chance.
    n_items : int
        Number of items, with weights uniform in [0, 1].
    visits : bool
        Whether elements are visits, so that what a state covers changes with the step.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same model.

    Returns
    -------
    SubmodularMDP
        Sparse.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> random_submodular_mdp(4, 2, 3, branching=2, rng=0)
    SubmodularMDP(3 steps, 4 states, 8 state-action pairs, Coverage of states)
    """
    checks.whole("H", H, 1)
    checks.whole("n_items", n_items, 1)
    rng = np.random.default_rng(rng)
    dynamics = garnet(n_states, n_actions, branching, rng=rng)
    covers = rng.random(((H + 1) * n_states if visits else n_states, n_items)) < 1 / 3
    F = Coverage(covers.astype(float), rng.random(n_items))
    return SubmodularMDP(dynamics.P, F, H, mu=np.eye(n_states)[0], pair_start=dynamics.pair_start)
