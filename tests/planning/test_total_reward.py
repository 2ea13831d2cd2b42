"""The parts of the solvers of total rewards: kernels against NumPy and fractions, signs of averages, large models."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.sparse import csr_array

import mdps
from mdps.strategies import discounted_mdps, laws, paired, value_vectors
from rltheory import MDP
from rltheory.planning import _total_kernels as kernels
from rltheory.planning._graph import graph_of
from rltheory.planning.backup import kernel_arrays, unsigned_rows
from rltheory.planning.cycles import _enclosed_average, average_reward_sign
from rltheory.planning.quotient import quotient
from rltheory.planning.shortest_path import shortest_path
from rltheory.planning.total_reward import heading_for_the_ends
from rltheory.planning.total_values import Value, _moves, evaluate


def arrays(mdp):
    indptr, indices, data, _, _ = kernel_arrays(mdp.P, mdp.r, mdp.pair_start)
    return indptr, indices, data, mdp.r.copy(), mdp.pair_start.copy()


@given(paired(discounted_mdps(max_reward=1e3), value_vectors))
def test_the_gains_are_within_their_errors_of_the_exact_ones(drawn):
    mdp, v = drawn
    gain, error, away = (np.empty(mdp.n_pairs) for _ in range(3))
    kernels.gains(*arrays(mdp), v, gain, error, away)
    P = mdp.P.toarray()
    for pair, s in enumerate(mdp.pair_state):
        p = [Fraction(x) for x in P[pair]]
        exact = sum(p) * Fraction(mdp.r[pair]) + sum(
            x * (Fraction(w) - Fraction(v[s])) for x, w in zip(p, v, strict=True)
        )
        assert abs(exact - Fraction(gain[pair])) <= Fraction(error[pair])
        assert away[pair] == pytest.approx(P[pair].sum() - P[pair, s], abs=1e-12)


def reference_sweep(mdp, v):
    """Return v after one Gauss-Seidel sweep, self-loops solved for."""
    v, P = v.copy(), mdp.P.toarray()
    for s in range(mdp.n_states):
        own = np.arange(mdp.pair_start[s], mdp.pair_start[s + 1])
        others = np.where(np.arange(mdp.n_states) == s, 0.0, P[own])
        v[s] = ((P[own].sum(axis=1) * mdp.r[own] + others @ v) / others.sum(axis=1)).max()
    return v


def exact_backup(mdp, s, v):
    """Return the largest mean of v over the ways out of s, self-loops solved for, in fractions."""
    P, v = mdp.P.toarray(), [Fraction(x) for x in v]
    means = []
    for row in P[mdp.pair_start[s] : mdp.pair_start[s + 1]]:
        p = [Fraction(x) if t != s else Fraction(0) for t, x in enumerate(row)]
        means.append(sum(map(Fraction.__mul__, p, v)) / sum(p))
    return max(means)


@given(paired(discounted_mdps(), value_vectors))
def test_interval_sweeps_round_outwards_and_by_little(drawn):
    mdp, v = drawn
    staying = mdp.P.toarray()[np.arange(mdp.n_pairs), mdp.pair_state]
    assume((staying < 1 - 1e-9).all())
    low, high, width = np.abs(v) / 32, 1 - np.abs(v) / 32, np.empty(1)
    lower, upper, chosen = low.copy(), high.copy(), np.zeros(mdp.n_states, dtype=np.int64)
    indptr, indices, data, _, pair_start = arrays(mdp)
    kernels.interval_sweeps(indptr, indices, data, pair_start, lower, upper, chosen, width)
    assert width[0] == max(0.0, (upper - lower).max())
    for s in range(mdp.n_states):
        below = max(Fraction(low[s]), exact_backup(mdp, s, np.append(lower[:s], low[s:])))
        above = min(Fraction(high[s]), exact_backup(mdp, s, np.append(upper[:s], high[s:])))
        assert lower[s] <= below <= lower[s] + 1e-14
        assert upper[s] - 1e-14 <= above <= upper[s]


@given(paired(discounted_mdps(), value_vectors))
def test_a_sweep_of_value_iteration_is_the_reference(drawn):
    mdp, v = drawn
    staying = mdp.P.toarray()[np.arange(mdp.n_pairs), mdp.pair_state]
    assume((staying < 1 - 1e-9).all())
    P, weight, away = _moves(mdp.P, mdp.pair_state)
    swept, chosen = v.copy(), np.zeros(mdp.n_states, dtype=np.int64)
    indptr, indices, data = unsigned_rows(P)
    kernels.improving_sweeps(indptr, indices, data, weight * mdp.r / away, mdp.pair_start, swept, chosen, 1, 0.0)
    assert np.allclose(swept, reference_sweep(mdp, v), rtol=1e-9, atol=1e-9)
    own = P[chosen]
    again = v.copy()
    kernels.chain_sweeps(*unsigned_rows(own), (weight * mdp.r / away)[chosen], again, 1, 0.0)
    assert np.allclose(again, swept, rtol=1e-9, atol=1e-9)


@given(paired(discounted_mdps(max_reward=1e3), value_vectors), st.integers(0, 99))
def test_fine_gains_are_within_their_errors_of_the_exact_ones_and_those_are_tiny(drawn, seed):
    mdp, v = drawn
    tail = np.random.default_rng(seed).uniform(-0.5, 0.5, size=v.size) * np.spacing(v)
    gain, error, away = (np.empty(mdp.n_pairs) for _ in range(3))
    indptr, indices, data, r, pair_start = arrays(mdp)
    kernels.fine_gains(indptr, indices, data, r, pair_start, v, tail, gain, error, away)
    value, P = [Fraction(x) + Fraction(y) for x, y in zip(v, tail, strict=True)], mdp.P.toarray()
    for pair, s in enumerate(mdp.pair_state):
        exact = sum(Fraction(p) * (Fraction(mdp.r[pair]) + w - value[s]) for p, w in zip(P[pair], value, strict=True))
        assert abs(exact - Fraction(gain[pair])) <= Fraction(error[pair])
        assert error[pair] <= 1e-28 * (abs(mdp.r[pair]) + np.abs(v).max()) + 3e-16 * abs(gain[pair]) + 1e-300


@given(st.floats(-1e6, 1e6), st.floats(-1.0, 1.0), st.sampled_from([-np.inf, np.inf]))
def test_a_value_keeps_what_is_added_to_its_32nd_digit_and_rounds_outwards(x, y, direction):
    value = Value(np.array([x])).fine().plus(np.array([y])).plus(np.array([y * 1e-20]))
    exact = Fraction(x) + Fraction(y) + Fraction(y * 1e-20)
    assert abs(Fraction(value.v[0]) + Fraction(value.tail[0]) - exact) <= Fraction(1e-30) * (abs(Fraction(x)) + 1)
    beyond = value.beyond(direction)
    total = Fraction(value.v[0]) + Fraction(value.tail[0])
    assert abs(Fraction(beyond.v[0]) + Fraction(beyond.tail[0]) - total) <= Fraction(1e-30) * (abs(Fraction(x)) + 1)
    assert np.sign(beyond.tail[0]) in (0, -np.sign(direction))


def test_the_value_of_a_policy_is_found_to_its_32nd_digit():
    """From the middle of a walk of 999 places, it takes 250,000 moves."""
    walk = mdps.random_walk(999)
    graph, ends = graph_of(walk.P, walk.pair_start), np.zeros(1001, dtype=bool)
    ends[[0, -1]] = True
    r = np.where(ends, 0.0, -0.1)
    nothing = np.zeros(1001, dtype=bool)
    problem = quotient(walk, graph, (ends, nothing), (0.0, 0.0), reward=r, free=nothing)
    chosen = heading_for_the_ends(problem)
    value = evaluate(problem, chosen, 0.0, Value(np.zeros(999)).fine())
    s = problem.place[500]
    exact = -Fraction(0.1) * 250_000
    assert abs(Fraction(value.v[s]) + Fraction(value.tail[s]) - exact) <= abs(exact) * Fraction(1e-26)
    coarse = evaluate(problem, chosen, 0.0)
    assert coarse.tail is None
    assert coarse.v[s] == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 5])
@given(data=st.data())
def test_the_sign_of_an_average_is_that_of_the_definition(n, data):
    weights = data.draw(laws(n, n)) + np.roll(np.eye(n), 1, axis=1)
    reward = data.draw(st.lists(st.integers(-3, 3), min_size=n, max_size=n).map(lambda x: np.array(x, dtype=float)))
    P = weights / weights.sum(axis=1, keepdims=True)
    stationary = np.linalg.solve(np.vstack([(P.T - np.eye(n))[:-1], np.ones(n)]), np.eye(n)[-1])
    sign, average = average_reward_sign(csr_array(weights), reward)
    assert average == pytest.approx(stationary @ reward, abs=1e-9)
    if abs(stationary @ reward) > 1e-9:
        assert sign == np.sign(stationary @ reward)


@pytest.mark.parametrize(("shift", "sign"), [(1e-6, 1), (-1e-6, -1), (0.0, None)])
def test_large_classes_are_decided_by_a_proof_or_not_at_all(shift, sign):
    rng = np.random.default_rng(0)
    P = MDP.normalised(rng.random((60, 60)))
    h = rng.normal(size=60)
    found, average = _enclosed_average(csr_array(P), h - P @ h + shift)
    assert found == sign
    assert average == pytest.approx(shift, abs=1e-12)


def test_a_long_cycle_is_summed_exactly():
    n = 1000
    cycle = csr_array(np.roll(np.eye(n), 1, axis=1))
    reward = np.full(n, 0.1)
    reward[0] = -math.fsum(reward[1:])
    assert average_reward_sign(cycle, reward)[0] == np.sign(math.fsum(reward))
    reward[0] = -0.1 * 999 - 1e-13
    assert average_reward_sign(cycle, reward)[0] == np.sign(math.fsum(reward))


def test_large_models_are_swept_and_agree_with_linear_systems(monkeypatch):
    rows = ["S" + "." * 24, *["." * 25] * 23, "." * 24 + "G"]
    world = mdps.gridworld("\n".join(rows), slip=0.2, gamma=1.0)
    goal = world.n_states - 1
    priced = world.replace(r=world.r - 1)
    swept = shortest_path(priced, goal)
    monkeypatch.setattr("rltheory.planning.total_values._DIRECT_STATES", 10**9)
    solved = shortest_path(priced, goal)
    assert np.allclose(swept.value, solved.value, atol=1e-9)
    assert swept.gap < 1e-8


def test_values_that_sink_to_zero_are_no_division_by_zero():
    """One state that leads to an end of value 0, from a guess of 1: the last sweep changes all that there is."""
    indptr, indices = np.array([0, 1], np.uint32), np.array([1], np.uint32)
    arrays = indptr, indices, np.ones(1), np.zeros(1)
    swept = np.array([1.0, 0.0, 0.0])
    assert kernels.improving_sweeps(*arrays, np.array([0, 1]), swept, np.zeros(1, np.int64), 1, 0.0) == 1.0
    assert swept[0] == 0
    swept = np.array([1.0, 0.0, 0.0])
    assert kernels.chain_sweeps(*arrays, swept, 1, 0.0) == 1.0
