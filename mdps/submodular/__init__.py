"""Submodular models: one file for each family; each function returns a validated model and says what its optimum is."""

from mdps.submodular.coverage_grid import bimodal_weight, block_coverage, coverage_grid, linear_weight, two_room
from mdps.submodular.grid import grid
from mdps.submodular.steiner_covering import random_steiner_covering, steiner_covering

__all__ = [
    "bimodal_weight",
    "block_coverage",
    "coverage_grid",
    "grid",
    "linear_weight",
    "random_steiner_covering",
    "steiner_covering",
    "two_room",
]
