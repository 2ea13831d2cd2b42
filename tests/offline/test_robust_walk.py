"""The published experiment with a walk whose first jump may fail: exact thresholds, the figures, and what makes them.

The figures are read off to a hundredth, and show means of 20 times 100 test episodes; a return is between 0 and 2.7 and
has a standard deviation below 0.9, so that these means have a standard error below 0.02, the same for all q of a line.
"""

from collections import Counter

import numpy as np
import pytest

import mdps
from rltheory.offline import Tally, drpvi, exact_values, r2pvi
from rltheory.robust import KL, TV, ChiSquare

GRID = np.linspace(0, 1, 11)
READING = 0.01
EPISODES = 3 * 0.02


def mean_returns(divergence, q, xi_norm=0.2):
    policies = mdps.walk_policies(mdps.walk_learner(divergence), xi_norm=xi_norm)
    return mdps.walk_returns(policies, q, xi_norm=xi_norm).mean(axis=0)


def first_bets(policies):
    return Counter(mdps.walk_chances(policies).round(2).tolist())


@pytest.mark.parametrize(
    ("divergence", "bets"),
    [(None, {0.3: 7, 0.4: 5, 0.5: 8}), (TV(lam=0.1), {0.1: 1, 0.2: 18, 0.3: 1})],
    ids=["PEVI", "R2PVI-TV"],
)
def test_the_twenty_first_bets_are_those_of_the_reference_code(divergence, bets):
    assert first_bets(mdps.walk_policies(mdps.walk_learner(divergence))) == bets


@pytest.mark.parametrize(
    ("divergence", "figure"),
    [
        (None, [1.545, 1.47, 1.39, 1.30, 1.23, 1.16, 1.09, 1.00, 0.91, 0.83, 0.75]),
        (TV(lam=0.1), [1.39, 1.345, 1.31, 1.28, 1.245, 1.21, 1.165, 1.125, 1.08, 1.045, 1.005]),
        (ChiSquare(lam=0.01), [1.35, 1.33, 1.31, 1.29, 1.265, 1.24, 1.20, 1.17, 1.135, 1.11, 1.085]),
    ],
    ids=["PEVI", "R2PVI-TV", "R2PVI-chi2"],
)
def test_returns_against_the_perturbation_are_the_figures(divergence, figure):
    np.testing.assert_allclose(mean_returns(divergence, GRID), figure, atol=READING + EPISODES)


def test_the_line_of_relative_entropy_in_the_figure_is_that_of_the_chance_0_2_and_not_of_its_stated_weight():
    figure = [1.395, 1.355, 1.315, 1.275, 1.23, 1.19, 1.155, 1.115, 1.07, 1.035, 1.00]
    np.testing.assert_allclose([mdps.robust_walk_return(q, 0.2) for q in GRID], figure, atol=READING)
    assert mean_returns(KL(lam=0.1), [0.0])[0] > 1.395 + READING + EPISODES


@pytest.mark.parametrize(
    ("lam", "figure"),
    [
        (0.1, [1.575, 1.345, 1.095]),
        (0.2, [1.605, 1.275, 0.990]),
        (0.3, [1.660, 1.255, 0.875]),
        (0.6, [1.720, 1.205, 0.700]),
    ],
)
def test_returns_for_some_weights_are_the_figures(lam, figure):
    np.testing.assert_allclose(mean_returns(TV(lam=lam), [0, 0.5, 1], 0.3), figure, atol=READING + EPISODES)


def test_where_all_jumps_fail_a_larger_ball_returns_more_and_a_larger_weight_less():
    radii = weights = np.linspace(0, 1, 10)
    balls = [mean_returns(TV(rho=mdps.walk_jump(rho)), [1.0])[0] for rho in radii]
    penalties = [mean_returns(TV(lam=max(lam, 1e-9)), [1.0])[0] for lam in weights]
    figure_of_balls = [0.77, 0.785, 0.80, 0.83, 0.865, 0.915, 0.96, 1.01, 1.02, 1.03]
    figure_of_penalties = [1.065, 1.02, 0.95, 0.875, 0.80, 0.78, 0.765, 0.76, 0.76, 0.76]
    assert (np.diff(balls) >= 0).all()
    assert (np.diff(penalties) <= 0).all()
    np.testing.assert_allclose(balls, figure_of_balls, atol=READING + EPISODES)
    np.testing.assert_allclose(penalties, figure_of_penalties, atol=READING + EPISODES)


def exact_first_bet(divergence, xi_norm=0.2):
    """Return the value and the first bet of the exact robust optimum."""
    value, policy = exact_values(mdps.robust_walk(xi_norm), divergence)
    return value[0, 0], mdps.walk_chances(policy[None], xi_norm=xi_norm)[0]


