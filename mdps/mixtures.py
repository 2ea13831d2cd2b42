r"""Linear mixture MDPs: known kernels in unknown proportions, and tables of probabilities written as mixtures.

For base kernels $P_1, \dots, P_d$ and weights w the features are $\phi_i = P_i / \sqrt d$ and $\theta = \sqrt d\, w$,
so that value features have norm at most 1, which $V \equiv 1$ attains.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mdps import _checks as checks
from rltheory import FiniteHorizonMDP, LinearMixtureMDP, ModelError


def mixture_of_kernels(kernels: Any, weights: Any, r: Any, H: int, *, mu: Any = None) -> LinearMixtureMDP:
    r"""Return the mixture $P = \sum_i w_i P_i$ with the features $P_i / \sqrt d$.

    Parameters
    ----------
    kernels : array_like, shape (d, n_states, n_actions, n_states)
        The base kernels, known to a learner.
    weights : array_like, shape (d,), or (H, d) if they change with the step
        Their proportions, unknown to a learner; distributions.
    r : array_like, shape (n_states, n_actions), or (H, n_states, n_actions)
        Expected rewards, in reward units.
    H : int
        Number of steps.
    mu : array_like or int, optional
        Distribution of the first state, or the state; uniform by default.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If there is no axis of kernels, or the mixture is no model.

    Examples
    --------
    >>> import numpy as np
    >>> stay, swap = np.eye(2), np.eye(2)[::-1]
    >>> mixture_of_kernels([stay[:, None], swap[:, None]], [0.75, 0.25], [[0.0], [1.0]], H=2).kernel(0)[:, 0]
    array([[0.75, 0.25],
           [0.25, 0.75]])
    """
    kernels, weights = np.asarray(kernels, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if kernels.ndim != 4:
        raise ModelError(f"kernels has shape {kernels.shape}; it must be (d, n_states, n_actions, n_states)")
    root = np.sqrt(kernels.shape[0])
    return LinearMixtureMDP(np.moveaxis(kernels, 0, -1) / root, root * weights, r, H, mu)


def random_mixture(
    n_states: int,
    n_actions: int,
    d: int,
    H: int,
    *,
    concentration: float = 1.0,
    total_reward: float = 1.0,
    per_step: bool = False,
    rng: int | np.random.Generator | None = None,
) -> LinearMixtureMDP:
    r"""Draw base kernels from $\mathrm{Dirichlet}(c)$, weights from $\mathrm{Dirichlet}(1)$, and uniform rewards.

    Rewards are in [0, total_reward / H], so that an episode pays at most ``total_reward``; it starts in state 0.

    Parameters
    ----------
    n_states, n_actions, d, H : int
        Sizes and number of steps, at least 1.
    concentration : float
        Above 0; small ones make kernels that are nearly deterministic, and more to learn.
    total_reward : float
        Most that an episode pays, in reward units.
    per_step : bool
        Whether weights and rewards change with the step.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same model.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> random_mixture(5, 2, d=3, H=4, rng=0)
    LinearMixtureMDP(4 steps, 5 states, 10 state-action pairs, 3 features, stationary)
    """
    for name, value in {"n_states": n_states, "n_actions": n_actions, "d": d, "H": H}.items():
        checks.whole(name, value, 1)
    checks.positive("concentration", concentration)
    checks.number("total_reward", total_reward, 0)
    rng = np.random.default_rng(rng)
    steps = (H,) if per_step else ()
    kernels = rng.dirichlet(np.full(n_states, concentration), size=(d, n_states, n_actions))
    weights = rng.dirichlet(np.ones(d), size=steps or None)
    rewards = rng.random((*steps, n_states, n_actions)) * (total_reward / H)
    return mixture_of_kernels(kernels, weights, rewards, H, mu=0)


def tabular_mixture(model: FiniteHorizonMDP) -> LinearMixtureMDP:
    r"""Return a tabular model as a mixture with a feature for each transition, $\phi(s' \mid s, a) = e_{sas'}/\sqrt S$.

    The learner knows nothing: $\theta = \sqrt S\, \mathrm{vec}(P)$ has $d = S^2 A$ numbers and norm $\sqrt S \|P\|_F$.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Undiscounted, every state with equally many actions.

    Returns
    -------
    LinearMixtureMDP
        With $S^4 A^2$ numbers, which is for small models.

    Raises
    ------
    ModelError
        If the model is discounted or has states with different numbers of actions.

    Examples
    --------
    >>> import mdps
    >>> tabular_mixture(mdps.chain(3, slip=0.1, gamma=1.0).finite_horizon(5))
    LinearMixtureMDP(5 steps, 3 states, 6 state-action pairs, 18 features, stationary)
    """
    P, r = _dense(model)
    n_states, n_actions = r.shape[-2:]
    shape = (n_states, n_actions, n_states)
    edges = np.ones(shape, dtype=bool)
    return _edge_mixture(model, P, r, edges, np.full(shape[:2], float(n_states)))


def support_mixture(model: FiniteHorizonMDP) -> LinearMixtureMDP:
    r"""Return a tabular model as a mixture with a feature for each transition that is possible at some step.

    The learner knows the graph and not the probabilities: with n(s, a) successors,
    $\phi(s' \mid s, a) = e_{sas'} / \sqrt{n(s, a)}$ and $\theta_{sas'} = \sqrt{n(s, a)}\, P(s' \mid s, a)$.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Undiscounted, every state with equally many actions, at least one step.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If the model is discounted, has states with different numbers of actions, or has no step.

    Examples
    --------
    >>> import mdps
    >>> support_mixture(mdps.chain(3, slip=0.1, gamma=1.0).finite_horizon(5))
    LinearMixtureMDP(5 steps, 3 states, 6 state-action pairs, 12 features, stationary)
    """
    checks.whole("H", model.H, 1)
    P, r = _dense(model)
    edges = np.asarray((P > 0).any(axis=0))
    return _edge_mixture(model, P, r, edges, edges.sum(axis=2).astype(float))


def drifting_walk(
    n: int,
    H: int,
    *,
    weights: Any = (0.6, 0.1, 0.1, 0.1, 0.1),
) -> LinearMixtureMDP:
    r"""Walk on a line where five things can happen to a move, in proportions that a learner must find out.

    The move goes as intended, goes the other way, does not happen, ends in state 0, or ends anywhere. Actions are
    ``left`` and ``right``; every step in the right end pays 1 / H, so that an episode pays at most 1. It starts in
    state 0.

    Parameters
    ----------
    n : int
        Number of states, at least 2.
    H : int
        Number of steps, at least 1.
    weights : array_like, shape (5,), or (H, 5)
        Probabilities of the five.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> drifting_walk(4, H=8).kernel(0)[1, 1].round(3)
    array([0.225, 0.125, 0.625, 0.025])
    """
    checks.whole("n", n, 2)
    checks.whole("H", H, 1)
    forward, back = _moves(n)
    intended, swapped = np.stack([back, forward], axis=1), np.stack([forward, back], axis=1)
    stays = np.repeat(np.eye(n)[:, None], 2, axis=1)
    resets, anywhere = np.zeros((n, 2, n)), np.full((n, 2, n), 1 / n)
    resets[:, :, 0] = 1.0
    rewards = np.zeros((n, 2))
    rewards[-1] = 1 / H
    model = mixture_of_kernels([intended, swapped, stays, resets, anywhere], weights, rewards, H, mu=0)
    return model.replace(action_names=("left", "right"))


def lazy_chain(n: int, H: int, *, d: int = 4, rng: int | np.random.Generator | None = None) -> LinearMixtureMDP:
    r"""Walk along a chain whose time scale grows with the horizon, so that the problem stays the same and H does not.

    States are 0..n-1 and a sink n, in which every step pays 1 / H. A step moves with probability
    $p = \min(1, 3n/H)$: in base kernel 0 action 1 goes forward and action 0 back, in kernel 1 the other way round, and
    in the other d - 2 kernels both actions split p between the two at random. Weights are 0.7, 0.1, and 0.2 shared by
    the others.

    Parameters
    ----------
    n : int
        Number of states before the sink, at least 1.
    H : int
        Number of steps, at least 1.
    d : int
        Number of base kernels, at least 3.
    rng : int or numpy.random.Generator, optional
        Seed or generator of the splits.

    Returns
    -------
    LinearMixtureMDP

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> lazy_chain(4, H=64, rng=0)
    LinearMixtureMDP(64 steps, 5 states, 10 state-action pairs, 4 features, stationary)
    """
    checks.whole("n", n, 1)
    checks.whole("H", H, 1)
    checks.whole("d", d, 3)
    rng = np.random.default_rng(rng)
    p = min(1.0, 3 * n / H)
    forward, back = _moves(n + 1)
    share = np.zeros((d, n + 1, 2))  # of the moves that go forward
    share[0, :, 1] = share[1, :, 0] = 1.0
    share[2:] = rng.random((d - 2, n + 1, 2))
    moved = share[..., None] * forward[:, None] + (1 - share[..., None]) * back[:, None]
    kernels = (1 - p) * np.eye(n + 1)[:, None] + p * moved
    kernels[:, n] = np.eye(n + 1)[n]
    rewards = np.zeros((n + 1, 2))
    rewards[n] = 1 / H
    return mixture_of_kernels(kernels, [0.7, 0.1, *[0.2 / (d - 2)] * (d - 2)], rewards, H, mu=0)


def _moves(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the kernels of a step forward and a step back on 0..n-1, beyond whose ends there is nothing."""
    place = np.arange(n)
    return np.eye(n)[np.minimum(place + 1, n - 1)], np.eye(n)[np.maximum(place - 1, 0)]


