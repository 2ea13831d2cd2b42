r"""Plans of learned models: what an error of the kernel costs, and the certificates that samples give.

Optimal values on the left come from linear programs, and losses from a dense solve.
"""

from __future__ import annotations

import functools

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.strategies import laws, paired, unit_reward_mdps
from proofs_check import oracles
from proofs_check.claims import Remark
from proofs_check.norms import sup
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory import MDP
from rltheory.estimation import plug_in
from rltheory.estimation.bounds import generative as bounds

_DELTA = 0.1

_optimum = functools.lru_cache(maxsize=8)(oracles.lp_value)
"""The value of a linear program; the same for all runs on one instance."""


def _with_kernel(mdp: MDP, P: np.ndarray) -> MDP:
    return MDP.from_pairs(P, mdp.r, mdp.gamma, pair_start=mdp.pair_start, mu=mdp.mu)


def _learned(mdp: MDP) -> st.SearchStrategy[MDP]:
    """Draw a model with the same rewards: other rows mixed in, or relative frequencies of a few samples."""
    shares = st.sampled_from([0.01, 0.1, 1.0])
    true = mdp.P.toarray()
    mixed = st.tuples(laws(mdp.n_pairs, mdp.n_states), shares).map(lambda x: (1 - x[1]) * true + x[1] * x[0])
    sampled = st.tuples(st.integers(0, 2**32 - 1), st.sampled_from([5, 50, 500])).map(
        lambda x: np.random.default_rng(x[0]).multinomial(x[1], true / true.sum(axis=1, keepdims=True)) / x[1]
    )
    return (mixed | sampled).map(functools.partial(_with_kernel, mdp))


_TWO_KERNELS = paired(unit_reward_mdps(max_states=3), _learned)


def _deviation(mdp: MDP, v: np.ndarray) -> np.ndarray:
    """The standard deviation of a function of the next state, one number a pair."""
    P = mdp.P.toarray()
    return np.sqrt((P * (v - (P @ v)[:, None]) ** 2).sum(axis=1))


def _loss(mdp: MDP, model: MDP) -> float:
    policy = oracles.greedy(model, _optimum(model))
    return sup(_optimum(mdp) - oracles.exact_policy_value(mdp, policy))


def _plug_in_loss(mdp: MDP, model: MDP) -> Check:
    shift = sup((mdp.P.toarray() - model.P.toarray()) @ _optimum(model))
    return Check(_loss(mdp, model), bounds.plug_in_loss(mdp.gamma, shift))


