r"""Entropic risk and EVaR: the level that decays, how far the mean is, and how fine a grid of levels must be.

Throughout $\mathrm{ERM}_\beta[X] = -\frac1\beta \ln E e^{-\beta X}$ and
$\mathrm{EVaR}_\alpha[X] = \sup_\beta \{\mathrm{ERM}_\beta[X] + \ln(\alpha)/\beta\}$; optima are over all policies that
remember their history, and are found by trying them all.
"""

from __future__ import annotations

import math
from functools import partial

import hypothesis.strategies as st
import numpy as np

from mdps.casino import sure_or_lottery
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_oracles import Law
from proofs_check.distributional.risk_strategies import (
    LEVELS,
    RISK_AVERSIONS,
    episodes,
    small_laws,
    small_problems,
)
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import OutcomeModel
from rltheory.distributional.bounds import entropic as bounds
from rltheory.distributional.entropic import maximise_entropic
from rltheory.distributional.nested import nested_risk


def _one_hot(policy: np.ndarray, model: OutcomeModel) -> np.ndarray:
    return np.eye(model.n_actions)[policy]


def _decaying(problem: tuple[OutcomeModel, int], beta: float) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.entropic, beta)
    found = maximise_entropic(model, beta, H=H)
    law = oracles.policy_law(model, _one_hot(found.policy, model), H)
    return Check.equal([found.value, oracles.entropic(law, beta)], best)


def _constant(problem: tuple[OutcomeModel, int], beta: float) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.entropic, beta)

    def risk(law):  # type: ignore[no-untyped-def]
        return oracles.entropic(dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)), beta)

    return Check.equal(nested_risk(model, risk, H=H).value[0], best)


decaying_level = Theorem(
    name="entropic-decaying-level",
    statement=(
        r"$\sup_\pi \mathrm{ERM}_\beta[G^\pi] = V_0$ for $V_t(s) = \max_a \mathrm{ERM}_{\beta\gamma^t}[R + \gamma "
        r"V_{t+1}(S')]$, $V_H = 0$, and the greedy Markov policy attains it."
    ),
    source="hau2023entropic",
    assumptions=r"finite horizon, $0 \le \beta \le \infty$; all policies that remember their history compete",
    instances=st.tuples(small_problems(), RISK_AVERSIONS),
    check=_decaying,
    refutable=_constant,  # false: the same level at every step is a nested risk
)


def _hoeffding(law: Law, beta: float) -> Check:
    spread = max(law) - min(law)
    return Check(oracles.mean(law) - oracles.entropic(law, beta), bounds.hoeffding_entropic(beta, spread))


_FAIR = {-1.0: 0.5, 1.0: 0.5}

hoeffding = Theorem(
    name="entropic-hoeffding",
    statement=r"$E X - \mathrm{ERM}_\beta[X] \le \min(\beta D / 8, 1)\, D$.",
    source="hoeffding1963",
    assumptions=r"$X$ in an interval of length $D$",
    instances=st.tuples(small_laws() | st.just(_FAIR), st.sampled_from([0.01, 0.1, 1.0, 10.0])),
    check=_hoeffding,
    refutable=scaled(_hoeffding),
    tight=lambda: _hoeffding(_FAIR, 0.01),
    tight_ratio=0.9999,
    attained_by="A fair coin, at a low level,",
)


def _neutral_after(model: OutcomeModel, beta: float, steps: int, H: int) -> np.ndarray:
    """Return the policy that is greedy at the decaying level for so many steps, and at level 0 from then on."""
    v, policy = np.zeros(model.n_states), np.zeros((H, model.n_states), dtype=int)
    for t in reversed(range(H)):
        level = beta * model.gamma**t if t < steps else 0.0
        q = [oracles.entropic(_followed(model, i, v), level) for i in range(model.n_pairs)]
        pairs = [q[a:b] for a, b in zip(model.pair_start[:-1], model.pair_start[1:], strict=True)]
        v, policy[t] = np.array([max(own) for own in pairs]), [int(np.argmax(own)) for own in pairs]
    return policy


def _followed(model: OutcomeModel, i: int, v: np.ndarray) -> Law:
    law: Law = {}
    for p, s, r in zip(model.prob[i], model.next_state[i], model.reward[i], strict=True):
        if p > 0:
            x = float(r + model.gamma * v[s])
            law[x] = law.get(x, 0.0) + float(p)
    return law


def _spread(model: OutcomeModel, H: int) -> float:
    """The longest interval of returns from one state."""
    every = [oracles.achievable_laws(model, H, s) for s in range(model.n_states)]
    return max(max(map(max, laws)) - min(map(min, laws)) for laws in every)


