"""From when on bounds say something, against trying every number of episodes."""

import math

import pytest

from rltheory import ModelError
from rltheory.exploration.bounds import tabular
from rltheory.exploration.bounds.vacuity import first_informative_episode


@pytest.mark.parametrize("a", [0.0, 0.5, 3.0, 40.0])
@pytest.mark.parametrize("b", [0.0, 1.0, 7.5])
def test_it_is_the_first_number_of_all(a, b):
    def bound(K):
        return a + b * math.sqrt(K)

    first = next(K for K in range(1, 10_000) if bound(K) < 1.5 * K)
    assert first_informative_episode(bound, lambda K: 1.5 * K) == first


def test_a_bound_that_never_says_anything_is_refused():
    with pytest.raises(ModelError, match="with up to 1000 episodes the bound is not below the trivial one"):
        first_informative_episode(lambda K: 2.0 * K, lambda K: 1.0 * K, limit=1000)


def test_ucrl_has_larger_constants_than_ucbvi_with_the_least_bonus():
    for K in (10**3, 10**5, 10**7):
        printed = tabular.ucrl_regret(3, 2, 4, K, delta=0.05 / 3)
        assert tabular.ucbvi_regret(3, 2, 4, K, delta=0.05, vmax=4.0) < printed
        luck = 3 * 4 * math.sqrt(4 * K * math.log(60) / 2)
        c = math.sqrt(6 * math.log(2) + math.log(4 * K * (4 * K + 1) * 6 * 60))
        assert printed == pytest.approx(4 * c * 4 * math.sqrt(24 * K) + 2 * c * 16 * 6 + luck)
    assert tabular.ucrl_regret(3, 2, 4, 0, delta=0.1) == 0.0
