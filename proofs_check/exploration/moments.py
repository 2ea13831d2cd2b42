r"""Why variances of all orders add up to little along a run: the sums of the horizon-free proof, on runs of NumPy.

A run plays HF-UCRL-VTR+ line by line, from any guess of the mixture, and with the radius that just covers the truth at
all levels, which leaves no slack for mistakes to hide in. Sums are then taken with the true kernel, variances as means
of squared deviations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from mdps.mixture_strategies import linear_mixtures
from mdps.mixtures import mixture_of_kernels
from proofs_check.claims import Remark
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import LinearMixtureMDP
from rltheory.exploration.bounds import moments as bounds


@dataclass(frozen=True, slots=True, eq=False)
class _Game:
    """What a run depends on: a model, a guess of its mixture, one random number a step, and the learner's sizes."""

    model: LinearMixtureMDP
    guess: np.ndarray
    uniforms: np.ndarray
    levels: int = 3
    ridge: float = 1.0
    alpha: float = 0.5
    gamma: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """States, actions, planned values, whether a step counts, radii, and widths: axes are episodes, steps, levels."""

    game: _Game
    states: np.ndarray
    actions: np.ndarray
    values: np.ndarray
    counts: np.ndarray
    widths: np.ndarray
    beta: float
    rows: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", self.game.model.kernel(0)[self.states[:, :-1], self.actions])

    def next_powers(self, m: int) -> np.ndarray:
        return self.values[:, 1:] ** (2.0**m)

    def means(self, m: int) -> np.ndarray:
        return (self.rows * self.next_powers(m)).sum(axis=2)

    def variances(self, m: int) -> float:
        """S_m."""
        off = self.next_powers(m) - self.means(m)[..., None]
        return float(((self.rows * off**2).sum(axis=2) * self.counts).sum())

    def drift(self, m: int) -> float:
        """A_m."""
        came = np.take_along_axis(self.next_powers(m), self.states[:, 1:, None], axis=2)[..., 0]
        return float(((self.means(m) - came) * self.counts).sum())

    def visited(self) -> np.ndarray:
        """The value of each state that was visited at its time, and of the one after the last step, which is 0."""
        return np.take_along_axis(self.values, self.states[..., None], axis=2)[..., 0]

    def ends(self, m: int) -> float:
        r""":math:`\sum_k V_{\tau+1}^{2^{m+1}}(s_{\tau+1}) - V_1^{2^{m+1}}(s_1)`."""
        powers = self.visited() ** (2.0 ** (m + 1))
        return float((powers[np.arange(len(powers)), self.counts.sum(axis=1)] - powers[:, 0]).sum())

    def steps(self, m: int) -> float:
        r""":math:`\sum_{k,h} V_h^{2^{m+1}}(s_h) - (P V_{h+1}^{2^m})^2`."""
        return float(((self.visited()[:, :-1] ** (2.0 ** (m + 1)) - self.means(m) ** 2) * self.counts).sum())

    def sum_of_widths(self, m: int) -> float:
        """R_m."""
        return float((self.widths[..., m] * self.counts).sum())

    @property
    def stopped(self) -> int:
        """G."""
        return int((~self.counts[:, -1]).sum())

    @property
    def orders(self) -> range:
        """Those below the last."""
        return range(self.game.levels - 1)


def _norms(inverse: np.ndarray, x: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(np.einsum("...i,...ij,...j->...", x, inverse, x), 0))


def _next(p: np.ndarray, uniform: float) -> int:
    possible = np.flatnonzero(p > 0)
    place = int(np.searchsorted(np.cumsum(p[possible]), uniform, side="right"))
    return int(possible[min(place, possible.size - 1)])


def _plan(model: LinearMixtureMDP, theta: np.ndarray, inverse: np.ndarray, beta: float) -> tuple[np.ndarray, ...]:
    values, actions = np.zeros((model.H + 1, model.n_states)), np.zeros((model.H, model.n_states), dtype=int)
    for t in reversed(range(model.H)):
        x = model.value_features(values[t + 1])
        q = np.clip(model.rewards(t) + x @ theta + beta * _norms(inverse, x), 0, 1)
        values[t], actions[t] = q.max(axis=1), q.argmax(axis=1)
    return values, actions


def _weights(game: _Game, x: np.ndarray, theta: np.ndarray, widths: np.ndarray, running: np.ndarray) -> np.ndarray:
    """Return the variance that each level divides by; ``widths`` are radii times frozen norms."""
    means = np.clip((x * theta).sum(axis=1), 0, 1)
    noise = np.ones(game.levels)
    noise[:-1] = means[1:] - means[:-1] ** 2 + np.minimum(1, 2 * widths[:-1]) + np.minimum(1, widths[1:])
    return np.maximum(np.maximum(game.gamma**2 * _norms(np.linalg.inv(running), x), noise), game.alpha**2)


