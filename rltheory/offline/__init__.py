"""There is only a dataset."""

from rltheory.offline.knowledge import LinearKnowledge
from rltheory.offline.regression import Regression, regress
from rltheory.offline.tally import Tally

__all__ = ["LinearKnowledge", "Regression", "Tally", "regress"]
