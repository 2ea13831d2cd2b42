r"""What no unbiased estimator can beat: the bound of Cramer and Rao, from the scores of all episodes of tiny models."""

from __future__ import annotations

import functools

import hypothesis.strategies as st
import numpy as np

from proofs_check.claims import Claim
from proofs_check.estimation import episodes as oracle
from proofs_check.estimation.episodes import Instance, coin, episodes, trees, with_predictions, worlds
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import FiniteHorizonMDP
from rltheory import estimation as est

_COIN = coin()


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
    return FiniteHorizonMDP.from_arrays(P, r, H=H, mu=0), always, half


CRAMER_RAO = Theorem(
    name="off-policy-cramer-rao",
    statement=(
        r"$g^\top I^{+} g = \operatorname{Var}_\mu v_0 + \sum_t \gamma^{2(t+1)} \sum_{s,a} \frac{d^\pi_t(s,a)^2}"
        r"{d^b_t(s,a)} \operatorname{Var}_{P_t(\cdot|s,a)} v_{t+1}$, where I is the information of an episode of b"
        r" about the start and the dynamics, and g the gradient of $v^\pi$."
    ),
    source="jiang2016, theorem 2 (for trees) and its extension",
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
    statement=r"In a tree, the doubly robust term with $\hat q = q^\pi$ has the variance of the Cramer-Rao bound.",
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
    source="jiang2016, theorem 2 (for trees) and its extension",
    assumptions=r"as for off-policy-cramer-rao",
    instances=worlds().flatmap(with_predictions) | st.just(_tree_and_values()),
    check=_nothing_below,
    refutable=scaled(_nothing_below),
    tight=lambda: _nothing_below(*_tree_and_values()),
    tight_ratio=0.999999,
    attained_by=r"The doubly robust term with $\hat q = q^\pi$ in a tree",
)

THEOREMS = (CRAMER_RAO, ATTAINS, NOTHING_BELOW)


def _forgotten() -> Check:
    seen = episodes(*_forgetful())
    terms = oracle.doubly_robust(seen, 1.0, _forgetful()[1], est.target_values(*_forgetful()[:2]))
    return Check(seen.moments(terms)[1], est.cramer_rao(*_forgetful()))


def _informed() -> Check:
    """Action 0 meets the reward half of the time, action 1 always."""
    P = np.zeros((3, 2, 3))
    P[0, 0], P[0, 1], P[1, :, 1], P[2, :, 2] = [0.0, 0.5, 0.5], [0.0, 1.0, 0.0], 1.0, 1.0
    model = FiniteHorizonMDP.from_arrays(P, [[0.0, 0.0], [1.0, 1.0], [0.0, 0.0]], H=2, mu=0)
    target, behaviour = np.tile([1.0, 0.0], (2, 3, 1)), np.full((2, 3, 2), 0.5)
    behaviour[1] = target[1]
    seen = episodes(model, target, behaviour)
    terms = (oracle.by_pair(seen) * seen.ratios * seen.rewards).sum(axis=1)
    return Check(oracle.fisher_bound(seen, 3), seen.moments(terms)[1])


CLAIMS = (
    Claim(
        name="doubly-robust-always-attains",
        statement=r"The doubly robust term with $\hat q = q^\pi$ has the least possible variance in every model.",
        source="jiang2016 has both bounds, for trees and without",
        counterexample=_forgotten,
        instance=(
            "the first action does not matter and is forgotten; later surprises carry its ratio all the same, which"
            " doubles the variance"
        ),
        lesson="in a tree it has: doubly-robust-attains-cramer-rao. Elsewhere ratios of visits do better",
    ),
    Claim(
        name="marginalised-obeys-cramer-rao",
        statement=r"Marginalised importance sampling with the true ratios has no variance below Cramer-Rao's.",
        source="derived here",
        counterexample=_informed,
        instance=(
            "a state with the only reward, which one action reaches half of the time and the other one always: whoever"
            r" knows $d^\pi / d^b = 2/3$ needs to know how often b gets there, and no more"
        ),
        lesson="the ratios are knowledge of the dynamics, and off-policy-cramer-rao is for those who have none",
    ),
)
