"""Leaving out actions that cannot be best changes no bit, and saves rows; with less drift it would be wrong."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
from rltheory import MDP, modified_policy_iteration
from rltheory.planning import action_elimination
from rltheory.planning.action_elimination import eliminating_sweep
from rltheory.planning.backup import bellman_sweep
from rltheory.planning.rounding import backup_error

ROWS = ("dense", "scattered", "concentrated", "single precision")
REWARDS = {"ordinary": 1.0, "ties": 1.0, "beyond float32": 1e39, "subnormal in float32": 1e-45}
REWARDS |= {"nearly too large": 1e296, "nearly too small": 1e-300, "subnormal": 1e-310}
STEPS = ("iterates", "shifted", "jumps", "rare jumps", "back and forth")


def long_rows(rng, kind, n_pairs, n_states):
    """Draw rows of at least 16 entries."""
    rows = rng.dirichlet(np.full(n_states, 0.3), size=n_pairs) + 1e-9
    if kind == "scattered":
        for row in rows:
            row[rng.permutation(n_states)[20:]] = 0
    if kind == "concentrated":  # almost all on one state, so that values move by as much as the span allows
        rows = rows * 1e-6 + np.eye(n_states)[rng.integers(n_states, size=n_pairs)]
    rows = MDP.normalised(rows)
    return rows.astype(np.float32).astype(np.float64) if kind == "single precision" else rows


def drawn_model(rng, rows, rewards, gamma):
    n_states = int(rng.integers(20, 30))
    owner = np.repeat(np.arange(n_states), rng.integers(1, 6, size=n_states))
    r = rng.normal(size=owner.size) * rng.choice([0.1, 1.0, 10.0])
    if rewards == "ties":
        r = np.round(r)
    mdp = MDP.from_pairs(long_rows(rng, rows, owner.size, n_states), r * REWARDS[rewards], gamma, states=owner)
    assert mdp.P.nnz >= 16 * mdp.n_pairs, "too short for anything to be left out"
    return mdp


def next_value(rng, steps, v, backed_up, scale):
    """Return where a sequence of iterates goes from v."""
    n = v.size
    if steps == "shifted":
        return backed_up + scale * rng.normal() * 100
    if steps == "jumps":
        return scale * rng.normal(size=n) * rng.choice([0.01, 1.0, 100.0])
    if steps == "rare jumps":
        return v + scale * rng.normal() * (rng.random(n) < 0.05)
    if steps == "back and forth":
        return -v if v.any() else scale * rng.normal(size=n)
    return backed_up.copy()


def first_difference(mdp, rng, steps, scale, rounds):
    """Return the first round in which a bit differs from those of a sweep that reads everything, None if none does."""
    all_due, eliminating = eliminating_sweep(mdp), eliminating_sweep(mdp)
    v = rng.choice([0.0, 1.0]) * scale * rng.normal(size=mdp.n_states)
    for k in range(rounds):
        with pytest.MonkeyPatch.context() as patch:
            changed_drift(patch, lambda _drift: np.inf)
            expected, backed_up = told(all_due, v)
        found, _ = told(eliminating, v)
        if found != expected:
            return k
        v = next_value(rng, steps, v, backed_up, scale)
    return None


def told(sweep, v):
    """Return all bits that a sweep tells, and T v."""
    backed_up, policy = np.empty(v.size), np.empty(v.size, dtype=np.int64)
    extremes = sweep(v, backed_up, policy)
    return (extremes, backed_up.tobytes(), policy.tolist()), backed_up


TRUE_LOOP = action_elimination._eliminating
SIGNATURE = inspect.signature(TRUE_LOOP.py_func)


def changed_drift(monkeypatch, change):
    """Give the compiled loop another drift than was summed up."""

    def false(*arguments):
        given = SIGNATURE.bind(*arguments).arguments
        return TRUE_LOOP(**given | {"drift": change(given["drift"])})

    monkeypatch.setattr(action_elimination, "_eliminating", false)


@given(
    st.integers(0, 2**32),
    st.sampled_from(ROWS),
    st.sampled_from(list(REWARDS)),
    st.sampled_from(STEPS),
    st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.9999]),
)
def test_the_sweep_returns_the_bits_of_one_that_reads_everything(seed, rows, rewards, steps, gamma):
    rng = np.random.default_rng(seed)
    mdp = drawn_model(rng, rows, rewards, gamma)
    assert first_difference(mdp, rng, steps, REWARDS[rewards], rounds=40) is None


def wrong_share(models=60):
    """Return in which part of a fixed set of models some bit differs."""
    wrong = 0
    for number in range(models):
        rng = np.random.default_rng([7, number])
        mdp = drawn_model(rng, ROWS[number % 4], "ordinary", 0.9)
        wrong += first_difference(mdp, rng, STEPS[number % 5], 1.0, rounds=20) is not None
    return wrong / models


@pytest.mark.parametrize(("factor", "least"), [(0.0, 0.5), (0.5, 0.1)], ids=["no drift", "half the drift"])
def test_with_less_drift_the_same_test_finds_wrong_bits(factor, least, monkeypatch):
    """The false variants. If the models above did not refute them, they would say nothing about the true one."""
    assert wrong_share() == 0
    changed_drift(monkeypatch, lambda drift: factor * drift)
    assert wrong_share() > least


def loose_rows_differ(number):
    """Tell whether some bit differs where actions are almost equal, and a constant moves them by what rows lack."""
    rng = np.random.default_rng([8, number])
    rows = np.repeat(rng.dirichlet(np.ones(20), size=20), 3, axis=0).astype(np.float32) * (
        1 + 1e-7 * rng.random((60, 1))
    )
    mdp = MDP.from_pairs(rows.astype(np.float32), 1e-3 * rng.random(60), 0.9, n_actions=3)
    return first_difference(mdp, rng, "shifted", 1e3, rounds=20) is not None


def test_rows_that_do_not_quite_sum_to_one_add_to_the_drift(monkeypatch):
    """A constant added to v has no span, but moves two actions apart if their rows have different sums."""
    assert not any(map(loose_rows_differ, range(20)))
    monkeypatch.setattr(MDP, "row_sum_error", 0.0)
    assert sum(map(loose_rows_differ, range(20))) > 5


def watched(monkeypatch, *, poisoned=False):
    """Return a list to which each sweep adds the share of rows that are due; rows that are not may be poisoned."""
    shares = []

    def loop(*arguments):
        given = SIGNATURE.bind(*arguments).arguments
        due = given["expiry"] <= given["drift"]
        shares.append(due.mean())
        if poisoned:
            lengths = np.diff(given["indptr"].astype(np.int64))
            data, r = np.where(np.repeat(due, lengths), given["data"], np.nan), np.where(due, given["r"], np.nan)
            for array in (data, r):
                array.flags.writeable = False
            given |= {"data": data, "r": r}
        return TRUE_LOOP(**given)

    monkeypatch.setattr(action_elimination, "_eliminating", loop)
    return shares


LONG = mdps.garnet(60, 20, 60, rng=0, gamma=0.95)


def test_fewer_and_fewer_rows_are_read(monkeypatch):
    shares = watched(monkeypatch)
    modified_policy_iteration(LONG, tol=1e-9)
    assert shares[0] < 1, "rewards alone rule out some actions"
    assert shares[-1] < 0.15
    assert np.mean(shares) < 0.25


def test_rows_that_are_left_out_are_not_looked_at(monkeypatch):
    plain = modified_policy_iteration(LONG, tol=1e-9)
    shares = watched(monkeypatch, poisoned=True)
    poisoned = modified_policy_iteration(LONG, tol=1e-9)
    assert len(shares) == plain.iterations
    assert np.array_equal(poisoned.value, plain.value)
    assert np.array_equal(poisoned.policy, plain.policy)
    assert np.array_equal(poisoned.history, plain.history)


def test_of_equal_actions_none_is_left_out_and_the_lowest_is_taken(monkeypatch):
    row = np.random.default_rng(1).dirichlet(np.ones(20))
    mdp = MDP.from_arrays(np.tile(row, (20, 5, 1)), np.full((20, 5), 0.1), gamma=0.9)
    shares = watched(monkeypatch)
    solution = modified_policy_iteration(mdp, tol=1e-9)
    assert shares == [1.0] * solution.iterations
    assert not solution.policy.any()


def test_short_rows_are_all_read(monkeypatch):
    def never(*_):
        raise AssertionError("to look whether a short row is due takes as long as to read it")

    monkeypatch.setattr(action_elimination, "_eliminating", never)
    assert modified_policy_iteration(mdps.garnet(100, 5, 15, rng=0), tol=1e-6).gap <= 1e-6


def test_two_sweeps_of_one_model_do_not_share_what_they_remember():
    one, other = eliminating_sweep(LONG), eliminating_sweep(LONG)
    rng = np.random.default_rng(2)
    for _ in range(20):
        one(rng.normal(size=60) * 10, np.empty(60), np.empty(60, dtype=np.int64))
    v = rng.normal(size=60)
    assert told(other, v)[0] == told(eliminating_sweep(LONG), v)[0]


@given(st.integers(0, 2**32), st.sampled_from(ROWS), st.sampled_from(list(REWARDS)), st.sampled_from(STEPS))
def test_it_is_the_ordinary_sweep_but_for_the_order_of_sums(seed, rows, rewards, steps):
    rng, scale = np.random.default_rng(seed), REWARDS[rewards]
    mdp = drawn_model(rng, rows, rewards, 0.9)
    plain, eliminating, longest = bellman_sweep(mdp), eliminating_sweep(mdp), int(np.diff(mdp.P.indptr).max())
    v = scale * rng.normal(size=mdp.n_states)
    for _ in range(10):
        (_, backed_up), (_, expected) = told(eliminating, v), told(plain, v)
        error = backup_error(longest, np.abs(mdp.r).max(), 0.9, np.abs(v).max(), mdp.row_sum_error)
        assert (np.abs(backed_up - expected) <= 2 * error).all()
        v = next_value(rng, steps, v, expected, scale)


def test_expiries_in_single_precision_are_never_larger():
    rng = np.random.default_rng(3)
    for x in [0.0, 5e-324, 1e-45, 1e-38, 1.0, 3e38, 1e39, 1e300, np.inf, *10.0 ** rng.uniform(-60, 60, size=2000)]:
        rounded = action_elimination._rounded_down(x)
        assert 0 <= rounded <= x
        assert rounded >= min(x, 3e38) * (1 - 1e-6) - 1e-44
