"""Distributional value iteration against brute force over all policies with a memory, and what it refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional._functionals import MinusVariance
from proofs_check.distributional.control import OPTIMISABLE, lattice_models, without_stock
from proofs_check.distributional.failures import CAPPED, choice_after_pause, choice_in_lottery, even
from proofs_check.distributional.history import best_over_histories, history_laws
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import DiscreteLaw, best_expectation, mixture, risk, unfold
from rltheory.distributional.occupancy import maximise_over_laws
from rltheory.distributional.value_iteration import distributional_value_iteration
from rltheory.planning import policy_iteration

LOTTERY = choice_in_lottery(even(-1), even(-2, 2), even(2))
PAUSE = choice_after_pause(even(1), even(2))
HALF = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
BETS = OutcomeModel.from_lists([[[(1.0, 0, 0.5)], [(0.5, 0, 0.0), (0.5, 0, 1.25)]]], gamma=0.5)
HORIZONS, STOCKS = st.integers(0, 3), st.sampled_from([0.0, -1.0, 0.75])

UTILITIES = (
    risk.ExpectedUtility.shortfall(),
    risk.ExpectedUtility.absolute(),
    risk.ExpectedUtility.reached(),
    risk.ExpectedUtility.exponential(0.3),
)


@given(lattice_models((1.0,)), st.sampled_from(UTILITIES), st.integers(1, 3), STOCKS)
def test_four_ways_to_maximise_a_utility_agree(model, utility, H, stock):
    by_laws = distributional_value_iteration(model, utility, H=H, stock=stock, start=0).value
    nodes = unfold(model, H, stock=stock, start=0)
    scalar = best_expectation(nodes, utility.f(nodes.layers[-1].stock))[0][0][0]
    program = maximise_over_laws(model, utility.f, H=H, stock=stock, start=0).value
    brute = best_over_histories(model, utility, H, 0, stock=stock)
    assert [by_laws, scalar] == pytest.approx([brute, brute], abs=1e-12)
    assert program == pytest.approx(brute, abs=1e-9)


@given(lattice_models(), st.sampled_from(OPTIMISABLE), HORIZONS, STOCKS)
def test_it_is_optimal_over_all_policies_with_a_memory(model, functional, H, stock):
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0)
    assert found.value == pytest.approx(best_over_histories(model, functional, H, 0, stock=stock), abs=1e-12)
    assert found.lower == found.value == found.upper


@given(outcome_models(max_states=3, max_outcomes=2, max_reward=3.0), HORIZONS, STOCKS)
def test_rewards_may_be_any_numbers(model, H, stock):
    """Nodes whose stocks are within 1e-10 of the largest reward are one, so that many steps may be wrong by as much."""
    functional = risk.ExpectedUtility.shortfall()
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0)
    assert found.value == pytest.approx(best_over_histories(model, functional, H, 0, stock=stock), abs=H * 3e-10)


@given(
    lattice_models((0.5, 0.9, 0.0)),
    st.sampled_from([risk.ExpectedUtility.exponential(1.0), risk.ExpectedUtility.quadratic(1.0), CAPPED]),
    HORIZONS,
    STOCKS,
)
def test_absolute_stock_optimises_utilities_that_are_not_indifferent_to_the_discount(model, utility, H, stock):
    found = distributional_value_iteration(model, utility, H=H, stock=stock, start=0, convention="absolute")
    assert found.value == pytest.approx(best_over_histories(model, utility, H, 0, stock=stock), rel=1e-12, abs=1e-12)


@given(lattice_models(), st.sampled_from([0.3, 2.0]), HORIZONS, STOCKS)
def test_entropic_risk_is_optimised_with_absolute_stock_although_it_is_no_expectation(model, beta, H, stock):
    functional = risk.Entropic(beta)
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0, convention="absolute")
    assert found.value == pytest.approx(best_over_histories(model, functional, H, 0, stock=stock), abs=1e-11)


@given(lattice_models(), st.sampled_from(OPTIMISABLE), HORIZONS, STOCKS)
def test_value_and_law_are_those_of_the_policy(model, functional, H, stock):
    found = distributional_value_iteration(model, functional, H=H, stock=stock, start=0)
    played = found.policy.law(start=0)
    assert found.value == pytest.approx(functional(found.law.shift(stock).merged(1e-12)), abs=1e-12)
    assert -risk.NegativeWasserstein(played)(found.law.shift(stock)) == pytest.approx(0, abs=1e-12)
    assert found.policy.is_deterministic


@given(
    lattice_models(),
    st.sampled_from([risk.ExpectedUtility.shortfall(), risk.ExpectedUtility.reached(), risk.EssentialInfimum()]),
    STOCKS,
)
def test_from_a_distribution_over_starts_the_law_is_the_mixture(model, functional, stock):
    found = distributional_value_iteration(model, functional, H=2, stock=stock)
    starts = np.flatnonzero(model.mu)
    best = [max(history_laws(model, 2, int(s), stock=stock), key=functional) for s in starts]
    assert found.value == pytest.approx(functional(mixture(best, model.mu[starts])), abs=1e-12)


@given(
    lattice_models(),
    st.sampled_from([risk.CVaR(0.3), risk.LowerQuantile(0.5), MinusVariance(), risk.NegativeCramer(even(0))]),
    STOCKS,
)
def test_where_it_is_not_optimal_it_is_still_a_policy(model, functional, stock):
    found = distributional_value_iteration(model, functional, H=3, stock=stock, start=0, unproven=True)
    assert found.value <= best_over_histories(model, functional, 3, 0, stock=stock) + 1e-12
    assert found.upper == np.inf
    assert "unproven" in found.method


def random_models(most, gamma, seed):
    """Return 60 models with 3 states, 2 actions, 2 outcomes, and rewards from -most to most."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        yield OutcomeModel(
            rng.dirichlet([1, 1], size=6),
            rng.integers(0, 3, size=(6, 2)),
            rng.integers(-most, most + 1, size=(6, 2)).astype(float),
            gamma,
            0,
            np.arange(0, 7, 2),
        )


