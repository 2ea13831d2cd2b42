"""PRISM's files of labels (``.lab``) and of the variables of states (``.sta``).

``.lab`` numbers its labels on the first line, ``0="init" 1="deadlock"``, and lists those of a state as ``3: 0 1``.
Storm's declares them between ``#DECLARATION`` and ``#END``, and lists names, ``3 init``. ``.sta`` names the variables
on its first line, ``(x,y)``, and lists their values as ``3:(1,0)``.

Names of states that are no values of variables are written by us as comments, ``3:(3) # name``, and read back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from rltheory.io._explicit import IDENTIFIER, Labels, labels_of_states
from rltheory.io._text import Text, shown
from rltheory.models import ModelError

_DECLARED = re.compile(r'\s*(\d{1,9})="([^"]*)"(?=\s|$)', re.ASCII)
_LABELLED = re.compile(r"\s*(\d{1,18})\s*:\s*(\d{1,9}(?:\s+\d{1,9})*)\s*", re.ASCII)
_VARIABLES = re.compile(r"\s*\(([^()]*)\)\s*")
_VALUES = re.compile(r"\s*(\d{1,18})\s*:\s*\(([^()]*)\)\s*(?:# ?(.*))?", re.ASCII)
_VALUE = re.compile(r"[^\s(),:#=]+")
_PLAIN_VALUE = re.compile(r"-?\d+|true|false", re.ASCII)  # what PRISM reads: integers and booleans


def read_labels(path: Path, n_states: int) -> Labels:
    """Return the states of each label of a ``.lab`` file; ``init`` is among them."""
    text = Text.read(path)
    offset, line = next(text.lines())
    if line.startswith("#DECLARATION"):
        names, labelled = _storm_labels(text)
    else:
        names, labelled = _numbered_labels(text)
    states: dict[str, list[int]] = {name: [] for name in names}
    seen = np.zeros(n_states, dtype=bool)
    for offset, state, has in labelled:
        if state >= n_states:
            raise text.error(offset, f"there is no state {state}; states are 0..{n_states - 1}")
        if seen[state]:
            raise text.error(offset, f"state {state} already has a line; list its labels on one")
        seen[state] = True
        for name in has:
            states[name].append(state)
    if not states.get("init"):
        raise ModelError(f'{path} labels no state "init"; a model starts somewhere')
    if not states.get("deadlock", [0]):  # PRISM declares it in every file
        del states["deadlock"]
    return {name: np.unique(np.array(having, dtype=np.int64)) for name, having in states.items()}


def _numbered_labels(text: Text) -> tuple[list[str], Iterator[tuple[int, int, list[str]]]]:
    """Return the labels of a PRISM file, and (offset, state, labels) of each line."""
    lines = text.data_lines("#")
    offset, line = next(lines, (0, ""))
    line = line.rstrip()
    names: dict[str, None] = {}
    position = 0
    while position < len(line):
        declared = _DECLARED.match(line, position)
        if not declared or int(declared[1]) != len(names):
            at = offset + len(line[:position].encode())
            raise text.error(at, f'here `{len(names)}="name"` must follow: labels are declared in order, in one line')
        if not IDENTIFIER.fullmatch(declared[2]) or declared[2] in names:
            at = offset + len(line[: declared.start(2)].encode())
            raise text.error(at, f"{shown(declared[2])} is no new name of a label: letters, digits and _ make one")
        names[declared[2]] = None
        position = declared.end()
    return list(names), _numbered_lines(text, list(names), lines)


def _numbered_lines(
    text: Text, names: list[str], lines: Iterator[tuple[int, str]]
) -> Iterator[tuple[int, int, list[str]]]:
    for offset, line in lines:
        found = _LABELLED.fullmatch(line)
        if not found:
            raise text.error(offset, f"{shown(line.strip())} is not `state: label label ...`, all of them numbers")
        numbers = [int(number) for number in found[2].split()]
        if max(numbers) >= len(names):
            raise text.error(offset, f"there is no label {max(numbers)}; the first line declares 0..{len(names) - 1}")
        yield offset, int(found[1]), [names[number] for number in numbers]


def _storm_labels(text: Text) -> tuple[list[str], Iterator[tuple[int, int, list[str]]]]:
    """Return the labels of a Storm file, and (offset, state, labels) of each line."""
    names: list[str] = []
    lines = text.lines()
    for _, line in lines:
        words = line.split()
        if words == ["#END"]:
            return list(dict.fromkeys(names)), _named_lines(text, set(names), lines)
        names += [word for word in words if word != "#DECLARATION"]
    raise ModelError(f"{text.path} declares labels after #DECLARATION, but no line #END ends them")


def _named_lines(text: Text, names: set[str], lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, int, list[str]]]:
    for offset, line in lines:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if not re.fullmatch(r"\d{1,18}", words[0], re.ASCII) or len(words) < 2:
            raise text.error(offset, f"{shown(line.strip())} is not `state label label ...`")
        unknown = [word for word in words[1:] if word not in names]
        if unknown:
            raise text.error(offset, f"the label {shown(unknown[0])} is not declared before #END")
        yield offset, int(words[0]), words[1:]


def write_labels(starts: np.ndarray, labels: Labels, n_states: int) -> Iterator[str]:
    """Yield the lines of a ``.lab`` file."""
    for name in labels:
        if not IDENTIFIER.fullmatch(name):
            raise ModelError(f"the label {shown(name)} is no identifier of PRISM: letters, digits and _; rename it")
    declared = {"init": starts, "deadlock": np.array([], dtype=np.int64)} | labels
    yield " ".join(f'{number}="{name}"' for number, name in enumerate(declared))
    for state, numbers in enumerate(labels_of_states(declared, map(str, range(len(declared))), n_states)):
        if numbers:
            yield f"{state}: {' '.join(numbers)}"


def read_state_names(path: Path, n_states: int) -> Sequence[str]:
    """Return the name of each state of a ``.sta`` file: its comment, or ``x=1,y=0``."""
    text = Text.read(path)
    lines = text.data_lines("#")
    offset, line = next(lines, (0, ""))
    header = _VARIABLES.fullmatch(line)
    variables = [name.strip() for name in header[1].split(",")] if header else []
    if not variables or not all(map(IDENTIFIER.fullmatch, variables)):
        raise text.error(offset, f"{shown(line.strip())} is not `(x,y,...)`, the names of variables")
    names: list[str] = []
    commented = 0
    for offset, line in lines:
        found = _VALUES.fullmatch(line)
        if not found or int(found[1]) != len(names) or len(names) == n_states:
            wanted = f"`{len(names)}:({','.join(variables)})` must follow" if len(names) < n_states else "the file ends"
            raise text.error(offset, f"{shown(line.strip())}: after {len(names)} of {n_states} states {wanted}")
        values = [value.strip() for value in found[2].split(",")]
        if len(values) != len(variables) or not all(map(_VALUE.fullmatch, values)):
            raise text.error(offset, f"{shown(found[2])} are not {len(variables)} values, one for each variable")
        commented += found[3] is not None
        plain = ",".join(f"{variable}={value}" for variable, value in zip(variables, values, strict=True))
        names.append(plain if found[3] is None else found[3])
    if len(names) < n_states:
        raise ModelError(f"{path} lists {len(names)} states, the transitions have {n_states}")
    if commented not in (0, n_states):
        raise ModelError(f"{path} names {commented} of {n_states} states in comments; name all of them, or none")
    return names


def write_state_names(names: Sequence[str] | None) -> Iterable[str]:
    """Return the lines of a ``.sta`` file; none if states have no names."""
    if names is None:
        return []
    rows = [[part.partition("=") for part in name.split(",")] for name in names]
    variables = [variable for variable, _, _ in rows[0]]
    as_variables = len(set(variables)) == len(variables) and all(map(IDENTIFIER.fullmatch, variables))
    for row in rows:
        as_variables &= [variable for variable, _, _ in row] == variables
        as_variables &= all(equals and _PLAIN_VALUE.fullmatch(value) for _, equals, value in row)
    if not as_variables:
        return ["(state)", *(f"{state}:({state}) # {name}" for state, name in enumerate(names))]
    values = (",".join(value for _, _, value in row) for row in rows)
    return [f"({','.join(variables)})", *(f"{state}:({value})" for state, value in enumerate(values))]
