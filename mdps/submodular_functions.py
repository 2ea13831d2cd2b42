"""Random set functions, one for each family of `rltheory.submodular.functions`: unit-sized, and seeded by ``rng``."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from rltheory.submodular.functions.budget_additive import BudgetAdditive
from rltheory.submodular.functions.concave_of_modular import ConcaveOfModular
from rltheory.submodular.functions.coverage import Coverage
from rltheory.submodular.functions.cut import Cut
from rltheory.submodular.functions.design import DDesign
from rltheory.submodular.functions.facility_location import FacilityLocation
from rltheory.submodular.functions.gaussian import GaussianInformation, mutual_information
from rltheory.submodular.functions.modular import Modular
from rltheory.submodular.functions.probabilistic_coverage import ProbabilisticCoverage


def random_modular(n_elements: int, *, rng: int | np.random.Generator | None = None) -> Modular:
    """Draw weights uniform in [0, 1].

    Parameters
    ----------
    n_elements : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    Modular
    """
    return Modular(np.random.default_rng(rng).random(checks.whole("n_elements", n_elements, 1)))


def random_coverage(
    n_elements: int, n_items: int = 10, prob: float = 0.3, *, rng: int | np.random.Generator | None = None
) -> Coverage:
    """Let each element cover each item with the same probability, with weights uniform in [0, 1].

    Parameters
    ----------
    n_elements, n_items : int
        At least 1.
    prob : float
        Probability that an element covers an item.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    Coverage

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> from mdps.submodular_functions import random_coverage
    >>> random_coverage(5, 8, rng=0).n_items
    8
    """
    rng, shape = np.random.default_rng(rng), _shape(n_elements, "n_items", n_items)
    return Coverage(rng.random(shape) < checks.probability("prob", prob), rng.random(n_items))


def random_probabilistic_coverage(
    n_elements: int, n_items: int = 10, *, rng: int | np.random.Generator | None = None
) -> ProbabilisticCoverage:
    """Draw probabilities and weights uniform in [0, 1].

    Parameters
    ----------
    n_elements, n_items : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    ProbabilisticCoverage
    """
    rng, shape = np.random.default_rng(rng), _shape(n_elements, "n_items", n_items)
    return ProbabilisticCoverage(rng.random(shape), rng.random(n_items))


def random_facility_location(
    n_elements: int, n_customers: int = 10, *, rng: int | np.random.Generator | None = None
) -> FacilityLocation:
    """Draw benefits uniform in [0, 1].

    Parameters
    ----------
    n_elements, n_customers : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    FacilityLocation
    """
    return FacilityLocation(np.random.default_rng(rng).random(_shape(n_elements, "n_customers", n_customers)))


def random_budget_additive(
    n_elements: int, n_kinds: int = 3, budget: float = 0.5, *, rng: int | np.random.Generator | None = None
) -> BudgetAdditive:
    """Draw amounts uniform in [0, 1], and let a share of all there is of each kind count.

    Parameters
    ----------
    n_elements, n_kinds : int
        At least 1.
    budget : float
        Share of each kind that counts, in [0, 1]; with 1 the function is modular.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    BudgetAdditive

    Raises
    ------
    ModelError
        If a parameter is out of range.
    """
    amounts = np.random.default_rng(rng).random(_shape(n_elements, "n_kinds", n_kinds))
    return BudgetAdditive(amounts, checks.probability("budget", budget) * amounts.sum(axis=0))


def random_concave(n_elements: int, *, rng: int | np.random.Generator | None = None) -> ConcaveOfModular:
    """Return the square root of a modular function of weights uniform in [0, 1].

    Parameters
    ----------
    n_elements : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    ConcaveOfModular
    """
    return ConcaveOfModular(np.sqrt, random_modular(n_elements, rng=rng).weights)


def random_mutual_information(
    n_elements: int,
    length: float = 0.3,
    noise: float = 0.1,
    *,
    rng: int | np.random.Generator | None = None,
    repeats: bool = False,
) -> GaussianInformation:
    r"""Measure a Gaussian process at points uniform in the unit square, with the kernel $e^{-\|x - y\|^2 / 2 \ell^2}$.

    Parameters
    ----------
    n_elements : int
        Number of points, at least 1.
    length : float
        Length scale $\ell$, above 0.
    noise : float
        Variance of the noise, above 0.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.
    repeats : bool, optional
        Whether a second visit measures anew.

    Returns
    -------
    GaussianInformation

    Raises
    ------
    ModelError
        If a parameter is out of range.
    """
    points = np.random.default_rng(rng).random((checks.whole("n_elements", n_elements, 1), 2))
    squares = ((points[:, None] - points) ** 2).sum(axis=2)
    return mutual_information(np.exp(-squares / (2 * checks.positive("length", length) ** 2)), noise, repeats=repeats)


def random_design(
    n_elements: int, d: int = 3, *, rng: int | np.random.Generator | None = None, repeats: bool = False
) -> DDesign:
    """Draw features of a D-design from the standard normal law.

    Parameters
    ----------
    n_elements, d : int
        Number of elements and of features, at least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.
    repeats : bool, optional
        Whether a second visit measures anew.

    Returns
    -------
    DDesign
    """
    return DDesign(np.random.default_rng(rng).standard_normal(_shape(n_elements, "d", d)), repeats=repeats)


def random_cut(n_elements: int, *, rng: int | np.random.Generator | None = None) -> Cut:
    """Draw the weights of all edges of a complete graph, uniform in [0, 1]: the cut is not monotone.

    Parameters
    ----------
    n_elements : int
        At least 1.
    rng : int or numpy.random.Generator, optional
        Seed or generator; the same seed gives the same function.

    Returns
    -------
    Cut
    """
    drawn = np.triu(np.random.default_rng(rng).random(_shape(n_elements, "n_elements", n_elements)), 1)
    return Cut(drawn + drawn.T)


def _shape(n_elements: int, name: str, other: int) -> tuple[int, int]:
    return checks.whole("n_elements", n_elements, 1), checks.whole(name, other, 1)
