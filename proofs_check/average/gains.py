"""Gain and bias: the equation they solve, the discounted values they are the limit of, and bounds on both."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.long_run_strategies import average_mdps, communicating_mdps, unichains, weakly_communicating_mdps
from mdps.strategies import GAMMAS, laws, paired, stochastic_policies, value_vectors
from proofs_check import oracles
from proofs_check.chain_oracles import (
    best_gain,
    deviation_matrix,
    diameter,
    dobrushin,
    gain_and_bias,
    optimal_bias,
    total_variation,
)
from proofs_check.claims import Claim
from proofs_check.norms import span, sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds, evaluate_average_reward

DISCOUNTS = st.sampled_from(GAMMAS)
LOANS = DISCOUNTS.map(lambda gamma: mdps.loan(gamma=gamma))
LUCK = DISCOUNTS.map(lambda gamma: mdps.changing_luck(gamma=gamma))
CLIMBS = st.sampled_from([1.0, 0.5, 0.1]).map(mdps.slow_climb)


def _poisson(mdp: MDP, policy: np.ndarray, from_state_0: bool = False) -> Check:
    found = evaluate_average_reward(mdp, policy)
    bias = found.bias - found.bias[0] if from_state_0 else found.bias
    return Check.equal([found.gain, bias], gain_and_bias(*oracles.chain(mdp, policy)))


poisson = Theorem(
    name="poisson-equation",
    statement=(
        r"$g = P_\pi g$, $g + h = r_\pi + P_\pi h$ and $P^*_\pi h = 0$ have one solution, $g^\pi = P^*_\pi r_\pi$ and "
        r"$h^\pi = D_\pi r_\pi$."
    ),
    source="puterman2005, section 8.2",
    assumptions=r"$\pi$ a stationary policy of any model: its chain may have several classes, and be periodic",
    instances=paired(average_mdps(), stochastic_policies),
    check=_poisson,
    refutable=lambda mdp, policy: _poisson(mdp, policy, from_state_0=True),  # false: with h(0) = 0 as the third
)


def _laurent(mdp: MDP, policy: np.ndarray) -> Check:
    P, r = oracles.chain(mdp, policy)
    gain, bias = gain_and_bias(P, r)
    left = oracles.exact_policy_value(mdp, policy) - gain / (1 - mdp.gamma) - bias
    return Check(sup(left), bounds.laurent_remainder(mdp.gamma, span(deviation_matrix(P) @ bias)))


laurent = Theorem(
    name="laurent-expansion",
    statement=(
        r"$\left\|v^\pi_\gamma - \frac{g^\pi}{1-\gamma} - h^\pi\right\| \le (1-\gamma)\, \mathrm{sp}(D_\pi h^\pi)$: "
        r"gain and bias are what remains of the value as $\gamma \to 1$."
    ),
    source="puterman2005, theorem 8.2.3; the constant derived here",
    assumptions=(
        r"$\pi$ a stationary policy of any model. What is left is $-(1-\gamma)(I - Q) P D h$ with the stochastic "
        r"matrix $Q = (1-\gamma)(I - \gamma P)^{-1} P$"
    ),
    instances=paired(average_mdps(), stochastic_policies) | LOANS.map(lambda mdp: (mdp, np.zeros(3, dtype=int))),
    check=_laurent,
    refutable=scaled(_laurent),
    tight=lambda: _laurent(mdps.loan(gamma=0.9), np.zeros(3, dtype=int)),
    tight_ratio=0.999999,
    attained_by="`mdps.loan`: lend 1, get it back a step later, and stop. It",
)


def _discounted_gain(mdp: MDP) -> Check:
    gain, bias = optimal_bias(mdp)
    distance = sup((1 - mdp.gamma) * oracles.brute_force_value(mdp) - gain)
    return Check(distance, bounds.discounted_gain_error(mdp.gamma, span(bias)))


discounted_gain = Theorem(
    name="discounted-gain",
    statement=r"$\|(1-\gamma) v^*_\gamma - g^*\| \le (1-\gamma)\, \mathrm{sp}(h^*)$.",
    source="wei2020, lemma 2",
    assumptions=(
        r"weakly communicating, $0 \le \gamma < 1$, with $T_\gamma$ the discounted operator. For "
        r"$u = g^*/(1-\gamma) + h^* - \min h^*$ satisfies $T_\gamma u \le u$, and with max in place of min "
        r"$T_\gamma u \ge u$"
    ),
    instances=weakly_communicating_mdps() | LOANS,
    check=_discounted_gain,
    refutable=scaled(_discounted_gain),
    tight=lambda: _discounted_gain(mdps.loan(gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.loan`: lend 1, get it back a step later, and stop. It",
)


def _discounted_span(mdp: MDP) -> Check:
    return Check(span(oracles.brute_force_value(mdp)), bounds.discounted_span(span(optimal_bias(mdp)[1])))


discounted_span = Theorem(
    name="discounted-span",
    statement=r"$\mathrm{sp}(v^*_\gamma) \le 2\, \mathrm{sp}(h^*)$, whatever the discount.",
    source="wei2020, lemma 2",
    assumptions=r"weakly communicating, $0 \le \gamma < 1$. From the two vectors of discounted-gain",
    instances=weakly_communicating_mdps() | LUCK,
    check=_discounted_span,
    refutable=scaled(_discounted_span, rhs=0.5),  # false: without the 2
    tight=lambda: _discounted_span(mdps.changing_luck(1e-6, gamma=0.9)),
    tight_ratio=0.9999,
    attained_by="`mdps.changing_luck`, a win before a long spell of bad luck and the other way round,",
)


def _span_without_the_two() -> Check:
    mdp = mdps.changing_luck(1e-6, gamma=0.9)
    return Check(span(oracles.brute_force_value(mdp)), span(optimal_bias(mdp)[1]))


span_without_the_two = Claim(
    name="span-without-the-two",
    statement=r"$\mathrm{sp}(v^*_\gamma) \le \mathrm{sp}(h^*)$, as the bias is the limit of discounted values.",
    source="wei2020, lemma 2 (with the 2)",
    counterexample=_span_without_the_two,
    instance="`mdps.changing_luck`: a win before a long spell of bad luck, a loss before a long spell of good luck",
    lesson="with a factor of 2, which cannot be improved: discounted-span",
)


def _bias_by_diameter(mdp: MDP) -> Check:
    gain, bias = optimal_bias(mdp)
    return Check(span(bias), bounds.bias_span(diameter(mdp), gain, mdp.r.min()))


bias_diameter = Theorem(
    name="bias-diameter",
    statement=r"$\mathrm{sp}(h^*) \le D\, (g^* - \min r)$, and so at most $D$ if rewards are in $[0, 1]$.",
    source="bartlett2009",
    assumptions=(
        r"communicating; the diameter $D$ is the largest over pairs of states of the least expected time from one to "
        r"the other. For one can go to the best state, and misses at most $g^* - \min r$ a step on the way"
    ),
    instances=communicating_mdps() | CLIMBS,
    check=_bias_by_diameter,
    refutable=scaled(_bias_by_diameter),
    tight=lambda: _bias_by_diameter(mdps.slow_climb(0.1)),
    tight_ratio=0.999999,
    attained_by="`mdps.slow_climb`, a valley that is left with a small probability only,",
)


def _bias_by_mixing(mdp: MDP) -> Check:
    return Check(span(optimal_bias(mdp)[1]), bounds.bias_span_by_mixing(dobrushin(mdp.P.toarray()), span(mdp.r)))


bias_mixing = Theorem(
    name="bias-mixing",
    statement=r"$\mathrm{sp}(h^*) \le \frac{\mathrm{sp}(r)}{1-\delta}$.",
    source="puterman2005, section 8.5; the bound derived here",
    assumptions=r"$\delta < 1$, the largest total variation distance between the rows of any two pairs",
    instances=average_mdps().filter(lambda mdp: dobrushin(mdp.P.toarray()) < 1 - 1e-9) | st.builds(mdps.fresh_start),
    check=_bias_by_mixing,
    refutable=scaled(_bias_by_mixing),
    tight=lambda: _bias_by_mixing(mdps.fresh_start(0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.fresh_start`, which stays or begins afresh,",
)


def _step(mdp: MDP, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The greedy policy of v without a discount, and T v."""
    undiscounted = mdp.replace(gamma=1.0)
    return oracles.greedy(undiscounted, v), oracles.backup(undiscounted, v)


