"""Files keep a model to the last bit, never hold a pickle, and say what is wrong with them."""

import io
import zipfile
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import rltheory as rl
from mdps.linear_strategies import linear_mdps
from rltheory.io import load, load_npz, save_npz
from rltheory.models import MDP, Dataset, FiniteHorizonMDP, LinearMDP, ModelError, OutcomeModel
from rltheory.planning import memory

RNG = np.random.default_rng(0)
P = RNG.dirichlet(np.ones(3), size=(3, 2))
r = RNG.normal(size=(3, 2))
MODEL = MDP.from_arrays(P, r, 0.95, mu=[0.1, 0.2, 0.7], state_names=["α", "b", ""], action_names=["left", "right"])
MODELS = {
    "plain": MDP.from_arrays(P, r, 1 / 3),
    "named": MODEL,
    "ragged": MDP.from_pairs(csr_array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]), [1, 2, 3], 0.5, pair_start=[0, 2, 3]),
    "stationary": MODEL.finite_horizon(7, gamma=1.0),
    "dense": FiniteHorizonMDP(P, r, H=4),
    "changing": FiniteHorizonMDP(np.stack([P, P[::-1]]), np.stack([r, -r]), H=2, gamma=0.5, action_names=["x", "y"]),
    "no steps": FiniteHorizonMDP(P, r, H=0),
    "outcomes": OutcomeModel.from_lists([[[(0.1, 0, -0.0), (0.9, 0, 1e-300)]]], gamma=1.0, state_names=["only"]),
    "tables": OutcomeModel.from_tables([[0, 1], [-1, -1]], [[0, 1], [5, 0]], gamma=0.9),
    "linear": LinearMDP([[[0.3, 0.7], [1.0, 0.0]], [[0.0, 1.0], [0.5, 0.5]]], np.eye(2), [0.1, 1 / 3], H=5, mu=1),
    "linear, changing": LinearMDP(
        [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]],
        [np.eye(2), np.eye(2)[::-1]],
        [[0.0, 1e-300], [-0.0, 7.0]],
        H=2,
        pair_start=[0, 2, 3],
        state_names=["α", ""],
        action_names=["x", "y"],
    ),
    "linear, signed": LinearMDP([[[1.0, 1.0]], [[1.0, -1.0]]], [[0.5, 0.5], [0.5, -0.5]], [0, 1], H=1, simplex=False),
    "linear, no steps": LinearMDP([[[1.0]]], [[1.0]], [1.0], H=0),
    "data": Dataset.from_episodes([[(0, 1, 0.1, 1), (1, 0, np.pi, 0)]], n_states=2, n_actions=2, H=2),
    "no data": Dataset.from_episodes([], n_states=2, n_actions=2, H=2),
}


def bits(value):
    """Return what must not change: type, shape and bytes."""
    if isinstance(value, csr_array):
        return [bits(part) for part in (value.data, value.indices, value.indptr)]
    return (value.dtype, value.shape, value.tobytes()) if isinstance(value, np.ndarray) else (type(value), value)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_file_keeps_every_bit(model, tmp_path):
    save_npz(tmp_path / "model", model)  # the name is used as it is

    back = load_npz(tmp_path / "model")

    assert type(back) is type(model)
    for field in fields(model):
        assert bits(getattr(back, field.name)) == bits(getattr(model, field.name)), field.name


def assert_comes_back(model, path):
    """A file of the model holds the same bits."""
    save_npz(path, model)
    back = load_npz(path)
    assert type(back) is type(model)
    assert [bits(getattr(back, field.name)) for field in fields(model)] == [
        bits(getattr(model, field.name)) for field in fields(model)
    ]


@given(model=linear_mdps(uneven=True))
def test_any_linear_model_comes_back(model, tmp_path_factory):
    assert_comes_back(model, tmp_path_factory.mktemp("linear") / "model.npz")


