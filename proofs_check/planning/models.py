"""Planning in a wrong model: other rewards, another kernel, another discount, a shorter horizon."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, laws, paired, stochastic_policies, unit_reward_mdps
from proofs_check import oracles
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
SHARES = st.sampled_from([0.0, 0.01, 0.1, 1.0])
DISCOUNT_SHARES = st.sampled_from([0.5, 0.0, 0.9, 0.99])
STEPS = st.integers(0, 12)
ONE_STATE = st.builds(mdps.single_state, st.just(1.0), DISCOUNTS)


@st.composite
def _nearby(draw: DrawFn, mdp: MDP) -> MDP:
    """Draw a model that mixes another kernel and other rewards, in [0, 1], into this one."""
    share_of_rows, share_of_rewards = draw(SHARES), draw(SHARES)
    rows = draw(laws(mdp.n_pairs, mdp.n_states))
    rewards = np.array(draw(st.lists(st.floats(0, 1), min_size=mdp.n_pairs, max_size=mdp.n_pairs)))
    return MDP.from_pairs(
        (1 - share_of_rows) * mdp.P.toarray() + share_of_rows * rows,
        (1 - share_of_rewards) * mdp.r + share_of_rewards * rewards,
        mdp.gamma,
        pair_start=mdp.pair_start,
    )


def _leaks() -> SearchStrategy[tuple[MDP, MDP, np.ndarray]]:
    """A reward for ever, and the same with a small leak."""
    drawn = st.tuples(DISCOUNTS, st.sampled_from([1e-5, 1e-3, 0.1]))
    return drawn.map(lambda x: (*mdps.leaky_reward(*x), np.zeros(2, dtype=int)))


TWO_MODELS = paired(unit_reward_mdps(max_states=3), _nearby)
TWO_MODELS_AND_POLICY = paired(unit_reward_mdps(max_states=3), _nearby, stochastic_policies)


def _wrong_reward(gamma: float = 0.9, error: float = 0.5) -> tuple[MDP, MDP]:
    """One state, and a reward that is too small by a constant."""
    return mdps.single_state(reward=1.0, gamma=gamma), mdps.single_state(reward=1.0 - error, gamma=gamma)


def _simulation(mdp: MDP, model: MDP, policy: np.ndarray) -> Check:
    (P, r), (wrong_P, wrong_r) = oracles.chain(mdp, policy), oracles.chain(model, policy)
    difference = oracles.exact_policy_value(mdp, policy) - oracles.exact_policy_value(model, policy)
    kernel_error = float(np.abs(P - wrong_P).sum(axis=1).max())
    return Check(sup(difference), bounds.simulation_lemma(mdp.gamma, sup(r - wrong_r), kernel_error))


simulation_lemma = Theorem(
    name="simulation-lemma",
    statement=(
        r"$\|v^\pi - \hat v^\pi\| \le H \varepsilon_r + \frac{1}{2} \gamma H^2 \varepsilon_P$, with "
        r"$\varepsilon_r = \|r_\pi - \hat r_\pi\|$ and $\varepsilon_P$ the largest $L_1$ distance between rows of "
        r"$P_\pi$ and $\hat P_\pi$."
    ),
    source="kearns2002; szepesvari2022, lecture 17 (both without the half)",
    assumptions=r"rewards of both models in $[0, 1]$: the half rests on values in $[0, H]$",
    instances=TWO_MODELS_AND_POLICY | _leaks(),
    check=_simulation,
    refutable=scaled(_simulation),
    tight=lambda: _simulation(*mdps.leaky_reward(gamma=0.9, leak=1e-6), np.zeros(2, dtype=int)),
    tight_ratio=0.9999,
    attained_by="`mdps.leaky_reward`, reward 1 for ever against the same with a small leak into nothing,",
)


def _simulation_value(mdp: MDP, model: MDP, policy: np.ndarray) -> Check:
    (P, r), (wrong_P, wrong_r) = oracles.chain(mdp, policy), oracles.chain(model, policy)
    v = oracles.exact_policy_value(mdp, policy)
    shift = sup((P - wrong_P) @ v)
    difference = sup(v - oracles.exact_policy_value(model, policy))
    return Check(difference, bounds.model_error(mdp.gamma, sup(r - wrong_r), shift))


simulation_value = Theorem(
    name="simulation-lemma-value",
    statement=r"$\|v^\pi - \hat v^\pi\| \le H \big(\varepsilon_r + \gamma \|(P_\pi - \hat P_\pi) v^\pi\|\big)$.",
    source="szepesvari2022, lecture 17",
    assumptions=r"$\pi$ a stationary policy, $\varepsilon_r = \|r_\pi - \hat r_\pi\|$",
    instances=TWO_MODELS_AND_POLICY | _leaks(),
    check=_simulation_value,
    refutable=scaled(_simulation_value),
    tight=lambda: _simulation_value(*_wrong_reward(), np.array([0])),
    tight_ratio=0.999999,
    attained_by="One state whose reward is wrong by a constant",
)


def _shift_at_optimum(mdp: MDP, model: MDP) -> tuple[np.ndarray, float, float]:
    """v*, and the errors of the model's rewards and of its kernel at v*."""
    optimum = oracles.lp_value(mdp)
    return optimum, sup(mdp.r - model.r), sup((mdp.P.toarray() - model.P.toarray()) @ optimum)


