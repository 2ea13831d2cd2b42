"""The header of a DRN file: sections that begin with ``@``, up to ``@model``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rltheory.io._text import Text, number, shown
from rltheory.models import ModelError

_SECTIONS = ("type", "value_type", "parameters", "placeholders", "reward_models", "nr_states", "nr_choices")
_ON_ONE_LINE = ("type", "value_type")
_REFUSED_TYPES = {
    "CTMC": "continuous time, with rates in place of probabilities",
    "MARKOV AUTOMATON": "continuous time, with rates in place of probabilities",
    "MA": "continuous time, with rates in place of probabilities",
    "POMDP": "observations, which an MDP cannot hold",
    "S2PG": "two players",
    "SMG": "several players",
}
_SECTION = re.compile(r"\s*@(\w+)\s*(?::(.*))?", re.ASCII)
_COUNT = re.compile(r"\s*(\d{1,18})\s*", re.ASCII)
_PLACEHOLDER = re.compile(r"\s*(\$\S+)\s*:\s*(\S+)\s*", re.ASCII)

Line = tuple[int, str]
"""A line with its offset in the file."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says, and where: ``end`` is the offset of the first line of the model."""

    is_chain: bool
    rewards: tuple[str, ...]
    constants: dict[str, float]
    n_states: int
    n_states_at: int
    n_choices: int | None
    n_choices_at: int
    end: int

    def choose_reward(self, path: Path, name: str | None) -> tuple[int, int]:
        """Return the position of a reward model, by default the only one, and how many there are."""
        known = ", ".join(self.rewards) or "none"
        if name is not None and name not in self.rewards:
            raise ModelError(f"{path} has no reward model {name!r}; it has {known}")
        if name is None and len(self.rewards) > 1:
            raise ModelError(f"{path} has several reward models; choose with reward=, one of {known}")
        return (self.rewards.index(name) if name else 0), len(self.rewards)


def read_header(text: Text) -> Header:
    """Read the header of a DRN file."""
    sections, end = _sections(text)
    is_chain = _read_type(text, sections)
    _refuse_parameters(text, sections)
    names = [word for _, line in sections.get("reward_models", [])[1:] for word in line.split()]
    if len(set(names)) < len(names):
        raise text.error(sections["reward_models"][1][0], "a reward model is named twice")
    if "nr_states" not in sections:
        raise ModelError(f"{text.path} does not say how many states there are: @nr_states, and the number below it")
    n_states_at, n_states = _read_count(text, sections["nr_states"])
    n_choices_at: int = end
    n_choices: int | None = None  # old files do not say
    if "nr_choices" in sections:
        n_choices_at, n_choices = _read_count(text, sections["nr_choices"])
    constants = _read_placeholders(text, sections.get("placeholders", [])[1:])
    return Header(is_chain, tuple(names), constants, n_states, n_states_at, n_choices, n_choices_at, end)


def _sections(text: Text) -> tuple[dict[str, list[Line]], int]:
    """Return the lines of each section, the first with what follows a colon, and the offset of the model."""
    sections: dict[str, list[Line]] = {}
    current: list[Line] | None = None
    for offset, line in text.lines():
        if not line.strip() or line.lstrip().startswith("//"):
            continue
        found = _SECTION.fullmatch(line)
        if found and found[2] is not None and found[1] not in _ON_ONE_LINE:
            raise text.error(offset, f"what @{found[1]} says must stand on the line below")
        if found and found[1] == "model":
            return sections, offset + len(line.encode()) + 1
        if found:
            if found[1] not in _SECTIONS or found[1] in sections:
                known = ", ".join(f"@{name}" for name in _SECTIONS)
                raise text.error(
                    offset, f"@{found[1]} is no section of a header, or repeated; they are {known}, @model"
                )
            current = sections[found[1]] = [(offset, (found[2] or "").strip())]
        elif current is None:
            raise text.error(offset, f"{shown(line.strip())} stands before the first section, such as `@type: MDP`")
        else:
            current.append((offset, line))
    raise ModelError(f"{text.path} has no line @model; it is no DRN file, or incomplete")


def _read_type(text: Text, sections: dict[str, list[Line]]) -> bool:
    """Return whether the model is a Markov chain, refusing what is neither that nor an MDP."""
    if "type" not in sections:
        raise ModelError(f"{text.path} does not say what it holds: `@type: MDP` or `@type: DTMC`")
    offset, kind = sections["type"][0]
    if kind.upper() not in ("MDP", "DTMC"):
        why = f", because of {_REFUSED_TYPES[kind.upper()]}" if kind.upper() in _REFUSED_TYPES else ""
        raise text.error(offset, f"a model of type {shown(kind)} cannot be read{why}; MDP and DTMC can")
    offset, values = sections.get("value_type", [(0, "double")])[0]
    if values not in ("double", "rational"):
        raise text.error(offset, f"values of type {shown(values)} cannot be read; double and rational can")
    for name in _ON_ONE_LINE:
        for offset, line in sections.get(name, [])[1:]:
            raise text.error(offset, f"{shown(line.strip())} is no section of a header, such as @nr_states")
    return kind.upper() == "DTMC"


def _refuse_parameters(text: Text, sections: dict[str, list[Line]]) -> None:
    """Refuse a model with free parameters."""
    for offset, line in sections.get("parameters", [])[1:]:
        message = f"the model has parameters ({shown(line.strip())}); give them values in Storm before exporting"
        raise text.error(offset, message)


def _read_count(text: Text, section: list[Line]) -> tuple[int, int]:
    """Return the offset and the value of a count."""
    found = _COUNT.fullmatch(section[1][1]) if len(section) == 2 else None
    if not found:
        raise text.error(section[0][0], "one whole number must stand on the line below")
    return section[1][0], int(found[1])


def _read_placeholders(text: Text, lines: list[Line]) -> dict[str, float]:
    """Return the values of names such as ``$0``, each of which may use those above it."""
    constants: dict[str, float] = {}
    for offset, line in lines:
        found = _PLACEHOLDER.fullmatch(line)
        if not found or found[1] in constants:
            raise text.error(offset, f"{shown(line.strip())} is not `$name : value` with a new name")
        try:
            constants[found[1]] = constants[found[2]] if found[2] in constants else number(found[2])
        except ModelError as error:
            raise text.error(offset, str(error)) from None
    return constants
