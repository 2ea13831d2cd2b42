import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import CriterionError
from rltheory.games import NormalFormGame
from rltheory.games.bounds.quantal import approximate_logit_gain, unique_below
from rltheory.games.quantal import logit_equilibrium, logit_response
from rltheory.games.quantal_branch import logit_branch
from rltheory.models import ConvergenceWarning

TURNING = NormalFormGame(
    [
        [[[1, 3], [1, 4]], [[3, 1], [3, 0]]],
        [[[2, 0], [3, 4]], [[3, 1], [0, 4]]],
        [[[1, 2], [3, 1]], [[2, 1], [0, 1]]],
    ]
)
PENNIES = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])


def firsts(found):
    return np.array([p[0] for p in found.profile])


def response_to_firsts(x, lam):
    return firsts_of(logit_response(TURNING, [[a, 1 - a] for a in x], lam))


def firsts_of(profile):
    return np.array([p[0] for p in profile])


def test_the_branch_turns_twice_where_the_response_has_slope_one():
    branch = logit_branch(TURNING)
    assert branch.turning_points == pytest.approx([4.7713, 1.9038], abs=1e-4)  # Gambit 16.7 turns there as well
    for k in branch.turns:
        x, lam, h = np.array([p[k, 0] for p in branch.profiles]), branch.lam[k], 1e-6
        columns = [response_to_firsts(x + h * e, lam) - response_to_firsts(x - h * e, lam) for e in np.eye(3)]
        slopes = np.array(columns).T / (2 * h)
        assert np.abs(np.linalg.eigvals(slopes) - 1).min() < 1e-5


@pytest.mark.parametrize(("lam", "count"), [(1.5, 1), (1.95, 3), (3.0, 3), (4.7, 3), (5.0, 1)])
def test_between_the_turning_points_one_precision_has_three_equilibria(lam, count):
    found = logit_branch(TURNING).at(lam)
    assert len(found) == count
    for one in found:
        np.testing.assert_allclose(response_to_firsts(firsts(one), lam), firsts(one), atol=1e-9)
    distances = [np.abs(firsts(a) - firsts(b)).max() for a in found for b in found if a is not b]
    assert min(distances, default=1.0) > 0.01


def test_newton_from_many_starts_finds_none_but_those_on_the_branch():
    on_branch = [firsts(one) for one in logit_branch(TURNING).at(3.0)]
    rng = np.random.default_rng(0)
    found = []
    for _ in range(60):
        try:
            found.append(firsts(logit_equilibrium(TURNING, 3.0, start=[rng.dirichlet([0.3, 0.3]) for _ in range(3)])))
        except CriterionError:
            continue
    assert all(min(np.abs(x - y).max() for y in on_branch) < 1e-8 for x in found)
    assert {int(np.argmin([np.abs(x - y).max() for y in on_branch])) for x in found} == {0, 1, 2}


def test_the_equilibrium_of_a_precision_is_the_first_on_the_branch():
    first = logit_branch(TURNING).at(3.0)[0]
    np.testing.assert_allclose(firsts(logit_equilibrium(TURNING, 3.0)), firsts(first), atol=1e-9)


@given(st.integers(0, 2**32 - 1), st.sampled_from([(2, 2), (2, 3), (4, 4), (2, 2, 2), (3, 2, 2), (5,), (2, 1, 2)]))
def test_every_point_is_certified_and_the_end_is_nearly_nash(seed, sizes):
    rng = np.random.default_rng(seed)
    game = NormalFormGame([rng.normal(size=sizes) for _ in sizes])
    branch = logit_branch(game)
    assert branch.complete
    assert branch.residuals.max() <= 1e-8
    assert branch.lam[0] == 0
    for k in range(1, len(branch.lam)):
        for gain, m in zip(branch.gains[k], game.n_actions, strict=True):
            assert gain <= approximate_logit_gain(m, branch.lam[k], branch.residuals[k]) + 1e-12
    moves = [np.abs(np.diff(p, axis=0)).max(initial=0) for p in branch.profiles]
    assert max(moves) <= 0.1 + 1e-9
    assert branch.end.exploitability <= 1e-5


@given(st.integers(0, 2**32 - 1))
def test_below_the_bound_of_uniqueness_the_branch_does_not_turn(seed):
    rng = np.random.default_rng(seed)
    game = NormalFormGame([rng.normal(size=(3, 3)) for _ in range(2)])
    branch = logit_branch(game, lam_max=0.999 * unique_below(game))
    assert not len(branch.turns)
    assert (np.diff(branch.lam) > 0).all()


def test_symmetric_coordination_goes_straight_on_where_branches_cross():
    branch = logit_branch(NormalFormGame.symmetric([[1, 0], [0, 1]]), lam_max=10.0)
    assert branch.branch_points == pytest.approx([2.0], abs=0.02)  # lam p (1 - p) 2 = 1 at p = 1/2
    np.testing.assert_allclose(branch.end.profile, 0.5)


def test_the_branch_ends_where_it_was_asked_to():
    branch = logit_branch(PENNIES, lam_max=5.0)
    assert branch.end.lam == pytest.approx(5.0)
    assert branch.end.profile[0][0] == pytest.approx(0.7020, abs=1e-4)
    assert branch.at(6.0) == ()
    assert len(branch.at(0.0)) == 1
    assert len(logit_branch(PENNIES, lam_max=0.0).lam) == 1


def test_a_branch_that_ends_early_warns_of_it():
    with pytest.warns(ConvergenceWarning, match="followed up to lam="):
        branch = logit_branch(PENNIES, max_steps=3)
    assert not branch.complete
    assert len(branch.lam) == 4


def test_the_scale_of_payoffs_changes_precisions_only():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small = logit_branch(NormalFormGame([1e-200 * u for u in TURNING.payoffs]))
    branch = logit_branch(TURNING)
    np.testing.assert_allclose(small.turning_points * 1e-200, branch.turning_points, rtol=1e-8)
    assert "2 turning points" in repr(branch)
