import json
from fractions import Fraction
from functools import partial

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csr_array

from mdps.strategies import datasets, discounted_mdps, finite_horizon_mdps, outcome_models
from proofs_check.saved import decode, encode
from proofs_check.words import describe
from rltheory.distributional import DiscreteLaw, risk
from rltheory.games import NormalFormGame
from rltheory.robust import TV
from rltheory.submodular.functions import Coverage


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


@pytest.mark.parametrize(
    "argument",
    [
        {1, 2},
        frozenset({(1, 2)}),
        {"a": 1, (0, 1): 0.5},
        Fraction(1, 3),
        np.float64(0.1),
        np.int64(3),
        np.exp,
        describe,
        DiscreteLaw,
    ],
    ids=lambda argument: type(argument).__name__,
)
def test_collections_scalars_and_what_has_a_name_come_back(argument):
    back = through_json(argument)
    assert back == argument
    assert type(back) is type(argument)


@pytest.mark.parametrize(
    "argument",
    [
        DiscreteLaw([0.1, 0.3], [0.25, 0.75]),
        NormalFormGame(np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.1, 0.2], [0.3, 0.4]]])),
        TV(rho=0.3),
        Coverage.from_sets([[0, 1], [1]], weights=[0.1, 0.7]),
        csr_array(np.array([[0.0, 0.1], [0.2, 0.0]])),
        nx.DiGraph([(0, 1, {"length": 0.1}), (1, 2, {"length": 2})]),
    ],
    ids=lambda argument: type(argument).__name__,
)
def test_what_this_project_defines_comes_back_with_all_its_fields(argument):
    back = through_json(argument)
    assert type(back) is type(argument)
    assert encode(back) == encode(argument)


@pytest.mark.parametrize(
    "utility",
    [
        risk.ExpectedUtility.shortfall(),
        risk.ExpectedUtility.negative_power(3),
        risk.ExpectedUtility.reached(),
        risk.ExpectedUtility.exponential(0.3),
        risk.ExpectedUtility.power(0.5),
        risk.ExpectedUtility.power(-1),
        risk.ExpectedUtility.logarithm(),
        risk.ExpectedUtility.quadratic(1.5),
    ],
    ids=repr,
)
def test_a_utility_that_comes_back_pays_the_same(utility):
    law = DiscreteLaw([0.5, 1.0, 2.5])
    back = through_json(utility)
    assert repr(back) == repr(utility)
    assert back(law) == utility(law)
    assert utility.inverse is None or back.inverse(0.25) == utility.inverse(0.25)


def test_a_partial_call_comes_back_as_one():
    back = through_json(partial(np.minimum, 1.0))
    assert back(3.0) == 1.0


@pytest.mark.parametrize(
    "argument", [lambda x: x, object(), nx.MultiGraph(), json.dumps], ids=lambda a: type(a).__name__
)
def test_what_cannot_be_kept_is_named(argument):
    with pytest.raises(ValueError, match=f"a {type(argument).__name__} cannot be kept"):
        encode(argument)


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="not the keys of a saved argument"):
        decode({"other": 1})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"name": "os:system"}, "not of this project"),
        ({"name": "rltheory.io.npz:np.save"}, "defined elsewhere"),
        ({"name": "numpy:save"}, "defined elsewhere"),
        ({"name": "proofs_check.saved:nothing"}, "cannot be imported"),
        ({"object": "rltheory.io.npz:save_npz", "fields": {}}, "neither a dataclass nor a named tuple"),
    ],
    ids=["other", "through", "numpy", "missing", "function"],
)
def test_a_file_calls_nothing_but_what_builds_arguments(document, message):
    with pytest.raises(ValueError, match=message):
        decode(document)
