import numpy as np
import pytest

import mdps
from rltheory import FiniteHorizonMDP, ModelError
from rltheory.exploration import Data, Scaled
from rltheory.exploration.rf_express import rf_express
from rltheory.exploration.rf_ucrl import rf_ucrl

WORLD = mdps.river_swim(3, gamma=1.0).finite_horizon(3)


def with_reward(r):
    return FiniteHorizonMDP(WORLD.P, np.asarray(r).reshape(3, -1), H=3, mu=WORLD.mu, pair_start=WORLD.pair_start)


@pytest.mark.parametrize("radius", [Data(), Scaled(1.0)], ids=["data", "theory"])
def test_one_exploration_is_enough_for_every_reward(radius):
    learned = rf_ucrl(WORLD, 100_000, radius=radius, rng=0)
    rng = np.random.default_rng(1)
    losses = [learned.loss(with_reward(rng.random((3, 3, 2)) ** power)) for power in (0.2, 1, 5) for _ in range(20)]
    assert max(losses) <= learned.certificate < 3


def test_the_certificate_shrinks_like_one_over_the_root_of_the_episodes():
    learned = rf_ucrl(WORLD, 160_000, radius=Data(), rng=0)
    ratio = learned.certificates[40_000] / learned.certificate
    assert 1.7 <= ratio <= 2.1  # 2 but for the logarithm in the threshold


def test_express_shrinks_its_uncertainty_like_one_over_the_episodes():
    learned = rf_express(WORLD, 160_000, radius=Scaled(1e-4), rng=0)
    ratio = (learned.certificates[40_000] / learned.certificate) ** 2  # the certificate goes as its root
    assert 3 <= ratio <= 4.2


@pytest.mark.parametrize(("explore", "c", "eps"), [(rf_ucrl, 0.1, 0.5), (rf_express, 1e-4, 0.5)])
def test_exploration_stops_when_it_has_learned_enough(explore, c, eps):
    learned = explore(WORLD, 10**6, eps=eps, radius=Scaled(c), rng=0)
    assert learned.n_episodes < 10**6
    assert learned.certificate <= eps < learned.certificates.min()
    assert learned.visits.sum() == 3 * learned.n_episodes


def test_rewards_of_the_true_model_are_not_looked_at():
    there, elsewhere = (rf_ucrl(with_reward(r), 500, rng=0) for r in (np.zeros((3, 3, 2)), np.full((3, 3, 2), -7.0)))
    np.testing.assert_array_equal(there.visits, elsewhere.visits)


def test_nothing_seen_certifies_nothing():
    learned = rf_ucrl(WORLD, 0, rng=0)
    assert learned.certificate == 3
    assert repr(learned) == "RewardFreeModel(RF-UCRL, 0 episodes, certificate 3)"
    np.testing.assert_allclose(learned.kernel, 1 / 3)
    assert learned.plan(np.ones((3, 2))).value[0].tolist() == [3, 3, 3]


def test_rows_double_and_end_with_what_is_certified():
    rows = rf_ucrl(WORLD, 5, rng=0).to_rows()
    assert [row["episodes"] for row in rows] == [0, 1, 2, 4, 5]
    assert "<th>certificate</th>" in rf_ucrl(WORLD, 5, rng=0)._repr_html_()


@pytest.mark.parametrize("explore", [rf_ucrl, rf_express])
def test_an_accuracy_is_no_less_than_zero(explore):
    with pytest.raises(ModelError, match="eps is -1"):
        explore(WORLD, 5, eps=-1)
