"""Quantile evaluation against sorting and searching, and against the coin whose return is uniform."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdps.half_coin import half_coin, half_coin_cdf
from mdps.strategies import GAMMAS, outcome_models, paired, stochastic_policies
from rltheory import CriterionError, ModelError, OutcomeModel, Status
from rltheory.distributional.chain import outcome_chain
from rltheory.distributional.exact_laws import exact_return_laws
from rltheory.distributional.quantile_dp import quantile_evaluation
from rltheory.planning import use_threads

MODELS = paired(outcome_models(max_states=3, gammas=GAMMAS[:3]), stochastic_policies)


def mixed(chain, atoms, s):
    """Return the sorted atoms of a step's law, and their distribution function."""
    seen = np.flatnonzero(chain.prob[s])
    y = np.concatenate([chain.reward[s, b] + chain.gamma * atoms[chain.next_state[s, b]] for b in seen])
    p = np.concatenate([np.full(atoms.shape[1], chain.prob[s, b] / atoms.shape[1]) for b in seen])
    order = np.argsort(y, kind="stable")
    return y[order], np.cumsum(p[order])


def quantiles(y, F, m):
    return y[np.argmax(F[None] >= (2 * np.arange(m)[:, None] + 1) / (2 * m) - 1e-12, axis=1)]


def transport(y, F, atoms):
    """Return w_1 to equal atoms, by pairing off their distribution functions."""
    levels = np.union1d(F, np.arange(1, atoms.size + 1) / atoms.size)
    middle = levels - np.diff(levels, prepend=0.0) / 2
    x = y[np.minimum(np.searchsorted(F, middle), y.size - 1)]
    z = atoms[np.minimum((middle * atoms.size).astype(int), atoms.size - 1)]
    return np.diff(levels, prepend=0.0) @ np.abs(x - z)


@settings(max_examples=20)
@given(MODELS, st.integers(1, 6), st.integers(0, 3))
def test_a_sweep_reads_off_the_quantiles_of_the_step(drawn, m, n):
    chain = outcome_chain(*drawn)
    before, after = (quantile_evaluation(*drawn, m=m, sweeps=k).support for k in (n, n + 1))
    for s in range(chain.n_states):
        assert after[s] == pytest.approx(quantiles(*mixed(chain, before, s), m), abs=1e-12)


@settings(max_examples=20)
@given(MODELS, st.integers(1, 6))
def test_a_step_over_a_horizon_of_one_is_as_far_from_the_truth_as_the_bound_says(drawn, m):
    chain = outcome_chain(*drawn)
    found = quantile_evaluation(*drawn, m=m, H=1)
    for s in range(chain.n_states):
        moved = transport(*mixed(chain, np.zeros((chain.n_states, m)), s), found.support[s])
        assert found.w1_bound[s] == pytest.approx(moved, abs=1e-9)


@settings(max_examples=20)
@given(MODELS, st.integers(1, 6))
def test_the_answer_is_a_fixed_point_of_projected_steps(drawn, m):
    found = quantile_evaluation(*drawn, m=m, tol=1e-8)
    chain = outcome_chain(*drawn)
    assert found.status is Status.CONVERGED
    for s in range(chain.n_states):
        assert found.support[s] == pytest.approx(quantiles(*mixed(chain, found.support, s), m), abs=2e-8)
        assert (np.diff(found.support[s]) >= 0).all()


@pytest.mark.parametrize("m", [1, 3, 5, 9])
def test_the_half_coin_is_at_one_over_m_from_uniform(m):
    found = quantile_evaluation(half_coin(), [0], m=m, tol=1e-12)
    y = (np.arange(2**14) + 0.5) / 2**13
    G = np.searchsorted(found.support[0], y, side="right") / m
    assert np.mean(np.abs(G - half_coin_cdf(y))) * 2 == pytest.approx(1 / m, rel=1e-3)
    assert 1 / m - 1e-9 <= found.w1_bound[0] <= 2 / m + 1e-9


def test_as_many_atoms_as_the_law_has_are_exact():
    coin = half_coin()
    found = quantile_evaluation(coin, [0], m=8, H=3)
    assert found.support[0] == pytest.approx(exact_return_laws(coin, [0], 3).support[0], abs=1e-15)
    assert found.w1_bound[0] <= 1e-10


def test_a_rare_event_is_not_seen_and_the_mean_is_lost():
    rare = OutcomeModel.from_lists([[[(0.95, 1, 0.0), (0.05, 1, 100.0)]], [[(1.0, 1, 0.0)]]], gamma=0.5)
    found = quantile_evaluation(rare, [0, 0], m=5)
    assert found.mean[0] == pytest.approx(0.0, abs=1e-6)
    assert found.w1_bound[0] == pytest.approx(5.0, abs=1e-4)


def test_answers_do_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(0)
    model = OutcomeModel(
        rng.dirichlet(np.ones(3), 400),
        rng.integers(0, 400, (400, 3)),
        rng.normal(size=(400, 3)),
        0.9,
        0,
        np.arange(401),
    )
    laws = []
    for count in (1, 3):
        with use_threads(count):
            laws.append(quantile_evaluation(model, np.zeros(400, dtype=int), m=201, sweeps=3))
    assert np.array_equal(laws[0].support, laws[1].support)


def test_what_does_not_fit_is_refused():
    endless = OutcomeModel.from_tables([[0]], [[1.0]], gamma=1.0)
    with pytest.raises(CriterionError, match="gamma is 1"):
        quantile_evaluation(endless, [0])
    for m in (0, 2.5, True):
        with pytest.raises(ModelError, match=f"m is {m}; it is a number of atoms"):
            quantile_evaluation(half_coin(), [0], m=m)
    with pytest.raises(MemoryError):
        quantile_evaluation(half_coin(), [0], m=10**15)
    assert quantile_evaluation(endless, [0], m=1, H=3).support.tolist() == [[3.0]]
