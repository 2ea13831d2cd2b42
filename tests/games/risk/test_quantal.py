from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from rltheory import ConvergenceWarning, CriterionError, ModelError
from rltheory.games import NormalFormGame, deviation_payoffs
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import (
    CVaR,
    Entropic,
    LogBarrier,
    MeanVariance,
    NegativeEntropy,
    ReverseEntropic,
    quantal_mirror_prox,
    quantal_profile,
    risk_averse_profile,
    risk_quantal_equilibrium,
)

# R1, R2, (epsilon_1, epsilon_2), (tau_1, tau_2), first probabilities.
GOLDEN = {
    "pennies": ([[200, 160], [370, 10]], [[160, 10], [200, 370]], (170, 110), (0.001, 0.06), (0.4680, 0.6542)),
    "game 1": ([[10, 0], [9, 10]], [[10, 18], [9, 8]], (0.21, 0.555), (0.1, 100), (0.0810, 0.6920)),
    "game 2": ([[9, 0], [6, 8]], [[4, 13], [7, 5]], (0.68, 10), (0.08, 2), (0.2142, 0.5245)),
    "game 3": ([[8, 0], [7, 10]], [[6, 14], [7, 4]], (0.216, 0.837), (0.1, 56), (0.1636, 0.7936)),
    "game 10": ([[7, 2], [5, 11]], [[6, 13], [6, 2]], (0.1, 2.11), (0.3, 20), (0.3663, 0.6993)),
    "game 11": ([[7, 2], [4, 10]], [[4, 11], [5, 1]], (0.172, 2.97), (0.1, 25), (0.3326, 0.6527)),
    "game 12": ([[7, 3], [3, 10]], [[3, 9], [5, 0]], (0.23, 5.74), (0.04, 19), (0.4344, 0.6042)),
}
PAIRS = [(Entropic, LogBarrier), (ReverseEntropic, NegativeEntropy)]


def golden(name):
    first, second, epsilon, tau, wanted = GOLDEN[name]
    game = NormalFormGame([first, second])
    return game, [Entropic(t) for t in tau], [LogBarrier(e) for e in epsilon], wanted


@pytest.mark.parametrize("name", GOLDEN)
def test_newton_finds_the_equilibria_of_the_experiments(name):
    game, aversion, penalty, wanted = golden(name)
    found = risk_quantal_equilibrium(game, aversion=aversion, penalty=penalty)
    np.testing.assert_allclose([p[0] for p in found.profile], wanted, atol=1e-4)
    assert found.exploitability < 1e-8


@pytest.mark.parametrize("name", GOLDEN)
def test_mirror_prox_comes_to_the_same_equilibria(name):
    game, aversion, penalty, wanted = golden(name)
    weights = bounds.player_weights([one.epsilon for one in penalty], [one.tau for one in aversion])
    found = quantal_mirror_prox(game, aversion=aversion, penalty=penalty, weights=weights, tol=1e-12)
    np.testing.assert_allclose([p[0] for p in found.profile], wanted, atol=1e-4)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_published_condition_holds_in_the_experiments(name):
    _, _, epsilon, tau, _ = GOLDEN[name]
    product = np.prod(epsilon) * np.prod(tau)
    assert product >= 0.99 * bounds.PUBLISHED_PRODUCT
    assert bounds.monotone_determinant(epsilon, tau) >= 0.748


def cost(x, game, i, other, aversion, penalty):
    """Return J_i of a 2 x 2 game at the strategy (x, 1 - x), with the worst law found by a search."""
    p = np.array([x, 1 - x])
    z = p @ game.opponents_view(i)
    tau = aversion.tau

    def feared(share):
        law = np.array([share, 1 - share])
        if isinstance(aversion, Entropic):
            return law @ z + (law * np.log(law / other)).sum() / tau
        return law @ z + (other * np.log(other / law)).sum() / tau

    worst = minimize_scalar(feared, bounds=(1e-14, 1 - 1e-14), method="bounded", options={"xatol": 1e-13}).fun
    entropy = -np.log(p).sum() if isinstance(penalty, LogBarrier) else (p * np.log(p)).sum()
    return -worst + penalty.epsilon * entropy


def least_cost(game, i, other, aversion, penalty):
    """Return the minimum of J_i, found by a search."""
    arguments = (game, i, other, aversion, penalty)
    return minimize_scalar(cost, (0, 1), (1e-9, 1 - 1e-9), arguments, method="bounded", options={"xatol": 1e-10})


