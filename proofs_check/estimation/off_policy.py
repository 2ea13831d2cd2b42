r"""Values of one policy from the data of another: means and variances of estimators, and what no estimator can beat.

Left sides are sums over all episodes of tiny models.
"""

from __future__ import annotations

import functools

import hypothesis.strategies as st
import numpy as np

from proofs_check.claims import Claim
from proofs_check.estimation import episodes as oracle
from proofs_check.estimation.episodes import Instance, coin, episodes, trees, worlds
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
def _everywhere(draw: st.DrawFn) -> tuple[MDP, np.ndarray, np.ndarray, int]:
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
        r"$\lambda^h \mu x / \max x \le \mathbb{E}_b\, \rho_{0:h-1}^2 \le \lambda^h \mu x / \min x$ where $M x = \lambda"
        r" x$, $x > 0$: the second moment grows at the rate $\ln \lambda(M)$ a step."
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


def _importance(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, other: bool = False) -> Check:
    seen = episodes(model, target, behaviour)
    terms = oracle.per_decision(seen) if other else oracle.weighted_return(seen)
    return Check.equal(seen.moments(terms), est.importance_sampling_moments(model, target, behaviour))


IMPORTANCE = Theorem(
    name="importance-sampling-variance",
    statement=(
        r"$\rho_{0:H-1} G$ has the mean $v^\pi$ and the second moment $\mu C_0$ with $C_t = M_t (r_t^2 P_t A_{t+1} + 2"
        r" \gamma r_t P_t B_{t+1} + \gamma^2 P_t C_{t+1})$, where $A_t, B_t, C_t$ are the expectations of"
        r" $\rho_{t:H-1}^2$ times $1, G_t, G_t^2$."
    ),
    source="derived here",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$; $M_t x\,(s) = \sum_a \frac{\pi_t(a|s)^2}{b_t(a|s)} x(s, a)$",
    instances=worlds() | st.just(_COIN),
    check=_importance,
    refutable=functools.partial(_importance, other=True),  # false: of the estimator that weights decision by decision
)


def _per_decision(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, other: bool = False) -> Check:
    seen = episodes(model, target, behaviour)
    terms = oracle.weighted_return(seen) if other else oracle.per_decision(seen)
    return Check.equal(seen.moments(terms), est.per_decision_moments(model, target, behaviour))


PER_DECISION = Theorem(
    name="per-decision-variance",
    statement=(
        r"$\sum_t \gamma^t \rho_{0:t} r_t$ has the mean $v^\pi$ and the second moment $\mu D_0$ with $D_t = M_t (r_t^2 +"
        r" 2 \gamma r_t P_t v^\pi_{t+1} + \gamma^2 P_t D_{t+1})$."
    ),
    source="jiang2016, theorem 1 with no predictions",
    assumptions=r"as for importance-sampling-variance",
    instances=worlds() | st.just(_COIN),
    check=_per_decision,
    refutable=functools.partial(_per_decision, other=True),  # false: of the estimator that weights whole episodes
)


def _weighted(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, centred: bool = True) -> Check:
    seen = episodes(model, target, behaviour)
    ratio, returns = seen.ratios.prod(axis=1), seen.rewards.sum(axis=1)
    centre = seen.mean(ratio * returns) if centred else 0.0
    limit = est.weighted_importance_sampling_variance(model, target, behaviour)
    spread = float(np.abs(returns).max(initial=0.0)) ** 2 * seen.mean(ratio**2)
    return Check(abs(seen.mean(ratio**2 * (returns - centre) ** 2) - limit), 0.0, scale=spread)


WEIGHTED = Theorem(
    name="weighted-importance-sampling-limit",
    statement=(
        r"$\mathbb{E}_b\, \rho_{0:H-1}^2 (G - v^\pi)^2 = \mu (C_0 - 2 v^\pi B_0 + (v^\pi)^2 A_0)$: the limit of n times"
        r" the variance of weighted importance sampling."
    ),
    source="derived here (by the delta method)",
    assumptions=r"as for importance-sampling-variance, which defines A, B and C",
    instances=worlds() | st.just(_COIN),
    check=_weighted,
    refutable=functools.partial(_weighted, centred=False),  # false: without subtracting the value
)


