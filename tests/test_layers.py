"""Who may import whom, and what an import costs: read off the source, and off a fresh interpreter."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("scipy", "numba", "cvxpy", "matplotlib", "networkx", "gymnasium", "rich", "hypothesis")
SELDOM_NEEDED = ("scipy.linalg", "scipy.sparse.linalg", "scipy.sparse.csgraph", "scipy.optimize", "cvxpy", "networkx")

# What each part of the package may import of ours, besides itself.
ALLOWED = {
    "models": set(),
    "planning": {"models"},
    "distributional": {"models", "planning"},
    "robust": {"models", "planning"},
    "offline": {"models", "planning", "robust"},
    "exploration": {"models", "planning", "robust", "games"},
    "bandits": {"models"},
    "games": {"models", "planning", "distributional"},
    "hardness": {"models", "planning"},
    "imitation": {"models", "planning"},
    "horizon": {"models", "planning", "distributional"},
    "submodular": {"models", "planning"},
    "policy_optimisation": {"models", "planning"},
    "estimation": {"models", "planning"},
    "io": {"models", "planning", "games"},
    "plotting": {"models", "planning", "io"},
}


def imports_of(path):
    """Return the dotted names of our modules that a file imports, anywhere in it."""
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def files_of(package):
    return sorted((ROOT / package).rglob("*.py"))


@pytest.mark.parametrize("wing", ALLOWED)
def test_a_wing_imports_only_what_its_mathematics_stands_on(wing):
    for path in files_of(f"rltheory/{wing}"):
        for name in imports_of(path):
            parts = name.split(".")
            if parts[0] == "rltheory" and len(parts) > 1 and (ROOT / "rltheory" / parts[1]).is_dir():
                assert parts[1] in ALLOWED[wing] | {wing}, f"{path.relative_to(ROOT)} imports {name}"


def test_every_wing_is_in_the_table():
    folders = {path.parent.name for path in (ROOT / "rltheory").glob("*/__init__.py")}
    assert folders == set(ALLOWED)


@pytest.mark.parametrize("path", files_of("rltheory"), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_library_never_imports_its_instances_or_its_theorems(path):
    # The command line does, by name, when it runs: it is the one leaf that joins the three packages.
    assert not [name for name in imports_of(path) if name.split(".")[0] in ("mdps", "proofs_check")]


@pytest.mark.parametrize("path", files_of("mdps"), ids=lambda path: str(path.relative_to(ROOT)))
def test_instances_do_not_import_the_theorems(path):
    assert not [name for name in imports_of(path) if name.split(".")[0] == "proofs_check"]


def imported_by(statement, among=HEAVY):
    """Return which of some heavy packages a fresh interpreter has loaded after a statement."""
    script = f"import sys; {statement}; print(*(name for name in {among!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.split()


def test_importing_the_package_brings_in_numpy_only():
    assert imported_by("import rltheory") == []


def test_building_a_model_brings_in_scipy_and_nothing_more():
    assert imported_by("import rltheory as rl; rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)") == ["scipy"]


def test_importing_the_instances_brings_in_no_solver():
    assert not set(imported_by("import mdps")) & {"numba", "cvxpy", "matplotlib", "gymnasium", "hypothesis"}


def test_importing_the_solvers_leaves_for_later_what_only_some_models_need():
    assert imported_by("import rltheory.planning", SELDOM_NEEDED) == []


def test_every_public_name_can_be_imported():
    script = "import rltheory as rl; [getattr(rl, name) for name in rl.__all__]"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
