"""The checker accepts nothing that is false: forged certificates of every criterion against rational arithmetic.

A forger renews the seal, the gap and, if the model was changed, its fingerprint, so that only the inequalities are left
to judge. What they accept must be a true claim, by oracles that share nothing with them: a change that leaves a true
and proven claim (a bound moved outward, a goal that makes no difference) is no forgery.
"""

import copy
import hashlib
import json
import warnings
from fractions import Fraction
from itertools import chain, pairwise
from operator import sub

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

import rltheory as rl
from mdps.strategies import discounted_mdps
from proofs_check.certificate import RejectedError, check
from proofs_check.oracles import deterministic_policies
from proofs_check.rational import rational_optimum, rational_policy_value
from proofs_check.rational_average import rational_optimal_gain, rational_policy_gain
from proofs_check.rational_total import (
    rational_maximal_reachability,
    rational_minimal_reachability,
    rational_policy_total,
)
from rltheory import planning
from rltheory.io import save_npz
from rltheory.planning.certificate import fingerprint

in_files = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
TINY = Fraction(1, 10**30)
SOLVERS = {
    "discounted": lambda mdp, goal: rl.policy_iteration(mdp.replace(gamma=0.9)),
    "finite horizon": lambda mdp, goal: rl.solve(mdp.finite_horizon(2, gamma=1.0)),
    "maximal reachability": planning.maximal_reachability,
    "minimal reachability": planning.minimal_reachability,
    "total reward": planning.shortest_path,
    "average reward": lambda mdp, goal: planning.average_policy_iteration(mdp),
}
every_criterion = pytest.mark.parametrize("criterion", SOLVERS)
small = discounted_mdps(max_states=3, max_actions=2, gammas=[1.0])


