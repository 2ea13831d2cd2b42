r"""SubPO: policy gradients of the marginal gains; ModPO: the same for rewards that do not diminish.

Each round samples a batch of n paths and climbs along

    $\hat g = \frac1n \sum_{\text{paths}} \sum_{i < H} \nabla \log \pi_\theta(a_i \mid x_i)
    \Bigl(\sum_{j > i} g_j - b_i\Bigr)$,

plainly, by Adam, or along the *natural* direction: the one in which the policy itself changes least for what it gains,
found by fitting the weights with the scores (Kakade 2001). For a table of logits that is the estimated advantage of
each action. ModPO replaces the gain of an arrival by what it would gain alone, $F(\{s_j\})$, which ordinary dynamic
programming maximises too, and which misleads: it pays again for what was seen.

The *entropy bonus* adds $\alpha\, \mathbb{E} \sum_h \mathcal{H}(\pi(\cdot \mid x_h))$ to J, in nats times alpha. Its
gradient has a part for the rows that are passed, and one for the entropies of those that an action leads to; published
code leaves out the second.
(Prajapat, Mutny, Zeilinger and Krause 2024.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.estimators import Baseline, Estimator, estimate_gradient, row_mean, togo
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import MarkovSoftmax, SoftmaxPolicy
from rltheory.submodular.policy_run import PolicyRun
from rltheory.submodular.rollouts import dynamics_of, roll_out
from rltheory.submodular.trajectories import Trajectories
from rltheory.submodular.update_rules import Update, adam


def subpo(
    mdp: SubmodularMDP,
    policy: SoftmaxPolicy | None = None,
    *,
    rounds: int = 200,
    batch: int = 500,
    update: Callable[[], Update] | None = None,
    natural: bool = False,
    estimator: Estimator = togo,
    baseline: Baseline = row_mean,
    entropy: float | Callable[[int], float] = 0.0,
    entropy_ahead: bool = True,
    additive: np.ndarray | None = None,
    rng: int | np.random.Generator | None = None,
) -> PolicyRun:
    """Improve a policy by gradients of the marginal gains.

    Parameters
    ----------
    mdp : SubmodularMDP
        It is sampled, not planned with.
    policy : SoftmaxPolicy, optional
        Where to begin: `MarkovSoftmax` that is uniform, by default.
    rounds, batch : int
        Number of updates, at least 1, and of paths for each, at least 2.
    update : callable, optional
        An update rule, ``ascent(rate)`` or ``adam(rate)``; by default Adam at rate 0.1.
    natural : bool
        Whether to hand the natural direction to the update rule, instead of the gradient.
    estimator : callable
        `estimators.togo`, `full`, `published` or `one_step`.
    baseline : callable
        `estimators.row_mean`, `step_mean` or `no_baseline`.
    entropy : float or callable
        Weight alpha of the entropy bonus in reward units for a nat, or a function of the round 0, 1, ...
    entropy_ahead : bool
        Whether the entropy of later rows counts, as the gradient of the bonus has it; False leaves it out, as
        published.
    additive : ndarray, shape (n_elements,), optional
        What each arrival pays in place of its gain, at every visit; the learning curve still shows F.
    rng : int or numpy.random.Generator, optional
        Seed or generator.

    Returns
    -------
    PolicyRun
        The learning curve, and the policy after the last round.

    Raises
    ------
    ModelError
        If ``rounds`` or ``batch`` is too small, or the policy does not fit the model.

    Examples
    --------
    On a ring of six states, all of them can be seen, by going one way.

    >>> from rltheory.submodular.functions.modular import Modular
    >>> ring = np.stack([np.roll(np.eye(6), 1, axis=1), np.roll(np.eye(6), -1, axis=1)], axis=1)
    >>> run = subpo(SubmodularMDP(ring, Modular(np.ones(6)), H=5, mu=0), rounds=60, batch=100, rng=0)
    >>> run.certified().value
    6.0
    """
    if rounds < 1 or batch < 2:
        raise ModelError(f"rounds is {rounds} and batch is {batch}; at least 1 round of 2 paths is needed")
    policy = MarkovSoftmax.uniform(mdp) if policy is None else policy
    rng, dynamics, next_step = np.random.default_rng(rng), dynamics_of(mdp), (update or adam(0.1))()
    returns, errors, best = np.empty(rounds), np.empty(rounds), (-np.inf, np.zeros(0, dtype=np.int64))
    for t in range(rounds):
        paths = roll_out(mdp, policy, batch, rng=rng, dynamics=dynamics)
        returns[t], errors[t] = paths.mean, paths.standard_error
        best = max(best, paths.best, key=lambda seen: seen[0])
        if additive is not None:
            paths = replace(paths, gains=additive[mdp.elements(paths.states)])
        policy = policy.familiar(paths.states)
        alpha = float(entropy(t) if callable(entropy) else entropy)
        direction = _direction(policy, paths, estimator(paths), natural, baseline, alpha, entropy_ahead)
        policy = policy.moved(next_step(direction))
    return PolicyRun(mdp, "SubPO", policy, returns, errors, batch, best_path=best[1], best_return=best[0])


def modpo(mdp: SubmodularMDP, policy: SoftmaxPolicy | None = None, **options: Any) -> PolicyRun:
    """Improve a policy by gradients of the additive reward, to which an arrival pays what it would gain alone.

    Parameters
    ----------
    mdp, policy, **options
        Those of `subpo`, without ``additive``.

    Returns
    -------
    PolicyRun
        The learning curve shows F, which is not what is climbed.

    Raises
    ------
    ModelError
        As for `subpo`.

    Examples
    --------
    Waiting in the best state pays again and again, so this planner does, where going on to the next would see both.

    >>> from rltheory.submodular.functions.modular import Modular
    >>> line = SubmodularMDP(np.eye(3)[[[0, 1], [1, 2], [2, 2]]], Modular([1, 3, 2]), H=3, mu=0)
    >>> modpo(line, rounds=60, batch=100, rng=0).certified().value
    4.0
    >>> subpo(line, rounds=60, batch=100, rng=0).certified().value
    6.0
    """
    alone = mdp.F.gains_along(np.arange(mdp.F.n_elements)[:, None])[:, 0]
    return replace(subpo(mdp, policy, additive=alone, **options), method="ModPO")


def _direction(
    policy: SoftmaxPolicy,
    paths: Trajectories,
    weights: np.ndarray,
    natural: bool,
    baseline: Baseline,
    alpha: float,
    entropy_ahead: bool,
) -> np.ndarray:
    """Return the direction in which a batch says that the parameters should move."""
    rows, prob = policy.rows_of(paths.states), policy.prob
    if alpha and entropy_ahead:
        weights = weights + alpha * _later(row_entropies(prob)[rows])
    if natural:
        return policy.fit_scores(rows, paths.actions, weights - alpha * np.log(prob[rows, paths.actions]))
    slope = estimate_gradient(policy, paths, weights - baseline(rows, weights, len(prob)))
    return slope + alpha * entropy_slope(policy, rows, paths.prob) if alpha else slope


def row_entropies(prob: np.ndarray) -> np.ndarray:
    """Return the entropy of each row of probabilities, in nats."""
    return -(prob * np.log(np.where(prob > 0, prob, 1.0))).sum(axis=-1)


def entropy_slope(policy: SoftmaxPolicy, rows: np.ndarray, prob: np.ndarray) -> np.ndarray:
    r"""Return the derivative, in the parameters, of the paths' mean sum of entropies, with the paths held fixed.

    $\partial \mathcal{H}(\pi) / \partial z_a = -\pi_a (\log \pi_a + \mathcal{H}(\pi))$.
    """
    table = policy.prob
    logs = np.log(np.where(table > 0, table, 1.0))
    passed = np.bincount(rows.ravel(), np.broadcast_to(prob[:, None], rows.shape).ravel(), len(table))
    return policy.pull_back(-passed[:, None] * table * (logs + row_entropies(table)[:, None]))


def _later(entropies: np.ndarray) -> np.ndarray:
    """Return the sum of what comes strictly later on the path."""
    return np.cumsum(entropies[:, ::-1], axis=1)[:, ::-1] - entropies