def _marginalised(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, visits_count: bool = True
) -> Check:
    seen = episodes(model, target, behaviour)
    weights = oracle.by_pair(seen) if visits_count else np.ones_like(seen.ratios)
    terms = (weights * seen.ratios * seen.rewards).sum(axis=1)
    return Check.equal(seen.moments(terms), est.marginalised_moments(model, target, behaviour))


def _turn() -> Instance:
    """Two states; the target goes where the reward is, the behaviour half of the time."""
    P = [[[1.0, 0.0], [0.0, 1.0]]] * 2
    model = FiniteHorizonMDP(P, [[0.0, 0.0], [1.0, 1.0]], H=3, mu=0)
    return model, np.tile([0.0, 1.0], (3, 2, 1)), np.full((3, 2, 2), 0.5)


MARGINALISED = Theorem(
    name="marginalised-variance",
    statement=(
        r"$\sum_t \gamma^t w_t(s_t) \rho_t r_t$ with $w_t = d^\pi_t / d^b_t$ has the mean $v^\pi$, and the variance of a"
        r" sum of rewards $w_t \rho_t r_t$ along a chain."
    ),
    source="xie2019",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds() | st.just(_turn()),
    check=_marginalised,
    refutable=functools.partial(_marginalised, visits_count=False),  # false: without the ratios of the states
)


def _marginalised_bound(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray) -> Check:
    """The moments of the ratios of pairs are sums over episodes, too."""
    seen = episodes(model, target, behaviour)
    ratios = oracle.by_pair(seen) * seen.ratios
    second = seen.mean((ratios * seen.rewards).sum(axis=1) ** 2)
    return Check(second, bounds.marginalised_second_moment(model.gamma, seen.probability @ ratios**2))


def _own_data() -> Instance:
    model, target, _ = coin()
    return model, target, target


MARGINALISED_BOUND = Theorem(
    name="marginalised-second-moment",
    statement=(
        r"$\mathbb{E}_b \big(\sum_t \gamma^t w_t \rho_t r_t\big)^2 \le \sum_t \gamma^t \sum_t \gamma^t C_t$ with $C_t ="
        r" \mathbb{E}_b (w_t \rho_t)^2$: no product of ratios, hence no exponent."
    ),
    source="derived here",
    assumptions=r"rewards in $[-1, 1]$",
    instances=worlds() | st.just(_own_data()),
    check=_marginalised_bound,
    refutable=scaled(_marginalised_bound),
    tight=lambda: _marginalised_bound(*_own_data()),
    tight_ratio=0.999999,
    attained_by="Data of the target itself, with every reward 1,",
)


def _with_predictions(
    world: Instance,
) -> st.SearchStrategy[tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, np.ndarray]]:
    return oracle.tables(world[1].shape).map(lambda q: (*world, q))


def _doubly_robust_moments(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, q: np.ndarray, *, told: bool = True
) -> Check:
    """The estimator divides by another policy than the one that acts."""
    assumed = 0.5 * behaviour + 0.5 * target
    seen = episodes(model, target, behaviour)
    t = np.arange(model.H)
    divided = target[t, seen.states[:, :-1], seen.actions] / assumed[t, seen.states[:, :-1], seen.actions]
    terms = oracle.doubly_robust(seen._replace(ratios=divided), model.gamma, target, q)
    found = est.doubly_robust_moments(model, target, behaviour, q, assumed=assumed if told else None)
    return Check.equal(seen.moments(terms), found)


_COIN_AND_ZERO = (*_COIN, np.zeros((3, 1, 2)))

