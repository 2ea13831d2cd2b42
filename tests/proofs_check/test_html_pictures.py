"""Instances as pictures: everything that a model says is in its picture, and the same model gives the same picture."""

import re
from xml.etree import ElementTree as ET

import networkx as nx
import numpy as np
import pytest

import mdps
from proofs_check import Check, Example, attack, verify
from proofs_check.html_report.cells import bars, matrix
from proofs_check.html_report.curves import slack_picture, sparkline
from proofs_check.html_report.graphs import circle
from proofs_check.html_report.models import picture_of_model
from proofs_check.html_report.pictures import instance_picture, picture
from proofs_check.html_report.svg import Curve, Labels, _overlap
from rltheory import MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel
from rltheory.games import NormalFormGame

COIN = MDP.from_arrays([[[0.25, 0.75], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]]], [[0.5, -1.0], [0.125, 2.0]], gamma=0.9)


def texts(svg):
    return [element.text for element in ET.fromstring(svg).iter("text")]


def test_a_small_model_is_a_graph_with_every_action_probability_and_reward():
    written = texts(picture_of_model(COIN))
    assert sorted(written) == sorted(["0", "1", "0: 0.5", "0.25", "0.75", "1: -1", "0: 0.125", "1: 2"])


def test_a_model_without_steps_is_told_in_words():
    stationary = FiniteHorizonMDP(np.full((2, 1, 2), 0.5), np.zeros((2, 1)), H=0)
    changing = FiniteHorizonMDP(np.zeros((0, 2, 1, 2)), np.zeros((0, 2, 1)), H=0)
    for model in (stationary, changing):
        assert picture_of_model(model) is None
        assert "FiniteHorizonMDP" in picture(model, "mdp")


def test_a_model_of_outcomes_shows_the_rewards_that_chance_decides():
    bet = OutcomeModel.from_lists([[[(0.5, 0, 1.0), (0.5, 0, -1.0)]]], gamma=0.5)
    assert sorted(texts(picture_of_model(bet))) == sorted(["0", "0", "0.5: 1", "0.5: -1"])


def test_a_model_with_many_arrows_is_the_matrix_of_its_rows():
    garnet = mdps.garnet(8, 3, 4, rng=0)
    page = picture_of_model(garnet)
    assert page.count("<tr>") == 1 + garnet.n_pairs
    assert "<svg" not in page


def test_a_model_that_is_too_large_stays_in_words():
    assert picture_of_model(mdps.river_swim(60)) is None
    assert picture(mdps.river_swim(60), "river").startswith("<code>MDP with 60 states")


def test_a_model_that_changes_has_a_picture_for_each_step():
    changing = FiniteHorizonMDP(np.ones((2, 1, 1, 1)), np.array([[[1.0]], [[2.0]]]), H=2)
    page = picture_of_model(changing)
    assert page.count("<svg") == 2
    assert "step 0 of 2" in page
    assert "0: 2" in page
    linear = LinearMDP([[[1.0]]], factors=[[1.0]], theta=[0.5], H=3)
    assert "each of 3 steps" in picture_of_model(linear)


def test_the_same_model_gives_the_same_picture():
    assert picture_of_model(COIN) == picture_of_model(COIN.replace(gamma=0.5))


def test_states_of_a_graph_do_not_touch():
    for count in range(2, 8):
        places = circle(count, 76 + 12 * (count - 2))
        assert min(np.hypot(*np.subtract(p, q)) for p in places for q in places if p != q) > 40


def test_labels_keep_out_of_each_others_way():
    labels = Labels()
    for _ in range(6):
        labels.along(Curve.bent((0.0, 0.0), (120.0, 0.0), 0.1), "0.123", "black")
    boxes = labels.taken
    assert all(_overlap(one, other) == 0 for one in boxes for other in boxes if one is not other)


def test_a_bar_is_as_high_as_its_number():
    heights = [float(x) for x in re.findall(r'<rect[^>]* height="([\d.]+)"', bars([1.0, 2.0, -4.0], "v"))]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.1)
    assert heights[2] == pytest.approx(4 * heights[0], abs=0.3)


def test_a_cell_is_the_darker_the_larger():
    assert re.findall(r"<td[^>]*>[^<]*", matrix([[0.0, 0.5, -1.0]])) == [
        "<td>0",
        '<td class="b3">0.5',
        '<td class="r6">-1',
    ]


def test_games_graphs_and_parts_have_pictures_and_the_rest_is_in_words():
    game = picture(NormalFormGame([[[4, 1], [3, 3]], [[4, 3], [1, 3]]]), "game")
    assert "4, 4" in game
    assert "1, 3" in game
    assert texts(picture(nx.path_graph(3), "path")) == ["0", "1", "2"]
    assert picture((np.array([1.0]), np.array([2.0])), "law").count("<svg") == 2
    assert picture("KL", "name") == "<code>&#x27;KL&#x27;</code>"


def test_an_instance_has_its_numbers_on_a_line_and_its_pictures_below():
    page = instance_picture(Example((COIN, np.array([1.0, 2.0]), 0.5, 3), Check(1.0, 2.0), ("mdp", "v", "x", "k")))
    assert "x = 0.5, k = 3" in page
    assert page.count("<svg") == 2
    assert "argument 0" in instance_picture(Example(([0.5], 1), Check(0.0, 1.0), ()))


@pytest.mark.parametrize("name", ["greedy-loss", "simulation-identity"])
def test_curves_are_well_formed(name):
    assert ET.fromstring(slack_picture(verify(name, examples=10))) is not None
    found = attack(name, budget=20)
    assert (sparkline(found) == "") == (not found.history)
