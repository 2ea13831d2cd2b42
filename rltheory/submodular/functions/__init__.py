"""Set functions: each with its value, its gains and a tally that grows."""

from rltheory.submodular.functions.algebra import (
    Contraction,
    Pullback,
    Truncation,
    WeightedSum,
    restriction,
    visits_of,
)
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.by_value import ByValue
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.design import ADesign, DDesign
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.gaussian import (
    GaussianInformation,
    differential_entropy,
    mutual_information,
    published_entropy,
)
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage
from rltheory.submodular.functions.protocol import SetFunction, Tally

__all__ = [
    "ADesign",
    "BudgetAdditive",
    "ByValue",
    "ConcaveOfModular",
    "Contraction",
    "Coverage",
    "Cut",
    "DDesign",
    "FacilityLocation",
    "GaussianInformation",
    "Modular",
    "ProbabilisticCoverage",
    "Pullback",
    "SetFunction",
    "Tally",
    "Truncation",
    "WeightedSum",
    "differential_entropy",
    "mutual_information",
    "published_entropy",
    "restriction",
    "visits_of",
]
