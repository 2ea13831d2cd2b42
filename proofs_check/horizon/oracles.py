"""Lookahead by its definitions, in plain NumPy and by enumeration: what the theorems of this wing are judged by."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np

from rltheory import OutcomeModel


def kernel(model: OutcomeModel) -> tuple[np.ndarray, np.ndarray]:
    """Return dense transition probabilities (S, A, S) and expected rewards (S, A)."""
    n_states, n_actions = model.n_states, model.n_actions
    P, r = np.zeros((n_states, n_actions, n_states)), np.zeros((n_states, n_actions))
    for row in range(model.n_pairs):
        s, a = divmod(row, n_actions)
        for p, after, reward in zip(model.prob[row], model.next_state[row], model.reward[row], strict=True):
            P[s, a, after] += p
            r[s, a] += p * reward
    return P, r


def lookahead_tables(model: OutcomeModel, H: int, K: int, *, explore: bool = True) -> list[np.ndarray]:
    """Return Q^1, ..., Q^K, each of shape (H, S, A); without exploration nothing is counted beyond the lookahead."""
    P, r = kernel(model)
    tables = [np.zeros((H, *r.shape)) for _ in range(K)]
    for j, table in enumerate(tables):
        table[H - 1] = r
        for t in range(H - 2, -1, -1):
            if j == 0:
                following = table[t + 1].mean(axis=1) if explore else np.zeros(len(r))
            else:
                following = tables[j - 1][t + 1].max(axis=1)
            table[t] = r + P @ following
    return tables


def optimal_table(model: OutcomeModel, H: int) -> np.ndarray:
    """Return Q*, shape (H, S, A)."""
    P, r = kernel(model)
    table = np.zeros((H, *r.shape))
    table[H - 1] = r
    for t in range(H - 2, -1, -1):
        table[t] = r + P @ table[t + 1].max(axis=1)
    return table


def expected_return(model: OutcomeModel, H: int, policy: np.ndarray) -> float:
    """Return the expected return of actions of shape (H, S)."""
    P, r = kernel(model)
    value, states = np.zeros(len(r)), np.arange(len(r))
    for t in range(H - 1, -1, -1):
        value = r[states, policy[t]] + P[states, policy[t]] @ value
    return float(model.mu @ value)


def greedy_sets(table: np.ndarray) -> np.ndarray:
    """Return which actions are greedy, shape (H, S, A), rounding apart."""
    best = table.max(axis=2, keepdims=True)
    return table >= best - 1e-10 * (np.abs(table).max() or 1.0)


def worst_greedy_return(model: OutcomeModel, H: int, table: np.ndarray) -> float:
    """Return the least expected return of a policy greedy for Q of shape (H, S, A)."""
    P, r = kernel(model)
    value, greedy = np.zeros(len(r)), greedy_sets(table)
    for t in range(H - 1, -1, -1):
        value = np.where(greedy[t], r + P @ value, np.inf).min(axis=1)
    return float(model.mu @ value)


def optimal_return(model: OutcomeModel, H: int) -> float:
    """Return the largest expected return."""
    return float(model.mu @ optimal_table(model, H)[0].max(axis=1))


def solves(model: OutcomeModel, H: int, table: np.ndarray) -> bool:
    """Whether every policy greedy for Q is optimal."""
    best = optimal_return(model, H)
    return worst_greedy_return(model, H, table) >= best - 1e-9 * (1 + abs(best))


def least_lookahead(model: OutcomeModel, H: int, *, explore: bool = True) -> int:
    """Return the least k that solves the game, H + 1 if none up to H does."""
    tables = lookahead_tables(model, H, H, explore=explore)
    return next((k for k, table in enumerate(tables, start=1) if solves(model, H, table)), H + 1)


Path = tuple[tuple[int, ...], list[tuple[int, int]], float, int]
"""A sequence of actions, the pairs that it visits, what they pay, and where it ends."""


def paths(model: OutcomeModel, s: int, steps: int) -> Iterator[Path]:
    """Yield the path of each sequence of actions of a deterministic model."""
    A = model.n_actions
    for actions in product(range(A), repeat=steps):
        at, earned, visited = s, 0.0, []
        for a in actions:
            visited.append((at, a))
            earned += float(model.reward[at * A + a, 0])
            at = int(model.next_state[at * A + a, 0])
        yield actions, visited, earned, at


def start(model: OutcomeModel) -> int:
    """Return the one state that a game starts in."""
    return int(np.argmax(model.mu))


def sequence_laws(model: OutcomeModel, H: int, k: int, t: int, s: int) -> list[tuple[int, np.ndarray]]:
    """Return, for each sequence, its first action and the equally probable returns as exploring goes on."""
    depth = min(k, H - t)
    found = []
    for actions, _, earned, end in paths(model, s, depth):
        rest = np.array([more for _, _, more, _ in paths(model, end, H - t - depth)])
        found.append((actions[0], earned + rest))
    return found


def optimal_actions(table: np.ndarray, t: int, s: int) -> np.ndarray:
    """Return which actions are optimal, shape (A,)."""
    return table[t, s] >= table[t, s].max() - 1e-9


def play_gorp(model: OutcomeModel, H: int, k: int, m: int, rng: np.random.Generator) -> int:
    """Return the timesteps of greedy over random policy, one episode after the other; the first of equals wins."""
    A, s, steps = model.n_actions, start(model), 0
    for t in range(H):
        if is_over(model, s):
            break
        winner, score = 0, -math.inf
        for actions in product(range(A), repeat=min(k, H - t)):
            total = 0.0
            for _ in range(m):
                at = s
                steps += t
                for a in (*actions, *rng.integers(A, size=H - t - len(actions)).tolist()):
                    if is_over(model, at):
                        break
                    total += float(model.reward[at * A + a, 0])
                    at = int(model.next_state[at * A + a, 0])
                    steps += 1
            if total > score:
                winner, score = actions[0], total
        s = int(model.next_state[s * A + winner, 0])
    return steps


def play_sqirl(model: OutcomeModel, H: int, k: int, m: int, rng: np.random.Generator) -> np.ndarray:
    """Return the policy (H, S) of shallow Q-iteration with averages of cells, m fresh episodes for each regression."""
    A, S = model.n_actions, model.n_states
    policy = np.zeros((H, S), dtype=int)

    def episodes(i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return states (H + 1, m), actions and rewards (H, m): ``policy`` before step i, uniform from it on."""
        states, actions = np.empty((H + 1, m), dtype=int), rng.integers(A, size=(H, m))
        rewards = np.empty((H, m))
        states[0] = rng.choice(S, size=m, p=model.mu)
        for t in range(H):
            actions[t] = policy[t, states[t]] if t < i else actions[t]
            rows = states[t] * A + actions[t]
            drawn = (rng.random(m)[:, None] >= model.prob[rows].cumsum(axis=1)[:, :-1]).sum(axis=1)
            rewards[t], states[t + 1] = model.reward[rows, drawn], model.next_state[rows, drawn]
        return states, actions, rewards

    for i in range(H):
        last = min(i + k, H) - 1
        q = np.zeros((S, A))
        for t in range(last, i - 1, -1):
            states, actions, rewards = episodes(i)
            target = rewards[t:].sum(axis=0) if t == last else rewards[t] + q[states[t + 1]].max(axis=1)
            total, count = np.zeros((2, S, A))
            np.add.at(total, (states[t], actions[t]), target)
            np.add.at(count, (states[t], actions[t]), 1)
            q = total / np.maximum(count, 1)
        policy[i] = q.argmax(axis=1)
    return policy