def _wishful(gamma: float = 0.9, error: float = 0.05, share: float = 0.1) -> tuple[MDP, MDP]:
    r"""Two states, two actions; the model believes that the good one may lead to hell and the bad one to heaven.

    Action i leads to state i, from both. Action 0 earns twice the discounted error more, but the model, which is off by
    exactly the error at its own value V for both, takes action 1, for ever.
    """
    H = 1 / (1 - gamma)
    earned, V = 2 * gamma * error * (1 - mdps.tight.TIE), gamma * error * H
    heaven, hell = (1 - gamma) * (V + error / share), (1 - gamma) * (V - error / share)
    rest, loops = [[0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], [0, 2, 4, 5, 6]
    right = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    wrong = [[1 - share, 0.0, 0.0, share], [0.0, 1 - share, share, 0.0]]
    rewards = [earned, 0.0, earned, 0.0, heaven, hell]
    world, model = (
        MDP.from_pairs(np.array(rows + rows + rest), rewards, gamma, pair_start=loops) for rows in (right, wrong)
    )
    return world, model


PLUG_IN_LOSS = Theorem(
    name="plug-in-loss",
    statement=(
        r"$\|v^* - v^{\hat\pi}\| \le 2 \gamma H \|(P - \hat P) \hat v^*\|$ for a policy $\hat\pi$ that is optimal in a"
        r" model with another kernel, and $\hat v^*$ its value there: one power of H less than at $v^*$."
    ),
    source="derived here",
    assumptions=r"both models have the same rewards, which are any. Beside certainty-equivalence",
    instances=_TWO_KERNELS | st.builds(_wishful, st.sampled_from([0.5, 0.9]), st.sampled_from([0.01, 0.05])),
    check=_plug_in_loss,
    refutable=scaled(_plug_in_loss),
    tight=lambda: _plug_in_loss(*_wishful()),
    tight_ratio=0.999999,
    attained_by="A model that believes in hell after the good action, and in heaven after the bad one,",
)


def _value_error(mdp: MDP, model: MDP, slope: float) -> Check:
    """The offset is what the multiple of the deviation leaves over; T is the less of what is possible and is met."""
    optimum, learned = _optimum(mdp), _optimum(model)
    shift = np.abs((mdp.P.toarray() - model.P.toarray()) @ optimum)
    offset = max(0.0, float((shift - slope * _deviation(model, optimum)).max()))
    met = sup(oracles.lp_value(model.replace(r=_deviation(model, learned))))
    rhs = min(
        bounds.value_error_by_variance(mdp.gamma, slope=slope, offset=offset, total=total) for total in (None, met)
    )
    return Check(sup(optimum - learned), rhs)


_SLOPES = st.sampled_from([0.0, 0.01, 0.1])


def _leak(slope: float = 0.0) -> tuple[MDP, MDP, float]:
    return (*mdps.leaky_reward(0.9, 1e-6), slope)


VALUE_ERROR = Theorem(
    name="plug-in-value-error",
    statement=(
        r"$\|v^* - \hat v^*\| \le \gamma (c\, T + H e) / (1 - \gamma H c)$ if $|(P - \hat P) v^*| \le c\,"
        r" \hat\sigma(v^*) + e$ at every pair, where $T = \frac12 \sqrt{(1+\gamma) H^3}$, or the most that"
        r" $\hat\sigma(\hat v^*)$ adds up to in the learned model."
    ),
    source="derived here, along azar2013",
    assumptions=(
        r"both models have the same rewards, in $[0, 1]$; $\gamma H c < 1$; $\hat\sigma$ is the standard deviation"
        r" under $\hat P$. From total-variance-known-rewards"
    ),
    instances=_TWO_KERNELS.flatmap(lambda two: st.tuples(*map(st.just, two), _SLOPES)) | st.builds(_leak),
    check=_value_error,
    refutable=scaled(_value_error),
    tight=lambda: _value_error(*_leak()),
    tight_ratio=0.9999,
    attained_by="A reward that lasts for ever and is taken to leak away, with $c = 0$,",
)


def _loss_by_variance(mdp: MDP, model: MDP, slope: float) -> Check:
    optimum, learned = _optimum(mdp), _optimum(model)
    difference = mdp.P.toarray() - model.P.toarray()
    offset = max(0.0, float((np.abs(difference @ optimum) - slope * _deviation(mdp, optimum)).max()))
    rhs = bounds.loss_by_variance(
        mdp.gamma,
        slope=slope,
        offset=offset,
        value_error=sup(optimum - learned),
        row_error=float(np.abs(difference).sum(axis=1).max()),
    )
    return Check(_loss(mdp, model), rhs)


def _little_faith(gamma: float = 0.5, share: float = 1e-4) -> tuple[MDP, MDP, float]:
    """The model that believes in heaven and hell, in small doses, with all rewards moved into [0, 1]."""
    world, model = _wishful(gamma, 1.0, share)
    rewards = (world.r - world.r.min()) / np.ptp(world.r)
    return world.replace(r=rewards), model.replace(r=rewards), 0.0


LOSS_BY_VARIANCE = Theorem(
    name="plug-in-loss-by-variance",
    statement=(
        r"$\|v^* - v^{\hat\pi}\| \le \big(\Delta (1 + \gamma H \varepsilon_P) + \gamma (\frac12 c \sqrt{(1+\gamma) H^3}"
        r" + H e)\big) / (1 - \gamma H c)$ if $|(P - \hat P) v^*| \le c\, \sigma(v^*) + e$ at every pair, where"
        r" $\Delta = \|v^* - \hat v^*\|$ and $\varepsilon_P$ is the largest distance of rows in $L_1$."
    ),
    source="derived here, along azar2013",
    assumptions=r"both models have the same rewards, in $[0, 1]$; $\gamma H c < 1$. From total-variance-known-rewards",
    instances=_TWO_KERNELS.flatmap(lambda two: st.tuples(*map(st.just, two), _SLOPES)) | st.builds(_little_faith),
    check=_loss_by_variance,
    refutable=scaled(_loss_by_variance),
    tight=lambda: _loss_by_variance(*_little_faith()),
    tight_ratio=0.999,
    attained_by="The model of plug-in-loss, with little faith in either, and $c = 0$,",
)


def _safe_or_bold(arms: int, m: int) -> tuple[MDP, int]:
    """A sure reward, or one of many arms worth a little less, which win half of the time: m samples cannot tell."""
    gamma, better = 0.01, 1 / np.sqrt(m)
    sure = gamma * (0.5 + better) / (1 - gamma / 2 + gamma * better)
    rows = [[1.0, 0.0]] + [[0.5, 0.5]] * arms + [[0.0, 1.0]]
    return MDP.from_pairs(np.array(rows), [sure] + [0.0] * arms + [1.0], gamma, pair_start=[0, arms + 1, arms + 2]), m


def _coins(states: int, m: int) -> tuple[MDP, int]:
    """Many states that toss a fair coin for a reward for ever."""
    P = np.zeros((states + 2, states + 2))
    P[:states, states:] = 0.5
    P[states, states] = P[states + 1, states + 1] = 1.0
    return MDP.from_pairs(P, np.eye(states + 2)[states], 0.5, n_actions=1), m


def _certified_loss(mdp: MDP, m: int, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    found = plug_in(mdp, m, delta=_DELTA, rng=rng)
    loss = sup(_optimum(mdp) - oracles.exact_policy_value(mdp, found.policy))
    return Check(loss, fraction * found.loss)


CERTIFIED_LOSS = Theorem(
    name="plug-in-certified-loss",
    statement=(
        r"With probability $1 - \delta$, $\|v^* - v^{\hat\pi}\| \le \gamma H \varepsilon\, \mathrm{sp}(\hat v^*)$ with"
        r" $\varepsilon = \sqrt{2 \ln(N (2^S - 2) / \delta) / m}$."
    ),
    source="kearns1999; derived here",
    assumptions="m independent samples of each of N pairs; rewards known. From plug-in-loss and frequencies-in-l1",
    instances=st.sampled_from([(120, 10_000), (120, 10**6), (100, 10_000)]).map(lambda x: _safe_or_bold(*x))
    | st.tuples(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)), st.sampled_from([2, 20, 2000])),
    check=_certified_loss,
    refutable=functools.partial(_certified_loss, fraction=0.25),  # false: with a quarter, for a sure thing and risks
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)


