"""The oracle of laws, by hand and by counting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs_check.distributional.achievable import (
    achievable,
    achievable_without_memory,
    best,
    cvar,
    ending,
    expectation,
)
from proofs_check.distributional.stock import offer, tiny_models
from rltheory import OutcomeModel, solve

CHOICE = OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 2.0)]]], gamma=1.0)


def test_the_laws_of_two_bets_are_listed():
    bets = [[(0, 1)], [(-1, 0.5), (2, 0.5)]]  # none; one
    by_hand = {((0, 1.0),), ((-1, 0.5), (2, 0.5))}
    for lost in bets:
        for won in bets:
            law = {}
            for start, ahead in ((-1, lost), (2, won)):
                for x, p in ahead:
                    law[start + x] = law.get(start + x, 0) + p / 2
            by_hand.add(tuple(sorted(law.items())))
    assert set(achievable(CHOICE, 2, 0)) == by_hand


@given(tiny_models(1.0, 0.5), st.integers(0, 3))
def test_the_largest_mean_is_the_risk_neutral_optimum_with_and_without_memory(model, H):
    laws, fewer = achievable(model, H, 0), achievable_without_memory(model, H, 0)
    largest = solve(model.finite_horizon(H)).value[0, 0] if H else 0.0
    for found in (laws, fewer):
        assert max(expectation(law, lambda x: x) for law in found) == pytest.approx(largest, abs=1e-9)


@given(tiny_models(0.5))
def test_a_model_that_ends_has_the_discounted_optimum_of_its_steps(model):
    assert solve(ending(model, 3).to_mdp()).value[0] == pytest.approx(
        solve(model.finite_horizon(3)).value[0, 0], abs=1e-7
    )


def test_cvar_takes_the_lowest_atoms_and_a_part_of_the_next():
    law = achievable(offer([(0.25, -4.0), (0.75, 8.0)]), 1, 0)
    assert best(law, lambda x, p: cvar(x, p, 0.5)) == pytest.approx(2.0)
    assert best(law, lambda x, p: cvar(x, p, 1.0)) == pytest.approx(5.0)
    assert cvar(np.array([1.0]), np.array([1.0]), 1e-9) == 1.0
