"""The total variance lemma and its parts: why sample sizes grow with $H^3$ and not with $H^4$."""

from __future__ import annotations

import math
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, paired, policies, stochastic_policies, unit_reward_mdps
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds


def _next_value_variance(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """The policy's average of the variance of v(s') over the next state, in each state."""
    v, P = oracles.exact_policy_value(mdp, policy), mdp.P.toarray()
    variances = P @ v**2 - (P @ v) ** 2
    return oracles.mix(mdp, oracles.pair_weights(mdp, policy)) @ np.maximum(variances, 0.0)


def _leak(gamma: float) -> tuple[MDP, np.ndarray]:
    """Reward 1 until a leak into nothing, at the probability that makes the deviations add up to most."""
    return mdps.leaky_reward(gamma, (1 - gamma) / 3)[1], np.zeros(2, dtype=int)


def _lasting_coin(gamma: float) -> tuple[MDP, np.ndarray]:
    """The instance and its one policy."""
    return mdps.lasting_coin(gamma), np.zeros(3, dtype=int)


LEAKS = st.sampled_from(GAMMAS).map(_leak)


def _total_deviation(mdp: MDP, policy: np.ndarray) -> Check:
    P, _ = oracles.chain(mdp, policy)
    deviation = np.sqrt(_next_value_variance(mdp, policy))
    return Check(sup(oracles.discounted_sum(P, mdp.gamma, deviation)), bounds.total_deviation(mdp.gamma))


def _without_root_of_horizon(mdp: MDP, policy: np.ndarray) -> Check:
    true = _total_deviation(mdp, policy)
    return replace(true, rhs=true.rhs * math.sqrt(1 - mdp.gamma))


total_deviation = Theorem(
    name="total-variance",
    statement=(
        r"$\|(I - \gamma P_\pi)^{-1} \sigma_\pi\| \le \sqrt{2 H^3}$, where $\sigma_\pi^2(s) = \sum_a \pi(a|s)\, "
        r"\mathrm{Var}_{s' \sim P_{sa}} v^\pi(s')$: not $H^2$, although each $\sigma$ may be of order $H$."
    ),
    source="azar2013; szepesvari2022, lecture 18",
    assumptions=r"rewards in $[0, 1]$",
    instances=paired(unit_reward_mdps(max_states=3), stochastic_policies) | LEAKS,
    check=_total_deviation,
    refutable=_without_root_of_horizon,  # false: of order H
)


def _total_deviation_known(mdp: MDP, policy: np.ndarray) -> Check:
    known = bounds.total_deviation_known_rewards(mdp.gamma)
    return replace(_total_deviation(mdp, policy), rhs=known)


total_deviation_known = Theorem(
    name="total-variance-known-rewards",
    statement=(
        r"$\|(I - \gamma P_\pi)^{-1} \sigma_\pi\| \le \frac{1}{2} \sqrt{(1+\gamma) H^3}$: at most half of the "
        r"general bound."
    ),
    source="derived here",
    assumptions=(
        r"rewards in $[0, 1]$, $\pi$ any policy. From accumulated-deviation and return-variance, whose bound also "
        r"holds once the first action is drawn: $\sigma_\pi$ knows only the mean of a reward, and what the policy "
        r"draws later on adds to the variance of the return, not to $\sigma_\pi$"
    ),
    instances=paired(unit_reward_mdps(max_states=3), stochastic_policies)
    | LEAKS
    | st.sampled_from([1e-3, 0.01, 0.1]).map(_lasting_coin),
    check=_total_deviation_known,
    refutable=scaled(_total_deviation_known),
    tight=lambda: _total_deviation_known(*_lasting_coin(1e-3)),
    tight_ratio=0.999,
    attained_by="A coin that decides about all rewards, with a small discount,",
)


def _accumulated(mdp: MDP, policy: np.ndarray, sigma: np.ndarray) -> Check:
    P, _ = oracles.chain(mdp, policy)
    variances = oracles.discounted_sum(P, mdp.gamma**2, sigma**2)
    deviations = oracles.discounted_sum(P, mdp.gamma, sigma)
    return Check(sup(deviations), bounds.accumulated_deviation(mdp.gamma, sup(variances)))


def _deviations(mdp: MDP) -> st.SearchStrategy[np.ndarray]:
    """Non-negative numbers, one for each state, sometimes all alike."""
    size = mdp.n_states
    anywhere = st.lists(st.floats(0, 1), min_size=size, max_size=size).map(np.array)
    return anywhere | st.floats(0.1, 1).map(lambda sigma: np.full(size, sigma))


accumulated_deviation = Theorem(
    name="accumulated-deviation",
    statement=(
        r"$\|(I - \gamma P)^{-1} \sigma\|^2 \le \frac{1+\gamma}{1-\gamma} \|(I - \gamma^2 P)^{-1} \sigma^2\|$ for "
        r"every $\sigma \ge 0$."
    ),
    source="derived here",
    assumptions=(
        r"$P$ a stochastic matrix; compared are the square roots of both sides. By the inequality of Cauchy and "
        r"Schwarz along a path, then on average"
    ),
    instances=paired(discounted_mdps(max_states=3), stochastic_policies, _deviations),
    check=_accumulated,
    refutable=scaled(_accumulated),
    tight=lambda: _accumulated(mdps.coin_flips(gamma=0.9), np.zeros(2, dtype=int), np.full(2, 0.5)),
    tight_ratio=0.999999,
    attained_by="`mdps.coin_flips`, a fair coin at every step,",
)


def _return_variance(mdp: MDP, policy: np.ndarray) -> np.ndarray:
    """Variance of the return, by the Bellman equation of its second moment."""
    P, r = oracles.chain(mdp, policy)
    v = oracles.exact_policy_value(mdp, policy)
    second_moment = oracles.discounted_sum(P, mdp.gamma**2, r**2 + 2 * mdp.gamma * r * (P @ v))
    return second_moment - v**2


def _variance_equation(mdp: MDP, policy: np.ndarray, power: int = 2) -> Check:
    P, _ = oracles.chain(mdp, policy)
    steps = oracles.discounted_sum(P, mdp.gamma**2, _next_value_variance(mdp, policy))
    # The second moment is of the order of the squared value, and so is the rounding of the left side.
    identity = Check.equal(_return_variance(mdp, policy), mdp.gamma**power * steps)
    return replace(identity, scale=identity.scale + sup(oracles.exact_policy_value(mdp, policy)) ** 2)


variance_equation = Theorem(
    name="return-variance-equation",
    statement=(
        r"$\mathrm{Var}(\text{return}) = \gamma^2 (I - \gamma^2 P_\pi)^{-1} \sigma_\pi^2$, with "
        r"$\sigma_\pi^2(s) = \mathrm{Var}_{s' \sim P_\pi(s)} v^\pi(s')$."
    ),
    source="sobel1982",
    assumptions=r"$\pi$ deterministic, rewards known",
    instances=paired(discounted_mdps(max_states=3), policies),
    check=_variance_equation,
    refutable=lambda mdp, policy: _variance_equation(mdp, policy, power=1),  # false: with one discount less
)


def _return_variance_bound(mdp: MDP, policy: np.ndarray) -> Check:
    variance = float(_return_variance(mdp, policy).max())
    return Check(variance, bounds.return_variance(mdp.gamma), scale=sup(oracles.exact_policy_value(mdp, policy)) ** 2)


return_variance = Theorem(
    name="return-variance",
    statement=r"$\mathrm{Var}(\text{return}) \le \gamma^2 H^2 / 4$.",
    source="derived here",
    assumptions=(
        r"$\pi$ deterministic, rewards known and in $[0, 1]$. By Popoviciu's inequality for the return after the first "
        r"reward, which is in $[0, \gamma H]$"
    ),
    instances=paired(unit_reward_mdps(max_states=3), policies) | st.sampled_from(GAMMAS).map(_lasting_coin),
    check=_return_variance_bound,
    refutable=scaled(_return_variance_bound),
    tight=lambda: _return_variance_bound(*_lasting_coin(0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.lasting_coin`, a fair coin that decides between all and nothing for ever,",
)

THEOREMS = (
    variance_equation,
    return_variance,
    accumulated_deviation,
    total_deviation,
    total_deviation_known,
)