@given(model=linear_mdps(), n=st.integers(0, 5), noise=st.sampled_from([0.0, 1.0]), seed=st.integers(0, 99))
def test_any_data_come_back(model, n, noise, seed, tmp_path_factory):
    data = rl.collect(model, None, n, noise=noise, rng=seed)
    path = tmp_path_factory.mktemp("data") / "data.npz"

    assert_comes_back(data, path)
    back = load(path)
    assert (back.episode == data.episode).all()
    assert (back.table("reward") == data.table("reward")).all()


@given(names=st.lists(st.text(max_size=5), min_size=3, max_size=3))
def test_names_come_back_or_are_refused(names, tmp_path_factory):
    path = tmp_path_factory.mktemp("names") / "model.npz"
    model = MODEL.replace(state_names=names)
    if any(name.endswith("\0") for name in names):
        with pytest.raises(ModelError, match="NUL"):
            save_npz(path, model)
    else:
        save_npz(path, model)
        assert load_npz(path).state_names == tuple(names)


def test_no_file_holds_a_pickle(tmp_path):
    save_npz(tmp_path / "model.npz", MODEL)

    with np.load(tmp_path / "model.npz", allow_pickle=False) as archive:
        assert {name: archive[name].dtype.kind for name in archive.files} == {
            "format": "U", "version": "U", "kind": "U", "P_data": "f", "P_indices": "i", "P_indptr": "i", "r": "f",
            "gamma": "f", "mu": "f", "pair_start": "i", "state_names": "U", "action_names": "U",
        }  # fmt: skip


@pytest.mark.parametrize("kept", [0, 1, 100, 700, -1])
def test_a_truncated_file_is_one_clear_error(kept, tmp_path):
    save_npz(tmp_path / "model.npz", MODEL)
    (tmp_path / "cut.npz").write_bytes((tmp_path / "model.npz").read_bytes()[:kept])

    with pytest.raises(ModelError, match=r"cut\.npz is not a readable \.npz file"):
        load_npz(tmp_path / "cut.npz")


@pytest.mark.parametrize("position", range(60, 1500, 97))
def test_a_damaged_file_never_passes_for_a_sound_one(position, tmp_path):
    save_npz(tmp_path / "model.npz", MODEL)
    content = bytearray((tmp_path / "model.npz").read_bytes())
    content[position] ^= 0xFF
    (tmp_path / "bad.npz").write_bytes(content)

    try:
        back = load_npz(tmp_path / "bad.npz")
    except ModelError:
        return
    assert bits(back.P) == bits(MODEL.P)  # the byte was one that a zip archive does not use
    assert bits(back.r) == bits(MODEL.r)


