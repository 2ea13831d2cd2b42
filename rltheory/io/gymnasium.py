"""Gymnasium's tabular environments: the table ``P[s][a] = [(probability, next_state, reward, terminated), ...]``.

The rules of the translation. Outcomes with the same next state and reward are added up. An episode that ends is an
absorbing state without rewards: where a transition is marked ``terminated`` but leads to a state that goes on (the
drop-off in Taxi), it is sent to an added state named ``end`` instead. The table stores no discount, so ``gamma`` is
always asked for.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from rltheory.models import MDP, ModelError, OutcomeModel
from rltheory.models._validation import start_distribution

_ACTION_NAMES = {
    "FrozenLakeEnv": ("left", "down", "right", "up"),
    "CliffWalkingEnv": ("up", "right", "down", "left"),
    "TaxiEnv": ("south", "north", "east", "west", "pick up", "drop off"),
}
_SAME_TABLE = {"Taxi-v3": "Taxi-v4"}
"""Ids that Gymnasium withdrew, and the newer ones whose table, without options, is the same entry for entry."""
_GAMES_WITH_A_TABLE = "FrozenLake, CliffWalking and Taxi have one"

Outcomes = list[tuple[float, int, float]]


def from_gymnasium(source: Any, gamma: float, *, mu: Any = None, **make_options: Any) -> MDP:
    """Turn a Gymnasium environment that lists its probabilities into an `MDP`.

    Parameters
    ----------
    source : str, environment, or nested mapping
        An id such as ``"FrozenLake8x8-v1"``, an environment, or the table
        ``{s: {a: [(probability, next_state, reward, terminated), ...]}}`` itself.
    gamma : float
        Discount in [0, 1].
    mu : ndarray or int, optional
        Start distribution over the source's own states; by default the environment's, uniform for a bare table.
    **make_options
        Passed on to ``gymnasium.make``, such as ``is_slippery=False``; only beside an id.

    Returns
    -------
    MDP
        States of a rectangular world are named ``(row, column)``; an added absorbing state is the last, named ``end``.

    Raises
    ------
    ModelError
        If Gymnasium cannot make the environment, if it has no table (Blackjack), or if the table is not a model.
    ImportError
        If an id is given and Gymnasium is not installed.

    Examples
    --------
    >>> from_gymnasium("FrozenLake8x8-v1", gamma=0.99)
    MDP(64 states, 256 state-action pairs, at most 4 actions, 674 transitions, gamma=0.99)

    A coin game that stops at heads. Its one state goes on, so the end is a state of its own:

    >>> game = from_gymnasium({0: {0: [(0.5, 0, 1.0, True), (0.5, 0, 0.0, False)]}}, gamma=0.9)
    >>> game.state_names, game.r.tolist()
    (('0', 'end'), [0.5, 0.0])
    """
    return outcomes_from_gymnasium(source, gamma, mu=mu, **make_options).to_mdp()


def outcomes_from_gymnasium(source: Any, gamma: float, *, mu: Any = None, **make_options: Any) -> OutcomeModel:
    """Turn a Gymnasium environment into an `OutcomeModel`, which keeps the joint law of reward and next state.

    Parameters, rules and errors are those of `from_gymnasium`.

    Returns
    -------
    OutcomeModel

    Examples
    --------
    >>> outcomes_from_gymnasium("FrozenLake-v1", gamma=1.0, is_slippery=False)
    OutcomeModel(16 states, 64 state-action pairs, at most 1 outcomes, gamma=1)
    """
    if isinstance(source, str):
        env = _make(source, make_options)
        try:
            return outcomes_from_gymnasium(env, gamma, mu=mu)
        finally:
            env.close()
    if make_options:
        raise ModelError(f"{', '.join(make_options)} can only be passed on beside an id such as 'FrozenLake-v1'")
    world = getattr(source, "unwrapped", source)
    actions_of_states, labels = _checked_table(_table_of(world))
    if mu is None:
        mu = getattr(world, "initial_state_distrib", None)
    outcomes, ends = _with_an_end(actions_of_states)
    state_names = _state_names(world, len(actions_of_states))
    if ends:
        mu = np.append(start_distribution(mu, len(actions_of_states)), 0.0)
        state_names = [*(state_names or range(len(actions_of_states))), "end"]
        labels = [*labels, labels[-1]]
    return OutcomeModel.from_lists(
        outcomes, gamma, mu=mu, state_names=state_names, action_names=_action_names(world, labels)
    )


def _make(name: str, options: dict[str, Any]) -> Any:
    """Make an environment by its id; whatever goes wrong is one error that says what Gymnasium said."""
    try:
        import gymnasium
    except ImportError:
        raise ImportError(f"{name!r} is a Gymnasium id and gymnasium is missing: pip install rltheory[io]") from None
    try:
        with warnings.catch_warnings():
            # That an id is out of date is in the error, or concerns the physics of games that have no table.
            warnings.simplefilter("ignore", DeprecationWarning)
            if name not in gymnasium.registry and not options:
                name = _SAME_TABLE.get(name, name)
            return gymnasium.make(name, **options)
    except (gymnasium.error.Error, ImportError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())
        raise ModelError(f"gymnasium {gymnasium.__version__} cannot make {name!r}: {said}") from None


def _table_of(world: Any) -> Any:
    """Return the transition table of an environment, or the table that was given in its place."""
    table = world if isinstance(world, (Mapping, Sequence)) else getattr(world, "P", None)
    if table is None:
        name = getattr(getattr(world, "spec", None), "id", type(world).__name__)
        raise ModelError(f"{name} has no transition table `P`, so its probabilities are unknown; {_GAMES_WITH_A_TABLE}")
    return table


def _checked_table(table: Any) -> tuple[list[list[Sequence[Any]]], list[list[Any]]]:
    """Return the outcomes listed for each state and action, and the actions' own labels."""
    listed, labels = [], []
    for state in range(len(table)):
        try:
            actions = table[state]
        except KeyError:
            raise ModelError(
                f"the table has {len(table)} states but none is called {state}; states are 0, 1, 2, ..."
            ) from None
        keys = list(actions) if isinstance(actions, Mapping) else list(range(len(actions)))
        labels.append(keys)
        listed.append([actions[key] for key in keys])
    for state, key, outcome in _all_outcomes(listed):
        if len(outcome) != 4:
            raise ModelError(
                f"state {state}, action {key} lists {outcome!r};"
                " an outcome is (probability, next_state, reward, terminated)"
            )
        if not 0 <= outcome[1] < len(table):
            raise ModelError(f"state {state}, action {key} leads to state {outcome[1]}; states are 0..{len(table) - 1}")
    return listed, labels


