"""Games: one file for each family; every function returns a game whose docstring says what its equilibria are."""

from mdps.games.big_match import big_match
from mdps.games.blotto import blotto
from mdps.games.cliff import cliff_grid
from mdps.games.congestion import congestion, congestion_potential
from mdps.games.counted import continuum, coordination, nine_equilibria, seventy_five
from mdps.games.cycles import rock_paper_scissors, shapley_game
from mdps.games.hunters import stag_hunt_grid
from mdps.games.kuhn import kuhn_equilibrium, kuhn_poker
from mdps.games.ladders import travellers_dilemma, undercutting
from mdps.games.random_games import covariant_game, random_game, random_potential, random_ties, random_zero_sum
from mdps.games.random_markov import random_markov_game
from mdps.games.risky import crash_probability, high_risk, merge
from mdps.games.selten_chmura import selten_chmura, selten_chmura_frequencies
from mdps.games.soccer import soccer
from mdps.games.two_by_two import (
    asymmetric_matching_pennies,
    battle_of_the_sexes,
    chicken,
    matching_pennies,
    prisoners_dilemma,
    safe_or_risky_pennies,
    stag_hunt,
)

__all__ = [
    "asymmetric_matching_pennies",
    "battle_of_the_sexes",
    "big_match",
    "blotto",
    "chicken",
    "cliff_grid",
    "congestion",
    "congestion_potential",
    "continuum",
    "coordination",
    "covariant_game",
    "crash_probability",
    "high_risk",
    "kuhn_equilibrium",
    "kuhn_poker",
    "matching_pennies",
    "merge",
    "nine_equilibria",
    "prisoners_dilemma",
    "random_game",
    "random_markov_game",
    "random_potential",
    "random_ties",
    "random_zero_sum",
    "rock_paper_scissors",
    "safe_or_risky_pennies",
    "selten_chmura",
    "selten_chmura_frequencies",
    "seventy_five",
    "shapley_game",
    "soccer",
    "stag_hunt",
    "stag_hunt_grid",
    "travellers_dilemma",
    "undercutting",
]
