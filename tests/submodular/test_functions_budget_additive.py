import json

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import paired
from mdps.submodular_function_strategies import budget_additives, paths_of
from rltheory import ModelError
from rltheory.submodular.functions.budget_additive import BudgetAdditive


@given(paired(st.integers(1, 5).flatmap(budget_additives), paths_of))
def test_each_kind_counts_up_to_its_budget(drawn):
    F, paths = drawn
    amounts = F.amounts.toarray()
    for path, gains in zip(paths, F.gains_along(paths), strict=True):
        collected = sum(amounts[element] for element in set(path))
        assert F.value(path) == gains.sum() == sum(min(D, x) for D, x in zip(F.budgets, collected, strict=True))


def test_steiner_covering_counts_members_of_groups():
    groups, budgets = [[0, 1, 2, 2], [2, 3], []], [2, 5, 1]
    F = BudgetAdditive.from_groups(groups, budgets, n_elements=5)
    for subset in ([0, 1, 2], [2, 3, 3], [4], range(5)):
        expected = sum(min(D, len(set(group) & set(subset))) for D, group in zip(budgets, groups, strict=True))
        assert F.value(subset) == expected


@pytest.mark.parametrize("instance", range(10))
def test_the_published_instances_pay_21_in_all(shared_data, instance):
    """The budgets 3, 2, 3, 4, 6 and 3 sum to 21, and each kind has at least as many members."""
    published = json.loads(shared_data("submodular/steiner_covering_7x15.json").read_text())
    environment = published["envs"][f"env_{instance}"]
    groups = [environment["items"][kind] for kind in environment["order"]]
    F = BudgetAdditive.from_groups(groups, published["Dmin_by_order"], n_elements=105)
    assert F.value(range(105)) == 21
    assert F.value([]) == 0


def test_a_bad_entry_is_named():
    with pytest.raises(ModelError, match="amounts of element 1, kind 0 is -2; it must be finite and at least 0"):
        BudgetAdditive([[1.0], [-2.0]], [3.0])
    with pytest.raises(ModelError, match="budgets of kind 1 is -1; it must be finite and at least 0"):
        BudgetAdditive([[1.0, 0.0]], [3.0, -1.0])
    with pytest.raises(ModelError, match="budgets has 1 entries; with 2 kinds it must have as many"):
        BudgetAdditive([[1.0, 0.0]], [3.0])
    with pytest.raises(ModelError, match=r"group 1 holds 7; valid are 0\.\.4"):
        BudgetAdditive.from_groups([[0], [1, 7]], [1, 1], n_elements=5)
    with pytest.raises(ModelError, match="amounts has shape"):
        BudgetAdditive(np.ones(3), [3.0])
