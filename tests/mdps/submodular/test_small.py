import numpy as np
import pytest

from mdps.submodular import (
    bandit_smdp,
    coin_mirror,
    decoy_corridor,
    gaussian_density,
    gaussian_grid,
    half_trap,
    matern,
    random_bandit,
    random_submodular_mdp,
)
from rltheory import ModelError
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.gaussian import published_entropy


def greedy_path(mdp):
    """Return the states of a walk without chance that takes the largest gain, and the first action among equals."""
    path, tally = [int(mdp.mu.argmax())], mdp.F.tally()
    tally.add(path[0])
    for h in range(mdp.H):
        rows = mdp.dynamics.rows(h)[mdp.pair_start[path[-1]] : mdp.pair_start[path[-1] + 1]].toarray()
        path.append(int(rows[np.argmax(rows @ tally.gains())].argmax()))
        tally.add(path[-1])
    return path


def test_the_mirror_shows_each_letter_twice():
    F = coin_mirror().F
    assert [F.value(pair) for pair in ([1, 4], [2, 5], [1, 5], [2, 4])] == [1, 1, 2, 2]


@pytest.mark.parametrize("length", [2, 5, 40])
def test_greed_goes_to_the_decoy_and_stays(length):
    mdp = decoy_corridor(length, delta=0.25)
    assert mdp.F.value(greedy_path(mdp)) == 1.25
    assert mdp.F.value(range(1, length + 2)) == length


def test_greed_takes_half_of_the_trap():
    assert half_trap(0.25).F.value(greedy_path(half_trap(0.25))) == 1
    assert half_trap(0.25).F.value([0, 2, 1]) == 1.75


def test_a_bandit_is_the_same_everywhere_and_misses_evenly():
    mdp = bandit_smdp(Coverage(np.eye(4)), 3, eps=0.3, n_actions=2, start=1)
    assert (mdp.P[0] == mdp.P).all()
    assert mdp.P[0] == pytest.approx(np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1]]))
    assert mdp.mu.tolist() == [0, 1, 0, 0]
    assert (random_bandit(4, 3, 2, rng=0).P[2] == random_bandit(4, 3, 2, rng=0).P).all()


def test_random_models_are_those_of_the_seed():
    first, again, other = (random_submodular_mdp(5, 2, 3, branching=2, visits=True, rng=seed) for seed in (0, 0, 1))
    assert first.counts_visits
    assert (first.P.toarray() == again.P.toarray()).all()
    assert (first.F.covers.toarray() == again.F.covers.toarray()).all()
    assert (first.F.weights != other.F.weights).any()
    assert (np.diff(random_submodular_mdp(5, 2, 3, rng=0).P.indptr) == 1).all()


def test_the_covariance_is_that_of_the_matern_family():
    """K of order 5/2 is elementary; Abramowitz and Stegun 10.2.15 give the general form used here."""
    from scipy.special import gamma, kv

    r = np.array([0.1, 0.5, 1.0, 3.0])
    x = np.sqrt(5) * r
    general = np.log(2) * 2**-1.5 / gamma(2.5) * x**2.5 * kv(2.5, x)
    points = np.stack([r, np.zeros(4)], axis=1)
    assert matern(np.zeros((1, 2)), points)[0] == pytest.approx(general)
    assert matern(points, points).diagonal() == pytest.approx(np.log(2))


def test_the_information_of_a_walk_is_a_log_determinant():
    mdp = gaussian_grid(5, shape=(4, 5), start=(0, 0), noise=0.01, rng=0)
    path = [0, 1, 6, 11, 12]
    K = mdp.F.kernel[np.ix_(path, path)]
    assert mdp.F.value(path) == pytest.approx(np.linalg.slogdet(np.eye(5) + K / 0.01)[1] / 2)
    assert (mdp.F.kernel.diagonal() < np.log(2)).all()


def test_the_published_score_of_a_full_grid_counts_three_nats_more_for_each_state():
    mdp = gaussian_grid(rng=0)
    path = list(range(40))
    surplus = published_entropy(mdp.F.kernel).value(path) - mdp.F.value(path)
    assert surplus == pytest.approx(40 * (np.log2(1000) - np.log(1000)), rel=1e-6)


def test_a_density_is_not_negative_and_lies_around_three():
    densities = np.array([gaussian_density((6, 6), rng=seed) for seed in range(200)])
    assert densities.min() >= 0
    assert densities.mean() == pytest.approx(3, abs=0.25)
    assert densities.std() == pytest.approx(np.sqrt(np.log(2)), rel=0.2)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: decoy_corridor(1), "length is 1; it must be a whole number of at least 2"),
        (lambda: decoy_corridor(3, delta=0), "delta is 0; it must be above 0"),
        (lambda: half_trap(1), "delta is 1; it must be between 0 and 1"),
        (lambda: bandit_smdp(Coverage(np.eye(2)), 1, eps=1.5), r"eps is 1.5"),
        (lambda: bandit_smdp(Coverage(np.eye(2)), 1, n_actions=3), "n_actions is 3; each of 2 states"),
        (lambda: bandit_smdp(Coverage(np.eye(2)), 1, start=2), "start is 2; states are 0..1"),
        (lambda: gaussian_grid(noise=0), "noise is 0; it must be above 0"),
    ],
    ids=["short corridor", "no decoy", "no trap", "eps", "targets", "start", "noise"],
)
def test_parameters_out_of_range_are_refused(build, message):
    with pytest.raises(ModelError, match=message):
        build()
