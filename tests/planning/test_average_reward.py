"""Average reward: closed forms, agreement of independent algorithms, what converges, and what is refused."""

import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.strategies import discounted_mdps, paired, policies
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status, policy_iteration
from rltheory.planning import (
    average_linear_program,
    average_policy_iteration,
    average_reward,
    evaluate_average_reward,
    relative_value_iteration,
)
from rltheory.planning.graph import maximal_end_components

ALTERNATING = MDP.from_arrays([[[0, 1]], [[1, 0]]], [0, 2], gamma=1.0)
NEARLY_CLOSED = MDP.from_arrays(
    (1 - 1e-9) * np.eye(200)[:, None] + 1e-9 * np.roll(np.eye(200), 1, axis=1)[:, None], np.arange(200.0), gamma=1.0
)
ROOMS = MDP.from_arrays([[[0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 1, 0]], [[0, 0, 1], [0, 0, 1]]], [9, 1, 2], gamma=1.0)


@pytest.fixture(params=range(40))
def small_fractions(request):
    """Return a random model with probabilities that are small fractions, often with several end components."""
    rng = np.random.default_rng([41, request.param])
    shape = rng.integers(1, 7), rng.integers(1, 4)
    rows = rng.integers(0, 3, size=(*shape, shape[0])) * (rng.random((*shape, shape[0])) < 0.4)
    rows[..., 0] += rows.sum(axis=-1) == 0
    return MDP.from_arrays(MDP.normalised(rows), rng.integers(-3, 4, size=shape), gamma=1.0)


def test_a_patient_discounted_value_is_the_gain_over_one_minus_gamma(small_fractions):
    """The first term of the Laurent series (Puterman 2005, section 8.2)."""
    gamma = 1 - 1e-7
    value = policy_iteration(small_fractions.replace(gamma=gamma), tol=1.0).value
    assert np.allclose((1 - gamma) * value, average_policy_iteration(small_fractions).gain, atol=1e-4)


def test_the_linear_program_agrees_with_policy_iteration(small_fractions):
    program, exact = average_linear_program(small_fractions), average_policy_iteration(small_fractions)
    assert np.allclose(program.gain, exact.gain, atol=1e-6)
    assert (program.gain_lower <= exact.gain_upper).all()
    assert (exact.gain_lower <= program.gain_upper).all()


def test_gain_and_bias_satisfy_the_optimality_equations(small_fractions):
    mdp, solution = small_fractions, average_policy_iteration(small_fractions)
    g, h, starts = solution.gain, solution.bias, small_fractions.pair_start[:-1]
    next_gain = mdp.P @ g
    level = next_gain >= g[mdp.pair_state] - 1e-9
    assert np.allclose(np.maximum.reduceat(next_gain, starts), g, atol=1e-9)
    assert np.allclose(np.maximum.reduceat(np.where(level, mdp.r + mdp.P @ h, -np.inf), starts), g + h, atol=1e-9)


@given(paired(discounted_mdps(), policies))
def test_poissons_equation_holds_and_stationary_distributions_stay(drawn):
    mdp, policy = drawn
    found = evaluate_average_reward(mdp, policy)
    rows = mdp.pair_start[:-1] + policy
    P, r = MDP.normalised(mdp.P)[rows], mdp.r[rows]
    scale = 1e-9 * (1 + np.abs(found.bias).max())
    assert np.allclose(found.gain + found.bias, r + P @ found.bias, atol=scale)
    assert np.allclose(found.stationary @ P.toarray(), found.stationary, atol=1e-9)
    assert np.allclose(found.stationary.sum(axis=1), 1)
    assert np.allclose(found.stationary @ found.bias, 0, atol=scale)
    assert np.allclose(found.stationary @ r, [found.gain[row > 0][0] for row in found.stationary], atol=1e-9)


def test_a_queue_earns_what_its_stationary_distribution_says():
    n, up, down = 30, 0.3, 0.4
    P = np.zeros((n, 1, n))
    for s in range(n):
        P[s, 0, min(s + 1, n - 1)] += up
        P[s, 0, max(s - 1, 0)] += down
        P[s, 0, s] += 1 - up - down
    found = evaluate_average_reward(MDP.from_arrays(P, np.arange(n), gamma=1.0), np.zeros(n, dtype=int))
    weights = (up / down) ** np.arange(n)
    weights /= weights.sum()
    assert np.allclose(found.stationary[0], weights, atol=1e-14)
    assert np.allclose(found.gain, weights @ np.arange(n), atol=1e-13)
    assert found.gap < 1e-11


def test_the_gain_of_transient_states_is_averaged_over_where_they_end():
    """The gambler's ruin: the probability of winning is linear in the capital."""
    walk = mdps.random_walk(5)
    P = walk.P.toarray()
    rich = MDP.from_pairs(P, (np.arange(7) == 6).astype(float), 1.0, n_actions=1)
    found = evaluate_average_reward(rich, np.zeros(7, dtype=int))
    assert np.allclose(found.gain, np.arange(7) / 6, atol=1e-14)
    assert found.stationary.shape == (2, 7)