def _odoni_below(mdp: MDP, v: np.ndarray) -> Check:
    policy, backed_up = _step(mdp, v)
    gain = gain_and_bias(*oracles.chain(mdp, policy))[0]
    return Check.everywhere(bounds.gain_bracket(v, backed_up)[0], gain)


VALUES = paired(average_mdps(), value_vectors) | paired(
    weakly_communicating_mdps(), lambda mdp: st.just(optimal_bias(mdp)[1])
)

odoni_below = Theorem(
    name="odoni-below",
    statement=r"$g^{\pi_v} \ge \min (T v - v)$ in every state.",
    source="odoni1969; puterman2005, section 8.5",
    assumptions=r"any model, $v$ arbitrary; rewards in $[0, 1]$ (only so that the ratio means something)",
    instances=VALUES,
    check=_odoni_below,
    refutable=scaled(_odoni_below),
    tight=lambda: _odoni_below(mdps.cycle(3), np.arange(3) / 3),
    tight_ratio=0.999999,
    attained_by="`mdps.cycle` with its own bias",
)


def _odoni_above(mdp: MDP, v: np.ndarray) -> Check:
    return Check.everywhere(best_gain(mdp), bounds.gain_bracket(v, _step(mdp, v)[1])[1])


odoni_above = Theorem(
    name="odoni-above",
    statement=r"$g^* \le \max (T v - v)$ in every state.",
    source="odoni1969; puterman2005, section 8.5",
    assumptions=r"any model, $v$ arbitrary; rewards in $[0, 1]$ (only so that the ratio means something)",
    instances=VALUES,
    check=_odoni_above,
    refutable=scaled(_odoni_above),
    tight=lambda: _odoni_above(mdps.cycle(3), np.arange(3) / 3),
    tight_ratio=0.999999,
    attained_by="`mdps.cycle` with its own bias",
)


