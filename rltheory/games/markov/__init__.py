"""Markov games: several players act in a world that moves on, and each answer is certified by solving an MDP."""

from rltheory.games.markov.against import game_against, game_under_advice
from rltheory.games.markov.backward_induction import stagewise_equilibrium, zero_sum_backward_induction
from rltheory.games.markov.certificate import best_response, markov_gains, markov_profile, profile_value
from rltheory.games.markov.double_oracle import markov_double_oracle
from rltheory.games.markov.game import MarkovGame
from rltheory.games.markov.learning_run import MarkovLearningRun
from rltheory.games.markov.nash_vi import nash_vi
from rltheory.games.markov.nested import entropic_continuation, mean_variance_continuation, nested_equilibrium
from rltheory.games.markov.newton import newton_iteration
from rltheory.games.markov.risk_averse import markov_risk_averse_equilibrium, markov_risk_quantal_equilibrium
from rltheory.games.markov.shapley import shapley_iteration
from rltheory.games.markov.solution import MarkovEquilibrium, ZeroSumSolution
from rltheory.games.markov.stage_games import shapley_backup
from rltheory.games.markov.strategy_iteration import strategy_iteration
from rltheory.games.markov.v_learning import v_learning

__all__ = [
    "MarkovEquilibrium",
    "MarkovGame",
    "MarkovLearningRun",
    "ZeroSumSolution",
    "best_response",
    "entropic_continuation",
    "game_against",
    "game_under_advice",
    "markov_double_oracle",
    "markov_gains",
    "markov_profile",
    "markov_risk_averse_equilibrium",
    "markov_risk_quantal_equilibrium",
    "mean_variance_continuation",
    "nash_vi",
    "nested_equilibrium",
    "newton_iteration",
    "profile_value",
    "shapley_backup",
    "shapley_iteration",
    "stagewise_equilibrium",
    "strategy_iteration",
    "v_learning",
    "zero_sum_backward_induction",
]
