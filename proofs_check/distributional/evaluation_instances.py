"""Models, policies and supports on which evaluation is put to the test, and how far its answers are from the truth."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.strategies import GAMMAS, outcome_models, paired, stochastic_policies
from proofs_check.distributional import law_oracles as oracles
from proofs_check.distributional.law_oracles import Family
from rltheory import OutcomeModel
from rltheory.distributional.return_laws import ReturnLaws


def ending(model: OutcomeModel) -> OutcomeModel:
    """Return the model in which every step leads on to a later state, and the last one pays nothing.

    Parameters
    ----------
    model : OutcomeModel
        Gives the actions, the probabilities, and the rewards of the other states.

    Returns
    -------
    OutcomeModel
    """
    last = model.n_states - 1
    state = model.pair_state[:, None]
    following = np.minimum(np.maximum(model.next_state, state + 1), last)
    return model.replace(next_state=following, reward=np.where(state == last, 0.0, model.reward))


def textbook_support(model: OutcomeModel, m: int) -> Any:
    """Return even atoms for all states, from the least to the largest reward / (1 - gamma).

    Parameters
    ----------
    model : OutcomeModel
        With ``gamma < 1``.
    m : int
        How many.

    Returns
    -------
    ndarray, shape (m,), or int
        The number m itself where all rewards are equal.
    """
    low, high = (float(r) / (1 - model.gamma) for r in (model.reward.min(), model.reward.max()))
    return np.linspace(low, high, m) if low < high else m


_ENDING = outcome_models(max_states=4).map(ending)
_ROUND = outcome_models(max_states=3, max_outcomes=2, gammas=GAMMAS[:3])
_COUNTS = st.sampled_from([2, 3, 5, 9])


@st.composite
def evaluations(draw: DrawFn) -> tuple[OutcomeModel, np.ndarray, Any, int | None]:
    """Draw a model, a policy, a support (a number of atoms, or those of `textbook_support`), and a horizon or None.

    Returns
    -------
    SearchStrategy of tuple
    """
    kind = draw(st.sampled_from(["ending", "round", "horizon"]))
    if kind == "horizon":
        model = draw(outcome_models(max_states=3, max_outcomes=2, gammas=[1.0, 0.5, 0.9]))
        return model, draw(stochastic_policies(model)), draw(_COUNTS), draw(st.integers(1, 3))
    model, m = draw(_ENDING if kind == "ending" else _ROUND), draw(_COUNTS)
    return model, draw(stochastic_policies(model)), textbook_support(model, m) if draw(st.booleans()) else m, None


def half_a_cell(gamma: float) -> tuple[OutcomeModel, np.ndarray, np.ndarray, None]:
    """Return a sure reward in the middle of a cell, and nothing after it.

    Parameters
    ----------
    gamma : float
        Discount below 1.

    Returns
    -------
    tuple
        As drawn by `evaluations`.
    """
    return OutcomeModel.from_tables([[-1]], [[0.5]], gamma), np.zeros(2, dtype=int), np.array([0.0, 1.0]), None


def half_cells(H: int) -> tuple[OutcomeModel, np.ndarray, np.ndarray, int]:
    """Return a sure reward of half a cell again and again: without a discount, all mass is in the middle of cells.

    Parameters
    ----------
    H : int
        How often.

    Returns
    -------
    tuple
        As drawn by `evaluations`.
    """
    return OutcomeModel.from_tables([[0]], [[0.5]], 1.0), np.zeros(1, dtype=int), np.arange(H + 1.0), H


def one_flip(gamma: float) -> tuple[OutcomeModel, np.ndarray, int, None]:
    """Return a coin that is flipped once, with nothing after it, and its median as the one atom to tell it by.

    Parameters
    ----------
    gamma : float
        Discount below 1.

    Returns
    -------
    tuple
        A model, a policy, a number of atoms and no horizon.
    """
    coin = OutcomeModel.from_lists([[[(0.5, 1, 0.0), (0.5, 1, 1.0)]], [[(1.0, 1, 0.0)]]], gamma)
    return coin, np.zeros(2, dtype=int), 1, None


_SURE = st.sampled_from([0.01, 0.0, 0.5]).map(half_a_cell)

INSTANCES = evaluations() | _SURE
"""With and without a horizon."""

FOREVER = evaluations().filter(lambda drawn: drawn[3] is None) | _SURE
"""Without a horizon."""

EQUAL_ATOMS = (
    st.tuples(paired(_ENDING | _ROUND, stochastic_policies), st.integers(1, 6)).map(lambda x: (*x[0], x[1], None))
    | evaluations().map(lambda drawn: (*drawn[:2], int(np.size(drawn[2])), drawn[3]))
    | st.sampled_from([0.01, 0.0, 0.5]).map(one_flip)
)
"""A model, a policy, a number of atoms, and a horizon or None."""


def laws_of(found: ReturnLaws) -> Family:
    """Return the laws of an answer as the oracles have them.

    Parameters
    ----------
    found : ReturnLaws
        The answer.

    Returns
    -------
    list of (ndarray, ndarray)
    """
    return [oracles.make_law(*pair) for pair in zip(found.support, found.prob, strict=True)]


def distances(found: ReturnLaws, model: OutcomeModel, policy: np.ndarray, H: int | None) -> np.ndarray:
    """Return how far in w_1 an answer is from the truth, less what is not known of it.

    Parameters
    ----------
    found : ReturnLaws
        The answer.
    model, policy, H
        The question.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    truth, error = oracles.true_laws(model, policy, H)
    return np.array([oracles.w1(*pair) for pair in zip(laws_of(found), truth, strict=True)]) - error


def cramer_distances(found: ReturnLaws, model: OutcomeModel, policy: np.ndarray, H: int | None) -> np.ndarray:
    """Return the same in l_2, in which laws that are within an error in w_inf are within its root.

    Parameters
    ----------
    found, model, policy, H
        As for `distances`.

    Returns
    -------
    ndarray, shape (n_states,)
    """
    truth, error = oracles.true_laws(model, policy, H)
    return np.array([oracles.cramer(*pair) for pair in zip(laws_of(found), truth, strict=True)]) - np.sqrt(error)
