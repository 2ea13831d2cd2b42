import ast
import subprocess
import sys

import pytest

import mdps
from rltheory import MDP

REQUIRED = {"garnet": "n_states=5, n_actions=2, branching=3, rng=0"}


@pytest.mark.parametrize("name", sorted(mdps.CATALOGUE))
def test_every_entry_builds_a_model_from_literals(name):
    if name in ("frozen_lake", "taxi"):
        pytest.importorskip("gymnasium")
    call = ast.parse(f"f({REQUIRED.get(name, '')})", mode="eval").body
    options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert isinstance(mdps.CATALOGUE[name](**options), MDP)


@pytest.mark.parametrize("name", sorted(set(mdps.CATALOGUE) - {"garnet"}))
def test_the_discount_is_a_keyword(name):
    if name in ("frozen_lake", "taxi"):
        pytest.importorskip("gymnasium")
    assert mdps.CATALOGUE[name](gamma=0.25).gamma == 0.25


def test_every_public_name_is_documented_with_an_example():
    functions = [getattr(mdps, name) for name in mdps.__all__ if name != "CATALOGUE"]
    assert all("Examples\n" in function.__doc__ and "Returns\n" in function.__doc__ for function in functions)


def test_importing_the_instances_imports_nothing_heavy():
    heavy = ("gymnasium", "hypothesis", "cvxpy", "numba", "matplotlib", "scipy", "networkx")
    code = f"import mdps, sys; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
