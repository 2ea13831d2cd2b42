import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import laws
from mdps.submodular import coin_mirror, random_bandit
from mdps.submodular_function_strategies import coverages
from proofs_check.submodular import oracles
from rltheory import CriterionError
from rltheory.submodular import bounds
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.independent_rounding import round_to_actions
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.relaxation import modular_bound


@st.composite
def coverage_bandits(draw):
    n_states, n_actions, H = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    steps = draw(st.sampled_from([1, H]))
    arms = draw(laws(steps * n_actions, n_states, uneven=False)).reshape(steps, 1, n_actions, n_states)
    P = np.repeat(arms, n_states, axis=1)
    visits = draw(st.booleans())
    F = draw(coverages((H + 1) * n_states if visits else n_states))
    return SubmodularMDP(P[0] if steps == 1 else P, F, H, draw(laws(1, n_states, uneven=False))[0])


@given(coverage_bandits())
def test_a_known_sequence_of_actions_keeps_the_part_that_independent_draws_keep(mdp):
    answer = round_to_actions(mdp)
    best = oracles.optimum(mdp)
    assert answer.value == pytest.approx(policy_value(mdp, answer.policy), abs=1e-9)
    assert answer.lower - 1e-9 <= best <= answer.upper + 1e-9
    assert answer.value >= bounds.coverage_rounding(mdp.H + 1) * answer.upper - 1e-6


@given(coverage_bandits())
def test_fixing_one_step_after_another_loses_nothing(mdp):
    assert (np.diff(round_to_actions(mdp).history) >= -1e-9).all()


def test_it_takes_as_many_steps_as_one_likes():
    """Histories of 40 steps cannot be listed; independent arrivals can be multiplied."""
    answer = round_to_actions(random_bandit(12, 6, 39, n_items=40, rng=1))
    assert answer.ratio >= bounds.coverage_rounding(40)


def test_rounding_elsewhere_is_refused():
    with pytest.raises(CriterionError, match="where the state does not matter"):
        round_to_actions(coin_mirror())
    free = SubmodularMDP(np.stack([np.eye(2)] * 2), Modular([1.0, 1.0]), H=1, mu=0)
    with pytest.raises(CriterionError, match="coverage functions"):
        round_to_actions(free)
    bandit = random_bandit(3, 2, 2, rng=0)
    with pytest.raises(CriterionError, match="does not say which actions it is made of; linear_bound does"):
        round_to_actions(bandit, modular_bound(bandit))
