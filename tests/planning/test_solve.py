"""`solve` chooses, explains its choice, and is right whatever it chose."""

import numpy as np
import pytest
from hypothesis import given

import mdps
import rltheory as rl
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps
from rltheory import CriterionError, Status


@given(discounted_mdps(gammas=EXTREME_GAMMAS, max_reward=100.0))
def test_all_algorithms_agree_within_their_enclosures(mdp):
    chosen, exact = rl.solve(mdp, tol=1e-4), rl.policy_iteration(mdp, tol=1e-4)
    assert (chosen.lower <= exact.upper).all()
    assert (exact.lower <= chosen.upper).all()


@pytest.mark.parametrize(
    ("mdp", "reason"),
    [
        (mdps.river_swim(6), "chosen because the model has at most 300 states"),
        (mdps.garnet(1000, 3, 5, rng=0), "chosen because the model has more than 300 states"),
        (mdps.river_swim(1000, gamma=0.999), "chosen because the model has more than 300 states"),
    ],
    ids=["small", "mixing", "slow"],
)
def test_the_choice_is_explained(mdp, reason):
    solution = rl.solve(mdp, tol=1e-6)
    assert reason in solution.method
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-6


def test_the_choice_can_be_overruled():
    assert rl.solve(mdps.river_swim(6), method=rl.value_iteration).method == "value iteration"


def test_an_undiscounted_model_is_refused_with_the_way_out():
    with pytest.raises(CriterionError, match="pass gamma < 1, or set a horizon"):
        rl.solve(mdps.river_swim(6, gamma=1.0))


@pytest.mark.slow
def test_a_million_states_are_solved_and_proven():
    mdp = mdps.garnet(1_000_000, 4, 4, rng=0, gamma=0.95)
    solution = rl.solve(mdp, tol=1e-6)
    assert solution.status is Status.CONVERGED
    assert np.array_equal(solution.policy, rl.planning.greedy(mdp, solution.value))


@pytest.mark.parametrize("solver", [rl.value_iteration, rl.policy_iteration, rl.modified_policy_iteration, rl.solve])
def test_progress_is_told_round_by_round(solver):
    told = []
    solution = solver(mdps.garnet(500, 3, 5, rng=0), progress=lambda rounds, width: told.append((rounds, width)))
    assert [rounds for rounds, _ in told] == list(range(1, solution.iterations + 1))
    assert [width for _, width in told] == solution.history.tolist()