DOUBLY_ROBUST_MOMENTS = Theorem(
    name="doubly-robust-moments",
    statement=(
        r"With $m_t = \hat v_t + \mathbb{E}_b \rho_t (\delta_t + \gamma P_t m_{t+1})$ and $D_t = \hat v_t^2 + 2 \hat v_t"
        r" (m_t - \hat v_t) + \mathbb{E}_b \rho_t^2 (\delta_t^2 + 2 \gamma \delta_t P_t m_{t+1} + \gamma^2 P_t"
        r" D_{t+1})$, $\delta_t = r_t - \hat q_t$, the doubly robust term has the mean $\mu m_0$ and the second moment"
        r" $\mu D_0$."
    ),
    source="jiang2016, theorem 1 for ratios that are right; derived here",
    assumptions=r"$\rho_t = \pi_t / \hat b_t$, where $\hat b$ need not be the behaviour; any $\hat q$",
    instances=worlds().flatmap(_with_predictions) | st.just(_COIN_AND_ZERO),
    check=_doubly_robust_moments,
    refutable=functools.partial(_doubly_robust_moments, told=False),  # false: as if the ratios were right
)


def _unbiased(
    model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, q: np.ndarray, *, wrong: bool = False
) -> Check:
    """Wrong predictions with the right ratios, and right predictions with wrong ratios."""
    seen = episodes(model, target, behaviour)
    value = seen.mean(oracle.weighted_return(seen))
    distorted = seen._replace(ratios=0.9 * seen.ratios)
    right = est.target_values(model, target)
    means = [
        seen.mean(oracle.doubly_robust(seen, model.gamma, target, q)),
        seen.mean(oracle.doubly_robust(distorted, model.gamma, target, q if wrong else right)),
    ]
    return Check.equal(means, value)


UNBIASED = Theorem(
    name="doubly-robust-unbiased",
    statement=r"The doubly robust term has the mean $v^\pi$ if the ratios are right, and also if $\hat q = q^\pi$.",
    source="jiang2016, section 4",
    assumptions=r"$b_t(a|s) > 0$ where $\pi_t(a|s) > 0$",
    instances=worlds().flatmap(_with_predictions) | st.just(_COIN_AND_ZERO),
    check=_unbiased,
    refutable=functools.partial(_unbiased, wrong=True),  # false: if both are wrong, ratios by a tenth
)


def _fisher(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, by_history: bool = False) -> Check:
    seen = episodes(model, target, behaviour)
    if not by_history:
        return Check.equal(oracle.fisher_bound(seen, model.n_states), est.cramer_rao(model, target, behaviour))
    terms = oracle.doubly_robust(seen, model.gamma, target, est.target_values(model, target))
    return Check.equal(seen.moments(terms)[1], est.cramer_rao(model, target, behaviour))


def _forgetful(H: int = 3) -> Instance:
    """The first action does not matter, and is forgotten; then a fair toss decides whether the last step earns 1."""
    P = np.zeros((4, 2, 4))
    P[0, :, 1], P[1, :, 2], P[1, :, 3], P[2, :, 2], P[3, :, 3] = 1.0, 0.5, 0.5, 1.0, 1.0
    r = np.zeros((H, 4, 2))
    r[2, 2] = 1.0
    always, half = np.tile([1.0, 0.0], (H, 4, 1)), np.full((H, 4, 2), 0.5)
    half[1:] = always[1:]
    return FiniteHorizonMDP(P, r, H=H, mu=0), always, half


CRAMER_RAO = Theorem(
    name="off-policy-cramer-rao",
    statement=(
        r"$g^\top I^{+} g = \operatorname{Var}_\mu v_0 + \sum_t \gamma^{2(t+1)} \sum_{s,a} \frac{d^\pi_t(s,a)^2}"
        r"{d^b_t(s,a)} \operatorname{Var}_{P_t(\cdot|s,a)} v_{t+1}$, where I is the information of an episode of b about"
        r" the start and the dynamics, and g the gradient of $v^\pi$."
    ),
    source="jiang2016, theorem 3",
    assumptions=r"rewards and b known, the dynamics of every step unknown but for their zeros",
    instances=worlds(max_horizon=2) | st.just(_forgetful()),
    check=_fisher,
    refutable=functools.partial(_fisher, by_history=True),  # false: with the ratios of histories, as in a tree
)


