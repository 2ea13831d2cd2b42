"""Value iteration: its a-priori count, its stop, its invariances, its honesty about limits."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.oracles import lp_value
from rltheory import ConvergenceWarning, ModelError, Status, value_iteration
from rltheory.planning import bounds


@given(discounted_mdps())
def test_the_value_is_the_linear_programs(mdp):
    solution = value_iteration(mdp, tol=1e-7)
    assert solution.status is Status.CONVERGED
    assert np.allclose(solution.value, lp_value(mdp), atol=1e-7 + 1e-9)


@given(discounted_mdps(), st.sampled_from([1e-1, 1e-3, 1e-6]))
def test_it_ends_within_the_a_priori_count(mdp, tol):
    first = np.maximum.reduceat(mdp.r, mdp.pair_start[:-1])
    d = np.maximum.reduceat(mdp.r + mdp.gamma * (mdp.P @ first), mdp.pair_start[:-1]) - first
    solution = value_iteration(mdp, tol=tol)
    # One backup finds the span that the count speaks of, and a sliver of tol is left to rounding.
    assert solution.iterations <= 1 + bounds.value_iteration_sweeps(mdp.gamma, tol * (1 - 1e-6), float(np.ptp(d)))


@given(discounted_mdps(), st.integers(-8, 8), st.integers(1, 20))
def test_adding_a_constant_to_all_rewards_shifts_the_value_wherever_it_stops(mdp, shift, max_sweeps):
    """The last iterate itself would not: only the midpoint of the bracket has forgotten where the sweeps began."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        plain = value_iteration(mdp, tol=1e-300, max_sweeps=max_sweeps)
        shifted = value_iteration(mdp.replace(r=mdp.r + shift), tol=1e-300, max_sweeps=max_sweeps)
    assert np.allclose(shifted.value, plain.value + shift / (1 - mdp.gamma), atol=1e-8)


@given(discounted_mdps(max_reward=4.0))
def test_the_width_never_grows(mdp):
    widths = value_iteration(mdp, tol=1e-6).history
    assert (np.diff(widths) <= 1e-9).all()


def test_the_bracket_closes_long_before_the_a_priori_count_where_chains_mix():
    mdp = mdps.garnet(20, 3, 20, rng=0, gamma=0.99)
    assert value_iteration(mdp, tol=1e-6).iterations < bounds.value_iteration_sweeps(0.99, 1e-6, span=1.0) / 20


def test_a_limit_that_comes_first_is_told_and_the_enclosure_still_holds():
    mdp = mdps.river_swim(6, gamma=0.99)
    with pytest.warns(ConvergenceWarning, match="raise the limit"):
        solution = value_iteration(mdp, tol=1e-6, max_sweeps=5)
    assert solution.status is Status.LIMIT_REACHED
    assert solution.iterations == 5
    exact = lp_value(mdp)
    assert (solution.lower <= exact + 1e-9).all()
    assert (exact <= solution.upper + 1e-9).all()


def test_without_discounting_the_future_one_backup_is_the_answer():
    solution = value_iteration(mdps.river_swim(6, gamma=0.0))
    assert solution.value.tolist() == [0.005, 0, 0, 0, 0, 1]
    assert solution.gap < 1e-14


def test_a_limit_that_is_not_positive_is_refused():
    with pytest.raises(ModelError, match="max_sweeps is 0; at least 1 is needed"):
        value_iteration(mdps.river_swim(6), max_sweeps=0)
