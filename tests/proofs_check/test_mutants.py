import importlib
import inspect
import sys

import pytest

from proofs_check.mutants import functions_of, mutants_of, replaced


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a maker of modules that can be imported, from names and sources."""

    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def make(name, source):
        (tmp_path / f"{name}.py").write_text(source)
        importlib.invalidate_caches()
        names.append(name)
        return importlib.import_module(name)

    yield make
    for name in names:
        sys.modules.pop(name, None)


def changes(made, body, name="toy_formula"):
    module = made(name, f"import math\n\n\ndef bound(x, y=3.0):\n    '''Twice 2.'''\n    {body}\n")
    return [mutant.change for mutant in mutants_of(module.bound)]


def test_constants_are_halved_and_signs_flipped(made):
    assert changes(made, "return 2 * x - math.exp(-x / 3)") == [
        "2 * x - math.exp(-x / 3) -> 2 * x + math.exp(-x / 3)",
        "2 * x -> 1 * x",
        "-x / 3 -> +x / 3",
        "-x / 3 -> -x / 1.5",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "return x[1:-1]",
        "return x.sum(axis=1)",
        "return 0 * x",
        "return True",
        "raise ValueError(f'{x - 1}')",
        "return f'{x - 1}'",
        "return (lambda z=2: z)()",
        "z: list[1] = x; return z",
    ],
)
def test_what_is_no_formula_is_left_alone(made, body):
    assert changes(made, body) == []


def test_a_count_stays_a_count_and_a_change_that_comes_twice_is_numbered(made):
    assert changes(made, "return max(x - 3, x - 3)") == [
        "x - 3 -> x + 3",
        "x - 3 -> x - 1.5",
        "x - 3 -> x + 3 (2)",
        "x - 3 -> x - 1.5 (2)",
    ]


def test_lower_bounds_are_doubled_too(made):
    assert changes(made, "return 3 * x", name="toy_lower") == ["3 * x -> 1.5 * x", "3 * x -> 6 * x"]


def test_a_bare_value_is_told_with_its_statement(made):
    assert changes(made, "return 1.0") == ["return 1.0 -> return 0.5"]


def test_a_mutant_takes_the_place_of_the_function_wherever_it_is_known(made):
    module = made("toy_known", "def bound(x, y=2.0):\n    return y * (x - 1)\n")
    from toy_known import bound as copy  # as a theorem does

    before = copy.__code__
    for mutant, value in zip(mutants_of(module.bound), [8.0, 5.0], strict=True):
        with replaced(module.bound, mutant):
            assert copy(3.0) == value
    assert copy.__code__ is before
    assert copy(3.0) == 4.0


def test_it_is_restored_after_an_error_too(made):
    module = made("toy_error", "def bound(x):\n    return 1 / x\n")
    with pytest.raises(ZeroDivisionError), replaced(module.bound, mutants_of(module.bound)[0]):
        module.bound(0)
    assert module.bound(1.0) == 1.0


def test_inner_functions_belong_to_the_one_around(made):
    module = made("toy_inner", "def bound(x):\n    def inner(z):\n        return 2 * z\n\n    return inner(x)\n")
    (mutant,) = mutants_of(module.bound)
    with replaced(module.bound, mutant):
        assert module.bound(1.0) == 1


def test_only_functions_of_the_module_itself_are_found(made):
    source = "from math import exp\nfrom inspect import unwrap\n\nclass Box:\n    def size(self):\n        return 2\n\n"
    module = made("toy_found", source + "def bound(x):\n    return x\n")
    assert functions_of(module) == {"toy_found.bound": module.bound}
    assert inspect.isfunction(module.unwrap)