def _tail(model: OutcomeModel, beta: float, steps: int) -> Check:
    best = oracles.best(oracles.achievable_laws(model, 3), oracles.entropic, beta)
    policy = _one_hot(_neutral_after(model, beta, steps, 3), model)
    loss = best - oracles.entropic(oracles.policy_law(model, policy, 3), beta)
    return Check(loss, bounds.entropic_tail(model.gamma, beta, _spread(model, 3), steps))


def _tempting_coin(stakes: float = 1.0) -> OutcomeModel:
    """A fair coin that comes first and is as good as nothing in expectation, one step before the end."""
    coin, nothing = [(0.5, 1, -stakes), (0.5, 1, stakes)], [(1.0, 1, 0.0)]
    return OutcomeModel.from_lists([[coin, nothing], [nothing, nothing]], gamma=0.9, mu=0)


tail = Theorem(
    name="entropic-tail",
    statement=(
        r"Greedy at the level $\beta\gamma^t$ for $N$ steps, and risk neutral ever after, loses at most "
        r"$\gamma^N \min(\gamma^N \beta D / 8, 1)\, D$ of the best entropic risk."
    ),
    source="derived here; hau2023entropic has the same order",
    assumptions=r"$\gamma < 1$; from each state the return is in an interval of length $D$",
    instances=st.tuples(
        episodes() | st.just(_tempting_coin()), st.sampled_from([0.01, 0.1, 1.0, 10.0]), st.integers(0, 3)
    ),
    check=_tail,
    refutable=scaled(_tail),
    tight=lambda: _tail(_tempting_coin(), 0.01, 0),
    tight_ratio=0.9999,
    attained_by="A fair coin that comes first, one step before the end,",
)


def _grid(problem: tuple[OutcomeModel, int], alpha: float, share: float) -> Check:
    laws = oracles.achievable_laws(*problem)
    spread = max(map(max, laws)) - min(map(min, laws))
    delta = max(share * spread, 0.01)
    levels = bounds.evar_levels(alpha, delta, spread)
    at = [oracles.best(laws, oracles.entropic, beta) for beta in levels.tolist()]
    lost = oracles.best(laws, oracles.evar, alpha) - max(at + math.log(alpha) / levels)
    return Check(lost, delta)


_SURE = (sure_or_lottery().replace(prob=np.array([[1.0, 0.0]] * 3)), 1)

grid = Theorem(
    name="evar-grid",
    statement=(
        r"On the levels $\beta_1 = 8\delta/D^2$, $\beta_{k+1} = \beta_k \ln\alpha / (\beta_k\delta + \ln\alpha)$, "
        r"$\beta_K = -\ln(\alpha)/\delta$ the best of $\mathrm{ERM}^*_\beta + \ln(\alpha)/\beta$ is within $\delta$ of "
        r"$\mathrm{EVaR}^*_\alpha$."
    ),
    source="hau2023entropic; the last level derived here",
    assumptions=r"$0 < \alpha < 1$; returns in an interval of length $D$",
    instances=st.tuples(
        small_problems() | st.just(_SURE), LEVELS.filter(lambda level: level < 1), st.sampled_from([0.1, 0.05, 0.3])
    ),
    check=_grid,
    refutable=scaled(_grid),
    tight=lambda: _grid(_SURE, 0.5, 0.1),
    tight_ratio=0.999999,
    attained_by="A sure reward",
)


Lottery = list[tuple[int, Law]]
"""Laws, each with a weight."""


def _tower(lottery: Lottery, beta: float, *, ratio: float = 1.0) -> Check:
    total = sum(weight for weight, _ in lottery)
    mixture: Law = {}
    inner: Law = {}
    for weight, law in lottery:
        for x, p in law.items():
            mixture[x] = mixture.get(x, 0.0) + p * weight / total
        value = oracles.entropic(law, ratio * beta)
        inner[value] = inner.get(value, 0.0) + weight / total
    return Check.equal(oracles.entropic(mixture, beta), oracles.entropic(inner, beta))


tower = Theorem(
    name="entropic-tower",
    statement=(
        r"$\mathrm{ERM}_\beta[X] = \mathrm{ERM}_\beta[\mathrm{ERM}_\beta[X | Y]]$: entropic risk is consistent in time,"
        r" if the level does not change."
    ),
    source="hau2023entropic",
    assumptions=r"$\beta > 0$; with a discount the level of later rewards changes, as in entropic-decaying-level",
    instances=st.tuples(
        st.lists(st.tuples(st.integers(1, 3), small_laws()), min_size=1, max_size=3)
        | st.just([(1, _FAIR), (1, {0.0: 1.0})]),
        st.sampled_from([1.0, 0.1, 5.0]),
    ),
    check=_tower,
    refutable=partial(_tower, ratio=0.9),  # false: if what is known later is judged at another level
)

THEOREMS = (decaying_level, hoeffding, tower, tail, grid)
