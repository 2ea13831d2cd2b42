"""Threads change how long an answer takes, and not one bit of it."""

import functools
import multiprocessing
import warnings
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mdps
import rltheory as rl
from rltheory import ConvergenceWarning, ModelError
from rltheory.planning import threads
from rltheory.planning.backup import bellman_sweep
from rltheory.planning.gauss_seidel import gauss_seidel_policy_iteration
from rltheory.planning.policy_rows import PolicyRows
from rltheory.planning.slow_models import solve_slow
from rltheory.planning.threads import cut, on_each, use_threads


def grid(n):
    return "S" + "." * (n - 1) + ("\n" + "." * n) * (n - 2) + "\n" + "." * (n - 1) + "G"


# All have more than 200,000 transitions, so that they are shared; the policies of the first two have as many.
MODELS = {
    "one action": lambda: mdps.garnet(50_000, 1, 5, rng=0, gamma=0.9),
    "dense": lambda: mdps.garnet(500, 3, 500, rng=1, gamma=0.9),
    "garnet": lambda: mdps.garnet(12_000, 4, 5, rng=2, gamma=0.9),
    "grid": lambda: mdps.gridworld(grid(150), 0.2, gamma=0.9),
    "river swim": lambda: mdps.river_swim(60_000, gamma=0.9),
    "forest": lambda: mdps.forest(80_000, gamma=0.9),
}
SOLVERS = {
    "solve": rl.solve,
    "value iteration": functools.partial(rl.value_iteration, max_sweeps=15),
    "modified policy iteration": functools.partial(rl.modified_policy_iteration, max_improvements=4),
    "policy iteration": functools.partial(rl.policy_iteration, max_improvements=1),
    "Gauss-Seidel policy iteration": functools.partial(gauss_seidel_policy_iteration, max_improvements=4),
    "slow": lambda mdp, tol: solve_slow(mdp, tol=tol, progress=None),
}
model = functools.cache(lambda name: MODELS[name]())


def bits(name, solver="solve", count=None):
    """Return everything that an answer says, as bytes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if count is None:
            answer = SOLVERS[solver](model(name), tol=1e-6)
        else:
            with use_threads(count):
                answer = SOLVERS[solver](model(name), tol=1e-6)
    arrays = (answer.value, answer.policy, answer.lower, answer.upper, answer.history)
    return answer.method, answer.status, *(array.tobytes() for array in arrays)


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=40).filter(any),
    st.integers(1, 9),
)
def test_the_parts_are_all_states_in_order_and_none_has_much_more_work_than_its_share(work, count):
    before = np.concatenate([[0], np.cumsum(work)])
    with pytest.MonkeyPatch.context() as patch, use_threads(count):
        patch.setattr(threads, "_WORTH_SHARING", 1)
        parts = cut(before)
    assert [s for first, last in parts for s in range(first, last)] == list(range(len(work)))
    assert 1 <= len(parts) <= count
    assert all(first < last for first, last in parts)
    # A state is not cut, so that a part may exceed its share by less than one state's work.
    assert all(before[last] - before[first] <= sum(work) / count + max(work) for first, last in parts)


def test_little_work_is_not_shared():
    with use_threads(8):
        assert cut(np.arange(100_000)) == [(0, 99_999)]
        assert len(cut(np.arange(300_000))) == 8


@pytest.mark.parametrize("name", MODELS)
def test_the_models_below_are_large_enough_to_be_shared(name):
    mdp = model(name)
    with use_threads(3):
        assert len(cut(mdp.P.indptr[mdp.pair_start])) == 3
    assert mdp.n_states > 300


def test_results_come_in_the_order_of_the_parts():
    parts = [(k, k + 1) for k in range(20)]
    assert on_each(parts, lambda first, last: (first, last)) == parts


def test_an_error_in_any_part_is_raised():
    def loop(first, last):
        return 1 / first

    with pytest.raises(ZeroDivisionError):
        on_each([(1, 2), (0, 1)], loop)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_every_answer_is_the_same_for_any_number_of_threads(name, solver):
    alone = bits(name, solver, 1)
    for count in (2, 3):
        assert bits(name, solver, count) == alone


@pytest.mark.parametrize("name", MODELS)
def test_sweeps_are_the_same_for_any_number_of_threads(name):
    mdp = model(name)
    v = np.random.default_rng(0).normal(size=mdp.n_states)
    told = set()
    for count in (1, 2, 3, 7):
        backed_up, policy = np.empty(mdp.n_states), np.empty(mdp.n_states, dtype=np.int64)
        own = np.empty(mdp.n_states)
        with use_threads(count):
            extremes = bellman_sweep(mdp)(v, backed_up, policy)
            rows = PolicyRows(mdp)
            rows.choose(policy)
            own_extremes = rows.sweep(v, own)
        assert np.array_equal(own, backed_up)
        told.add((extremes, own_extremes, backed_up.tobytes(), policy.tobytes()))
    assert len(told) == 1


def test_solves_at_the_same_time_do_not_disturb_each_other():
    names = [*MODELS, *MODELS]
    alone = {name: bits(name, count=1) for name in MODELS}
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(functools.partial(bits, count=3), names))
    assert together == [alone[name] for name in names]


def test_a_thread_of_the_callers_has_its_own_number():
    with use_threads(5), ThreadPoolExecutor(1) as pool:
        elsewhere = pool.submit(cut, np.arange(300_001)).result()
        here = cut(np.arange(300_001))
    assert len(here) == 5
    assert len(elsewhere) == numba.config.NUMBA_NUM_THREADS


def test_the_number_is_restored_after_the_block_and_after_an_error():
    with use_threads(2):
        with pytest.raises(RuntimeError), use_threads(6):
            raise RuntimeError
        assert len(cut(np.arange(300_001))) == 2
    assert len(cut(np.arange(300_001))) == numba.config.NUMBA_NUM_THREADS


def _answer(pipe, name):
    pipe.send(bits(name, count=2))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this platform cannot fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own():
    """It inherits the pool but not its threads; work that is handed to them would wait for ever."""
    expected = bits("garnet", count=2)
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    child = fork.Process(target=_answer, args=(theirs, "garnet"))
    child.start()
    try:
        assert ours.poll(60), "the forked process does not answer"
        assert ours.recv() == expected
        child.join(10)
    finally:
        child.kill()
        child.join()
    assert child.exitcode == 0


@pytest.mark.parametrize("count", [0, -3])
def test_less_than_one_thread_is_refused(count):
    with pytest.raises(ModelError, match=rf"count is {count}; at least 1 thread is needed"), use_threads(count):
        pass
