"""Categorical evaluation against a few lines of NumPy, closed forms, and the linear system that it solves."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdps.half_coin import half_coin, half_coin_cdf
from mdps.strategies import GAMMAS, outcome_models, paired, stochastic_policies
from rltheory import CriterionError, ModelError, OutcomeModel, Status
from rltheory.distributional.categorical import categorical_evaluation, categorical_fixed_point
from rltheory.distributional.chain import outcome_chain, return_range
from rltheory.distributional.exact_laws import exact_return_laws
from rltheory.planning import evaluate_policy, use_threads

MODELS = paired(outcome_models(max_states=3, gammas=GAMMAS[:3]), stochastic_policies)
STEPS = paired(outcome_models(max_states=3, gammas=[1.0, 0.5]), stochastic_policies)
ONE_STEP = OutcomeModel.from_tables([[-1]], [[1.0]], gamma=0.5)


def hats(y, grid):
    """Return what each point of y gives to each atom: the values of the hat functions."""
    return np.array([np.interp(y, grid, hat) for hat in np.eye(grid.size)])


def reference_step(chain, source, law, target):
    """Return the projected step of laws, outcome by outcome."""
    after = np.zeros(target.shape)
    for s, b in np.argwhere(chain.prob > 0):
        before = chain.next_state[s, b]
        y = chain.reward[s, b] + chain.gamma * source[before]
        if target[s, 0] == target[s, -1]:
            after[s, 0] += chain.prob[s, b]
        else:
            after[s] += chain.prob[s, b] * (hats(y, target[s]) @ law[before])
    return after


def distance(support, law, other):
    """Return w_1 of laws on the same atoms."""
    return (np.abs(np.cumsum(law - other, axis=1))[:, :-1] * np.diff(support, axis=1)).sum(axis=1).max()


def uneven_support(chain, m):
    """Return uneven atoms that all returns are between."""
    ends = np.array([chain.reward.min(), chain.reward.max()]) / (1 - chain.gamma)
    return ends[0] + (np.ptp(ends) + 1.0) * np.linspace(0, 1, m) ** 2 - 0.25


@settings(max_examples=15)
@given(MODELS, st.sampled_from([2, 7]), st.booleans())
def test_sweeps_are_projected_steps(drawn, m, own):
    chain = outcome_chain(*drawn)
    support = m if own else uneven_support(chain, m)
    before, after = (categorical_evaluation(*drawn, support=support, sweeps=n) for n in (0, 3))
    law = before.prob
    for _ in range(3):
        law = reference_step(chain, before.support, law, before.support)
    assert distance(after.support, after.prob, law) <= 1e-11
    assert np.abs(after.prob.sum(axis=1) - 1).max() <= 1e-13


@settings(max_examples=15)
@given(STEPS, st.sampled_from([2, 7]), st.integers(0, 4))
def test_over_a_horizon_each_step_has_its_own_atoms(drawn, m, H):
    chain = outcome_chain(*drawn)
    found = categorical_evaluation(*drawn, support=m, H=H)
    support, law = np.zeros((chain.n_states, m)), np.repeat(np.eye(1, m), chain.n_states, axis=0)
    for h in range(1, H + 1):
        target = np.linspace(*return_range(chain, h), m, axis=1)
        support, law = target, reference_step(chain, support, law, target)
    assert np.allclose(found.support, support, rtol=0, atol=1e-12)
    assert distance(support, found.prob, law) <= 1e-11


@settings(max_examples=15)
@given(MODELS, st.sampled_from([2, 5, 9]), st.booleans())
def test_iteration_ends_at_the_solution_of_the_linear_system(drawn, m, own):
    support = m if own else uneven_support(outcome_chain(*drawn), m)
    solved = categorical_fixed_point(*drawn, support=support)
    found = categorical_evaluation(*drawn, support=support, tol=1e-9)
    assert found.status is Status.CONVERGED
    assert distance(solved.support, solved.prob, found.prob) <= 1e-9 + 1e-10
    assert (
        distance(
            solved.support,
            solved.prob,
            reference_step(outcome_chain(*drawn), solved.support, solved.prob, solved.support),
        )
        <= 1e-11
    )


@given(MODELS, st.sampled_from([2, 8]))
def test_means_are_values(drawn, m):
    found = categorical_evaluation(*drawn, support=m, tol=1e-3)
    value = evaluate_policy(drawn[0].to_mdp(), drawn[1]).value
    assert found.mean == pytest.approx(value, abs=1e-9)


def cell_integrals(support, prob, F, power):
    """Integrate |F - G|^power for a step function G, by the midpoint rule on a fine grid."""
    cuts = np.linspace(support[0], support[-1], 2**14 + 1)
    y = (cuts[1:] + cuts[:-1]) / 2
    G = np.cumsum(prob)[np.searchsorted(support, y, side="right") - 1]
    return np.mean(np.abs(F(y) - G) ** power) * (support[-1] - support[0])


@pytest.mark.parametrize(("m", "squared", "w1"), [(3, 1 / 24, 1 / 4), (5, 1 / 96, 1 / 8), (9, 1 / 384, 1 / 16)])
@pytest.mark.parametrize("evaluate", [categorical_fixed_point, partial(categorical_evaluation, tol=1e-12)])
def test_the_half_coin_is_as_far_from_uniform_as_its_projection(m, squared, w1, evaluate):
    found = evaluate(half_coin(), [0], support=m)
    ends = np.full(m, 1 / (m - 1)) - np.isin(np.arange(m), [0, m - 1]) / (2 * (m - 1))
    assert found.prob[0] == pytest.approx(ends, abs=1e-12)
    assert cell_integrals(found.support[0], found.prob[0], half_coin_cdf, 2) == pytest.approx(squared, rel=1e-3)
    assert cell_integrals(found.support[0], found.prob[0], half_coin_cdf, 1) == pytest.approx(w1, rel=1e-3)
    assert found.w1_bound[0] >= w1
    assert found.cramer_bound[0] >= squared**0.5


@pytest.mark.parametrize("H", [1, 4, 10])
def test_on_a_lattice_nothing_is_lost_and_the_bound_says_so(H):
    walk = OutcomeModel.from_lists([[[(0.25, 1, 1.0), (0.75, 0, -1.0)]], [[(0.5, 0, 2.0), (0.5, 1, 0.0)]]], gamma=1.0)
    found = categorical_evaluation(walk, [0, 0], support=np.arange(-H, 2 * H + 1.0), H=H)
    exact = exact_return_laws(walk, [0, 0], H)
    for s in range(2):
        assert found.law(s).atoms.tolist() == exact.law(s).atoms.tolist()
        assert found.law(s).prob == pytest.approx(exact.law(s).prob, abs=1e-14)
    assert found.w1_bound.max() <= 1e-10


def test_tenths_are_a_lattice_too():
    tenths = OutcomeModel.from_lists([[[(0.5, 0, 0.1), (0.5, 0, -0.2)]]], gamma=1.0)
    found = categorical_evaluation(tenths, [0], support=np.arange(-20, 11) / 10, H=10)
    assert found.w1_bound[0] <= 1e-10
    assert found.variance[0] == pytest.approx(10 * 0.15**2)


def test_bounds_are_those_of_each_state_not_of_the_worst():
    model = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]], [[(1.0, 1, 3.0)]]], gamma=0.5)
    found = categorical_evaluation(model, [0, 0], support=5)
    assert found.w1_bound[0] > 0.1
    assert found.w1_bound[1] <= 1e-12
    assert found.law(1).atoms == pytest.approx([6.0])


def test_an_answer_that_was_cut_short_is_further_from_the_truth_and_says_so():
    model = OutcomeModel.from_lists([[[(0.5, 0, -1.0), (0.5, 0, 1.0)]]], gamma=0.9)
    bounds = [categorical_evaluation(model, [0], support=101, sweeps=n).w1_bound[0] for n in (0, 2, 10, 50)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[0] > 5 * bounds[-1]


def test_answers_do_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(0)
    shape = (400, 3)
    model = OutcomeModel(
        rng.dirichlet(np.ones(3), 400), rng.integers(0, 400, shape), rng.normal(size=shape), 0.9, 0, np.arange(401)
    )
    policy = np.zeros(400, dtype=int)
    laws = []
    for count in (1, 3):
        with use_threads(count):
            laws.append(categorical_evaluation(model, policy, support=201, sweeps=5))
    assert np.array_equal(laws[0].prob, laws[1].prob)
    assert np.array_equal(laws[0].w1_bound, laws[1].w1_bound)


def test_without_a_discount_one_step_is_enough():
    model = OutcomeModel.from_lists([[[(0.25, 0, 0.0), (0.75, 0, 1.0)]]], gamma=0.0)
    found = categorical_evaluation(model, [0], support=3)
    assert (found.prob.tolist(), found.sweeps) == ([[0.25, 0.0, 0.75]], 1)
    assert found.w1_bound[0] <= 1e-12


@pytest.mark.parametrize(
    ("support", "message"),
    [
        (1, "support is 1; at least 2 atoms are needed"),
        (True, "support has shape"),
        ([0.0], r"support has shape \(1,\)"),
        ([[0.0, 1.0]], r"support has shape \(1, 2\)"),
        ([0.0, np.inf], r"support has shape \(2,\); it is a number of atoms, or at least 2 finite ones"),
        ([0.0, 2.0, 2.0, 3.0], "support has 2 before 2; atoms are increasing"),
        ([0.0, 1.0, 1.9], r"support covers \[0, 1.9\], and mass of state 0 gets to 2: widen it"),
        ([0.1, 2.0], r"support covers \[0.1, 2\], and mass of state 0 gets to 0: widen it"),
    ],
)
@pytest.mark.parametrize("evaluate", [categorical_evaluation, categorical_fixed_point])
def test_a_support_that_mass_leaves_is_refused(support, message, evaluate):
    with pytest.raises(ModelError, match=message):
        evaluate(half_coin(), [0], support=support)


def test_a_support_that_covers_returns_but_not_what_is_rounded_outward_is_refused():
    # The goal pays 1, and nothing follows; but 0 is no atom, so that a little mass after the goal is at 1.05.
    with pytest.raises(ModelError, match=r"support covers \[-0.1, 1.05\], and mass of state 0 gets to 1.525"):
        categorical_evaluation(ONE_STEP, [0, 0], support=[-0.1, 1.05])
    assert categorical_evaluation(ONE_STEP, [0, 0], support=[0.0, 1.0]).law(0).atoms.tolist() == [1.0]


def test_over_a_horizon_only_what_can_be_reached_must_be_covered():
    coin = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)
    assert categorical_evaluation(coin, [0], support=[0.0, 1.0, 2.0], H=2).prob.tolist() == [[0.25, 0.5, 0.25]]
    with pytest.raises(ModelError, match=r"gets to 3"):
        categorical_evaluation(coin, [0], support=[0.0, 1.0, 2.0], H=3)


def test_questions_that_are_not_well_posed_are_refused():
    endless = OutcomeModel.from_tables([[0]], [[1.0]], gamma=1.0)
    for evaluate in (categorical_evaluation, categorical_fixed_point):
        with pytest.raises(CriterionError, match="gamma is 1"):
            evaluate(endless, [0])
    with pytest.raises(ModelError, match="H is -1"):
        categorical_evaluation(endless, [0], H=-1)
    with pytest.raises(ModelError, match="tol is 0"):
        categorical_evaluation(half_coin(), [0], tol=0)
    with pytest.raises(MemoryError, match="use categorical_evaluation"):
        categorical_fixed_point(half_coin(), [0], support=1_000_000)


def test_a_horizon_of_no_steps_is_the_law_of_nothing():
    assert categorical_evaluation(half_coin(), [0], support=3, H=0).law(0).atoms.tolist() == [0.0]


def test_a_return_that_is_sure_up_to_rounding_is_solved_for():
    reward = 0.36159505490948474  # in the last state; its least and largest return differ in the last digit
    model = OutcomeModel.from_lists(
        [[[(0.5, 0, 0.0), (0.5, 0, -0.375)]], [[(1.0, 0, 0.0)]], [[(1.0, 2, reward)]]], gamma=0.8
    )
    found = categorical_fixed_point(model, [0, 0, 0], support=2)
    assert (found.prob * found.support).sum(axis=1) == pytest.approx([-0.9375, -0.75, 5 * reward], abs=1e-12)
