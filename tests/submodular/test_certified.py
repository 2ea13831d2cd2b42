import numpy as np
import pytest

from rltheory import ModelError
from rltheory.submodular.certified import Certified, Status


def test_an_answer_whose_bounds_meet_is_optimal_and_one_whose_do_not_says_how_to_go_on():
    assert Certified(3.0, 3.0 + 1e-12, "any").status is Status.OPTIMAL
    answer = Certified(3.0, 4.0, "any")
    assert answer.status is Status.BRACKETED
    assert answer.gap == 1.0
    assert answer.ratio == 0.75


def test_rounding_that_puts_the_upper_bound_a_little_below_does_not_make_a_negative_gap():
    assert Certified(3.0, 3.0 - 1e-12, "any").gap == 0.0


def test_an_upper_bound_below_what_was_reached_is_refused():
    with pytest.raises(ModelError, match="upper is 2, below the value 3 that was reached; one of them is wrong"):
        Certified(3.0, 2.0, "any")
    with pytest.raises(ModelError, match="upper is nan"):
        Certified(3.0, np.nan, "any")


def test_a_second_upper_bound_only_helps():
    answer = Certified(3.0, 4.0, "any")
    assert answer.tightened(5.0).upper == 4.0
    assert answer.tightened(3.0).status is Status.OPTIMAL


def test_a_limit_is_still_told_after_tightening():
    assert Certified(3.0, 4.0, "any", status=Status.LIMIT_REACHED).tightened(3.5).status is Status.LIMIT_REACHED


def test_rows_of_a_path_tell_the_gain_of_each_arrival_and_the_value_so_far():
    rows = Certified(3.0, 4.0, "any", path=[4, 5], gains=[1.0, 2.0]).to_rows()
    assert rows == [
        {"h": 0, "state": "4", "gain": 1.0, "value": 1.0},
        {"h": 1, "state": "5", "gain": 2.0, "value": 3.0},
    ]


def test_an_answer_without_a_path_has_one_row():
    assert Certified(3.0, 4.0, "any").to_rows() == [{"method": "any", "lower": 3.0, "upper": 4.0, "gap": 1.0}]


def test_the_table_of_a_notebook_is_cut_and_says_so():
    table = Certified(20.0, 20.0, "any", path=np.arange(20), gains=np.ones(20))._repr_html_()
    assert "and 8 more arrivals" in table


def test_arrays_of_an_answer_are_read_only():
    answer = Certified(3.0, 4.0, "any", policy=np.zeros((2, 2), dtype=int), path=np.arange(3))
    with pytest.raises(ValueError, match="read-only"):
        answer.path[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        answer.policy[0, 0] = 1
