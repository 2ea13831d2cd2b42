"""What variances and uncertain values are worth in a linear mixture, for any regression that covers the truth."""

from __future__ import annotations

import math
from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.mixture_strategies import linear_mixtures
from mdps.mixtures import mixture_of_kernels
from proofs_check.exploration.instances import Estimate, estimates
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import LinearMixtureMDP
from rltheory.exploration import home
from rltheory.exploration.bounds import reward_free as bounds
from rltheory.exploration.bounds.variance import variance_error


def _width(gram: np.ndarray, x: np.ndarray) -> float:
    return math.sqrt(max(float(x @ np.linalg.solve(gram, x)), 0.0))


def _sets(n: int) -> np.ndarray:
    """Return all indicator vectors of n states."""
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)


def _largest_widths(model: LinearMixtureMDP, gram: np.ndarray) -> np.ndarray:
    """Return the largest width over all sets of states, at each pair."""
    x = np.einsum("vn,sand->savd", _sets(model.n_states), model.phi)
    return np.sqrt(np.maximum(np.einsum("savd,de,save->sav", x, np.linalg.inv(gram), x), 0).max(axis=2))


def _variance(model: LinearMixtureMDP, value: np.ndarray, grams: np.ndarray, off: np.ndarray) -> Check:
    """Compare the estimated variance at the first pair with the true one."""
    x, squares = model.value_features(value)[0, 0], model.value_features(value**2)[0, 0]
    P, theta = model.kernel(0)[0, 0], model.step_theta(0)
    true = float(P @ (value - P @ value) ** 2)
    estimate = np.clip(squares @ (theta + off[1]), 0, 1) - np.clip(x @ (theta + off[0]), 0, 1) ** 2
    errors = [math.sqrt(off[i] @ grams[i] @ off[i]) for i in range(2)]
    return Check(
        abs(estimate - true), variance_error(_width(grams[0], x), errors[0], _width(grams[1], squares), errors[1])
    )


def _moments(model: LinearMixtureMDP, value: np.ndarray, grams: np.ndarray, off: np.ndarray, rhs: float = 1.0) -> Check:
    """Compare the variances of all powers of a value with what the moment estimator weights them by."""
    M, d = len(grams), model.d
    beta = max(math.sqrt(off[m] @ grams[m] @ off[m]) for m in range(M))
    x, y, weights = np.empty((M, d)), np.empty(M), np.empty(M)
    levels = home.moment_features(model.phi[0, 0], value, 0, x, y, np.empty(model.n_states))
    inverses, theta = np.linalg.inv(grams), model.step_theta(0) + off
    home.moment_variances(x, theta, inverses, inverses, beta, 1e-3, 1e-3, levels, weights)
    P = model.kernel(0)[0, 0]
    powers = [value ** (2.0**m) for m in range(levels)]
    return Check.everywhere(
        [P @ (v - P @ v) ** 2 for v in powers] or [0.0], [rhs * w for w in weights[:levels]] or [0.0]
    )


def _differences(model: LinearMixtureMDP, other: np.ndarray, *, after: bool = True) -> Check:
    r"""Compare what a policy is worth in two kernels with errors of steps, truncated at 1 after the expectation or not.

    The policy is the first action everywhere. Before the expectation, a trajectory's errors are added and truncated.
    """
    S, H = model.n_states, model.H
    ours, theirs, truncated = np.zeros((3, S))
    errors, Ps = [], []
    for t in reversed(range(H)):
        P, r = model.kernel(t)[:, 0], model.rewards(t)[:, 0]
        apart = (other - P) @ ours
        truncated = np.array(
            [bounds.two_models_difference(*pair) for pair in zip(np.abs(apart), P @ truncated, strict=True)]
        )
        errors.append(np.abs(apart))
        Ps.append(P)
        ours, theirs = r + other @ ours, r + P @ theirs
    rhs = truncated if after else _expected_truncated_sum(errors[::-1], Ps[::-1])
    return Check.everywhere(np.abs(ours - theirs), rhs)


