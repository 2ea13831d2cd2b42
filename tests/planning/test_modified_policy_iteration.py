"""Modified policy iteration: between value iteration and policy iteration, and equal to both in the limits."""

import importlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.oracles import lp_value
from rltheory import (
    MDP,
    ConvergenceWarning,
    ModelError,
    Status,
    modified_policy_iteration,
    policy_iteration,
    solve,
    value_iteration,
)
from rltheory.planning.modified_policy_iteration import SlowMixingError, solve_unless_slow
from rltheory.planning.policy_rows import PolicyRows


@given(discounted_mdps(), st.sampled_from([None, 0, 1, 7]))
def test_the_value_is_the_linear_programs_whatever_the_inner_sweeps(mdp, inner_sweeps):
    solution = modified_policy_iteration(mdp, tol=1e-7, inner_sweeps=inner_sweeps)
    assert solution.status is Status.CONVERGED
    assert np.allclose(solution.value, lp_value(mdp), atol=1e-7 + 1e-9)


@given(discounted_mdps())
def test_without_inner_sweeps_it_is_value_iteration(mdp):
    modified, plain = modified_policy_iteration(mdp, inner_sweeps=0), value_iteration(mdp)
    assert np.array_equal(modified.value, plain.value)
    assert np.array_equal(modified.history, plain.history)


def test_inner_sweeps_save_greedy_backups():
    mdp = mdps.river_swim(50, gamma=0.99)
    assert modified_policy_iteration(mdp).iterations < value_iteration(mdp).iterations / 3


def test_a_periodic_chain_at_the_rounding_floor_does_not_spin():
    """There rounding errors alternate in sign and add up to (one error) / (1 - gamma), where sweeps no longer help."""
    mdp = MDP.from_arrays([[[0.0, 1.0]], [[1.0, 0.0]]], [0.8424709253710366, 1.9830451725450213], gamma=0.99)
    with pytest.warns(ConvergenceWarning):
        solution = modified_policy_iteration(mdp, tol=1e-300)
    assert solution.iterations < 1000


def test_a_limit_that_comes_first_is_told():
    with pytest.warns(ConvergenceWarning):
        solution = modified_policy_iteration(mdps.river_swim(50, gamma=0.99), tol=1e-9, max_improvements=2)
    assert solution.status is Status.LIMIT_REACHED


def test_a_negative_number_of_inner_sweeps_is_refused():
    with pytest.raises(ModelError, match="inner_sweeps is -1; it is at least 0"):
        modified_policy_iteration(mdps.river_swim(6), inner_sweeps=-1)


def test_with_patience_enough_it_is_the_same_algorithm():
    mdp = mdps.garnet(400, 3, 5, rng=0)
    patient = solve_unless_slow(mdp, tol=1e-6, patience=1000, progress=None)
    plain = modified_policy_iteration(mdp, tol=1e-6)
    assert np.array_equal(patient.history, plain.history)
    assert np.abs(patient.value - plain.value).max() <= 1e-6


@pytest.mark.parametrize("gamma", [0.99, 0.999, 0.9999])
def test_sweeps_to_come_are_foreseen_where_chains_do_not_mix(gamma):
    """Of absorbing states the span shrinks by gamma a sweep, so that their number is known."""
    mdp = MDP.from_arrays(np.eye(4)[:, None], [0.0, 1.0, 2.0, 3.0], gamma=gamma)
    span_of_first_step, target = 3 * gamma, 1e-6 * (1 - gamma) / gamma
    needed = np.log(target / span_of_first_step) / np.log(gamma)
    with pytest.raises(SlowMixingError) as told:
        solve_unless_slow(mdp, tol=1e-6, patience=int(needed) - 20, progress=None)
    assert needed - 12 <= told.value.sweeps <= needed
    assert solve_unless_slow(mdp, tol=1e-6, patience=int(needed) + 1, progress=None).status is Status.CONVERGED


@pytest.mark.parametrize(("scale", "tol"), [(1e30, 1e-300), (1.0, 5e-324), (1e-300, 5e-324)])
def test_no_tolerance_is_too_small_for_a_prediction(scale, tol):
    """Where the quotient of tolerance and span vanishes, it has no logarithm."""
    mdp = mdps.river_swim(100, gamma=0.999)
    with pytest.raises(SlowMixingError):
        solve_unless_slow(mdp.replace(r=mdp.r * scale), tol=tol, patience=100, progress=None)


def test_where_there_is_no_more_to_gain_each_evaluation_goes_ten_times_further():
    """With one action each backup is one more sweep: it finds what the sweeps left, or less."""
    mdp = mdps.garnet(200, 1, 5, rng=0, gamma=0.999)
    history = modified_policy_iteration(mdp, tol=1e-7).history
    factors = history[1:-1] / history[:-2]
    assert (factors <= 0.1 ** np.arange(1, factors.size + 1)).all()
    assert history.size < 6


def test_the_last_evaluation_goes_no_further_than_is_asked_for():
    mdp = MDP.from_arrays(np.eye(4)[:, None], [0.0, 1.0, 2.0, 3.0], gamma=0.99)
    width = modified_policy_iteration(mdp, tol=1e-6).gap
    assert 0.97e-6 <= width <= 1e-6, "of absorbing states a sweep shrinks the span by gamma, and by no more"


def counted(monkeypatch):
    """Return a list to which each sweep with a policy adds a number."""
    calls, sweep = [], PolicyRows.sweep
    monkeypatch.setattr(PolicyRows, "sweep", lambda *arguments: calls.append(1) or sweep(*arguments))
    return calls


RENEWAL = mdps.inventory(300, 10.0, order_cost=20.0, gamma=0.995)


def test_where_sweeps_shrink_spans_slowly_policies_are_evaluated_by_bicgstab(monkeypatch):
    """Stock that falls and is refilled goes round in circles: an eigenvalue near the unit circle, and few others."""
    plain = modified_policy_iteration(RENEWAL, tol=1e-6)
    sweeps = counted(monkeypatch)
    solution = solve_unless_slow(RENEWAL, tol=1e-6, patience=3000, progress=None)
    assert solution.method == "modified policy iteration with BiCGSTAB"
    assert solution.status is Status.CONVERGED
    assert len(sweeps) < 10
    assert np.array_equal(solution.policy, plain.policy)
    assert np.abs(solution.value - policy_iteration(RENEWAL, tol=1e-6).value).max() <= 1e-6


def test_where_sweeps_shrink_spans_fast_they_are_not_replaced(monkeypatch):
    sweeps = counted(monkeypatch)
    solution = solve_unless_slow(mdps.garnet(400, 3, 5, rng=0), tol=1e-6, patience=1000, progress=None)
    assert solution.method == "modified policy iteration"
    assert len(sweeps) > 10


@pytest.mark.parametrize("grows", [1.0, 1e3])
def test_an_evaluation_that_does_not_help_is_given_up(grows, monkeypatch):
    def useless(mdp):
        return lambda policy, v, enough: -grows * v

    module = importlib.import_module(SlowMixingError.__module__)  # the package has a function of that name
    monkeypatch.setattr(module, "by_krylov", useless)
    with pytest.raises(SlowMixingError):
        solve_unless_slow(RENEWAL, tol=1e-6, patience=3000, progress=None)
    solution = solve(RENEWAL, tol=1e-6)
    assert solution.method.startswith("Gauss-Seidel policy iteration")
    assert np.abs(solution.value - policy_iteration(RENEWAL, tol=1e-6).value).max() <= 1e-6
