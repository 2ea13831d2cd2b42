"""Hypothesis strategies that draw models, values, policies and data, and shrink to small, deterministic ones.

Probabilities are integer weights divided by their sum, so that rows sum to one within rounding and shrink to a single
successor. A failing example is reported with its arrays. For several things at once about one model use `paired`.

Examples
--------
>>> from hypothesis import given, settings
>>> @settings(max_examples=10, database=None)
... @given(paired(unit_reward_mdps(), value_vectors, policies))
... def rewards_are_not_negative(drawn):
...     mdp, v, policy = drawn
...     assert (mdp.r[mdp.pair_start[:-1] + policy] >= 0).all()
>>> rewards_are_not_negative()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis import note
from hypothesis.strategies import DrawFn, SearchStrategy

from rltheory import MDP, Dataset, FiniteHorizonMDP, OutcomeModel

GAMMAS = (0.5, 0.8, 0.9, 0.95, 0.99)
"""Discounts of everyday theory; those of `EXTREME_GAMMAS` are drawn on request."""
EXTREME_GAMMAS = (0.5, 0.0, 0.9, 0.99, 0.9999)


class _Arrays:
    """What is reported of a failing example: the model and its arrays, formatted only if needed."""

    def __init__(self, model: Any, *names: str) -> None:
        self.model, self.names = model, names

    def __repr__(self) -> str:
        def dense(array: Any) -> str:
            return np.array2string(array.toarray() if hasattr(array, "toarray") else array, prefix=" " * 8)

        return "\n".join(
            [repr(self.model), *(f"{name:>5} = {dense(getattr(self.model, name))}" for name in self.names)]
        )


def _row_kinds(width: int, uneven: bool = True) -> list[SearchStrategy[int | list[int]]]:
    """Return strategies for a row: a successor; sparse, dense and uneven weights (ratios to 1e9); any of these."""
    elements = [st.integers(0, 2), st.integers(1, 9), st.sampled_from([0, 1, 10, 10**3, 10**6, 10**9])][: 2 + uneven]
    weights = [st.lists(element, min_size=width, max_size=width) for element in elements]
    kinds = [st.integers(0, width - 1), *weights]
    return [*kinds, st.one_of(kinds)]


def _normalised(weights: np.ndarray) -> np.ndarray:
    """Divide rows of weights by their sums; a row without weight leads to state 0."""
    weights[weights.sum(axis=-1) == 0, 0] = 1
    return weights / weights.sum(axis=-1, keepdims=True)


def _assembled(rows: Sequence[int | list[int]], width: int) -> np.ndarray:
    """Return the distributions that drawn rows, at least so wide, stand for."""
    weights = np.zeros((len(rows), width))
    for weight, row in zip(weights, rows, strict=True):
        if isinstance(row, int):
            weight[row % width] = 1
        else:
            weight[:] = row[:width]
    return _normalised(weights)


def laws(n_rows: int, n_columns: int, *, uneven: bool = True) -> SearchStrategy[np.ndarray]:
    """Draw an array whose rows are distributions: deterministic, sparse, dense or uneven, or a mixture of these.

    Parameters
    ----------
    n_rows, n_columns : int
        Shape.
    uneven : bool
        Whether probabilities may be as small as 1e-9.

    Returns
    -------
    SearchStrategy of ndarray, shape (n_rows, n_columns)
    """
    kinds = (st.lists(row, min_size=n_rows, max_size=n_rows) for row in _row_kinds(n_columns, uneven))
    return st.one_of(*kinds).map(lambda rows: _assembled(rows, n_columns))


def _real(least: float, most: float) -> SearchStrategy[float]:
    """Draw a number in [least, most], half of the time on a grid of eighths that contains 0 if the range does."""
    unit = max(abs(least), abs(most)) / 8
    on_grid = st.integers(-8 if least < 0 else 0, 8).map(lambda k: min(max(k * unit, least), most))
    return on_grid | st.floats(least, most, allow_subnormal=False)


def _reals(shape: int | tuple[int, ...], least: float, most: float) -> SearchStrategy[np.ndarray]:
    return hnp.arrays(np.float64, shape, elements=_real(least, most), fill=st.nothing())


def _action_counts(n_states: int, max_actions: int, ragged: bool) -> SearchStrategy[list[int]]:
    number = st.integers(1, max_actions)
    if ragged:
        return st.lists(number, min_size=n_states, max_size=n_states)
    return number.map(lambda n_actions: [n_actions] * n_states)


def _offsets(counts: Sequence[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)])


def _starts(n_states: int) -> SearchStrategy[np.ndarray | None]:
    return st.none() | laws(1, n_states).map(lambda rows: rows[0])


@st.composite
def discounted_mdps(
    draw: DrawFn,
    *,
    max_states: int = 5,
    max_actions: int = 3,
    gammas: Sequence[float] = GAMMAS,
    min_reward: float | None = None,
    max_reward: float = 1.0,
    ragged: bool = True,
    uneven: bool = True,
) -> MDP:
    """Draw an `MDP`.

    Parameters
    ----------
    max_states, max_actions : int
        Largest sizes.
    gammas : sequence of float
        Discounts to draw from, the simplest first; `EXTREME_GAMMAS` adds 0 and 0.9999.
    min_reward, max_reward : float
        Range of the rewards; by default they have both signs, ``min_reward = -max_reward``.
    ragged : bool
        Whether states may have different numbers of actions.
    uneven : bool
        Whether probabilities may be as small as 1e-9, so that a chain may take as long to mix.

    Returns
    -------
    SearchStrategy of MDP
    """
    kinds = _row_kinds(max_states, uneven)
    pair = st.tuples(
        kinds[draw(st.integers(0, len(kinds) - 1))],
        _real(-max_reward if min_reward is None else min_reward, max_reward),
    )
    # A state is one entry of a list, and not spread over several draws, so that shrinking can delete it.
    fewest, most = (1, max_actions) if ragged else (draw(st.integers(1, max_actions)),) * 2
    own_pairs = st.lists(pair, min_size=fewest, max_size=most)
    states = draw(st.lists(own_pairs, min_size=1, max_size=max_states))
    rows, r = zip(*(pair for pairs in states for pair in pairs), strict=True)
    P, start = _assembled(rows, len(states)), _offsets([len(pairs) for pairs in states])
    mdp = MDP.from_pairs(P, r, draw(st.sampled_from(gammas)), pair_start=start, mu=draw(_starts(len(states))))
    note(_Arrays(mdp, "P", "r", "mu", "pair_start"))
    return mdp


def unit_reward_mdps(
    *,
    max_states: int = 5,
    max_actions: int = 3,
    gammas: Sequence[float] = GAMMAS,
    ragged: bool = True,
    uneven: bool = True,
) -> SearchStrategy[MDP]:
    """Draw an `MDP` with rewards in [0, 1], which is what most theorems assume.

    Parameters
    ----------
    max_states, max_actions, gammas, ragged, uneven
        As for `discounted_mdps`.

    Returns
    -------
    SearchStrategy of MDP
    """
    return discounted_mdps(
        max_states=max_states,
        max_actions=max_actions,
        gammas=gammas,
        min_reward=0.0,
        max_reward=1.0,
        ragged=ragged,
        uneven=uneven,
    )


@st.composite
def finite_horizon_mdps(
    draw: DrawFn,
    *,
    max_states: int = 4,
    max_actions: int = 3,
    max_horizon: int = 4,
    gammas: Sequence[float] = (1.0, 0.5, 0.9),
    min_reward: float | None = None,
    max_reward: float = 1.0,
) -> FiniteHorizonMDP:
    """Draw a `FiniteHorizonMDP`: dense or sparse (then perhaps ragged), dynamics and rewards stationary or not, H >= 0.

    Parameters
    ----------
    max_states, max_actions, max_horizon : int
        Largest sizes.
    gammas, min_reward, max_reward
        As for `discounted_mdps`.

    Returns
    -------
    SearchStrategy of FiniteHorizonMDP
    """
    from scipy.sparse import csr_array

    H, n_states = draw(st.integers(0, max_horizon)), draw(st.integers(1, max_states))
    sparse, P_changes, r_changes = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    counts = draw(_action_counts(n_states, max_actions, ragged=sparse))
    n_pairs = sum(counts)
    P = draw(laws((H if P_changes else 1) * n_pairs, n_states))
    r = draw(
        _reals((H, n_pairs) if r_changes else n_pairs, -max_reward if min_reward is None else min_reward, max_reward)
    )
    gamma, mu = draw(st.sampled_from(gammas)), draw(_starts(n_states))
    if sparse:
        model = FiniteHorizonMDP(csr_array(P), r, H, gamma, mu, _offsets(counts))
    else:
        by_state = (n_states, counts[0])
        P = P.reshape((H, *by_state, n_states) if P_changes else (*by_state, n_states))
        model = FiniteHorizonMDP(P, r.reshape((H, *by_state) if r_changes else by_state), H, gamma, mu)
    note(_Arrays(model, "P", "r", "mu", "pair_start"))
    return model


@st.composite
def outcome_models(
    draw: DrawFn,
    *,
    max_states: int = 4,
    max_actions: int = 2,
    max_outcomes: int = 3,
    gammas: Sequence[float] = GAMMAS,
    min_reward: float | None = None,
    max_reward: float = 1.0,
    ragged: bool = True,
) -> OutcomeModel:
    """Draw an `OutcomeModel`; several outcomes of a pair may share their next state.

    Parameters
    ----------
    max_states, max_actions, max_outcomes : int
        Largest sizes.
    gammas, min_reward, max_reward, ragged
        As for `discounted_mdps`.

    Returns
    -------
    SearchStrategy of OutcomeModel
    """
    n_states = draw(st.integers(1, max_states))
    start = _offsets(draw(_action_counts(n_states, max_actions, ragged)))
    shape = (int(start[-1]), draw(st.integers(1, max_outcomes)))
    model = OutcomeModel(
        prob=draw(laws(*shape)),
        next_state=draw(hnp.arrays(np.int64, shape, elements=st.integers(0, n_states - 1), fill=st.nothing())),
        reward=draw(_reals(shape, -max_reward if min_reward is None else min_reward, max_reward)),
        gamma=draw(st.sampled_from(gammas)),
        mu=draw(_starts(n_states)),
        pair_start=start,
    )
    note(_Arrays(model, "prob", "next_state", "reward", "mu", "pair_start"))
    return model


@st.composite
def datasets(
    draw: DrawFn,
    *,
    max_states: int = 3,
    max_actions: int = 2,
    max_horizon: int = 3,
    max_episodes: int = 4,
    min_reward: float = 0.0,
    max_reward: float = 1.0,
) -> Dataset:
    """Draw a `Dataset` of episodes, which begin anywhere and may end early; it may be empty.

    Parameters
    ----------
    max_states, max_actions, max_horizon, max_episodes : int
        Largest sizes.
    min_reward, max_reward : float
        Range of the rewards.

    Returns
    -------
    SearchStrategy of Dataset
    """
    sizes = [draw(st.integers(1, most)) for most in (max_states, max_actions, max_horizon)]
    n_states, n_actions, H = sizes
    move = st.tuples(st.integers(0, n_actions - 1), _reals(1, min_reward, max_reward), st.integers(0, n_states - 1))
    episodes = []
    for moves in draw(st.lists(st.lists(move, max_size=H), max_size=max_episodes)):
        state, episode = draw(st.integers(0, n_states - 1)), []
        for action, reward, next_state in moves:
            episode.append((state, action, float(reward[0]), next_state))
            state = next_state
        episodes.append(episode)
    note(f"episodes of (state, action, reward, next state): {episodes}")
    return Dataset.from_episodes(episodes, n_states, n_actions, H)


def value_vectors(model: MDP | FiniteHorizonMDP | OutcomeModel, max_value: float = 10.0) -> SearchStrategy[np.ndarray]:
    """Draw one number for each state.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or OutcomeModel
        Gives the number of states.
    max_value : float
        Largest absolute value, in reward units.

    Returns
    -------
    SearchStrategy of ndarray, shape (n_states,)
    """
    return _reals(model.n_states, -max_value, max_value)


def policies(model: MDP | FiniteHorizonMDP | OutcomeModel) -> SearchStrategy[np.ndarray]:
    """Draw a deterministic policy, one for each step for a `FiniteHorizonMDP`.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or OutcomeModel
        Gives the actions of each state.

    Returns
    -------
    SearchStrategy of ndarray of int, shape (n_states,), or (H, n_states)
    """
    one_step = st.tuples(*(st.integers(0, count - 1) for count in model.action_counts.tolist()))
    if not isinstance(model, FiniteHorizonMDP):
        return one_step.map(np.array)
    steps = st.lists(one_step, min_size=model.H, max_size=model.H)
    return steps.map(lambda rows: np.array(rows, dtype=np.int64).reshape(model.H, model.n_states))


def stochastic_policies(model: MDP | FiniteHorizonMDP | OutcomeModel) -> SearchStrategy[np.ndarray]:
    """Draw a stochastic policy, one for each step for a `FiniteHorizonMDP`; missing actions have probability 0.

    Parameters
    ----------
    model : MDP, FiniteHorizonMDP or OutcomeModel
        Gives the actions of each state.

    Returns
    -------
    SearchStrategy of ndarray, shape (n_states, n_actions), or (H, n_states, n_actions)
    """
    available = np.arange(model.n_actions) < model.action_counts[:, None]
    shape = (model.H, *available.shape) if isinstance(model, FiniteHorizonMDP) else available.shape
    weights = hnp.arrays(np.int64, shape, elements=st.sampled_from([0, 1, 2, 10**6]), fill=st.nothing())
    return weights.map(lambda drawn: _normalised(drawn * available))


def paired(
    models: SearchStrategy[Any], *parts: Callable[[Any], SearchStrategy[Any]]
) -> SearchStrategy[tuple[Any, ...]]:
    """Draw a model and things that belong to it.

    Parameters
    ----------
    models : SearchStrategy
        Any of the strategies above.
    *parts : callable
        Functions of the model that return a strategy, such as `value_vectors` or `policies`.

    Returns
    -------
    SearchStrategy of tuple
        ``(model, part, part, ...)``.
    """
    return models.flatmap(lambda model: st.tuples(st.just(model), *(part(model) for part in parts)))
