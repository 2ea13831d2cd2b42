"""A model that was learned: its certificates hold, and what they are made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
import rltheory as rl
from mdps.strategies import unit_reward_mdps
from rltheory import estimation as est
from rltheory.planning import bounds as planning_bounds

RIVER = mdps.river_swim(4, gamma=0.8)


def loss(mdp, answer):
    best = rl.solve(mdp, tol=1e-9)
    return float(np.max(best.value - rl.evaluate_policy(mdp, answer.policy).value))


@given(unit_reward_mdps(max_states=4, gammas=(0.5, 0.9)), st.sampled_from([2, 30, 1000]), st.integers(0, 99))
def test_the_loss_is_within_the_realised_errors_whatever_the_samples(mdp, m, seed):
    answer = est.plug_in(mdp, m, rng=seed)
    best = rl.solve(mdp, tol=1e-9).value
    at_optimum = np.abs((mdp.P - answer.model.P) @ best).max()
    at_its_own = np.abs((mdp.P - answer.model.P) @ answer.value).max()

    assert loss(mdp, answer) <= planning_bounds.certainty_equivalence_loss(mdp.gamma, 0.0, at_optimum) + 1e-6
    assert loss(mdp, answer) <= est.bounds.plug_in_loss(mdp.gamma, at_its_own) + 1e-6


def test_certificates_hold_and_shrink_with_the_root_of_the_samples():
    few, many = est.plug_in(RIVER, 10**4, rng=0), est.plug_in(RIVER, 10**6, rng=0)
    optimum = rl.solve(RIVER).value

    for answer in (few, many):
        assert loss(RIVER, answer) <= answer.loss
        assert np.abs(answer.value - optimum).max() <= answer.value_error
    assert few.loss / many.loss == pytest.approx(10, rel=0.1)
    assert 9 < few.value_error / many.value_error < 20  # the square term is still there with few


def test_deviations_certify_the_value_far_better_than_rows_do_when_the_horizon_is_long():
    leak = mdps.leaky_reward(0.99, 0.003)[1]
    answer = est.plug_in(leak, 10**7, rng=1)

    assert answer.value_error < answer.loss / 4


def test_the_same_seed_gives_the_same_model():
    first, second = (est.plug_in(RIVER, 50, rng=3).model.P.toarray() for _ in range(2))
    assert (first == second).all()


def test_frequencies_are_counts_over_their_number():
    answer = est.plan_with_counts(RIVER, 8 * np.eye(4)[np.arange(8) % 4])
    assert answer.model.P.toarray() == pytest.approx(np.eye(4)[np.arange(8) % 4])
    assert answer.m == 8


def test_equal_rewards_leave_nothing_to_lose():
    answer = est.plug_in(RIVER.replace(r=np.ones(8)), 2, rng=0)
    assert (answer.loss, answer.value_error) == (0.0, 0.0)


def test_few_samples_certify_no_more_than_the_range_of_values():
    answer = est.plug_in(RIVER, 2, rng=0)
    assert answer.value_error == pytest.approx(np.ptp(RIVER.r) / (1 - RIVER.gamma))


@pytest.mark.parametrize("m", [1, 0, -3, 2.5, True])
def test_a_number_of_samples_is_a_whole_number(m):
    with pytest.raises(rl.ModelError, match=r"m is .*; it must be a whole number of at least 2"):
        est.plug_in(RIVER, m)


@pytest.mark.parametrize("delta", [0.0, 1.0, -0.1, float("nan")])
def test_delta_is_a_probability(delta):
    with pytest.raises(rl.CriterionError, match="strictly between 0 and 1"):
        est.plug_in(RIVER, 10, delta=delta)


def test_a_discount_of_one_has_no_certificate():
    with pytest.raises(rl.CriterionError, match="gamma is 1"):
        est.plug_in(RIVER.replace(gamma=1.0), 10, rng=0)


def test_a_pair_with_another_number_of_samples_is_named():
    counts = 5.0 * np.eye(4)[np.arange(8) % 4]
    counts[3, 3] = 4.0
    with pytest.raises(
        rl.ModelError, match="counts of state 1, action right add up to 4, those of the first pair to 5"
    ):
        est.plan_with_counts(RIVER, counts)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (np.ones((2, 4)), "shape"),
        (np.full((8, 4), np.inf), "add up to inf"),
        (-np.eye(4)[(np.arange(8) + 3) % 4], "counts of state 0, action left have the entry -1; it must be at least 0"),
    ],
    ids=["shape", "infinite", "sign"],
)
def test_counts_that_make_no_sense_are_refused(counts, message):
    with pytest.raises(rl.ModelError, match=message):
        est.plan_with_counts(RIVER, counts)
