r"""Every inner problem equals its dual or its linear program, and penalties and balls are envelopes of each other."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from proofs_check.robust import oracles
from proofs_check.robust.instances import PORTIONS, RADII, WEIGHTS, on_coin, problems
from proofs_check.theorem import Check, Theorem
from rltheory.robust import KL, L1, TV, ChiSquare, CressieRead, Divergence, LInf, bounds, worst_case

_POWERS = st.sampled_from([0.0, 0.5, 1.0, 1.5, 2.0, 3.0])


def _ends(divergence: Divergence, p: np.ndarray, v: np.ndarray) -> list[float]:
    """Return all that is claimed of one optimum: value, both ends, and what the kernel attains."""
    worst = worst_case(divergence, p, v)
    attained = worst.kernel @ v
    if divergence.is_penalty:
        attained += divergence.lam * divergence.divergence(worst.kernel, p)
    return [worst.value, worst.lower, worst.upper, float(attained)]


def _total_variation(p: np.ndarray, v: np.ndarray, lam: float, rho: float) -> Check:
    found = [_ends(TV(lam=lam), p, v), _ends(TV(rho=rho), p, v)]
    return Check.equal(found, [[oracles.total_variation(p, v, lam=lam)], [oracles.total_variation(p, v, rho=rho)]])


def _without_half(p: np.ndarray, v: np.ndarray, lam: float, rho: float) -> Check:
    found = [_ends(L1(lam=lam), p, v), _ends(L1(rho=rho), p, v)]
    return Check.equal(found, [[oracles.total_variation(p, v, lam=lam)], [oracles.total_variation(p, v, rho=rho)]])


tv_duality = Theorem(
    name="robust-tv-duality",
    statement=(
        r"$\min_\mu \{E_\mu V + \lambda\,\mathrm{TV}(\mu, p)\} = E_p \min(V, \min V + \lambda)$, and over a ball of "
        r"radius $\rho$ the worst kernel moves the highest mass $\rho$ to the least value."
    ),
    source="panaganti2022; derived here",
    assumptions=r"$\mathrm{TV} = \frac12 \sum |\mu - p|$; the minimum of $V$ is over all states",
    instances=problems(WEIGHTS, PORTIONS) | on_coin(0.5, 0.25),
    check=_total_variation,
    refutable=_without_half,  # false: the factor 1/2 left out
)


def _relative_entropy(p: np.ndarray, v: np.ndarray, lam: float, rho: float) -> Check:
    found = [_ends(KL(lam=lam), p, v), _ends(KL(rho=rho), p, v)]
    return Check.equal(found, [[oracles.penalised(1, p, v, lam)], [oracles.constrained(1, p, v, rho)]])


kl_duality = Theorem(
    name="robust-kl-duality",
    statement=(
        r"$\min_\mu \{E_\mu V + \lambda\,\mathrm{KL}(\mu \| p)\} = -\lambda \ln E_p e^{-V/\lambda}$, and over a ball "
        r"of radius $\rho$ the optimum is $\sup_\lambda \{ -\lambda \ln E_p e^{-V/\lambda} - \lambda\rho \}$."
    ),
    source="donsker1983; nilim2005",
    assumptions=r"$\lambda, \rho > 0$",
    instances=problems(WEIGHTS, RADII) | on_coin(0.5, 0.25),
    check=_relative_entropy,
    refutable=lambda p, v, lam, rho: Check.equal(  # false: the soft maximum in place of the soft minimum
        worst_case(KL(lam=lam), p, v).value, lam * np.log(p @ np.exp(v / lam))
    ),
)


def _chi_square(p: np.ndarray, v: np.ndarray, lam: float, rho: float, half: float = 1.0) -> Check:
    found = [_ends(ChiSquare(lam=lam), p, v), _ends(ChiSquare(rho=rho), p, v)]
    penalty = oracles.penalised(2, p, v, 2 * half * lam)  # chi-square is twice f_2
    return Check.equal(found, [[penalty], [oracles.chi_square_ball(p, v, rho / half)]])


chi_square_duality = Theorem(
    name="robust-chi-square-duality",
    statement=(
        r"With $E_p(\alpha - V)_+ = 2\lambda$, $\min_\mu \{E_\mu V + \lambda\chi^2(\mu \| p)\} = \alpha - \lambda - "
        r"E_p(\alpha - V)_+^2 / (4\lambda)$, and over a ball the optimum is $\max_\alpha \{ \alpha - \sqrt{(1 + \rho) "
        r"E_p(\alpha - V)_+^2} \}$."
    ),
    source="duchi2021; derived here",
    assumptions=r"$\chi^2 = \sum (\mu - p)^2 / p$, without a factor",
    instances=problems(WEIGHTS, RADII) | on_coin(1.0, 0.25),
    check=_chi_square,
    refutable=lambda p, v, lam, rho: _chi_square(p, v, lam, rho, half=0.5),  # false: with a factor 1/2
)


def _cressie_read(p: np.ndarray, v: np.ndarray, k: float, lam: float, rho: float) -> Check:
    found = [_ends(CressieRead(k, lam=lam), p, v), _ends(CressieRead(k, rho=rho), p, v)]
    return Check.equal(found, [[oracles.penalised(k, p, v, lam)], [oracles.constrained(k, p, v, rho)]])


cressie_read_duality = Theorem(
    name="robust-cressie-read-duality",
    statement=(
        r"$\min_\mu \{E_\mu V + \lambda D_k(\mu \| p)\} = "
        r"\max_\eta \{ \eta - \lambda E_p f_k^*((\eta - V)/\lambda) \}$ with $\eta$ between the least and the "
        r"largest value, and the optimum over a ball is the supremum over "
        r"$\lambda$ of this less $\lambda\rho$."
    ),
    source="cressie1984; duchi2021",
    assumptions=r"$k \ge 0$; kernels stay on the support of $p$",
    instances=problems(_POWERS, WEIGHTS, RADII) | on_coin(2.0, 1.0, 0.25),
    check=_cressie_read,
    refutable=lambda p, v, k, lam, rho: Check.equal(  # false: k = 2 taken for chi-square
        worst_case(CressieRead(2.0, lam=lam), p, v).value, worst_case(ChiSquare(lam=lam), p, v).value
    ),
)


def _sup_norm(p: np.ndarray, v: np.ndarray, rho: float) -> Check:
    return Check.equal(_ends(LInf(rho=rho), p, v), oracles.sup_norm(p, v, rho))


sup_norm_ball = Theorem(
    name="robust-sup-norm-knapsack",
    statement=(
        r"Over $\max_s |\mu(s) - p(s)| \le \rho$ the worst kernel is a fractional knapsack: the least of each "
        r"probability, and the rest to the states in order of their values."
    ),
    source="derived here",
    assumptions=r"$\rho \ge 0$",
    instances=problems(PORTIONS) | st.just((np.full(4, 0.25), np.arange(4.0), 0.1)),
    check=_sup_norm,
    refutable=lambda p, v, rho: Check.equal(  # false: the ball of total variation, which is smaller
        worst_case(LInf(rho=rho), p, v).value, worst_case(TV(rho=rho), p, v).value
    ),
)

_SMOOTH = st.sampled_from([0.5, 1.0, 1.5, 3.0])


def _penalty_envelope(p: np.ndarray, v: np.ndarray, k: float, lam: float, factor: float = 1.0) -> Check:
    divergence = CressieRead(k, lam=lam)
    worst = worst_case(divergence, p, v)
    nearest = factor * divergence.divergence(worst.kernel, p)
    radii = [nearest] if factor != 1 else [nearest, 0.5 * nearest + 0.01, nearest + 0.1]
    balls = [oracles.constrained(k, p, v, rho) if rho else float(p @ v) for rho in radii]
    return Check.equal(bounds.penalty_from_balls(lam, radii, balls), worst.value)


penalty_envelope = Theorem(
    name="robust-penalty-envelope",
    statement=r"$R_\lambda = \min_\rho \{ C_\rho + \lambda\rho \}$, attained at $\rho = D(\mu^*_\lambda \| p)$.",
    source="derived here",
    assumptions=r"Cressie and Read's divergences",
    instances=problems(_SMOOTH, WEIGHTS, most=4) | on_coin(1.5, 1.0),
    check=_penalty_envelope,
    refutable=lambda p, v, k, lam: _penalty_envelope(p, v, k, lam, factor=0.5),  # false: attained at half of it
)


def _ball_envelope(p: np.ndarray, v: np.ndarray, k: float, rho: float, factor: float = 1.0) -> Check:
    worst = worst_case(CressieRead(k, rho=rho), p, v)
    price = max(factor * worst.multiplier, 1e-6)
    weights = [price] if factor != 1 else [price, 0.5 * price, 2 * price + 0.1]
    attained = [oracles.penalised(k, p, v, lam) for lam in weights]
    gap = worst.value - bounds.ball_from_penalties(rho, weights, attained)
    return Check(abs(gap), 1e-6 * rho if worst.multiplier < 1e-6 else 0.0, scale=1 + np.abs(v).max())


ball_envelope = Theorem(
    name="robust-ball-envelope",
    statement=r"$C_\rho = \max_\lambda \{ R_\lambda - \lambda\rho \}$, attained at the price of the radius.",
    source="derived here",
    assumptions=r"Cressie and Read's divergences; $\rho > 0$",
    instances=problems(_SMOOTH, RADII, most=4) | on_coin(1.5, 0.1),
    check=_ball_envelope,
    refutable=lambda p, v, k, rho: _ball_envelope(p, v, k, rho, factor=2.0),  # false: attained at twice the price
)


THEOREMS = (
    tv_duality,
    kl_duality,
    chi_square_duality,
    cressie_read_duality,
    sup_norm_ball,
    penalty_envelope,
    ball_envelope,
)
