"""DAgger: what it learns where cloning cannot, and how it sums up."""

import numpy as np
import pytest

import mdps
from rltheory import FiniteHorizonMDP, ModelError
from rltheory.imitation import bounds, certify, cloned_expert, dagger


def test_exact_visits_teach_the_expert_in_one_round():
    model, expert, _ = mdps.side_road(6)
    run = dagger(model, expert, rounds=2)
    assert run.gaps[0] > 1
    assert run.gaps[1] == pytest.approx(0, abs=1e-12)


def test_who_asks_learns_the_way_back_that_nobody_shows():
    model, expert, clone = mdps.side_road(10, error=0.05)
    asked = dagger(model, expert, rounds=2).best
    slips = 0.95 * asked + 0.05 * np.eye(2)[[1, 1]]
    assert certify(model, expert, slips).gap < 1.05
    assert certify(model, expert, clone).gap > 2
    assert cloned_expert(model, expert)[1, 1].tolist() == [0.5, 0.5]


def test_exponential_weights_by_hand():
    model, expert, _ = mdps.gentle_path(1)
    run = dagger(model, expert, rounds=4, step=np.log(3))
    assert run.policies[:, 0, 0, 1] == pytest.approx([1 / 2, 1 / 4, 1 / 10, 1 / 28])
    assert run.errors[:, 0] == pytest.approx(run.policies[:, 0, 0, 1])
    assert run.gaps == pytest.approx(run.errors[:, 0])
    assert run.mixture_gap == pytest.approx(run.mixture_bound)


@pytest.mark.parametrize("step", [None, 1.0])
def test_episodes_stand_in_for_exact_visits(step):
    river = mdps.river_swim(4, gamma=1.0).finite_horizon(5)
    expert = np.array([[0.2, 0.8], [0.7, 0.3], [0.4, 0.6], [0.1, 0.9]])
    exact = dagger(river, expert, rounds=6, step=step, groups=[0, 0, 1, 1])
    drawn, again = (
        dagger(river, expert, rounds=6, step=step, groups=[0, 0, 1, 1], episodes=4000, rng=0) for _ in range(2)
    )
    assert np.abs(exact.policies[-1, :, 0, 0] - 0.5).min() > 0.04
    assert drawn.policies == pytest.approx(exact.policies, abs=0.02)
    assert (again.policies == drawn.policies).all()


def test_few_episodes_need_more_rounds_but_arrive():
    river = mdps.river_swim(5, gamma=1.0).finite_horizon(8)
    run = dagger(river, np.ones(5, dtype=int), rounds=60, episodes=2, rng=1)
    assert run.gaps[-1] < 0.05 * run.gaps[0]


def test_the_errors_of_exponential_weights_do_not_grow_with_the_rounds():
    river = mdps.river_swim(4, gamma=1.0).finite_horizon(4)
    totals = [dagger(river, np.ones(4, dtype=int), rounds=n, step=1.0).errors.sum() for n in (50, 400)]
    assert totals[0] < totals[1] <= bounds.hedge_disagreements(16, 2, step=1.0)


def test_the_best_policy_is_that_of_the_least_promise_and_not_of_the_least_gap():
    same_place = np.eye(2)[:, None].repeat(2, axis=1)
    model = FiniteHorizonMDP.from_arrays(same_place, [[0.1, 0.0], [0.0, 1.0]], 1, mu=[0.6, 0.4])
    run = dagger(model, np.array([0, 1]), rounds=5, step=5.0, groups=[0, 0])
    assert run.gaps.argmin() == 0
    assert (run.best == run.policies[4]).all()


def test_the_rows_and_the_name_of_a_run():
    model, expert, _ = mdps.gentle_path(2)
    run = dagger(model, expert, rounds=2)
    assert run.to_rows()[0] == {"round": 0, "error": 1.0, "gap": 1.0, "bound": 1.0}
    assert repr(run) == "DaggerRun(2 rounds, gap 1 -> 0, mixture 0.5, at most 0.5)"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"rounds": 0}, "rounds is 0"), ({"step": -1.0}, r"step is -1\.0"), ({"episodes": 0}, "episodes is 0")],
)
def test_numbers_out_of_range_are_refused(wrong, message):
    model, expert, _ = mdps.gentle_path(2)
    with pytest.raises(ModelError, match=message):
        dagger(model, expert, **{"rounds": 2, **wrong})
