"""Gauss-Seidel policy iteration: its sweeps by their definition, its bounds by theory, its answers by other means."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps, paired, policies, value_vectors
from proofs_check.oracles import lp_value
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError, Status, policy_iteration
from rltheory.planning import approximate_evaluation, gauss_seidel
from rltheory.planning.approximate_evaluation import by_elimination, by_krylov
from rltheory.planning.backup import kernel_arrays
from rltheory.planning.gauss_seidel import gauss_seidel_policy_iteration
from rltheory.planning.order import spread
from rltheory.planning.policy_system import fill, room_for_systems

any_mdps = discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=10.0)
_improve, _sweeps = gauss_seidel._improve, approximate_evaluation._sweeps


def improved(mdp, v, policy, backwards, tie=0.0):
    """Return what a sweep makes of v and a policy, and the extremes of the change."""
    v, policy = np.array(v), np.array(policy)
    extremes = _improve(*kernel_arrays(mdp.P, mdp.r, mdp.pair_start), mdp.gamma, v, policy, backwards, tie)
    return v, policy, extremes


def reference_sweep(mdp, v, backwards):
    """Return G v and the values of all pairs on the way, by the formula."""
    P, v, q = mdp.P.toarray(), np.array(v), np.empty(mdp.n_pairs)
    for s in range(mdp.n_states)[:: -1 if backwards else 1]:
        own = slice(mdp.pair_start[s], mdp.pair_start[s + 1])
        others = np.delete(P[own], s, axis=1) @ np.delete(v, s)
        q[own] = (mdp.r[own] + mdp.gamma * others) / (1 - mdp.gamma * P[own, s])
        v[s] = q[own].max()
    return v, np.split(q, mdp.pair_start[1:-1])


@given(paired(any_mdps, value_vectors, policies), st.booleans())
def test_a_sweep_is_its_definition(drawn, backwards):
    mdp, v, policy = drawn
    swept, _, (low, high) = improved(mdp, v, policy, backwards)
    expected, _ = reference_sweep(mdp, v, backwards)
    assert np.allclose(swept, expected, rtol=1e-11, atol=1e-11)
    assert (low, high) == ((swept - v).min(), (swept - v).max())


@given(paired(any_mdps, value_vectors, policies), st.booleans(), st.sampled_from([0.0, 1e-6, 0.5]))
def test_an_action_is_given_up_only_for_one_that_is_better_by_more_than_the_tie(drawn, backwards, tie):
    mdp, v, policy = drawn
    _, new, _ = improved(mdp, v, policy, backwards, tie)
    _, q = reference_sweep(mdp, v, backwards)
    for own, old, action in zip(q, policy, new, strict=True):
        if action != old:
            assert own[action] > own[old] + tie - 1e-9
            assert own[action] >= own.max() - 1e-9
        else:
            assert own.max() <= own[old] + tie + 1e-9


@given(paired(any_mdps, policies), st.booleans())
def test_of_equal_actions_the_incumbent_stays(drawn, backwards):
    """Each state has copies of its first action: whichever a policy took, it has nothing to gain."""
    mdp, policy = drawn
    rows = np.repeat(mdp.pair_start[:-1], mdp.action_counts)
    copies = MDP.from_pairs(mdp.P[rows], mdp.r[rows], mdp.gamma, pair_start=mdp.pair_start)
    v = np.zeros(mdp.n_states)
    for _ in range(3):
        v, kept, _ = improved(copies, v, policy, backwards)
        assert np.array_equal(kept, policy)


@given(paired(any_mdps, value_vectors, policies), st.booleans())
def test_the_width_that_a_round_tells_is_that_of_true_bounds(drawn, backwards):
    mdp, v, policy = drawn
    swept, _, (low, high) = improved(mdp, v, policy, backwards)
    c, optimum = mdp.gamma / (1 - mdp.gamma), policy_iteration(mdp, tol=1e-3).value
    slack = 1e-9 * (1 + np.abs(optimum).max() + c * max(-low, high, 0))
    assert (swept + c * min(low, 0) <= optimum + slack).all()
    assert (optimum <= swept + c * max(high, 0) + slack).all()


def test_the_change_alone_is_no_bound():
    """The false variant, d as it is where all changes have one sign: a constant may shrink by more than gamma."""
    mdp = MDP.from_arrays([[[0.9, 0.1]], [[0.1, 0.9]]], [1.0, 1.0], gamma=0.9)
    swept, _, (low, _) = improved(mdp, np.zeros(2), np.zeros(2, dtype=np.int64), False)
    assert low > 0
    assert (swept + 0.9 / 0.1 * low > 10).all(), "v* is 10"


@given(paired(any_mdps, policies), st.booleans(), st.floats(0, 100))
def test_a_constant_passes_through_a_sweep_shrunk_by_the_discount_at_least(drawn, backwards, constant):
    mdp, policy = drawn
    v = lp_value(mdp) if mdp.gamma < 0.999 else np.zeros(mdp.n_states)
    plain, shifted = improved(mdp, v, policy, backwards)[0], improved(mdp, v + constant, policy, backwards)[0]
    slack = 1e-9 * (1 + np.abs(v).max() + constant)
    assert (shifted >= plain - slack).all()
    assert (shifted <= plain + mdp.gamma * constant + slack).all()


@given(paired(any_mdps, value_vectors, policies), st.integers(1, 5))
def test_sweeps_with_one_policy_are_their_definition(drawn, sweeps):
    mdp, v, policy = drawn
    system, v = room_for_systems(mdp), np.array(v)
    fill(system, mdp, policy)
    rows = mdp.pair_start[:-1] + policy
    alone = MDP.from_pairs(mdp.P[rows], mdp.r[rows], mdp.gamma, n_actions=1)
    expected = v.copy()
    for sweep in range(sweeps):
        before, (expected, _) = expected, reference_sweep(alone, expected, backwards=sweep % 2 == 0)
    settled = _sweeps(system.start, system.columns, system.weights, system.b, v, sweeps, 0.0)
    assert np.allclose(v, expected, rtol=1e-11, atol=1e-11)
    if settled:
        assert np.allclose(expected, before, rtol=1e-11, atol=1e-11)


@given(any_mdps)
def test_the_value_is_the_linear_programs(mdp):
    solution = gauss_seidel_policy_iteration(mdp, tol=1e-5)
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-5
    if mdp.gamma < 0.999:
        assert np.allclose(solution.value, lp_value(mdp), rtol=1e-8, atol=1e-5)


@given(any_mdps, st.booleans())
def test_either_evaluation_finds_the_value_of_a_policy(mdp, eliminate):
    evaluate = by_elimination(mdp, spread(mdp)[0]) if eliminate else by_krylov(mdp)
    rng = np.random.default_rng(mdp.n_pairs)
    for _ in range(2):
        policy = rng.integers(mdp.action_counts)
        P = mdp.P.toarray()[mdp.pair_start[:-1] + policy]
        value = np.linalg.solve(np.eye(mdp.n_states) - mdp.gamma * P, mdp.r[mdp.pair_start[:-1] + policy])
        v = np.zeros(mdp.n_states)
        for _ in range(30):
            v = evaluate(policy, v, 0.0)
        assert np.allclose(v, value, rtol=1e-8, atol=1e-8)


def large_grid(n=40, gamma=0.999):
    art = "S" + "." * (n - 1) + ("\n" + "." * n) * (n - 2) + "\n" + "." * (n - 1) + "G"
    return mdps.gridworld(art, slip=0.2, gamma=gamma, step_reward=-0.01)


LARGE = {
    "river swim": mdps.river_swim(1000, gamma=0.999),
    "grid": large_grid(),
    "garnet": mdps.garnet(2000, 3, 5, rng=0, gamma=0.99),
    "forest": mdps.forest(2000, gamma=0.99),
}


def agree(one, other):
    """Tell whether two enclosures have a value in common, in every state."""
    return (one.lower <= other.upper).all() and (other.lower <= one.upper).all()


@pytest.mark.parametrize("name", LARGE)
def test_large_models_have_the_value_that_policy_iteration_finds(name):
    solution = gauss_seidel_policy_iteration(LARGE[name], tol=1e-6)
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-6
    assert agree(solution, policy_iteration(LARGE[name], tol=1e-6))


def test_it_takes_far_fewer_rounds_than_policy_iteration_where_news_travels_slowly():
    swim = LARGE["river swim"]
    assert gauss_seidel_policy_iteration(swim, tol=1e-6).iterations < policy_iteration(swim, tol=1e-6).iterations / 5


@pytest.mark.parametrize("garbage", [np.nan, np.inf, 1e5])
@pytest.mark.parametrize("name", LARGE)
def test_where_bicgstab_fails_sweeps_take_over(name, garbage, monkeypatch):
    calls = []

    def failing(system, x, *_, **__):
        calls.append(system.size)
        return np.full_like(x, garbage), 1

    monkeypatch.setattr(approximate_evaluation, "corrected", failing)
    solution = gauss_seidel_policy_iteration(LARGE[name].replace(gamma=0.99), tol=1e-6)
    assert calls
    assert solution.status is Status.CONVERGED
    assert "finished" not in solution.method
    assert agree(solution, policy_iteration(LARGE[name].replace(gamma=0.99), tol=1e-6))


@pytest.mark.parametrize("name", LARGE)
def test_after_its_own_limit_modified_policy_iteration_finishes(name, monkeypatch):
    monkeypatch.setattr(gauss_seidel, "_MOST_ROUNDS", 1)
    mdp = LARGE[name].replace(gamma=0.98)
    solution = gauss_seidel_policy_iteration(mdp, tol=1e-6)
    assert solution.method == "Gauss-Seidel policy iteration, finished by modified policy iteration"
    assert solution.status is Status.CONVERGED
    assert solution.iterations == solution.history.size > 1
    assert agree(solution, policy_iteration(mdp, tol=1e-6))


@pytest.mark.parametrize("most", [1, 5, 1000])
def test_progress_is_told_round_by_round(most, monkeypatch):
    monkeypatch.setattr(gauss_seidel, "_MOST_ROUNDS", most)
    told = []
    solution = gauss_seidel_policy_iteration(
        mdps.river_swim(500, gamma=0.99), progress=lambda rounds, width: told.append((rounds, width))
    )
    assert [rounds for rounds, _ in told] == list(range(1, solution.iterations + 1))
    assert [width for _, width in told] == solution.history.tolist()


def test_a_limit_that_comes_first_is_told_and_the_enclosure_still_holds():
    mdp = LARGE["river swim"]
    with pytest.warns(ConvergenceWarning, match="raise the limit"):
        solution = gauss_seidel_policy_iteration(mdp, tol=1e-9, max_improvements=3)
    assert solution.status is Status.LIMIT_REACHED
    assert solution.iterations == 3
    assert agree(solution, policy_iteration(mdp, tol=1e-6))


def test_a_limit_that_does_not_come_first_changes_nothing():
    plain = gauss_seidel_policy_iteration(LARGE["grid"], tol=1e-6)
    limited = gauss_seidel_policy_iteration(LARGE["grid"], tol=1e-6, max_improvements=plain.iterations)
    assert np.array_equal(limited.value, plain.value)
    assert limited.status is Status.CONVERGED


@pytest.mark.parametrize("name", LARGE)
def test_a_tolerance_below_the_rounding_floor_is_soon_answered_by_status(name):
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = gauss_seidel_policy_iteration(LARGE[name], tol=1e-300)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.iterations < 200
    largest = np.abs(solution.value).max() + np.abs(LARGE[name].r).max()
    assert solution.gap < 1e-14 * largest / (1 - LARGE[name].gamma)


@pytest.mark.parametrize(("gamma", "tol"), [(0.999, 1e-8), (0.9999, 1e-6), (0.99999, 1e-4), (0.999999, 1e-2)])
@pytest.mark.parametrize("stay", [1.0, 0.999999])
def test_states_that_are_hardly_left_cost_no_digits(gamma, tol, stay):
    """Their own value, a thousand times their reward and more, would cancel in a sweep, and leave its rounding."""
    n = 500
    rows = sp.lil_array((2 * n, n))
    for s in range(1, n - 1):
        for action, to in enumerate((s - 1, s + 1)):
            rows[2 * s + action, to], rows[2 * s + action, 2 * s - to] = 0.6, 0.4
    rows[0, 0] = rows[1, 0] = rows[-1, -1] = rows[-2, -1] = stay
    rows[0, 1] = rows[1, 1] = rows[-1, -2] = rows[-2, -2] = 1 - stay
    r = np.zeros(2 * n)
    r[:2], r[-2:] = 0.7, 1.0
    solution = gauss_seidel_policy_iteration(MDP.from_pairs(sp.csr_array(rows), r, gamma, n_actions=2), tol=tol)
    assert solution.status is Status.CONVERGED
    assert solution.iterations < 100


def test_without_discounting_the_future_one_round_is_the_answer():
    solution = gauss_seidel_policy_iteration(mdps.river_swim(6, gamma=0.0))
    assert np.allclose(solution.value, [0.005, 0, 0, 0, 0, 1], rtol=1e-15, atol=1e-300)
    assert solution.iterations == 1
    assert solution.gap < 1e-14


@pytest.mark.parametrize("reward", [0.0, 1.0, -3.5])
def test_equal_rewards_are_worth_a_geometric_series(reward):
    mdp = mdps.garnet(300, 3, 5, rng=0, gamma=0.99)
    solution = gauss_seidel_policy_iteration(mdp.replace(r=np.full(mdp.n_pairs, reward)))
    assert np.allclose(solution.value, 100 * reward, rtol=1e-12)
    assert solution.iterations <= 2


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.99999])
def test_one_state_is_worth_its_best_reward_for_ever(gamma):
    mdp = MDP.from_arrays([[[1.0]] * 3], [[1.0, 2.0, -1.0]], gamma=gamma)
    solution = gauss_seidel_policy_iteration(mdp, tol=1e-3)
    assert np.isclose(solution.value[0], 2 / (1 - gamma), rtol=1e-8)
    assert solution.policy.tolist() == [1]
    assert solution.iterations <= 2


def test_absorbing_states_alone_are_worth_their_own_rewards():
    rewards = np.array([[3.0, 1.0], [-1.0, 0.0], [5.0, 7.0]])
    mdp = MDP.from_arrays(np.repeat(np.eye(3)[:, None], 2, axis=1), rewards, gamma=0.9)
    solution = gauss_seidel_policy_iteration(mdp)
    assert np.allclose(solution.value, [30, 0, 70], rtol=1e-13)
    assert solution.policy.tolist() == [0, 1, 1]


@pytest.mark.parametrize("scale", [1e-290, 1e-39, 1e39, 1e290])
def test_the_size_of_rewards_does_not_matter(scale):
    mdp = mdps.river_swim(400, gamma=0.99)
    plain = gauss_seidel_policy_iteration(mdp, tol=1e-7)
    scaled = gauss_seidel_policy_iteration(mdp.replace(r=mdp.r * scale), tol=1e-7 * scale)
    assert np.allclose(scaled.value / scale, plain.value, rtol=0, atol=2e-7)


def test_it_refuses_what_it_cannot_solve():
    with pytest.raises(CriterionError, match="gamma is 1"):
        gauss_seidel_policy_iteration(mdps.river_swim(6, gamma=1.0))
    with pytest.raises(CriterionError, match="not for a FiniteHorizonMDP"):
        gauss_seidel_policy_iteration(mdps.river_swim(6).finite_horizon(3))
    with pytest.raises(ModelError, match="tol is 0; it is a positive number"):
        gauss_seidel_policy_iteration(mdps.river_swim(6), tol=0)
    with pytest.raises(ModelError, match="max_improvements is 0; at least 1 is needed"):
        gauss_seidel_policy_iteration(mdps.river_swim(6), max_improvements=0)


@pytest.mark.parametrize("own", [1 + 2.0**-23, 1 - 2.0**-24])
def test_rows_too_loose_for_the_discount_are_refused(own):
    """1 - gamma p would be zero, or of the wrong sign."""
    mdp = MDP.from_pairs(own * np.eye(3), np.ones(3), min(1 / own, 1 - 1e-9), n_actions=1)
    with pytest.raises(CriterionError, match=r"MDP\.normalised rescales the rows"):
        gauss_seidel_policy_iteration(mdp)


@given(any_mdps)
def test_it_is_quiet_about_numbers(mdp):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        gauss_seidel_policy_iteration(mdp, tol=1e-4)
