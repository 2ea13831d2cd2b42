"""Models in which news travels slowly: each way of solving them is taken where it should be, and is right."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given

import mdps
from mdps.strategies import EXTREME_GAMMAS, discounted_mdps
from proofs_check.oracles import lp_value
from rltheory import MDP, ConvergenceWarning, Status, policy_iteration
from rltheory.planning import gauss_seidel, slow_models
from rltheory.planning.order import renumbered
from rltheory.planning.slow_models import solve_slow


def solved(mdp, tol=1e-6, progress=None):
    return solve_slow(mdp, tol=tol, progress=progress)


def shuffled(mdp, seed=0):
    return renumbered(mdp, np.random.default_rng(seed).permutation(mdp.n_states))


def grid(n):
    art = "S" + "." * (n - 1) + ("\n" + "." * n) * (n - 2) + "\n" + "." * (n - 1) + "G"
    return mdps.gridworld(art, 0.2, gamma=0.999, step_reward=-0.01)


def layered(layers=10, width=120, gamma=0.9999):
    """Draw a model whose moves lead to the next layer, the states of the last one being absorbing."""
    rng, n = np.random.default_rng(0), layers * width
    state = np.repeat(np.arange(n - width), 3)
    columns = (state // width + 1)[:, None] * width + rng.integers(width, size=(state.size, 4))
    moves = sp.csr_array((np.full(columns.size, 0.25), columns.ravel(), np.arange(0, columns.size + 1, 4)))
    moves.resize((state.size, n))
    rows = sp.vstack([moves, sp.eye_array(n, format="csr")[n - width :]], format="csr")
    owner = np.append(state, np.arange(n - width, n))
    return MDP.from_pairs(rows, rng.random(owner.size), gamma, states=owner)


def ragged(mdp, seed=0):
    """Leave out all actions but one in a third of the states."""
    rng = np.random.default_rng(seed)
    kept = np.ones(mdp.n_pairs, dtype=bool)
    for s in np.flatnonzero(rng.random(mdp.n_states) < 1 / 3):
        own = np.arange(*mdp.pair_start[s : s + 2])
        kept[np.delete(own, rng.integers(own.size))] = False
    return MDP.from_pairs(mdp.P[kept], mdp.r[kept], mdp.gamma, states=mdp.pair_state[kept], mu=mdp.mu)


# A random graph, no numbering of which makes all moves short.
LOST = mdps.garnet(3000, 3, 4, rng=0, gamma=0.999)
NEAR, RENUMBERED = "its states lead to near ones", "its states lead to near ones once they are renumbered"
NONE, ACYCLIC = "no order of its states is better", "no way leads back to a state"
WAYS = {
    "line": (mdps.river_swim(1000, gamma=0.999), "banded elimination", [NEAR]),
    "ragged line": (ragged(mdps.river_swim(999, gamma=0.999)), "banded elimination", [NEAR]),
    "grid": (grid(40), "BiCGSTAB", [NEAR]),
    "shuffled line": (shuffled(mdps.river_swim(800, gamma=0.999)), "banded elimination", [RENUMBERED]),
    # How wide the levels of a grid are depends on the cell that they are counted from.
    "shuffled grid": (shuffled(grid(40)), "BiCGSTAB", [RENUMBERED, NONE]),
    "ragged shuffled grid": (shuffled(ragged(grid(40))), "BiCGSTAB", [RENUMBERED, NONE]),
    "layers": (layered(), "values in order", [ACYCLIC]),
    "shuffled layers": (shuffled(layered()), "values in order", [ACYCLIC]),
    "absorbing states": (MDP.from_arrays(np.eye(400)[:, None], np.arange(400.0), 0.99), "values in order", [ACYCLIC]),
    "no order": (LOST, "BiCGSTAB", [NONE]),
}


@pytest.mark.parametrize("name", WAYS)
def test_each_way_is_taken_where_it_should_be_and_is_right(name, monkeypatch):
    monkeypatch.setattr(slow_models, "_CHEAP_ELIMINATION", 1e6)
    mdp, solver, reasons = WAYS[name]
    solution = solved(mdp)
    assert solver in solution.method
    why = solution.method.split(", chosen because chains mix slowly and ")[1]
    assert why in reasons
    assert solution.status is Status.CONVERGED
    assert solution.gap <= 1e-6
    exact = policy_iteration(mdp, tol=1e-6)
    assert (solution.lower <= exact.upper).all()
    assert (exact.lower <= solution.upper).all()
    assert solution.model is mdp


def test_elimination_is_for_bands_in_which_it_is_cheap():
    assert "banded elimination" in solved(grid(90)).method
    assert "BiCGSTAB" in solved(grid(110)).method


@given(discounted_mdps(gammas=EXTREME_GAMMAS[:-1], max_states=8))
def test_the_value_is_the_linear_programs(mdp):
    solution = solved(mdp, tol=1e-5)
    assert np.allclose(solution.value, lp_value(mdp), rtol=1e-8, atol=1e-5 + 1e-9)


@given(discounted_mdps(gammas=EXTREME_GAMMAS[:-1], max_states=8))
def test_on_the_renumbered_way_too(mdp):
    """Small models all lead to near states; here they are told not to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slow_models, "spread", lambda mdp: (mdp.n_states, False))
        patch.setattr(slow_models, "acyclic_value", lambda _mdp: None)
        solution = solved(mdp, tol=1e-5)
    assert "no order of its states is better" in solution.method
    assert np.allclose(solution.value, lp_value(mdp), rtol=1e-8, atol=1e-5 + 1e-9)
    achieved = policy_iteration(mdp, initial_policy=solution.policy, tol=1e-3)
    assert (solution.lower <= achieved.upper).all()


