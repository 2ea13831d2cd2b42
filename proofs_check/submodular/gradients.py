r"""The policy gradient theorem for diminishing returns: which sums an action may answer for, and which it may not."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.submodular import oracles
from proofs_check.submodular.instances import LATE, MODELS, SEEDS, STAR, at_zero, with_logits
from proofs_check.theorem import Check, Theorem
from rltheory.submodular import (
    HistorySoftmax,
    MarkovSoftmax,
    SubmodularMDP,
    all_trajectories,
    estimators,
    exact_gradient,
)


def _telescope(mdp: SubmodularMDP, *, forget: bool = False) -> Check:
    """Compare the sums of gains along every path with the worth of its beginnings."""
    paths = oracles.paths(mdp)
    elements = mdp.elements(np.array(paths))
    gains = (
        mdp.F.gains_along(elements.reshape(-1, 1)).reshape(elements.shape) if forget else mdp.F.gains_along(elements)
    )
    worths = [[oracles.worth(mdp, path[: h + 1]) for h in range(mdp.H + 1)] for path in paths]
    return Check.equal(gains.cumsum(axis=1), worths)


telescope = Theorem(
    name="submodular-telescoping",
    statement=r"$F(s_0, \dots, s_h) = \sum_{j \le h} F(s_j \mid s_0, \dots, s_{j-1})$ for every beginning of a path.",
    source="prajapat2024",
    assumptions=r"$F(\emptyset) = 0$",
    instances=MODELS | st.just(STAR),
    check=_telescope,
    refutable=partial(_telescope, forget=True),  # false: as if gains did not diminish
)


def _gradient(mdp: SubmodularMDP, theta: np.ndarray, *, myopic: bool = False) -> Check:
    return Check.equal(oracles.gradient(mdp, theta), exact_gradient(mdp, MarkovSoftmax(theta), myopic=myopic))


policy_gradient = Theorem(
    name="submodular-policy-gradient",
    statement=(
        r"$\partial J / \partial \theta_h(s, a) = \sum_{\tau \to s} \Pr(\tau)\, \pi_h(a \mid s)\,"
        r" (Q(\tau, a) - V(\tau))$, where $Q$ and $V$ count the gains to come."
    ),
    source="prajapat2024; derived here",
    assumptions=r"a softmax policy that looks at the step and the state",
    instances=with_logits() | st.just(at_zero(LATE)),
    check=_gradient,
    refutable=partial(_gradient, myopic=True),  # false: as if the next gain alone told the direction
)


def _mean(mdp: SubmodularMDP, theta: np.ndarray, estimator: estimators.Estimator) -> np.ndarray:
    """Return the mean of an estimator: its sum over all trajectories."""
    policy = MarkovSoftmax(theta)
    paths = all_trajectories(mdp, policy)
    return estimators.estimate_gradient(policy, paths, estimator(paths))


def _unbiased(mdp: SubmodularMDP, theta: np.ndarray, estimator: estimators.Estimator) -> Check:
    return Check.equal(oracles.gradient(mdp, theta), _mean(mdp, theta, estimator))


full = Theorem(
    name="submodular-gradient-full",
    statement=r"$\nabla J = E \sum_i \nabla \log \pi(a_i \mid s_i)\, F(\tau)$.",
    source="williams1992; prajapat2024",
    assumptions=r"a softmax policy that looks at the step and the state",
    instances=with_logits() | st.just(at_zero(LATE)),
    check=partial(_unbiased, estimator=estimators.full),
    refutable=partial(_unbiased, estimator=estimators.published),  # false: F up to the next state in place of F
)

togo = Theorem(
    name="submodular-gradient-to-go",
    statement=r"$\nabla J = E \sum_i \nabla \log \pi(a_i \mid s_i) \sum_{j > i} F(s_j \mid s_0, \dots, s_{j-1})$.",
    source="prajapat2024; derived here",
    assumptions=r"a softmax policy that looks at the step and the state, although gains depend on the history",
    instances=with_logits() | st.just(at_zero(LATE)),
    check=partial(_unbiased, estimator=estimators.togo),
    refutable=partial(_unbiased, estimator=estimators.one_step),  # false: the next gain alone
)


def _remembering(mdp: SubmodularMDP, seed: int, *, myopic: bool = False) -> Check:
    """Draw logits after every history, and compare gradient and means of estimators with differences of J."""
    policy = HistorySoftmax.uniform(mdp)
    policy = policy.familiar(all_trajectories(mdp, policy).states)
    policy = policy.moved(np.random.default_rng(seed).normal(size=policy.theta.shape))
    paths = all_trajectories(mdp, policy)
    weights = [estimators.togo(paths), estimators.full(paths)]
    means = [estimators.estimate_gradient(policy, paths, weight) for weight in weights]
    slope = oracles.gradient(mdp, policy.theta, policy.rows_of)
    return Check.equal(slope[None], [*means, exact_gradient(mdp, policy, myopic=myopic)])


remembering = Theorem(
    name="submodular-gradient-memory",
    statement=(
        r"For policies that remember, too, gains to come and whole returns weigh scores without bias:"
        r" $\nabla J = E \sum_i \nabla \log \pi(a_i \mid s_0, \dots, s_i)"
        r" \sum_{j > i} F(s_j \mid s_0, \dots, s_{j-1})$."
    ),
    source="prajapat2024; derived here",
    assumptions=r"a softmax policy with logits of its own after every history",
    instances=st.tuples(MODELS, SEEDS) | st.tuples(st.just(LATE), SEEDS),
    check=_remembering,
    refutable=partial(_remembering, myopic=True),  # false: as if the next gain alone told the direction
)


def _baseline(mdp: SubmodularMDP, theta: np.ndarray, seed: int, *, sees_action: bool = False) -> Check:
    """Subtract a number that is drawn for each history, or for each history and action."""
    policy, rng = MarkovSoftmax(theta), np.random.default_rng(seed)
    paths = all_trajectories(mdp, policy)
    drawn: dict[tuple[int, ...], float] = {}
    subtracted = [
        [drawn.setdefault((*run[: i + 1], actions[i] * sees_action), rng.normal()) for i in range(mdp.H)]
        for run, actions in zip(paths.states.tolist(), paths.actions.tolist(), strict=True)
    ]
    weights = estimators.togo(paths) - np.array(subtracted)
    return Check.equal(oracles.gradient(mdp, theta), estimators.estimate_gradient(policy, paths, weights))


baseline = Theorem(
    name="submodular-gradient-baseline",
    statement=(
        r"$\nabla J = E \sum_i \nabla \log \pi(a_i \mid s_i)"
        r" \bigl( \sum_{j > i} F(s_j \mid s_0, \dots, s_{j-1}) - b(s_0, \dots, s_i) \bigr)$ for any $b$."
    ),
    source="prajapat2024; derived here",
    assumptions=r"$b$ knows the history up to $s_i$, but not $a_i$",
    instances=st.builds(lambda drawn, seed: (*drawn, seed), with_logits() | st.just(at_zero(LATE)), SEEDS),
    check=_baseline,
    refutable=partial(_baseline, sees_action=True),  # false: as if b might know the action
)


def _published(mdp: SubmodularMDP, theta: np.ndarray, *, myopic: bool = True) -> Check:
    means = [_mean(mdp, theta, estimator) for estimator in (estimators.published, estimators.one_step)]
    return Check.equal(means, oracles.gradient(mdp, theta, myopic=myopic)[None])


published = Theorem(
    name="submodular-published-direction",
    statement=(
        r"$E \sum_i \nabla \log \pi(a_i \mid s_i)\, F(s_0, \dots, s_{i+1})"
        r" = E \sum_i \nabla \log \pi(a_i \mid s_i)\, F(s_{i+1} \mid s_0, \dots, s_i)$: for each step the direction in"
        r" which the worth of what follows at once grows, which is not $\nabla J$."
    ),
    source="derived here",
    assumptions=r"the weights of the code that was published with prajapat2024, up to a factor",
    instances=with_logits() | st.just(at_zero(LATE)),
    check=_published,
    refutable=partial(_published, myopic=False),  # false: as if that were the gradient
)

THEOREMS = (telescope, policy_gradient, full, togo, remembering, baseline, published)
