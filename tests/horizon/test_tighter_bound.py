"""The published tighter bounds: the published numbers, and that they bound what is exact."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import mdps
from proofs_check.horizon.instances import deterministic_games, with_lookahead
from rltheory.horizon import bounds, intervals
from rltheory.horizon.contest import Ties
from rltheory.horizon.gorp_success import gorp_success
from rltheory.horizon.tighter_bound import tighter_episodes
from rltheory.io import load_bridge


@pytest.mark.parametrize(
    ("game", "H"),
    [("freeway_10_fs30", 10), pytest.param("maze_easy_l0_30_fs1", 30, marks=pytest.mark.slow)],
)
def test_the_published_numbers_are_reproduced_exactly(shared_data, game, H):
    published = json.loads(shared_data(f"bridge/{game}/consolidated_gorp_bounds.json").read_text())
    model = load_bridge(shared_data(f"bridge/{game}/mdp.npz"))
    for k, row in published["k_results"].items():
        m = tighter_episodes(model, H, int(k), optimal_within=1e-4)
        assert bounds.gorp_timesteps(H, model.n_actions, int(k), m) == row["sample_complexity"]
        assert bounds.effective_horizon(int(k), m, model.n_actions) == pytest.approx(
            row["effective_horizon"], rel=1e-14
        )


@settings(max_examples=10)
@given(with_lookahead(deterministic_games(max_states=2, max_steps=3)))
def test_so_many_episodes_are_enough(game):
    model, H, k = game
    m = tighter_episodes(model, H, k)
    if m < 5000:
        # Ties are not part of the published analysis: give it the rule under which they do least harm.
        assert gorp_success(model, H, k, int(m), ties=Ties.UNIFORM) >= 0.5 - 1e-9


def test_no_number_is_enough_where_the_lookahead_misleads():
    assert tighter_episodes(mdps.farsighted_trap(), 3, 2) == math.inf


def _sequences(seed, n=3):
    rng = np.random.default_rng(seed)
    worst, mean, best = np.sort(rng.random((3, 1, n)), axis=0)
    variance = (mean - worst) * (best - mean) * rng.random()
    return intervals.Sequences(mean, best, worst, variance, variance**1.5 * 2)


@given(st.integers(0, 10**6), st.sampled_from([1.0, 10.0, 1000.0, 1e20]))
def test_lower_bounds_never_exceed_upper_ones(seed, m):
    known = _sequences(seed)
    for method in (intervals.berry_esseen, intervals.bernstein, lambda of, m: intervals.bennett(of, m, 1e-9)):
        lower, upper = method(known, m)
        assert (lower <= upper + 1e-12).all()
        assert (lower >= 0).all()


@given(st.integers(0, 10**6))
def test_the_largest_mean_is_that_of_the_linear_program(seed):
    rng = np.random.default_rng(seed)
    p, worth = rng.dirichlet(np.ones(4)), rng.random(4)
    lower, upper = p * rng.random(4), np.minimum(p + rng.random(4) * (1 - p), 1)
    best = linprog(-worth, A_eq=np.ones((1, 4)), b_eq=[1], bounds=list(zip(lower, upper, strict=True)))
    found = intervals.largest_mean(worth[None], (lower[None], upper[None]))
    assert found[0] == pytest.approx(-best.fun, abs=1e-9)


@given(st.lists(st.integers(1, 9), min_size=2, max_size=3), st.integers(1, 80))
def test_binomial_slices_enclose_the_exact_probability_to_win_outright(tenths, m):
    from rltheory.horizon.contest import expected_worth

    p = np.array(tenths) / 10
    known = intervals.Sequences(p[None], np.ones_like(p[None]), np.zeros_like(p[None]), None, None)
    lower, upper = intervals.binomial(known, m)
    # With ties going to each in turn, the chances of a sequence are enclosed by losing and by winning them all.
    laws = np.column_stack([1 - p, p])
    for z in range(p.size):
        rest = [i for i in range(p.size) if i != z]
        order = [z, *rest], [*rest, z]
        wins, loses = (expected_worth(laws[o], (np.array(o) == z).astype(float), m, Ties.FIRST) for o in order)
        assert lower[0, z] <= wins + 1e-9
        nothing = np.prod(1 - p) ** m  # a mean of 0 is in no slice
        assert upper[0, z] + nothing >= loses - 1e-9