def _wrong_optimum(mdp: MDP, model: MDP) -> Check:
    optimum, reward_error, shift = _shift_at_optimum(mdp, model)
    return Check(sup(optimum - oracles.lp_value(model)), bounds.model_error(mdp.gamma, reward_error, shift))


wrong_optimum = Theorem(
    name="model-error-optimum",
    statement=r"$\|v^* - \hat v^*\| \le H \big(\varepsilon_r + \gamma \|(P - \hat P) v^*\|\big)$.",
    source="szepesvari2022, lecture 17",
    assumptions=r"$\varepsilon_r = \|r - \hat r\|$, and the norms are over all pairs",
    instances=TWO_MODELS | st.builds(_wrong_reward, DISCOUNTS),
    check=_wrong_optimum,
    refutable=scaled(_wrong_optimum),
    tight=lambda: _wrong_optimum(*_wrong_reward()),
    tight_ratio=0.999999,
    attained_by="One state whose reward is wrong by a constant",
)


def _certainty_equivalence(mdp: MDP, model: MDP) -> Check:
    optimum, reward_error, shift = _shift_at_optimum(mdp, model)
    policy = oracles.greedy(model, oracles.lp_value(model))
    loss = sup(optimum - oracles.exact_policy_value(mdp, policy))
    return Check(loss, bounds.certainty_equivalence_loss(mdp.gamma, reward_error, shift))


certainty_equivalence = Theorem(
    name="certainty-equivalence",
    statement=(
        r"$\|v^* - v^{\hat\pi}\| \le 2 H^2 \big(\varepsilon_r + \gamma \|(P - \hat P) v^*\|\big)$ for a policy "
        r"$\hat\pi$ that is optimal in the wrong model."
    ),
    source="szepesvari2022, lecture 17",
    assumptions=r"$\varepsilon_r = \|r - \hat r\|$, and the norms are over all pairs",
    instances=TWO_MODELS | st.builds(mdps.certainty_trap, DISCOUNTS, st.sampled_from([0.1, 0.01])),
    check=_certainty_equivalence,
    refutable=scaled(_certainty_equivalence),
    tight=lambda: _certainty_equivalence(*mdps.certainty_trap(gamma=0.9, error=0.01)),
    tight_ratio=0.999999,
    attained_by="`mdps.certainty_trap`, where the wrong model prefers the worse of two ways for ever,",
)


def _simulation_identity(mdp: MDP, model: MDP, policy: np.ndarray, of: str = "model") -> Check:
    (P, r), (wrong_P, wrong_r) = oracles.chain(mdp, policy), oracles.chain(model, policy)
    v, wrong_v = oracles.exact_policy_value(mdp, policy), oracles.exact_policy_value(model, policy)
    shift = mdp.gamma * (P - wrong_P) @ (wrong_v if of == "model" else v)
    return Check.equal(v - wrong_v, oracles.discounted_sum(P, mdp.gamma, r - wrong_r + shift))


simulation_identity = Theorem(
    name="simulation-identity",
    statement=(
        r"$v^\pi - \hat v^\pi = (I - \gamma P_\pi)^{-1} \big(r_\pi - \hat r_\pi + "
        r"\gamma (P_\pi - \hat P_\pi) \hat v^\pi\big)$."
    ),
    source="szepesvari2022, lecture 18",
    assumptions=r"$\pi$ a stationary policy",
    instances=TWO_MODELS_AND_POLICY,
    check=_simulation_identity,
    # False: with the value of the first model on the right.
    refutable=lambda mdp, model, policy: _simulation_identity(mdp, model, policy, of="mdp"),
)


def _discount_value(mdp: MDP, policy: np.ndarray, share: float) -> Check:
    smaller = mdp.replace(gamma=share * mdp.gamma)
    gain = oracles.exact_policy_value(mdp, policy) - oracles.exact_policy_value(smaller, policy)
    return Check.everywhere([gain, -gain], [[bounds.discount_change(smaller.gamma, mdp.gamma)], [0.0]])


