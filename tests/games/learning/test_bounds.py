import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from rltheory.games.bounds import learning, preference


@pytest.mark.parametrize(
    ("regret", "step"),
    [(learning.hedge_regret, learning.hedge_step), (learning.swap_hedge_regret, learning.swap_hedge_step)],
    ids=["external", "swap"],
)
@pytest.mark.parametrize(("n", "rounds"), [(2, 10), (7, 1000)])
def test_the_best_step_minimises_the_bound_on_regret(regret, step, n, rounds):
    best = minimize_scalar(lambda x: regret(n, rounds, np.exp(x)), bracket=(-5, 1))
    assert step(n, rounds) == pytest.approx(np.exp(best.x), rel=1e-4)
    assert regret(n, rounds) == pytest.approx(best.fun)


def test_where_there_is_one_action_there_is_nothing_to_regret():
    assert learning.hedge_regret(1, 10) == learning.swap_hedge_regret(1, 10) == 0
    assert learning.regret_matching_regret(1, 10) == 0
    assert learning.hedge_step(1, 10) == learning.swap_hedge_step(1, 10) == 1
    assert learning.replicator_regret(1.0) == 0


def test_the_schedule_of_inpo_multiplies_its_factors():
    tau, first, t = 0.3, preference.inpo_first(0.3), 40
    etas = [tau * (s + 2) / 2 for s in range(first, t)]
    assert etas[0] >= preference.inpo_eta(tau) > tau * (first + 1) / 2
    product = np.prod([preference.inpo_factor(tau, eta) for eta in etas])
    assert preference.inpo_kl(2.0, first, t) == pytest.approx(2 * product)


@pytest.mark.parametrize("tau", [0.1, 1.0, 4.0])
def test_the_rate_of_nash_md_follows_from_its_steps(tau):
    kl = preference.nash_md_kl(1e6, tau, 1 / tau)  # the first step forgets where it came from
    for t in range(1, 50):
        assert kl <= preference.nash_md_last_kl(tau, t)
        kl = preference.nash_md_kl(kl, tau, 2 / (tau * (t + 2)))
