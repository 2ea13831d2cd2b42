"""Which answer is preferred, and near a reference? Regularised preference games, and the updates that solve them."""

from rltheory.games.preference.game import PreferenceGame
from rltheory.games.preference.inpo import inpo, inpo_schedule
from rltheory.games.preference.nash import certified, regularised_nash
from rltheory.games.preference.nash_md import nash_md, nash_md_schedule
from rltheory.games.preference.objective import best_response, objective, preference_gap, win_rates
from rltheory.games.preference.sppo import sppo

__all__ = [
    "PreferenceGame",
    "best_response",
    "certified",
    "inpo",
    "inpo_schedule",
    "nash_md",
    "nash_md_schedule",
    "objective",
    "preference_gap",
    "regularised_nash",
    "sppo",
    "win_rates",
]
