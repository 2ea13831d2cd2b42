"""Linear values: what temporal differences find under stationary weights, and how they diverge under others."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.extra import numpy as hnp
from hypothesis.strategies import DrawFn

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, value_vectors
from proofs_check import oracles
from proofs_check.approximation.projections import norm, projected, stationary, td_fixed_point
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
TRACES = st.sampled_from([0.0, 0.5, 0.9])
SHARES = st.sampled_from([0.0, 0.5, 0.9, 1.0])


def _reward_process(mdp: MDP) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The chain of a model with one action, its reward and a stationary distribution."""
    P, r = oracles.chain(mdp, np.zeros(mdp.n_states, dtype=int))
    return P, r, stationary(P)


@st.composite
def _chains(draw: DrawFn) -> tuple[MDP, np.ndarray]:
    """Draw a chain and features that the stationary distribution tells apart."""
    mdp = draw(discounted_mdps(max_states=4, max_actions=1))
    shape = (mdp.n_states, draw(st.integers(1, max(1, mdp.n_states - 1))))
    features = draw(hnp.arrays(np.float64, shape, elements=st.integers(-3, 3), fill=st.nothing()))
    weighted = np.sqrt(_reward_process(mdp)[2])[:, None] * features
    singular = np.linalg.svd(weighted, compute_uv=False)
    return mdp, features if singular[-1] > 0.01 else np.ones((mdp.n_states, 1))


def _projected_contraction(mdp: MDP, features: np.ndarray, v: np.ndarray, weights: np.ndarray | None = None) -> Check:
    P, _, D = _reward_process(mdp)
    D = D if weights is None else weights
    return Check(norm(projected(features, D, mdp.gamma * P @ v), D), bounds.contraction(mdp.gamma, norm(v, D)))


def _with_values(drawn: tuple[MDP, np.ndarray]) -> st.SearchStrategy[tuple[MDP, np.ndarray, np.ndarray]]:
    return st.tuples(st.just(drawn[0]), st.just(drawn[1]), value_vectors(drawn[0]))