def _expected_truncated_sum(errors: list[np.ndarray], Ps: list[np.ndarray]) -> np.ndarray:
    """Return the expectation of the smaller of 1 and the sum of errors along a path, by all paths."""

    def ahead(t: int, s: int, so_far: float) -> float:
        if t == len(errors) or so_far >= 1:
            return min(so_far, 1.0)
        so_far += errors[t][s]
        return float(sum(p * ahead(t + 1, j, so_far) for j, p in enumerate(Ps[t][s]) if p > 0))

    return np.array([ahead(0, s, 0.0) for s in range(len(errors[0]))])


def _monotone(
    phi: np.ndarray, theta: np.ndarray, gram: np.ndarray, beta: float, pair: np.ndarray, *, extra: bool = True
) -> Check:
    """Compare uncertain expectations of two values, the first no larger than the second."""
    smaller, larger = pair @ phi
    between = larger - smaller
    step = theta @ larger + beta * _width(gram, larger)
    rhs = bounds.smaller_value_step(step, beta * _width(gram, between), float(theta @ between)) if extra else step
    return Check(theta @ smaller + beta * _width(gram, smaller), rhs)


def _uncertain(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray) -> Check:
    """Compare the truncated errors of the first policy at the centre with the uncertain value, wherever it starts."""
    beta, inverse, theta = math.sqrt(off @ gram @ off), np.linalg.inv(gram), model.step_theta(0) + off
    u = np.minimum(1, beta * _largest_widths(model, gram))
    ours, errors, uncertain = np.zeros((3, model.n_states))
    for t in reversed(range(model.H)):
        x, P = model.value_features(ours)[:, 0], model.kernel(t)[:, 0]
        errors = np.array(
            [bounds.two_models_difference(*pair) for pair in zip(np.abs(x @ off), P @ errors, strict=True)]
        )
        ours = np.clip(model.rewards(t)[:, 0] + x @ theta, 0, 1)
        x = model.value_features(uncertain)
        widths = np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0))
        news = u if t < model.H - 1 else np.zeros_like(u)
        uncertain = np.clip(news + x @ theta + beta * widths, 0, 1).max(axis=1)
    return Check.everywhere(errors, uncertain)


def _certificate(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray) -> Check:
    """Compare what the plan at the centre loses with twice the uncertain value, of episodes that pay at most 1."""
    here, beta = np.arange(model.n_states), math.sqrt(off @ gram @ off)
    u, inverse, theta = (
        np.minimum(1, beta * _largest_widths(model, gram)),
        np.linalg.inv(gram),
        model.step_theta(0) + off,
    )
    planned, played, optimum, uncertain = np.zeros((4, model.n_states))
    for t in reversed(range(model.H)):
        r, P = model.rewards(t), model.kernel(t)
        q = np.clip(r + model.value_features(planned) @ theta, 0, 1)
        a, x = q.argmax(axis=1), model.value_features(uncertain)
        widths = np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0))
        news = u if t < model.H - 1 else np.zeros_like(u)
        uncertain = np.clip(news + x @ theta + beta * widths, 0, 1).max(axis=1)
        planned, played = q.max(axis=1), r[here, a] + P[here, a] @ played
        optimum = (r + P @ optimum).max(axis=1)
    return Check.everywhere(optimum - played, [bounds.two_models_suboptimality(v) for v in uncertain])


def _pseudo(model: LinearMixtureMDP, gram: np.ndarray, off: np.ndarray) -> Check:
    """Compare what an optimistic plan loses with H times what the pseudo-reward pays its policy."""
    H, here, beta = model.H, np.arange(model.n_states), math.sqrt(off @ gram @ off)
    widths, inverse, theta = _largest_widths(model, gram), np.linalg.inv(gram), model.step_theta(0) + off
    planned, played, optimum, paid = np.zeros((4, model.n_states))
    for t in reversed(range(H)):
        r, P, x = H * model.rewards(t), model.kernel(t), model.value_features(planned)
        bonus = beta * np.sqrt(np.maximum(np.einsum("sad,de,sae->sa", x, inverse, x), 0))
        q = np.clip(r + x @ theta + bonus, 0, H - t)
        a = q.argmax(axis=1)
        own = [bounds.pseudo_reward(beta, w, H=H, height=H - 1 - t) for w in widths[here, a]]
        planned, played = q.max(axis=1), r[here, a] + P[here, a] @ played
        paid, optimum = own + P[here, a] @ paid, (r + P @ optimum).max(axis=1)
    return Check.everywhere(optimum - played, H * paid)


