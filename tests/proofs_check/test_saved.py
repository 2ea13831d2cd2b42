import json

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import datasets, discounted_mdps, finite_horizon_mdps, outcome_models
from proofs_check.saved import decode, encode
from proofs_check.verification import describe


def through_json(argument):
    return decode(json.loads(json.dumps(encode(argument), allow_nan=False)))


@given(discounted_mdps())
def test_an_mdp_comes_back_to_the_last_bit(mdp):
    back = through_json(mdp)
    assert describe(back) == describe(mdp)
    assert back.P.data.tobytes() == mdp.P.data.tobytes()


@given(finite_horizon_mdps() | outcome_models() | datasets())
def test_other_models_come_back_with_their_own_type_and_encoding(model):
    back = through_json(model)
    assert type(back) is type(model)
    assert encode(back) == encode(model)


@pytest.mark.parametrize(
    "argument",
    [None, True, 3, 0.1, "word", (1, [0.5, (2.0,)]), [], float("inf"), -float("inf")],
    ids=repr,
)
def test_numbers_words_and_nested_tuples_come_back(argument):
    back = through_json(argument)
    assert back == argument
    assert type(back) is type(argument)


@pytest.mark.parametrize("array", [np.arange(6).reshape(2, 3), np.zeros((0, 2)), np.array([0.1, np.inf])], ids=repr)
def test_arrays_come_back_with_type_and_shape(array):
    back = through_json(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert np.array_equal(back, array)


def test_what_cannot_be_kept_is_named():
    with pytest.raises(ValueError, match="a set cannot be kept"):
        encode({1})


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not the keys of a saved argument"):
        decode({"other": 1})
