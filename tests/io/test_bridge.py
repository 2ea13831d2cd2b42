"""The BRIDGE data set: real games, against the returns published with them."""

import json

import numpy as np
import pytest

from rltheory.io import load, load_bridge
from rltheory.models import ModelError


def optimal_returns(transitions, rewards, H):
    """Return the best undiscounted return of H steps from each state, by backward recursion on the raw tables."""
    value = np.zeros(len(transitions) + 1)  # the last entry is the end, which -1 addresses
    for _ in range(H):
        value[:-1] = (rewards + value[transitions]).max(axis=1)
    return value


@pytest.mark.parametrize(("name", "H", "published"), [("maze_easy_l0_30_fs1", 30, 10.0), ("freeway_10_fs30", 10, 1.0)])
def test_the_start_state_has_the_published_optimal_return(name, H, published, shared_data):
    analysis = json.loads(shared_data(f"bridge/{name}/consolidated_analyzed_sticky_0.25.json").read_text())
    mdp = load_bridge(shared_data(f"bridge/{name}/mdp.npz")).to_mdp()

    value = np.zeros(mdp.n_states)
    for _ in range(H):
        value = np.maximum.reduceat(mdp.r + mdp.P @ value, mdp.pair_start[:-1])

    assert mdp.mu @ value == analysis["optimal_return"] == published


@pytest.mark.parametrize(
    ("name", "H", "sizes"),
    [
        ("maze_easy_l0_30_fs1", 30, (243, 9)),
        ("freeway_10_fs30", 10, (197, 3)),
        ("MiniGrid-Empty-16x16-DistanceShaped-v0", 100, (784, 3)),
    ],
)
def test_the_model_is_the_tables(name, H, sizes, shared_data):
    with np.load(shared_data(f"bridge/{name}/mdp.npz")) as tables:
        transitions, rewards = tables["transitions"], tables["rewards"].astype(np.float64)
    model = load_bridge(shared_data(f"bridge/{name}"))
    mdp = model.to_mdp()

    assert (model.n_states, model.n_actions) == (sizes[0] + 1, sizes[1])
    assert model.is_deterministic
    assert model.mu[0] == 1
    value = np.zeros(mdp.n_states)
    for _ in range(H):
        value = np.maximum.reduceat(mdp.r + mdp.P @ value, mdp.pair_start[:-1])
    assert value.tolist() == optimal_returns(transitions, rewards, H).tolist()


def test_load_knows_the_format(shared_data):
    path = shared_data("bridge/freeway_10_fs30/mdp.npz")

    assert load(path).gamma == 1
    assert load(path.parent, gamma=0.9).gamma == 0.9


def test_another_file_is_refused(tmp_path):
    np.savez(tmp_path / "mdp.npz", transitions=[[0]])

    with pytest.raises(ModelError, match=r"holds the arrays \['transitions'\]; a BRIDGE file has"):
        load_bridge(tmp_path)


def test_a_bad_successor_is_named(tmp_path):
    np.savez(tmp_path / "mdp.npz", transitions=[[0, -7]], rewards=[[0.0, 0.0]])

    with pytest.raises(ModelError, match=r"state 0, action 1 .* leads to state -7"):
        load_bridge(tmp_path)