def is_over(model: OutcomeModel, s: int) -> bool:
    """Whether every action of a deterministic model stays in a state and pays nothing."""
    own = slice(s * model.n_actions, (s + 1) * model.n_actions)
    return bool((model.next_state[own] == s).all() and (model.reward[own] == 0).all())


def laws_of_sums(returns: list[np.ndarray], m: int) -> np.ndarray:
    """Return laws of sums of m draws, each from equally probable returns in quarters; one row each, of one origin."""
    low, high = (round(4 * extreme) for extreme in (min(x.min() for x in returns), max(x.max() for x in returns)))
    found = []
    for x in returns:
        once = np.bincount(np.rint(4 * x).astype(int) - low, minlength=high - low + 1) / x.size
        found.append(np.fft.irfft(np.fft.rfft(once, m * (high - low) + 1) ** m, m * (high - low) + 1))
    return np.array(found)


def success_probability(model: OutcomeModel, H: int, k: int, m: int = 1) -> float:
    """Return the exact probability that greedy over random policy succeeds; ties go to suboptimal actions, else first.

    Rewards are quarters.
    """
    best = optimal_table(model, H)

    def chance(t: int, s: int) -> float:
        if t == H:
            return 1.0
        optimal, total = optimal_actions(best, t, s), 0.0
        after = model.next_state[s * model.n_actions : (s + 1) * model.n_actions, 0].tolist()
        worth = [chance(t + 1, f) if good else 0.0 for f, good in zip(after, optimal, strict=True)]
        compared = sorted(sequence_laws(model, H, k, t, s), key=lambda sequence: optimal[sequence[0]])
        laws = laws_of_sums([returns for _, returns in compared], m)
        at_most = laws.cumsum(axis=1)
        below = at_most - laws
        for z, (first, _) in enumerate(compared):
            total += worth[first] * float(laws[z] @ (below[:z].prod(axis=0) * at_most[z + 1 :].prod(axis=0)))
        return total

    return chance(0, start(model))


def play_optimist(model: OutcomeModel, H: int) -> int:
    """Return the timesteps until optimism plays an optimal episode of a deterministic model; ties go to worse actions.

    What has not been tried is believed to stay and to pay the largest reward.
    """
    A, largest = model.n_actions, float(model.reward.max())
    over = [is_over(model, s) for s in range(model.n_states)]
    best, promised = optimal_table(model, H), optimal_return(model, H)
    known: dict[tuple[int, int], tuple[float, int]] = {
        (s, a): (0.0, s) for s in range(model.n_states) if over[s] for a in range(A)
    }

    def believed(s: int, left: int) -> list[float]:
        tried = [known.get((s, a), (largest, s)) for a in range(A)]
        return [r + (max(believed(f, left - 1)) if left > 1 else 0.0) for r, f in tried]

    steps = 0
    while True:
        s, earned = start(model), 0.0
        for t in range(H):
            if over[s]:
                break
            q = believed(s, H - t)
            a = min((a for a in range(A) if q[a] >= max(q) - 1e-12), key=lambda a: best[t, s, a])
            known[s, a] = float(model.reward[s * A + a, 0]), int(model.next_state[s * A + a, 0])
            earned, s, steps = earned + known[s, a][0], known[s, a][1], steps + 1
        if earned >= promised - 1e-9:
            return steps