def _played(game: _Game) -> _Run:
    """Play all episodes of a game."""
    model, M, d, (K, _) = game.model, game.levels, game.model.d, game.uniforms.shape
    H, truth, P = model.H, model.step_theta(0), model.kernel(0)
    gram = np.tile(game.ridge * np.eye(d), (M, 1, 1))
    moment = np.tile(game.ridge * game.guess, (M, 1))
    states, actions = np.zeros((K, H + 1), dtype=int), np.zeros((K, H), dtype=int)
    values, counts, widths = np.zeros((K, H + 1, model.n_states)), np.zeros((K, H), dtype=bool), np.zeros((K, H, M))
    betas, exponents = [], 2.0 ** np.arange(M)[:, None]
    for k in range(K):
        frozen, log_det = np.linalg.inv(gram), np.linalg.slogdet(gram)[1]
        theta = (frozen @ moment[..., None])[..., 0]
        off = theta - truth
        betas.append(math.sqrt(max(float(np.einsum("mi,mij,mj->m", off, gram, off).max()), 0)))
        values[k], policy = _plan(model, theta[0], frozen[0], betas[-1])
        s = states[k, 0] = _next(model.mu, game.uniforms[k, H])
        for t in range(H):
            counts[k, t] = (np.linalg.slogdet(gram)[1] - log_det <= math.log(2)).all()
            a = actions[k, t] = policy[t, s]
            powers = values[k, t + 1] ** exponents
            x = powers @ model.phi[s, a]
            reach = betas[-1] * _norms(frozen, x)
            widths[k, t] = np.minimum(1, reach)
            variance = _weights(game, x, theta, reach, gram)
            s = states[k, t + 1] = _next(P[s, a], game.uniforms[k, t])
            gram = gram + x[:, :, None] * x[:, None] / variance[:, None, None]
            moment = moment + (powers[:, s] / variance)[:, None] * x
    return _Run(game, states, actions, values, counts, widths, max(betas))


def _telescope(game: _Game, *, stops: bool = True) -> Check:
    """Compare variances with what telescopes; without stops, as if every episode went down to its end."""
    run, left, right = _played(game), [], []
    for m in range(game.levels):
        ends = run.ends(m) if stops else -float((run.visited()[:, 0] ** (2.0 ** (m + 1))).sum())
        left.append(run.variances(m))
        right.append(bounds.variances_by_telescope(run.drift(m + 1), ends, run.steps(m)))
    return Check.equal(left, right)


def _variances(game: _Game) -> Check:
    run, K = _played(game), len(game.uniforms)
    rhs = [
        bounds.sum_of_variances(m, K, drift=run.drift(m + 1), stopped=run.stopped, widths=run.sum_of_widths(0))
        for m in range(game.levels)
    ]
    return Check.everywhere([run.variances(m) for m in range(game.levels)], rhs)


def _widths(game: _Game) -> Check:
    run = _played(game)
    rhs = [
        bounds.sum_of_moment_widths(
            game.model.d,
            run.counts.size,
            beta=run.beta,
            variances=run.variances(m),
            widths=run.sum_of_widths(m),
            next_widths=run.sum_of_widths(m + 1),
            alpha=game.alpha,
            gamma=game.gamma,
            ridge=game.ridge,
        )
        for m in run.orders
    ]
    return Check.everywhere([run.sum_of_widths(m) for m in run.orders], rhs)


def _promises(game: _Game) -> Check:
    run, model = _played(game), game.model
    rewards = np.array([model.rewards(t) for t in range(model.H)])[np.arange(model.H), run.states[:, :-1], run.actions]
    promised = run.visited()[:, 0].sum()
    rhs = bounds.sum_of_broken_promises(drift=run.drift(0), stopped=run.stopped, widths=run.sum_of_widths(0))
    return Check(promised - rewards.sum(), rhs)


def _stopped(game: _Game) -> Check:
    run = _played(game)
    most = bounds.stopped_episodes(
        game.model.d, run.counts.size, levels=game.levels, alpha=game.alpha, ridge=game.ridge
    )
    return Check(run.stopped, most)


def _martingale(n: int, p: float, delta: float) -> Check:
    """How far n coins are from their mean where the tail of either direction is down to half of delta."""
    from scipy.stats import binom

    above, below = binom.isf(delta / 2, n, p) - n * p, n * p - binom.ppf(delta / 2, n, p)
    return Check(max(above, below), bounds.martingale_by_variance(n * p * (1 - p), n, delta))


