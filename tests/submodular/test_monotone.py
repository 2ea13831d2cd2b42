import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular_function_strategies import monotone_functions
from rltheory import CriterionError
from rltheory.submodular import SubmodularMDP, greedy_path, relaxation, solve_exact
from rltheory.submodular.functions import (
    ADesign,
    Contraction,
    Cut,
    Truncation,
    WeightedSum,
    differential_entropy,
    visits_of,
)
from rltheory.submodular.monotone import monotone_by_construction, require_monotone
from rltheory.submodular.properties import check_monotone

FREE = np.stack([np.eye(3)] * 3)  # from anywhere to anywhere
TRIANGLE = Cut(np.ones((3, 3)) - np.eye(3))


def free(F, H=2):
    return SubmodularMDP(FREE, F, H, mu=0)


@pytest.mark.parametrize("F", [TRIANGLE, visits_of(TRIANGLE, 2), WeightedSum([TRIANGLE])], ids=["cut", "visits", "sum"])
def test_a_function_that_is_not_monotone_is_refused_by_what_needs_it(F):
    """All three corners cut nothing, though two cut two edges: the value of all would be a bound of 0."""
    model = free(F)
    assert solve_exact(model).value == 2
    for bound in (
        relaxation.everything_bound,
        relaxation.oracle_bound,
        relaxation.best_bound,
        greedy_path,
    ):
        with pytest.raises(CriterionError, match=r"element \d loses 2 when it joins all others; F is not monotone"):
            bound(model)
    with pytest.raises(CriterionError, match="F is not monotone"):
        relaxation.gains_bound(model, [1])
    assert relaxation.modular_bound(model).value >= 2


@pytest.mark.parametrize(("noise", "monotone"), [(1.0, True), (0.01, False)])
def test_entropies_are_monotone_if_noise_is_large(noise, monotone):
    """Below 1 / (2 pi e) = .058 a measurement of what is known already has a negative entropy."""
    F = differential_entropy(np.ones((3, 3)), noise)
    assert monotone_by_construction(F) is monotone
    if monotone:
        require_monotone(free(F))
    else:
        with pytest.raises(CriterionError, match="F is not monotone"):
            require_monotone(free(F))


DESIGN = ADesign([[1.0, 0.0], [2.0, 1.0], [2.0, -1.0]])


@pytest.mark.parametrize(
    "F",
    [DESIGN, visits_of(DESIGN, 2), WeightedSum([DESIGN]), Contraction(DESIGN, []), Truncation(DESIGN, 9.0)],
    ids=["design", "visits", "sum", "contraction", "truncation"],
)
def test_gains_of_what_is_not_submodular_are_no_bound(F):
    """Over element 0 the others gain .5 each, and together 17/30 + .5: their sum is below what all are worth."""
    model = free(F)
    best = solve_exact(model).value
    assert best > DESIGN.value([0]) + sum(DESIGN.value([0, v]) - DESIGN.value([0]) for v in (1, 2))
    for bound in (
        relaxation.modular_bound,
        relaxation.oracle_bound,
        relaxation.best_bound,
        greedy_path,
        lambda model: relaxation.gains_bound(model, [0]),
    ):
        with pytest.raises(CriterionError, match="ADesign is not submodular"):
            bound(model)
    assert relaxation.everything_bound(model).value >= best
    if not model.counts_visits:
        with pytest.raises(CriterionError, match="ADesign is not submodular"):
            relaxation.window_bound(model)


@given(st.data())
def test_monotone_families_pass(data):
    F = data.draw(monotone_functions(n_elements=3))
    assert check_monotone(F).holds
    require_monotone(free(F))