def failures(functional, most=2, gamma=1.0, solver=None, stocks=(0.0,), seed=1):
    """Count on how many of the models value iteration misses the best policy with a memory, and by how much."""
    rng, gaps = np.random.default_rng(seed), []
    for model in random_models(most, gamma, seed):
        stock = float(rng.choice(stocks))
        if solver is None:
            value = distributional_value_iteration(model, functional, H=3, stock=stock, unproven=True).value
        else:
            value = solver(model, functional, 3, stock)
        gaps.append(best_over_histories(model, functional, 3, 0, stock=stock) - value)
    assert min(gaps) > -1e-12
    return int((np.array(gaps) > 1e-9).sum()), max(gaps)


UNIFORM = DiscreteLaw(np.arange(-2.0, 3.0))


@pytest.mark.parametrize("functional", [*OPTIMISABLE, risk.ExpectedUtility.exponential(0.3)], ids=repr)
def test_functionals_with_the_axioms_never_fail(functional):
    assert failures(functional)[0] == 0


@pytest.mark.parametrize(
    "functional",
    [
        risk.CVaR(0.3),
        risk.LowerQuantile(0.5),
        MinusVariance(),
        risk.MeanVariance(0.3),
        risk.NegativeCramer(even(0)),
        risk.NegativeWasserstein(UNIFORM),
    ],
    ids=repr,
)
def test_functionals_that_are_not_indifferent_to_mixtures_fail_on_some_of_sixty_models(functional):
    count, gap = failures(functional)
    assert count > 0, "of 60 models"
    assert gap > 1e-3


@pytest.mark.parametrize(
    "utility", [risk.ExpectedUtility.exponential(1.0), risk.ExpectedUtility.quadratic(1.0), CAPPED], ids=repr
)
def test_utilities_that_are_not_indifferent_to_the_discount_fail_on_some_of_sixty_models(utility):
    assert failures(utility, most=3, gamma=0.5, stocks=(-2.0, -1.0, 0.0, 1.0, 2.0))[0] > 0


def test_without_stock_even_a_utility_fails_on_some_of_sixty_models():
    assert failures(risk.ExpectedUtility.shortfall(), solver=without_stock)[0] > 0


@pytest.mark.parametrize(
    "utility",
    [risk.ExpectedUtility.shortfall(), risk.ExpectedUtility.absolute(), risk.ExpectedUtility.gain()],
    ids=repr,
)
@pytest.mark.parametrize("stock", [0.0, -1.0, -1.3])
def test_without_a_horizon_the_bounds_hold_the_optimum_of_far_more_steps(utility, stock):
    found = distributional_value_iteration(BETS, utility, stock=stock, tol=0.05)
    far = unfold(BETS, 14, stock=stock)
    rest = 0.5**14 * 2 * 1.25  # what can still come after 14 steps, at slope 1
    reference = best_expectation(far, utility.f(far.layers[-1].stock))[0][0][0]
    assert found.gap <= 0.05
    assert found.lower - rest <= reference <= found.upper + rest


@given(outcome_models(max_states=2, max_outcomes=2, gammas=[0.5, 0.0]))
def test_without_a_horizon_the_mean_is_the_value_of_the_expected_model(model):
    convention = "absolute" if model.gamma == 0 else "rescaled"
    found = distributional_value_iteration(model, risk.Mean(), tol=0.5, start=0, convention=convention)
    value = policy_iteration(model.to_mdp(), tol=1e-10).value[0]
    assert found.gap <= 0.5
    assert found.lower - 1e-9 <= value <= found.upper + 1e-9


def test_a_sure_return_needs_no_step():
    sure = OutcomeModel.from_lists([[[(1.0, 0, 3.0)]]], gamma=0.5)
    found = distributional_value_iteration(sure, risk.ExpectedUtility.absolute(), stock=-5.0, tol=1e-12)
    assert (found.value, found.gap, found.policy.unfolded.H) == (-1.0, 0.0, 0)
    assert found.law.atoms.tolist() == [6.0]


