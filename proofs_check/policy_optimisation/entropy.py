"""Entropy as a reward: what it costs, what it measures, and how fast one climbs with it."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, paired
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.policy_optimisation import oracles as climbing
from proofs_check.policy_optimisation.instances import MODELS, nearly, positive_policies
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.policy_optimisation import bounds, entropy_policy_gradient

DISCOUNTS = st.sampled_from(GAMMAS)
TEMPERATURES = st.sampled_from([0.1, 1.0, 0.02])


def _indifferent(gamma: float) -> tuple[MDP, float]:
    """Two actions alike: all that one can do is to be undecided."""
    return MDP.from_pairs([[1.0], [1.0]], [0.0, 0.0], gamma, n_actions=2), 1.0


def _bias(mdp: MDP, tau: float) -> Check:
    gain = climbing.soft_optimum(mdp, tau)[0] - oracles.lp_value(mdp)
    return Check.everywhere([gain, -gain], [[bounds.entropy_bias(mdp.gamma, mdp.n_actions, tau)], [0.0]])


entropy_bias = Theorem(
    name="entropy-bias",
    statement=r"$0 \le v^*_\tau - v^* \le \tau H \ln|A|$.",
    source="cen2022; derived here",
    assumptions=r"$\tau > 0$; the entropy of a policy is between 0 and $\ln|A|$ in every step",
    instances=st.tuples(MODELS, TEMPERATURES) | DISCOUNTS.map(_indifferent),
    check=_bias,
    refutable=scaled(_bias),
    tight=lambda: _bias(*_indifferent(0.9)),
    tight_ratio=0.999999,
    attained_by="Two actions alike",
)


def _soft_policy(mdp: MDP, tau: float) -> np.ndarray:
    return oracles.policy_of(mdp, np.exp(climbing.soft_optimum(mdp, tau)[1]))


def _soft_loss(mdp: MDP, tau: float) -> Check:
    loss = sup(oracles.lp_value(mdp) - oracles.exact_policy_value(mdp, _soft_policy(mdp, tau)))
    return Check(loss, bounds.entropy_bias(mdp.gamma, mdp.n_actions, tau))


def _drawn_away(gamma: float = 0.9999) -> tuple[MDP, float]:
    """A state that earns a little less than the entropy of a worthless choice is worth, and a way to either."""
    earns = np.log(2) - 10 * (1 - gamma)
    P = [[0, 1.0, 0], [0, 0, 1.0], [0, 1.0, 0], [0, 0, 1.0], [0, 0, 1.0]]
    return MDP.from_pairs(P, [0, 0, earns, 0, 0], gamma, pair_start=[0, 2, 3, 5]), 1.0


entropy_loss = Theorem(
    name="entropy-loss",
    statement=r"$v^* - v^{\pi_\tau} \le \tau H \ln|A|$ for the policy $\pi_\tau$ that is optimal with entropy.",
    source="cen2022; derived here",
    assumptions=r"$\tau > 0$. By $v^{\pi_\tau} \ge v^*_\tau - \tau H \ln|A|$ and $v^*_\tau \ge v^*$",
    instances=st.tuples(MODELS, TEMPERATURES) | st.just(_drawn_away()),
    check=_soft_loss,
    refutable=scaled(_soft_loss),
    tight=lambda: _soft_loss(*_drawn_away()),
    tight_ratio=0.998,
    attained_by="A choice between a state that earns and one that offers a worthless choice",
)


def _divergence(mdp: MDP, policy: np.ndarray, tau: float, reversed_: bool = False) -> Check:
    optimum, logs = climbing.soft_optimum(mdp, tau)
    weights = oracles.pair_weights(mdp, policy)
    ratio = np.log(weights) - logs
    share = -np.exp(logs) if reversed_ else weights
    divergence = np.add.reduceat(share * ratio, mdp.pair_start[:-1])
    gap = mdp.mu @ (optimum - climbing.soft_policy_value(mdp, policy, tau))
    return Check.equal(gap, tau / (1 - mdp.gamma) * climbing.state_visits(mdp, policy) @ divergence)


entropy_divergence = Theorem(
    name="entropy-divergence",
    statement=(
        r"$\mu v^*_\tau - \mu v^\pi_\tau = \tau H\, \mathbb{E}_{s \sim d^\pi_\mu} \mathrm{KL}(\pi(\cdot|s) \,\|\, "
        r"\pi_\tau(\cdot|s))$: the loss is a distance from the optimal policy."
    ),
    source="mei2020; derived here",
    assumptions=r"$\tau > 0$. By $q^*_\tau - v^*_\tau = \tau \ln \pi_\tau$ and performance-difference",
    instances=paired(MODELS, positive_policies, lambda _: TEMPERATURES)
    | DISCOUNTS.map(lambda gamma: (_indifferent(gamma)[0], np.array([[0.9, 0.1]]), 1.0)),
    check=_divergence,
    refutable=lambda mdp, policy, tau: _divergence(mdp, policy, tau, reversed_=True),  # false: the other way round
)


def _rate(mdp: MDP, policy: np.ndarray, tau: float, share: float, iterations: int) -> Check:
    step = share * (1 - mdp.gamma) / tau
    run = entropy_policy_gradient(mdp, tau=tau, iterations=iterations, step=step, policy=policy)
    optimum, logs = climbing.soft_optimum(mdp, tau)
    start, reached = (
        mdp.gamma * sup(mdp.P.toarray() @ (optimum - climbing.soft_policy_value(mdp, one, tau)))
        for one in (run.policies[0], run.policies[-1])
    )
    distance = sup(logs - np.log(oracles.pair_weights(mdp, policy)))
    return Check(reached, bounds.entropy_gradient_error(mdp.gamma, tau, step, iterations, start, distance))


def _cold_corridor(gamma: float, iterations: int) -> tuple[MDP, np.ndarray, float, float, int]:
    """A corridor in which good news travels one state a step, so cold that a bribe against it outweighs entropy."""
    mdp, policy = mdps.slow_policy_iteration(gamma, iterations + 1)
    bribed = np.arange(mdp.n_pairs) == mdp.pair_start[mdp.pair_state]
    mdp = mdp.replace(r=np.where(bribed & (mdp.pair_state > 1), 1e-4, mdp.r))
    return mdp, nearly(mdp, policy), 1e-8, 1.0, iterations


def _far_start() -> tuple[MDP, np.ndarray, float, float, int]:
    """One state, and a policy so far off that after half of the largest step it still takes the worse action."""
    mdp = MDP.from_arrays([[[1.0], [1.0]]], [[1.0, 0.0]], gamma=0.25)
    return mdp, np.array([[np.exp(-310.0), 1.0]]), 1 / 300, 0.5, 1


entropy_rate = Theorem(
    name="entropy-gradient-rate",
    statement=(
        r"$\|q^*_\tau - q^{\pi_t}_\tau\| \le \gamma (1 - \eta\tau)^{t-1} \big(\|q^*_\tau - q^{\pi_0}_\tau\| + "
        r"2\tau (1 - \eta\tau H) \|\ln \pi_\tau - \ln \pi_0\|\big)$ for the natural gradient with entropy; for soft "
        r"policy iteration, $\eta = 1/(\tau H)$, the rate is $\gamma^t$."
    ),
    source="cen2022, Theorem 1",
    assumptions=(
        r"$0 < \eta \le 1/(\tau H)$, $\pi_0 > 0$, $t \ge 1$. Derived again here: with $\alpha = 1 - \eta\tau H$, "
        r"weights $\tau \ln \xi_{t+1} = \alpha \tau \ln \xi_t + (1-\alpha) q_t$ and $Z = \|q_0 - \tau \ln \xi_0\|$, "
        r"the number $\alpha \|q^* - \tau \ln \xi_t\| + (1-\alpha) \|q^* - q_t\| + \alpha^{t+1} Z$ shrinks by "
        r"$\alpha + \gamma (1-\alpha) = 1 - \eta\tau$, and $\gamma$ times it bounds the next error"
    ),
    instances=paired(
        MODELS,
        positive_policies,
        lambda _: TEMPERATURES,
        lambda _: st.sampled_from([1.0, 0.5, 0.1]),
        lambda _: st.integers(1, 6),
    )
    | st.builds(_cold_corridor, DISCOUNTS, st.integers(1, 4))
    | st.just(_far_start()),
    check=_rate,
    refutable=scaled(_rate),
    tight=lambda: _rate(*_cold_corridor(0.9, 4)),
    tight_ratio=0.999,
    attained_by="A cold corridor in which good news travels one state a step",
)

THEOREMS = (entropy_bias, entropy_loss, entropy_divergence, entropy_rate)