def _all_outcomes(listed: list[list[Sequence[Any]]]) -> chain[tuple[int, int, Any]]:
    """Iterate over (state, action, outcome)."""
    return chain.from_iterable(
        ((state, action, outcome) for outcome in outcomes)
        for state, actions in enumerate(listed)
        for action, outcomes in enumerate(actions)
    )


def _with_an_end(listed: list[list[Sequence[Any]]]) -> tuple[list[list[Outcomes]], bool]:
    """Return the outcome lists, with episodes that end in a state that goes on sent to an added absorbing state."""
    goes_on = {state for state, _, (p, successor, r, _) in _all_outcomes(listed) if p > 0 and (successor != state or r)}
    end = len(listed)
    laws: list[list[defaultdict[tuple[int, float], float]]] = [
        [defaultdict(float) for _ in actions] for actions in listed
    ]
    ends = False
    for state, action, (probability, successor, reward, terminated) in _all_outcomes(listed):
        redirected = bool(terminated) and int(successor) in goes_on
        ends |= redirected
        laws[state][action][end if redirected else int(successor), float(reward)] += float(probability)
    outcomes = [
        [[(p, successor, reward) for (successor, reward), p in law.items()] for law in actions] for actions in laws
    ]
    if ends:
        outcomes.append([[(1.0, end, 0.0)] for _ in outcomes[-1]])
    return outcomes, ends


def _state_names(world: Any, n_states: int) -> list[object] | None:
    """Return ``(row, column)`` for the worlds whose states are the cells of a rectangle."""
    for shape in (getattr(world, "shape", ()), np.shape(getattr(world, "desc", ()))):
        if isinstance(shape, tuple) and len(shape) == 2 and shape[0] * shape[1] == n_states:
            return list(np.ndindex(shape))
    return None


def _action_names(world: Any, labels: list[list[Any]]) -> Sequence[object] | None:
    """Return the names of a known game's actions, or the labels of a table whose actions are not 0, 1, 2, ..."""
    if type(world).__name__ in _ACTION_NAMES:
        return _ACTION_NAMES[type(world).__name__]
    if all(keys == list(range(len(keys))) for keys in labels):
        return None
    return labels[0] if all(keys == labels[0] for keys in labels) else [key for keys in labels for key in keys]