def _dense(model: FiniteHorizonMDP) -> tuple[np.ndarray, np.ndarray]:
    """Return the kernels, shape (1 or H, S, A, S), and rewards with actions as an axis."""
    if model.gamma != 1:
        raise ModelError(f"gamma is {model.gamma:g}; a mixture is undiscounted (mdp.replace(gamma=1.0) drops it)")
    counts, n_states = model.action_counts, model.n_states
    if (counts != counts[0]).any():
        odd = int(np.argmax(counts != counts[0]))
        raise ModelError(f"state {odd} has {counts[odd]} actions and state 0 has {counts[0]}; mixtures need as many")
    P = model.P if isinstance(model.P, np.ndarray) else model.P.toarray()
    steps = (model.H,) if model._reward_changes else ()
    return P.reshape(-1, n_states, counts[0], n_states), model.r.reshape(*steps, n_states, counts[0])


def _edge_mixture(
    model: FiniteHorizonMDP, P: np.ndarray, r: np.ndarray, edges: np.ndarray, sizes: np.ndarray
) -> LinearMixtureMDP:
    """Return the mixture with one feature for each edge, over the root of the size of its pair."""
    roots = np.broadcast_to(np.sqrt(sizes)[..., None], edges.shape)[edges]
    phi = np.zeros((*edges.shape, roots.size))
    phi[(*np.nonzero(edges), np.arange(roots.size))] = 1 / roots
    theta = P[:, edges] * roots
    return LinearMixtureMDP(
        phi,
        theta if model._kernel_changes else theta[0],
        r,
        model.H,
        model.mu,
        state_names=model.state_names,
        action_names=model.action_names,
    )
