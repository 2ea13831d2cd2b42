import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rltheory import CriterionError, ModelError
from rltheory.games import NormalFormGame, correlated_gains, mediated
from rltheory.games.bounds.correlated import marginals_gap, zero_sum_value_error
from rltheory.games.correlated import correlated_equilibrium, correlated_extremes, maximum_entropy_correlated
from rltheory.games.nash.n_player_supports import all_n_player_nash

CHICKEN = NormalFormGame.symmetric([[6, 2], [7, 0]])
SHAPLEY = NormalFormGame([np.roll(np.eye(3), 1, axis=1), np.roll(np.eye(3), 2, axis=1)])
SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.sampled_from([(2, 2), (3, 4), (2, 2, 2), (2, 3, 2), (1, 3), (4,)])


def random_game(seed, sizes):
    rng = np.random.default_rng(seed)
    return NormalFormGame([rng.normal(size=sizes) for _ in sizes])


def oracle(game, coarse, objective):
    """Solve the program written with one axis for each player, by cvxpy; `objective` maps the law to an expression."""
    x = cp.Variable(int(np.prod(game.n_actions)), nonneg=True)
    index = np.arange(x.size).reshape(game.n_actions)
    constraints = [cp.sum(x) == 1]
    for i, m in enumerate(game.n_actions):
        for action in range(m):
            gains = []
            for advice in range(m):
                told = index.take(advice, axis=i).ravel()
                more = (game.payoffs[i].take(action, axis=i) - game.payoffs[i].take(advice, axis=i)).ravel()
                gains.append(x[told] @ more)
            constraints += [cp.sum(cp.hstack(gains)) <= 0] if coarse else [gain <= 0 for gain in gains]
    problem = cp.Problem(cp.Maximize(objective(x)), constraints)
    problem.solve(solver=cp.HIGHS)
    return problem.value


def test_chicken_is_best_played_by_the_known_law():
    best = correlated_equilibrium(CHICKEN)
    assert best.welfare == pytest.approx(10.5, abs=1e-9)
    np.testing.assert_allclose(best.joint, [[0.5, 0.25], [0.25, 0.0]], atol=1e-9)
    assert correlated_equilibrium(CHICKEN, coarse=True).welfare == pytest.approx(10.5, abs=1e-9)


def test_the_welfare_in_shapleys_game_is_known():
    assert correlated_extremes(SHAPLEY) == pytest.approx((2 / 3, 1.0), abs=1e-9)
    assert correlated_extremes(SHAPLEY, coarse=True)[1] == pytest.approx(1.0, abs=1e-9)


@given(SEEDS, SIZES, st.booleans())
def test_the_best_law_is_certified_and_as_good_as_that_of_cvxpy(seed, sizes, coarse):
    game = random_game(seed, sizes)
    found = correlated_equilibrium(game, coarse=coarse)
    assert found.exploitability <= 1e-9
    welfare = sum(game.payoffs).ravel()
    assert found.welfare == pytest.approx(oracle(game, coarse, lambda x: x @ welfare), abs=1e-7)


@given(SEEDS, SIZES, st.booleans())
def test_the_least_payoff_is_as_large_as_that_of_cvxpy(seed, sizes, coarse):
    game = random_game(seed, sizes)
    found = correlated_equilibrium(game, "egalitarian", coarse=coarse)
    assert found.exploitability <= 1e-9
    payoffs = np.array([u.ravel() for u in game.payoffs])
    assert found.value.min() == pytest.approx(oracle(game, coarse, lambda x: cp.min(payoffs @ x)), abs=1e-7)


@given(SEEDS, SIZES, st.booleans())
def test_the_extremes_enclose_what_is_attained_tightly(seed, sizes, coarse):
    game = random_game(seed, sizes)
    c = np.random.default_rng(seed).normal(size=sizes)
    least, largest = correlated_extremes(game, c, coarse=coarse)
    ends = [correlated_equilibrium(game, c, coarse=coarse, maximise=maximise) for maximise in (False, True)]
    reached = [float((one.joint * c).sum()) for one in ends]
    assert reached == pytest.approx([least, largest], abs=1e-8)
    inside = maximum_entropy_correlated(game, coarse=coarse)
    assert least - 1e-6 <= (inside.joint * c).sum() <= largest + 1e-6


@given(SEEDS, st.sampled_from([(2, 2), (3, 3), (2, 2, 2)]))
def test_every_nash_equilibrium_is_inside(seed, sizes):
    game = random_game(seed, sizes)
    for player in range(len(sizes)):
        least, largest = correlated_extremes(game, player)
        for one in all_n_player_nash(game):
            assert least - 1e-9 <= one.value[player] <= largest + 1e-9
            assert correlated_gains(game, one.joint).max() <= 1e-9


