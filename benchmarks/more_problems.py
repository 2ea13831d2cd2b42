"""Problems of other structure, to validate a choice that was not tuned on them.

Every function is deterministic in its arguments. `MORE` names instances of a size that is built and solved in seconds,
with discounts near 1 where that makes them hard.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.sparse import csr_array, kron

from benchmarks.problems import from_successors, grid, walk
from mdps._poisson import depletion
from rltheory import MDP


def rooms(rooms_a_side: int, size: int, *, gamma: float, slip: float = 0.2, seed: int = 0) -> MDP:
    """Walk through square rooms, each joined to its neighbours by one door at a random place, to the last corner.

    Rooms of ``size`` by ``size`` cells are separated by walls one cell thick. A step earns up to 0.001, the goal 1.
    """
    rng = np.random.default_rng(seed)
    side = rooms_a_side * (size + 1) - 1
    walls = np.arange(size, side, size + 1)
    blocked = np.zeros((side, side), dtype=bool)
    blocked[walls], blocked[:, walls] = True, True
    for wall, room in itertools.product(walls.tolist(), range(rooms_a_side)):
        door = room * (size + 1) + rng.integers(0, size, size=2)
        blocked[wall, door[0]] = blocked[door[1], wall] = False
    return walk(blocked, 0.001 * rng.random(side * side), gamma=gamma, slip=slip)


def cube(side: int, *, gamma: float, slip: float = 0.2) -> MDP:
    """Move along one of three axes, in either direction, to a corner; astray to each of four sides by ``slip / 4``.

    Only the goal, the last cell, pays: 1 a step, for ever.
    """
    n = side**3
    cell = np.stack(np.unravel_index(np.arange(n), (side,) * 3), axis=1)
    steps = np.concatenate([np.eye(3, dtype=np.int64), -np.eye(3, dtype=np.int64)])
    landing = np.stack([np.clip(cell + step, 0, side - 1) @ [side * side, side, 1] for step in steps], axis=1)
    astray = [[k for k in range(6) if k % 3 != action % 3] for action in range(6)]
    successors = np.stack([landing[:, [action, *astray[action]]] for action in range(6)], axis=1)
    successors[-1] = n - 1
    r = np.zeros(6 * n)
    r[-6:] = 1.0
    prob = np.broadcast_to([1 - slip] + 4 * [slip / 4], (6 * n, 5))
    return from_successors(successors.reshape(6 * n, 5), prob, r, gamma, n_actions=6)


def tandem(room: int, *, gamma: float) -> MDP:
    """Admit or reject customers who pass three stations in a row, the last of them served slowly or fast.

    A step is an arrival (.3), the end of a service at station 1 (.2), 2 (.2) or 3 (.15 slow, .25 fast), or nothing. A
    service ends only if the next station has one of its ``room - 1`` places free. Action = admit + 2 * fast.
    """
    n = room**3
    waiting = np.stack(np.unravel_index(np.arange(n), (room,) * 3), axis=1)
    place = np.array([room * room, room, 1])
    served = [np.arange(n)] * 3
    for station in range(3):
        moves = waiting[:, station] > 0
        change = -place[station]
        if station < 2:
            moves = moves & (waiting[:, station + 1] < room - 1)
            change = change + place[station + 1]
        served[station] = np.arange(n) + change * moves
    successors, prob = np.empty((n, 4, 5), dtype=np.int64), np.empty((n, 4, 5))
    r = np.empty((n, 4))
    for action in range(4):
        fast, admit = divmod(action, 2)
        enters = (waiting[:, 0] < room - 1) & (admit == 1)
        rates = [0.3, 0.2, 0.2, (0.15, 0.25)[fast]]
        successors[:, action] = np.stack([np.arange(n) + place[0] * enters, *served, np.arange(n)], axis=1)
        prob[:, action] = [*rates, 1 - sum(rates)]
        r[:, action] = 0.4 + 0.5 * enters - 0.3 * waiting.sum(axis=1) / (3 * room) - 0.1 * fast
    return from_successors(successors.reshape(-1, 5), prob.reshape(-1, 5), r.ravel(), gamma, n_actions=4)


def blocks(n_blocks: int, size: int, n_actions: int, branching: int, *, leave: float, gamma: float) -> MDP:
    """Move at random within a block of states, and to a random state of another with probability ``leave``.

    Nearly decomposable: it mixes fast in a block, and slowly between them. Blocks differ in how much they pay.
    """
    rng = np.random.default_rng(0)
    n = n_blocks * size
    block = np.repeat(np.arange(n_blocks), size * n_actions)
    inner = block[:, None] * size + rng.integers(0, size, size=(n * n_actions, branching))
    successors = np.concatenate([inner, rng.integers(0, n, size=(n * n_actions, 1))], axis=1)
    weights = rng.exponential(size=inner.shape)
    prob = np.full(successors.shape, leave)
    prob[:, :-1] = (1 - leave) * weights / weights.sum(axis=1, keepdims=True)
    r = 0.5 * rng.random(n * n_actions) + 0.5 * rng.random(n_blocks)[block]
    return from_successors(successors, prob, r, gamma, n_actions=n_actions)


def components(n_components: int, levels: int, *, gamma: float, wear: float = 0.3) -> MDP:
    """Keep a machine of many parts running: leave it alone, or renew one part.

    In each step one part, drawn at random, wears by a level with probability ``wear``. Worn parts cost more than in
    proportion; renewal costs 0.4 of what a step can earn.
    """
    shape = (levels,) * n_components
    n = levels**n_components
    level = np.stack(np.unravel_index(np.arange(n), shape), axis=1)
    place = levels ** np.arange(n_components - 1, -1, -1)
    worn = level / (levels - 1)
    running = 1 - (worn**2).mean(axis=1)
    successors = np.empty((n, n_components + 1, n_components + 1), dtype=np.int64)
    r = np.repeat(0.4 + 0.6 * running[:, None], n_components + 1, axis=1)
    r[:, 1:] -= 0.4
    for action in range(n_components + 1):
        now = level.copy()
        if action:
            now[:, action - 1] = 0
        state = now @ place
        successors[:, action, :-1] = state[:, None] + place * (now < levels - 1)
        successors[:, action, -1] = state
    prob = np.array([wear / n_components] * n_components + [1 - wear])
    rows = successors.reshape(-1, n_components + 1)
    return from_successors(rows, np.broadcast_to(prob, rows.shape), r.ravel(), gamma, n_actions=n_components + 1)


def gambler(target: int, *, gamma: float, p_win: float = 0.4) -> MDP:
    """Stake capital on a coin until it is ``target`` or 0; arriving at the target pays 1.

    All stakes would be target**2 / 4 pairs. Here one may stake 1, 10, 100, ... and, if it is none of these, the most
    that makes sense, ``min(capital, target - capital)``: at 10**6 some 7 pairs a state, 160 MB.
    """
    capital = np.arange(target + 1)
    most = np.minimum(capital, target - capital)
    usual = 10 ** np.arange(int(np.log10(target)) + 1)
    stakes = np.concatenate([np.broadcast_to(usual, (target + 1, usual.size)), most[:, None]], axis=1)
    allowed = stakes <= most[:, None]
    allowed[:, -1] = ~np.isin(most, usual)  # so that no stake is listed twice; with no capital, or all of it, stake 0
    state, column = np.nonzero(allowed)
    stake = stakes[state, column]
    successors = np.stack([state - stake, state + stake], axis=1)
    prob = np.broadcast_to([1 - p_win, p_win], successors.shape)
    r = p_win * ((successors[:, 1] == target) & (stake > 0))
    return from_successors(successors, prob, r, gamma, n_actions=allowed.sum(axis=1))


def car_rental(capacity: int, *, gamma: float, smallest: float = 1e-3) -> MDP:
    """Jack's car rental (Sutton and Barto 2018, example 4.2) with more room: up to 5 cars are moved over night.

    The law of the evening's cars is a product over the two sites. Of each site's law the entries below ``smallest``
    are left out and the others rescaled, so that a row has some 200 entries, not ``(capacity + 1)**2``. Rewards are
    in units of what a day can earn on average.
    """
    sites = [_evening(capacity, asked, back, smallest) for asked, back in ((3.0, 3.0), (4.0, 2.0))]
    joint = csr_array(kron(sites[0][0], sites[1][0], format="csr"))
    first, second = np.divmod(np.arange((capacity + 1) ** 2), capacity + 1)
    moves = np.arange(-5, 6)
    state, action = np.nonzero((moves <= first[:, None]) & (-moves <= second[:, None]))
    moved = moves[action]
    here, there = np.minimum(first[state] - moved, capacity), np.minimum(second[state] + moved, capacity)
    earned = 10.0 * (sites[0][1][here] + sites[1][1][there]) - 2.0 * np.abs(moved)
    return MDP.from_pairs(joint[here * (capacity + 1) + there], earned / 70.0, gamma, states=state)


def _evening(capacity: int, asked: float, back: float, smallest: float) -> tuple[csr_array, np.ndarray]:
    """Return a site's truncated law of the evening's cars, and the expected rentals, for each number in the morning."""
    left, rented = depletion(capacity, asked)
    free, _ = depletion(capacity, back)
    law = left @ free[::-1, ::-1]
    return MDP.normalised(csr_array(np.where(law < smallest, 0.0, law))), rented


def sand_tetris(width: int, height: int, *, gamma: float) -> MDP:
    """Drop pieces into a well, where they fill the holes below them; full rows vanish and pay 1 / ``height`` each.

    A state is the height of each column, and the piece to be placed; an action is a turn and a column where it fits.
    There are 1 to 2 * width - 1 actions. A piece that fits nowhere, once rows have vanished, ends the game, in the last
    state. The height is at least 3.
    """
    pieces: list[list[tuple[int, ...]]] = [[(2,), (1, 1)], [(1, 2), (2, 1)], [(2, 2)], [(3,), (1, 1, 1)]]
    wells = np.stack(np.unravel_index(np.arange((height + 1) ** width), (height + 1,) * width), axis=1)
    wells = wells[wells.min(axis=1) == 0]  # a full row is never seen
    place = (height + 1) ** np.arange(width - 1, -1, -1)
    number = np.full((height + 1) ** width, -1)
    number[wells @ place] = np.arange(len(wells))
    n = len(pieces) * len(wells) + 1
    found = []
    for piece, turns in enumerate(pieces):
        for turn in turns:
            for column in range(width - len(turn) + 1):
                filled = wells.copy()
                filled[:, column : column + len(turn)] += turn
                cleared = filled.min(axis=1)
                filled -= cleared[:, None]
                fits = np.flatnonzero(filled.max(axis=1) <= height)
                after = number[filled[fits] @ place]
                found.append((fits * len(pieces) + piece, after * len(pieces), cleared[fits] / height))
    states, after, r = (np.concatenate(column) for column in zip(*found, strict=True))
    over = np.setdiff1d(np.arange(n), states)  # where nothing fits, and the end itself
    states = np.concatenate([states, over])
    lasting = after[:, None] + np.arange(len(pieces))
    successors = np.concatenate([lasting, np.full((over.size, len(pieces)), n - 1)])
    order = np.argsort(states, kind="stable")
    prob = np.full(successors.shape, 1 / len(pieces))
    r = np.concatenate([r, np.zeros(over.size)])
    return from_successors(successors[order], prob, r[order], gamma, n_actions=np.bincount(states))


def ragged(n_states: int, most: int, branching: int, *, gamma: float, seed: int = 0) -> MDP:
    """Draw the number of actions of each state uniformly from 1 to ``most``, then successors as in a garnet.

    Successors lie within 1 % of the states on either side (around the end to the beginning), so that it mixes slowly.
    """
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, most, size=n_states, endpoint=True)
    state = np.repeat(np.arange(n_states), counts)
    reach = max(1, n_states // 100)
    successors = (state[:, None] + rng.integers(-reach, reach, size=(state.size, branching), endpoint=True)) % n_states
    prob = rng.exponential(size=successors.shape)
    prob /= prob.sum(axis=1, keepdims=True)
    return from_successors(successors, prob, rng.random(state.size), gamma, n_actions=counts)


def cycle(n: int, *, gamma: float) -> MDP:
    """Go on around a long cycle, without any chance, or go back to its start: closing the cycle pays 1, giving up .01.

    State 0 pays nothing for going back, so that staying there is no way to earn.
    """
    s = np.arange(n)
    successors = np.stack([(s + 1) % n, np.zeros_like(s)], axis=1).reshape(-1, 1)
    r = np.zeros((n, 2))
    r[-1, 0], r[1:, 1] = 1.0, 0.01
    return from_successors(successors, np.ones(successors.shape), r.ravel(), gamma, n_actions=2)


def mixed_layers(layers: int, width: int, n_actions: int, *, gamma: float, seed: int = 0) -> MDP:
    """Go from each layer to any state of the next, and from the last to the first; all transitions are possible.

    One layer mixes in a step. With more of them the chain is periodic, and the span of ``T v - v`` shrinks by no more
    than the discount.
    """
    rng = np.random.default_rng(seed)
    n = layers * width
    layer = np.repeat(np.arange(layers), width * n_actions)
    successors = ((layer + 1) % layers * width)[:, None] + np.arange(width)
    prob = rng.exponential(size=successors.shape)
    prob /= prob.sum(axis=1, keepdims=True)
    return from_successors(successors, prob, rng.random(n * n_actions), gamma, n_actions=n_actions)


def shuffled(mdp: MDP, *, seed: int = 0) -> MDP:
    """Return the same model with its states numbered at random."""
    number = np.random.default_rng(seed).permutation(mdp.n_states)
    old = np.argsort(number)
    counts = mdp.action_counts[old]
    rows = np.repeat(mdp.pair_start[old] - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    rows += np.arange(mdp.n_pairs)
    P = mdp.P[rows]
    P = csr_array((P.data, number[P.indices].astype(np.int32), P.indptr), shape=P.shape)
    P.sort_indices()
    return MDP.from_pairs(P, mdp.r[rows], mdp.gamma, pair_start=np.concatenate([[0], np.cumsum(counts)]))


MORE: dict[str, Callable[[], MDP]] = {
    "rooms": partial(rooms, 10, 20, gamma=0.999),
    "cube": partial(cube, 45, gamma=0.999),
    "tandem": partial(tandem, 40, gamma=0.999),
    "blocks": partial(blocks, 50, 1000, 4, 5, leave=0.001, gamma=0.9999),
    "components": partial(components, 7, 5, gamma=0.999),
    "gambler_1e6": partial(gambler, 1_000_000, gamma=0.9999),
    "car_rental_100": partial(car_rental, 100, gamma=0.99),
    "sand_tetris": partial(sand_tetris, 6, 5, gamma=0.999),
    "ragged": partial(ragged, 50_000, 40, 4, gamma=0.999),
    "shuffled_grid": lambda: shuffled(grid(300, 300, gamma=0.999)),
    "cycle_1e5": partial(cycle, 100_000, gamma=0.9999),
    "mixed_1": partial(mixed_layers, 1, 1000, 10, gamma=0.999),
    "mixed_4": partial(mixed_layers, 4, 500, 10, gamma=0.999),
}
"""Each of them by name, as a function without arguments."""
