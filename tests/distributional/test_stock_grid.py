"""Grids of stocks, against models that end, closed forms and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional.achievable import achievable, ending
from proofs_check.distributional.stock import SLOPES, STOCKS, optimum, tiny_models
from rltheory import ConvergenceWarning, CriterionError, ModelError, OutcomeModel
from rltheory.distributional import stock_grid as module
from rltheory.distributional.bounds.stock import stock_grid_error
from rltheory.distributional.stock_grid import grid_values, maximise_on_stock_grid, stock_ends
from rltheory.distributional.two_slopes import TwoSlopes

COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)  # G is uniform on [0, 2]
CHOICE = OutcomeModel.from_lists(
    [[[(1.0, 1, 0.3)], [(0.5, 0, -1.0), (0.5, 1, 1.0)]], [[(0.7, 0, 1.0), (0.3, 1, 0.0)]]], gamma=0.8, mu=0
)
HOW = st.sampled_from(["nearest", "linear"])


@given(tiny_models(0.5, 0.8), SLOPES, STOCKS, HOW)
def test_models_that_end_are_enclosed_from_every_stock(model, f, stock, how):
    found = maximise_on_stock_grid(ending(model, 3), f, stock=stock, start=0, interpolation=how)
    exact = optimum(achievable(model, 3, 0), f, stock)
    assert found.lower - 1e-9 <= exact <= found.upper + 1e-9


@pytest.mark.parametrize("how", ["nearest", "linear"])
@given(tiny_models(0.5), SLOPES, st.integers(-3, 3).map(float))
def test_whole_rewards_and_a_discount_of_a_half_are_not_rounded_at_all(how, model, f, stock):
    found = maximise_on_stock_grid(ending(model, 3), f, stock=stock, start=0, step=1.0, interpolation=how)
    assert found.value == pytest.approx(optimum(achievable(model, 3, 0), f, stock), abs=1e-7)
    assert found.gap < 1e-6


@pytest.mark.parametrize("c", [-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 1.0])
def test_a_uniform_return_has_its_closed_form(c):
    """E min(c + G, 0) for G uniform on [0, 2] is -c**2 / 4 within the range, and linear beyond it."""
    exact = c + 1 if c <= -2 else min(c, 0.0) * max(-c, 0.0) / 4
    found = maximise_on_stock_grid(COIN, TwoSlopes(0.0, 1.0), stock=c, step=0.5)
    assert found.value == pytest.approx(exact, abs=1e-6)
    assert found.lower <= exact <= found.upper


@given(HOW, st.sampled_from([0.3, 0.1, 0.05]), SLOPES)
def test_bounds_are_never_wider_than_theory_says(how, step, f):
    found = grid_values(CHOICE, f, step=step, interpolation=how)
    width = (found.upper - found.lower).max()
    assert width <= 2 * stock_grid_error(CHOICE.gamma, step, f.lipschitz) + 1e-6


@given(SLOPES)
def test_grids_of_all_kinds_have_a_common_value_in_their_bounds(f):
    found = [
        maximise_on_stock_grid(CHOICE, f, stock=-2.0, step=step, interpolation=how)
        for step in (0.2, 0.05)
        for how in ("nearest", "linear")
    ]
    assert max(x.lower for x in found) <= min(x.upper for x in found)


def test_answers_cannot_be_overwritten():
    found = grid_values(CHOICE, TwoSlopes(0.0, 1.0), step=0.5)
    arrays = (found.value, found.lower, found.upper, found.policy.stocks, found.policy.actions, found.policy.ends)
    assert not any(array.flags.writeable for array in arrays)


def test_linear_interpolation_errs_above_for_a_convex_utility():
    """V is convex in the stock if f is, and chords are above it."""
    coarse, fine = (
        maximise_on_stock_grid(CHOICE, TwoSlopes(1.0, 0.0), stock=-2.0, step=step, interpolation="linear")
        for step in (0.5, 0.01)
    )
    assert coarse.value >= fine.lower
    assert coarse.value >= fine.value - 1e-6


def test_a_grid_is_refined_until_the_gap_is_what_was_asked_for():
    found = maximise_on_stock_grid(CHOICE, TwoSlopes(0.0, 1.0), stock=-3.0, tol=0.01)
    assert found.gap <= 0.01


def test_a_tolerance_beyond_reach_is_told(monkeypatch):
    monkeypatch.setattr(module, "_MOST_STOCKS", 1000)
    with pytest.warns(ConvergenceWarning, match="tol = 1e-06 needs too fine a grid"):
        maximise_on_stock_grid(CHOICE, TwoSlopes(0.0, 1.0), stock=-3.0, tol=1e-6)


@pytest.mark.parametrize("how", ["nearest", "linear"])
def test_the_controller_attains_what_was_proven(how):
    f, stock, rng = TwoSlopes(0.0, 1.0), -3.0, np.random.default_rng(1)
    found = maximise_on_stock_grid(CHOICE, f, stock=stock, step=0.2, interpolation=how)
    totals = np.array([_simulated(CHOICE, found.policy, stock, rng) for _ in range(1000)])
    mean, error = f(totals).mean(), 6 * f(totals).std() / np.sqrt(totals.size)  # false alarm below 2e-9
    assert mean >= found.lower - error
    assert mean <= found.upper + error


def _simulated(model, policy, stock, rng):
    state, total, discount, rounded = 0, stock, 1.0, stock
    for _ in range(60):  # 0.8**60 is 1.5e-6
        i = model.pair_start[state] + policy.action(state, rounded)
        k = int(rng.random() > model.prob[i, 0])
        total += discount * model.reward[i, k]
        state, discount = int(model.next_state[i, k]), discount * model.gamma
        rounded = policy.next_stock(rounded, model.reward[i, k], state, rng)
    return total


def test_a_negative_slope_asks_for_the_smallest_mean():
    """Beyond the ends -|c + G| is least far from 0 for the largest mean below, and for the smallest mean above."""
    choice = OutcomeModel.from_tables([[0, 0]], [[0.0, 1.0]], gamma=0.5)
    f = TwoSlopes(-1.0, 1.0)
    assert maximise_on_stock_grid(choice, f, stock=3.0).value == pytest.approx(-3.0, abs=1e-6)
    assert maximise_on_stock_grid(choice, f, stock=-3.0).value == pytest.approx(-1.0, abs=1e-6)
    policy = maximise_on_stock_grid(choice, f, stock=3.0).policy
    assert (policy.action(0, 3.0), policy.action(0, -3.0)) == (0, 1)


def test_what_a_grid_cannot_serve_is_refused():
    f = TwoSlopes(0.0, 1.0)
    assert stock_ends(COIN)[:, 0] == pytest.approx([-2.0, 0.0], abs=1e-9)
    with pytest.raises(ModelError, match=r"stock_range is \(-1.5, 0.0\); it must cover -G_max = -2 to -G_min = "):
        grid_values(COIN, f, stock_range=(-1.5, 0.0))
    assert grid_values(COIN, f, stock_range=(-2.5, 0.5), step=0.5).policy.stocks.tolist() == [
        x / 2 for x in range(-5, 2)
    ]
    with pytest.raises(CriterionError, match=r"gamma is 1; a grid for an infinite horizon needs a discount"):
        grid_values(COIN.replace(gamma=1.0), f)
    with pytest.raises(ModelError, match="step is -1"):
        grid_values(COIN, f, step=-1.0)
    with pytest.raises(ModelError, match="interpolation is 'cubic'"):
        grid_values(COIN, f, interpolation="cubic")
    with pytest.raises(ModelError, match="tol is -1"):
        maximise_on_stock_grid(COIN, f, stock=-0.3, step=0.4, tol=-1.0)


def test_a_grid_beyond_memory_is_refused(monkeypatch):
    monkeypatch.setattr("rltheory.planning.memory.available_memory", lambda: 10_000)
    with pytest.raises(MemoryError, match=r"a model of .* rows on .* stocks.*take a larger step"):
        grid_values(CHOICE, TwoSlopes(0.0, 1.0), step=0.05)


@given(tiny_models(0.5, 0.8))
def test_the_ends_are_the_extremes_of_all_laws(model):
    laws = achievable(model, 3, 0)
    low, high = stock_ends(ending(model, 3))[:, 0]
    assert low == pytest.approx(-max(law[-1][0] for law in laws), abs=1e-7)
    assert high == pytest.approx(-min(law[0][0] for law in laws), abs=1e-7)
