r"""How wide a confidence set is: as the theorem says, as the data say, or as an experiment wants it.

Theorems hold with the radius of their proof. Where the proof also gives one from the determinant of the data, that is
smaller and just as valid. Proven radii of Bernstein's kind are tens to hundreds of times wider than errors are, so that
learners stand still for as long as a laptop runs; experiments shrink them, and lose the guarantee.
"""

from __future__ import annotations

from dataclasses import dataclass

from rltheory.models import ModelError


@dataclass(frozen=True, slots=True)
class Theory:
    """The radius of the theorem, from numbers that are known before the first episode."""


@dataclass(frozen=True, slots=True)
class Data:
    """The radius that the theorem's proof gives for the data seen, from their log-determinant or counts."""


@dataclass(frozen=True, slots=True)
class Scaled:
    r"""A radius without guarantee, ``c`` times a natural unit that each algorithm names, such as $\sqrt{d}$.

    Raises
    ------
    ModelError
        If ``c`` is negative or not finite; 0 is greedy.
    """

    c: float

    def __post_init__(self) -> None:
        if not 0 <= self.c < float("inf"):
            raise ModelError(f"c is {self.c}; a scale is finite and at least 0, where 0 explores nothing")


Radius = Theory | Data | Scaled