def _certified_value(mdp: MDP, m: int, rng: np.random.Generator, *, fraction: float = 1.0) -> Check:
    found = plug_in(mdp, m, delta=_DELTA, rng=rng)
    return Check(sup(_optimum(mdp) - found.value), fraction * found.value_error)


CERTIFIED_VALUE = Theorem(
    name="plug-in-certified-value",
    statement=(
        r"With probability $1 - \delta$, $\|v^* - \hat v^*\| \le \gamma (T u + \frac76 H w u^2) / (1 - \gamma H u)$"
        r" with $u = \sqrt{2 \ln(4 N / \delta) / (m - 1)}$, T the most that $\hat\sigma(\hat v^*)$ adds up to in the"
        r" learned model, and w the range of values."
    ),
    source="derived here, along azar2013",
    assumptions=(
        r"m independent samples of each of N pairs; rewards known; $\gamma H u < 1$. From plug-in-value-error and"
        " empirical-bernstein"
    ),
    instances=st.sampled_from([(100, 10**8), (120, 10**8), (8, 10_000)]).map(lambda x: _coins(*x))
    | st.tuples(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)), st.sampled_from([20, 2000, 10**6])),
    check=_certified_value,
    refutable=functools.partial(_certified_value, fraction=0.55),  # false: with 0.55 of it, for a hundred coins
    kind=Kind.HIGH_PROBABILITY,
    delta=_DELTA,
)

THEOREMS = (PLUG_IN_LOSS, VALUE_ERROR, LOSS_BY_VARIANCE, CERTIFIED_LOSS, CERTIFIED_VALUE)

REMARKS = (
    Remark(
        name="generative-model-upper-order",
        statement=(
            r"The plan of a model learned from $\tilde O(S A H^3 / \epsilon^2)$ samples loses at most $\epsilon$, with"
            r" high probability, for every $0 < \epsilon \le \sqrt H$."
        ),
        source="agarwal2020; azar2013 for small errors",
        reason=(
            "an order, with logarithms and constants left out. What is checked has them: plug-in-value-error and"
            " plug-in-loss-by-variance, from which the order follows once the samples of a pair exceed $S H^2$"
        ),
    ),
    Remark(
        name="generative-model-lower-order",
        statement=(
            r"No learner does with fewer than of order $S A H^3 \ln(S A / \delta) / \epsilon^2$ samples on all models."
        ),
        source="azar2013",
        reason=(
            "a statement on all learners and on a family of models that depends on the accuracy, with constants that"
            " are not sharp. The instances behind it are those that make total-variance-known-rewards tight: a reward"
            " for ever that leaks away at the rate of the discount"
        ),
    ),
)
