"""The suite: ten discounted models, each hard in its own way.

Every function is deterministic, and returns a model whose rewards lie in [0, 1]. `SUITE` names the ten, built when
called. How a solver fares depends on what limits it:

=============  =====================  =======================================================
garnet_dense   2,000 states, dense    memory bandwidth
garnet_1e5     sparse, random         gathers from the second cache
garnet_1e6     sparse, random         gathers from the third cache, and from memory
inventory_1e3  100 actions            contiguous rows
queues_300     two dimensions         mixes slowly
grid_300       two dimensions         mixes slowly, local moves, one goal
grid_1000      two dimensions         the same, a million states
forest_1e6     a chain with a reset   news travels one state a sweep
riverswim_1e4  a tridiagonal chain    mixes slowly, discount .9999
layered_4e5    acyclic, shuffled      one sweep in the right order
=============  =====================  =======================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.sparse import csr_array

from rltheory import MDP


def from_successors(
    successors: np.ndarray, prob: np.ndarray, r: np.ndarray, gamma: float, *, n_actions: int | np.ndarray
) -> MDP:
    """Return the model whose pair i leads to ``successors[i, k]`` with probability ``prob[i, k]``.

    The arrays have shape (n_pairs, width); ``n_actions`` is one number, or one for each state. Successors that occur
    twice are added up, and those of probability 0 left out.
    """
    n_pairs, width = successors.shape
    counts = np.broadcast_to(n_actions, n_pairs // n_actions) if isinstance(n_actions, int) else n_actions
    pair_start = np.concatenate([[0], np.cumsum(counts)])
    order = np.argsort(successors, axis=1, kind="stable")
    columns = np.take_along_axis(successors, order, axis=1).astype(np.int32)
    weights = np.take_along_axis(prob, order, axis=1)
    offsets = np.arange(0, n_pairs * width + 1, width, dtype=np.int32)
    P = csr_array((weights.ravel(), columns.ravel(), offsets), shape=(n_pairs, counts.size))
    if width > 1 and (columns[:, 1:] == columns[:, :-1]).any():
        P.sum_duplicates()
    P.eliminate_zeros()
    return MDP.from_pairs(P, r, gamma, pair_start=pair_start)


def garnet(n_states: int, n_actions: int, branching: int, *, gamma: float, seed: int = 0) -> MDP:
    """Draw successors uniformly, with replacement (all of them if ``branching == n_states``), and uniform rewards.

    Probabilities are uniform on the simplex.
    """
    rng = np.random.default_rng(seed)
    shape = (n_states * n_actions, branching)
    if branching == n_states:
        successors = np.broadcast_to(np.arange(n_states, dtype=np.int32), shape)
    else:
        successors = rng.integers(0, n_states, size=shape, dtype=np.int32)
    prob = rng.exponential(size=shape)
    prob /= prob.sum(axis=1, keepdims=True)
    r = rng.random(shape[0])
    if branching < n_states:
        return from_successors(successors, prob, r, gamma, n_actions=n_actions)
    offsets = np.arange(0, prob.size + 1, branching, dtype=np.int32)
    P = csr_array((prob.ravel(), successors.ravel(), offsets), shape=(shape[0], n_states))
    return MDP.from_pairs(P, r, gamma, n_actions=n_actions)


def grid(height: int, width: int, *, gamma: float, slip: float = 0.2, wall: float = 0.1, seed: int = 0) -> MDP:
    """Walk up, right, down or left to a corner; a move goes astray to either side with probability ``slip / 2``.

    A cell is an obstacle with probability ``wall``, which a move into it does not leave (obstacles are states too,
    that nothing enters). The last cell is the goal: absorbing, reward 1 a step. Elsewhere a step earns up to 0.001.
    """
    rng = np.random.default_rng(seed)
    n = height * width
    blocked = rng.random((height, width)) < wall
    blocked[-1, -1] = False
    return walk(blocked, 0.1 * rng.random(n) * 0.01, gamma=gamma, slip=slip)


def walk(blocked: np.ndarray, r: np.ndarray, *, gamma: float, slip: float) -> MDP:
    """Return the walk on a map of obstacles to its last cell, the goal; a step from cell s earns ``r[s]``."""
    height, width = blocked.shape
    n = height * width
    row, column = np.divmod(np.arange(n), width)
    landing = np.empty((n, 4), dtype=np.int64)
    for action, (down, right) in enumerate([(-1, 0), (0, 1), (1, 0), (0, -1)]):
        i, j = np.clip(row + down, 0, height - 1), np.clip(column + right, 0, width - 1)
        landing[:, action] = np.where(blocked[i, j], np.arange(n), i * width + j)
    successors = np.stack([landing, np.roll(landing, -1, axis=1), np.roll(landing, 1, axis=1)], axis=2)
    successors[-1] = n - 1
    reward = np.repeat(r, 4)
    reward[-4:] = 1.0
    prob = np.broadcast_to([1 - slip, slip / 2, slip / 2], (4 * n, 3))
    return from_successors(successors.reshape(4 * n, 3), prob, reward, gamma, n_actions=4)


def river_swim(n: int, *, gamma: float) -> MDP:
    """Drift left for sure, or swim right against the current: a small reward at the left end, a large one at the right.

    Swimming moves right with probability .35, stays with .6 and is swept left with .05; at the left end .6 and .4
    (to stay), at the right end .6 (to stay) and .4.
    """
    s = np.arange(n)
    left, right = np.maximum(s - 1, 0), np.minimum(s + 1, n - 1)
    successors = np.stack([np.stack([left] * 3, axis=1), np.stack([left, s, right], axis=1)], axis=1)
    prob = np.tile([[1.0, 0.0, 0.0], [0.05, 0.6, 0.35]], (n, 1, 1))
    prob[0, 1], prob[-1, 1] = [0.0, 0.4, 0.6], [0.4, 0.6, 0.0]
    r = np.zeros((n, 2))
    r[0, 0], r[-1, 1] = 0.005, 1.0
    return from_successors(successors.reshape(-1, 3), prob.reshape(-1, 3), r.ravel(), gamma, n_actions=2)


def queues(room: int, *, gamma: float) -> MDP:
    """Route arrivals to one of two parallel queues, served slowly or fast: action = queue + 2 * (0 slow, 1 fast).

    A step is an arrival (.4), the end of a service in the first queue (.15 or .25), in the second (.8 of that), or
    nothing. Each queue has ``room - 1`` places. Waiting, fast service and an arrival that finds no place are costly.
    """
    n = room * room
    first, second = np.divmod(np.arange(n), room)
    successors, prob = np.empty((n, 4, 4), dtype=np.int64), np.empty((n, 4, 4))
    r = np.empty((n, 4))
    arrival = 0.4
    for action in range(4):
        fast, queue = divmod(action, 2)
        service = (0.15, 0.25)[fast]
        joined = (np.minimum(first + (queue == 0), room - 1), np.minimum(second + (queue == 1), room - 1))
        lost = (first, second)[queue] == room - 1
        successors[:, action, 0] = joined[0] * room + joined[1]
        successors[:, action, 1] = np.maximum(first - 1, 0) * room + second
        successors[:, action, 2] = first * room + np.maximum(second - 1, 0)
        successors[:, action, 3] = np.arange(n)
        prob[:, action] = [arrival, service, 0.8 * service, 1 - arrival - service - 0.8 * service]
        r[:, action] = 1 - 0.4 * (first + second) / (2 * room) - 0.3 * fast - 0.3 * lost
    return from_successors(successors.reshape(-1, 4), prob.reshape(-1, 4), r.ravel(), gamma, n_actions=4)


def forest(n: int, *, gamma: float, fire: float = 0.001) -> MDP:
    """Wait while the forest grows older, at the risk of fire, or cut it: the example of the toolboxes, scaled by 1/4.

    Waiting is worth 1 in the oldest class; cutting 0 in class 0, 1/4 between, and 1/2 in the oldest class.
    """
    successors = np.zeros((n, 2, 2), dtype=np.int64)
    successors[:, 0, 1] = np.minimum(np.arange(n) + 1, n - 1)
    prob = np.tile([[fire, 1 - fire], [1.0, 0.0]], (n, 1))
    r = np.zeros((n, 2))
    r[1:, 1] = 0.25
    r[-1] = [1.0, 0.5]
    return from_successors(successors.reshape(-1, 2), prob, r.ravel(), gamma, n_actions=2)


def layered(layers: int, width: int, n_actions: int, branching: int, *, gamma: float, seed: int = 0) -> MDP:
    """Draw transitions from each layer to the next, number the states at random, end in an absorbing state."""
    rng = np.random.default_rng(seed)
    n = layers * width + 1
    next_layer = (np.arange(n - 1) // width + 1) * width
    drawn = next_layer[:, None, None] + rng.integers(0, width, size=(n - 1, n_actions, branching))
    drawn[-width:] = n - 1
    successors = np.concatenate([drawn, np.full((1, n_actions, branching), n - 1)])
    prob = rng.exponential(size=(n, n_actions, branching))
    prob /= prob.sum(axis=-1, keepdims=True)
    r = rng.random((n, n_actions))
    r[-1] = 0.0
    number = rng.permutation(n)
    old = np.argsort(number)
    successors, prob, r = number[successors[old]], prob[old], r[old]
    shape = (n * n_actions, branching)
    return from_successors(successors.reshape(shape), prob.reshape(shape), r.ravel(), gamma, n_actions=n_actions)


def inventory(capacity: int, n_orders: int, *, gamma: float, mean: float = 20.0) -> MDP:
    """Order 0 to ``n_orders - 1`` units, what does not fit is not delivered, then sell to a Poisson demand.

    Sales that stock cannot serve are lost. The demand's tail beyond eight standard deviations is added to its last
    value. Revenue less fixed, linear and holding cost is scaled to [0, 1].
    """
    largest = int(mean + 8 * np.sqrt(mean))
    demand = np.arange(largest + 1)
    pmf = np.exp(demand * np.log(mean) - mean - np.array([math.lgamma(k + 1) for k in demand.tolist()]))
    pmf[-1] += 1 - pmf.sum()
    n = capacity + 1
    stock, order = np.meshgrid(np.arange(n), np.arange(n_orders), indexing="ij")
    filled = np.minimum(stock + order, capacity)
    left = np.maximum(filled[..., None] - demand, 0)
    sold = np.minimum(filled[..., None], demand) @ pmf
    delivered = filled - stock
    r = sold / mean * 0.6 - 0.05 * (delivered > 0) - 0.2 * delivered / n_orders - 0.1 * filled / capacity
    r = (r - r.min()) / (r.max() - r.min())
    prob = np.broadcast_to(pmf, (n * n_orders, demand.size))
    return from_successors(left.reshape(-1, demand.size), prob, r.ravel(), gamma, n_actions=n_orders)


SUITE: dict[str, Callable[[], MDP]] = {
    "garnet_dense": partial(garnet, 2000, 20, 2000, gamma=0.99),
    "garnet_1e5": partial(garnet, 100_000, 4, 5, gamma=0.99),
    "garnet_1e6": partial(garnet, 1_000_000, 4, 4, gamma=0.95),
    "inventory_1e3": partial(inventory, 1000, 100, gamma=0.995),
    "queues_300": partial(queues, 300, gamma=0.999),
    "grid_300": partial(grid, 300, 300, gamma=0.999),
    "grid_1000": partial(grid, 1000, 1000, gamma=0.999),
    "forest_1e6": partial(forest, 1_000_000, gamma=0.99),
    "riverswim_1e4": partial(river_swim, 10_000, gamma=0.9999),
    "layered_4e5": partial(layered, 200, 2000, 4, 4, gamma=0.9999),
}
"""Each of the ten by name, as a function without arguments."""
