import numpy as np
import pytest
from numpy.random import RandomState

import mdps
from rltheory import ModelError
from rltheory.offline import exact_values
from rltheory.robust import TV

GRID = np.linspace(0, 1, 11)


def random_policies(n, rng=0):
    return np.random.default_rng(rng).integers(0, 16, (n, 3, 5))


@pytest.mark.parametrize("seed", [0, 7])
def test_data_are_those_of_numpys_choice(seed):
    """Draw as the reference code does: an action by ``choice``, then a next state by ``choice`` with probabilities."""
    model, draws, walks = mdps.robust_walk(), RandomState(seed), []
    for _ in range(100):
        state = 0
        for t in range(3):
            action = draws.choice(range(16), size=1)[0]
            after = draws.choice(5, size=1, p=model.kernel(t)[16 * state + action])[0]
            walks.append((state, action, after))
            state = after
    _, data = mdps.walk_data(seed)
    np.testing.assert_array_equal(np.column_stack([data.state, data.action, data.next_state]), walks)


def test_rewards_are_those_of_the_model():
    model, (_, data) = mdps.robust_walk(0.1), mdps.walk_data(3, 20, xi_norm=0.1)
    expected = [model.rewards(t)[16 * s + a] for t, s, a in zip(data.step, data.state, data.action, strict=True)]
    np.testing.assert_array_equal(data.reward, expected)


@pytest.mark.parametrize("divergence", [None, TV(lam=0.1), TV(rho=0.3)], ids=repr)
def test_the_failure_is_worth_nothing_to_any_learner(divergence):
    known, data = mdps.walk_data(1)
    assert (mdps.walk_learner(divergence)(data, known).value[:, 3] == 0).all()


@pytest.mark.parametrize("q", [0.0, 0.3, 1.0])
def test_returns_are_the_exact_values_of_the_world_of_use(q):
    policies = random_policies(4)
    expected = [exact_values(mdps.robust_walk_target(q), policy=policy)[0][0, 0] for policy in policies]
    np.testing.assert_allclose(mdps.walk_returns(policies, q)[:, 0], expected, atol=1e-12)


def test_returns_are_straight_lines():
    returns = mdps.walk_returns(random_policies(5), GRID, xi_norm=0.3)
    assert returns.shape == (5, 11)
    np.testing.assert_allclose(np.diff(returns, n=2, axis=1), 0, atol=1e-12)


def test_who_bets_the_largest_chance_later_returns_what_the_closed_form_says():
    policies = np.full((16, 3, 5), 15)
    policies[:, 0, 0] = np.arange(16)
    chances = mdps.walk_chances(policies)
    expected = [[mdps.robust_walk_return(q, chance) for q in GRID] for chance in chances]
    np.testing.assert_allclose(mdps.walk_returns(policies, GRID), expected, atol=1e-12)
    np.testing.assert_allclose(np.unique(chances.round(12)), [0.1, 0.2, 0.3, 0.4, 0.5])


def test_all_causes_are_there_and_one_of_them_is_what_is_published():
    causes = mdps.walk_causes(TV(lam=0.1), seeds=range(2))
    assert list(causes) == ["exact", "neither", "ridge", "penalty", "both"]
    np.testing.assert_array_equal(causes["both"], mdps.walk_policies(mdps.walk_learner(TV(lam=0.1)), seeds=range(2)))
    assert causes["exact"].shape == (1, 3, 5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mdps.walk_data(-1), "seed is -1"),
        (lambda: mdps.walk_data(0, 0), "n_trajectories is 0"),
        (lambda: mdps.walk_data(xi_norm=0.4), r"xi_norm is 0\.4"),
        (lambda: mdps.walk_returns(np.zeros((3, 5), int), 0.5), r"policies have shape \(3, 5\)"),
        (lambda: mdps.walk_returns(random_policies(1), [2.0]), r"q is 2\.0"),
        (lambda: mdps.robust_walk_return(0.5, 1.5), r"chance is 1\.5"),
        (lambda: mdps.robust_walk_optimum(-1.0), r"jump is -1\.0"),
    ],
    ids=["seed", "trajectories", "xi_norm", "shape", "q", "chance", "jump"],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ModelError, match=message):
        call()
