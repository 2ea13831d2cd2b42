"""How long rollouts and policy gradients take, and how far they come: ``python -m benchmarks.submodular``.

Rollouts: 100,000 walks of 39 moves on a grid of 30 by 30, with the gains of what is seen; the target is less than 2 s
on two cores. The rival draws with NumPy, one walk after the other, as one writes it in an afternoon; it walks a
thousand times, and its time is scaled up. Learning: SubPO on the published grids whose optimum is proven, over seeds,
with Student's interval for the mean.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from mdps.submodular import coverage_grid, random_steiner_covering, two_room
from rltheory.planning import use_threads
from rltheory.submodular.beam_search import beam_search
from rltheory.submodular.greedy_paths import greedy_path
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.policy_run import PolicyRun
from rltheory.submodular.rollouts import roll_out
from rltheory.submodular.subpo import modpo, subpo
from rltheory.submodular.update_rules import ascent

_PATHS, _SAMPLE = 100_000, 1_000


def plain_rollouts(mdp: SubmodularMDP, table: np.ndarray, n_paths: int, rng: np.random.Generator) -> float:
    """Walk with ``rng.choice``, and keep the set of items seen; return the mean of what is seen."""
    P, F, total = mdp.dynamics.rows(0), mdp.F, 0.0
    successors = [P.indices[P.indptr[i] : P.indptr[i + 1]] for i in range(P.shape[0])]
    laws = [P.data[P.indptr[i] : P.indptr[i + 1]] for i in range(P.shape[0])]
    items = [F.items_of(s) for s in range(mdp.n_states)]  # type: ignore[attr-defined]
    for _ in range(n_paths):
        state, seen = int(rng.choice(mdp.n_states, p=mdp.mu)), set()
        seen.update(items[state])
        for h in range(mdp.H):
            pair = mdp.pair_start[state] + rng.choice(mdp.n_actions, p=table[h, state])
            state = int(rng.choice(successors[pair], p=laws[pair]))
            seen.update(items[state])
        total += len(seen)
    return total / n_paths


def timed(ask: Callable[[], object], repeats: int = 3) -> float:
    """Return the least time of several."""
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - start)
    return min(taken)


def compare_rollouts() -> None:
    """Print seconds for 100,000 walks, with and without chance."""
    print(f"{'walks':<16}{'1 thread':>10}{'2 threads':>11}{'plain':>10}{'ratio':>8}")
    for slip in (0.0, 0.1):
        mdp = coverage_grid(np.ones((30, 30)), H=39, slip=slip)
        policy = MarkovSoftmax.uniform(mdp)
        roll_out(mdp, policy, 10, rng=0)
        ours = []
        for threads in (1, 2):
            with use_threads(threads):
                ours.append(timed(lambda: roll_out(mdp, policy, _PATHS, rng=0)))  # noqa: B023
        rng = np.random.default_rng(0)
        plain = timed(lambda: plain_rollouts(mdp, policy.table, _SAMPLE, rng), 1) * _PATHS / _SAMPLE  # noqa: B023
        print(f"{f'slip {slip:g}':<16}{ours[0]:>10.2f}{ours[1]:>11.2f}{plain:>10.0f}{plain / ours[1]:>8.0f}")


def learners() -> dict[str, tuple[float, Callable[[int], PolicyRun]]]:
    """Return, for each learner, what nothing exceeds and what learns: a function of the seed."""
    rooms, shop = two_room(), random_steiner_covering(rng=0)
    greedy, beam = greedy_path(rooms).path, beam_search(rooms, width=30).path
    quick = {"rounds": 200, "batch": 1000, "natural": True, "update": ascent(0.1)}
    slow = {"rounds": 300, "batch": 2000, "natural": True, "update": ascent(0.05)}
    collect = {"rounds": 100, "batch": 500, "natural": True, "update": ascent(0.3)}
    return {
        "two rooms, ModPO": (68, lambda seed: modpo(rooms, rng=seed, **quick)),
        "two rooms, uniform start": (68, lambda seed: subpo(rooms, rng=seed, **quick)),
        "two rooms, greedy start": (
            68,
            lambda seed: subpo(rooms, MarkovSoftmax.along(rooms, greedy), rng=seed, **quick),
        ),
        "two rooms, start of beam 30": (
            68,
            lambda seed: subpo(rooms, MarkovSoftmax.along(rooms, beam), rng=seed, **slow),
        ),
        "Steiner covering": (21, lambda seed: subpo(shop, rng=seed, **collect)),
    }


def compare_learners(seeds: int) -> None:
    """Print, for each learner, the mean over seeds of what it reaches, and seconds for one of them."""
    from scipy.stats import t

    print(f"\n{'learner':<30}{'at most':>8}{'mean':>8}{'interval':>17}{'rollouts':>11}{'seconds':>9}")
    for name, (optimum, learn) in learners().items():
        start = time.perf_counter()
        runs = [learn(seed) for seed in range(seeds)]
        seconds = (time.perf_counter() - start) / seeds
        values = np.array([run.certified(upper=optimum).value for run in runs])
        half = t.ppf(0.975, seeds - 1) * values.std(ddof=1) / np.sqrt(seeds)
        ends = f"[{values.mean() - half:.1f}, {values.mean() + half:.1f}]"
        rollouts = runs[0].rollouts
        print(f"{name:<30}{optimum:>8}{values.mean():>8.1f}{ends:>17}{rollouts:>11,}{seconds:>9.1f}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="runs of each learner, at least 2; 0 leaves them out")
    args = parser.parse_args()
    compare_rollouts()
    if args.seeds:
        compare_learners(args.seeds)
