"""No bound on an average reward is ever wrong: every solver against exact rational arithmetic, in which nothing rounds.

The oracle knows nothing of graphs: the limiting matrix of a chain is the projection onto the null space of I - P along
its range, found by elimination in rationals, and the optimum comes from policy iteration with these exact numbers.
"""

import itertools
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from mdps.strategies import discounted_mdps, paired, value_vectors
from rltheory import MDP, ConvergenceWarning, CriterionError, ModelError
from rltheory.planning import (
    average_policy_iteration,
    average_reward,
    backup,
    enclose_gain,
    evaluate_average_reward,
    relative_value_iteration,
)
from rltheory.planning.gain_bounds import gain_upper_bound, normalised_rows, structure_of
from rltheory.planning.graph import maximal_end_components, period
from rltheory.planning.poisson import solve_poisson

flint = pytest.importorskip("flint")


def exact(x):
    return flint.fmpq(*float(x).as_integer_ratio())


def average(weights, x):
    return sum((w * y for w, y in zip(weights, x, strict=True)), flint.fmpq(0))


def exact_rows(P):
    """Return rows divided by their exact sums."""
    rows = [[exact(p) for p in row] for row in P]
    return [[p / sum(row, flint.fmpq(0)) for p in row] for row in rows]


def null_space(matrix):
    """Return a matrix whose columns span the null space."""
    echelon, rank = matrix.rref()
    n = matrix.ncols()
    pivots = [next(j for j in range(n) if echelon[i, j] != 0) for i in range(rank)]
    free = [j for j in range(n) if j not in pivots]
    basis = flint.fmpq_mat(n, len(free))
    for k, j in enumerate(free):
        basis[j, k] = 1
        for i, pivot in enumerate(pivots):
            basis[pivot, k] = -echelon[i, j]
    return basis


def exact_gain_and_bias(rows, r):
    """Return gain and bias of a chain from its limiting matrix."""
    n = len(r)
    loss = flint.fmpq_mat([[int(i == j) - rows[i][j] for j in range(n)] for i in range(n)])
    right, left = null_space(loss), null_space(loss.transpose()).transpose()
    limit = right * (left * right).solve(left)
    rewards = flint.fmpq_mat(n, 1, r)
    g = limit * rewards
    h = (loss + limit).solve(rewards - g)
    return [g[i, 0] for i in range(n)], [h[i, 0] for i in range(n)]


def exact_gains(mdp, policy):
    """Return the gain of a policy, and the optimal one, found by improving the policy further."""
    P, r = exact_rows(mdp.P.toarray()), [exact(x) for x in mdp.r]
    pairs = [range(i, j) for i, j in itertools.pairwise(mdp.pair_start.tolist())]
    chosen = [own[a] for own, a in zip(pairs, policy.tolist(), strict=True)]
    first = None
    while True:
        g, h = exact_gain_and_bias([P[i] for i in chosen], [r[i] for i in chosen])
        first = first or g
        improved = []
        for incumbent, own in zip(chosen, pairs, strict=True):
            next_gain = {i: average(P[i], g) for i in own}
            level = [i for i in own if next_gain[i] == max(next_gain.values())]
            q = {i: r[i] + average(P[i], h) for i in level}
            best = max(q, key=q.get)
            improved.append(incumbent if incumbent in q and q[incumbent] == q[best] else best)
        if improved == chosen:
            return first, g
        chosen = improved


def brute_force_gain(mdp):
    P, r = exact_rows(mdp.P.toarray()), [exact(x) for x in mdp.r]
    pairs = [range(i, j) for i, j in itertools.pairwise(mdp.pair_start.tolist())]
    gains = [exact_gain_and_bias([P[i] for i in own], [r[i] for i in own])[0] for own in itertools.product(*pairs)]
    return [max(column) for column in zip(*gains, strict=True)]


def weakly_communicating(draw, rng):
    """Draw Dirichlet, periodic, nearly reducible and fractional rows until there is one maximal end component."""
    while True:
        mdp = draw(rng)
        if len(maximal_end_components(mdp)) == 1:
            return mdp


