from fractions import Fraction

import numpy as np
import pytest

import mdps
from rltheory import ModelError, evaluate_policy, solve

BEST_LATER = {0.1: 1.03976, 0.2: 1.24975, 0.3: 1.43976}


def by_chance(model):
    """Return one action for each of the five chances to jump, the smallest first."""
    chances, actions = np.unique(model.phi[:16, 3].round(12), return_index=True)
    return chances, actions


def value_of_first_bet(model, action):
    """Bet an action's chance at the first step, and the best one afterwards."""
    _, actions = by_chance(model)
    policy = np.full((3, 5), actions[-1])
    policy[0, 0] = action
    return evaluate_policy(model.to_finite_horizon(), policy).value[0, 0]


@pytest.mark.parametrize(("xi_norm", "optimum"), [(0.1, 1.423232), (0.2, 1.624250), (0.3, 1.775328)])
def test_the_best_bet_of_the_nominal_world_is_the_largest_chance(xi_norm, optimum):
    model = mdps.robust_walk(xi_norm)
    solution = solve(model.to_finite_horizon())
    assert solution.value[0, 0] == pytest.approx(optimum, abs=5e-7)
    assert solution.value[1, 1] == pytest.approx(BEST_LATER[xi_norm], abs=5e-6)
    assert model.action_name(0, int(solution.policy[0, 0])) == "++++"


def test_the_values_of_first_bets_are_those_published():
    table = {
        0.0: [1.32478, 1.39980, 1.47483, 1.54985, 1.62488],
        0.5: [1.22478, 1.19980, 1.17483, 1.14985, 1.12488],
        1.0: [1.12478, 0.99980, 0.87483, 0.74985, 0.62488],
    }
    for q, row in table.items():
        model = mdps.robust_walk_target(q)
        chances, actions = by_chance(model)
        np.testing.assert_allclose(chances, [0.1, 0.2, 0.3, 0.4, 0.5], atol=1e-12)
        np.testing.assert_allclose([value_of_first_bet(model, action) for action in actions], row, atol=6e-6)


@pytest.mark.parametrize(("xi_norm", "switch"), [(0.1, 0.48012), (0.2, 0.37512), (0.3, 0.28012)])
def test_the_best_bet_changes_where_the_docstring_says(xi_norm, switch):
    for q, action in [(switch - 1e-4, "++++"), (switch + 1e-4, "----")]:
        model = mdps.robust_walk_target(q, xi_norm)
        assert model.action_name(0, int(solve(model.to_finite_horizon()).policy[0, 0])) == action


def robust_bet(model, weights):
    """Solve with a total-variation regulariser: w_i = E_i min(V, min V + lam_i); return the first bet and its value."""
    V = np.zeros(5)
    for t in reversed(range(3)):
        w = (model.step_factors(t) * np.minimum(V, V.min() + weights[t][:, None])).sum(axis=1)
        q = (model.phi @ (model.step_theta(t) + w)).reshape(5, 16)
        V = q.max(axis=1)
    return model.action_name(0, int(q[0].argmax())), V[0]


@pytest.mark.parametrize("weight", [0.05, 0.1, 0.5, 1.0, 2.0, 3.0])
def test_the_same_weight_for_all_factors_makes_nobody_careful(weight):
    assert robust_bet(mdps.robust_walk(), np.full((3, 4), weight))[0] == "++++"


@pytest.mark.parametrize(
    ("weight", "action", "value"),
    [
        (0.5, "----", 1.17365),
        (1.0, "----", 1.22365),
        (1.248, "----", None),
        (1.249, "++++", None),
        (1.26, "++++", 1.25425),
        (2, "++++", 1.62425),
    ],
)
def test_a_weight_on_the_jump_alone_makes_careful_below_a_threshold(weight, action, value):
    weights = np.full((3, 4), np.inf)
    weights[0, 3] = weight
    bet, worth = robust_bet(mdps.robust_walk(), weights)
    assert bet == action
    assert value is None or worth == pytest.approx(value, abs=1e-5)


def rational_return(q, chance, most, p):
    """Return the value of a first bet, and of the largest one later, by folding three steps with fractions."""
    third = most
    second = most + (1 - most) * (1 - p) * third + most * 1
    return (1 - chance) * second + chance * (1 - q) * 2


@pytest.mark.parametrize("xi_norm", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("q", [0.0, 0.1, 0.5, 1.0])
def test_closed_forms_are_the_values_of_all_first_bets(q, xi_norm):
    exactly = Fraction("0.3") + Fraction(str(xi_norm))
    model = mdps.robust_walk_target(q, xi_norm)
    for chance, action in zip(*by_chance(model), strict=True):
        fraction = rational_return(Fraction(str(q)), Fraction(str(chance)), exactly, Fraction("0.001"))
        assert mdps.robust_walk_return(q, chance, xi_norm) == pytest.approx(float(fraction), abs=1e-12)
        assert value_of_first_bet(model, action) == pytest.approx(float(fraction), abs=1e-12)


@pytest.mark.parametrize("xi_norm", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("weight", [0.0, 0.1, 0.5, 1.0, 1.25, 2.0])
def test_the_closed_optimum_is_that_of_a_weight_on_the_jump_alone(weight, xi_norm):
    weights = np.full((3, 4), np.inf)
    weights[0, 3] = weight
    assert robust_bet(mdps.robust_walk(xi_norm), weights)[1] == pytest.approx(
        mdps.robust_walk_optimum(weight, xi_norm), abs=1e-12
    )


def test_the_nominal_optimum_is_that_of_a_jump_worth_two():
    assert mdps.robust_walk_optimum() == pytest.approx(1.624250, abs=5e-7)
    nominal = solve(mdps.robust_walk(0.1, delta=0.4, p=0.2).to_finite_horizon()).value[0, 0]
    assert mdps.robust_walk_optimum(2.0, 0.1, delta=0.4, p=0.2) == pytest.approx(nominal, abs=1e-12)


def test_the_two_worlds_differ_at_the_first_step_alone():
    data, use = mdps.robust_walk(p=0.25), mdps.robust_walk_target(0.5, p=0.25)
    np.testing.assert_array_equal(data.phi, use.phi)
    np.testing.assert_array_equal(data.theta, use.theta)
    np.testing.assert_array_equal(data.factors[1:], use.factors[1:])
    np.testing.assert_allclose(data.kernel(0)[0], [0, 0.9 * 0.75, 0, 0.9 * 0.25, 0.1])
    np.testing.assert_allclose(use.kernel(0)[0], [0, 0.9, 0, 0.05, 0.05])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"xi_norm": 0.4}, r"xi_norm is 0\.4; with delta = 0\.3 it must be at most 0\.3"),
        ({"p": 1.5}, r"p is 1\.5; it must be a number in \[0, 1\]"),
        ({"q": -0.1}, r"q is -0\.1"),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        mdps.robust_walk_target(**({"q": 0.5} | arguments))
