"""Conservative policy updates: what a small step gains at least, in spite of the change of the visited states."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, stochastic_policies
from proofs_check import oracles
from proofs_check.approximation.residuals import visits
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
STEPS = st.sampled_from([1.0, 0.5, 0.1, 0.01])
MODELS = discounted_mdps(max_states=3)
TWO_POLICIES = paired(MODELS, stochastic_policies, stochastic_policies)


def _stochastic(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    return np.eye(mdp.n_actions)[policy] if policy.ndim == 1 else policy


def _advantages(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    v = oracles.exact_policy_value(mdp, policy)
    return oracles.action_values(mdp, v) - v[mdp.pair_state]


def _mean_advantage(mdp: MDP, policy: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The advantage of the other policy's actions, averaged in each state."""
    return oracles.mix(mdp, oracles.pair_weights(mdp, other)) @ _advantages(mdp, policy)


def _shift(policy: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Total variation between two policies in each state."""
    return np.abs(policy - other).sum(axis=1) / 2


def _shortfall(mdp: MDP, policy: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """What the other policy gains less than its advantage on the visits of the first promises; size of the numbers."""
    promised = visits(mdp, policy) @ _mean_advantage(mdp, policy, other) / (1 - mdp.gamma)
    values = [mdp.mu @ oracles.exact_policy_value(mdp, one) for one in (other, policy)]
    return float(promised - values[0] + values[1]), sup([promised, *values])


def _mixture(mdp: MDP, policy: np.ndarray, other: np.ndarray, alpha: float) -> Check:
    policy, other = _stochastic(mdp, policy), _stochastic(mdp, other)
    shortfall, scale = _shortfall(mdp, policy, (1 - alpha) * policy + alpha * other)
    advantage = sup(_mean_advantage(mdp, policy, other))
    return Check(shortfall, bounds.mixture_shortfall(mdp.gamma, alpha, advantage), scale)


def _trap(gamma: float, alpha: float) -> tuple[MDP, np.ndarray, np.ndarray, float]:
    return *mdps.mixture_trap(gamma), alpha


conservative_mixture = Theorem(
    name="conservative-mixture",
    statement=(
        r"$J(\pi_\alpha) - J(\pi) \ge \alpha H \mathbb{A} - \frac{2 \alpha^2 \gamma \varepsilon H}{1 - \gamma "
        r"(1-\alpha)}$ for $\pi_\alpha = (1-\alpha) \pi + \alpha \pi'$, where $\mathbb{A}$ is the mean over $d^\pi$ of "
        r"$\sum_a \pi'(a|s) A^\pi(s,a)$, and $\varepsilon$ its largest absolute value."
    ),
    source="kakade2002, Theorem 4.1",
    assumptions=r"$0 \le \alpha \le 1$, stationary policies; compared is what is missing from $\alpha H \mathbb{A}$",
    instances=paired(MODELS, stochastic_policies, stochastic_policies, lambda _: STEPS)
    | st.builds(_trap, DISCOUNTS, STEPS),
    check=_mixture,
    refutable=scaled(_mixture),
    tight=lambda: _mixture(*_trap(gamma=0.9, alpha=0.1)),
    tight_ratio=0.999999,
    attained_by="`mdps.mixture_trap`, an improvement that leads to where it does harm,",
)


def _trust_region(mdp: MDP, policy: np.ndarray, other: np.ndarray) -> Check:
    shortfall, scale = _shortfall(mdp, policy, other)
    own = oracles.pair_weights(mdp, policy) + oracles.pair_weights(mdp, other) > 0
    advantage = sup(np.where(own, _advantages(mdp, policy), 0.0))
    promised = bounds.trust_region_shortfall(mdp.gamma, float(_shift(policy, other).max()), advantage)
    return Check(shortfall, promised, scale)


SMALL_SHIFTS = st.sampled_from([1e-4, 1e-3])

trust_region = Theorem(
    name="trust-region",
    statement=(
        r"$J(\pi') - J(\pi) \ge H \mathbb{A} - 4 \gamma H^2 \alpha^2 \max |A^\pi|$, where $\alpha$ is the largest "
        r"total variation between $\pi$ and $\pi'$ in a state, and $\mathbb{A}$ the mean over $d^\pi$ of "
        r"$\sum_a \pi'(a|s) A^\pi(s,a)$."
    ),
    source="schulman2015, Theorem 1",
    assumptions=(
        r"stationary policies; the maximum is over actions that one of them takes. Derived again here: $|\sum_a (\pi' "
        r"- \pi) A| \le 2 \alpha \max |A|$, and the laws of the state at time $t$ differ by at most $1 - (1-\alpha)^t$"
    ),
    instances=TWO_POLICIES | st.builds(mdps.trust_region_trap, DISCOUNTS, SMALL_SHIFTS, st.just(1e4)),
    check=_trust_region,
    refutable=scaled(_trust_region),
    tight=lambda: _trust_region(*mdps.trust_region_trap(gamma=0.9, shift=1e-4, advantage=1e4)),
    tight_ratio=0.99,
    attained_by="`mdps.trust_region_trap`, a little probability that is shifted from a great loss to a great gain,",
)


def _visited_shift(mdp: MDP, policy: np.ndarray, other: np.ndarray) -> Check:
    shortfall, scale = _shortfall(mdp, policy, other)
    mean_shift = float(visits(mdp, policy) @ _shift(policy, other))
    advantage = sup(_mean_advantage(mdp, policy, other))
    return Check(shortfall, bounds.visited_shift_shortfall(mdp.gamma, mean_shift, advantage), scale)


def _small_mixture(gamma: float, alpha: float) -> tuple[MDP, np.ndarray, np.ndarray]:
    """The trap of mixtures, with a large advantage and a small step."""
    mdp, policy, other = mdps.mixture_trap(gamma, advantage=1e4)
    policy, other = _stochastic(mdp, policy), _stochastic(mdp, other)
    return mdp, policy, (1 - alpha) * policy + alpha * other


visited_shift = Theorem(
    name="trust-region-visited",
    statement=(
        r"$J(\pi') - J(\pi) \ge H \mathbb{A} - 2 \gamma H^2 \varepsilon\, \mathbb{E}_{d^\pi} \mathrm{TV}(\pi, \pi')$, "
        r"where $\mathbb{A}$ is the mean over $d^\pi$ of $\sum_a \pi'(a|s) A^\pi(s,a)$, and $\varepsilon$ its largest "
        r"absolute value: only the shift in visited states counts."
    ),
    source="achiam2017, Corollary 1",
    assumptions=(
        r"stationary policies. Derived again here: $\|d^{\pi'} - d^\pi\|_1 \le 2 \gamma H\, \mathbb{E}_{d^\pi} "
        r"\mathrm{TV}(\pi, \pi')$"
    ),
    instances=TWO_POLICIES | st.builds(_small_mixture, DISCOUNTS, SMALL_SHIFTS),
    check=_visited_shift,
    refutable=scaled(_visited_shift),
    tight=lambda: _visited_shift(*_small_mixture(gamma=0.9, alpha=1e-4)),
    tight_ratio=0.999,
    attained_by="`mdps.mixture_trap` with a large advantage and a small step",
)

THEOREMS = (conservative_mixture, trust_region, visited_shift)