def multichain(draw, rng):
    """Draw closed rooms, transient states and exits taken with probability down to 1e-13, until the gain may differ."""
    while True:
        n = int(rng.integers(2, 7))
        room = np.concatenate([[0, 1], rng.integers(-1, 2, size=n - 2)])
        leave = 10.0 ** -rng.integers(0, 14)
        owner = np.repeat(np.arange(n), rng.integers(1, 4, size=n))
        rows = np.zeros((owner.size, n))
        for pair, s in enumerate(owner):
            own = np.flatnonzero(room == room[s])
            if room[s] >= 0 and rng.random() < 0.7:
                np.add.at(rows[pair], rng.choice(own, size=2), [1, rng.integers(4)])
            else:
                rows[pair] += leave * rng.dirichlet(np.full(n, 0.3))
                rows[pair, rng.choice([s, rng.integers(n)])] += 1 - leave
        r = rng.normal(size=owner.size) * rng.choice([1.0, 1e6, 1e-6])
        r = rng.integers(-1, 2, size=owner.size) if rng.random() < 0.5 else r
        mdp = MDP.from_pairs(MDP.normalised(rows), r, 1.0, states=owner)
        if len(maximal_end_components(mdp)) > 1:
            return mdp


KINDS = {"weakly communicating": weakly_communicating, "multichain": multichain}