def _known_but_for_one_direction() -> np.ndarray:
    return np.eye(2) + 1e8 * np.ones((2, 2))


def _swapped_coins(e: float = 0.1) -> Estimate:
    """Two actions win with 1/2 + e and 1/2 - e; the estimate, off by a little more than e for each, swaps them."""
    kernels = np.zeros((2, 3, 2, 3))
    kernels[:, 1, :, 1] = kernels[:, 2, :, 2] = 1.0
    kernels[0, 0, 0, 2] = kernels[0, 0, 1, 1] = kernels[1, 0, 0, 1] = kernels[1, 0, 1, 2] = 1.0
    model = mixture_of_kernels(kernels, [0.5 + e, 0.5 - e], [[0, 0], [0, 0], [1, 1]], H=2, mu=0)
    off = math.sqrt(2) * 1.0001 * e * np.array([-1.0, 1.0])
    return model.replace(r=[[0, 0], [0, 0], [0.999999, 0.999999]]), _known_but_for_one_direction(), off


def _unlucky_coin(e: float = 0.1) -> Estimate:
    """One action wins with probability q, which is known; the other with 2e less, and is believed to be as good."""
    q = 0.7
    kernels = np.zeros((2, 3, 2, 3))
    kernels[:, 1, :, 1] = kernels[:, 2, :, 2] = 1.0
    kernels[0, 0, 0, 2] = kernels[1, 0, 0, 1] = 1.0
    kernels[:, 0, 1, 1:] = [1 - q, q]
    model = mixture_of_kernels(kernels, [q - 2 * e, 1 - q + 2 * e], [[0, 0], [0, 0], [0.5, 0.5]], H=2, mu=0)
    return model, _known_but_for_one_direction(), math.sqrt(2) * 1.0001 * e * np.array([1.0, -1.0])


@st.composite
def _values(draw: DrawFn, levels: int) -> tuple[LinearMixtureMDP, np.ndarray, np.ndarray, np.ndarray]:
    """Draw a mixture, a value in [0, 1], and for each level a matrix and an error."""
    model = draw(linear_mixtures())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    seen = rng.normal(size=(levels, draw(st.sampled_from([1, 10])), model.d))
    off = rng.normal(size=(levels, model.d)) * draw(st.sampled_from([0.0, 1e-3, 0.1, 1.0]))
    value = np.where(rng.random(model.n_states) < 0.5, rng.random(model.n_states), rng.integers(0, 2, model.n_states))
    return model, value, 0.1 * np.eye(model.d) + np.swapaxes(seen, 1, 2) @ seen, off


def _sure(levels: int, *, error: float) -> tuple[LinearMixtureMDP, np.ndarray, np.ndarray, np.ndarray]:
    """A fair coin between the values 0 and 1, with one feature, and all estimates off by the same error."""
    model = mixture_of_kernels(np.full((1, 2, 1, 2), 0.5), [1.0], np.zeros((2, 1)), H=1, mu=0)
    return model, np.array([0.0, 1.0]), np.tile(np.eye(1), (levels, 1, 1)), np.full((levels, 1), error)


def _noiseless() -> tuple[LinearMixtureMDP, np.ndarray, np.ndarray, np.ndarray]:
    """A sure value of nearly 1, with a mean that is believed a little smaller and a square a little larger."""
    model = mixture_of_kernels(np.ones((1, 1, 1, 1)), [1.0], np.zeros((1, 1)), H=1, mu=0)
    return model, np.array([0.99]), np.ones((2, 1, 1)), np.array([[-1e-3], [1e-3]])


