r"""How near worst cases are to the mean and to the least value, and how divergences bound each other."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np

from proofs_check.robust import oracles
from proofs_check.robust.instances import COIN, RADII, WEIGHTS, on_coin, problems, rows
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.robust import KL, TV, ChiSquare, bounds

_TOP = (np.array([0.0, 1.0]), np.array([0.0, 1.0]))  # the nominal row goes to the best state


def _on_support(p: np.ndarray, v: np.ndarray) -> tuple[float, float, float]:
    """Return the mean, the spread and the variance on the support."""
    v, p = v[p > 0], p[p > 0]
    mean = float(p @ v)
    return mean, float(v.max() - v.min()), float(p @ (v - mean) ** 2)


def _theorem(
    name: str,
    statement: str,
    check: Callable[..., Check],
    tight: tuple[np.ndarray, np.ndarray, float],
    parameters: st.SearchStrategy[float],
    source: str = "derived here",
    attained_by: str = "A fair coin",
) -> Theorem:
    return Theorem(
        name=name,
        statement=statement,
        source=source,
        assumptions=r"finitely many states",
        instances=problems(parameters) | st.just(tight),
        check=check,
        refutable=scaled(check, rhs=0.9),  # false: the constant is attained
        tight=lambda: check(*tight),
        tight_ratio=0.99,
        attained_by=attained_by,
    )


def _tv_mean(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    loss = p @ v - oracles.total_variation(p, v, lam=lam)
    return Check(loss, bounds.tv_penalty_loss(lam, v.max() - v.min()))


def _kl_mean(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    mean, spread, _ = _on_support(p, v)
    return Check(mean - oracles.penalised(1, p, v, lam), bounds.kl_penalty_loss(lam, spread), scale=spread)


def _chi_square_mean(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
    mean, spread, variance = _on_support(p, v)
    loss = mean - oracles.penalised(2, p, v, 2 * lam)
    return Check(loss, bounds.chi_square_penalty_loss(lam, variance), scale=spread)


def _chi_square_exact(p: np.ndarray, v: np.ndarray, above: float, factor: float = 1.0) -> Check:
    mean, _, variance = _on_support(p, v)
    lam = factor * bounds.chi_square_threshold(v[p > 0].max(), mean) + (above if factor == 1 else 0.0)
    if lam == 0:
        return Check(0.0, 0.0)
    return Check.equal(mean - bounds.chi_square_penalty_loss(lam, variance), oracles.penalised(2, p, v, 2 * lam))


chi_square_exact = Theorem(
    name="robust-chi-square-closed-form",
    statement=r"$R_\lambda = E V - \mathrm{Var}(V)/(4\lambda)$ once $\lambda \ge (V_{\max} - E V)/2$.",
    source="derived here",
    assumptions=r"chi-square without a factor 1/2",
    instances=problems(st.sampled_from([0.0, 0.1, 1.0])) | on_coin(0.0),
    check=_chi_square_exact,
    refutable=lambda p, v, above: _chi_square_exact(p, v, above, factor=0.5),  # false: from half of it on
)


def _concentration(
    constant: Callable[[float], float], optimum: Callable[..., float], *, everywhere: bool
) -> Callable[[np.ndarray, np.ndarray, float], Check]:
    def check(p: np.ndarray, v: np.ndarray, lam: float) -> Check:
        least = v.min() if everywhere else v[p > 0].min()
        mass = float(p[v == least].sum())
        above = optimum(p, v, lam) - least
        return Check(above, lam * constant(mass), scale=np.abs(v).max())

    return check


_tv_least = _concentration(
    bounds.tv_concentration, lambda p, v, lam: oracles.total_variation(p, v, lam=lam), everywhere=True
)
_kl_least = _concentration(bounds.kl_concentration, lambda p, v, lam: oracles.penalised(1, p, v, lam), everywhere=False)
_chi_square_least = _concentration(
    bounds.chi_square_concentration, lambda p, v, lam: oracles.penalised(2, p, v, 2 * lam), everywhere=False
)


def _tv_ball(p: np.ndarray, v: np.ndarray, rho: float) -> Check:
    return Check(p @ v - oracles.total_variation(p, v, rho=rho), bounds.ball_loss_tv(rho, v.max() - v.min()))


def _kl_ball(p: np.ndarray, v: np.ndarray, rho: float) -> Check:
    mean, spread, _ = _on_support(p, v)
    return Check(mean - oracles.constrained(1, p, v, rho), bounds.ball_loss_kl(rho, spread), scale=spread)


def _chi_square_ball(p: np.ndarray, v: np.ndarray, rho: float) -> Check:
    mean, spread, variance = _on_support(p, v)
    return Check(mean - oracles.chi_square_ball(p, v, rho), bounds.ball_loss_chi_square(rho, variance), scale=spread)


LIMITS = (
    _theorem(
        "robust-tv-penalty-loss",
        r"$E V - R^{\mathrm{TV}}_\lambda \le (V_{\max} - V_{\min} - \lambda)_+$.",
        _tv_mean,
        (*_TOP, 0.5),
        WEIGHTS,
        attained_by="A sure transition to the better of two states",
    ),
    _theorem(
        "robust-kl-penalty-loss",
        r"$E V - R^{\mathrm{KL}}_\lambda \le (V_{\max} - V_{\min})^2 / (8\lambda)$.",
        _kl_mean,
        (*COIN, 5.0),
        WEIGHTS,
        "hoeffding1963",
    ),
    _theorem(
        "robust-chi-square-penalty-loss",
        r"$E V - R^{\chi^2}_\lambda \le \mathrm{Var}(V) / (4\lambda)$.",
        _chi_square_mean,
        (*COIN, 1.0),
        WEIGHTS,
    ),
    chi_square_exact,
    _theorem(
        "robust-tv-concentration",
        r"$R^{\mathrm{TV}}_\lambda - V_{\min} \le \lambda (1 - p_{\min})$.",
        _tv_least,
        (*COIN, 0.5),
        WEIGHTS,
    ),
    _theorem(
        "robust-kl-concentration",
        r"$R^{\mathrm{KL}}_\lambda - V_{\min} \le \lambda \ln(1 / p_{\min})$.",
        _kl_least,
        (*COIN, 0.05),
        WEIGHTS,
    ),
    _theorem(
        "robust-chi-square-concentration",
        r"$R^{\chi^2}_\lambda - V_{\min} \le \lambda (1 / p_{\min} - 1)$.",
        _chi_square_least,
        (*COIN, 0.1),
        WEIGHTS,
    ),
    _theorem(
        "robust-tv-ball-loss",
        r"$E V - C^{\mathrm{TV}}_\rho \le \rho\, (V_{\max} - V_{\min})$.",
        _tv_ball,
        (*COIN, 0.25),
        RADII,
    ),
    _theorem(
        "robust-kl-ball-loss",
        r"$E V - C^{\mathrm{KL}}_\rho \le \sqrt{\rho / 2}\, (V_{\max} - V_{\min})$.",
        _kl_ball,
        (*COIN, 0.01),
        RADII,
        "pinsker1964",
    ),
    _theorem(
        "robust-chi-square-ball-loss",
        r"$E V - C^{\chi^2}_\rho \le \sqrt{\rho\, \mathrm{Var}(V)}$.",
        _chi_square_ball,
        (*COIN, 0.25),
        RADII,
        "duchi2021",
    ),
)


def _kl_by_hand(mu: np.ndarray, p: np.ndarray) -> float:
    return float(sum(m * np.log(m / q) for m, q in zip(mu, p, strict=True) if m > 0))


def _pairs() -> st.SearchStrategy[tuple[np.ndarray, np.ndarray]]:
    def inside(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        mu, p = pair
        mu = np.where(p > 0, mu, 0.0)
        return (mu / mu.sum() if mu.sum() else p), p

    return st.integers(1, 5).flatmap(lambda n: st.tuples(rows(n), rows(n)).map(inside))


def _log_chi_square(mu: np.ndarray, p: np.ndarray) -> Check:
    return Check(_kl_by_hand(mu, p), bounds.kl_from_chi_square(ChiSquare(lam=1.0).divergence(mu, p)))


def _pinsker(mu: np.ndarray, p: np.ndarray) -> Check:
    return Check(np.abs(mu - p).sum() / 2, bounds.tv_from_kl(KL(lam=1.0).divergence(mu, p)))


def _cauchy_schwarz(mu: np.ndarray, p: np.ndarray) -> Check:
    return Check(TV(lam=1.0).divergence(mu, p), bounds.tv_from_chi_square(ChiSquare(lam=1.0).divergence(mu, p)))


_SURE, _FAIR, _NEARLY_FAIR = np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([0.55, 0.45])


def _comparison(
    name: str,
    statement: str,
    check: Callable[..., Check],
    tight: tuple[np.ndarray, np.ndarray],
    source: str,
    attained_by: str = "A sure outcome against a fair coin",
) -> Theorem:
    return Theorem(
        name=name,
        statement=statement,
        source=source,
        assumptions=r"$\mu \ll p$",
        instances=_pairs() | st.just(tight),
        check=check,
        refutable=scaled(check, rhs=0.9),  # false: the constant is attained
        tight=lambda: check(*tight),
        tight_ratio=0.99,
        attained_by=attained_by,
    )


def _radii_between(p: np.ndarray, v: np.ndarray, lam: float, factor: float = 1.0) -> Check:
    """Compare with the least of C_t + 2 lam t^2 over a grid of t, for a convex C_t.

    Programs are solved only where C_t can have a kink, at the masses of the highest values. Between them stands its
    chord, which a convex function does not exceed: were there other kinks, the check would only demand more.
    """
    p, v = p[p > 0], v[p > 0]
    radii = np.linspace(0, 1, 51)
    kinks = np.unique(np.clip([0.0, *np.cumsum(p[np.argsort(-v)]), 1.0], 0, 1))
    balls = np.interp(radii, kinks, [oracles.total_variation(p, v, rho=t) for t in kinks])
    best = bounds.kl_penalty_from_tv_balls(factor * lam, radii, balls)
    step = (v.max() - v.min()) * radii[1] / 2  # what the grid may miss: the slope of C is at most the spread
    return Check(best - step, oracles.penalised(1, p, v, lam), scale=np.abs(v).max())


pinsker_envelope = Theorem(
    name="robust-pinsker-envelope",
    statement=r"$R^{\mathrm{KL}}_\lambda \ge \min_t \{ C^{\mathrm{TV}}_t + 2\lambda t^2 \}$.",
    source="derived here",
    assumptions=r"balls of total variation on the support of $p$",
    instances=problems(WEIGHTS, most=3) | on_coin(0.5),
    check=_radii_between,
    refutable=lambda p, v, lam: _radii_between(p, v, lam, factor=4.0),  # false: with 8 t^2
)

COMPARISONS = (
    _comparison(
        "kl-below-log-chi-square",
        r"$\mathrm{KL}(\mu \| p) \le \ln(1 + \chi^2(\mu \| p))$.",
        _log_chi_square,
        (_SURE, _FAIR),
        "derived here",
    ),
    _comparison(
        "robust-pinsker",
        r"$\mathrm{TV}(\mu, p) \le \sqrt{\mathrm{KL}(\mu \| p) / 2}$.",
        _pinsker,
        (_NEARLY_FAIR, _FAIR),
        "pinsker1964",
        attained_by="A coin that is nearly fair against a fair one",
    ),
    _comparison(
        "tv-below-chi-square",
        r"$\mathrm{TV}(\mu, p) \le \frac12 \sqrt{\chi^2(\mu \| p)}$.",
        _cauchy_schwarz,
        (_SURE, _FAIR),
        "derived here",
    ),
    pinsker_envelope,
)

THEOREMS = (*LIMITS, *COMPARISONS)
