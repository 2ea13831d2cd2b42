"""Lookahead against rational arithmetic, against the definition, against the product with sticky actions."""

import tracemalloc

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given

import mdps
from mdps.horizon_strategies import explorations, games
from rltheory import CriterionError, OutcomeModel
from rltheory.horizon.analysis import analyse, normalised
from rltheory.horizon.rational import analyse_exactly
from rltheory.horizon.sticky import base_states, sticky_model
from rltheory.planning import use_threads

ARRAYS = ("worst_greedy_return", "published_gap", "q_gap")
NUMBERS = ("optimal_return", "exploration_return", "worst_return", "return_range")


def assert_same(report, other, **changed):
    """Two reports agree; ``changed`` gives factors for what is in reward units, and differences for returns."""
    scale, shift = changed.get("scale", 1.0), changed.get("shift", 0.0)
    assert report.min_k == other.min_k
    assert report.planning_window == other.planning_window
    np.testing.assert_array_equal(report.solvable, other.solvable)
    for name in NUMBERS:
        expected = np.multiply(getattr(other, name), scale) + shift
        np.testing.assert_allclose(getattr(report, name), expected, rtol=1e-12, atol=1e-12 * scale, err_msg=name)
    for name in ARRAYS:
        expected = getattr(other, name) * scale + (shift if name == "worst_greedy_return" else 0)
        np.testing.assert_allclose(getattr(report, name), expected, rtol=1e-11, atol=1e-12 * scale, err_msg=name)


@st.composite
def analysed(draw, **options):
    """Draw a game, a horizon and an exploration policy."""
    model, H = draw(games(**options)), draw(st.integers(1, 4))
    return model, H, draw(explorations(model, H))


@given(analysed() | analysed(min_reward=-4), st.booleans(), st.sampled_from([0.0, 0.25]))
def test_the_sweep_agrees_with_rational_arithmetic(drawn, everywhere, sticky):
    model, H, exploration = drawn
    options = {"exploration": exploration, "sticky": sticky, "everywhere": everywhere}
    assert_same(analyse(model, H, max_k=H, **options), analyse_exactly(model, H, **options))


def greedy_policies_by_definition(model, H, k):
    """Return the values of all policies that are greedy for Q^k: every combination of choices, one for each (t, s)."""
    shape = (model.n_states, model.n_actions, -1)
    prob, state, reward = (array.reshape(shape) for array in (model.prob, model.next_state, model.reward))

    def q(t, s, a, look):
        if look == 1:
            rest = [explored(t + 1, f) for f in state[s, a]]
        else:
            rest = [max(q(t + 1, f, b, look - 1) for b in range(shape[1])) if t + 1 < H else 0 for f in state[s, a]]
        return float(prob[s, a] @ (reward[s, a] + rest))

    def explored(t, s):
        return 0.0 if t == H else float(np.mean([q(t, s, a, 1) for a in range(shape[1])]))

    def values(t, s):
        """Return the set of values from (t, s); a policy is fixed at (t, s), so one choice serves all histories."""
        if t == H:
            return {0.0}
        own = [q(t, s, a, k) for a in range(shape[1])]
        chosen = [a for a in range(shape[1]) if own[a] >= max(own) - 1e-9]
        # Successors that share (t, s) are allowed to differ in their choice: that only adds values in between.
        found = set()
        for a in chosen:
            sums = {0.0}
            for p, f, r in zip(prob[s, a], state[s, a], reward[s, a], strict=True):
                sums = {total + p * (r + v) for total in sums for v in (values(t + 1, f) if p > 0 else {0.0})}
            found |= {round(x, 9) for x in sums}
        return found

    return values(0, 0)


@given(games(max_states=3, max_actions=2), st.integers(1, 3))
def test_solvable_means_that_every_greedy_policy_has_the_optimal_return(model, H):
    report = analyse(model, H, max_k=H)
    for k in range(1, H + 1):
        returns = greedy_policies_by_definition(model, H, k)
        assert min(returns) == pytest.approx(report.worst_greedy_return[k - 1], abs=1e-8)
        assert report.solvable[k - 1] == (min(returns) > report.optimal_return - 1e-8)


@given(analysed() | analysed(min_reward=-4), st.booleans())
def test_looking_to_the_end_is_optimal_and_the_window_ends_there(drawn, everywhere):
    model, H, exploration = drawn
    report = analyse(model, H, max_k=H, exploration=exploration, everywhere=everywhere)
    assert report.solvable[-1]
    assert 1 <= report.planning_window <= H
    assert report.worst_greedy_return[-1] == pytest.approx(report.optimal_return)


