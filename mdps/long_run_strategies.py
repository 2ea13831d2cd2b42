"""Hypothesis strategies for Markov chains and models whose long run is what counts: no discount tempers them.

Their probabilities are fractions with small denominators, so that chains mix in a time that linear algebra in floating
point can bear. The graph of a model is what it has to be *by construction* where that costs no generality: an
irreducible chain is a recurrent class of any chain, a communicating model an end component of any model.

Examples
--------
>>> from hypothesis import given, settings
>>> @settings(max_examples=10, database=None)
... @given(irreducible_chains())
... def rows_sum_to_one(P):
...     assert np.allclose(P.sum(axis=1), 1)
>>> rows_sum_to_one()
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

from mdps.strategies import GAMMAS, discounted_mdps, laws, unit_reward_mdps
from rltheory import MDP
from rltheory.planning import is_unichain, is_weakly_communicating, maximal_end_components, recurrent_classes

_SHARES = (1.0, 0.5, 0.25)


def chains(max_states: int = 4) -> SearchStrategy[np.ndarray]:
    """Draw the matrix of any Markov chain, with one recurrent class or several.

    Parameters
    ----------
    max_states : int
        Largest size.

    Returns
    -------
    SearchStrategy of ndarray, shape (n, n)
    """
    return st.integers(1, max_states).flatmap(lambda n: laws(n, n, uneven=False))


def irreducible_chains(max_states: int = 4) -> SearchStrategy[np.ndarray]:
    """Draw the matrix of a Markov chain in which every state is reached from every other; it may be periodic.

    Parameters
    ----------
    max_states : int
        Largest size.

    Returns
    -------
    SearchStrategy of ndarray, shape (n, n)
    """
    return chains(max_states).map(lambda P: _restricted(P, recurrent_classes(_chain_model(P))[0]))


def unichains(max_states: int = 4) -> SearchStrategy[np.ndarray]:
    """Draw the matrix of a Markov chain with one recurrent class, and perhaps transient states.

    Parameters
    ----------
    max_states : int
        Largest size.

    Returns
    -------
    SearchStrategy of ndarray, shape (n, n)
    """
    return chains(max_states).filter(lambda P: len(recurrent_classes(_chain_model(P))) == 1)


def average_mdps(*, max_states: int = 3, max_actions: int = 2, gammas: Sequence[float] = GAMMAS) -> SearchStrategy[MDP]:
    """Draw an `MDP` with rewards in [0, 1], whose gain may differ between states.

    Parameters
    ----------
    max_states, max_actions : int
        Largest sizes.
    gammas : sequence of float
        Discounts to draw from, for theorems that compare the criteria.

    Returns
    -------
    SearchStrategy of MDP
    """
    return unit_reward_mdps(max_states=max_states, max_actions=max_actions, gammas=gammas, uneven=False)


def weakly_communicating_mdps(
    *, max_states: int = 3, max_actions: int = 2, gammas: Sequence[float] = GAMMAS
) -> SearchStrategy[MDP]:
    """Draw an `MDP` with rewards in [0, 1] and one maximal end component, so that its optimal gain is one number.

    Parameters
    ----------
    max_states, max_actions, gammas
        As for `average_mdps`.

    Returns
    -------
    SearchStrategy of MDP
    """
    models = average_mdps(max_states=max_states, max_actions=max_actions, gammas=gammas)
    return models.filter(is_weakly_communicating)


def communicating_mdps(
    *, max_states: int = 3, max_actions: int = 2, gammas: Sequence[float] = GAMMAS
) -> SearchStrategy[MDP]:
    """Draw an `MDP` with rewards in [0, 1] in which every state can be reached from every other.

    Parameters
    ----------
    max_states, max_actions, gammas
        As for `average_mdps`.

    Returns
    -------
    SearchStrategy of MDP
    """
    return average_mdps(max_states=max_states, max_actions=max_actions, gammas=gammas).map(_end_component)


def unichain_mdps(
    *, max_states: int = 3, max_actions: int = 2, gammas: Sequence[float] = GAMMAS
) -> SearchStrategy[MDP]:
    """Draw an `MDP` with rewards in [0, 1] of which every policy has one recurrent class.

    Parameters
    ----------
    max_states, max_actions, gammas
        As for `average_mdps`.

    Returns
    -------
    SearchStrategy of MDP
    """
    models = average_mdps(max_states=max_states, max_actions=max_actions, gammas=gammas)
    return models.filter(_every_policy_is_unichain)


@st.composite
def shortest_path_mdps(
    draw: DrawFn, *, max_states: int = 3, max_actions: int = 2, all_proper: bool = False, max_reward: float = -0.125
) -> MDP:
    """Draw an undiscounted `MDP` with the goal 0, absorbing and without reward, that some policy surely reaches.

    Every state but the goal has an action, or only actions, that lead to a state of smaller number with positive
    probability; up to the numbering all such models are of this kind.

    Parameters
    ----------
    max_states, max_actions : int
        Largest sizes, the goal not counted.
    all_proper : bool
        Whether every policy reaches the goal almost surely.
    max_reward : float
        Rewards are in [-1, max_reward]; if it is negative, a policy that does not arrive loses without bound.

    Returns
    -------
    SearchStrategy of MDP
    """
    sizes = {"max_states": max_states, "max_actions": max_actions}
    drawn = draw(discounted_mdps(**sizes, gammas=(1.0,), min_reward=-1.0, max_reward=max_reward, uneven=False))
    P = np.zeros((drawn.n_pairs, drawn.n_states + 1))
    P[:, 1:] = drawn.P.toarray()
    first = set(drawn.pair_start.tolist())
    for pair, state in enumerate(drawn.pair_state.tolist()):
        if all_proper or pair in first:
            share, lower = draw(st.sampled_from(_SHARES)), draw(st.integers(0, state))
            P[pair] *= 1 - share
            P[pair, lower] += share
    goal = np.eye(1, drawn.n_states + 1)
    starts = np.concatenate([[0], drawn.pair_start + 1])
    return MDP.from_pairs(np.vstack([goal, P]), np.append(0.0, drawn.r), 1.0, pair_start=starts)


def _chain_model(P: np.ndarray) -> MDP:
    return MDP.from_pairs(P, np.zeros(len(P)), 1.0, n_actions=1)


def _restricted(P: np.ndarray, states: np.ndarray) -> np.ndarray:
    return P[np.ix_(states, states)]


def _end_component(mdp: MDP) -> MDP:
    """Return the first maximal end component as a model of its own."""
    components = maximal_end_components(mdp)
    inside = components.label == 0
    pairs = components.pairs & inside[mdp.pair_state]
    counts = np.bincount(mdp.pair_state[pairs], minlength=mdp.n_states)[inside]
    return MDP.from_pairs(
        mdp.P.toarray()[pairs][:, inside], mdp.r[pairs], mdp.gamma, pair_start=np.append(0, np.cumsum(counts))
    )


def _every_policy_is_unichain(mdp: MDP) -> bool:
    policies = itertools.product(*map(range, mdp.action_counts.tolist()))
    return all(is_unichain(mdp, np.array(policy)) for policy in policies)
