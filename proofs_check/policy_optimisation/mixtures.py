"""Mixtures of policies: their value is an average of regrets, and Politex regrets little."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from mdps.strategies import discounted_mdps, paired, stochastic_policies
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.policy_optimisation.instances import MODELS, bandit
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.policy_optimisation import bounds, politex

ROUNDS = st.integers(1, 12)


def _mixture_value(mdp: MDP, policies: list[np.ndarray]) -> np.ndarray:
    return np.mean([oracles.exact_policy_value(mdp, policy) for policy in policies], axis=0)


def _identity(mdp: MDP, policies: list[np.ndarray], best: np.ndarray, visits_of: np.ndarray) -> Check:
    values = [oracles.exact_policy_value(mdp, policy) for policy in policies]
    q = [oracles.action_values(mdp, v) for v in values]
    own = [oracles.mix(mdp, oracles.pair_weights(mdp, policy)) for policy in policies]
    other = oracles.mix(mdp, oracles.pair_weights(mdp, best))
    regret = np.sum([(other - mine) @ one for mine, one in zip(own, q, strict=True)], axis=0)
    P, _ = oracles.chain(mdp, visits_of)
    gained = oracles.exact_policy_value(mdp, best) - np.mean(values, axis=0)
    return Check.equal(gained, oracles.discounted_sum(P, mdp.gamma, regret) / len(policies))


def _several(mdp: MDP) -> st.SearchStrategy[list[np.ndarray]]:
    return st.lists(stochastic_policies(mdp), min_size=1, max_size=4)


mixture_identity = Theorem(
    name="mixture-identity",
    statement=(
        r"$v^\pi - v^{\mathrm{mix}} = \frac1k (I - \gamma P_\pi)^{-1} \sum_j (M_\pi q^{\pi_j} - M_{\pi_j} q^{\pi_j})$: "
        r"what the mixture of $\pi_1, \dots, \pi_k$ loses are the regrets in the states, added up along $\pi$."
    ),
    source="szepesvari2022, lecture 14",
    assumptions=r"$M_\pi q\,(s) = \sum_a \pi(a|s) q(s,a)$; the mixture draws a policy and keeps it",
    instances=paired(discounted_mdps(max_states=3), _several, stochastic_policies),
    check=lambda mdp, several, best: _identity(mdp, several, best, visits_of=best),
    # False: along the first policy of the mixture.
    refutable=lambda mdp, several, best: _identity(mdp, several, best, visits_of=several[0]),
)


def _politex(mdp: MDP, rounds: int) -> Check:
    run = politex(mdp, iterations=rounds)
    loss = sup(oracles.lp_value(mdp) - _mixture_value(mdp, list(run.policies)))
    return Check(loss, bounds.politex_loss(mdp.gamma, mdp.n_actions, rounds))


def _bad_start() -> tuple[MDP, int]:
    """One good action among four, and a single round, which is played before anything is known."""
    return bandit(4, 0.0), 1


politex_loss = Theorem(
    name="politex-loss",
    statement=(
        r"$v^* - v^{\mathrm{mix}} \le H^2 \sqrt{\ln|A| / (2k)}$ for the mixture of the first k policies of Politex "
        r"with exact action values."
    ),
    source="szepesvari2022, lecture 14 (with twice the constant)",
    assumptions=(
        r"rewards in $[0, 1]$, $\eta = \sqrt{8 \ln|A| / k} / H$. From mixture-identity and the regret "
        r"$H \sqrt{k \ln|A| / 2}$ of exponential weights with gains in $[0, H]$"
    ),
    instances=st.tuples(MODELS, ROUNDS) | st.just(_bad_start()),
    check=_politex,
    refutable=scaled(_politex),
    tight=lambda: _politex(*_bad_start()),
    tight_ratio=0.9008,
    attained_by="One good action among four, no discount to speak of, and a single round",
)

THEOREMS = (mixture_identity, politex_loss)
