"""The backward recursion of laws that `risk_levels` shares: mix outcomes, then join actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rltheory.distributional.law import DiscreteLaw, mixture
from rltheory.models import CriterionError, ModelError, OutcomeModel

SAME = 1e-10
"""Atoms closer than this, relative to the largest, are one: sums of floats round."""

_MAX_ATOMS = 2_000_000

Laws = list[DiscreteLaw]


def level_laws(
    model: OutcomeModel, H: int, joined: Callable[[Laws, int, int], DiscreteLaw]
) -> tuple[tuple[DiscreteLaw, ...], ...]:
    """Return the laws of each state at each step 0..H; ``joined`` gets a state's pairs' laws, its first pair, and t."""
    if H < 0:
        raise ModelError(f"H is {H}; it is a number of steps, at least 0")
    starts, ends = model.pair_start[:-1].tolist(), model.pair_start[1:].tolist()
    laws = [(DiscreteLaw.point(0.0),) * model.n_states]
    for t in reversed(range(H)):
        of_pairs = [followed(model, i, laws[-1]) for i in range(model.n_pairs)]
        laws.append(tuple(joined(of_pairs[a:b], a, t) for a, b in zip(starts, ends, strict=True)))
        n_atoms = sum(law.atoms.size for law in laws[-1])
        if n_atoms > _MAX_ATOMS:
            raise CriterionError(
                f"the laws of step {t} have {n_atoms} atoms; shorten the horizon, or round the rewards to a grid"
            )
    return tuple(laws[::-1])


def law_at_start(laws: tuple[DiscreteLaw, ...], model: OutcomeModel, start: int | None) -> DiscreteLaw:
    """Return the law of one state, or the mixture over the states that ``mu`` draws."""
    return mixture(laws, model.mu) if start is None else laws[start]


def check_start(model: OutcomeModel, start: int | None) -> None:
    """Refuse a state that the model does not have."""
    if start is not None and not 0 <= start < model.n_states:
        raise ModelError(f"start is {start}; states are 0..{model.n_states - 1}")


def followed(model: OutcomeModel, i: int, following: Sequence[DiscreteLaw]) -> DiscreteLaw:
    """Return the mixture over the outcomes of pair i of reward and discounted law of the next state."""
    happens = np.flatnonzero(model.prob[i] > 0)
    prob = model.prob[i, happens]
    laws = [following[model.next_state[i, b]].scale(model.gamma).shift(model.reward[i, b]) for b in happens]
    return compact(mixture(laws, prob / prob.sum()))


def compact(law: DiscreteLaw) -> DiscreteLaw:
    """Return the law in which atoms that differ by rounding only are one."""
    grain = SAME * max(1.0, np.abs(law.atoms).max())
    _, first, place = np.unique(np.round(law.atoms / grain), return_index=True, return_inverse=True)
    return DiscreteLaw(law.atoms[first], np.bincount(place, weights=law.prob))
