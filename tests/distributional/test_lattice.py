"""Stocks on a lattice, against the unfolded model, a few lines of NumPy, and every path."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.strategies import outcome_models
from proofs_check.distributional.achievable import achievable, expectation
from rltheory import CriterionError, ModelError, OutcomeModel
from rltheory.distributional import best_expectation, unfold
from rltheory.distributional import lattice as module
from rltheory.distributional.lattice import Lattice, lattice_values
from rltheory.planning import use_threads

MODELS = outcome_models(max_states=3, max_outcomes=3, gammas=[1.0], max_reward=4.0).map(
    lambda model: model.replace(reward=0.25 + 0.5 * np.rint(model.reward))
)
GAME = OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(0.5, 0, -1.0), (0.5, 0, 2.0)]]], gamma=1.0)
UTILITIES = st.sampled_from(
    [lambda x: np.minimum(x, 0), lambda x: -np.abs(x), lambda x: -np.exp(-x / 4), lambda x: (x >= 0.1) * 1.0]
)


@given(MODELS, st.integers(0, 4), UTILITIES)
def test_values_are_those_of_the_unfolded_model_for_every_state_and_stock(model, H, f):
    lattice = Lattice.of(model, H)
    value, policy = lattice_values(lattice, f, first=-1.0, size=3)
    for place, stock in enumerate(policy.stocks(0)):
        nodes = unfold(model, H, start=list(range(model.n_states)), stock=float(stock))
        exact, _ = best_expectation(nodes, f(nodes.layers[-1].stock))
        assert value[:, place] == pytest.approx(exact[0], abs=1e-12)


@given(MODELS, st.integers(0, 3), UTILITIES)
def test_the_law_of_the_policy_attains_the_value_forward_and_backward(model, H, f):
    lattice = Lattice.of(model, H)
    value, policy = lattice_values(lattice, f, first=-1.0, size=3)
    laws = policy.laws()
    assert laws.shape == (model.n_states, 3, lattice.returns.size)
    for place, stock in enumerate(policy.stocks(0)):
        for start in range(model.n_states):
            law = policy.law(float(stock), start)
            assert law.expect(f) == pytest.approx(value[start, place], abs=1e-12)
            assert laws[start, place].sum() == pytest.approx(1, abs=1e-12)
            assert laws[start, place] @ f(stock + lattice.returns) == pytest.approx(value[start, place], abs=1e-12)
        assert policy.law(float(stock)).expect(f) == pytest.approx(model.mu @ value[:, place], abs=1e-12)


@given(MODELS, UTILITIES)
def test_two_steps_are_optimal_among_all_history_dependent_policies(model, f):
    if model.action_counts.max() ** (1 + model.prob.shape[1]) > 20:
        return
    value, _ = lattice_values(Lattice.of(model, 2), f, first=0.5)
    best = max(expectation(law, lambda x: f(0.5 + x)) for law in achievable(model, 2, 0))
    assert value[0, 0] == pytest.approx(best, abs=1e-12)


@given(MODELS, st.integers(0, 2**32))
def test_a_sweep_is_the_numpy_one(model, seed):
    lattice, rng = Lattice.of(model, 1), np.random.default_rng(seed)
    width, tie = 4, 1e-12
    after = rng.normal(size=(model.n_states, width + lattice.width))
    value, action = np.empty((model.n_states, width)), np.empty((model.n_states, width), dtype=np.int32)
    arrays = (model.prob, model.next_state, lattice.shift, model.pair_start)
    module._best_sweep(*arrays, after, tie, model.n_actions, value, action, 0, model.n_states)
    shifted = after[model.next_state[:, :, None], lattice.shift[:, :, None] + np.arange(width)]
    q = (model.prob[:, :, None] * shifted).sum(axis=1)
    assert value == pytest.approx(np.maximum.reduceat(q, model.pair_start[:-1]), abs=1e-14)
    for s in range(model.n_states):
        own = q[model.pair_start[s] : model.pair_start[s + 1]]
        assert action[s].tolist() == np.argmax(own >= own.max(axis=0) - tie, axis=0).tolist()


def test_an_answer_does_not_depend_on_the_number_of_threads():
    rng = np.random.default_rng(0)
    model = OutcomeModel(
        rng.dirichlet(np.ones(3), 400),
        rng.integers(0, 100, (400, 3)),
        rng.integers(-3, 4, (400, 3)).astype(float),
        1.0,
        0,
        np.arange(0, 401, 4),
    )
    answers = []
    for count in (1, 2):
        with use_threads(count):
            value, policy = lattice_values(Lattice.of(model, 5), lambda x: -np.abs(x), first=-100.0, size=200)
            answers.append((value, *policy.actions))
    assert all(np.array_equal(one, other) for one, other in zip(*answers, strict=True))


@pytest.mark.parametrize(
    ("rewards", "low", "step", "width"),
    [
        ([0.0, 1.0], 0.0, 1.0, 1),
        ([-1.0, 0.5], -1.0, 1.5, 1),
        ([0.1, 0.2, 0.4], 0.1, 0.1, 3),
        ([1 / 3, 1.0], 1 / 3, 2 / 3, 1),
        ([1000.0, 3000.0, 0.0], 0.0, 1000.0, 3),
        ([5.0, 5.0], 5.0, 1.0, 0),
    ],
)
def test_the_widest_grid_is_found(rewards, low, step, width):
    outcomes = [(1 / len(rewards), 0, reward) for reward in rewards]
    lattice = Lattice.of(OutcomeModel.from_lists([[outcomes]], gamma=1.0), 2)
    assert (lattice.low, lattice.width) == (low, width)
    assert lattice.step == pytest.approx(step, rel=1e-12)


def test_padding_does_not_count_as_a_reward():
    model = OutcomeModel([[1.0, 0.0]], [[0, 0]], [[1.0, 77.7]], 1.0, 0, [0, 1])
    assert Lattice.of(model, 3).returns.tolist() == [3.0]


def test_actions_are_told_by_stock():
    lattice = Lattice.of(GAME, 3)
    _, policy = lattice_values(lattice, lambda x: (x >= 0) * 1.0, first=-2.0, size=2)
    assert policy.action(0, 0, -2.0) == 1, "short of the target there is nothing but to bet"
    assert policy.action(1, 0, 0.0) == 0, "what is won is kept"
    assert not any(actions.flags.writeable for actions in policy.actions)
    with pytest.raises(ModelError, match=r"stock 0.5 is not on the lattice at step 1: from -3 to 1 in steps of 1"):
        policy.action(1, 0, 0.5)
    with pytest.raises(ModelError, match=r"t is 3; actions are taken at steps 0\.\.2"):
        policy.action(3, 0, 0.0)


def test_memory_is_told_and_refused_beforehand(monkeypatch):
    lattice = Lattice.of(GAME, 10)
    assert lattice.bytes_needed(1) == sum(4 * (1 + 3 * t) for t in range(10)) + 16 * 31
    monkeypatch.setattr("rltheory.planning.memory.available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match=r"for a policy over 500 initial stocks, .* use unfold, or fewer"):
        lattice_values(lattice, np.abs, size=500)


def test_what_is_not_on_a_lattice_is_refused():
    with pytest.raises(CriterionError, match=r"gamma is 0.9; only sums without a discount"):
        Lattice.of(GAME.replace(gamma=0.9), 2)
    with pytest.raises(CriterionError, match="not multiples of a common step"):
        Lattice.of(GAME.replace(reward=np.array([[0.0, 0.0], [2**0.5, 1.0]])), 2)
    with pytest.raises(ModelError, match="H is -1"):
        Lattice.of(GAME, -1)
    lattice = Lattice.of(GAME, 2)
    with pytest.raises(ModelError, match="size is 0"):
        lattice_values(lattice, np.abs, size=0)
    with pytest.raises(ModelError, match=r"the utility of a final stock of -2.0 is nan; it must be finite there"):
        lattice_values(lattice, lambda x: np.where(x < 0, np.nan, x))
    with pytest.raises(ModelError, match=r"maps stocks of shape \(7,\) to \(\); it must be one number each"):
        lattice_values(lattice, lambda x: 1.0)
