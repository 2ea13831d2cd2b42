"""A stochastic policy as a law over deterministic ones: closed forms, and derivatives as covariances."""

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import paired, unit_reward_mdps
from proofs_check.oracles import exact_policy_value, policy_of
from proofs_check.policy_optimisation import oracles as climbing
from proofs_check.policy_optimisation.curvature import CLAIMS, HARDEST
from proofs_check.policy_optimisation.instances import logits
from rltheory import MDP, CriterionError, ModelError
from rltheory.policy_optimisation import bounds, deterministic_mixture, softmax_ascent

STAY = MDP.from_pairs([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [1.0, 0.0, 0.0], 0.9, pair_start=[0, 2, 3])


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_staying_for_ever_has_the_weight_of_staying_a_while(p):
    mixture = deterministic_mixture(STAY, [[p, 1 - p], [1.0, 0.0]])
    assert mixture.weight @ mixture.values[:, 0] == pytest.approx(p / (1 - 0.9 * p))
    assert mixture.weight[0] == pytest.approx(0.1 * p / (1 - 0.9 * p))


def test_a_deterministic_policy_is_its_own_average():
    mixture = deterministic_mixture(STAY, [1, 0])
    assert mixture.weight.tolist() == [0.0, 1.0]


@given(paired(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)), logits))
def test_gradient_and_hessian_are_covariances_of_an_exponential_family(pair):
    mdp, theta = pair
    mixture = deterministic_mixture(mdp, policy_of(mdp, climbing.softmax(mdp, theta)))
    value = mixture.values @ mdp.mu
    taken = (mdp.pair_start[:-1] + mixture.policies)[..., None] == np.arange(mdp.n_pairs)
    score = taken.any(axis=1) - mixture.weight @ taken.any(axis=1)
    weighted = mixture.weight * (value - mixture.weight @ value)
    assert weighted @ score == pytest.approx(climbing.softmax_gradient(mdp, theta), abs=1e-9)
    assert (weighted[:, None] * score).T @ score == pytest.approx(climbing.softmax_hessian(mdp, theta), abs=1e-8)


@given(paired(unit_reward_mdps(max_states=2, gammas=(0.5, 0.9)), logits))
def test_the_hessian_is_the_change_of_the_gradient(pair):
    mdp, theta = pair
    direction, h = np.linspace(-1, 1, mdp.n_pairs), 1e-5
    change = climbing.softmax_gradient(mdp, theta + h * direction) - climbing.softmax_gradient(
        mdp, theta - h * direction
    )
    assert change / (2 * h) == pytest.approx(climbing.softmax_hessian(mdp, theta) @ direction, abs=1e-5)


def test_a_logistic_function_bends_most_where_the_bound_says():
    x = np.linspace(-5, 5, 100_001)
    p = 1 / (1 + np.exp(-x))
    bend = p * (1 - p) * (1 - 2 * p)
    assert bend.max() == pytest.approx(1 / (6 * np.sqrt(3)))
    assert p[bend.argmax()] == pytest.approx(HARDEST, abs=1e-4)


@pytest.mark.parametrize("m", [2, 3, 5])
def test_every_state_with_a_choice_adds_to_the_curvature(m):
    """A line, right or left, whose right end earns: all steps right and all left outweigh all other policies."""
    gamma, rare, to = 1 - 1e-8, 1e-4, np.arange(m)
    P = np.stack([np.eye(m)[np.minimum(to + 1, m - 1)], np.eye(m)[np.maximum(to - 1, 0)]], axis=1)
    line = MDP.from_arrays(P, np.outer(to == m - 1, [1.0, 1.0]), gamma=gamma)
    theta = np.zeros((m, 2))
    theta[[0, -1], 0] = np.log(rare), np.log(HARDEST / (1 - HARDEST) / rare)
    largest = np.abs(np.linalg.eigvalsh(climbing.softmax_hessian(line, theta.ravel()))).max()
    assert 0.998 <= largest / bounds.softmax_smoothness(gamma, m) <= 1


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("n_choices", [0, 1, 5])
def test_the_curvature_is_below_that_of_the_literature(gamma, n_choices):
    assert bounds.softmax_smoothness(gamma, n_choices) <= 8 / (1 - gamma) ** 3


@given(unit_reward_mdps(max_states=3, gammas=(0.5, 0.9)))
def test_with_the_largest_step_the_plain_climb_never_descends(mdp):
    L = bounds.softmax_smoothness(mdp.gamma, max(1, int((mdp.action_counts > 1).sum())))
    run = softmax_ascent(mdp, step=2 / L, iterations=4)
    start = [mdp.mu @ exact_policy_value(mdp, policy) for policy in run.policies]
    assert np.diff(start).min() >= -1e-9


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_a_false_claim_is_refuted_by_far(claim):
    assert claim.refuted
    assert claim.counterexample().tightness >= 1.99


def test_too_many_policies_are_not_enumerated():
    wide = MDP.from_arrays(np.full((17, 2, 17), 1 / 17), np.zeros((17, 2)), gamma=0.5)
    with pytest.raises(ModelError, match="there are 131072 deterministic policies"):
        deterministic_mixture(wide, np.full((17, 2), 0.5))


def test_without_discount_there_is_no_average():
    with pytest.raises(CriterionError):
        deterministic_mixture(STAY.replace(gamma=1.0), [0, 0])