def rewritten(tmp_path, model=MODEL, **changes):
    """Return the path of a model's file in which some arrays are replaced, or dropped where they are None."""
    save_npz(tmp_path / "model.npz", model)
    with np.load(tmp_path / "model.npz") as archive:
        arrays = dict(archive) | changes
    np.savez(tmp_path / "changed.npz", **{name: array for name, array in arrays.items() if array is not None})
    return tmp_path / "changed.npz"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": None}, "was not written by save_npz"),
        ({"version": "2"}, "holds a MDP in version 2 of the format; this rltheory reads"),
        ({"kind": "Dragon"}, "holds a Dragon"),
        ({"r": None}, "lacks the array 'r' of a MDP"),
        ({"P_indptr": None}, "lacks the array 'P_indptr'"),
        ({"r": np.full(6, np.nan)}, "the reward of state 0, action 0 .* is nan"),
        ({"P_indices": np.zeros((2, 2))}, "does not hold a MDP"),
        ({"mu": np.array(["x", "y", "z"])}, "mu has dtype"),
    ],
)
def test_a_file_that_is_not_a_model_says_why(changes, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        load_npz(rewritten(tmp_path, **changes))


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("linear", {"phi": None}, "lacks the array 'phi' of a LinearMDP"),
        ("linear", {"simplex": None}, "lacks the array 'simplex' of a LinearMDP"),
        ("linear", {"phi": np.full((4, 2), 0.7)}, r"the features of state 0, action 0 .* sum to 1\.4"),
        ("linear", {"factors": 2 * np.eye(2)}, "factor 0 sums to 2"),
        ("linear", {"factors": np.eye(3)}, "phi has shape"),
        ("linear", {"theta": np.array([np.nan, 0])}, "theta has coordinate 0 = nan"),
        ("linear", {"H": np.array(-1)}, "H is -1"),
        ("linear", {"H": np.array(2.5)}, "H is 2.5"),
        ("linear", {"pair_start": np.array([0, 9, 4])}, "does not hold a LinearMDP"),
        ("linear, signed", {"factors": np.ones((2, 2))}, "does not hold a LinearMDP"),
        ("linear, signed", {"simplex": np.array(True)}, "simplex features are at least 0"),
        ("data", {"next_state": np.array([1, 2])}, "transition 1 has next_state 2"),
        ("data", {"step": np.array([0])}, r"step has shape \(1,\)"),
        ("data", {"reward": None}, "lacks the array 'reward' of a Dataset"),
        ("data", {"state": np.array([0.5, 0.5])}, "state has dtype float64"),
    ],
)
def test_a_linear_model_and_data_are_checked_again(name, changes, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        load_npz(rewritten(tmp_path, MODELS[name], **changes))


def test_a_promise_of_more_than_the_file_holds_is_damage(tmp_path):
    save_npz(tmp_path / "model.npz", MODELS["linear"])
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**50,)})
    with zipfile.ZipFile(tmp_path / "model.npz") as sound, zipfile.ZipFile(tmp_path / "bad.npz", "w") as bad:
        for part in sound.namelist():
            bad.writestr(part, header.getvalue() if part == "phi.npy" else sound.read(part))

    with pytest.raises(ModelError, match=r"bad\.npz is not a readable .* 'phi' promises more than the file holds"):
        load_npz(tmp_path / "bad.npz")


def test_what_would_not_fit_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "zeros.npz", x=np.zeros(10**6))
    monkeypatch.setattr(memory, "available_memory", lambda: 10**6)

    assert (tmp_path / "zeros.npz").stat().st_size < 10**5
    with pytest.raises(MemoryError, match=r"0\.008 GB are needed for the arrays of .*zeros\.npz"):
        load(tmp_path / "zeros.npz")


def test_a_pickle_in_a_file_is_never_opened(tmp_path):
    path = rewritten(tmp_path, state_names=np.array([{"a": 1}], dtype=object))

    with pytest.raises(ModelError, match="allow_pickle=False"):
        load_npz(path)


def test_other_files_are_refused(tmp_path):
    np.save(tmp_path / "array.npy", np.zeros(3))
    np.savez(tmp_path / "other.npz", x=np.zeros(3))

    with pytest.raises(ModelError, match="not a readable"):
        load_npz(tmp_path / "array.npy")
    with pytest.raises(ModelError, match=r"holds the arrays \['x'\]: neither"):
        load(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "absent.npz")


def test_only_models_are_saved(tmp_path):
    with pytest.raises(ModelError, match="a dict cannot be saved; MDP, FiniteHorizonMDP, LinearMDP, Outcome"):
        save_npz(tmp_path / "model.npz", {})


def test_load_can_replace_the_discount(tmp_path):
    save_npz(tmp_path / "model.npz", MODEL)
    save_npz(tmp_path / "data.npz", MODELS["data"])

    assert load(tmp_path / "model.npz").gamma == 0.95
    assert load(tmp_path / "model.npz", gamma=0.5).gamma == 0.5
    assert isinstance(load(tmp_path / "data.npz", gamma=0.5), Dataset)


def test_a_linear_model_has_no_discount_to_replace(tmp_path):
    save_npz(tmp_path / "model.npz", MODELS["linear"])

    assert load(tmp_path / "model.npz").H == load(tmp_path / "model.npz", gamma=1).H == 5
    with pytest.raises(ModelError, match=r"which is undiscounted; gamma is 0\.9, leave it out"):
        load(tmp_path / "model.npz", gamma=0.9)
