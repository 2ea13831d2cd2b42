"""The published simple bound against a plain recursion over the states that are met."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

import mdps
from mdps.horizon_strategies import explorations, games
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.horizon.simple_bound import simple_bound


def by_definition(model, H, k, exploration):
    """Return the largest v / g^2 of the states met, or None if a suboptimal action is best in one of them."""
    A, cache = model.n_actions, {}
    state, reward = (x.reshape(-1, A).tolist() for x in (model.next_state, model.reward))

    def q(kind, t, s):
        """Values of the actions: of the best policy, of the worst one, or of a lookahead."""
        if (kind, t, s) not in cache:
            cache[kind, t, s] = [reward[s][a] + value(kind, t + 1, state[s][a]) for a in range(A)]
        return cache[kind, t, s]

    def value(kind, t, s):
        """What ``kind`` makes of a state one step after the action."""
        if t == H:
            return 0.0
        if kind == 1:
            weights = [1 / A] * A if exploration is None else exploration[min(t, len(exploration) - 1)][s]
            return sum(p * x for p, x in zip(weights, q(1, t, s), strict=True))
        return min(q("worst", t, s)) if kind == "worst" else max(q(kind if kind == "best" else kind - 1, t, s))

    def variance(j, t, s, a):
        if j > 1:
            return 0.0 if t + 1 == H else max(variance(j - 1, t + 1, state[s][a], b) for b in range(A))
        low = q("worst", t, s)[a]
        return (q(1, t, s)[a] - low) * (q("best", t, s)[a] - low)

    layer, needs = {0}, []
    for t in range(H):
        following = set()
        for s in layer:
            own, best = q(k, t, s), q("best", t, s)
            bad = max([own[a] for a in range(A) if best[a] < max(best) - 1e-9], default=-math.inf)
            if max(own) <= bad + 1e-9:
                return None
            needs.append(max(variance(k, t, s, a) for a in range(A)) / (max(own) - bad) ** 2)
            following |= {state[s][a] for a in range(A) if own[a] > bad + 1e-9}
        layer = following
    return max(needs)


@given(games(max_outcomes=1) | games(max_outcomes=1, min_reward=-4), st.integers(1, 4), st.data())
def test_it_is_the_largest_need_of_the_states_met(model, H, data):
    exploration = data.draw(explorations(model, H))
    by_step = exploration if exploration is None or exploration.ndim == 3 else exploration[None]
    bound, expected, k = simple_bound(model, H, exploration=exploration), float(H), 1
    while k < expected:
        need = by_definition(model, H, k, by_step)
        assert (k in bound.k) == (need is not None)
        if need is not None:
            m = max(1, math.ceil(16 * need * math.log(2 * H * model.n_actions**k) * (1 - 1e-12)))
            asked = bound.episodes[bound.k.index(k)]
            assert asked in (m, m + 1)  # rounding may lift a whole number
            expected = min(expected, k + (math.log(asked) / math.log(model.n_actions) if asked > 1 else 0.0))
        k += 1
    assert bound.effective_horizon == pytest.approx(expected)
    assert all(k < H for k in bound.k)


@pytest.mark.parametrize(("H", "n_actions"), [(5, 2), (4, 3), (10, 2)])
def test_for_the_lock_it_grows_like_the_number_of_sequences(H, n_actions):
    """g = A^-(H-k) and v = g: exploration opens the rest of the lock with that chance."""
    bound = simple_bound(mdps.horizon_lock(H, n_actions), H)
    for k, m, gap in zip(bound.k, bound.episodes, bound.gap, strict=True):
        assert gap == pytest.approx(float(n_actions) ** -(H - k))
        assert m == math.ceil(16 * n_actions ** (H - k) * math.log(2 * H * n_actions**k))
    assert bound.effective_horizon == H


def test_where_all_ways_are_equally_good_one_episode_is_enough():
    bound = simple_bound(OutcomeModel.from_tables([[0, 0]], [[1.0, 1.0]], 1.0, mu=0), 4)
    assert (bound.k, bound.episodes, bound.effective_horizon) == ((1,), (1,), 1.0)
    assert bound.to_rows() == [{"k": 1, "m": 1, "gap": np.inf, "variance": 0.0, "effective_horizon": 1.0}]


def test_a_single_step_needs_no_bound():
    bound = simple_bound(mdps.dense_rewards(), 1)
    assert (bound.k, bound.effective_horizon) == ((), 1.0)


def test_it_is_for_deterministic_games():
    coin = OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)
    with pytest.raises(CriterionError, match="the simple bound needs a deterministic model; state 0, action 0"):
        simple_bound(coin, 2)


def test_it_is_for_games_with_one_start():
    anywhere = OutcomeModel.from_tables([[0, 1], [1, 0]], [[1.0, 0.0], [0.0, 1.0]], 1.0)
    with pytest.raises(CriterionError, match="episodes begin in 2 states"):
        simple_bound(anywhere, 2)


def test_a_tolerance_that_is_none_is_named():
    with pytest.raises(ModelError, match="optimal_within is nan"):
        simple_bound(mdps.dense_rewards(), 2, optimal_within=math.nan)
