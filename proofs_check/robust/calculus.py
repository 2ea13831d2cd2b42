r"""How worst cases move with values, weights and divergences: shapes, symmetries, gradients, order.

The optimum with weight :math:`\lambda` is written R; it comes from an oracle wherever two optima are compared.
"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from proofs_check.robust import oracles
from proofs_check.robust.instances import WEIGHTS, on_coin, pairs_of_values, problems
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.robust import KL, TV, ChiSquare, CressieRead, Divergence, worst_case

_TOTAL_VARIATION = -1.0
KINDS = st.sampled_from([_TOTAL_VARIATION, 0.5, 1.0, 2.0, 3.0])
"""Total variation, or the power of a Cressie and Read divergence."""


def _divergence(kind: float, lam: float) -> Divergence:
    return TV(lam=lam) if kind == _TOTAL_VARIATION else CressieRead(kind, lam=lam)


def _oracle(kind: float, p: np.ndarray, v: np.ndarray, lam: float) -> float:
    if kind == _TOTAL_VARIATION:
        return oracles.total_variation(p, v, lam=lam)
    return oracles.penalised(kind, p, v, lam)


def _in_weight(p: np.ndarray, v: np.ndarray, kind: float, first: float, second: float) -> Check:
    low, high = sorted((first, second))
    middle = 0.5 * (low + high)
    ends = [worst_case(_divergence(kind, lam), p, v).value for lam in (low, high)]
    return Check.everywhere([ends[0], np.mean(ends)], [ends[1], _oracle(kind, p, v, middle)])


def _convex_in_weight(p: np.ndarray, v: np.ndarray, kind: float, first: float, second: float) -> Check:
    ends = [worst_case(_divergence(kind, lam), p, v).value for lam in (first, second)]
    return Check(_oracle(kind, p, v, 0.5 * (first + second)), 0.5 * sum(ends))


in_weight = Theorem(
    name="robust-concave-in-weight",
    statement=r"$\lambda \mapsto \min_\mu \{E_\mu V + \lambda D(\mu \| p)\}$ is nondecreasing and concave.",
    source="derived here",
    assumptions=r"any divergence",
    instances=problems(KINDS, WEIGHTS, WEIGHTS) | on_coin(1.0, 0.1, 1.0),
    check=_in_weight,
    refutable=_convex_in_weight,  # false: a minimum of affine functions is not convex
)


def _lipschitz(p: np.ndarray, v: np.ndarray, w: np.ndarray, kind: float, lam: float) -> Check:
    distance = abs(worst_case(_divergence(kind, lam), p, v).value - _oracle(kind, p, w, lam))
    return Check(distance, np.abs(v - w).max(), scale=np.abs(v).max())


lipschitz = Theorem(
    name="robust-lipschitz",
    statement=r"$|R(V) - R(W)| \le \max |V - W|$.",
    source="iyengar2005; derived here",
    assumptions=r"any divergence",
    instances=pairs_of_values(KINDS, WEIGHTS) | st.just((np.ones(1), np.zeros(1), np.ones(1), 1.0, 1.0)),
    check=_lipschitz,
    refutable=scaled(_lipschitz, rhs=0.9),  # false: adding a constant attains it
    tight=lambda: _lipschitz(np.ones(1), np.zeros(1), np.ones(1), 1.0, 1.0),
    tight_ratio=0.999,
    attained_by="One state",
)


def _symmetries(p: np.ndarray, v: np.ndarray, kind: float, lam: float, c: float, also: bool = True) -> Check:
    value = worst_case(_divergence(kind, lam), p, v).value
    moved = [_oracle(kind, p, v + c, lam), _oracle(kind, p, c * v, c * lam if also else lam)]
    return Check.equal([value + c, c * value], moved)


symmetries = Theorem(
    name="robust-symmetries",
    statement=r"$R_\lambda(V + c) = R_\lambda(V) + c$ and $R_{c\lambda}(cV) = c R_\lambda(V)$ for $c > 0$.",
    source="derived here",
    assumptions=r"any divergence",
    instances=problems(KINDS, WEIGHTS, st.sampled_from([0.5, 2.0, 3.0])) | on_coin(1.0, 1.0, 2.0),
    check=_symmetries,
    refutable=lambda p, v, kind, lam, c: _symmetries(
        p, v, kind, lam, c, also=False
    ),  # false: the weight must scale, too
)


def _gradient(p: np.ndarray, v: np.ndarray, w: np.ndarray, kind: float, lam: float) -> Check:
    worst = worst_case(_divergence(kind, lam), p, v)
    return Check(_oracle(kind, p, w, lam), worst.value + worst.kernel @ (w - v), scale=np.abs(w).max())


gradient = Theorem(
    name="robust-gradient-is-the-kernel",
    statement=r"The worst kernel is a supergradient: $R(W) \le R(V) + \mu^*_V \cdot (W - V)$, for all $W$.",
    source="danskin1966; derived here",
    assumptions=r"any divergence; $R$ is concave in $V$",
    instances=pairs_of_values(KINDS, WEIGHTS) | st.just((np.ones(2) / 2, *np.array([[0.0, 1], [0, -1]]), 1.0, 0.25)),
    check=_gradient,
    refutable=lambda p, v, w, kind, lam: Check(  # false: the nominal row in its place
        _oracle(kind, p, w, lam), worst_case(_divergence(kind, lam), p, v).value + p @ (w - v)
    ),
)


def _derivative(p: np.ndarray, v: np.ndarray, kind: float, lam: float, other: float, factor: float = 1.0) -> Check:
    divergence = _divergence(kind, lam)
    worst = worst_case(divergence, p, v)
    slope = factor * divergence.divergence(worst.kernel, p)
    return Check(_oracle(kind, p, v, other), worst.value + slope * (other - lam), scale=np.abs(v).max())


derivative = Theorem(
    name="robust-derivative-is-the-divergence",
    statement=r"$R_{\lambda'} \le R_\lambda + D(\mu^*_\lambda \| p)\, (\lambda' - \lambda)$ for all $\lambda'$.",
    source="danskin1966; derived here",
    assumptions=r"any divergence",
    instances=problems(KINDS, WEIGHTS, WEIGHTS) | on_coin(1.0, 0.5, 0.25),
    check=_derivative,
    refutable=lambda p, v, kind, lam, other: _derivative(p, v, kind, lam, other, factor=2.0),  # false: twice the slope
)


def _order(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    return Check(worst_case(KL(lam=lam), p, v).value, oracles.penalised(2, p, v, 2 * lam), scale=np.abs(v).max())


order = Theorem(
    name="robust-kl-below-chi-square",
    statement=r"$R^{\mathrm{KL}}_\lambda(V) \le R^{\chi^2}_\lambda(V)$.",
    source="derived here",
    assumptions=r"since $\mathrm{KL} \le \ln(1 + \chi^2) \le \chi^2$",
    instances=problems(WEIGHTS) | on_coin(0.5),
    check=_order,
    refutable=lambda p, v, lam: Check(  # false: the other way round
        worst_case(ChiSquare(lam=lam), p, v).value, oracles.penalised(1, p, v, lam)
    ),
)


def _with_fail_state(p: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.append(p, 0.0), np.append(v - v.min(), 0.0)


def _floor(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    p, v = _with_fail_state(p, v)
    values = [worst_case(TV(lam=lam), p, v).value, oracles.total_variation(p, v, lam=lam)]
    return Check.equal(values, p @ np.minimum(v, lam))


def _floor_of_support(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    p, v = _with_fail_state(p, v)
    return Check.equal(worst_case(TV(lam=lam), p, v).value, p @ np.minimum(v, v[p > 0].min() + lam))


fail_state = Theorem(
    name="robust-tv-fail-state",
    statement=(
        r"With a state of value 0 that nothing is below, $\min_\mu \{E_\mu V + \lambda\,\mathrm{TV}\} = "
        r"E_p \min(V, \lambda)$, even if $p$ never goes there."
    ),
    source="liu2024; panaganti2022",
    assumptions=r"total variation; $V \ge 0$",
    instances=problems(WEIGHTS) | st.just((np.array([0.0, 1.0]), np.array([0.0, 2.0]), 0.5)),
    check=_floor,
    refutable=_floor_of_support,  # false: the least value on the support
)

THEOREMS = (in_weight, lipschitz, symmetries, gradient, derivative, order, fail_state)
