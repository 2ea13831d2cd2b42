r"""Bandits: where one goes does not depend on where one is.

If $P(\cdot \mid s, a) = P(\cdot \mid a)$, a walk is a sequence of independent draws, one for each action taken, and the
set function of the states drawn is adaptive submodular: whoever always takes the action of largest expected gain
reaches $1 - 1/e$ of the best gain that any policy can expect (Golovin and Krause 2011).
"""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.protocol import SetFunction
from rltheory.submodular.model import SubmodularMDP


def bandit_smdp(
    F: SetFunction, H: int, *, eps: float = 0.0, n_actions: int | None = None, start: int = 0
) -> SubmodularMDP:
    r"""Action a leads to state a with probability $1 - \epsilon$, and else to any other state, all equally likely.

    With $\epsilon = 0$ and state-based F this is the choice of a set of H elements, whose optimum greed misses by at
    most a factor $1 - 1/e$ (Nemhauser, Wolsey and Fisher 1978).

    Parameters
    ----------
    F : SetFunction
        Its elements are the states.
    H : int
        Number of actions, at least 1.
    eps : float
        Probability of missing the target, in [0, 1].
    n_actions : int, optional
        The first so many states are targets; by default all.
    start : int
        First state.

    Returns
    -------
    SubmodularMDP
        Dense, and the same in every state.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    References
    ----------
    Prajapat, Mutny, Zeilinger and Krause (2024): epsilon-bandit models.

    Examples
    --------
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> bandit_smdp(Coverage.from_sets([[], [0, 1], [1, 2]]), H=2, eps=0.1, n_actions=3)
    SubmodularMDP(2 steps, 3 states, 9 state-action pairs, Coverage of states)
    """
    eps = checks.probability("eps", eps)
    n_states = F.n_elements
    n_actions = n_states if n_actions is None else checks.whole("n_actions", n_actions, 1)
    if n_actions > n_states:
        raise ModelError(f"n_actions is {n_actions}; each of {n_states} states is the target of at most one")
    if checks.whole("start", start, 0) >= n_states:
        raise ModelError(f"start is {start}; states are 0..{n_states - 1}")
    hit = np.eye(n_states)[:n_actions]
    law = (1 - eps) * hit + eps * (1 - hit) / (n_states - 1) if n_states > 1 else hit
    return SubmodularMDP(np.broadcast_to(law, (n_states, n_actions, n_states)), F, H, mu=np.eye(n_states)[start])


def random_bandit(
    n_states: int,
    n_actions: int,
    H: int,
    *,
    n_items: int = 5,
    rng: int | np.random.Generator | None = None,
) -> SubmodularMDP:
    """Draw a bandit: the law of each action is uniform on the simplex, and an element covers an item with chance 1/3.

    Parameters
    ----------
    n_states, n_actions, H : int
        Sizes, at least 1; the walk begins in state 0.
    n_items : int
        Number of items, with weights uniform in [0, 1].
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same model.

    Returns
    -------
    SubmodularMDP

    Raises
    ------
    ModelError
        If a size is out of range.

    Examples
    --------
    >>> random_bandit(4, 3, 2, rng=0)
    SubmodularMDP(2 steps, 4 states, 12 state-action pairs, Coverage of states)
    """
    sizes = {"n_states": n_states, "n_actions": n_actions, "H": H, "n_items": n_items}
    for name, size in sizes.items():
        checks.whole(name, size, 1)
    rng = np.random.default_rng(rng)
    law = rng.dirichlet(np.ones(n_states), size=n_actions)
    F = Coverage((rng.random((n_states, n_items)) < 1 / 3).astype(float), rng.random(n_items))
    return SubmodularMDP(np.broadcast_to(law, (n_states, n_actions, n_states)), F, H, mu=np.eye(n_states)[0])


def half_trap(delta: float = 0.1) -> SubmodularMDP:
    r"""Two steps in which greed reaches half of the optimum: what is best now is the only thing that comes later.

    First one may take x, which pays 1, or y, which pays $1 - \delta$; then there is only x. Greed takes x twice and
    earns 1; y and then x earn $2 - \delta$. Dynamics depend on the step alone, so that visits of different steps form
    a partition matroid, where greed reaches 1/2 and not more (Fisher, Nemhauser and Wolsey 1978).

    Parameters
    ----------
    delta : float
        In (0, 1).

    Returns
    -------
    SubmodularMDP
        With states ``start, x, y`` and actions ``x, y``.

    Raises
    ------
    ModelError
        If ``delta`` is not between 0 and 1.

    Examples
    --------
    >>> half_trap().F.value([1, 2])
    1.9
    """
    if not 0 < checks.number("delta", delta) < 1:
        raise ModelError(f"delta is {delta}; it must be between 0 and 1")
    P = np.zeros((2, 3, 2, 3))
    P[0, :, 0, 1] = P[0, :, 1, 2] = P[1, :, :, 1] = 1
    F = Coverage.from_sets([[], [0], [1]], [1, 1 - delta])
    return SubmodularMDP(P, F, 2, mu=np.eye(3)[0], state_names=("start", "x", "y"), action_names=("x", "y"))
