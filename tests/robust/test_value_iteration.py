"""Robust value iteration against long iterations with closed forms, kernels of nature, and nominal planning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from mdps.strategies import discounted_mdps
from proofs_check.robust.dynamic_oracles import charge, closed_form, divergences, random_kernel, with_closed_form
from rltheory import ConvergenceWarning, CriterionError, ModelError, evaluate_policy
from rltheory import solve as solve_nominally
from rltheory.robust import KL, TV, ChiSquare
from rltheory.robust.evaluation import evaluate_robustly
from rltheory.robust.value_iteration import robust_value_iteration

GAMMAS = (0.5, 0.8)


def long_iteration(mdp, divergence):
    """Fixed point of the robust operator, its worst cases in closed form, after so many sweeps that 0.8^200 is left."""
    v = np.zeros(mdp.n_states)
    rows = [p / p.sum() for p in mdp.P.toarray()]
    for _ in range(200):
        q = mdp.r + mdp.gamma * np.array([closed_form(divergence, p, v) for p in rows])
        v = np.maximum.reduceat(q, mdp.pair_start[:-1])
    return v


@given(discounted_mdps(max_states=4, gammas=GAMMAS), with_closed_form(), st.sampled_from([1e-3, 1e-9]))
def test_the_enclosure_contains_the_fixed_point(mdp, divergence, tol):
    solution, exact = robust_value_iteration(mdp, divergence, tol=tol), long_iteration(mdp, divergence)
    assert (solution.lower <= exact + 1e-12).all()
    assert (exact <= solution.upper + 1e-12).all()
    assert solution.gap <= tol


@given(discounted_mdps(gammas=GAMMAS), divergences(), st.integers(1, 20))
def test_sweeps_with_the_policy_alone_lead_to_the_same_value(mdp, divergence, sweeps):
    plain = robust_value_iteration(mdp, divergence)
    modified = robust_value_iteration(mdp, divergence, evaluation_sweeps=sweeps)
    assert np.allclose(plain.value, modified.value, rtol=0, atol=1e-8)
    assert modified.gap <= 1e-8


@given(discounted_mdps(gammas=GAMMAS), divergences())
def test_the_worst_kernel_attains_the_value(mdp, divergence):
    solution = robust_value_iteration(mdp, divergence, tol=1e-10)
    kernel = solution.worst_kernel()
    rows = mdp.P.toarray()
    paid = [charge(divergence, mu, p) for mu, p in zip(kernel, rows, strict=True)]
    pairs = mdp.pair_start[:-1] + solution.policy
    P, r = kernel[pairs], mdp.r[pairs] + mdp.gamma * np.array(paid)[pairs]
    attained = np.linalg.solve(np.eye(mdp.n_states) - mdp.gamma * P, r)
    assert np.allclose(attained, solution.value, rtol=0, atol=1e-7)


@given(discounted_mdps(gammas=GAMMAS), divergences(), st.integers(0, 2**32))
def test_no_kernel_that_nature_may_choose_gives_less(mdp, divergence, seed):
    solution, rng = robust_value_iteration(mdp, divergence), np.random.default_rng(seed)
    pairs = mdp.pair_start[:-1] + solution.policy
    nominal = [p / p.sum() for p in mdp.P.toarray()[pairs]]
    P = np.array([random_kernel(divergence, p, rng) for p in nominal])
    paid = np.array([charge(divergence, mu, p) for mu, p in zip(P, nominal, strict=True)])
    value = np.linalg.solve(np.eye(mdp.n_states) - mdp.gamma * P, mdp.r[pairs] + mdp.gamma * paid)
    assert (value >= solution.lower - 1e-8).all()


@given(discounted_mdps(gammas=GAMMAS), divergences())
def test_the_enclosure_is_about_the_policy_too(mdp, divergence):
    solution = robust_value_iteration(mdp, divergence, tol=1e-2)
    own = evaluate_robustly(mdp, solution.policy, divergence, tol=1e-9)
    assert (solution.lower <= own.upper).all()
    assert (own.lower <= solution.upper).all()


@pytest.mark.parametrize("kind", [TV, KL, ChiSquare])
def test_without_freedom_nature_leaves_the_nominal_value(kind):
    mdp = mdps.river_swim(5, gamma=0.9)
    nominal = solve_nominally(mdp).value
    for divergence in (kind(lam=np.inf), kind(rho=0.0)):
        assert robust_value_iteration(mdp, divergence).value == pytest.approx(nominal, abs=2e-8)


def test_total_variation_of_radius_one_sends_all_mass_to_the_worst_state():
    mdp = mdps.river_swim(5, gamma=0.9)
    best = np.maximum.reduceat(mdp.r, mdp.pair_start[:-1])
    worst = best.min() / (1 - 0.9)
    assert robust_value_iteration(mdp, TV(rho=1.0)).value == pytest.approx(best + 0.9 * worst, abs=1e-7)


@given(discounted_mdps(gammas=GAMMAS))
def test_a_randomised_policy_without_a_nature_has_its_nominal_value(mdp):
    uniform = (np.arange(mdp.n_actions) < mdp.action_counts[:, None]) / mdp.action_counts[:, None]
    robust = evaluate_robustly(mdp, uniform, TV(rho=0.0))
    assert np.allclose(robust.value, evaluate_policy(mdp, uniform).value, rtol=0, atol=1e-7)


def test_widths_shrink_by_the_discount_in_every_sweep():
    history = robust_value_iteration(mdps.river_swim(6, gamma=0.8), KL(rho=0.1)).history
    assert (history[1:] <= 0.8 * history[:-1] + 1e-12).all()


@pytest.mark.parametrize("sweeps", [0, 20])
def test_a_long_way_to_the_fixed_point_is_gone_to_the_end(sweeps):
    mdp = mdps.river_swim(12, gamma=0.995)
    solution = robust_value_iteration(mdp, TV(rho=0.001), tol=1e-7, evaluation_sweeps=sweeps)
    assert solution.gap <= 1e-7
    back = mdp.r + mdp.gamma * (solution.worst_kernel() @ solution.value)
    assert np.maximum.reduceat(back, mdp.pair_start[:-1]) == pytest.approx(solution.value, abs=1e-7)


def test_a_limit_before_tol_is_told():
    with pytest.warns(ConvergenceWarning, match="the limit on iterations came before tol"):
        solution = robust_value_iteration(mdps.river_swim(6, gamma=0.99), TV(rho=0.1), max_sweeps=3)
    assert solution.status.name == "LIMIT_REACHED"
    assert solution.iterations == 3


def test_a_tol_below_rounding_is_told():
    with pytest.warns(ConvergenceWarning, match="below what float64 can certify"):
        solution = robust_value_iteration(mdps.river_swim(6, gamma=0.9), TV(rho=0.1), tol=1e-18)
    assert solution.status.name == "ROUNDING_FLOOR"
    assert solution.gap < 1e-10


@pytest.mark.parametrize(
    ("options", "message"),
    [({"tol": 0.0}, "tol is 0.0"), ({"evaluation_sweeps": -1}, "at least 0"), ({"max_sweeps": 0}, "at least 1")],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(ModelError, match=message):
        robust_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=0.1), **options)


@pytest.mark.parametrize("shape", [6, (3, 2)], ids=["pairs", "by state"])
def test_radii_may_differ_by_pair(shape):
    rho = np.linspace(0, 0.5, 6).reshape(shape)
    mdp = mdps.river_swim(3, gamma=0.5)
    solution, v = robust_value_iteration(mdp, TV(rho=rho), evaluation_sweeps=3), np.zeros(3)
    for _ in range(60):
        w = [closed_form(TV(rho=x), p, v) for x, p in zip(rho.ravel(), mdp.P.toarray(), strict=True)]
        v = np.maximum.reduceat(mdp.r + 0.5 * np.array(w), mdp.pair_start[:-1])
    assert solution.value == pytest.approx(v, abs=1e-8)


def test_a_radius_that_no_kernel_can_have_is_named():
    with pytest.raises(ModelError, match=r"rho of state 2, action 0 is 1\.5; TV is 1 at most"):
        robust_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=[0, 0, 0, 0, 1.5, 0]))
    assert robust_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=np.inf)).gap <= 1e-8


def test_without_a_discount_there_is_no_fixed_point():
    with pytest.raises(CriterionError, match="gamma is 1"):
        robust_value_iteration(mdps.river_swim(3, gamma=1.0), TV(rho=0.1))


def test_a_discounted_answer_has_one_kernel():
    solution = robust_value_iteration(mdps.river_swim(3, gamma=0.9), TV(rho=0.1))
    assert np.allclose(solution.worst_kernel().sum(axis=1), 1)
    with pytest.raises(ModelError, match="leave t out"):
        solution.worst_kernel(0)
