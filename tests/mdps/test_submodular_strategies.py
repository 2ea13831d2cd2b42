import itertools

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis.errors import NoSuchExample

from mdps.submodular_strategies import either, markov_policies, mixed_policies, submodular_mdps


@given(st.integers(1, 4).flatmap(either))
def test_functions_are_zero_of_nothing_monotone_and_submodular(F):
    subsets = [set(s) for k in range(F.n_elements + 1) for s in itertools.combinations(range(F.n_elements), k)]
    assert F.value([]) == 0
    for A in subsets:
        for u, v in itertools.permutations(set(range(F.n_elements)) - A, 2):
            assert F.value(A | {u}) - F.value(A) >= F.value(A | {u, v}) - F.value(A | {v}) >= 0


@given(submodular_mdps(chance=False))
def test_without_chance_there_is_one_successor_and_one_start(mdp):
    assert (mdp.mu > 0).sum() == 1
    for h in range(mdp.H):
        rows = mdp.dynamics.rows(h).toarray()
        assert ((rows > 0).sum(axis=1) == 1).all()


@given(submodular_mdps().flatmap(lambda mdp: st.tuples(st.just(mdp), markov_policies(mdp), mixed_policies(mdp))))
def test_policies_fit_their_model(drawn):
    mdp, sure, mixed = drawn
    assert sure.shape == (mdp.H, mdp.n_states)
    assert (sure < mdp.n_actions).all()
    assert mixed.shape == (*sure.shape, mdp.n_actions)
    assert mixed.sum(axis=-1) == pytest.approx(np.ones(sure.shape))


@pytest.mark.parametrize(
    "kind",
    [
        lambda mdp: mdp.counts_visits,
        lambda mdp: not mdp.counts_visits,
        lambda mdp: not mdp.dynamics.is_stationary,
        lambda mdp: not isinstance(mdp.P, np.ndarray),
        lambda mdp: (mdp.mu > 0).sum() > 1,
    ],
    ids=["visits", "states", "changing", "sparse", "random start"],
)
def test_every_kind_of_model_is_drawn(kind):
    try:
        find(submodular_mdps(), kind, settings=settings(max_examples=500, phases=[Phase.generate]))
    except NoSuchExample:
        pytest.fail("no such model is drawn")