def test_a_periodic_chain_never_converges_without_the_chance_to_stay():
    """The false variant of the aperiodicity transform: the width of the bounds never falls."""
    with pytest.warns(ConvergenceWarning, match="raise the limit"):
        plain = relative_value_iteration(ALTERNATING, stay=0.0, max_sweeps=1000)
    assert plain.status is Status.LIMIT_REACHED
    assert (plain.history == plain.history[0]).all()
    assert plain.gain_lower[0] <= 1 <= plain.gain_upper[0]
    for stay in (0.1, 0.5):
        solution = relative_value_iteration(ALTERNATING, stay=stay)
        assert solution.status is Status.CONVERGED
        assert solution.gain == pytest.approx([1, 1])
        assert np.ptp(solution.bias) == pytest.approx(1)


def test_the_width_of_the_bounds_never_grows(small_fractions):
    if len(maximal_end_components(small_fractions)) == 1:
        assert (np.diff(relative_value_iteration(small_fractions, tol=1e-6).history) <= 1e-12).all()


def test_biases_improve_in_states_that_no_policy_stays_in_though_no_gain_depends_on_them():
    mdp = MDP.from_arrays([[[0, 1], [0, 1]], [[0, 1], [0, 1]]], [[-5, -1], [0.1, 0]], gamma=1.0)
    solution = average_policy_iteration(mdp, initial_policy=[0, 0], tol=1e-14)
    assert solution.policy.tolist() == [1, 0]
    assert solution.bias == pytest.approx([-1.1, 0])


def test_models_whose_gain_may_differ_are_refused_by_their_structure():
    with pytest.raises(CriterionError, match=r"2 maximal end components.*average_policy_iteration solves it"):
        relative_value_iteration(ROOMS)


def test_an_improvement_of_the_gain_comes_before_one_of_the_bias():
    start = average_policy_iteration(ROOMS, initial_policy=[0, 0, 0])
    assert start.gain == pytest.approx([2, 1, 2])
    assert start.policy.tolist() == [1, 0, 0]
    assert start.iterations == 1
    with pytest.warns(ConvergenceWarning, match="raise the limit"):
        limited = average_policy_iteration(mdps.river_swim(20), max_improvements=1)
    assert limited.status is Status.LIMIT_REACHED
    assert limited.iterations == 1


@pytest.mark.parametrize(
    ("mdp", "reason"),
    [
        (
            mdps.river_swim(6),
            "policy iteration with dense elimination, chosen because the model has at most 100 states",
        ),
        (mdps.garnet(1000, 3, 5, rng=0), "relative value iteration, chosen because the model has more than 100 states"),
        (NEARLY_CLOSED, "10000 sweeps of relative value iteration were not enough"),
        (mdps.random_walk(1000), "the gain may differ between the 2 maximal end components"),
    ],
    ids=["small", "mixing", "slow", "multichain"],
)
def test_the_choice_is_explained(mdp, reason):
    solution = average_reward(mdp, tol=1e-6)
    assert reason in solution.method
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-6


def test_large_and_small_solvers_agree():
    mdp = mdps.garnet(600, 3, 5, rng=1)
    sweeps, systems = relative_value_iteration(mdp), average_policy_iteration(mdp)
    assert "sparse systems" in systems.method
    assert sweeps.gain == pytest.approx(systems.gain, abs=2e-8)
    assert np.ptp((sweeps.bias - systems.bias)[:]) < 1e-6


def test_policies_of_large_random_models_are_solved_without_elimination(monkeypatch):
    """Whose factors would fill up: those of 20,000 states take minutes."""
    monkeypatch.setattr("scipy.sparse.linalg.splu", None)
    assert average_policy_iteration(mdps.garnet(5000, 2, 5, rng=2)).gap < 1e-8


def test_a_tolerance_below_the_rounding_floor_is_answered_by_status():
    for solver in (average_policy_iteration, relative_value_iteration):
        with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
            solution = solver(mdps.river_swim(6), tol=1e-300)
        assert solution.status is Status.ROUNDING_FLOOR
        assert solution.gap < 1e-13


@pytest.mark.parametrize("solver", [relative_value_iteration, average_policy_iteration, average_reward])
def test_progress_is_told_round_by_round(solver):
    told = []
    solution = solver(mdps.river_swim(6), progress=lambda rounds, width: told.append((rounds, width)))
    assert [rounds for rounds, _ in told] == list(range(1, solution.iterations + 1))
    assert [width for _, width in told] == solution.history.tolist()


def test_wrong_options_are_refused():
    with pytest.raises(ModelError, match="stay is 1"):
        relative_value_iteration(ALTERNATING, stay=1)
    with pytest.raises(ModelError, match="max_sweeps is 0"):
        relative_value_iteration(ALTERNATING, max_sweeps=0)
    with pytest.raises(ModelError, match="positive number of reward units"):
        average_reward(ALTERNATING, tol=0)


def test_answers_have_summaries_and_tables():
    solution, found = average_reward(ROOMS), evaluate_average_reward(ROOMS, [0, 0, 0])
    row = solution.to_rows()[0]
    assert (row["state"], row["action"]) == ("0", "1")
    assert [row[name] for name in ("gain", "lower", "upper", "bias")] == pytest.approx([2, 2, 2, 7])
    assert repr(solution).startswith("AverageRewardSolution(CONVERGED, gap=")
    assert "<table>" in solution._repr_html_()
    assert "2 recurrent class(es)" in repr(found)
    assert found.to_rows()[1]["gain"] == pytest.approx(1)
    assert "<table>" in found._repr_html_()
    assert not solution.gain.flags.writeable
    assert "and 18 more states" in average_reward(mdps.river_swim(30))._repr_html_()
