r"""What players who fear risk and make mistakes gain, and when their operator is monotone."""

from __future__ import annotations

import math
from typing import Any

import hypothesis.strategies as st
import numpy as np

from proofs_check.games import risk_oracles as oracles
from proofs_check.games.risk import DOMINATED, games, payoffs
from proofs_check.robust import oracles as duals
from proofs_check.robust.instances import rows
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games import NormalFormGame
from rltheory.games.bounds import risk as bounds
from rltheory.games.risk import Entropic, LogBarrier, ReverseEntropic, risk_quantal_equilibrium

_POSITIVE = st.sampled_from([0.05, 0.25, 1.0, 4.0])


def _laws(*also: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    values = st.integers(1, 5).flatmap(
        lambda n: st.tuples(
            st.lists(st.integers(-8, 8), min_size=n, max_size=n).map(lambda z: np.array(z) / 4), rows(n)
        )
    )
    return st.tuples(values, *also).map(lambda drawn: (*drawn[0], *drawn[1:]))


COIN = (np.array([0.0, 1.0]), np.array([0.5, 0.5]))


def _adversaries(z: np.ndarray, q: np.ndarray, tau: float) -> Check:
    found = [Entropic(tau).value(z, q), ReverseEntropic(tau).value(z, q)]
    return Check.equal(found, [duals.penalised(1, q, z, 1 / tau), duals.penalised(0, q, z, 1 / tau)])


adversaries = Theorem(
    name="quantal-adversaries",
    statement=(
        r"$\min_\xi \{\xi \cdot z + \frac1\tau \mathrm{KL}(\xi\|q)\} = -\frac1\tau \ln E e^{-\tau z}$, and for the "
        r"reversed divergence the worst law is $\xi = q/(\tau(\lambda + z))$."
    ),
    source="donsker1983; mazumdar2025; derived here",
    assumptions=r"$\tau > 0$; laws on the support of $q$",
    instances=_laws(_POSITIVE) | st.just((*COIN, 1.0)),
    check=_adversaries,
    refutable=lambda z, q, tau: Check.equal(  # false: the two divergences taken for each other
        Entropic(tau).value(z, q), ReverseEntropic(tau).value(z, q)
    ),
)


def _second_order(z: np.ndarray, q: np.ndarray, tau: float) -> Check:
    mean = q @ z
    variance = q @ (z - mean) ** 2
    entropic = mean - math.log(q @ np.exp(-tau * (z - mean))) / tau
    spread = float(np.ptp(z))
    return Check(abs(entropic - (mean - tau / 2 * variance)), bounds.entropic_mean_variance_error(tau, spread))


SKEW = (np.array([1.0, 0.0]), np.array([(1 - 1 / math.sqrt(3)) / 2, (1 + 1 / math.sqrt(3)) / 2]), 0.02)

second_order = Theorem(
    name="entropic-mean-variance",
    statement=(
        r"$\big| -\frac1\tau \ln E e^{-\tau z} - (E z - \frac\tau2 \operatorname{Var} z) \big| "
        r"\le \tau^2 D^3/(36\sqrt3)$, so that the entropic aversion is the risk-averse equilibrium's with "
        r"$\gamma = \tau/2$."
    ),
    source="derived here",
    assumptions=r"$z$ has spread $D$",
    instances=_laws(_POSITIVE) | st.just(SKEW),
    check=_second_order,
    refutable=scaled(_second_order),
    tight=lambda: _second_order(*SKEW),
    tight_ratio=0.98,
    attained_by="A lottery whose third moment is as large as can be",
)


def _barrier(g: np.ndarray, epsilon: float) -> Check:
    p = oracles.barrier_response(g, epsilon)
    return Check(g.max() - g @ p, bounds.log_barrier_gain(epsilon, g.size))


barrier = Theorem(
    name="log-barrier-gain",
    statement=(
        r"Who maximises an objective less $-\epsilon \sum_a \ln p_a$ misses at most $(m - 1)\epsilon$ of the objective."
    ),
    source="boyd2004, section 11.2.2; sharpened here",
    assumptions=r"a concave objective; here the linear one that majorises it",
    instances=st.tuples(st.lists(st.integers(-9, 9), min_size=1, max_size=5).map(np.array), _POSITIVE)
    | st.just((np.array([5e3, 0.0, 0.0]), 1.0)),
    check=_barrier,
    refutable=scaled(_barrier),
    tight=lambda: _barrier(np.array([5e3, 0.0, 0.0]), 1.0),
    tight_ratio=0.999,
    attained_by="A large gain, of one action,",
)


def _quantal_limit(A: np.ndarray, B: np.ndarray, tau: float, epsilon: float) -> Check:
    game = NormalFormGame([A, B])
    p, q = risk_quantal_equilibrium(game, aversion=Entropic(tau), penalty=LogBarrier(epsilon)).profile
    gains = [
        oracles.mean_variance_gain(p, A, q, tau / 2, 0.0),
        oracles.mean_variance_gain(q, B.T, p, tau / 2, 0.0),
    ]
    limits = [bounds.quantal_risk_averse_gain(tau, epsilon, M.shape[i], float(np.ptp(M))) for i, M in enumerate((A, B))]
    return Check.everywhere(gains, limits)


quantal_limit = Theorem(
    name="quantal-near-risk-averse",
    statement=(
        r"At an entropic risk-averse quantal equilibrium with a log barrier nobody gains more than "
        r"$(m - 1)\epsilon + \tau^2 D^3/(18\sqrt3)$ in mean less $\frac\tau2$ times the variance."
    ),
    source="derived here",
    assumptions=r"payoffs of a player have spread $D$",
    instances=games(st.sampled_from([0.01, 0.1, 0.5]), st.sampled_from([0.3, 1.0, 3.0]))
    | st.just((10 * DOMINATED[0], 10 * DOMINATED[1], 0.001, 0.1)),
    check=_quantal_limit,
    refutable=scaled(_quantal_limit),
)


def _points(m: int, n: int) -> st.SearchStrategy[oracles.Point]:
    def inside(k: int) -> st.SearchStrategy[np.ndarray]:
        return rows(k).map(lambda p: (p + 0.02) / (p + 0.02).sum())

    return st.tuples(inside(m), inside(n), inside(n), inside(m))


def _operators() -> st.SearchStrategy[tuple[Any, ...]]:
    two = st.tuples(_POSITIVE, _POSITIVE)
    return st.tuples(st.integers(2, 3), st.integers(2, 3)).flatmap(
        lambda size: st.tuples(
            payoffs(*size), payoffs(*size), _points(*size), _points(*size), two, st.sampled_from([0.25, 1.0, 4.0])
        )
    )


def _monotone(  # type: ignore[no-untyped-def]
    A, B, x, y, tau, balance: float, *, product: float, reverse: bool
) -> Check:
    root = math.sqrt(product / (tau[0] * tau[1]))
    epsilon = (root * balance, root / balance)
    weights = bounds.player_weights(epsilon, tau)
    at_x, at_y = (oracles.quantal_operator(point, (A, B.T), epsilon, tau, weights, reverse) for point in (x, y))
    size = max(float(np.abs(force).max()) for force in (*at_x, *at_y))
    return Check(-oracles.inner_product(x, y, at_x, at_y), 0.0, scale=size)


def _crossing(share: float) -> tuple[Any, ...]:
    """Return two points at which a strategy moves, and the other's adversary after it."""
    half, step = np.full(2, 0.5), np.array([0.05, -0.05])
    x, y = (half + step, half, half, half + share * step), (half - step, half, half, half - share * step)
    return (np.zeros((2, 2)), np.zeros((2, 2)), x, y, (1.0, 1.0), 1.0)


monotone = Theorem(
    name="quantal-monotone",
    statement=(
        r"For two players, the reversed divergence and negative entropy, the operator of strategies and adversaries is "
        r"monotone from $\epsilon_1\epsilon_2\tau_1\tau_2 = 1/16$ on, when players are weighted by "
        r"$w_2/w_1 = \sqrt{\epsilon_1\tau_2/(\epsilon_2\tau_1)}$."
    ),
    source="mazumdar2025 for 1; derived here",
    assumptions=r"two players; $\epsilon_i, \tau_i > 0$",
    instances=_operators() | st.just(_crossing(0.5)),
    check=lambda *drawn: _monotone(*drawn, product=bounds.MONOTONE_PRODUCT, reverse=True),
    refutable=lambda *drawn: _monotone(*drawn, product=0.9 * bounds.MONOTONE_PRODUCT, reverse=True),
)

monotone_barrier = Theorem(
    name="quantal-monotone-log-barrier",
    statement=(
        r"For two players, relative entropy and log barriers, the same operator is monotone from "
        r"$\epsilon_1\epsilon_2\tau_1\tau_2 = 1/64$ on."
    ),
    source="mazumdar2025 for 1; derived here, with popoviciu1935",
    assumptions=r"two players; $\epsilon_i, \tau_i > 0$",
    instances=_operators() | st.just(_crossing(0.5)),
    check=lambda *drawn: _monotone(*drawn, product=bounds.MONOTONE_PRODUCT_LOG_BARRIER, reverse=False),
    refutable=lambda *drawn: _monotone(*drawn, product=0.9 * bounds.MONOTONE_PRODUCT_LOG_BARRIER, reverse=False),
)

THEOREMS = (adversaries, second_order, barrier, quantal_limit, monotone, monotone_barrier)