@st.composite
def _games(draw: DrawFn) -> _Game:
    """Draw a game whose guess is good or bad and whose ridge is weak or strong."""
    model = draw(linear_mixtures(per_step=False))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    off = rng.normal(size=model.d) * draw(st.sampled_from([0.0, 0.01, 0.3]))
    uniforms = rng.random((draw(st.sampled_from([1, 3, 8])), model.H + 1))
    return _Game(
        model,
        model.step_theta(0) + off,
        uniforms,
        levels=draw(st.integers(2, 4)),
        ridge=draw(st.sampled_from([0.01, 0.3, 3.0])),
        alpha=draw(st.sampled_from([0.1, model.H**-0.5])),
        gamma=draw(st.sampled_from([0.1, model.d**-0.25])),
    )


def _waiting(H: int, q: float, *, ridge: float) -> _Game:
    """Each step a fair coin is thrown with probability q, but never was; without a throw, the end pays one half."""
    P, r = np.zeros((1, 3, 1, 3)), np.zeros((H, 3, 1))
    P[0, [1, 2], 0, [1, 2]] = 1.0
    P[0, 0, 0] = [1 - q, q / 2, q / 2]
    r[-1, :, 0] = [0.5, 0.0, 1.0]
    model = mixture_of_kernels(P, [1.0], r, H=H, mu=0)
    return _Game(model, model.step_theta(0), np.zeros((1, H + 1)), levels=2, ridge=ridge)


def _loud(H: int, error: float = 0.001) -> _Game:
    """A sure win at the end, slightly misjudged, by a learner who takes everything for noise."""
    model = mixture_of_kernels(np.ones((1, 1, 1, 1)), [1.0], [[[0.0]]] * (H - 1) + [[[1.0]]], H=H, mu=0)
    return _Game(model, np.array([1.0 - error]), np.zeros((1, H + 1)), levels=2, alpha=100.0, gamma=1e-3)


def _hopeful() -> _Game:
    """A coin for one half of the reward, believed to be better by as much as the radius, which loses."""
    kernels = np.zeros((2, 2, 1, 2))
    kernels[0, :, 0, 0] = kernels[1, :, 0, 1] = 1.0
    model = mixture_of_kernels(kernels, [0.5, 0.5], [[0.0], [0.5]], H=2, mu=0)
    return _Game(model, model.step_theta(0) + np.array([0.0, 0.1]), np.zeros((1, 3)))


def _news() -> _Game:
    """One episode of two steps, the first of which a little more than doubles the only determinant."""
    model = mixture_of_kernels(np.ones((1, 1, 1, 1)), [1.0], [[[0.0]], [[1.0]]], H=2, mu=0)
    return _Game(model, np.array([1.0]), np.zeros((1, 3)), levels=1, ridge=0.999, alpha=1.0)


_WAITING, _STOPPING = _waiting(200, 0.95, ridge=1e6), _waiting(4, 0.5, ridge=0.01)
_FAIR = (10**6, 0.5, 1e-12)
_COVERED = r"the truth is within $\beta_k$ of its estimates in every episode; $V$ as planned; episodes pay at most 1"

