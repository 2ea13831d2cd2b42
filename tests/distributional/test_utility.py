"""Expected utilities of the return, against every history-dependent policy and against theory."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional.achievable import achievable, expectation
from proofs_check.distributional.stock import tiny_models
from rltheory import CriterionError, ModelError, OutcomeModel, solve
from rltheory.distributional.two_slopes import TwoSlopes, as_two_slopes
from rltheory.distributional.utility import discount_factor_of, maximise_utility

UTILITIES = {
    "shortfall": lambda x: np.minimum(x, 0),
    "distance": lambda x: -np.abs(x),
    "square": lambda x: -(x**2),
    "target": lambda x: (x >= -1e-9) * 1.0,
    "exponential": lambda x: -np.exp(-0.3 * x),
    "moved square": lambda x: -((x - 1) ** 2),
    "capped": lambda x: np.minimum(x, 1),
}
INDIFFERENT = ["shortfall", "distance", "square", "target"]
STOCKS = st.integers(-4, 4).map(float)
COIN = OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=0.5)


def brute_force(model, H, f, stock):
    """Return the optimum over all history-dependent policies, from ``mu``: the start is seen."""
    starts = np.flatnonzero(model.mu)
    return sum(
        model.mu[s] * max(expectation(law, lambda x: f(stock + x)) for law in achievable(model, H, int(s)))
        for s in starts
    )


@pytest.mark.parametrize("name", UTILITIES)
@given(tiny_models(1.0, 0.5, 0.8), st.integers(0, 3), STOCKS)
def test_the_optimum_is_the_best_of_all_history_dependent_policies(name, model, H, stock):
    f = UTILITIES[name]
    found = maximise_utility(model, f, H=H, stock=stock)
    assert found.value == pytest.approx(brute_force(model, H, f, stock), abs=1e-12, rel=1e-12)
    assert found.law.expect(lambda x: f(np.round(stock + x, 10))) == pytest.approx(found.value, abs=1e-9)


@pytest.mark.parametrize("name", INDIFFERENT)
@given(tiny_models(0.5, 0.8), st.integers(0, 3), STOCKS)
def test_both_conventions_agree_for_utilities_that_are_indifferent_to_the_discount(name, model, H, stock):
    f = UTILITIES[name]
    rescaled = maximise_utility(model, f, H=H, stock=stock, convention="rescaled")
    absolute = maximise_utility(model, f, H=H, stock=stock)
    assert rescaled.value == pytest.approx(absolute.value, abs=1e-10)


@pytest.mark.parametrize("name", sorted(set(UTILITIES) - set(INDIFFERENT)))
def test_the_rescaled_convention_is_refused_for_others_with_a_way_out(name):
    with pytest.raises(CriterionError, match=r"not indifferent to the discount gamma = 0.5: .*convention=\"absolute\""):
        maximise_utility(COIN, UTILITIES[name], H=4, stock=1.0, convention="rescaled")
    maximise_utility(COIN.replace(gamma=1.0), UTILITIES[name], H=4, stock=1.0, convention="rescaled")


@pytest.mark.parametrize(("f", "alpha"), [(np.abs, 0.5), (np.square, 0.25), (np.sign, 1.0), (lambda x: 0 * x + 3, 1.0)])
def test_the_factor_of_a_homogeneous_utility_is_gamma_to_its_degree(f, alpha):
    assert discount_factor_of(f, 0.5, np.linspace(-3, 5, 9)) == pytest.approx(alpha)


@given(outcome_models(max_states=3, gammas=[0.5, 0.9, 1.0]), st.integers(0, 4))
def test_the_mean_needs_no_stock(model, H):
    exact = solve(model.finite_horizon(H)).start_value if H else 0.0
    assert maximise_utility(model, lambda x: x, H=H, stock=2.0).value == pytest.approx(2.0 + exact, abs=1e-9)


@given(tiny_models(1.0), st.integers(1, 3), st.integers(0, 3))
def test_larger_rewards_are_not_worse_for_an_increasing_utility(model, H, seed):
    more = model.replace(reward=model.reward + np.random.default_rng(seed).integers(0, 3, model.reward.shape))
    for f in (UTILITIES["shortfall"], UTILITIES["target"], UTILITIES["exponential"]):
        assert maximise_utility(more, f, H=H).value >= maximise_utility(model, f, H=H).value - 1e-12


def test_an_object_with_a_function_f_is_a_utility():
    risk = SimpleNamespace(f=lambda x: -np.abs(x))
    assert maximise_utility(COIN, risk, H=2, stock=1.0).value == maximise_utility(COIN, risk.f, H=2, stock=1.0).value


@given(tiny_models(1.0, 0.5), st.integers(0, 2), st.integers(0, 2**32))
def test_a_vector_of_stocks_is_optimal_by_the_enumeration_of_node_policies(model, H, seed):
    rng = np.random.default_rng(seed)
    reward = rng.integers(-2, 3, (*model.prob.shape, 2)).astype(float)
    start, stock = 0, np.array([1.0, -1.0])

    def best(s, h, total):  # the definition, history by history
        if h == 0:
            return -np.hypot(*total)
        values = []
        for i in range(model.pair_start[s], model.pair_start[s + 1]):
            branches = zip(model.prob[i], model.next_state[i], reward[i], strict=True)
            scale = model.gamma ** (H - h)
            values.append(sum(p * best(j, h - 1, total + scale * r) for p, j, r in branches if p > 0))
        return max(values)

    found = maximise_utility(model, lambda x: -np.hypot(x[:, 0], x[:, 1]), H=H, stock=stock, reward=reward, start=start)
    assert found.value == pytest.approx(best(start, H, stock), abs=1e-12)
    assert found.law is None
    assert found.to_rows() == []


def test_a_utility_of_two_slopes_is_recognised_and_others_are_refused_without_a_horizon():
    assert as_two_slopes(lambda x: np.minimum(x, 0)) == TwoSlopes(0, 1)
    assert as_two_slopes(SimpleNamespace(f=TwoSlopes(2, 3))) == TwoSlopes(2, 3)
    assert (TwoSlopes(2, -3).lipschitz, TwoSlopes(2, -3).degree) == (3, 1)
    for name in ("square", "target", "exponential", "capped"):
        with pytest.raises(CriterionError, match=r"linear on each half-line.* at x = .* Set a horizon H"):
            maximise_utility(COIN, UTILITIES[name])


def test_questions_without_an_answer_are_refused():
    with pytest.raises(CriterionError, match="gamma is 1 and no horizon is given; set H"):
        maximise_utility(COIN.replace(gamma=1.0), np.abs)
    with pytest.raises(CriterionError, match="stocks that are vectors need a horizon"):
        maximise_utility(COIN, np.abs, stock=[0.0, 1.0])
    with pytest.raises(ModelError, match="convention is 'relative'"):
        maximise_utility(COIN, np.abs, H=2, convention="relative")
    with pytest.raises(ModelError, match=r"start is 7; states are 0\.\.0"):
        maximise_utility(COIN, np.abs, H=2, start=7)
    with pytest.raises(ModelError, match="utility is 3; it must be a function of arrays"):
        maximise_utility(COIN, 3, H=2)
    with pytest.raises(CriterionError, match="more than max_nodes = 3"):
        maximise_utility(COIN, np.abs, H=4, max_nodes=3)
    with pytest.raises(ModelError, match="slopes are nan and 1"):
        TwoSlopes(np.nan, 1)


def test_an_answer_is_told_in_a_line_and_in_rows():
    found = maximise_utility(COIN, lambda x: -np.abs(x), H=1, stock=1.0)
    assert repr(found) == "StockSolution(-1, exact; initial stock 1; absolute stock, 4 nodes)"
    assert found.to_rows() == [{"value": 0.0, "probability": 1.0, "at most": 1.0}]
    assert found.gap == 0