@pytest.mark.parametrize(("aversion", "penalty"), PAIRS, ids=["relative-entropy", "reversed"])
def test_gains_bound_what_the_minimum_of_a_players_cost_is_below_it(aversion, penalty):
    rng = np.random.default_rng(0)
    for _ in range(5):
        game = NormalFormGame(rng.normal(size=(2, 2, 2)))
        fears, mistakes = aversion(float(rng.uniform(0.3, 2))), penalty(float(rng.uniform(0.1, 1)))
        profile = [rng.dirichlet([2, 2]), rng.dirichlet([2, 2])]
        judged = quantal_profile(game, profile, aversion=fears, penalty=mistakes, method="drawn")
        for i in range(2):
            here = cost(profile[i][0], game, i, profile[1 - i], fears, mistakes)
            least = least_cost(game, i, profile[1 - i], fears, mistakes).fun
            assert judged.value[i] == pytest.approx(-here, abs=1e-6)
            assert here - least <= judged.gains[i] + 1e-6
        exact = risk_quantal_equilibrium(game, aversion=fears, penalty=mistakes)
        for i in range(2):
            least = least_cost(game, i, exact.profile[1 - i], fears, mistakes)
            assert least.x == pytest.approx(exact.profile[i][0], abs=1e-4)


def entropy_gain(A, p, q, epsilon):
    """Return what the logit response gains over p against q, in 50 digits, of laws that sum to 1 in these."""
    with localcontext(prec=50):
        p, q = ([Decimal(float(x)) for x in law] for law in (p, q))
        p, q = ([x / sum(law) for x in law] for law in (p, q))
        g = [sum(Decimal(float(u)) * x for u, x in zip(row, q, strict=True)) for row in A]
        epsilon = Decimal(epsilon)
        best = epsilon * sum((x / epsilon).exp() for x in g).ln()
        return float(best - sum(x * (u - epsilon * x.ln()) for x, u in zip(p, g, strict=True)))


@pytest.mark.parametrize(("epsilon", "size"), [(1e6, 1e-3), (1e3, 1.0), (1.0, 1e3)])
def test_gains_hold_in_many_digits_however_large_the_penalty_is(epsilon, size):
    rng = np.random.default_rng(6)
    for nearly in (True, False) * 10:
        game = NormalFormGame(size * rng.normal(size=(2, 3, 3)))
        profile = [rng.dirichlet(np.full(3, 1e5 if nearly else 1.0)) for _ in range(2)]
        judged = quantal_profile(
            game, profile, aversion=MeanVariance(0.0), penalty=NegativeEntropy(epsilon), method="drawn"
        )
        for i in range(2):
            gain = entropy_gain(game.opponents_view(i), *(judged.profile[k] for k in (i, 1 - i)), epsilon)
            assert 0 <= gain <= judged.gains[i] <= gain + 1e-11 * (epsilon + size)


def test_mirror_prox_survives_actions_that_are_all_but_impossible():
    game = NormalFormGame(1000 * np.random.default_rng(0).normal(size=(2, 3, 3)))
    options = {"aversion": ReverseEntropic(0.01), "penalty": NegativeEntropy(1.0)}
    found = quantal_mirror_prox(game, **options)
    assert min(p.min() for p in found.profile) > 0
    assert found.exploitability < 0.01


@pytest.mark.parametrize(("aversion", "penalty"), PAIRS, ids=["relative-entropy", "reversed"])
def test_above_the_product_of_theory_all_starts_lead_to_one_equilibrium(aversion, penalty):
    rng = np.random.default_rng(1)
    game = NormalFormGame(3 * rng.normal(size=(2, 3, 4)))
    fears, mistakes = aversion(1.0), penalty(0.3)  # a product of 0.09 > 1/16
    found = [
        risk_quantal_equilibrium(
            game, aversion=fears, penalty=mistakes, start=[rng.dirichlet(np.ones(k)) for k in (3, 4)]
        )
        for _ in range(5)
    ]
    # Gains grow with the square of the distance, so that mirror-prox is exact to the root of its tolerance only.
    near = quantal_mirror_prox(game, aversion=fears, penalty=mistakes, tol=1e-12)
    for others, accuracy in ((found[1:], 1e-8), ([near], 1e-4)):
        for other in others:
            for p, q in zip(found[0].profile, other.profile, strict=True):
                np.testing.assert_allclose(p, q, atol=accuracy)


def test_without_fear_it_is_the_logit_quantal_response():
    game = NormalFormGame([[[9, 0], [0, 1]], [[0, 1], [1, 0]]])
    found = risk_quantal_equilibrium(game, aversion=MeanVariance(0.0), penalty=NegativeEntropy(1.0))
    np.testing.assert_allclose([p[0] for p in found.profile], [0.8936, 0.3128], atol=1e-4)
    for p, payoffs in zip(found.profile, deviation_payoffs(game, found.profile), strict=True):
        logit = np.exp(payoffs - payoffs.max())
        np.testing.assert_allclose(p, logit / logit.sum(), atol=1e-9)