def _odoni_loss(mdp: MDP, v: np.ndarray) -> Check:
    policy, backed_up = _step(mdp, v)
    loss = best_gain(mdp) - gain_and_bias(*oracles.chain(mdp, policy))[0]
    return Check(loss.max(), bounds.greedy_gain_loss(span(backed_up - v)))


def _tempted(error: float = 0.5) -> tuple[MDP, np.ndarray]:
    """Two states whose values differ by as much as their rewards, and a little more."""
    mdp = mdps.greedy_trap(0.5, error)[0]
    return mdp, np.array([0.0, error])


odoni_loss = Theorem(
    name="odoni-loss",
    statement=r"$g^* - g^{\pi_v} \le \mathrm{sp}(T v - v)$ in every state: the width of Odoni's bracket.",
    source="odoni1969; puterman2005, section 8.5",
    assumptions=r"any model, $v$ arbitrary",
    instances=VALUES | st.sampled_from([1.0, 0.1]).map(_tempted),
    check=_odoni_loss,
    refutable=scaled(_odoni_loss),
    tight=lambda: _odoni_loss(*_tempted()),
    tight_ratio=0.999999,
    attained_by="Two states whose values differ by as much as their rewards, and a little more,",
)


def _gain_change(P: np.ndarray, Q: np.ndarray, rewards: np.ndarray) -> Check:
    r, other = rewards
    gain, bias = gain_and_bias(P, r)
    moved = max(map(total_variation, P, Q))
    return Check(sup(gain_and_bias(Q, other)[0] - gain), bounds.gain_change(sup(r - other), moved, span(bias)))


def _two_fresh_starts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    P, Q = (mdps.fresh_start(0.5, rare).P.toarray() for rare in (0.25, 0.35))
    return P, Q, np.array([[0.0, 1.0], [0.125, 1.125]])


gain_change = Theorem(
    name="gain-change",
    statement=(
        r"$|\tilde g - g| \le \|\tilde r - r\| + \mathrm{sp}(h) \max_s \mathrm{TV}(\tilde P_s, P_s)$: the simulation "
        r"lemma of the average reward."
    ),
    source="derived here",
    assumptions=(
        r"$P$ has one recurrent class, $\tilde P$ is any chain. For $\tilde g - g = \tilde P^* \big(\tilde r - r + "
        r"(\tilde P - P) h\big)$"
    ),
    instances=unichains().flatmap(
        lambda P: st.tuples(st.just(P), laws(len(P), len(P), uneven=False), laws(2, len(P), uneven=False))
    )
    | st.builds(_two_fresh_starts),
    check=_gain_change,
    refutable=scaled(_gain_change),
    tight=lambda: _gain_change(*_two_fresh_starts()),
    tight_ratio=0.999999,
    attained_by="A pair of `mdps.fresh_start`, which begin afresh in other states,",
)

THEOREMS = (
    poisson,
    laurent,
    discounted_gain,
    discounted_span,
    bias_diameter,
    bias_mixing,
    odoni_below,
    odoni_above,
    odoni_loss,
    gain_change,
)

CLAIMS = (span_without_the_two,)
