import numpy as np
import pytest
from hypothesis import find
from hypothesis import strategies as st

from mdps import submodular_functions as draw
from mdps.submodular_function_strategies import cuts, monotone_functions, mutual_informations, submodular_functions
from rltheory import ModelError
from rltheory.submodular.curvature import curvature
from rltheory.submodular.functions.algebra import Contraction, Pullback, Truncation, WeightedSum
from rltheory.submodular.properties import check_monotone, check_submodular

FAMILIES = {name: getattr(draw, name) for name in dir(draw) if name.startswith("random_")}
every_family = pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())


@every_family
@pytest.mark.parametrize("seed", range(5))
def test_random_functions_are_submodular_and_all_but_the_cut_monotone(family, seed):
    F = family(7, rng=seed)
    assert F.n_elements == 7
    assert check_submodular(F)
    assert bool(check_monotone(F)) == (family is not draw.random_cut)


@every_family
def test_a_seed_gives_the_same_function(family):
    paths = np.random.default_rng(0).integers(0, 7, (5, 4))
    np.testing.assert_array_equal(family(7, rng=3).gains_along(paths), family(7, rng=3).gains_along(paths))
    assert not np.array_equal(family(7, rng=3).gains_along(paths), family(7, rng=4).gains_along(paths))


@every_family
def test_no_elements_are_refused(family):
    with pytest.raises(ModelError, match="n_elements is 0; it must be a whole number of at least 1"):
        family(0)


def test_a_whole_budget_counts_everything():
    assert curvature(draw.random_budget_additive(6, budget=1.0, rng=0)) == pytest.approx(0, abs=1e-12)
    assert draw.random_budget_additive(6, budget=0.0, rng=0).value(range(6)) == 0


def test_parameters_out_of_range_are_refused():
    with pytest.raises(ModelError, match="prob is 2; it must be a number in"):
        draw.random_coverage(3, prob=2, rng=0)
    with pytest.raises(ModelError, match="n_items is 0; it must be a whole number of at least 1"):
        draw.random_coverage(3, 0, rng=0)
    with pytest.raises(ModelError, match="length is 0"):
        draw.random_mutual_information(3, length=0, rng=0)


@pytest.mark.parametrize("kind", [WeightedSum, Pullback, Contraction, Truncation], ids=lambda kind: kind.__name__)
def test_composed_functions_are_drawn(kind):
    assert find(monotone_functions(), lambda F: isinstance(F, kind))


def test_extremes_are_drawn():
    """A function without curvature, one with all of it, one that is not monotone, and a singular kernel."""
    assert (
        curvature(find(monotone_functions(), lambda F: F.n_elements > 1 and F.value([0]) > 0 and curvature(F) == 0))
        == 0
    )
    assert curvature(find(monotone_functions(), lambda F: curvature(F) == 1)) == 1
    assert find(submodular_functions(), lambda F: not check_monotone(F))
    assert find(st.just(4).flatmap(mutual_informations), lambda F: np.linalg.matrix_rank(F.kernel) == 1)
    assert find(st.just(3).flatmap(cuts), lambda F: F.weights.any())
