"""Joins of laws are what their quantiles and their CVaRs say."""

import numpy as np
import pytest
from hypothesis import given

from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_strategies import small_laws
from rltheory.distributional import DiscreteLaw
from rltheory.distributional.dominance import first_order_join, second_order_join

INNER = np.linspace(0.0137, 0.9931, 41)


def as_law(law):
    return DiscreteLaw(list(law), list(law.values()))


def as_dict(law):
    return dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True))


@given(small_laws(), small_laws())
def test_each_quantile_of_the_first_join_is_the_larger_one(left, right):
    joined = first_order_join(as_law(left), as_law(right)).quantile(INNER)
    assert np.array_equal(joined, np.maximum(as_law(left).quantile(INNER), as_law(right).quantile(INNER)))


@given(small_laws(), small_laws())
def test_each_cvar_of_the_second_join_is_the_larger_one(left, right):
    joined = as_dict(second_order_join(as_law(left), as_law(right)))
    for tau in [*INNER.tolist(), 1.0]:
        larger = max(oracles.cvar(left, tau), oracles.cvar(right, tau))
        assert oracles.cvar(joined, tau) == pytest.approx(larger, abs=1e-12)


@given(small_laws())
def test_a_law_joined_with_itself_is_itself(law):
    for join in (first_order_join, second_order_join):
        same = join(as_law(law), as_law(law))
        assert same.atoms.tolist() == sorted(law)
        assert same.prob == pytest.approx([law[x] for x in sorted(law)], abs=1e-14)