def _attains(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, *, part: float = 1.0) -> Check:
    seen = episodes(model, target, behaviour)
    terms = oracle.doubly_robust(seen, model.gamma, target, part * est.target_values(model, target))
    return Check.equal(seen.moments(terms)[1], est.cramer_rao(model, target, behaviour))


ATTAINS = Theorem(
    name="doubly-robust-attains-cramer-rao",
    statement=r"In a tree, the variance of the doubly robust term with $\hat q = q^\pi$ is the bound of Cramer and Rao.",
    source="jiang2016, theorem 2",
    assumptions=r"every state has one history: $d^\pi_t / d^b_t = \rho_{0:t}$. From off-policy-cramer-rao",
    instances=trees(),
    check=_attains,
    refutable=functools.partial(_attains, part=0.9),  # false: with predictions that are a tenth too small
)


def _nothing_below(model: FiniteHorizonMDP, target: np.ndarray, behaviour: np.ndarray, q: np.ndarray) -> Check:
    seen = episodes(model, target, behaviour)
    terms = (
        oracle.weighted_return(seen),
        oracle.per_decision(seen),
        oracle.doubly_robust(seen, model.gamma, target, q),
    )
    return Check(est.cramer_rao(model, target, behaviour), min(seen.moments(one)[1] for one in terms))


def _tree_and_values(H: int = 2, seed: int = 0) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, np.ndarray]:
    world = oracle.tree(H, seed)
    return (*world, est.target_values(*world[:2]))


NOTHING_BELOW = Theorem(
    name="cramer-rao-bound",
    statement=(
        r"No variance of importance sampling, per decision or not, or of the doubly robust term with any $\hat q$ is"
        r" below the bound of Cramer and Rao, as they are unbiased whatever the dynamics."
    ),
    source="jiang2016, theorems 2 and 3",
    assumptions=r"as for off-policy-cramer-rao",
    instances=worlds().flatmap(_with_predictions) | st.just(_tree_and_values()),
    check=_nothing_below,
    refutable=scaled(_nothing_below),
    tight=lambda: _nothing_below(*_tree_and_values()),
    tight_ratio=0.999999,
    attained_by=r"The doubly robust term with $\hat q = q^\pi$ in a tree",
)

THEOREMS = (
    SECOND_MOMENT,
    SECOND_MOMENT_BOUND,
    GROWTH,
    IMPORTANCE,
    PER_DECISION,
    WEIGHTED,
    MARGINALISED,
    MARGINALISED_BOUND,
    DOUBLY_ROBUST_MOMENTS,
    UNBIASED,
    CRAMER_RAO,
    ATTAINS,
    NOTHING_BELOW,
)


def _rate() -> Check:
    mdp, target, _, H = _one_state(20)
    moment = est.ratio_second_moment(mdp.finite_horizon(H), target, target)
    eigenvalue = np.exp(est.growth_rate(mdp, target, target))
    return Check(eigenvalue * H, np.log(moment))


def _single_episode() -> Check:
    """The weighted mean of one return is that return, where its weight is not zero."""
    seen = episodes(*_biased())
    return Check.equal(seen.mean(seen.rewards.sum(axis=1)), seen.mean(oracle.weighted_return(seen)))


def _biased() -> Instance:
    model = FiniteHorizonMDP([[[1.0], [1.0]]], [[1.0, 0.0]], H=1)
    return model, np.array([[[0.9, 0.1]]]), np.array([[[0.5, 0.5]]])