@st.composite
def _kernels(draw: DrawFn) -> tuple[LinearMixtureMDP, np.ndarray]:
    """Draw a mixture and another kernel for its first action."""
    model = draw(linear_mixtures(max_states=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    other = rng.dirichlet(np.full(model.n_states, draw(st.sampled_from([0.1, 1.0]))), size=model.n_states)
    return model, other


def _missed_luck() -> tuple[LinearMixtureMDP, np.ndarray]:
    """An error of 1/2, and on half of the paths one of 1 after it: they make a difference of 1, and 3/4 a path."""
    P, other, r = np.zeros((1, 4, 1, 4)), np.zeros((4, 4)), np.zeros((3, 4, 1))
    P[0, 0, 0, 1:3] = 0.5  # to the good state or the bad one
    other[0, 1] = 1.0
    P[0, [1, 2, 3], 0, [2, 2, 3]] = other[[1, 2, 3], [3, 2, 3]] = 1.0  # only one model wins from the good state
    r[2, 3] = 1.0
    return mixture_of_kernels(P, [1.0], r, H=3, mu=0), other


@st.composite
def _steps(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, np.ndarray]:
    """Draw features of one pair, an estimate, a matrix, a multiplier, and two values, one below the other."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    d, n = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    root, larger = rng.normal(size=(d, d)), rng.random(n)
    phi = rng.dirichlet(np.ones(n), size=d).T / math.sqrt(d)
    pair = np.stack([larger * rng.random(n), larger])
    return phi, math.sqrt(d) * rng.dirichlet(np.ones(d)), root @ root.T + 0.1 * np.eye(d), 5 * rng.random(), pair


_RISES = (
    np.array([[0.9, 0.1], [0.1, 0.9]]) / math.sqrt(2),
    math.sqrt(2) * np.array([0.5, 0.5]),
    np.array([[51.0, 49.0], [49.0, 51.0]]),
    4.0,
    np.array([[0.6, 0.0], [0.6, 0.6]]),
)

VARIANCE = Theorem(
    name="mixture-variance-estimate",
    statement=(
        r"For $V \in [0,1]$, $\big| [\langle\phi_{V^2}, \theta_1\rangle]_{[0,1]} - [\langle\phi_V,"
        r" \theta_0\rangle]_{[0,1]}^2 - \mathrm{Var}(V) \big| \le \min\{1, \|\phi_{V^2}\|_{\Sigma_1^{-1}} \|\theta_1 -"
        r" \theta\|_{\Sigma_1}\} + \min\{1, 2 \|\phi_V\|_{\Sigma_0^{-1}} \|\theta_0 - \theta\|_{\Sigma_0}\}$."
    ),
    source="zhou2021, Lemma C.1",
    assumptions=r"any estimates $\theta_0, \theta_1$ and positive definite $\Sigma_0, \Sigma_1$",
    instances=st.just(_noiseless()) | _values(2),
    check=_variance,
    refutable=scaled(_variance, rhs=0.9),  # false: small errors of opposite sign add up
    tight=lambda: _variance(*_noiseless()),
    tight_ratio=0.98,
    attained_by="A sure value of nearly 1, with its mean and square believed to be a little apart,",
)
MOMENTS = Theorem(
    name="moment-estimator-covers",
    statement=(
        r"Where $\|\theta_m - \theta\|_{\Sigma_m} \le \beta$ at all levels, the moment estimator weights"
        r" $V^{2^m}$ by no less than its variance, so that noise in units of the weight has variance 1 at most."
    ),
    source="zhou2022",
    assumptions=r"$V \in [0, 1]$; running and frozen matrices may be the same",
    instances=st.just(_sure(3, error=0.0)) | _values(4),
    check=_moments,
    refutable=partial(_moments, rhs=0.9),  # false: where nothing is unknown it is the variance
    tight=lambda: _moments(*_sure(3, error=0.0)),
    tight_ratio=0.999,
    attained_by="A fair coin without an error of estimation",
)
DIFFERENCE = Theorem(
    name="two-models-difference",
    statement=(
        r"$|V^\pi_{\theta,t} - V^\pi_t| \le \bar V_t = \min\{1, |(P_\theta - P) V^\pi_{\theta,t+1}| + P"
        r" \bar V_{t+1}\}$, truncated after the expectation; $E \min\{1, \sum_t |(P_\theta - P)"
        r" V^\pi_{\theta,t+1}|\}$ is no bound."
    ),
    source="zhang2023; the order of truncation is derived here",
    assumptions=r"rewards are at least 0 and add up to 1 at most",
    instances=st.just(_missed_luck()) | _kernels(),
    check=_differences,
    refutable=partial(_differences, after=False),  # false: as printed, truncated along a path
    tight=lambda: _differences(*_missed_luck()),
    tight_ratio=0.999,
    attained_by="An error of 1/2, followed on half of the paths by one of 1,",
)
MONOTONE = Theorem(
    name="uncertainty-is-not-monotone",
    statement=(
        r"For $V \le V'$ and $f(V) = \langle\phi_V, \theta\rangle + \beta\|\phi_V\|_{\Sigma^{-1}}$, $f(V) \le f(V') +"
        r" (\beta\|\phi_{V'-V}\|_{\Sigma^{-1}} - \langle\phi_{V'-V}, \theta\rangle)_+$, and the last term cannot be"
        r" left out."
    ),
    source="derived here",
    assumptions=r"any $\theta$, $\beta \ge 0$, positive definite $\Sigma$",
    instances=st.just(_RISES) | _steps(),
    check=_monotone,
    refutable=partial(_monotone, extra=False),  # false: that f is monotone
)
CERTIFICATE = Theorem(
    name="reward-free-certificate",
    statement=(
        r"Where $\|\hat\theta - \theta\|_\Sigma \le \beta$, the plan at the centre loses at most $2 \hat V_0$ for any"
        r" reward that adds up to 1 at most, with $\hat V_t = \min\{1, \max_a u + \langle\phi_{\hat V_{t+1}},"
        r" \hat\theta\rangle + \beta\|\phi_{\hat V_{t+1}}\|_{\Sigma^{-1}}\}$ and $u = \min\{1, \beta \max_{f : S \to"
        r" [0,1]} \|\phi_f\|_{\Sigma^{-1}}\}$."
    ),
    source="derived here, after zhang2023",
    assumptions=r"one mixture for all steps; $u = 0$ at the last step",
    instances=st.just(_swapped_coins()) | estimates(per_step=False),
    check=_certificate,
    refutable=scaled(_certificate, rhs=0.9),  # false: coins that are swapped attain it
    tight=lambda: _certificate(*_swapped_coins()),
    tight_ratio=0.99,
    attained_by="Two actions that an estimate swaps",
)
UNCERTAIN = Theorem(
    name="reward-free-uncertain-value",
    statement=(
        r"Where $\|\hat\theta - \theta\|_\Sigma \le \beta$, $\bar V_t \le \hat V_t$ for every policy and reward, with"
        r" $\bar V_t = \min\{1, |\langle\phi_{V_{t+1}}, \hat\theta - \theta\rangle| + P \bar V_{t+1}\}$ along values V"
        r" at the centre."
    ),
    source="zhang2023; derived here for the relaxation",
    assumptions=r"as for the certificate; values are clipped to $[0, 1]$",
    instances=st.just(_swapped_coins()) | estimates(per_step=False),
    check=_uncertain,
    refutable=scaled(_uncertain, rhs=0.9),  # false: coins that are swapped attain it
    tight=lambda: _uncertain(*_swapped_coins()),
    tight_ratio=0.99,
    attained_by="One of two coins whose chances are swapped",
)
PSEUDO = Theorem(
    name="reward-free-pseudo-reward",
    statement=(
        r"Where the truth is covered, the optimistic plan for any reward in $[0,1]$ loses at most $H V^\pi(r)$, the"
        r" true value of its policy for the pseudo-reward $r_t = \min\{1, \frac{2\beta}H \max_{f : S \to [0, H-1-t]}"
        r" \|\phi_f\|_{\Sigma^{-1}}\}$."
    ),
    source="zhang2021",
    assumptions=r"plans are clipped to $[0, H - t]$",
    instances=st.just(_unlucky_coin()) | estimates(per_step=False),
    check=_pseudo,
    refutable=scaled(_pseudo, rhs=0.9),  # false: an unlucky coin attains it
    tight=lambda: _pseudo(*_unlucky_coin()),
    tight_ratio=0.99,
    attained_by="A pair of actions, the worse of which is believed to be as good,",
)

THEOREMS = (VARIANCE, MOMENTS, DIFFERENCE, MONOTONE, UNCERTAIN, CERTIFICATE, PSEUDO)
