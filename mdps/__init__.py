"""Instances: one file for each family; every function returns a validated model whose docstring says what is known.

Two published experiments of robust offline learning go with theirs: ``put_...`` and ``walk_...``.
`strategies` draws models for Hypothesis; `CATALOGUE` lists the functions that build a single model from literals.
`bandits` holds bandits, `games` games and `submodular` models whose rewards have diminishing returns; they are loaded
when first used.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType

from mdps.aggregation import (
    abstraction_leak,
    abstraction_trap,
    averaging_drift,
    averaging_greedy_trap,
    averaging_residual_trap,
    averaging_trap,
    q_abstraction_trap,
)
from mdps.american_put import american_put, price_features
from mdps.approximation import alternating_policies, error_chain_q, mixture_trap, residual_fork, trust_region_trap
from mdps.car_rental import car_rental
from mdps.casino import casino, sure_or_lottery
from mdps.chain import chain, random_walk, slippery_chain
from mdps.coins import coin_corridor
from mdps.features import baird_star, off_policy_pair, td_flip
from mdps.forest import forest
from mdps.gambler import gambler
from mdps.garnet import garnet
from mdps.gridworld import gridworld
from mdps.half_coin import half_coin, half_coin_cdf
from mdps.hard_rewards import hard_rewards, hard_rewards_behaviour, hard_rewards_optimum
from mdps.hardness import batch_lock, blind_graph, needle_tree
from mdps.hau import hau, hau_chow, hau_cvar
from mdps.horizon import decoy, dense_rewards, farsighted_trap, horizon_lock
from mdps.imitation import gentle_path, renewal, side_road, steep_path
from mdps.inventory import inventory
from mdps.linear import random_linear_mdp
from mdps.lock import combination_lock
from mdps.long_run import changing_luck, cycle, fresh_start, loan, slow_climb
from mdps.machine import machine_replacement
from mdps.mixture_hard import (
    hard_mixture,
    hard_mixture_gaps,
    hard_mixture_optimum,
    hard_mixture_steps,
    hard_mixture_steps_values,
    reward_free_hard_mixture,
)
from mdps.mixtures import (
    drifting_walk,
    lazy_chain,
    mixture_of_kernels,
    random_mixture,
    support_mixture,
    tabular_mixture,
)
from mdps.needles import hard_needles
from mdps.put_experiment import (
    put_data,
    put_learner,
    put_payoffs,
    put_policies,
    put_sampled_payoffs,
    put_tree,
)
from mdps.queueing import admission_queue
from mdps.reachability import ladder, unsound_chain, waiting_room
from mdps.river_swim import river_swim
from mdps.robust_walk import robust_walk, robust_walk_optimum, robust_walk_return, robust_walk_target
from mdps.shaping import misleading_bonus
from mdps.slow import error_chain, slow_policy_iteration, slow_value_iteration
from mdps.tight import (
    coin_flips,
    greedy_trap,
    greedy_trap_q,
    lasting_coin,
    leaky_reward,
    near_optimal_policy,
    residual_trap,
    short_sighted,
    single_state,
    span_contraction,
)
from mdps.toy_text import cliff_walking, frozen_lake, taxi
from mdps.two_goals import two_goals
from mdps.walk_experiment import (
    walk_causes,
    walk_chances,
    walk_data,
    walk_jump,
    walk_learner,
    walk_policies,
    walk_returns,
)
from mdps.wrong_models import certainty_trap
from rltheory import MDP

CATALOGUE: dict[str, Callable[..., MDP]] = {
    build.__name__: build
    for build in (
        admission_queue,
        car_rental,
        chain,
        changing_luck,
        cliff_walking,
        coin_flips,
        combination_lock,
        cycle,
        forest,
        fresh_start,
        frozen_lake,
        gambler,
        garnet,
        gridworld,
        inventory,
        ladder,
        loan,
        machine_replacement,
        random_walk,
        river_swim,
        single_state,
        slippery_chain,
        slow_climb,
        slow_value_iteration,
        taxi,
        unsound_chain,
        waiting_room,
    )
}
"""The functions that return one `MDP` from literal arguments, by name."""

__all__ = [
    "CATALOGUE",
    "abstraction_leak",
    "abstraction_trap",
    "admission_queue",
    "alternating_policies",
    "american_put",
    "averaging_drift",
    "averaging_greedy_trap",
    "averaging_residual_trap",
    "averaging_trap",
    "baird_star",
    "batch_lock",
    "blind_graph",
    "car_rental",
    "casino",
    "certainty_trap",
    "chain",
    "changing_luck",
    "cliff_walking",
    "coin_corridor",
    "coin_flips",
    "combination_lock",
    "cycle",
    "decoy",
    "dense_rewards",
    "drifting_walk",
    "error_chain",
    "error_chain_q",
    "farsighted_trap",
    "forest",
    "fresh_start",
    "frozen_lake",
    "gambler",
    "garnet",
    "gentle_path",
    "greedy_trap",
    "greedy_trap_q",
    "gridworld",
    "half_coin",
    "half_coin_cdf",
    "hard_mixture",
    "hard_mixture_gaps",
    "hard_mixture_optimum",
    "hard_mixture_steps",
    "hard_mixture_steps_values",
    "hard_needles",
    "hard_rewards",
    "hard_rewards_behaviour",
    "hard_rewards_optimum",
    "hau",
    "hau_chow",
    "hau_cvar",
    "horizon_lock",
    "inventory",
    "ladder",
    "lasting_coin",
    "lazy_chain",
    "leaky_reward",
    "loan",
    "machine_replacement",
    "misleading_bonus",
    "mixture_of_kernels",
    "mixture_trap",
    "near_optimal_policy",
    "needle_tree",
    "off_policy_pair",
    "price_features",
    "put_data",
    "put_learner",
    "put_payoffs",
    "put_policies",
    "put_sampled_payoffs",
    "put_tree",
    "q_abstraction_trap",
    "random_linear_mdp",
    "random_mixture",
    "random_walk",
    "renewal",
    "residual_fork",
    "residual_trap",
    "reward_free_hard_mixture",
    "river_swim",
    "robust_walk",
    "robust_walk_optimum",
    "robust_walk_return",
    "robust_walk_target",
    "short_sighted",
    "side_road",
    "single_state",
    "slippery_chain",
    "slow_climb",
    "slow_policy_iteration",
    "slow_value_iteration",
    "span_contraction",
    "steep_path",
    "support_mixture",
    "sure_or_lottery",
    "tabular_mixture",
    "taxi",
    "td_flip",
    "trust_region_trap",
    "two_goals",
    "unsound_chain",
    "waiting_room",
    "walk_causes",
    "walk_chances",
    "walk_data",
    "walk_jump",
    "walk_learner",
    "walk_policies",
    "walk_returns",
]


def __getattr__(name: str) -> ModuleType:
    if name in ("bandits", "games", "submodular"):
        return importlib.import_module(f"mdps.{name}")
    raise AttributeError(f"module 'mdps' has no attribute {name!r}")