def test_with_rare_mistakes_and_little_fear_it_is_nearly_risk_averse():
    tau, epsilon = 0.05, 1e-4
    game = NormalFormGame(np.random.default_rng(2).normal(size=(2, 3, 3)))
    found = risk_quantal_equilibrium(game, aversion=Entropic(tau), penalty=LogBarrier(epsilon))
    gains = risk_averse_profile(game, found.profile, gamma=tau / 2, method="").gains
    for gain, spread in zip(gains, game.payoff_ranges, strict=True):
        assert gain <= bounds.quantal_risk_averse_gain(tau, epsilon, 3, spread) + 1e-9


def test_three_players_have_certified_equilibria_too():
    game = NormalFormGame(np.random.default_rng(3).normal(size=(3, 2, 3, 2)))
    found = risk_quantal_equilibrium(game, aversion=Entropic(1.0), penalty=LogBarrier(0.2))
    assert found.exploitability < 1e-8
    assert found.concept == "risk-averse quantal response"


@pytest.mark.parametrize("penalty", [LogBarrier(0.3), NegativeEntropy(0.7)], ids=repr)
def test_responses_of_penalties_are_best_and_their_ceilings_are_reached(penalty):
    rng = np.random.default_rng(4)
    for _ in range(20):
        g = 3 * rng.normal(size=4)
        p = penalty.response(g)
        assert p.sum() == pytest.approx(1, abs=1e-14)
        assert g @ p - penalty.value(p) == pytest.approx(penalty.ceiling(g), abs=1e-11)
        others = rng.dirichlet(np.ones(4), size=30)
        assert max(g @ other - penalty.value(other) for other in others) <= penalty.ceiling(g)
        slope = penalty.slope(p) - g
        np.testing.assert_allclose(slope, slope.mean(), atol=1e-9)
        h = 1e-6
        bend = (penalty.slope(p * (1 + h)) - penalty.slope(p * (1 - h))) / (2 * h * p)
        np.testing.assert_allclose(bend, penalty.curvature(p), rtol=1e-6)


def test_conditions_for_one_equilibrium():
    assert bounds.monotone_determinant([1, 1], [1, 1]) == 0.75
    assert bounds.monotone_determinant([0.5, 0.5], [0.5, 0.5]) == 0
    assert bounds.monotone_determinant([0.4, 0.5], [0.5, 0.5]) < 0
    assert bounds.MONOTONE_PRODUCT_LOG_BARRIER < bounds.MONOTONE_PRODUCT < bounds.PUBLISHED_PRODUCT


def test_a_limit_on_rounds_warns():
    game, aversion, penalty, _ = golden("game 10")
    with pytest.warns(ConvergenceWarning, match=r"after 1 steps of mirror-prox"):
        quantal_mirror_prox(game, aversion=aversion, penalty=penalty, max_iterations=1)


def test_bad_questions_are_named():
    game = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    with pytest.raises(CriterionError, match=r"epsilon is 0; it is positive and finite"):
        LogBarrier(0)
    with pytest.raises(CriterionError, match=r"epsilon is -1"):
        NegativeEntropy(-1)
    with pytest.raises(CriterionError, match=r"tau is nan"):
        Entropic(np.nan)
    with pytest.raises(CriterionError, match=r"aversion is CVaR\(alpha=0.5\); it must be smooth"):
        risk_quantal_equilibrium(game, aversion=CVaR(0.5), penalty=LogBarrier(1.0))
    with pytest.raises(CriterionError, match=r"penalty is 0.1; it must be one, such as LogBarrier"):
        risk_quantal_equilibrium(game, aversion=Entropic(0.5), penalty=0.1)
    with pytest.raises(CriterionError, match=r"penalty has 3 entries; the game has 2 players"):
        risk_quantal_equilibrium(game, aversion=Entropic(0.5), penalty=[LogBarrier(1.0)] * 3)
    with pytest.raises(CriterionError, match=r"weights are 0; they must be positive"):
        quantal_mirror_prox(game, aversion=Entropic(0.5), penalty=LogBarrier(1.0), weights=0)
    with pytest.raises(ModelError, match=r"player 1 plays action 0 with probability 0; penalties forbid it"):
        quantal_profile(game, [[0.5, 0.5], [0, 1]], aversion=Entropic(0.5), penalty=LogBarrier(1.0), method="")
