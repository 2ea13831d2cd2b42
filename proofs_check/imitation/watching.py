r"""What a learner loses that has only watched: the squared horizon, from above and from below."""

from __future__ import annotations

import itertools
import math
from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from mdps.strategies import laws
from proofs_check.claims import Claim, Remark
from proofs_check.imitation.instances import (
    Apprenticeship,
    apprenticeships,
    earned,
    errors,
    state_paths,
    tables,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import Dataset, FiniteHorizonMDP
from rltheory.imitation import behaviour_cloning, bounds


def _stumble(H: int, error: float) -> Apprenticeship:
    """The steep path, and a learner that errs in its first step only."""
    model, expert, learner = tables(*mdps.steep_path(H, error))
    learner[1:] = expert[1:]
    return model, expert, learner


def _gap(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray) -> float:
    return earned(model, expert) - earned(model, learner)


def _cloning(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray) -> Check:
    seen = errors(model, expert, learner, visitor=expert)
    return Check(_gap(model, expert, learner), bounds.cloning_gap(seen))


cloning_gap = Theorem(
    name="imitation-cloning-gap",
    statement=(
        r"$J(\pi^e) - J(\pi) \le \sum_t (H - t)\, \epsilon_t$ with $\epsilon_t = \mathbb{E}_{s \sim d^{\pi^e}_t}"
        r" TV(\pi^e_t(\cdot|s), \pi_t(\cdot|s))$."
    ),
    source="ross2010; derived here",
    assumptions=r"H steps t = 0..H-1, rewards in $[0, 1]$; any expert and learner",
    instances=apprenticeships() | st.just(_stumble(3, 0.5)),
    check=_cloning,
    refutable=scaled(_cloning),
    tight=lambda: _cloning(*_stumble(10, 0.1)),
    tight_ratio=0.999,
    attained_by="A wrong first step on a path from which one falls",
)


def _quadratic(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray) -> Check:
    seen = errors(model, expert, learner, visitor=expert)
    return Check(_gap(model, expert, learner), bounds.cloning_gap_uniform(model.H, float(seen.max())))


cloning_gap_uniform = Theorem(
    name="imitation-cloning-quadratic",
    statement=r"If $\epsilon_t \le \epsilon$ at all steps, a clone loses at most $\epsilon H (H + 1) / 2$.",
    source="ross2010",
    assumptions="as for imitation-cloning-gap",
    instances=apprenticeships() | st.just(tables(*mdps.steep_path(4, 1e-3))),
    check=_quadratic,
    refutable=scaled(_quadratic),
    tight=lambda: _quadratic(*tables(*mdps.steep_path(10, 1e-4))),
    tight_ratio=0.999,
    attained_by="A path from which one falls, and small errors,",
)


def _demonstrations(model: FiniteHorizonMDP, expert: np.ndarray, paths: Any) -> Dataset:
    actions = expert.argmax(axis=2)
    episodes = [
        [(s, int(actions[t, s]), 0.0, after) for t, (s, after) in enumerate(itertools.pairwise([*path, 0]))]
        for path in paths
    ]
    return Dataset.from_episodes(episodes, model.n_states, model.n_actions, model.H)


def _sampled(model: FiniteHorizonMDP, expert: np.ndarray, _learner: np.ndarray, episodes: int) -> Check:
    """Average over all data that the expert may show."""
    best, lost = earned(model, expert), 0.0
    for shown in itertools.product(list(state_paths(model, expert)), repeat=episodes):
        paths, chances = zip(*shown, strict=True)
        clone = behaviour_cloning(_demonstrations(model, expert, paths))
        lost += math.prod(chances) * (best - earned(model, clone))
    return Check(lost, bounds.cloning_gap_samples(model.H, model.n_states, model.n_actions, episodes))


def _fair_draw(episodes: int) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, int]:
    """One step from N + 1 states, equally likely."""
    p = np.full(episodes + 1, 1 / (episodes + 1))
    P = np.repeat(np.eye(p.size)[:, None], 2, axis=1)
    model = FiniteHorizonMDP(P, np.tile([1.0, 0.0], (p.size, 1)), 1, mu=p)
    return *tables(model, np.zeros(p.size, dtype=int), np.full((p.size, 2), 0.5)), episodes


_SHORT = apprenticeships(max_steps=2, certain=True)

cloning_samples = Theorem(
    name="imitation-cloning-samples",
    statement=(
        r"A clone of N episodes loses on average at most $\frac{H (H+1)}2 \big(1 - \frac1A\big) \frac SN"
        r" \big(\frac N{N+1}\big)^{N+1} \le \frac{S H (H+1)}{2 e N}$."
    ),
    source="rajaraman2020 (an order); derived here",
    assumptions=(
        r"a deterministic expert; the clone draws lots where nothing was seen. Derived from imitation-cloning-gap and "
        r"$x (1-x)^N \le \frac1N (\frac N{N+1})^{N+1}$; the left side is exact, over all data"
    ),
    instances=st.tuples(_SHORT, st.integers(1, 2)).map(lambda drawn: (*drawn[0], drawn[1])) | st.just(_fair_draw(1)),
    check=_sampled,
    refutable=scaled(_sampled),
    tight=lambda: _sampled(*_fair_draw(3)),
    tight_ratio=0.999,
    attained_by="One step from N + 1 states, equally likely,",
)

