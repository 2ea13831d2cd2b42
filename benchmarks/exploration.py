r"""How long tabular learners take, planning and exact evaluation included: ``python -m benchmarks.exploration``.

A random world of S states and A actions is played for K episodes of H steps. Beside ours stands UCBVI as one writes it
in an afternoon, in NumPy with one product for each step of the plan, on fewer episodes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from rltheory import FiniteHorizonMDP
from rltheory.exploration import Data, Scaled
from rltheory.exploration.mvp import mvp
from rltheory.exploration.posterior_sampling import posterior_sampling
from rltheory.exploration.rf_express import rf_express
from rltheory.exploration.rf_ucrl import rf_ucrl
from rltheory.exploration.ucb_q import ucb_q
from rltheory.exploration.ucbvi import ucbvi, ucbvi_bernstein

LEARNERS: dict[str, Callable[..., Any]] = {
    "UCBVI": partial(ucbvi, radius=Data()),
    "UCBVI-Bernstein": partial(ucbvi_bernstein, radius=Scaled(0.02)),
    "UCB-Q": partial(ucb_q, radius=Scaled(0.1)),
    "MVP": partial(mvp, radius=Scaled(0.002)),
    "posterior sampling": posterior_sampling,
    "RF-UCRL": rf_ucrl,
    "RF-Express": rf_express,
}
_PLAIN_EPISODES = 500


def random_world(n_states: int, n_actions: int, H: int) -> FiniteHorizonMDP:
    rng = np.random.default_rng(0)
    P = rng.dirichlet(np.ones(n_states), (n_states, n_actions))
    return FiniteHorizonMDP(P, rng.random((n_states, n_actions)), H=H, mu=0)


def plain_ucbvi(model: FiniteHorizonMDP, episodes: int, width: float, rng: np.random.Generator) -> np.ndarray:
    """Return the value of the policy of each episode."""
    P, r, H = model.P, model.r, model.H
    moves, q, values = np.zeros(P.shape), np.full((H, *r.shape), float(H)), np.empty(episodes)
    states = np.arange(len(P))
    for k in range(episodes):
        n = moves.sum(axis=2)
        kernel, bonus = moves / np.maximum(n, 1)[..., None], width / np.sqrt(np.maximum(n, 1))
        after = value = np.zeros(len(P))
        for t in reversed(range(H)):
            planned = np.where(n > 0, r + kernel @ after + bonus, H)
            q[t] = np.minimum(q[t], planned)
            after, policy = q[t].max(axis=1), q[t].argmax(axis=1)
            value = r[states, policy] + P[states, policy] @ value
        values[k] = model.mu @ value
        s = rng.choice(len(P), p=model.mu)
        for t in range(H):
            a = q[t, s].argmax()
            following = rng.choice(len(P), p=P[s, a])
            moves[s, a, following] += 1
            s = following
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("states", 10), ("actions", 5), ("steps", 10), ("episodes", 100_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    model = random_world(given.states, given.actions, given.steps)
    print(f"{given.states} states, {given.actions} actions, {given.steps} steps, {given.episodes:,} episodes")
    for name, learn in LEARNERS.items():
        learn(model, 1, rng=0)  # compiles
        began = time.process_time()
        learn(model, given.episodes, rng=0)
        seconds = time.process_time() - began
        print(f"{name:20} {seconds:7.2f} s  {1e6 * seconds / (given.episodes * given.steps):7.2f} microseconds a step")
    began = time.process_time()
    plain_ucbvi(model, _PLAIN_EPISODES, 10.0, np.random.default_rng(0))
    each = (time.process_time() - began) / (_PLAIN_EPISODES * given.steps)
    print(f"{'UCBVI in NumPy':20} {'':9}  {1e6 * each:7.2f} microseconds a step, over {_PLAIN_EPISODES} episodes")


if __name__ == "__main__":
    main()
