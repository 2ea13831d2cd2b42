"""Every published number of the two analysed games, and numbers computed elsewhere for a third one."""

import json

import numpy as np
import pytest

from rltheory.horizon.analysis import analyse
from rltheory.horizon.occupancy import exploration_occupancy
from rltheory.horizon.returns import exploration_laws
from rltheory.horizon.simple_bound import simple_bound
from rltheory.horizon.sticky import count_sticky_states
from rltheory.io import load_bridge

GAMES = [("freeway_10_fs30", 10), ("maze_easy_l0_30_fs1", 30)]
SHAPED = "MiniGrid-Empty-16x16-DistanceShaped-v0"
WITHIN = 1e-4  # the tolerance of the published analyses
relative = {"rtol": 1e-12, "atol": 0}


@pytest.fixture(params=GAMES, ids=[name for name, _ in GAMES])
def game(request, shared_data):
    """Return the model, the horizon, and a function that reads the files published with it."""
    name, H = request.param

    def published(file):
        return json.loads(shared_data(f"bridge/{name}/{file}").read_text())

    return load_bridge(shared_data(f"bridge/{name}/mdp.npz")), H, published


def test_the_analysis_of_the_game(game):
    model, H, published = game
    golden = published("consolidated_analyzed.json")
    report = analyse(model, H, optimal_within=WITHIN)
    assert (report.min_k, report.planning_window) == (golden["min_k"], golden["epw"])


def test_the_analysis_with_sticky_actions(game):
    model, H, published = game
    golden = published("consolidated_analyzed_sticky_0.25.json")
    report = analyse(model, H, max_k=5, sticky=0.25, optimal_within=WITHIN)
    assert (report.min_k, report.planning_window) == (golden["min_k"], golden["epw"])
    assert count_sticky_states(model, H) == golden["num_states"]
    np.testing.assert_allclose(report.worst_greedy_return, golden["greedy_returns"], **relative)
    for name in ("optimal", "worst"):
        assert getattr(report, f"{name}_return") == golden[f"{name}_return"]
    np.testing.assert_allclose(report.exploration_return, golden["random_return"], **relative)


def test_the_simple_bound(game):
    model, H, published = game
    golden = published("consolidated_analyzed.json")
    told = golden["effective_horizon_results"]
    bound = simple_bound(model, H, optimal_within=WITHIN)
    assert bound.effective_horizon == pytest.approx(golden["effective_horizon"], rel=1e-12)
    assert (list(bound.k), list(bound.episodes)) == (told["ks"], told["ms"])
    np.testing.assert_allclose(bound.gap, [np.inf if g is None else g for g in told["gaps"]], **relative)
    np.testing.assert_allclose(bound.variance, told["vars"], **relative)


def test_the_occupancy_of_exploration(game):
    model, H, published = game
    occupancy = exploration_occupancy(model, H)
    for name, golden in published("consolidated_analyzed.json")["min_occupancy_results"].items():
        assert getattr(occupancy, name) == pytest.approx(golden, rel=1e-12)


def test_the_laws_of_returns(game, shared_data, request):
    model, H, _ = game
    with np.load(shared_data(f"bridge/{request.node.callspec.params['game'][0]}/value_dists.npz")) as golden:
        laws = exploration_laws(model, H)
        for t in range(H):
            atoms, prob = golden[f"t{t + 1}"]
            for s in range(model.n_states):
                happens = np.flatnonzero(prob[:, s])
                happens = happens[np.argsort(atoms[happens, s])]
                law = laws.law(t, s)
                np.testing.assert_allclose(law.atoms, atoms[happens, s], **relative)
                np.testing.assert_allclose(law.prob, prob[happens, s], **relative)


def test_exploration_earns_the_mean_of_the_published_law(game):
    model, H, _ = game
    report = analyse(model, H, optimal_within=WITHIN)
    assert (report.optimal_return, report.worst_return) == {10: (1.0, 0.0), 30: (10.0, 0.0)}[H]
    assert report.exploration_return == pytest.approx({10: 0.00902640180189, 30: 6.0955432147}[H], rel=1e-11)


def test_the_gap_of_greedy_policies(game):
    """Least over what greedy policies meet, computed elsewhere by following them forward."""
    model, H, _ = game
    known = {10: (0.013819031651679, 0.0592193603515625), 30: (3.97360502555, 4.5542463031)}[H]
    for sticky, gap in zip((0.0, 0.25), known, strict=True):
        report = analyse(model, H, sticky=sticky, optimal_within=WITHIN)
        assert report.q_gap[0] == pytest.approx(gap, rel=1e-11)


@pytest.fixture
def shaped(shared_data):
    return load_bridge(shared_data(f"bridge/{SHAPED}/mdp.npz"))


def test_the_shaped_grid(shaped):
    """Computed elsewhere, by another program."""
    report = analyse(shaped, 100, optimal_within=WITHIN)
    assert (report.min_k, report.planning_window) == (1, 1)
    assert report.solvable.all()
    assert report.exploration_return == pytest.approx(0.688275922696, rel=1e-11)
    assert report.worst_return == pytest.approx(-0.1, rel=1e-7)
    bound = simple_bound(shaped, 100, optimal_within=WITHIN)
    assert (bound.k, bound.episodes) == ((1, 13, 14), (2086406, 113593015, 24229427))
    assert bound.effective_horizon == pytest.approx(1 + np.log(2086406) / np.log(3), rel=1e-12)


def test_the_shaped_grid_with_sticky_actions(shaped):
    """The least lookahead is 13, though the worst policy greedy for k = 1 loses less than 1e-14."""
    report = analyse(shaped, 100, sticky=0.25, optimal_within=WITHIN, max_k=18)
    assert (report.min_k, report.planning_window) == (13, 1)
    assert report.solvable[12:].all()
    assert count_sticky_states(shaped, 100) == 2297
    assert report.exploration_return == pytest.approx(0.7717524472592209, rel=1e-12)
    assert report.worst_greedy_return[0] == pytest.approx(report.optimal_return, abs=1e-14)


def test_states_that_greedy_policies_avoid_decide_what_is_solvable_everywhere(shaped):
    everywhere = analyse(shaped, 100, optimal_within=WITHIN, everywhere=True, max_k=6, window=False)
    assert everywhere.solvable.tolist() == [True, False, False, False, False, False]
