"""Submodular models: one file for each family; each function returns a validated model and says what its optimum is."""

from mdps.submodular.bandit import bandit_smdp, half_trap, random_bandit
from mdps.submodular.coin_mirror import coin_mirror
from mdps.submodular.coverage_grid import bimodal_weight, block_coverage, coverage_grid, linear_weight, two_room
from mdps.submodular.decoy_corridor import decoy_corridor
from mdps.submodular.gaussian_grid import gaussian_density, gaussian_grid, matern
from mdps.submodular.grid import grid
from mdps.submodular.group_steiner import group_steiner_tree
from mdps.submodular.orienteering import orienteering
from mdps.submodular.random_models import random_submodular_mdp
from mdps.submodular.steiner_covering import random_steiner_covering, steiner_covering

__all__ = [
    "bandit_smdp",
    "bimodal_weight",
    "block_coverage",
    "coin_mirror",
    "coverage_grid",
    "decoy_corridor",
    "gaussian_density",
    "gaussian_grid",
    "grid",
    "group_steiner_tree",
    "half_trap",
    "linear_weight",
    "matern",
    "orienteering",
    "random_bandit",
    "random_steiner_covering",
    "random_submodular_mdp",
    "steiner_covering",
    "two_room",
]
