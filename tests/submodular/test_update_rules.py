import numpy as np
import pytest

from rltheory import ModelError
from rltheory.submodular.update_rules import adam, ascent


def test_ascent_goes_along_the_gradient():
    np.testing.assert_array_equal(ascent(0.5)()(np.array([2.0, -4.0])), [1.0, -2.0])


def test_adam_is_its_definition():
    rng = np.random.default_rng(0)
    gradients, update = rng.normal(size=(6, 3)), adam(0.1, first=0.8, second=0.9, eps=1e-3)()
    for t in range(1, 7):
        decay_1, decay_2 = 0.8 ** np.arange(t)[::-1], 0.9 ** np.arange(t)[::-1]
        m = decay_1 @ gradients[:t] / decay_1.sum()
        v = decay_2 @ gradients[:t] ** 2 / decay_2.sum()
        np.testing.assert_allclose(update(gradients[t - 1]), 0.1 * m / (np.sqrt(v) + 1e-3))


def test_a_run_of_adam_does_not_remember_another():
    make = adam(0.1)
    make()(np.array([1.0, 2.0]))
    np.testing.assert_allclose(make()(np.array([-3.0])), [-0.1], rtol=1e-6)


def test_rows_that_come_later_begin_with_no_memory():
    update = adam(0.1)()
    update(np.ones((1, 2)))
    step = update(np.ones((2, 2)))
    np.testing.assert_allclose(step[0], 0.1, rtol=1e-6)
    expected = 0.1 * (0.1 / (1 - 0.81)) / np.sqrt(0.001 / (1 - 0.999**2))
    np.testing.assert_allclose(step[1], expected, rtol=1e-6)


@pytest.mark.parametrize("make", [adam, ascent])
@pytest.mark.parametrize("rate", [0.0, -1.0, np.inf, np.nan])
def test_a_rate_that_is_no_step_size_is_refused(make, rate):
    with pytest.raises(ModelError, match="a step size is a finite number above 0"):
        make(rate)