@given(analysed() | analysed(min_reward=-4))
def test_returns_are_in_order(drawn):
    model, H, exploration = drawn
    report = analyse(model, H, exploration=exploration)
    low, high = report.return_range
    ordered = [low, report.worst_return, report.exploration_return, report.optimal_return, high]
    assert (np.diff(ordered) >= -1e-12).all()
    assert (report.worst_greedy_return <= report.optimal_return + 1e-12).all()


@given(analysed() | analysed(min_reward=-4))
def test_a_greedy_policy_is_no_worse_than_exploration(drawn):
    """One step of policy improvement, and k - 1 optimal steps before it, cannot do harm."""
    model, H, exploration = drawn
    report = analyse(model, H, exploration=exploration)
    assert (report.worst_greedy_return >= report.exploration_return - 1e-12).all()


@given(analysed() | analysed(min_reward=-4))
def test_what_is_solvable_everywhere_is_solvable_and_its_gaps_are_no_larger(drawn):
    model, H, exploration = drawn
    met = analyse(model, H, max_k=H, exploration=exploration)
    everywhere = analyse(model, H, max_k=H, exploration=exploration, everywhere=True)
    assert (met.solvable | ~everywhere.solvable).all()
    assert (everywhere.published_gap <= met.published_gap).all()
    assert (everywhere.q_gap <= met.q_gap).all()


@given(analysed() | analysed(min_reward=-4))
def test_where_a_lookahead_solves_the_game_its_published_gap_is_no_smaller_than_the_gap_of_q(drawn):
    model, H, exploration = drawn
    report = analyse(model, H, max_k=H, exploration=exploration)
    assert (report.published_gap >= report.q_gap)[report.solvable].all()


@given(analysed(min_reward=-4), st.sampled_from([2.0**-40, 3.0, 1e6]))
def test_scaling_rewards_scales_gaps_and_changes_nothing_else(drawn, scale):
    model, H, exploration = drawn
    scaled = analyse(model.replace(reward=scale * model.reward), H, max_k=H, exploration=exploration)
    assert_same(scaled, analyse(model, H, max_k=H, exploration=exploration), scale=scale)


@given(analysed(min_reward=-4), st.sampled_from([-1.5, 2.0]))
def test_a_constant_added_to_every_reward_changes_returns_only(drawn, constant):
    model, H, exploration = drawn
    shifted = analyse(model.replace(reward=model.reward + constant), H, max_k=H, exploration=exploration)
    assert_same(shifted, analyse(model, H, max_k=H, exploration=exploration), shift=H * constant)


@given(analysed(), st.data())
def test_names_of_states_and_actions_do_not_matter(drawn, data):
    model, H, _ = drawn
    new = np.array(data.draw(st.permutations(range(model.n_states))))  # state s is called new[s]
    order = np.array(data.draw(st.permutations(range(model.n_actions))))
    rows = np.arange(model.n_pairs).reshape(model.n_states, model.n_actions)[np.argsort(new)][:, order].ravel()
    renamed = OutcomeModel(
        model.prob[rows], new[model.next_state[rows]], model.reward[rows], 1.0, int(new[0]), model.pair_start
    )
    assert_same(analyse(renamed, H), analyse(model, H))


@given(analysed())
def test_a_second_copy_of_every_action_does_not_matter(drawn):
    model, H, _ = drawn
    twice = np.repeat(np.arange(model.n_pairs), 2)
    doubled = OutcomeModel(
        model.prob[twice], model.next_state[twice], model.reward[twice], 1.0, model.mu, 2 * model.pair_start
    )
    assert_same(analyse(doubled, H), analyse(model, H))


@given(analysed(max_actions=1))
def test_with_a_single_action_there_is_nothing_to_find_out(drawn):
    model, H, _ = drawn
    report = analyse(normalised(model, H), H, max_k=H)
    assert report.min_k == report.planning_window == 1
    assert report.optimal_return == pytest.approx(report.exploration_return)
    np.testing.assert_array_equal(report.effective_horizon, np.arange(1, H + 1))


@given(games(max_outcomes=1, min_reward=-4), st.integers(1, 4))
def test_with_optimal_values_as_a_potential_one_step_is_all_that_counts(model, H):
    """Every reward becomes what the action gains on the optimal value: 0 if it is optimal, a loss otherwise."""
    n_states, A = model.n_states, model.n_actions
    value = np.zeros((H + 1, n_states))
    for t in reversed(range(H)):
        value[t] = (model.reward[:, 0] + value[t + 1][model.next_state[:, 0]]).reshape(n_states, A).max(axis=1)
    # As the potential depends on the step, so do rewards: state (t, s) is t * S + s, and the last row stays.
    rows = [(t + 1) * n_states + model.next_state for t in range(H)] + [np.arange(n_states).repeat(A)[:, None]]
    rows[-1] = rows[-1] + H * n_states
    gains = [model.reward + value[t + 1][model.next_state] - value[t].repeat(A)[:, None] for t in range(H)] + [
        np.zeros_like(model.reward)
    ]
    shaped = OutcomeModel(
        np.ones(((H + 1) * n_states * A, 1)),
        np.concatenate(rows),
        np.concatenate(gains),
        1.0,
        0,
        np.arange(0, (H + 1) * n_states * A + 1, A),
    )
    report = analyse(shaped, H)
    assert report.planning_window == 1
    assert report.optimal_return == 0
    plain = analyse(model, H)
    assert report.exploration_return == pytest.approx(plain.exploration_return - plain.optimal_return, abs=1e-12)


