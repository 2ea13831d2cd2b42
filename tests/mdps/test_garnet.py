import numpy as np
import pytest

import mdps
from rltheory import ModelError


def test_the_same_seed_gives_the_same_model():
    first, second = mdps.garnet(20, 3, 4, rng=7), mdps.garnet(20, 3, 4, rng=np.random.default_rng(7))
    np.testing.assert_array_equal(first.P.toarray(), second.P.toarray())
    np.testing.assert_array_equal(first.r, second.r)


def test_a_generator_goes_on_to_another_model():
    rng = np.random.default_rng(7)
    assert not np.array_equal(mdps.garnet(5, 2, 2, rng=rng).r, mdps.garnet(5, 2, 2, rng=rng).r)


@pytest.mark.parametrize("branching", [1, 3, 9, 10])
def test_every_pair_has_as_many_distinct_successors_as_asked_for(branching):
    random = mdps.garnet(10, 4, branching, rng=0)
    np.testing.assert_array_equal((random.P.toarray() > 0).sum(axis=1), branching)
    assert ((random.r >= 0) & (random.r <= 1)).all()


def test_all_sets_of_successors_are_equally_likely():
    random = mdps.garnet(4, 15_000, 2, rng=0)
    sets, counts = np.unique(random.P.toarray() > 0, axis=0, return_counts=True)
    assert len(sets) == 6
    np.testing.assert_allclose(counts / 60_000, 1 / 6, atol=6 * np.sqrt(1 / 6 * 5 / 6 / 60_000))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((3, 2, 4), "branching is 4; 3 states have at most 3 successors"), ((3, 0, 1), "n_actions is 0")],
)
def test_impossible_sizes_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        mdps.garnet(*arguments)
