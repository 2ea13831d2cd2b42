"""Set functions: each with its value, its gains and a tally that grows."""

from rltheory.submodular.functions.protocol import SetFunction, Tally

__all__ = ["SetFunction", "Tally"]