def certified(criterion, mdp, goal):
    """Return the model that was solved, and the certificate; examples that have no answer are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rl.ConvergenceWarning)
        try:
            solution = SOLVERS[criterion](mdp, goal)
        except rl.CriterionError:
            assume(False)
    return solution.model, solution.certificate()


def sealed(content):
    content = {name: value for name, value in content.items() if name != "seal"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return content | {"seal": hashlib.sha256(text.encode()).hexdigest()}


def widest(content):
    return str(max(map(sub, numbers(content["upper"]), numbers(content["lower"]))))


def numbers(vectors):
    return list(map(Fraction, chain(*vectors)))


def as_text(x):
    return f"{x.numerator}/{x.denominator}"


def accepts(folder, model, content):
    """Whether the checker accepts what a forger made of a certificate."""
    save_npz(folder / "model.npz", model)
    (folder / "proof.json").write_text(json.dumps(sealed(content)))
    try:
        check(folder / "model.npz", folder / "proof.json")
    except RejectedError:
        return False
    return True


def stepwise(model, policy):
    """Return the values of a policy of a stationary model with a horizon, or the optimal ones, step by step."""
    P, starts = [[Fraction(p) for p in row] for row in model.P.toarray()], model.pair_start.tolist()
    values = [[Fraction(0)] * model.n_states]
    for t in reversed(range(model.H)):
        q = [Fraction(x) + sum(map(Fraction.__mul__, row, values[0])) for x, row in zip(model.r, P, strict=True)]
        own = [q[i:j] for i, j in pairwise(starts)]
        values.insert(0, [max(x) if policy is None else x[policy[t][s]] for s, x in enumerate(own)])
    return list(chain(*values))


def proper_optimum(mdp, goal):
    """Return the largest total of the policies that reach the goal; None if a cycle away from it earns without end."""
    P = mdp.P.toarray()
    P[np.isin(mdp.pair_state, goal)] = np.eye(mdp.n_states)[mdp.pair_state[np.isin(mdp.pair_state, goal)]]
    stopped = np.where(np.isin(mdp.pair_state, goal), 0.0, mdp.r)
    if max(rational_optimal_gain(rl.MDP.from_pairs(P, stopped, 1.0, pair_start=mdp.pair_start))) > 0:
        return None
    totals = [rational_policy_total(mdp, policy, goal) for policy in deterministic_policies(mdp)]
    return [max(own) for own in zip(*(total for total in totals if total is not None), strict=True)]


def truth(criterion, model, policy, goal):
    """Return the exact values that the bounds must enclose, the smaller one first; None where there is none."""
    if criterion == "discounted":
        return rational_policy_value(model, policy[0]), rational_optimum(model)
    if criterion == "finite horizon":
        return stepwise(model, policy), stepwise(model, None)
    if criterion == "maximal reachability":
        return rational_policy_total(model, policy[0], goal, reward=False), rational_maximal_reachability(model, goal)
    if criterion == "minimal reachability":
        return rational_minimal_reachability(model, goal), rational_policy_total(model, policy[0], goal, reward=False)
    if criterion == "total reward":
        return rational_policy_total(model, policy[0], goal), proper_optimum(model, goal)
    return rational_policy_gain(model, policy[0]), rational_optimal_gain(model)


def is_true(model, content):
    """Whether a claim is true, by exact arithmetic."""
    first, second = truth(content["criterion"], model, content["policy"], content.get("goal"))
    if first is None or second is None:
        return False
    columns = numbers(content["lower"]), first, second, numbers(content["upper"])
    return all(a <= b <= c <= d for a, b, c, d in zip(*columns, strict=True))


def moved(draw, content, name):
    """Move one entry of a vector: by a little, by the width of the enclosure, by much, to a nearby integer."""
    step = draw(st.integers(0, len(content[name]) - 1))
    state = draw(st.integers(0, len(content[name][step]) - 1))
    old = Fraction(content[name][step][state])
    by = draw(st.sampled_from([TINY, Fraction(content["gap"]), Fraction(1), Fraction(1, 1000)]))
    new = draw(st.sampled_from([old + by, old - by, Fraction(round(old))]))
    rows = [list(row) for row in content[name]]
    rows[step][state] = as_text(new)
    return content | {name: rows}


def forged_policy(draw, content):
    step = draw(st.integers(0, len(content["policy"]) - 1))
    rows = [list(row) for row in content["policy"]]
    rows[step][draw(st.integers(0, len(rows[step]) - 1))] = draw(st.integers(-1, 2))
    return content | {"policy": rows}


def forged_model(draw, model):
    """Change one probability by moving some of it within its row, or one reward."""
    P, r = model.P.toarray(), model.r.copy()
    pair = draw(st.integers(0, len(P) - 1))
    if draw(st.booleans()):
        r[pair] += draw(st.sampled_from([-1.0, -1e-9, 1e-9, 1.0]))
    else:
        share = draw(st.sampled_from([1e-9, 0.5, 1.0]))
        taken = share * P[pair].max()
        P[pair, P[pair].argmax()] -= taken
        P[pair, draw(st.integers(0, P.shape[1] - 1))] += taken
    return model.replace(P=csr_array(P), r=r)


@in_files
@every_criterion
@given(mdp=small, data=st.data())
def test_what_a_forger_gets_accepted_is_true(tmp_path, criterion, mdp, data):
    goal = data.draw(st.sampled_from(range(mdp.n_states)))
    model, content = certified(criterion, mdp, goal)
    assert is_true(model, content)
    for _ in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(["vector", "vector", "policy", "goal", "criterion", "model"]))
        if kind == "vector":
            content = moved(
                data.draw,
                content,
                data.draw(st.sampled_from(sorted(n for n in content if n.startswith(("lower", "upper"))))),
            )
        elif kind == "policy":
            content = forged_policy(data.draw, content)
        elif kind == "goal":
            states = st.integers(0, model.n_states - 1)
            content = content | {"goal": data.draw(st.lists(states, max_size=2, unique=True))}
        elif kind == "criterion":
            content = (
                content | {"goal": [goal], **{f"{side}_bias": content[side] for side in ("lower", "upper")}} | content
            )
            content = content | {"criterion": data.draw(st.sampled_from(list(SOLVERS)))}
        else:
            model = forged_model(data.draw, model)
            content = content | {"model": fingerprint(model)}
    content = content | {"gap": widest(content)}
    if accepts(tmp_path, model, content):
        assert is_true(model, content)


@in_files
@every_criterion
@given(mdp=small, data=st.data())
def test_any_change_breaks_the_seal(tmp_path, criterion, mdp, data):
    model, content = certified(criterion, mdp, 0)
    name = data.draw(st.sampled_from(sorted(content.keys() - {"seal"})))
    changed = copy.deepcopy(content)
    if isinstance(content[name], str):
        changed[name] += "0"
    elif name == "goal":
        changed[name] = [*content[name], 0]
    else:
        changed = forged_policy(data.draw, content) if name == "policy" else moved(data.draw, content, name)
    assume(changed != content)
    save_npz(tmp_path / "model.npz", model)
    (tmp_path / "proof.json").write_text(json.dumps(changed))
    with pytest.raises(RejectedError, match="its seal or its format is broken"):
        check(tmp_path / "model.npz", tmp_path / "proof.json")


@in_files
@pytest.mark.parametrize("criterion", [name for name in SOLVERS if name != "average reward"])
@given(mdp=small, data=st.data())
def test_exact_values_prove_themselves_and_a_hair_beyond_them_nothing_is_proven(tmp_path, criterion, mdp, data):
    """No bound of the method is left unused: the values themselves are accepted, and less than them is not."""
    model, content = certified(criterion, mdp, 0)
    ends = truth(criterion, model, content["policy"], content.get("goal"))
    n = model.n_states
    for side, exact in zip(("lower", "upper"), ends, strict=True):
        content[side] = [list(map(as_text, exact[i : i + n])) for i in range(0, len(exact), n)]
    content["gap"] = widest(content)
    assert accepts(tmp_path, model, content)

    side, way = data.draw(st.sampled_from([("lower", 1), ("upper", -1)]))
    step, state = data.draw(st.integers(0, len(content["policy"]) - 1)), data.draw(st.integers(0, n - 1))
    content[side][step][state] = as_text(Fraction(content[side][step][state]) + way * TINY)
    content["gap"] = widest(content)
    assert not accepts(tmp_path, model, content)


STAYING = rl.MDP.from_arrays([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[0, -1], [0, 0]], gamma=1.0)
ROOMS = rl.MDP.from_arrays([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[0, 0], [1, 1]], gamma=1.0)


@pytest.mark.parametrize(
    ("criterion", "model", "forged", "message"),
    [
        ("maximal reachability", STAYING, {"policy": [[0, 0]], "lower": [["1", "1"]]}, "above what the graph allows"),
        ("maximal reachability", STAYING, {"upper": [["0", "0"]], "lower": [["0", "0"]]}, "state 1 is below 1"),
        (
            "minimal reachability",
            STAYING,
            {"lower": [["1", "1"]], "upper": [["1", "1"]]},
            "above what the graph allows",
        ),
        ("minimal reachability", STAYING, {"upper": [["-1", "1"]], "lower": [["-1", "1"]]}, "state 0 is below 0"),
        ("total reward", STAYING, {"policy": [[0, 0]], "lower": [["0", "0"]]}, "does not reach the goal from state 0"),
        ("total reward", STAYING, {"upper": [["-2", "-1"]], "lower": [["-2", "-1"]]}, "state 1 is below 0"),
        ("average reward", ROOMS, {"upper": [["0", "1"]], "lower": [["0", "1"]]}, "state 0 is not above its backup"),
        ("maximal reachability", STAYING, {"goal": [2]}, "names a state that does not exist"),
        ("maximal reachability", STAYING, {"goal": [-1]}, "names a state that does not exist"),
        ("discounted", STAYING, {}, "does not contract"),
        ("finite horizon", STAYING, {}, "is claimed of a model without a horizon"),
        (
            "total reward",
            STAYING,
            {"lower": [["-1", "0"], ["9", "9"]]},
            "are not 1, with one entry for each of 2 states",
        ),
        ("total reward", STAYING, {"policy": [[1, 0], [1, 0]]}, "has 2 steps, not 1"),
    ],
)
def test_what_satisfies_the_inequalities_and_is_false_is_caught_by_the_rest(
    tmp_path, criterion, model, forged, message
):
    """Fixed points that are no bounds: staying for ever, adding constants, forgetting the better room."""
    solver = SOLVERS[criterion if forged else "total reward"]
    content = solver(model, 1).certificate() | {"criterion": criterion} | forged
    content["gap"] = widest(content | {"lower": content["upper"]}) if len(content["lower"]) > 1 else widest(content)
    save_npz(tmp_path / "model.npz", model)
    (tmp_path / "proof.json").write_text(json.dumps(sealed(content)))
    with pytest.raises(RejectedError, match=message):
        check(tmp_path / "model.npz", tmp_path / "proof.json")


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.sampled_from(["1/0", "x", "1/2/3", "", "1e9", "2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("lower"), inner),
    max_leaves=6,
)


@in_files
@every_criterion
@given(data=st.data())
def test_what_is_no_certificate_is_rejected_and_never_an_error_of_the_checker(tmp_path, criterion, data):
    model, content = certified(criterion, ROOMS, 1)
    name = data.draw(st.sampled_from(sorted(content.keys() - {"seal", "model"})))
    forged = content | {name: data.draw(anything)}
    if accepts(tmp_path, model, forged):
        assert is_true(model, forged | {name: content[name]})


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_model_file_that_is_cut_off_is_rejected(tmp_path, share):
    content = rl.solve(ROOMS.replace(gamma=0.5)).certificate()
    assert accepts(tmp_path, ROOMS.replace(gamma=0.5), content)
    data = (tmp_path / "model.npz").read_bytes()
    (tmp_path / "model.npz").write_bytes(data[: int(share * len(data))])
    with pytest.raises(RejectedError, match="is not a model file"):
        check(tmp_path / "model.npz", tmp_path / "proof.json")


def test_a_dataset_is_no_model(tmp_path):
    data = rl.Dataset.from_episodes([[(0, 0, 1.0, 0)]], n_states=1, n_actions=1, H=1)
    content = rl.solve(ROOMS.replace(gamma=0.5)).certificate()
    assert not accepts(tmp_path, data, content | {"model": fingerprint(data)})
