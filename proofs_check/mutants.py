"""Mutants of a function: its source with one constant scaled or one minus flipped, and a way to put one in its place.

A mutant takes the place of a function by its *code object*, so that every name which the function has anywhere, after
whatever ``from bounds import f``, runs the mutant, and nothing else has to know.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

HALF = 0.5
_CONFIGURES = frozenset({"axis", "ndmin", "ndim", "decimals", "dtype", "ord", "keepdims"})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function with one change.

    Parameters
    ----------
    function : str
        Its full name, ``package.module.function``.
    change : str
        The expression around the change before and after it, as ``2 * gamma -> 1 * gamma``; with a number if the
        function has the same change more than once.
    code : CodeType
        The body after the change.
    """

    function: str
    change: str
    code: CodeType

    @property
    def key(self) -> str:
        """What identifies it: it survives any edit of the file but one of the formula itself."""
        return f"{self.function}: {self.change}"


def functions_of(module: ModuleType) -> dict[str, FunctionType]:
    """Return the functions that a module defines at its top level, by full name.

    Parameters
    ----------
    module : module

    Returns
    -------
    dict of str to function
        Without decorators.

    Examples
    --------
    >>> from rltheory.planning.bounds import total
    >>> sorted(functions_of(total))[0]
    'rltheory.planning.bounds.total.arrival_time'
    """
    found = (inspect.unwrap(value) for value in vars(module).values() if callable(value))
    mine = (one for one in found if isinstance(one, FunctionType) and one.__module__ == module.__name__)
    return {_full_name(function): function for function in mine if "." not in function.__qualname__}


def mutants_of(function: FunctionType) -> list[Mutant]:
    """Return every mutant of a function.

    Each constant is multiplied by one half, in a function of lower bounds (one with ``lower`` in its full name) also by
    two; each binary minus becomes a plus, and each unary minus goes away. Left alone are zeros, and what is no part of
    a formula: indices, keyword arguments such as ``axis``, default values, annotations, error messages.

    Parameters
    ----------
    function : function
        Defined at the top level of a module.

    Returns
    -------
    list of Mutant
        In the order of the source.

    Examples
    --------
    >>> from rltheory.planning.bounds import residual_policy_loss
    >>> for mutant in mutants_of(residual_policy_loss):
    ...     print(mutant.change)
    2 * gamma -> 1 * gamma
    1 - gamma -> 1 + gamma
    1 - gamma -> 0.5 - gamma
    """
    name = _full_name(function)
    factors = (HALF, 2.0) if "lower" in name else (HALF,)
    tree = _definition(function)
    mutants: list[Mutant] = []
    seen: Counter[str] = Counter()
    for node, around in _formula(tree, tree):
        for field, value in _changes(node, factors):
            before, true = ast.unparse(around), getattr(node, field)
            setattr(node, field, value)
            change = f"{before} -> {ast.unparse(around)}"
            code = _code(tree)
            setattr(node, field, true)
            seen[change] += 1
            numbered = change if seen[change] == 1 else f"{change} ({seen[change]})"
            mutants.append(Mutant(name, numbered, code.replace(co_filename=function.__code__.co_filename)))
    return mutants


@contextmanager
def replaced(function: FunctionType, mutant: Mutant) -> Iterator[None]:
    """Let a mutant take the place of a function while the context lasts.

    Parameters
    ----------
    function : function
        The one that the mutant was made of.
    mutant : Mutant

    Examples
    --------
    >>> from rltheory.planning.bounds import truncation_error
    >>> with replaced(truncation_error, mutants_of(truncation_error)[0]):
    ...     truncation_error(0.5, 0)
    0.6666666666666666
    >>> truncation_error(0.5, 0)
    2.0
    """
    true = function.__code__
    function.__code__ = mutant.code
    try:
        yield
    finally:
        function.__code__ = true


def function_called(name: str) -> FunctionType:
    """Return the function of a full name.

    Parameters
    ----------
    name : str
        ``package.module.function``

    Returns
    -------
    function
    """
    return functions_of(importlib.import_module(name.rpartition(".")[0]))[name]


def _full_name(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _definition(function: FunctionType) -> ast.FunctionDef:
    """The syntax tree of a function without what stands around it; lines are those of the file."""
    module = ast.parse(inspect.getsource(sys.modules[function.__module__]))
    found = next(node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == function.__name__)
    found.decorator_list = []
    return found


def _code(definition: ast.FunctionDef) -> CodeType:
    module = compile(ast.Module([definition], type_ignores=[]), "<mutant>", "exec")
    return next(x for x in module.co_consts if isinstance(x, CodeType) and x.co_name == definition.name)


def _formula(node: ast.AST, around: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield every node that is part of a formula, with the expression or statement around it."""
    for child in ast.iter_child_nodes(node):
        if _is_no_formula(child, node):
            continue
        yield child, child if isinstance(child, ast.BinOp | ast.AugAssign) else around
        # A sign belongs to its number: what stands around is what stands around both.
        opens = isinstance(child, ast.expr | ast.stmt) and not isinstance(child, ast.UnaryOp)
        yield from _formula(child, child if opens else around)


def _is_no_formula(node: ast.AST, parent: ast.AST) -> bool:
    if isinstance(parent, ast.Subscript) and node is parent.slice:
        return True
    if isinstance(parent, ast.AnnAssign) and node is parent.annotation:
        return True
    if isinstance(node, ast.keyword) and node.arg in _CONFIGURES:
        return True
    return isinstance(node, ast.Raise | ast.JoinedStr | ast.arguments)


def _changes(node: ast.AST, factors: tuple[float, ...]) -> Iterator[tuple[str, object]]:
    """Yield the attributes of a node that a mutant changes, with their new values."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value:
        for factor in factors:
            yield "value", _scaled(node.value, factor)
    elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Sub):
        yield "op", ast.Add()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "op", ast.UAdd()


def _scaled(constant: Any, factor: float) -> int | float:
    """Return a product that is a count if it can be: a mutant which fails for its type alone shows nothing."""
    product = factor * constant
    return int(product) if isinstance(constant, int) and product.is_integer() else product
