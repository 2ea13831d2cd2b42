"""Agreement with Storm, another model checker, on the files that we write for it and on those that it writes."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given

import mdps
import rltheory as rl
from mdps.strategies import discounted_mdps
from proofs_check.rational import rational_optimum, rational_solve
from rltheory.io import read_drn, read_prism, with_discount_as_end, write_drn
from rltheory.models import MDP

stormpy = pytest.importorskip(
    "stormpy", minversion="2.0", reason="Storm's Python package is not installed: pip install 'stormpy>=2.0'"
)
environments = pytest.importorskip("stormpy.environments")

EXACT = 1e-12
PROBLEMS = {
    "river": lambda: mdps.river_swim(n=6, gamma=0.95),
    "grid": lambda: mdps.gridworld("S..#\n.#.G", slip=0.1, gamma=0.95),
    "queue": lambda: mdps.admission_queue(gamma=0.9),
    "costs": lambda: mdps.machine_replacement(gamma=0.9),
    "garnet": lambda: mdps.garnet(n_states=40, n_actions=3, branching=4, gamma=0.99, rng=1),
}


def checked(path, question, n_states, *, exact=False, environment=None):
    """Return what Storm answers in each of the first states: floats, or the fractions of its rational mode."""
    build = stormpy.build_model_from_drn[stormpy.Rational if exact else float]
    answer = stormpy.model_checking(build(str(path)), stormpy.parse_properties(question)[0], environment=environment)
    return [(Fraction(str(v)) if exact else v) for v in map(answer.get_value, range(n_states))]


def precise():
    """Return the settings with which Storm iterates to 1e-12 in place of its default, 1e-6."""
    environment = environments.Environment()
    solver = environment.solver().min_max() if callable(environment.solver) else environment.solver.min_max
    solver = solver() if callable(solver) else solver
    solver.precision = stormpy.Rational("1e-12")
    return environment


def dyadic(mdp):
    """Return a model near another, whose numbers are multiples of 1/256: their short decimals are exact."""
    P = np.floor(mdp.P.toarray() * 256)
    P[np.arange(mdp.n_pairs), P.argmax(axis=1)] += 256 - P.sum(axis=1)
    return MDP.from_pairs(P / 256, np.round(mdp.r * 256) / 256, mdp.gamma, pair_start=mdp.pair_start, mu=0)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_storm_finds_the_discounted_value_through_the_end(problem, tmp_path):
    mdp = PROBLEMS[problem]()
    total, labels, constant = with_discount_as_end(mdp)
    write_drn(tmp_path / "m.drn", total.replace(mu=0), labels)

    value = checked(tmp_path / "m.drn", 'R{"r"}max=? [F "done"]', mdp.n_states, environment=environments.exact())

    ours = rl.solve(mdp).value
    assert np.array(value) - constant == pytest.approx(ours, abs=EXACT * (1 + constant + np.abs(ours).max()))


@pytest.mark.parametrize("problem", PROBLEMS)
def test_storm_s_own_discount_gives_the_same(problem, tmp_path):
    mdp = PROBLEMS[problem]()
    write_drn(tmp_path / "m.drn", mdp.replace(mu=0))

    value = checked(tmp_path / "m.drn", f'R{{"r"}}max=? [Cdiscount={mdp.gamma}]', mdp.n_states, environment=precise())

    ours = rl.solve(mdp).value
    assert value == pytest.approx(ours, abs=1e-9 * (1 + np.abs(ours).max()))


@given(discounted_mdps(gammas=(0.5, 0.75)).map(dyadic))
def test_the_optimum_is_the_same_fraction(tmp_path_factory, mdp):
    total, labels, constant = with_discount_as_end(mdp)
    assume(total.r.any())  # Storm answers no question about rewards that are all 0
    path = tmp_path_factory.mktemp("storm") / "m.drn"
    write_drn(path, total, labels)

    value = checked(path, 'R{"r"}max=? [F "done"]', mdp.n_states, exact=True)

    assert [v - Fraction(constant) for v in value] == rational_optimum(mdp)


def largest_probabilities(mdp, goal):
    """Return the largest probability to reach a state, exactly, over all policies one by one."""
    P = [[Fraction(p) for p in row] for row in mdp.P.toarray()]
    best = [Fraction(0)] * mdp.n_states
    for policy in itertools.product(*map(range, mdp.action_counts.tolist())):
        rows = [P[start + a] for start, a in zip(mdp.pair_start.tolist(), policy, strict=False)]
        able = {goal}
        for _ in rows:
            able |= {s for s, row in enumerate(rows) if any(row[s2] for s2 in able)}
        inner = sorted(able - {goal})
        matrix = [[(i == j) - rows[i][j] for j in inner] for i in inner]
        solved = rational_solve(matrix, [rows[i][goal] for i in inner]) if inner else []
        found = dict(zip(inner, solved, strict=True)) | {goal: Fraction(1)}
        best = [max(old, found.get(s, Fraction(0))) for s, old in enumerate(best)]
    return best


@given(discounted_mdps(max_states=4).map(dyadic))
def test_the_probability_to_reach_a_label_is_the_same_fraction(tmp_path_factory, mdp):
    path = tmp_path_factory.mktemp("storm") / "m.drn"
    write_drn(path, mdp, {"goal": [mdp.n_states - 1]})

    value = checked(path, 'Pmax=? [F "goal"]', mdp.n_states, exact=True)

    assert value == largest_probabilities(mdp, mdp.n_states - 1)


def test_what_storm_writes_is_read_with_all_its_names(tmp_path):
    program = """
        mdp
        module walk
            x : [0..2] init 0;
            [left] x<2 -> 1 : (x'=max(x-1,0));
            [right] x<2 -> 1/3 : (x'=x) + 2/3 : (x'=x+1);
            [] x=2 -> true;
        endmodule
        label "goal" = x=2;
        rewards "steps" x<2 : 1; endrewards
        rewards "moves" [right] x<2 : 5; endrewards
    """
    (tmp_path / "walk.prism").write_text(program)
    parsed = stormpy.parse_prism_program(str(tmp_path / "walk.prism"))
    built = stormpy.build_model(
        parsed,
        options=stormpy.BuilderOptions(build_full=True),
    )
    stormpy.io.export_to_drn(built, str(tmp_path / "walk.drn"))

    mdp, labels = read_drn(tmp_path / "walk.drn", gamma=1.0, reward="moves", normalise=True)

    assert mdp.n_states == 3
    assert [mdp.action_name(0, a) for a in range(2)] == ["left", "right"]
    assert mdp.r.tolist() == [0, 5, 0, 5, 0]
    assert labels["goal"].tolist() == [2]
    assert mdp.P.toarray()[1] == pytest.approx([1 / 3, 2 / 3, 0], abs=1e-6)


def test_storm_s_explicit_files_are_read_as_storm_does(tmp_path):
    (tmp_path / "m.tra").write_text("mdp\n0 0 0 0.5\n0 0 1 0.5\n0 1 1 1\n1 0 1 1\n")
    (tmp_path / "m.lab").write_text("#DECLARATION\ninit goal\n#END\n0 init\n1 goal\n")
    (tmp_path / "m.srew").write_text("0 2.5\n1 0\n")

    theirs = stormpy.build_model_from_explicit(
        str(tmp_path / "m.tra"), str(tmp_path / "m.lab"), state_rewards=str(tmp_path / "m.srew")
    )
    ours, labels = read_prism(tmp_path / "m.tra", gamma=0.9)

    entries = [[(e.column, e.value) for e in theirs.transition_matrix.get_row(row)] for row in range(3)]
    assert entries == [[(0, 0.5), (1, 0.5)], [(1, 1.0)], [(1, 1.0)]]
    assert [[(s, p) for s, p in enumerate(row) if p] for row in ours.P.toarray().tolist()] == entries
    assert ours.r.tolist() == [2.5, 2.5, 0]
    assert labels["goal"].tolist() == [1]
