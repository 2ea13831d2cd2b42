import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from mdps.submodular import coin_mirror, random_submodular_mdp, two_room
from mdps.submodular_strategies import submodular_mdps
from rltheory import CriterionError, ModelError
from rltheory.submodular.estimation import estimate_value, most_of_a_path, sample_paths
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.exact import solve_exact
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.model import SubmodularMDP

NOWHERE = [0, 0, 0, 0, 0, 0]


@given(submodular_mdps())
def test_no_path_is_worth_more_than_the_stated_most(mdp):
    assert solve_exact(mdp).upper <= most_of_a_path(mdp) + 1e-12


def test_a_loss_that_is_met_twice_counts_once():
    """To stay at a state of worth -1 loses 1 in all, not 1 each time."""
    stay = SubmodularMDP(np.ones((1, 1, 1)), ConcaveOfModular(np.negative, [1.0]), H=3)
    assert solve_exact(stay).value == -1
    assert most_of_a_path(stay) == 0


@pytest.mark.parametrize(
    ("F", "worth"),
    [(ConcaveOfModular(np.negative, [1.0, 1.0]), -2), (ByValue(2, lambda chosen: len(chosen) ** 2), 4)],
    ids=["below 0", "not submodular"],
)
def test_no_interval_is_given_for_values_out_of_its_range(F, worth):
    swap = SubmodularMDP(np.eye(2)[[[1], [0]]], F, H=1, mu=0)
    with pytest.raises(CriterionError, match=f"a path is worth {worth}, and the interval holds of values from 0 to"):
        estimate_value(swap, [0, 0], 10, rng=0)


def test_intervals_miss_no_more_often_than_allowed():
    """With delta = 1/2 in 200 runs: 121 misses or more have probability 0.002 if half may miss."""
    mdp = random_submodular_mdp(4, 2, 3, branching=3, rng=0)
    policy = np.full((4, 2), 0.5)
    truth = policy_value(mdp, policy)
    estimates = [estimate_value(mdp, policy, 200, delta=0.5, rng=seed) for seed in range(200)]
    assert sum(not e.lower <= truth <= e.upper for e in estimates) <= stats.binom(200, 0.5).isf(0.002)


@pytest.mark.parametrize("kind", ["Markov", "function", "mapping of sets"])
def test_the_mean_is_within_four_standard_errors_of_the_exact_value(kind):
    mdp = random_submodular_mdp(4, 2, 3, branching=3, rng=1)
    mixed = np.full((4, 2), 0.5)
    policy = {"Markov": mixed, "function": lambda path: mixed[path[-1]], "mapping of sets": solve_exact(mdp).policy}[
        kind
    ]
    estimate = estimate_value(mdp, policy, 2000, rng=0)
    assert abs(estimate.mean - policy_value(mdp, policy)) <= 4 * estimate.standard_error
    assert estimate.standard_error > 0


def test_the_interval_is_that_of_the_formula():
    estimate = estimate_value(coin_mirror(), NOWHERE, 1000, delta=0.1, rng=0)
    values = coin_mirror().F.gains_along(sample_paths(coin_mirror(), NOWHERE, 1000, rng=0)).sum(axis=1)
    logarithm = np.log(4 / 0.1)
    width = np.sqrt(2 * values.var(ddof=1) * logarithm / 1000) + 7 * 4 * logarithm / (3 * 999)
    assert estimate.mean == values.mean()
    assert (estimate.lower, estimate.upper) == pytest.approx((estimate.mean - width, estimate.mean + width))


@settings(max_examples=10)
@given(submodular_mdps(chance=False))
def test_without_chance_all_paths_are_the_same(mdp):
    paths = sample_paths(mdp, np.zeros((mdp.H, mdp.n_states), dtype=int), 5, rng=0)
    assert (paths == paths[0]).all()


def test_the_same_seed_gives_the_same_paths():
    def walker(path):
        return np.full(5, 0.2)

    for policy in (np.full((98, 5), 0.2), walker):
        first, again, other = (sample_paths(two_room(), policy, 20, rng=seed) for seed in (0, 0, 1))
        assert (first == again).all()
        assert (first != other).any()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"n_paths": 1}, "n_paths is 1"), ({"delta": 0.0}, "delta is 0.0"), ({"delta": 1.0}, "delta is 1.0")],
    ids=["one path", "delta 0", "delta 1"],
)
def test_numbers_out_of_range_are_refused(options, message):
    with pytest.raises(ModelError, match=message):
        estimate_value(coin_mirror(), NOWHERE, **options)