@pytest.mark.parametrize("lam", [0.05, 0.1, 0.3, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("family", [TV, KL, ChiSquare])
def test_with_one_weight_for_all_factors_the_optimum_makes_the_boldest_bet(family, lam):
    assert exact_first_bet(family(lam=lam))[1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("divergence", "value"), [(TV(lam=1.0), 0.9995), (KL(lam=0.1), 1.345189), (ChiSquare(lam=0.1), 1.622145)], ids=repr
)
def test_with_one_weight_for_all_factors_the_optimum_has_the_value_of_the_specification(divergence, value):
    assert exact_first_bet(divergence)[0] == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(
    ("lam", "value", "bet"),
    [
        (0.5, 1.17365, 0.1),
        (1.0, 1.22365, 0.1),
        (1.248, None, 0.1),
        (1.249, None, 0.5),
        (1.26, 1.25425, 0.5),
        (2, 1.62425, 0.5),
    ],
)
def test_a_weight_on_the_jump_alone_makes_careful_below_1_2485(lam, value, bet):
    found, chosen = exact_first_bet(TV(lam=mdps.walk_jump(lam, others=np.inf)))
    assert chosen == pytest.approx(bet)
    assert found == pytest.approx(mdps.robust_walk_optimum(min(2, lam)), abs=1e-12)
    assert value is None or found == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    ("rho", "value", "bet"),
    [
        (0.0, 1.62425, 0.5),
        (0.3, 1.32425, 0.5),
        (0.37, 1.25425, 0.5),
        (0.3757, None, 0.5),
        (0.3758, None, 0.1),
        (0.38, 1.24765, 0.1),
        (0.5, 1.22365, 0.1),
    ],
)
def test_a_ball_around_the_jump_alone_makes_careful_above_0_37575(rho, value, bet):
    found, chosen = exact_first_bet(TV(rho=mdps.walk_jump(rho)))
    assert chosen == pytest.approx(bet)
    assert found == pytest.approx(mdps.robust_walk_optimum(2 * (1 - rho)), abs=1e-12)
    assert value is None or found == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize(
    "divergence",
    [TV(lam=mdps.walk_jump(1.0, others=np.inf)), TV(lam=mdps.walk_jump(1.3, others=np.inf))]
    + [TV(rho=mdps.walk_jump(rho)) for rho in (0.0, 0.37, 0.38)],
    ids=["lam below", "lam above", "nominal", "rho below", "rho above"],
)
def test_a_learner_without_sampling_errors_makes_the_exact_bet(divergence):
    model = mdps.robust_walk()
    learn = r2pvi if divergence.is_penalty else drpvi
    solution = learn(Tally.expected(model, 1e6), model, divergence=divergence, beta=0.0, ridge=1e-9)
    value, bet = exact_first_bet(divergence)
    assert solution.value[0, 0] == pytest.approx(value, abs=1e-9)
    assert mdps.walk_chances(solution.policy[None])[0] == pytest.approx(bet)


def test_what_looks_robust_with_little_data_is_the_penalty_for_total_variation():
    """With lam = 0.1 both bets are worth about 0.1: the exact optimum is bold, and what is learned is what is seen."""
    causes = mdps.walk_causes(TV(lam=0.1))
    bets = {cause: mdps.walk_chances(policies) for cause, policies in causes.items()}
    assert bets["exact"] == pytest.approx([0.5])
    assert bets["ridge"].mean() > 0.4
    assert bets["penalty"].max() < 0.31
    assert bets["both"].mean() == pytest.approx(0.2)


def test_what_looks_robust_with_little_data_is_the_ridge_for_chi_square():
    causes = mdps.walk_causes(ChiSquare(lam=0.01))
    assert first_bets(causes["exact"]) == {0.5: 1}
    assert first_bets(causes["ridge"]) == {0.1: 20}


@pytest.mark.parametrize(
    ("divergence", "bet"),
    [
        (None, 0.5),
        (ChiSquare(lam=0.01), 0.5),
        (TV(rho=mdps.walk_jump(0.1)), 0.5),
        (TV(rho=mdps.walk_jump(0.5)), 0.1),
        (TV(lam=mdps.walk_jump(1.0, others=np.inf)), 0.1),
    ],
    ids=["PEVI", "chi2", "small ball", "large ball", "weight on the jump"],
)
def test_with_much_data_the_learned_bet_is_the_exact_one(divergence, bet):
    causes = mdps.walk_causes(divergence, seeds=range(3), n_trajectories=10_000)
    for policies in causes.values():
        np.testing.assert_allclose(mdps.walk_chances(policies), bet, atol=1e-12)
