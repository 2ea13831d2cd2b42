import numpy as np
import pytest

from rltheory import ModelError
from rltheory.exploration import LearningRun, Scaled


def run(**curves):
    return LearningRun("a learner", 1.0, np.array([0.5, 0.25, 0.25]), np.zeros((2, 2), dtype=int), **curves)


def test_regret_adds_up():
    assert run().cumulative_regret.tolist() == [0.5, 0.75, 1.0]
    assert repr(run()) == "LearningRun(a learner, 3 episodes, regret 1, 0.25 in the last)"


def test_a_run_is_covered_where_its_error_is_within_its_radius():
    covered = run(radius=[1.0, 2.0, 3.0], error=[1.0, 2.5, 2.5]).covered
    assert covered.tolist() == [True, False, True]
    assert run(radius=[1.0, 2.0, 3.0]).covered is None


def test_optimism_is_judged_within_rounding():
    assert run(optimistic_value=[1.0 - 1e-12, 0.9, 2.0]).optimistic.tolist() == [True, False, True]
    assert run().optimistic is None


def test_rows_double_and_end_with_the_last_episode():
    assert [row["episodes"] for row in run().to_rows()] == [1, 2, 3]
    assert run(radius=[1.0, 2.0, 3.0]).to_rows()[-1] == {"episodes": 3, "regret": 1.0, "radius": 3.0}
    assert "<th>regret</th>" in run()._repr_html_()


def test_curves_of_other_lengths_are_refused():
    with pytest.raises(ModelError, match=r"radius has shape \(2,\); 3 episodes need one number each"):
        run(radius=[1.0, 2.0])
    with pytest.raises(ModelError, match=r"policies has shape \(2, 2, 2\); 3 episodes need one each"):
        run(policies=np.zeros((2, 2, 2)))


@pytest.mark.parametrize("c", [-1.0, np.inf, np.nan])
def test_a_scale_is_finite(c):
    with pytest.raises(ModelError, match="a scale is finite and at least 0"):
        Scaled(c)