def test_the_uniform_return_of_half_coins_is_met_within_the_bounds():
    found = distributional_value_iteration(HALF, risk.ExpectedUtility.absolute(), stock=-0.5, tol=0.01)
    assert found.lower <= -(0.5**2 + 1.5**2) / 4 <= found.upper  # G is uniform on [0, 2]
    assert found.gap <= 0.01


def test_ties_go_to_the_lowest_action_and_the_tolerance_is_explicit():
    near = OutcomeModel.from_tables([[0, 0, 0]], [[0.0, 1.0, 1.0 + 1e-9]], gamma=1.0)
    chosen = [
        distributional_value_iteration(near, risk.Mean(), H=1, tie=tie).policy.weights[0].tolist()
        for tie in (1e-12, 1e-6)
    ]
    assert chosen == [[0, 0, 1], [0, 1, 0]]


def test_the_value_is_unique_where_the_law_is_not():
    """The optimality operator is no contraction of laws: which of two equal actions is first decides the law."""
    sure, bet = [(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 1.0)]
    found = [
        distributional_value_iteration(OutcomeModel.from_lists([pair], gamma=1.0), risk.Mean(), H=1)
        for pair in ([sure, bet], [bet, sure])
    ]
    assert [one.value for one in found] == [0.0, 0.0]
    assert risk.NegativeWasserstein(found[0].law)(found[1].law) == -1.0


def test_sums_that_round_meet_a_threshold_that_they_equal():
    tenths = OutcomeModel.from_lists([[[(1.0, 0, 0.1)], [(0.5, 0, 0.0), (0.5, 0, 0.3)]]], gamma=1.0)
    assert distributional_value_iteration(tenths, risk.ExpectedUtility.reached(), H=3, stock=-0.3).value == 1.0


@pytest.mark.parametrize(
    ("functional", "way"),
    [
        (risk.CVaR(0.3), "maximise_cvar"),
        (risk.LowerQuantile(0.5), "maximise_value_at_risk"),
        (risk.Variance(), "maximise_variance"),
        (risk.NegativeWasserstein(even(0, 1)), "minimise_wasserstein"),
    ],
    ids=repr,
)
def test_what_is_not_indifferent_to_mixtures_is_refused_with_a_way_out(functional, way):
    with pytest.raises(CriterionError, match=rf"is not indifferent to mixtures.* Use .*{way}"):
        distributional_value_iteration(LOTTERY, functional, H=2)


def test_what_is_not_indifferent_to_the_discount_is_refused_and_absolute_stock_is_offered():
    with pytest.raises(CriterionError, match=r'not indifferent to the discount 0.5.*convention="absolute"'):
        distributional_value_iteration(PAUSE, risk.ExpectedUtility.quadratic(1.0), H=2)
    assert (
        distributional_value_iteration(PAUSE.replace(gamma=1.0), risk.ExpectedUtility.quadratic(1.0), H=2).value == 0.0
    )
    wrong = distributional_value_iteration(PAUSE, risk.ExpectedUtility.quadratic(1.0), H=2, unproven=True)
    right = distributional_value_iteration(PAUSE, risk.ExpectedUtility.quadratic(1.0), H=2, convention="absolute")
    assert (wrong.value, right.value) == (-0.25, 0.0)


@pytest.mark.parametrize(
    "functional",
    [risk.ExpectedUtility.reached(), risk.EssentialInfimum(), risk.ExpectedUtility.negative_power(2)],
    ids=repr,
)
def test_without_a_horizon_what_is_not_lipschitz_is_refused(functional):
    with pytest.raises(CriterionError, match=r"is not Lipschitz in w_1.* Give a horizon H"):
        distributional_value_iteration(HALF, functional)


def test_what_does_not_fit_is_refused_before_work():
    f = risk.ExpectedUtility.shortfall()
    with pytest.raises(CriterionError, match="gamma is 1 and there is no horizon"):
        distributional_value_iteration(LOTTERY, f)
    with pytest.raises(CriterionError, match=r'gamma is 0.*convention="absolute"'):
        distributional_value_iteration(LOTTERY.replace(gamma=0.0), f, H=2)
    with pytest.raises(ModelError, match="convention is 'relative'; it is 'rescaled' or 'absolute'"):
        distributional_value_iteration(LOTTERY, f, H=2, convention="relative")
    with pytest.raises(ModelError, match="stock is nan; it must be a finite number"):
        distributional_value_iteration(LOTTERY, f, H=2, stock=np.nan)
    with pytest.raises(ModelError, match="tol is 0; it must be positive"):
        distributional_value_iteration(HALF, f, tol=0)
    with pytest.raises(ModelError, match=r"start is 9; states are 0\.\.3"):
        distributional_value_iteration(LOTTERY, f, H=2, start=9)
    with pytest.raises(CriterionError, match="more than max_nodes = 50"):
        distributional_value_iteration(HALF, f, tol=1e-6, max_nodes=50)


def test_the_answer_is_told_in_a_line_and_its_law_in_rows():
    found = distributional_value_iteration(LOTTERY, risk.ExpectedUtility.shortfall(), H=2)
    assert repr(found) == "StockSolution(-0.5, exact; initial stock 0; distributional value iteration, exact)"
    assert [row["value"] for row in found.to_rows()] == [-1.0, 2.0]
