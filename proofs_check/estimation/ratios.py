r"""Likelihood ratios multiply, and so do their second moments.

Left sides are sums over all episodes of tiny models.
"""

from __future__ import annotations

import functools

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

from proofs_check.claims import Claim
from proofs_check.estimation.episodes import coin, episodes, worlds
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP, FiniteHorizonMDP
from rltheory import estimation as est
from rltheory.estimation.bounds import off_policy as bounds

_COIN = coin()


def _second_moment(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, steps_off: int = 0) -> Check:
    seen = episodes(model, target, behaviour)
    kept = seen.ratios[:, : max(0, model.H - steps_off)]
    return Check.equal(seen.mean(kept.prod(axis=1) ** 2), est.ratio_second_moment(model, target, behaviour))


SECOND_MOMENT = Theorem(
    name="ratio-second-moment",
    statement=(
        r"$\mathbb{E}_b\, \rho_{0:H-1}^2 = \mu M_0 \cdots M_{H-1} \mathbf 1$ with $M_t(s, s') = \sum_a"
        r" \frac{\pi_t(a|s)^2}{b_t(a|s)} P_t(s'|s,a)$."
    ),
    source="szepesvari2022, lecture 19",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds() | st.just(_COIN),
    check=_second_moment,
    refutable=functools.partial(_second_moment, steps_off=1),  # false: of one step less
)


def _largest_chi_square(target: np.ndarray, behaviour: np.ndarray) -> float:
    squares = np.divide(target**2, behaviour, out=np.zeros_like(target), where=behaviour > 0)
    return max(0.0, float(squares.sum(axis=2).max(initial=1.0)) - 1)


def _second_moment_bound(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray) -> Check:
    seen = episodes(model, target, behaviour)
    rhs = bounds.ratio_second_moment(_largest_chi_square(target, behaviour), model.H)
    return Check(seen.mean(seen.ratios.prod(axis=1) ** 2), rhs)


SECOND_MOMENT_BOUND = Theorem(
    name="ratio-second-moment-bound",
    statement=r"$\mathbb{E}_b\, \rho_{0:H-1}^2 \le (1 + \max_{t,s} \chi^2(\pi_t(\cdot|s) \,\|\, b_t(\cdot|s)))^H$.",
    source="derived here",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds() | st.just(_COIN),
    check=_second_moment_bound,
    refutable=scaled(_second_moment_bound),
    tight=lambda: _second_moment_bound(*_COIN),
    tight_ratio=0.999999,
    attained_by="One of two actions, always, against a fair coin, in a single state",
)


@st.composite
def _everywhere(draw: DrawFn) -> tuple[MDP, np.ndarray, np.ndarray, int]:
    """Draw a chain that may go anywhere, and two policies."""
    S, H, seed = draw(st.integers(1, 2)), draw(st.integers(0, 4)), draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    mdp = MDP.from_arrays(rng.dirichlet(np.ones(S), size=(S, 2)), np.zeros((S, 2)), 0.9)
    target, behaviour = (rng.dirichlet([1.0, 1.0], size=S) for _ in range(2))
    return mdp, target, 0.8 * behaviour + 0.1, H


def _one_state(H: int = 3) -> tuple[MDP, np.ndarray, np.ndarray, int]:
    mdp = MDP.from_pairs([[1.0], [1.0]], [1.0, 0.0], 0.9, n_actions=2)
    return mdp, np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]), H


def _growth(mdp: MDP, target: np.ndarray, behaviour: np.ndarray, H: int) -> Check:
    """Both ends of the enclosure, with an eigenvector of the matrix that the definition writes down."""
    steps = (np.tile(policy, (H, 1, 1)) for policy in (target, behaviour))
    seen = episodes(mdp.finite_horizon(H), *steps)
    moment = seen.mean(seen.ratios.prod(axis=1) ** 2)
    M = np.einsum("sa,saz->sz", target**2 / behaviour, mdp.P.toarray().reshape(*target.shape, -1))
    values, vectors = np.linalg.eig(M)
    x = np.abs(vectors[:, np.argmax(values.real)].real)
    lower, upper = bounds.ratio_growth(np.exp(est.growth_rate(mdp, target, behaviour)), x, mdp.mu, H)
    return Check.everywhere([moment, -moment], [upper, -lower])


GROWTH = Theorem(
    name="ratio-growth",
    statement=(
        r"$\lambda^h \mu x / \max x \le \mathbb{E}_b\, \rho_{0:h-1}^2 \le \lambda^h \mu x / \min x$ where"
        r" $M x = \lambda x$, $x > 0$: the second moment grows at the rate $\ln \lambda(M)$ a step."
    ),
    source="szepesvari2022, lecture 19 (with the eigenvalue in place of its logarithm)",
    assumptions=r"stationary policies and kernel, $M > 0$, as in ratio-second-moment",
    instances=_everywhere() | st.builds(_one_state, st.integers(1, 5)),
    check=_growth,
    refutable=scaled(_growth),
    tight=lambda: _growth(*_one_state()),
    tight_ratio=0.999999,
    attained_by="A single state",
)

THEOREMS = (SECOND_MOMENT, SECOND_MOMENT_BOUND, GROWTH)


def _rate() -> Check:
    mdp, target, _, H = _one_state(20)
    moment = est.ratio_second_moment(mdp.finite_horizon(H), target, target)
    eigenvalue = np.exp(est.growth_rate(mdp, target, target))
    return Check(eigenvalue * H, np.log(moment))


CLAIMS = (
    Claim(
        name="ratio-growth-eigenvalue",
        statement=(
            r"$\mathbb{E}_b\, \rho_{0:h-1}^2$ grows like $e^{\alpha h}$, where $\alpha$ is the largest eigenvalue of $M"
            r" = \sum_a \frac{\pi^2}{b} P$."
        ),
        source="szepesvari2022, lecture 19, prints it",
        counterexample=_rate,
        instance="the behaviour is the target: all ratios are 1, so is the second moment, and so is the eigenvalue",
        lesson=r"it grows like $\lambda^h = e^{h \ln \lambda}$: ratio-growth",
    ),
)
