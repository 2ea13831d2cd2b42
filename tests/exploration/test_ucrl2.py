import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import mdps
import rltheory as rl
from mdps.strategies import laws
from rltheory import CriterionError, ModelError
from rltheory.exploration import Data, Scaled
from rltheory.exploration.bounds import tabular as bounds
from rltheory.exploration.ucrl2 import optimistic_mean, ucrl2


@given(
    laws(1, 4, uneven=False),
    st.lists(st.integers(-8, 8), min_size=4, max_size=4),
    st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0]),
)
def test_the_best_kernel_of_a_ball_is_that_of_the_linear_program(rows, u, width):
    p, u = rows[0], np.array(u, dtype=float)
    # q = p + up - down, with up, down >= 0 and sum(up + down) <= width; the solver takes 1e-8 for 0, so no such rows
    upper = np.vstack([np.ones((1, 8)), np.hstack([-np.eye(4), np.eye(4)])])
    program = linprog(
        np.concatenate([-u, u]), A_ub=upper, b_ub=[width, *p], A_eq=[[1] * 4 + [-1] * 4], b_eq=[0], bounds=(0, None)
    )
    assert optimistic_mean(p, width, u, np.argsort(-u)) == pytest.approx(p @ u - program.fun, abs=1e-8)


def test_with_its_radius_the_plan_is_optimistic_and_the_truth_is_covered():
    for seed in range(10):
        run = ucrl2(mdps.garnet(3, 2, 3, rng=seed), 2000, rng=seed)
        assert run.covered.all()
        assert run.optimistic.all()


def test_a_fiftieth_of_the_radius_learns_to_swim():
    run = ucrl2(mdps.river_swim(6), 50_000, radius=Scaled(0.02), rng=0)
    assert run.optimum == pytest.approx(0.4286, abs=1e-4)
    assert run.policy.tolist() == [[1] * 6]
    assert abs(run.regret[-20_000:].mean()) < 0.03


def test_its_bound_says_something_after_two_million_steps_between_two_states():
    T = 2 * 10**6
    P = [[[1.0, 0.0], [0.5, 0.5]], [[0.5, 0.5], [0.5, 0.5]]]  # a move takes two steps on average, either way
    run = ucrl2(rl.MDP.from_arrays(P, [[0.0, 0.0], [1.0, 0.5]], gamma=0.5), T, rng=0)
    promised = bounds.ucrl2_regret(2, 2, T, diameter=2.0, delta=0.05)
    assert run.covered.all()
    assert run.regret.sum() <= promised < 0.6 * T


def test_plans_are_few():
    run = ucrl2(mdps.garnet(3, 2, 3, rng=0), 20_000, rng=0)
    plans = 1 + np.count_nonzero(np.diff(run.optimistic_value))
    assert plans <= 3 * 2 * np.log2(8 * 20_000 / (3 * 2))  # Jaksch, Ortner and Auer (2010), proposition 18


def test_a_seed_tells_the_run_and_no_steps_are_none():
    first, second = (ucrl2(mdps.river_swim(4), 500, rng=3) for _ in range(2))
    np.testing.assert_array_equal(first.regret, second.regret)
    assert ucrl2(mdps.river_swim(4), 0, rng=0).n_episodes == 0


def test_what_cannot_be_learned_in_one_life_is_refused():
    apart = rl.MDP.from_arrays(np.eye(2)[:, None], [[0.0], [1.0]], gamma=0.5)
    with pytest.raises(CriterionError, match="is 0 from state 0 and 1 from state 1"):
        ucrl2(apart, 10)
    with pytest.raises(ModelError, match=r"the reward of state 1, action 0 is 2"):
        ucrl2(rl.MDP.from_arrays(np.full((2, 1, 2), 0.5), [[0.0], [2.0]], gamma=0.5), 10)
    ragged = rl.MDP.from_pairs(np.full((3, 2), 0.5), [0.0, 0.0, 1.0], 0.5, pair_start=[0, 2, 3])
    with pytest.raises(ModelError, match="state 1 has 1 actions and state 0 has 2"):
        ucrl2(ragged, 10)
    with pytest.raises(ModelError, match="c must be above 0"):
        ucrl2(mdps.river_swim(4), 10, radius=Scaled(0.0))
    with pytest.raises(ModelError, match=r"UCRL2 knows Theory\(\)"):
        ucrl2(mdps.river_swim(4), 10, radius=Data())
    with pytest.raises(ModelError, match="steps is -1"):
        ucrl2(mdps.river_swim(4), -1)
