"""How long the analysis of lookahead takes, beside plain NumPy: ``python -m benchmarks.horizon``, one thread.

The games are random ones of the sizes of the BRIDGE data set: every action leads to a state nearby, as in a game whose
states are numbered in the order of exploration, and few actions pay. ``--large`` adds a million states, which takes
minutes.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from rltheory import OutcomeModel
from rltheory.horizon import analyse
from rltheory.planning import use_threads


def random_game(n_states: int, n_actions: int, *, reach: int = 50, seed: int = 0) -> OutcomeModel:
    """Return a deterministic game; of its arrays, only those of the model are ever in memory."""
    rng = np.random.default_rng(seed)
    rows = (n_states * n_actions, 1)
    next_state = rng.integers(-reach, reach, rows, dtype=np.int32)
    next_state += np.repeat(np.arange(n_states, dtype=np.int32), n_actions)[:, None]
    next_state %= n_states
    reward = (rng.random(rows, dtype=np.float32) < 0.01).astype(np.float64)
    return OutcomeModel(np.ones(rows), next_state, reward, 1.0, 0, np.arange(0, rows[0] + 1, n_actions))


def plain_sweep(model: OutcomeModel, H: int, K: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which lookaheads solve the game and the worst greedy returns, as one writes it in an afternoon."""
    shape = (model.n_states, model.n_actions)
    following, r = model.next_state.reshape(shape), model.reward.reshape(shape)
    optimum = np.zeros(shape[0])
    lookahead, worst = np.zeros((2, K, shape[0]))
    bad = np.zeros((K, shape[0]), dtype=bool)
    for _ in range(H):
        best = r + optimum[following]
        optimum = best.max(axis=1)
        is_bad = best < optimum[:, None] * (1 - 1e-10)
        for k in reversed(range(K)):
            q = r + lookahead[k][following]
            top = q.max(axis=1)
            greedy = q >= top[:, None] * (1 - 1e-10)
            bad[k] = (greedy & (is_bad | bad[k][following])).any(axis=1)
            worst[k] = np.where(greedy, r + worst[k][following], np.inf).min(axis=1)
            if k + 1 < K:
                lookahead[k + 1] = top
            if k == 0:
                lookahead[0] = q.mean(axis=1)
    return ~bad[:, 0], worst[:, 0]


def timed(ask: Callable[[], object], repeats: int) -> float:
    """Return the least time of several."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--large", action="store_true")
    given = parser.parse_args()
    game = random_game(17_225, 6)
    analyse(game, 2)  # compiles
    with use_threads(1):
        seconds = timed(lambda: analyse(game, 100, max_k=18, window=False), given.repeats)
        print(f"S=17,225, A=6, H=100, K=18           {seconds:7.2f} s")
        window = analyse(game, 100, max_k=18).planning_window
        seconds = timed(lambda: analyse(game, 100, max_k=18), given.repeats)
        print(f"  the same with the planning window  {seconds:7.2f} s, which is {window}")
        seconds = timed(lambda: analyse(game, 100, max_k=3, sticky=0.25, window=False), given.repeats)
        print(f"  sticky, 103,350 states, K=3        {seconds:7.2f} s")
    began = time.perf_counter()
    solvable, worst = plain_sweep(game, 100, 18)
    print(f"  plain NumPy, without the gaps      {time.perf_counter() - began:7.2f} s")
    report = analyse(game, 100, max_k=18, window=False)
    same = (solvable == report.solvable).all() and np.allclose(worst, report.worst_greedy_return, rtol=1e-12)
    print(f"  the same answers: {same}")
    if given.large:
        game = random_game(1_000_000, 18)
        tracemalloc.start()
        seconds = timed(lambda: analyse(game, 100, max_k=1, window=False), 1)
        vectors = tracemalloc.get_traced_memory()[1] / 8e6
        print(f"S=1,000,000, A=18, H=100, k=1        {seconds:7.2f} s in {vectors:.2f} vectors beside the model")


if __name__ == "__main__":
    main()
