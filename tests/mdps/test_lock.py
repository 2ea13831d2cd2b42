import numpy as np
import pytest

import mdps
from rltheory import ModelError


@pytest.mark.parametrize(("n", "n_actions"), [(1, 1), (5, 2), (4, 10)])
def test_the_value_is_the_discount_of_the_digits_to_come(n, n_actions, optimal_value):
    v = optimal_value(mdps.combination_lock(n, n_actions, gamma=0.9))
    np.testing.assert_allclose(v, [*0.9 ** np.arange(n)[::-1], 0], atol=1e-12)


def test_the_optimal_policy_is_the_code(optimal_policy):
    code = [2, 0, 1, 1]
    np.testing.assert_array_equal(optimal_policy(mdps.combination_lock(4, 3, code=code))[:4], code)


@pytest.mark.parametrize(("n", "n_actions"), [(3, 2), (4, 3)])
def test_dialling_at_random_takes_exponentially_many_steps(n, n_actions):
    lock = mdps.combination_lock(n, n_actions)
    at_random = lock.P.toarray().reshape(n + 1, n_actions, n + 1).mean(axis=1)[:n, :n]
    steps = np.linalg.solve(np.eye(n) - at_random, np.ones(n))
    assert steps[0] == pytest.approx((n_actions ** (n + 1) - n_actions) / (n_actions - 1))


@pytest.mark.parametrize("code", [[0, 1], [0, 1, 2], [0, 1, 0.5]])
def test_a_code_that_does_not_fit_is_named(code):
    with pytest.raises(ModelError, match=r"it must have 3 digits in 0\.\.1"):
        mdps.combination_lock(3, 2, code=code)
