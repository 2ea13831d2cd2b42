"""What changes when rewards have diminishing returns? The state that was seen once is worth less the second time.

`SubmodularMDP` joins dynamics and a set function of `functions`.
"""

from rltheory.submodular import bounds, functions
from rltheory.submodular.model import SubmodularMDP

__all__ = ["SubmodularMDP", "bounds", "functions"]