def _cancelling() -> Check:
    """A reward of 1 for nothing, then -1 for what the target does."""
    model = FiniteHorizonMDP([[[1.0], [1.0]]], [[[1.0, 1.0]], [[-1.0, 0.0]]], H=2)
    seen = episodes(model, np.tile([1.0, 0.0], (2, 1, 1)), np.full((2, 1, 2), 0.5))
    return Check(seen.moments(oracle.per_decision(seen))[1], seen.moments(oracle.weighted_return(seen))[1])


def _forgotten() -> Check:
    seen = episodes(*_forgetful())
    terms = oracle.doubly_robust(seen, 1.0, _forgetful()[1], est.target_values(*_forgetful()[:2]))
    return Check(seen.moments(terms)[1], est.cramer_rao(*_forgetful()))


def _informed() -> Check:
    """Action 0 meets the reward half of the time, action 1 always."""
    P = np.zeros((3, 2, 3))
    P[0, 0], P[0, 1], P[1, :, 1], P[2, :, 2] = [0.0, 0.5, 0.5], [0.0, 1.0, 0.0], 1.0, 1.0
    model = FiniteHorizonMDP(P, [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]], H=2, mu=0)
    target, behaviour = np.tile([1.0, 0.0], (2, 3, 1)), np.full((2, 3, 2), 0.5)
    behaviour[1] = target[1]
    seen = episodes(model, target, behaviour)
    terms = (oracle.by_pair(seen) * seen.ratios * seen.rewards).sum(axis=1)
    return Check(oracle.fisher_bound(seen, 3), seen.moments(terms)[1])


CLAIMS = (
    Claim(
        name="ratio-growth-eigenvalue",
        statement=(
            r"$\mathbb{E}_b\, \rho_{0:h-1}^2$ grows like $e^{\alpha h}$, where $\alpha$ is the largest eigenvalue of $M"
            r" = \sum_a \frac{\pi^2}{b} P$."
        ),
        source="szepesvari2022, lecture 19, prints it",
        counterexample=_rate,
        instance="The behaviour is the target: all ratios are 1, so is the second moment, and so is the eigenvalue.",
        lesson=r"It grows like $\lambda^h = e^{h \ln \lambda}$: ratio-growth.",
    ),
    Claim(
        name="weighted-importance-sampling-unbiased",
        statement=r"Weighted importance sampling is unbiased, as importance sampling is.",
        source="precup2000 shows that it is only consistent",
        counterexample=_single_episode,
        instance="One episode of one step: its weight cancels, and the estimate is the behaviour's reward.",
        lesson=(
            "Its bias is of order 1/n, and its spread, weighted-importance-sampling-limit, is that of returns around"
            " their mean."
        ),
    ),
    Claim(
        name="per-decision-never-worse",
        statement="Importance sampling per decision has no larger variance than importance sampling of whole returns.",
        source="liu2020 has such examples",
        counterexample=_cancelling,
        instance="A reward of 1, then one of -1: the return is always 0, but its parts get different weights.",
        lesson="Both variances are known exactly: importance-sampling-variance and per-decision-variance.",
    ),
    Claim(
        name="doubly-robust-always-attains",
        statement=r"The doubly robust term with $\hat q = q^\pi$ has the least possible variance in every model.",
        source="jiang2016, theorem 3, shows the gap",
        counterexample=_forgotten,
        instance=(
            "The first action does not matter and is forgotten; later surprises carry its ratio all the same, which"
            " doubles the variance."
        ),
        lesson="In a tree it has: doubly-robust-attains-cramer-rao. Elsewhere ratios of visits do better.",
    ),
    Claim(
        name="marginalised-obeys-cramer-rao",
        statement=r"Marginalised importance sampling with the true ratios of visits has no variance below Cramer-Rao's.",
        source="derived here",
        counterexample=_informed,
        instance=(
            "A state with the only reward, which one action reaches half of the time and the other one always: whoever"
            r" knows $d^\pi / d^b = 2/3$ needs to know how often b gets there, and no more."
        ),
        lesson=("The ratios are knowledge of the dynamics, and off-policy-cramer-rao is for those who have none."),
    ),
)
