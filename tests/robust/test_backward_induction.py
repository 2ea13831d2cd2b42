"""Robust backward induction against enumeration, closed forms, kernels of nature, and the limits of its parameters."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mdps
from mdps.linear_strategies import linear_mdps
from mdps.strategies import finite_horizon_mdps
from proofs_check.robust.dynamic_oracles import (
    charge,
    closed_form,
    divergences,
    penalties,
    random_kernel,
    with_closed_form,
)
from rltheory import CriterionError, FiniteHorizonMDP, LinearMDP, ModelError, backward_induction
from rltheory.robust import (
    KL,
    L1,
    TV,
    ChiSquare,
    LInf,
    evaluate_robustly,
    s_rectangular_evaluation,
    s_rectangular_value_iteration,
    worst_case,
)
from rltheory.robust.backward_induction import robust_backward_induction

ROUNDING = 1e-9


def q_under(model, t, v, kernels, divergence):
    """Values of pairs when nature has chosen, with what she paid."""
    linear = isinstance(model, LinearMDP)
    nominal = model.step_factors(t) if linear else model.rows(t).toarray()
    worst = np.array([mu @ v + charge(divergence, mu, p) for mu, p in zip(kernels, nominal, strict=True)])
    if linear:
        return model.phi @ (model.step_theta(t) + worst)
    return model.rewards(t) + model.gamma * worst


def value_under(model, policy, kernels, divergence):
    """Value of a deterministic policy at the first step when nature has chosen all kernels."""
    v = np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        v = q_under(model, t, v, kernels(t), divergence)[model.pair_start[:-1] + policy[t]]
    return v


@given(finite_horizon_mdps() | linear_mdps(), divergences())
def test_the_worst_kernels_attain_the_value(model, divergence):
    solution = robust_backward_induction(model, divergence)
    attained = value_under(model, solution.policy, solution.worst_kernel, divergence)
    assert np.allclose(attained, solution.value[0], rtol=0, atol=1e-7)


@given(finite_horizon_mdps() | linear_mdps(), divergences(), st.integers(0, 2**32))
def test_no_kernels_that_nature_may_choose_give_less(model, divergence, seed):
    rng, solution = np.random.default_rng(seed), robust_backward_induction(model, divergence)
    nominal = model.step_factors if isinstance(model, LinearMDP) else lambda t: model.rows(t).toarray()

    def kernels(t):
        return [random_kernel(divergence, p / p.sum(), rng) for p in nominal(t)]

    assert (value_under(model, solution.policy, kernels, divergence) >= solution.lower[0] - ROUNDING).all()


@settings(max_examples=15)
@given(linear_mdps(max_states=2, max_actions=2, max_horizon=2), with_closed_form())
def test_no_deterministic_markov_policy_is_better(model, divergence):
    solution = robust_backward_induction(model, divergence)

    def worst_value(policy):
        v = np.zeros(model.n_states)
        for t in reversed(range(model.H)):
            w = np.array([closed_form(divergence, p, v) for p in model.step_factors(t)])
            v = (model.phi @ (model.step_theta(t) + w))[model.pair_start[:-1] + policy[t]]
        return v

    one_step = list(product(*(range(n) for n in model.action_counts)))
    best = np.max([worst_value(np.array(policy)) for policy in product(one_step, repeat=model.H)], axis=0)
    assert np.allclose(best, solution.value[0], rtol=0, atol=1e-9)


@given(finite_horizon_mdps(gammas=(1.0,)), divergences())
def test_a_tabular_model_with_a_feature_for_each_pair_has_the_same_value(model, divergence):
    by_rows = robust_backward_induction(model, divergence)
    by_factors = robust_backward_induction(LinearMDP.embed(model), divergence)
    assert np.allclose(by_rows.value, by_factors.value, rtol=0, atol=1e-9)


@given(linear_mdps(), penalties() | st.sampled_from([TV(rho=0.2), KL(rho=0.2), ChiSquare(rho=0.2)]))
def test_nature_does_more_harm_by_pairs_than_by_factors_and_none_is_best(model, divergence):
    by_pairs = robust_backward_induction(model.to_finite_horizon(), divergence)
    by_factors = robust_backward_induction(model, divergence)
    nominal = backward_induction(model.to_finite_horizon())
    assert (by_pairs.value <= by_factors.value + ROUNDING).all()
    assert (by_factors.value <= nominal.value + ROUNDING).all()


@given(linear_mdps(), st.sampled_from([TV, KL, ChiSquare]), st.floats(0.01, 5.0), st.floats(1.0, 10.0))
def test_a_heavier_penalty_leaves_more(model, kind, lam, factor):
    light = robust_backward_induction(model, kind(lam=lam))
    heavy = robust_backward_induction(model, kind(lam=lam * factor))
    assert (light.value <= heavy.value + ROUNDING).all()


@given(linear_mdps() | finite_horizon_mdps(), st.sampled_from([TV, KL, ChiSquare]))
def test_an_infinite_weight_and_a_radius_of_zero_are_the_nominal_model(model, kind):
    tabular = model.to_finite_horizon() if isinstance(model, LinearMDP) else model
    nominal = backward_induction(tabular).value
    for divergence in (kind(lam=np.inf), kind(rho=0.0)):
        assert np.allclose(robust_backward_induction(model, divergence).value, nominal, rtol=0, atol=1e-8)


@given(linear_mdps(max_horizon=4))
def test_a_total_variation_weight_above_all_values_is_the_nominal_model(model):
    nominal = backward_induction(model.to_finite_horizon()).value
    assert np.allclose(robust_backward_induction(model, TV(lam=model.H + 1.0)).value, nominal, rtol=0, atol=1e-8)


@given(finite_horizon_mdps() | linear_mdps(), with_closed_form())
def test_the_ends_contain_a_recursion_with_closed_forms(model, divergence):
    solution, v = robust_backward_induction(model, divergence), np.zeros(model.n_states)
    for t in reversed(range(model.H)):
        if isinstance(model, LinearMDP):
            w = [closed_form(divergence, p, v) for p in model.step_factors(t)]
            q = model.phi @ (model.step_theta(t) + w)
        else:
            w = np.array([closed_form(divergence, p / p.sum(), v) for p in model.rows(t).toarray()])
            q = model.rewards(t) + model.gamma * w
        v = np.maximum.reduceat(q, model.pair_start[:-1])
        assert (solution.lower[t] <= v + 1e-11).all()
        assert (v <= solution.upper[t] + 1e-11).all()
    assert solution.gap < 1e-9


# The walk of Liu and Xu (2024) by hand: with c the chance of a jump and V = V_1(second) = 1.24975,
# Q(c) = (1 - c) w_1 + c w_4, where w_1 = 0.999 V and w_4 = 2 are what nature leaves of the two factors.
@pytest.mark.parametrize(
    ("divergence", "value"), [(TV(lam=1.0), 0.9995), (KL(lam=0.1), 1.345189), (ChiSquare(lam=0.1), 1.622145)]
)
def test_the_walk_stays_bold_when_all_factors_have_the_same_weight(divergence, value):
    walk = mdps.robust_walk()
    solution = robust_backward_induction(walk, divergence)
    assert solution.start_value == pytest.approx(value, abs=1e-6)
    assert walk.action_name(0, solution.policy[0, 0]) == "++++"


def on_the_jump(name, parameter):
    table = np.full((3, 4), np.inf if name == "lam" else 0.0)
    table[0, 3] = parameter
    return TV(**{name: table})


@pytest.mark.parametrize(
    ("name", "parameter", "value", "action"),
    [
        ("lam", 0.5, 1.173650, "----"),
        ("lam", 1.0, 1.223650, "----"),
        ("lam", 1.26, 1.254250, "++++"),
        ("lam", 2.0, 1.624250, "++++"),
        ("rho", 0.0, 1.624250, "++++"),
        ("rho", 0.3, 1.324250, "++++"),
        ("rho", 0.37, 1.254250, "++++"),
        ("rho", 0.38, 1.247650, "----"),
        ("rho", 0.5, 1.223650, "----"),
    ],
)
def test_the_walk_is_careful_when_only_the_jump_may_fail(name, parameter, value, action):
    walk = mdps.robust_walk()
    solution = robust_backward_induction(walk, on_the_jump(name, parameter))
    assert solution.start_value == pytest.approx(value, abs=1e-6)
    assert walk.action_name(0, solution.policy[0, 0]) == action


@pytest.mark.parametrize(
    ("name", "switch", "careful"), [("lam", 0.999 * 1.24975, -1), ("rho", 1 - 0.4995 * 1.24975, 1)]
)
def test_the_walk_becomes_careful_where_both_factors_are_worth_the_same(name, switch, careful):
    walk = mdps.robust_walk()
    for side in (-1, 1):
        solution = robust_backward_induction(walk, on_the_jump(name, switch + side * 1e-6))
        assert walk.action_name(0, solution.policy[0, 0]) == ("----" if side == careful else "++++")


def test_parameters_may_differ_by_state_and_action():
    P = np.full((2, 2, 2), 0.5)
    model = FiniteHorizonMDP(P, [[0.0, 0.0], [1.0, 1.0]], H=2)
    solution = robust_backward_induction(model, TV(rho=[[0.5, 0.25], [0.0, 0.5]]))
    assert solution.value[0] == pytest.approx([0.25, 1.5])
    assert solution.policy[0].tolist() == [1, 0]


@pytest.mark.parametrize("shape", [(3, 1), (6,), (3, 6), (3, 3, 2)], ids=["steps", "pairs", "both", "by state"])
@pytest.mark.parametrize("kind", [TV, KL, ChiSquare])
def test_every_shape_of_parameters_means_the_rows_that_it_names(shape, kind):
    rng = np.random.default_rng(len(shape))
    model = mdps.garnet(3, 2, 3, gamma=1.0, rng=1).finite_horizon(3)
    rho = rng.uniform(0.01, 0.5, shape)
    solution, v = robust_backward_induction(model, kind(rho=rho)), np.zeros(3)
    table = np.broadcast_to(rho.reshape(3, 6) if rho.ndim == 3 else rho, (3, 6))
    for t in reversed(range(3)):
        w = [worst_case(kind(rho=x), p, v).value for x, p in zip(table[t], model.rows(t).toarray(), strict=True)]
        v = np.maximum.reduceat(model.rewards(t) + w, model.pair_start[:-1])
        assert solution.value[t] == pytest.approx(v, abs=1e-12)


@pytest.mark.parametrize("kind", [TV, KL, ChiSquare])
@pytest.mark.parametrize("shape", [(4,), (3, 4)], ids=["factors", "steps and factors"])
def test_weights_of_factors_may_differ_and_the_worst_kernels_attain(kind, shape):
    walk, lam = mdps.robust_walk(), np.random.default_rng(2).uniform(0.1, 2.0, shape)
    lam.flat[0] = np.inf
    solution, v = robust_backward_induction(walk, kind(lam=lam)), np.zeros(walk.n_states)
    for t in reversed(range(walk.H)):
        nominal, kernels, own = walk.step_factors(t), solution.worst_kernel(t), np.broadcast_to(lam, (3, 4))[t]
        w = [worst_case(kind(lam=x), p, v).value for x, p in zip(own, nominal, strict=True)]
        far = np.array([kind(lam=1.0).divergence(mu, p) for mu, p in zip(kernels, nominal, strict=True)])
        paid = np.multiply(own, far, where=far > 0, out=np.zeros(4))
        assert kernels @ v + paid == pytest.approx(w, abs=1e-12)
        v = np.maximum.reduceat(walk.phi @ (walk.step_theta(t) + w), walk.pair_start[:-1])
        assert solution.value[t] == pytest.approx(v, abs=1e-12)


@pytest.mark.parametrize(
    ("model", "divergence", "message"),
    [
        (mdps.robust_walk(), TV(rho=1.5), r"rho is 1\.5; TV is 1 at most \(inf admits every kernel\)"),
        (mdps.robust_walk(), L1(rho=[0.1, 2.0, 2.5, 0.0]), r"rho of factor 2 is 2\.5; L1 is 2 at most"),
        (mdps.robust_walk(), LInf(rho=[[0.1], [7.0], [0.0]]), r"rho of step 1 is 7\.0; LInf is 1 at most"),
        (
            mdps.river_swim(3, gamma=1.0).finite_horizon(2),
            TV(rho=[[0.1] * 6, [0, 0, 0, 2, 0, 0]]),
            r"rho of state 1, action 1 at step 1 is 2\.0",
        ),
    ],
    ids=["one", "factor", "step", "pair"],
)
def test_a_radius_that_no_kernel_can_have_is_named(model, divergence, message):
    with pytest.raises(ModelError, match=message):
        robust_backward_induction(model, divergence)
    with pytest.raises(ModelError, match=message):
        evaluate_robustly(model, np.zeros(model.n_states, dtype=int), divergence)


def test_without_steps_there_is_nothing_to_lose():
    model = FiniteHorizonMDP(np.full((2, 1, 2), 0.5), [[1.0], [2.0]], H=0)
    solution = robust_backward_induction(model, TV(lam=1.0))
    assert solution.value.tolist() == [[0.0, 0.0]]
    assert solution.gap == 0
    assert [row["action"] for row in solution.to_rows()] == ["", ""]


def test_a_weight_that_fits_nothing_is_refused():
    with pytest.raises(ModelError, match=r"lam has shape \(5,\); for this model it must be one number, \(4,\)"):
        robust_backward_induction(mdps.robust_walk(), TV(lam=np.ones(5)))


def test_a_discounted_model_is_sent_elsewhere():
    with pytest.raises(CriterionError, match=r"mdp\.finite_horizon\(H\)"):
        robust_backward_induction(mdps.river_swim(3, gamma=0.9), TV(lam=1.0))


def test_features_must_be_simplex_features():
    signed = LinearMDP([[[2.0]]], factors=[[0.5]], theta=[0.0], H=1, simplex=False)
    with pytest.raises(ModelError, match="simplex features"):
        robust_backward_induction(signed, TV(lam=1.0))


def test_a_step_that_is_not_there_is_named():
    solution = robust_backward_induction(mdps.robust_walk(), LInf(rho=0.1))
    assert solution.worst_kernel(0).shape == (4, 5)
    with pytest.raises(ModelError, match=r"no step 3; steps are 0\.\.2"):
        solution.worst_kernel(3)


@given(linear_mdps(), st.floats(0.01, 1.0))
def test_total_variation_keeps_values_within_a_range_that_no_horizon_exceeds(model, parameter):
    ball = robust_backward_induction(model, TV(rho=parameter)).value
    allowed = (1 - (1 - parameter) ** np.arange(model.H, -1, -1)) / parameter
    assert (np.ptp(ball, axis=1) <= allowed + ROUNDING).all()
    penalty = robust_backward_induction(model, TV(lam=parameter)).value
    assert (np.ptp(penalty, axis=1) <= 1 + parameter + ROUNDING).all()


@given(linear_mdps(), st.sampled_from([TV, KL, ChiSquare]), st.sampled_from([0.1, 1.0]), st.sampled_from([0.05, 0.5]))
def test_a_penalty_is_ahead_of_a_ball_by_no_more_than_the_weight_of_its_radius_a_step(model, kind, lam, rho):
    penalised = robust_backward_induction(model, kind(lam=lam)).value[:-1]
    ball = robust_backward_induction(model, kind(rho=rho)).value[:-1]
    steps = np.arange(model.H - 1, -1, -1)[:, None]
    assert (penalised - lam * rho * steps <= ball + 1e-8).all()


@pytest.mark.parametrize(
    "solve",
    [
        lambda model: robust_backward_induction(model, TV(rho=0.1)),
        lambda model: evaluate_robustly(model, [0], TV(rho=0.1)),
        lambda model: s_rectangular_value_iteration(model, TV(rho=0.1)),
        lambda model: s_rectangular_evaluation(model, [0], TV(rho=0.1)),
    ],
    ids=["optimum", "policy", "optimum of states", "policy of states"],
)
def test_a_horizon_too_long_for_memory_is_refused_before_work_begins(solve):
    model = FiniteHorizonMDP([[[1.0]]], [[1.0]], H=10**12)
    with pytest.raises(MemoryError, match="1,000,000,000,000 steps of 1 states"):
        solve(model)


@pytest.mark.parametrize("divergence", [KL(rho=0.1), KL(lam=0.1), ChiSquare(rho=0.1), ChiSquare(lam=0.1)], ids=repr)
@pytest.mark.parametrize("solve", [robust_backward_induction, s_rectangular_value_iteration])
def test_far_from_all_rewards_values_may_be_so_small_that_their_squares_vanish(solve, divergence):
    model = mdps.river_swim(600, gamma=0.5).finite_horizon(650)
    solution = solve(model, divergence)
    assert solution.gap <= 1e-12
    assert (solution.value[0] <= backward_induction(model).value[0] + 1e-12).all()