def quietly(solver, mdp, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return solver(mdp, **options)


def violations(kind, draw, numbers):
    """Count the models in which some bound is wrong: on the optimum, on the policy found, or on some other policy."""
    wrong = 0
    for number in numbers:
        rng = np.random.default_rng([list(KINDS).index(kind), number])
        mdp = KINDS[kind](draw, rng)
        solutions = [quietly(average_policy_iteration, mdp, tol=1e-300)]
        tol = max(float(rng.choice([1e-2, 1e-6, 1e-15])) * float(np.abs(mdp.r).max()), 1e-300)
        solutions.append(quietly(average_reward, mdp, tol=tol))
        if kind == "weakly communicating":
            stay = float(rng.choice([0, 0.1, 0.5]))
            solutions.append(quietly(relative_value_iteration, mdp, tol=tol, stay=stay, max_sweeps=100))
        for solution in solutions:
            own, best = exact_gains(mdp, solution.policy)
            lower, upper = map(exact, solution.gain_lower), map(exact, solution.gain_upper)
            wrong += not all(low <= x <= y <= high for low, x, y, high in zip(lower, own, best, upper, strict=True))
        policy = rng.integers(mdp.action_counts)
        found, (own, _) = evaluate_average_reward(mdp, policy), exact_gains(mdp, policy)
        lower, upper = map(exact, found.gain_lower), map(exact, found.gain_upper)
        wrong += not all(low <= x <= high for low, x, high in zip(lower, own, upper, strict=True))
    return wrong


@pytest.mark.parametrize("kind", KINDS)
def test_the_bounds_contain_the_rational_gain_and_optimum(hard_mdp, kind):
    assert violations(kind, hard_mdp, range(150)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
@pytest.mark.parametrize("kind", KINDS)
def test_no_bound_is_wrong_in_twenty_thousand_models(hard_mdp, kind, part):
    assert violations(kind, hard_mdp, range(1000 + 2000 * part, 3000 + 2000 * part)) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_these_models_have_periodic_classes_and_probabilities_next_to_zero(hard_mdp, kind):
    models = [KINDS[kind](hard_mdp, np.random.default_rng([list(KINDS).index(kind), number])) for number in range(250)]
    periodic = sum(int(period(mdp, np.zeros(mdp.n_states, dtype=int)).max()) > 1 for mdp in models)
    smallest = [mdp.P.data[mdp.P.data > 0].min() for mdp in models]
    assert periodic >= 10
    assert sum(p < 1e-6 for p in smallest) > 25


@pytest.mark.parametrize("kind", KINDS)
def test_the_oracle_agrees_with_brute_force_over_all_policies(hard_mdp, kind):
    for number in range(30):
        mdp = KINDS[kind](hard_mdp, np.random.default_rng([31, number]))
        assert exact_gains(mdp, np.zeros(mdp.n_states, dtype=int))[1] == brute_force_gain(mdp)


@given(paired(discounted_mdps(max_reward=1e6, max_states=4), lambda mdp: value_vectors(mdp, 1e7)))
def test_any_vector_at_all_gives_true_bounds_in_any_model(drawn):
    mdp, h = drawn
    proven = enclose_gain(mdp, h)
    own, best = exact_gains(mdp, proven.policy)
    assert exact(proven.lower) <= min(own)
    assert max(best) <= exact(proven.upper)


def test_a_stochastic_policys_gain_is_enclosed_too(hard_mdp):
    for number in range(100):
        rng = np.random.default_rng([32, number])
        mdp = KINDS[rng.choice(list(KINDS))](hard_mdp, rng)
        policy = rng.random((mdp.n_states, mdp.n_actions)) * (np.arange(mdp.n_actions) < mdp.action_counts[:, None])
        policy /= policy.sum(axis=1, keepdims=True)
        found = evaluate_average_reward(mdp, policy)
        P, weights = exact_rows(mdp.P.toarray()), exact_rows(policy)
        owned = [range(i, j) for i, j in itertools.pairwise(mdp.pair_start.tolist())]
        mixed = [
            [(w, P[i], exact(mdp.r[i])) for w, i in zip(ws, own, strict=False)]
            for ws, own in zip(weights, owned, strict=True)
        ]
        rows = [
            [sum((w * row[j] for w, row, _ in state), flint.fmpq(0)) for j in range(mdp.n_states)] for state in mixed
        ]
        g, _ = exact_gain_and_bias(rows, [sum((w * x for w, _, x in state), flint.fmpq(0)) for state in mixed])
        assert all(
            exact(low) <= x <= exact(high) for low, x, high in zip(found.gain_lower, g, found.gain_upper, strict=True)
        )


def test_without_the_rounding_terms_the_same_bounds_are_wrong(hard_mdp):
    """The false variant: min and max of Th - h in plain floats. Rationals that did not refute it would test nothing."""
    wrong = 0
    for number in range(400):
        mdp = weakly_communicating(hard_mdp, np.random.default_rng([33, number])).replace(gamma=1.0)
        h = quietly(average_policy_iteration, mdp, tol=1e-300).bias
        backed_up, policy = backup(mdp, h)
        own, best = exact_gains(mdp, policy)
        wrong += not exact((backed_up - h).min()) <= min(own) <= max(best) <= exact((backed_up - h).max())
    assert wrong > 20


def test_the_float_gain_itself_is_no_bound_where_gains_differ(hard_mdp):
    """The false variant: without the lift that makes u >= P u provable, transient states are on the wrong side."""
    wrong = 0
    for number in range(100):
        mdp = multichain(hard_mdp, np.random.default_rng([34, number]))
        policy = quietly(average_policy_iteration, mdp, tol=1e-300).policy
        g, *_ = solve_poisson(structure_of(normalised_rows(mdp).of_policy(policy)))
        _, best = exact_gains(mdp, policy)
        wrong += any(exact(x) < y for x, y in zip(g, best, strict=True))
    assert wrong > 20


def test_the_bounds_of_components_alone_are_no_bound_on_the_gain():
    """The false variant: a state may leave its own poor component for a better one."""
    mdp = MDP.from_arrays([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[0, 0], [1, 1]], gamma=1.0)
    structure = structure_of(normalised_rows(mdp))
    d, _ = structure.rows.residual(np.zeros(2))
    assert d[structure.inside & (structure.rows.owner == 0)].max() == 0
    assert gain_upper_bound(structure, np.zeros(2), np.zeros(2)).min() >= 1


def test_rows_are_weights_divided_by_their_exact_sums():
    row = np.array([1 / 3] * 3, dtype=np.float32)
    mdp = MDP.from_pairs(np.tile(row, (3, 1)), np.arange(3.0), 1.0, n_actions=1)
    found = evaluate_average_reward(mdp, [0, 0, 0])
    assert found.gap < 1e-14
    assert (found.gain_lower <= 1).all()
    assert (found.gain_upper >= 1).all()


def test_a_state_that_is_hardly_ever_left_keeps_its_digits():
    """By the plain formula, rounding of h of size 1e13 would leave three digits."""
    leave = 1e-13
    P = np.array([[[1 - leave, leave]], [[3 * leave, 1 - 3 * leave]]])
    found = evaluate_average_reward(MDP.from_arrays(P, [0.0, 1.0], gamma=1.0), [0, 0])
    assert found.gap < 1e-14
    stay = [Fraction(p) for p in P.ravel()]
    out, back = stay[1] / (stay[0] + stay[1]), stay[2] / (stay[2] + stay[3])
    assert Fraction(found.gain_lower[0]) <= out / (out + back) <= Fraction(found.gain_upper[0])


def test_probabilities_whose_products_underflow_are_refused():
    mdp = MDP.from_arrays([[[1, 1e-200], [1, 0]], [[0, 1], [0, 1]]], [0, 1], gamma=1.0)
    with pytest.raises(ModelError, match="fall below 1e-300; round the smallest to zero"):
        evaluate_average_reward(mdp, [[1e-150, 1], [1, 0]])


def test_systems_beyond_float64_are_refused():
    mdp = MDP.from_arrays([[[1, 1e-320]], [[1e-320, 1]]], [0, 1], gamma=1.0)
    with pytest.raises(CriterionError, match=r"too small|overflow"):
        evaluate_average_reward(mdp, [0, 0])