def random_model(rng, n_states, n_actions, n_outcomes, low=0.0):
    shape = (n_states * n_actions, n_outcomes)
    return OutcomeModel(
        prob=rng.dirichlet(np.ones(n_outcomes), shape[0]),
        next_state=rng.integers(0, n_states, shape),
        reward=rng.uniform(low, 1, shape),
        gamma=1.0,
        mu=rng.dirichlet(np.ones(n_states)),
        pair_start=np.arange(0, shape[0] + 1, n_actions),
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("everywhere", [False, True])
def test_sticky_actions_are_the_product_with_the_last_action(seed, everywhere):
    rng = np.random.default_rng(seed)
    model = random_model(rng, 20, 3, 1 + seed % 2, low=-1.0 if seed > 1 else 0.0)
    exploration = rng.dirichlet(np.ones(3), (12, 20))
    product = sticky_model(model, 0.25)
    options = {"max_k": 12, "everywhere": everywhere}
    ours = analyse(model, 12, exploration=exploration, sticky=0.25, **options)
    laid_out = analyse(product, 12, exploration=exploration[:, base_states(model)], **options)
    assert_same(ours, laid_out)


@pytest.mark.parametrize("seed", range(4))
def test_blocks_of_the_planning_window_do_not_matter(seed):
    model = random_model(np.random.default_rng(seed), 30, 2, 1)
    reports = [analyse(model, 12, max_k=k) for k in (1, 2, 5, 12)]
    assert len({report.planning_window for report in reports}) == 1
    assert reports[0].planning_window == analyse_exactly(model, 12, max_k=1).planning_window


def test_threads_change_no_bit():
    model = random_model(np.random.default_rng(0), 20_000, 4, 2)
    with use_threads(1):
        alone = analyse(model, 3, max_k=3)
    with use_threads(2):
        together = analyse(model, 3, max_k=3)
    for name in (*ARRAYS, *NUMBERS):
        np.testing.assert_array_equal(getattr(alone, name), getattr(together, name))


@pytest.mark.parametrize(("max_k", "vectors"), [(1, 10), (3, 26)])
def test_memory_is_the_model_and_ten_vectors_for_one_lookahead_eight_more_for_each_other(max_k, vectors):
    n_states, n_actions = 50_000, 6
    model = random_model(np.random.default_rng(0), n_states, n_actions, 1).replace(mu=0)
    analyse(model, 1, max_k=1)  # compiles
    tracemalloc.start()
    analyse(model, 3, max_k=max_k)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= vectors * 8 * n_states + 100_000


@given(analysed(min_reward=-4), st.data())
def test_a_draw_of_the_start_averages_returns_and_takes_the_least_gap(drawn, data):
    model, H, exploration = drawn
    assume(model.n_states > 1)
    starts = [0, data.draw(st.integers(1, model.n_states - 1))]
    mu = np.zeros(model.n_states)
    mu[starts] = 0.25, 0.75
    whole = analyse(model.replace(mu=mu), H, max_k=H, exploration=exploration)
    parts = [analyse(model.replace(mu=s), H, max_k=H, exploration=exploration) for s in starts]
    for name in ("optimal_return", "exploration_return", "worst_return", "worst_greedy_return"):
        expected = 0.25 * getattr(parts[0], name) + 0.75 * getattr(parts[1], name)
        np.testing.assert_allclose(getattr(whole, name), expected, atol=1e-12)
    for name in ("published_gap", "q_gap"):
        expected = np.minimum(*(getattr(part, name) for part in parts))
        np.testing.assert_allclose(getattr(whole, name), expected, atol=1e-12)


def test_a_tie_that_floats_miss_by_one_digit_is_a_tie():
    """Both ways are worth 0.3, one of them as 0.1 + 0.2, which is a digit more in floats."""
    model = OutcomeModel.from_tables([[1, 2], [-1, -1], [-1, -1]], [[0.0, 0.1], [0.3, 0.3], [0.2, 0.2]], 1.0, mu=0)
    assert analyse(model, 2).q_gap[0] == np.inf
    assert analyse(model, 2, tie_rtol=0.0).q_gap[0] == pytest.approx(5.6e-17, rel=0.1)


def test_gains_and_losses_that_cancel_tie_with_nothing_at_all():
    """0.1 + 0.2 - 0.3 is not 0 in floats, and no part of 0 is as large as the difference."""
    next_state = [[1, 3], [2, 2], [-1, -1], [-1, -1]]
    model = OutcomeModel.from_tables(next_state, [[0.1, 0.0], [0.2, 0.2], [-0.3, -0.3], [0.0, 0.0]], 1.0, mu=0)
    report = analyse(model, 3)
    assert report.optimal_return != 0
    assert (report.q_gap == np.inf).all()
    assert (report.published_gap == np.inf).all()


def test_a_choice_that_is_executed_less_often_costs_less():
    """In state 1, the action that exploration prefers is 0.00012 worse, of which stickiness takes a quarter away."""
    next_state = [[1, 1], [2, 3], [-1, -1], [-1, -1]]
    model = OutcomeModel.from_tables(next_state, [[0.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.00012]], 1.0, mu=0)
    assert analyse(model, 3, optimal_within=1e-4).min_k == 2
    assert analyse(model, 3, optimal_within=1e-4, sticky=0.25).min_k == 1


def test_outcomes_of_probability_zero_are_not_met():
    never = [(0.0, 1, 0.0), (1.0, 2, 0.0)]
    end, coin = [(1.0, 2, 0.0)], [(0.5, 2, 0.0), (0.5, 2, 1.0)]
    model = OutcomeModel.from_lists([[never, never], [end, [(1.0, 2, 1.0)]], [coin, coin]], 1.0, mu=0)
    assert analyse(model, 2).q_gap.tolist() == [np.inf, np.inf]
    assert analyse(model.replace(mu=1), 2).q_gap.tolist() == [1.0, 1.0]


def test_values_of_any_size_are_told_apart():
    tiny = OutcomeModel.from_tables([[0, 0]], [[1e-200, 2e-200]], 1.0, mu=0)
    assert analyse(tiny, 1).q_gap[0] == pytest.approx(1e-200)


def test_the_published_tolerance_forgives_what_costs_little():
    model = OutcomeModel.from_tables([[-1, 1], [-1, -1]], [[1.0, 0.5], [0.50005, 0.0]], 1.0, mu=0)
    assert analyse(model, 2).min_k == 2
    assert analyse(model, 2, optimal_within=1e-4).min_k == 1


def test_the_stochastic_horizon_needs_returns_between_zero_and_one():
    model = OutcomeModel.from_tables([[0, 0]], [[1.0, 3.0]], 1.0, mu=0)
    with pytest.raises(CriterionError, match=r"returns here are in \[2, 6\]: analyse normalised\(model, H\)"):
        _ = analyse(model, 2).effective_horizon
    scaled = analyse(normalised(model, 2), 2)
    np.testing.assert_allclose(scaled.q_gap, 1 / 3)
    np.testing.assert_allclose(scaled.effective_horizon, [1 + np.log2(9), 2 + np.log2(9)])


def test_penalties_cannot_be_normalised_away():
    model = OutcomeModel.from_tables([[0, 0]], [[1.0, -3.0]], 1.0, mu=0)
    with pytest.raises(CriterionError, match="the reward of state 0, action 1 is -3"):
        normalised(model, 2)


def test_a_game_that_pays_nothing_is_left_alone():
    model = OutcomeModel.from_tables([[0, 0]], [[0.0, 0.0]], 1.0, mu=0)
    assert normalised(model, 2) is model
    assert analyse(model, 2).q_gap.tolist() == [np.inf, np.inf]


def test_by_default_the_least_lookahead_is_found_however_far_it_is():
    report = analyse(mdps.decoy(12, prize=0.9), H=13)
    assert (report.min_k, report.max_k) == (13, 13)
    assert analyse(mdps.decoy(12, prize=0.9), H=13, max_k=7).min_k is None


def test_a_report_tells_its_numbers_in_rows_and_in_a_notebook():
    report = analyse(mdps.decoy(2, prize=0.3), H=3, max_k=1)
    assert repr(report) == (
        "HorizonReport(3 steps, 2 actions: min_k above 1, planning window 3, optimal return 1, exploration 0.275)"
    )
    assert report.to_rows()[0] == {
        "k": 1,
        "solvable": False,
        "worst greedy return": 0.3,
        "published gap": 0.0,
        "q gap": pytest.approx(0.05),
        "effective horizon": np.inf,
    }
    assert "<th>published gap</th>" in report._repr_html_()
    assert analyse(mdps.horizon_lock(20), H=20, max_k=20, window=False)._repr_html_().endswith("8 more lookaheads</p>")


def test_a_report_is_read_only():
    with pytest.raises(ValueError, match="read-only"):
        analyse(mdps.horizon_lock(3), H=3).q_gap[0] = 1.0