def test_a_correlated_equilibrium_may_be_outside_the_convex_hull_of_nash_equilibria():
    welfares = [one.value.sum() for one in all_n_player_nash(CHICKEN)]
    assert sorted(welfares) == pytest.approx([9.0, 9.0, 28 / 3])
    assert correlated_equilibrium(CHICKEN).welfare > max(welfares) + 1


def test_a_strictly_dominated_action_is_never_advised_but_a_coarse_law_may_use_it():
    game = NormalFormGame.symmetric([[0, 3, -1], [-1, 0, 3], [-2, -1, -1]])
    for objective in (0, 1, "welfare", "egalitarian"):
        assert correlated_equilibrium(game, objective).joint[2].max() <= 1e-9
    law = np.array([[1, 0, 0], [0, 0, 1], [0, 1, 0]]) / 3  # pays both one on average, as much as the best deviation
    assert correlated_gains(game, law, coarse=True).max() <= 1e-12
    assert correlated_equilibrium(game, np.arange(3)[:, None] // 2 * np.ones(3), coarse=True).joint[2].sum() > 0.3


@given(SEEDS)
def test_in_a_zero_sum_game_coarse_laws_have_the_value_and_optimal_marginals(seed):
    rng = np.random.default_rng(seed)
    game = NormalFormGame.zero_sum(rng.normal(size=(3, 4)))
    found = correlated_equilibrium(game, rng.normal(size=(3, 4)), coarse=True)
    p, q, A = found.joint.sum(axis=1), found.joint.sum(axis=0), game.payoffs[0]
    assert (A @ q).max() - (p @ A).min() <= marginals_gap(found.gains) + 1e-9
    assert (p @ A).min() - 1e-9 <= found.value[0] <= (A @ q).max() + 1e-9
    assert zero_sum_value_error(found.gains) <= 1e-9


def test_the_largest_entropy_of_shapleys_game_is_that_of_the_uniform_law():
    np.testing.assert_allclose(maximum_entropy_correlated(SHAPLEY).joint, 1 / 9, atol=1e-5)


@given(SEEDS, SIZES)
def test_no_law_has_more_entropy(seed, sizes):
    game = random_game(seed, sizes)
    largest = maximum_entropy_correlated(game)
    assert largest.exploitability <= 1e-6
    other = correlated_equilibrium(game, np.random.default_rng(seed).normal(size=sizes))

    def entropy(law):
        return -float((law[law > 0] * np.log(law[law > 0])).sum())

    assert entropy(largest.joint) >= entropy(0.9 * largest.joint + 0.1 * other.joint) - 1e-6


@pytest.mark.parametrize("scale", [1e-100, 1e100])
def test_payoffs_may_have_any_scale(scale):
    found = correlated_equilibrium(NormalFormGame([scale * u for u in CHICKEN.payoffs]))
    assert found.welfare == pytest.approx(10.5 * scale)
    assert found.exploitability <= 1e-9 * scale
    assert correlated_extremes(found.game)[1] == pytest.approx(10.5 * scale)


def test_a_player_who_does_not_care_is_no_obstacle():
    game = NormalFormGame([[[1.0, 2.0]], [[5.0, 5.0]]])
    found = correlated_equilibrium(game, 0)
    assert found.value[0] == pytest.approx(2.0)
    assert found.method == "HiGHS"
    assert mediated(game, found.joint, coarse=True, method="again").exploitability < 1e-12


@pytest.mark.parametrize(
    ("objective", "message"),
    [("fairness", "'welfare', 'egalitarian'"), (2, "players are 0..1"), (-1, "players are 0..1")],
)
def test_an_objective_that_is_none_is_named(objective, message):
    with pytest.raises(CriterionError, match=message):
        correlated_equilibrium(CHICKEN, objective)


def test_an_objective_of_another_shape_is_refused():
    with pytest.raises(ModelError, match=r"shape \(2, 2\)"):
        correlated_equilibrium(CHICKEN, np.zeros(3))


def test_the_least_payoff_is_only_maximised():
    with pytest.raises(CriterionError, match="only be maximised"):
        correlated_equilibrium(CHICKEN, "egalitarian", maximise=False)
    with pytest.raises(CriterionError, match="not linear"):
        correlated_extremes(CHICKEN, "egalitarian")


def test_a_game_too_large_for_the_program_is_refused_before_memory_is():
    with pytest.raises(ModelError, match=r"300 x 300 .* 53,820,000 coefficients"):
        correlated_equilibrium(NormalFormGame(np.zeros((2, 300, 300))))