Lesson = tuple[int, int, int, int, np.ndarray, float]
"""Steps, states, actions, episodes; what the learner plays where it has seen nothing, and how often it is stubborn."""


@st.composite
def _lessons(draw: DrawFn) -> Lesson:
    H, S, A, N = draw(st.sampled_from([(1, 3, 2, 1), (2, 3, 2, 1), (1, 4, 2, 2), (1, 3, 3, 2), (2, 3, 2, 2)]))
    return H, S, A, N, draw(laws(1, A, uneven=False))[0], draw(st.sampled_from([0.0, 0.1, 1.0]))


def _taught(H: int, S: int, A: int, N: int, guess: np.ndarray, stubborn: float) -> Check:
    """Average over the experts' lots and over all data, for one learner."""
    p = bounds.renewal_distribution(S, N)
    lost, experts = 0.0, list(itertools.product(range(A), repeat=H * (S - 1)))
    for chosen in experts:
        actions = np.reshape(chosen, (H, S - 1))
        model = mdps.renewal(p, actions, n_actions=A)
        for shown in itertools.product(range(S - 1), repeat=H * N):
            learner = np.broadcast_to(guess, (H, S, A)).copy()
            for t, s in zip(itertools.cycle(range(H)), shown, strict=False):
                learner[t, s] = (1 - stubborn) * np.eye(A)[actions[t, s]] + stubborn * guess
            lost += float(np.prod(p[list(shown)])) * (H - earned(model, learner))
    return Check(bounds.imitation_lower_bound(H, S, A, N), lost / len(experts))


lower_bound = Theorem(
    name="imitation-lower-bound",
    statement=(
        r"Whoever has only watched N episodes on `mdps.renewal` loses on average at least $\sum_{k=1}^H (1 - (1 -"
        r" q)^k)$, $q = (1 - \frac1A)\, \mathbb{E}[\text{missing mass}] \ge (1 - \frac1A) \frac{S - 2}{e (N + 1)}$"
        r" if $S \le N + 2$: of the order of $S H^2 / N$ for long lessons."
    ),
    source="rajaraman2020 (an order); derived here",
    assumptions=(
        r"right actions drawn by lot, for each state and step; the mean is over lots and data. Whatever is played where"
        r" nothing was seen is right with probability $1/A$; checked for learners that imitate more or less, and guess"
    ),
    instances=_lessons() | st.just((2, 3, 2, 1, np.array([0.5, 0.5]), 0.0)),
    check=_taught,
    refutable=scaled(_taught),  # false: a tenth more
    tight=lambda: _taught(2, 3, 2, 2, np.array([1.0, 0.0]), 0.0),
    tight_ratio=0.999,
    attained_by="Behaviour cloning, whatever it does where it has seen nothing,",
)


def _linear() -> Check:
    model, expert, learner = tables(*mdps.steep_path(10, 1e-3))
    seen = errors(model, expert, learner, visitor=expert)
    return Check(_gap(model, expert, learner), model.H * float(seen.max()))


cloning_is_linear = Claim(
    name="cloning-is-linear",
    statement=r"A clone that errs with probability $\epsilon$ a step loses at most $\epsilon H$.",
    source="ross2010",
    counterexample=_linear,
    instance="`mdps.steep_path`: the first mistake of ten steps leads to where nothing is to be earned",
    lesson=r"times $(H + 1) / 2$: imitation-cloning-quadratic; $\epsilon H$ is right if mistakes are made good at once",
)


def _as_seen() -> Check:
    model, expert, learner = tables(*mdps.side_road(10, 1e-3))
    seen = errors(model, expert, learner, visitor=expert)
    return Check(_gap(model, expert, learner), bounds.interaction_gap(seen, 2.0))


easy_recovery = Claim(
    name="easy-recovery-helps-a-clone",
    statement=r"If the expert makes good for any mistake at a price of u, a clone loses at most $u H \epsilon$.",
    source="ross2011",
    counterexample=_as_seen,
    instance="`mdps.side_road`: the expert would return at once, but the clone has never seen him return",
    lesson="the errors must be those where the learner goes, for which one has to ask: imitation-interaction-gap",
)

known_transitions = Remark(
    name="imitation-with-known-transitions",
    statement=r"Who also knows the transitions loses $S H^{3/2} / N$ at most, up to a constant.",
    source="rajaraman2020",
    reason=(
        "an order without constants. What is checked is what watching alone costs, with constants on both sides:"
        " imitation-cloning-samples and imitation-lower-bound"
    ),
)

THEOREMS = (cloning_gap, cloning_gap_uniform, cloning_samples, lower_bound)

CLAIMS = (cloning_is_linear, easy_recovery)

REMARKS = (known_transitions,)
