"""Exact laws over a horizon against paths in exact arithmetic, forward against backward."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from mdps.half_coin import half_coin
from mdps.strategies import outcome_models, paired, policies, stochastic_policies
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional.chain import outcome_chain
from rltheory.distributional.exact_laws import exact_return_laws, return_law

MODELS = paired(
    outcome_models(max_states=3, max_outcomes=2, gammas=[0.5, 0.9, 1.0], max_reward=3.0),
    lambda model: policies(model) | stochastic_policies(model),
)
COIN = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)


def whole(drawn):
    """Return the model with rewards rounded to whole numbers, and its policy."""
    model, policy = drawn
    return model.replace(reward=np.round(model.reward), gamma=1.0), policy


def exact(chain, H):
    """Return the laws as dicts of fractions, by recursion over outcomes."""
    laws, gamma = [{Fraction(0): Fraction(1)}] * chain.n_states, Fraction(chain.gamma)
    for _ in range(H):
        longer = []
        for s in range(chain.n_states):
            law = {}
            for b in np.flatnonzero(chain.prob[s]):
                for g, p in laws[chain.next_state[s, b]].items():
                    x = Fraction(chain.reward[s, b]) + gamma * g
                    law[x] = law.get(x, 0) + Fraction(chain.prob[s, b]) * p
            longer.append(law)
        laws = longer
    return laws


def is_law(found, expected):
    """Whether a law has the probabilities of a dict of fractions, atoms within 1e-9 being the same."""
    merged = {}
    for x, p in expected.items():
        key = round(float(x), 9) + 0.0
        merged[key] = merged.get(key, 0.0) + float(p)
    told = {}
    for x, p in zip(found.atoms.tolist(), found.prob.tolist(), strict=True):
        key = round(x, 9) + 0.0
        told[key] = told.get(key, 0.0) + p
    return told == pytest.approx(merged, abs=1e-12)


@settings(max_examples=20)
@given(MODELS | MODELS.map(whole), st.integers(0, 3))
def test_laws_from_every_state_are_those_of_all_paths(drawn, H):
    found = exact_return_laws(*drawn, H)
    for s, expected in enumerate(exact(outcome_chain(*drawn), H)):
        assert is_law(found.law(s), expected)


@settings(max_examples=20)
@given(MODELS | MODELS.map(whole), st.integers(0, 4))
def test_mass_pushed_forward_ends_as_the_backward_law(drawn, H):
    found = exact_return_laws(*drawn, H)
    for start in (None, 0):
        law, expected = return_law(*drawn, H, start), found.law(start)
        assert is_law(law, dict(zip(expected.atoms.tolist(), expected.prob.tolist(), strict=True)))


@given(MODELS.map(whole), st.integers(1, 4))
def test_the_lattice_is_what_merging_atoms_gives(drawn, H):
    model, policy = drawn
    thirds = model.replace(reward=model.reward / 3)  # no longer whole: atoms are merged
    on_lattice, merged = exact_return_laws(*drawn, H), exact_return_laws(thirds, policy, H)
    for s in range(model.n_states):
        law = on_lattice.law(s)
        assert is_law(merged.law(s).scale(3.0), dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)))


def test_the_method_says_whether_sums_are_on_a_lattice():
    halves = COIN.replace(reward=COIN.reward / 2)
    assert exact_return_laws(COIN, [0], 3).method == "index arithmetic"
    assert exact_return_laws(halves, [0], 3).method == "merging atoms"


def test_a_long_run_of_coins_is_binomial():
    for law in (exact_return_laws(COIN, [0], 500).law(0), return_law(COIN, [0], 500, 0)):
        assert law.prob == pytest.approx(binom.pmf(law.atoms, 500, 0.5), rel=1e-9)


def test_the_half_coin_is_uniform_on_binary_fractions():
    law = return_law(half_coin(), [0], 10)
    assert law.atoms == pytest.approx(np.arange(2**10) / 2**9, abs=1e-15)
    assert law.prob == pytest.approx(np.full(2**10, 2.0**-10))


def test_equal_sums_that_round_differently_are_one_atom():
    tenths = OutcomeModel.from_lists([[[(0.5, 0, 0.1), (0.5, 0, 0.2)]]], gamma=1.0)
    assert exact_return_laws(tenths, [0], 10).law(0).atoms.size == 11


def test_states_with_fewer_atoms_have_some_without_mass():
    model = OutcomeModel.from_lists([[[(0.5, 1, 0.0), (0.5, 1, 1.5)]], [[(1.0, 1, 0.0)]]], gamma=0.5)
    found = exact_return_laws(model, [0, 0], 2)
    assert found.law(1).atoms.tolist() == [0.0]
    assert found.prob.shape == (2, 2)
    assert found.w1_bound.tolist() == [0.0, 0.0]


def test_too_many_atoms_are_refused():
    walk = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.7)
    with pytest.raises(CriterionError, match=r"128 atoms are needed after 7 of 30 steps, more than the limit of 100"):
        exact_return_laws(walk, [0], 30, max_atoms=100)
    with pytest.raises(CriterionError, match="1,001 atoms are needed after 1000 of 1000 steps"):
        exact_return_laws(COIN, [0], 1000, max_atoms=1000)
    with pytest.raises(CriterionError, match="more than max_nodes = 100"):
        return_law(walk, [0], 30, max_nodes=100)
    with pytest.raises(CriterionError, match="1,001 atoms"):
        return_law(COIN, [0], 1000, max_nodes=1000)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ModelError, match="H is -1"):
        exact_return_laws(COIN, [0], -1)
    with pytest.raises(ModelError, match=r"H is 1\.5"):
        return_law(COIN, [0], 1.5)
    with pytest.raises(ModelError, match=r"start is 3; states are 0\.\.0"):
        return_law(COIN, [0], 1, 3)