TELESCOPE = Theorem(
    name="variances-telescope",
    statement=(
        r"$S_m = A_{m+1} + \sum_k \big( V_{k,\tau+1}^{2^{m+1}}(s_{\tau+1}) - V_{k,1}^{2^{m+1}}(s_1) \big) + \sum_{k,h}"
        r" I_h \big( V_{k,h}^{2^{m+1}}(s_h) - (P V_{k,h+1}^{2^m}(s_h, a_h))^2 \big)$, $\tau$ the last step of episode k"
        r" that counts."
    ),
    source="zhou2022",
    assumptions=r"any values in $[0, 1]$, $V_{k,H+1} = 0$; steps count up to some stopping time",
    instances=st.just(_STOPPING) | _games(),
    check=_telescope,
    refutable=partial(_telescope, stops=False),  # false: as if no episode were stopped
)
VARIANCES = Theorem(
    name="sum-of-variances",
    statement=r"$S_m \le |A_{m+1}| + G + 2^{m+1} (K + 2 R_0)$.",
    source="zhou2022",
    assumptions=_COVERED,
    instances=st.just(_WAITING) | _games(),
    check=_variances,
    refutable=scaled(_variances, rhs=0.9),  # false: a run that never sees the coin thrown attains it
    tight=lambda: _variances(_WAITING),
    tight_ratio=0.95,
    attained_by="A path on which a likely throw of a coin never happens, however long it waits,",
)
WIDTHS = Theorem(
    name="sum-of-moment-widths",
    statement=(
        r"Below the last order, $R_m \le 2 d\iota + 2\sqrt2\,\beta\gamma^2 d\iota + 2\beta\sqrt{2 d\iota (S_m + 4 R_m +"
        r" 2 R_{m+1} + K H \alpha^2)}$, $\iota = \ln(1 + K H / (d\lambda\alpha^2))$, $\beta = \max_k \beta_k$."
    ),
    source="zhou2022; the constants are derived here",
    assumptions=_COVERED + r"; steps count while no determinant has doubled in the episode",
    instances=st.just(_loud(60)) | _games(),
    check=_widths,
    refutable=scaled(_widths, rhs=0.3),  # false: a learner who takes all for noise uses a third
    tight=lambda: _widths(_loud(60)),
    tight_ratio=0.32,
    attained_by="A sure win, misjudged by a learner who takes everything for noise,",
)
PROMISES = Theorem(
    name="sum-of-broken-promises",
    statement=r"$\sum_k \big( V_{k,1}(s_1) - \sum_h r_h(s_h, a_h) \big) \le A_0 + 2 R_0 + G$.",
    source="zhou2022",
    assumptions=_COVERED,
    instances=st.just(_hopeful()) | _games(),
    check=_promises,
    refutable=scaled(_promises, rhs=0.9),  # false: an unlucky coin, believed too good, attains it
    tight=lambda: _promises(_hopeful()),
    tight_ratio=0.999,
    attained_by="A coin that is believed too good by as much as the radius",
)
STOPPED = Theorem(
    name="stopped-episodes",
    statement=r"The determinant of some of M levels doubles within $G \le M d\iota / \ln 2$ episodes.",
    source="abbasi2011; zhou2022",
    assumptions=r"$\|x_{m,h}\| \le 1$, weights at most $\alpha^{-2}$, $\iota = \ln(1 + K H / (d\lambda\alpha^2))$",
    instances=st.just(_news()) | _games(),
    check=_stopped,
    refutable=scaled(_stopped, rhs=0.6),  # false: one episode with one piece of news
    tight=lambda: _stopped(_news()),
    tight_ratio=0.63,
    attained_by="One episode with one piece of news",
)
MARTINGALE = Theorem(
    name="martingale-by-variance",
    statement=(
        r"With probability $1 - \delta$, n martingale differences of at most c add up to no more than $\max\{2\sqrt{S"
        r" L}, c\sqrt{2 L}\} + \frac23 c L$ in either direction, S the sum of their conditional variances, $L ="
        r" \ln(2 (\lceil\log_2 n\rceil + 1) / \delta)$."
    ),
    source="freedman1975; the union over S is derived here",
    assumptions=r"$n \ge 1$, $0 < \delta < 1$; checked where S is known, by exact binomial tails",
    instances=st.just(_FAIR)
    | st.tuples(st.integers(1, 500), st.floats(0.001, 0.999), st.sampled_from([0.3, 0.05, 1e-4, 1e-12])),
    check=_martingale,
    refutable=scaled(_martingale, rhs=0.6),  # false: many coins use nearly two thirds, as S is rounded up
    tight=lambda: _martingale(*_FAIR),
    tight_ratio=0.62,
    attained_by="A million fair coins",
)

THEOREMS = (TELESCOPE, VARIANCES, WIDTHS, PROMISES, STOPPED, MARTINGALE)

REMARKS = (
    Remark(
        name="horizon-free-order",
        statement=(
            r"The regret of HF-UCRL-VTR+ is $\tilde O(d \sqrt K + d^2)$, with no power of H, if episodes pay 1 at most."
        ),
        source="zhou2022, Theorem 5.1",
        reason=(
            "an order without constants. The sums of its proof are checked along runs: variances-telescope,"
            " sum-of-variances, sum-of-moment-widths, sum-of-broken-promises, stopped-episodes and"
            " martingale-by-variance. What follows from them, with the radius of the theorem, is"
            " bounds.horizon_free_regret, which is above the trivial K before some 10^12 episodes, so that no run can"
            " refute it"
        ),
    ),
    Remark(
        name="horizon-free-exploration-order",
        statement=(
            r"HF-UCRL-RFE++ needs $\tilde O(d^2 \epsilon^{-2})$ episodes for a plan within $\epsilon$, for every reward"
            r" that adds up to 1 at most."
        ),
        source="zhang2023",
        reason=(
            "the algorithm maximises over policies, mixtures and rewards at once, for which nobody has a program, and"
            " its constants ask for more than 10^9 episodes. What is checked is the certificate of a run:"
            " reward-free-certificate and reward-free-uncertain-value"
        ),
    ),
)
