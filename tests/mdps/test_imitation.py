"""Experts to imitate: closed forms, and errors that name the argument."""

import numpy as np
import pytest

import mdps
from rltheory import ModelError, evaluate_policy
from rltheory.imitation import bounds


@pytest.mark.parametrize("error", [0.0, 0.01, 0.5, 1.0])
@pytest.mark.parametrize(("family", "power"), [(mdps.steep_path, None), (mdps.side_road, None), (mdps.gentle_path, 1)])
def test_what_a_clone_loses_has_a_closed_form(family, power, error):
    model, expert, clone = family(H=7, error=error)
    lost = evaluate_policy(model, expert).value[0, 0] - evaluate_policy(model, clone).value[0, 0]
    assert lost == pytest.approx(sum(1 - (1 - error) ** (power or k) for k in range(1, 8)))


def test_the_expert_of_the_renewal_earns_one_a_step():
    expert = np.array([[0, 2], [1, 1], [2, 0]])
    world = mdps.renewal([0.3, 0.7], expert, n_actions=3)
    policy = np.append(expert, np.zeros((3, 1), dtype=int), axis=1)
    assert evaluate_policy(world, policy).value[0, :2] == pytest.approx([3, 3])
    assert evaluate_policy(world, (policy + 1) % 3).value[0] == pytest.approx([0, 0, 0])


def test_guessing_survives_with_the_probability_of_a_right_guess():
    world = mdps.renewal(bounds.renewal_distribution(4, 2), np.zeros((2, 3), dtype=int))
    value = world.mu @ evaluate_policy(world, np.full((4, 2), 0.5)).value[0]
    assert value == pytest.approx(1 / 2 + 1 / 4)


def test_parameters_are_checked():
    with pytest.raises(ModelError, match="H is 0"):
        mdps.steep_path(H=0)
    with pytest.raises(ModelError, match="error is 2"):
        mdps.gentle_path(error=2)
    with pytest.raises(ModelError, match=r"it needs whole numbers of shape \(H, 2\)"):
        mdps.renewal([0.5, 0.5], [[0, 1, 0]])
    with pytest.raises(ModelError, match="expert takes action 2"):
        mdps.renewal([0.5, 0.5], [[0, 2]])
