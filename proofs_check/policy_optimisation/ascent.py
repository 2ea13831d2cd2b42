"""How fast one climbs: the natural gradient, and mirror descent with steps that grow."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, paired
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.policy_optimisation.instances import MODELS, bandit, nearly, positive_policies
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.policy_optimisation import bounds, mirror_descent, natural_policy_gradient

DISCOUNTS = st.sampled_from(GAMMAS)
STEPS = st.sampled_from([0.01, 0.1, 1.0, 10.0])
ITERATIONS = st.integers(1, 8)


def _values(mdp: MDP, policies: np.ndarray) -> np.ndarray:
    return np.array([oracles.exact_policy_value(mdp, policy) for policy in policies])


def _rises(mdp: MDP, policy: np.ndarray, step: float) -> Check:
    v = _values(mdp, natural_policy_gradient(mdp, step=step, iterations=4, policy=policy).policies)
    return Check.everywhere(v[:-1], v[1:])


natural_rises = Theorem(
    name="natural-gradient-rises",
    statement=(
        r"$v^{\pi_{t+1}} \ge v^{\pi_t}$ in every state, for $\pi_{t+1} \propto \pi_t\, e^{\eta H A^{\pi_t}}$ and every "
        r"step $\eta > 0$."
    ),
    source="agarwal2021, Lemma 17",
    assumptions=(
        r"$\pi_0 > 0$. Derived again here: weights that grow with $A^\pi$ make $\sum_a \pi_{t+1}(a|s) A^{\pi_t}(s,a) "
        r"\ge 0$, and performance-difference does the rest"
    ),
    instances=paired(MODELS, positive_policies, lambda _: STEPS),
    check=_rises,
    refutable=scaled(_rises, rhs=0.99),  # false: that it grows by a hundredth
    tight=lambda: _rises(mdps.single_state(gamma=0.9), np.array([[1.0]]), 1.0),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _natural_loss(mdp: MDP, policy: np.ndarray, step: float, iterations: int) -> Check:
    run = natural_policy_gradient(mdp, step=step, iterations=iterations, policy=policy)
    optimum = oracles.lp_value(mdp)
    least = float(policy[np.arange(mdp.n_states), oracles.greedy(mdp, optimum)].min())
    loss = sup(optimum - oracles.exact_policy_value(mdp, run.policies[-1]))
    return Check(loss, bounds.natural_gradient_loss(mdp.gamma, mdp.n_actions, step, iterations, least))


def _hardly_ever(rest: float = 1e-300, gamma: float = 0.5, iterations: int = 60) -> tuple[MDP, np.ndarray, float, int]:
    """A good action that is hardly ever taken, and a step that is about to find it."""
    step = -0.99 * np.log(rest) * (1 - gamma) / iterations
    return bandit(2, gamma), np.array([[rest, 1.0]]), step, iterations


natural_loss = Theorem(
    name="natural-gradient-loss",
    statement=(
        r"$v^* - v^{\pi_t} \le \frac{1}{\eta t} \max_s \ln\frac{1}{\pi_0(a^*(s)|s)} + \frac{H^2}{t}$ for the natural "
        r"gradient, with $\ln|A|$ from the uniform policy: neither the number of states nor the start distribution "
        r"enters."
    ),
    source="agarwal2021, Theorem 16 (from the uniform policy)",
    assumptions=(
        r"rewards in $[0, 1]$, $\eta > 0$. Derived again here: by performance-difference $\pi_t$ loses "
        r"$\frac1\eta \mathbb{E}_{d^{\pi^*}}[\mathrm{KL}(\pi^* \| \pi_t) "
        r"- \mathrm{KL}(\pi^* \| \pi_{t+1}) + \ln Z_t]$; "
        r"$\mathbb{E}_\nu \ln Z_t \le \eta H\, (\nu v^{\pi_{t+1}} - \nu v^{\pi_t})$ for every $\nu$, both telescope, "
        r"and the last policy is the best"
    ),
    instances=paired(MODELS, positive_policies, lambda _: STEPS, lambda _: ITERATIONS) | st.just(_hardly_ever()),
    check=_natural_loss,
    refutable=scaled(_natural_loss),
    tight=lambda: _natural_loss(*_hardly_ever(iterations=300)),
    tight_ratio=0.96,
    attained_by="A good action that is hardly ever taken, about to be found,",
)


def _mirror(mdp: MDP, policy: np.ndarray, c0: float, iterations: int) -> Check:
    run = mirror_descent(mdp, iterations=iterations, c0=c0, policy=policy)
    start, reached = _values(mdp, run.policies[[0, -1]])
    optimum = oracles.lp_value(mdp)
    return Check(sup(optimum - reached), bounds.mirror_descent_error(mdp.gamma, iterations, c0, sup(optimum - start)))


def _corridor(gamma: float, iterations: int) -> tuple[MDP, np.ndarray, float, int]:
    """A corridor in which good news travels one state a step, and errors that are next to nothing."""
    mdp, policy = mdps.slow_policy_iteration(gamma, iterations)
    return mdp, nearly(mdp, policy), 1e-6, iterations


mirror_rate = Theorem(
    name="mirror-descent-rate",
    statement=(
        r"$\|v^* - v^{\pi_k}\| \le \gamma^k \big(\|v^* - v^{\pi_0}\| + (1 - \gamma^k) H c_0\big)$ for policy mirror "
        r"descent with the steps $\eta_k = \max_s \mathrm{KL}(\text{greedy} \| \pi_k) / (\gamma^{2k+1} c_0)$."
    ),
    source="derived here; johnson2023; xiao2022",
    assumptions=(
        r"$0 < \gamma < 1$, $\pi_0 > 0$. The step loses $\mathrm{KL}/\eta_k \le \gamma^{2k+1} c_0$ against the greedy "
        r"one, so that $v^{\pi_{k+1}} \ge T_{\pi_{k+1}} v^{\pi_k} \ge T v^{\pi_k} - \gamma^{2k+1} c_0$; sum up"
    ),
    instances=paired(MODELS, positive_policies, lambda _: st.sampled_from([0.01, 1.0, 100.0]), lambda _: ITERATIONS)
    | st.builds(_corridor, DISCOUNTS, st.integers(1, 5)),
    check=_mirror,
    refutable=scaled(_mirror),
    tight=lambda: _mirror(*_corridor(0.9, 5)),
    tight_ratio=0.999,
    attained_by="`mdps.slow_policy_iteration`, a corridor in which good news travels one state a step,",
)

THEOREMS = (natural_rises, natural_loss, mirror_rate)