discount_value = Theorem(
    name="discount-value",
    statement=r"$0 \le v^\pi_{\gamma'} - v^\pi_\gamma \le \frac{\gamma' - \gamma}{(1-\gamma)(1-\gamma')}$.",
    source="jiang2015; petrik2008",
    assumptions=r"$\gamma \le \gamma' < 1$, rewards in $[0, 1]$",
    instances=paired(unit_reward_mdps(max_states=3) | ONE_STATE, stochastic_policies, lambda _: DISCOUNT_SHARES),
    check=_discount_value,
    refutable=scaled(_discount_value),
    tight=lambda: _discount_value(mdps.single_state(gamma=0.9), np.array([0]), 0.5),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _discount_loss(mdp: MDP, gamma: float) -> Check:
    myopic = mdp.replace(gamma=gamma)
    policy = oracles.greedy(myopic, oracles.lp_value(myopic))
    loss = sup(oracles.lp_value(mdp) - oracles.exact_policy_value(mdp, policy))
    return Check(loss, bounds.discount_change(gamma, mdp.gamma))


def _short_sighted(gamma: float, long_gamma: float) -> tuple[MDP, float]:
    return mdps.short_sighted(gamma, long_gamma)[0], gamma


discount_loss = Theorem(
    name="discount-loss",
    statement=(
        r"$\|v^*_{\gamma'} - v^{\pi_\gamma}_{\gamma'}\| \le \frac{\gamma' - \gamma}{(1-\gamma)(1-\gamma')}$ for a "
        r"policy $\pi_\gamma$ that is optimal for the smaller discount."
    ),
    source="jiang2015; petrik2008",
    assumptions=r"$\gamma \le \gamma' < 1$, rewards in $[0, 1]$",
    instances=st.tuples(unit_reward_mdps(max_states=3), DISCOUNT_SHARES).map(lambda x: (x[0], x[1] * x[0].gamma))
    | st.builds(_short_sighted, st.sampled_from([0.5, 0.2]), st.sampled_from(GAMMAS[1:])),
    check=_discount_loss,
    refutable=scaled(_discount_loss),
    tight=lambda: _discount_loss(*_short_sighted(gamma=0.5, long_gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.short_sighted`, a small reward now against one for ever later,",
)


def _first_steps(mdp: MDP, policy: np.ndarray, steps: int) -> np.ndarray:
    """Expected discounted reward of the first steps."""
    P, r = oracles.chain(mdp, policy)
    return sum((mdp.gamma**t * np.linalg.matrix_power(P, t) @ r for t in range(steps)), np.zeros(mdp.n_states))


def _truncation(mdp: MDP, policy: np.ndarray, steps: int) -> Check:
    missed = oracles.exact_policy_value(mdp, policy) - _first_steps(mdp, policy, steps)
    return Check(sup(missed), bounds.truncation_error(mdp.gamma, steps))


truncation = Theorem(
    name="truncation",
    statement=r"$|v^\pi - v^\pi_h| \le \gamma^h H$, where $v^\pi_h$ stops after $h$ steps.",
    source="szepesvari2022, lecture 5",
    assumptions=r"rewards in $[0, 1]$",
    instances=paired(unit_reward_mdps(max_states=3) | ONE_STATE, stochastic_policies, lambda _: STEPS),
    check=_truncation,
    refutable=scaled(_truncation),
    tight=lambda: _truncation(mdps.single_state(gamma=0.9), np.array([0]), 10),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _n_steps(mdp: MDP, policy: np.ndarray, steps: int, discounted_steps: int) -> Check:
    P, _ = oracles.chain(mdp, policy)
    v = oracles.exact_policy_value(mdp, policy)
    rest = mdp.gamma**discounted_steps * np.linalg.matrix_power(P, steps) @ v
    return Check.equal(v, _first_steps(mdp, policy, steps) + rest)


n_step_identity = Theorem(
    name="n-step-identity",
    statement=r"$v^\pi = \sum_{t<n} \gamma^t P_\pi^t r_\pi + \gamma^n P_\pi^n v^\pi$.",
    source="szepesvari2022, lecture 2",
    assumptions=r"$n \ge 0$",
    instances=paired(discounted_mdps(max_states=3), stochastic_policies, lambda _: STEPS),
    check=lambda mdp, policy, n: _n_steps(mdp, policy, n, discounted_steps=n),
    refutable=lambda mdp, policy, n: _n_steps(mdp, policy, n, discounted_steps=n + 1),  # false: discounted once more
)

THEOREMS = (
    simulation_lemma,
    simulation_value,
    wrong_optimum,
    certainty_equivalence,
    simulation_identity,
    discount_value,
    discount_loss,
    truncation,
    n_step_identity,
)