projected_contraction = Theorem(
    name="projected-contraction",
    statement=(
        r"$\|\Pi_D T_\pi u - \Pi_D T_\pi v\|_{2,D} \le \gamma \|u - v\|_{2,D}$ if $D$ is stationary: on-policy, fitted "
        r"value iteration converges."
    ),
    source="tsitsiklis1997",
    assumptions=r"$\Pi_D$ projects on the features in the norm of $D$; tested for the difference of the two values",
    instances=_chains().flatmap(_with_values),
    check=_projected_contraction,
    # False: with even weights.
    refutable=lambda mdp, features, v: _projected_contraction(
        mdp, features, v, np.full(mdp.n_states, 1 / mdp.n_states)
    ),
    tight=lambda: _projected_contraction(mdps.single_state(), np.ones((1, 1)), np.ones(1)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _td(mdp: MDP, features: np.ndarray, trace: float) -> Check:
    P, r, D = _reward_process(mdp)
    v = oracles.discounted_sum(P, mdp.gamma, r)
    found = td_fixed_point(P, r, mdp.gamma, trace, features, D)
    promised = bounds.td_error(mdp.gamma, trace, norm(projected(features, D, v) - v, D))
    return Check(norm(found - v, D), promised, scale=norm(v, D))


def _flip(gamma: float, trace: float) -> tuple[MDP, np.ndarray, float]:
    return *mdps.td_flip(gamma, trace), trace


td_lambda = Theorem(
    name="td-error",
    statement=(
        r"$\|\Phi\theta - v^\pi\|_{2,D} \le \frac{1}{\sqrt{1 - \beta^2}} \|\Pi_D v^\pi - v^\pi\|_{2,D}$ for the fixed "
        r"point of TD($\lambda$), with $\beta = \frac{\gamma (1 - \lambda)}{1 - \gamma^2 \lambda}$, if $D$ is "
        r"stationary."
    ),
    source="derived here; tsitsiklis1997, Theorem 1 (with a larger factor)",
    assumptions=(
        r"$\Phi$ of full rank. With $A = \gamma (1-\lambda) P (I - \gamma\lambda P)^{-1}$ and the midpoint $c$ of what "
        r"$A$ makes of the circle, $A - c$ has the norm $\beta (1 - c)$, and $(1 - c)\, x = \Pi (A - c)(x + b)$ for "
        r"$x = \Phi\theta - \Pi v$ and $b = \Pi v - v$, which is orthogonal to $x$"
    ),
    instances=st.tuples(_chains(), TRACES | st.just(1.0)).map(lambda drawn: (*drawn[0], drawn[1]))
    | st.builds(_flip, DISCOUNTS, TRACES),
    check=_td,
    refutable=scaled(_td),
    tight=lambda: _td(*_flip(gamma=0.9, trace=0.5)),
    tight_ratio=0.999999,
    attained_by="`mdps.td_flip`, a chain that changes sides at every step, with one feature,",
)


def _sweep(gamma: float, share: float) -> float:
    """What a sweep of fitted value iteration on the pair of states makes of 1, by least squares."""
    mdp, features = mdps.off_policy_pair(gamma)
    target = gamma * mdp.P @ features[:, 0]
    return float(projected(features, np.array([share, 1 - share]), target)[0])


off_policy_growth = Theorem(
    name="off-policy-growth",
    statement=(
        r"With the features 1 and 2 of two worthless states, both leading to the second, a sweep of fitted value "
        r"iteration makes $\gamma \frac{4 - 2p}{4 - 3p} \theta$ of $\theta$: $\frac{6}{5} \gamma \theta$ with even "
        r"weights, $2 \gamma \theta$ if only the first state counts."
    ),
    source="tsitsiklis1996",
    assumptions=r"$p$ is the weight of the first state",
    instances=st.tuples(DISCOUNTS, SHARES | st.floats(0, 1)),
    check=lambda gamma, share: Check.equal(_sweep(gamma, share), bounds.off_policy_growth(gamma, share)),
    refutable=lambda gamma, share: Check.equal(_sweep(gamma, share), gamma),  # false: as under the stationary weights
)


def _diverges(gamma: float, share: float, sweeps: int = 20_000) -> bool:
    """Whether the parameter has grown a thousandfold after so many sweeps."""
    return bool(sweeps * np.log(_sweep(gamma, share)) > np.log(1e3))


def _divergence(gamma: float, share: float) -> Check:
    return Check.equal(_diverges(gamma, share), gamma > bounds.off_policy_divergence(share))


def _near_five_sixths() -> st.SearchStrategy[float]:
    return st.sampled_from([0.83, 0.832, 0.833, 0.834, 0.835, 0.84])


off_policy_divergence = Theorem(
    name="off-policy-divergence",
    statement=(
        r"Fitted value iteration on that pair diverges if $\gamma > \frac{4 - 3p}{4 - 2p}$ and converges if $\gamma$ "
        r"is less: with even weights the border is $\frac{5}{6}$, with the stationary ones it never diverges."
    ),
    source="tsitsiklis1996",
    assumptions=r"$p$ is the weight of the first state; tested at discounts that are not on the border",
    instances=st.tuples(DISCOUNTS | _near_five_sixths(), SHARES).filter(
        lambda drawn: abs(drawn[0] - bounds.off_policy_divergence(drawn[1])) > 1e-4
    ),
    check=_divergence,
    refutable=lambda gamma, share: Check.equal(_diverges(gamma, share), False),  # false: never
)


def _growth_rate(n_states: int, gamma: float) -> float:
    """Largest real part of the drift of the values in Baird's star, of which every mode can be represented."""
    mdp, features = mdps.baird_star(gamma, n_states)
    drift = features @ features.T @ (gamma * mdp.P.toarray() - np.eye(n_states)) / n_states
    return float(np.linalg.eigvals(drift).real.max())


def _star_border(n_states: int) -> float:
    """The discount at which the star begins to diverge, by bisection."""
    low, high = 0.0, 1 - 1e-9
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if _growth_rate(n_states, middle) > 0 else (middle, high)
    return high


baird_star = Theorem(
    name="baird-star",
    statement=(
        r"On Baird's star of $n$ states, all leading to the last and updated equally, expected temporal differences "
        r"diverge for $\gamma > \frac{n + 8}{2n + 3}$, at every step size, although every value can be represented: "
        r"$\frac{15}{17}$ for seven states."
    ),
    source="baird1995; the border derived here",
    assumptions=(
        r"$n \ge 6$. Among values that are equal but in the last state, $n$ times the drift has the trace "
        r"$(2n+3) \gamma - n - 8$ and the determinant $(1-\gamma)(n+19)$; compared is the border by bisection"
    ),
    instances=st.integers(6, 40),
    check=lambda n_states: Check.equal(_star_border(n_states), bounds.baird_divergence(n_states)),
    refutable=lambda n_states: Check.equal(_star_border(n_states), bounds.baird_divergence(7)),  # false: for all n
)

THEOREMS = (projected_contraction, td_lambda, off_policy_growth, off_policy_divergence, baird_star)