def test_names_survive_renumbering():
    names = [f"cell {k}" for k in range(800)]
    mdp = WAYS["shuffled line"][0].replace(state_names=names)
    assert solved(mdp).to_rows()[17]["state"] == "cell 17"


def test_a_model_without_a_way_back_takes_no_round():
    told = []
    solution = solved(WAYS["shuffled layers"][0], progress=lambda *round_: told.append(round_))
    assert solution.iterations == 0
    assert told == []


@pytest.mark.parametrize("name", ["line", "grid", "shuffled grid", "no order"])
def test_progress_is_told_round_by_round(name):
    told = []
    solution = solved(WAYS[name][0], progress=lambda rounds, width: told.append((rounds, width)))
    assert [rounds for rounds, _ in told] == list(range(1, solution.iterations + 1))
    assert [width for _, width in told] == solution.history.tolist()


@pytest.mark.parametrize("name", ["line", "shuffled line", "shuffled layers", "no order"])
def test_after_the_limit_on_rounds_modified_policy_iteration_finishes(name, monkeypatch):
    monkeypatch.setattr(gauss_seidel, "_MOST_ROUNDS", 1)
    mdp = WAYS[name][0].replace(gamma=0.98)
    solution = solved(mdp)
    assert solution.method.endswith(", finished by modified policy iteration") == (name != "shuffled layers")
    assert solution.status is Status.CONVERGED
    exact = policy_iteration(mdp, tol=1e-6)
    assert (solution.lower <= exact.upper).all()
    assert (exact.lower <= solution.upper).all()


@pytest.mark.parametrize("name", WAYS)
def test_a_tolerance_below_the_rounding_floor_is_soon_answered_by_status(name):
    mdp = WAYS[name][0]
    with pytest.warns(ConvergenceWarning, match="tol is below what float64 can certify"):
        solution = solved(mdp, tol=1e-300)
    assert solution.status is Status.ROUNDING_FLOOR
    assert solution.iterations < 200
    assert solution.gap < 2e-14 * (np.abs(solution.value).max() + np.abs(mdp.r).max()) / (1 - mdp.gamma)


def test_a_policy_and_its_value_belong_to_the_states_as_they_were_numbered():
    mdp = WAYS["ragged shuffled grid"][0]
    solution = solved(mdp)
    assert (solution.policy < mdp.action_counts).all()
    chosen = mdp.pair_start[:-1] + solution.policy
    residual = mdp.r[chosen] + mdp.gamma * (mdp.P[chosen] @ solution.value) - solution.value
    assert np.abs(residual).max() <= 1e-6
