import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import laws
from mdps.submodular import coin_mirror, half_trap, random_bandit
from mdps.submodular_function_strategies import monotone_functions
from mdps.submodular_strategies import submodular_mdps
from proofs_check.submodular import oracles
from rltheory.submodular import bounds
from rltheory.submodular.adaptive_greedy import adaptive_greedy, greedy_factor
from rltheory.submodular.functions.algebra import visits_of
from rltheory.submodular.model import SubmodularMDP


@st.composite
def bandits(draw, *, changing=False):
    n_states, n_actions, H = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 3))
    steps = H if changing else 1
    arms = draw(laws(steps * n_actions, n_states, uneven=False)).reshape(steps, 1, n_actions, n_states)
    P = np.repeat(arms, n_states, axis=1)
    F = draw(monotone_functions(n_elements=n_states))
    mu = draw(laws(1, n_states, uneven=False))[0]
    return SubmodularMDP(P if changing else P[0], visits_of(F, H) if changing else F, H, mu)


@given(submodular_mdps(functions=lambda n: monotone_functions(n_elements=n)))
def test_it_brackets_the_optimum(mdp):
    answer = adaptive_greedy(mdp)
    assert answer.lower - 1e-9 <= oracles.optimum(mdp) <= answer.upper + 1e-9


@given(bandits())
def test_in_bandits_its_gains_are_a_part_1_minus_1_over_e_of_all(mdp):
    assert greedy_factor(mdp) == bounds.cardinality_greedy()
    first = sum(p * oracles.worth(mdp, (s,)) for s, p in enumerate(mdp.mu))
    value, best = adaptive_greedy(mdp).value, oracles.optimum(mdp)
    assert value - first >= bounds.cardinality_greedy() * (best - first) - 1e-9
    assert best <= bounds.greedy_optimum(value, first, bounds.cardinality_greedy()) + 1e-9


@given(bandits(changing=True))
def test_in_bandits_that_change_its_gains_are_half_of_all(mdp):
    assert greedy_factor(mdp) == bounds.PARTITION_GREEDY
    first = sum(p * oracles.worth(mdp, (s,)) for s, p in enumerate(mdp.mu))
    assert adaptive_greedy(mdp).value - first >= 0.5 * (oracles.optimum(mdp) - first) - 1e-9


@pytest.mark.parametrize("delta", [0.5, 0.1, 0.01])
def test_one_half_is_attained(delta):
    trap = half_trap(delta)
    assert greedy_factor(trap) == 0.5
    assert adaptive_greedy(trap).value == pytest.approx(1.0)
    assert oracles.optimum(trap) == pytest.approx(2 - delta)


def test_it_remembers_the_coin():
    """A Markov policy reaches 1.5 of 2 at most; what was touched tells which side the coin showed."""
    assert adaptive_greedy(coin_mirror()).value == pytest.approx(2.0)


def test_no_constant_is_promised_where_the_state_matters():
    assert greedy_factor(coin_mirror()) == 0.0


def test_the_theorem_makes_the_upper_bound_where_it_is_the_smallest():
    mdp = random_bandit(6, 4, 6, n_items=12, rng=0)
    answer = adaptive_greedy(mdp)
    first = float(mdp.mu @ [oracles.worth(mdp, (s,)) for s in range(6)])
    assert answer.upper <= bounds.greedy_optimum(answer.value, first, bounds.cardinality_greedy()) + 1e-9
