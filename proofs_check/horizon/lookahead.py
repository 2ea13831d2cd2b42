r"""What looking ahead does to values and to greedy policies: order, the end of the game, windows, invariance."""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import LOCK, deterministic_games, stochastic_games, with_lookahead
from proofs_check.theorem import Check, Theorem
from rltheory import OutcomeModel
from rltheory.horizon import bounds

_ALL = deterministic_games(least=-4) | stochastic_games()


def _order(model: OutcomeModel, H: int, *, reverse: bool = False) -> Check:
    tables = np.array([*oracles.lookahead_tables(model, H, H), oracles.optimal_table(model, H)])
    below, above = tables[:-1], tables[1:]
    return Check.everywhere(above, below) if reverse else Check.everywhere(below, above)


order = Theorem(
    name="horizon-order",
    statement=r"$Q^k_t \le Q^{k+1}_t \le Q^*_t$ everywhere: looking further ahead never lowers what is seen.",
    source="derived here",
    assumptions=r"rewards of any sign; $Q^1$ is the value of a policy",
    instances=_ALL | st.just(LOCK),
    check=_order,
    refutable=partial(_order, reverse=True),  # false: as if random play were as good as any
)


def _to_the_end(model: OutcomeModel, H: int, k: int, *, short: int = 0) -> Check:
    first = max(H - k - short, 0)  # the first step from which the rest of the game is seen
    table, best = oracles.lookahead_tables(model, H, k)[-1][first:], oracles.optimal_table(model, H)[first:]
    return Check.equal(table, best)


to_the_end = Theorem(
    name="horizon-sees-the-end",
    statement=r"$Q^k_t = Q^*_t$ once $k \ge H - t$: a lookahead of $H$ solves every game.",
    source="derived here",
    assumptions=r"steps $t = 0, \dots, H - 1$",
    instances=with_lookahead(_ALL) | st.just((*LOCK, 2)),
    check=_to_the_end,
    refutable=partial(_to_the_end, short=1),  # false: as if one step less were enough
)


def _window(model: OutcomeModel, H: int, *, below: int = 0) -> Check:
    return Check(oracles.least_lookahead(model, H, explore=False), H - below)


window = Theorem(
    name="horizon-planning-window",
    statement=r"The effective planning window $W$ is at most $H$; the lock needs all of it.",
    source="laidlaw2023",
    assumptions=r"none",
    instances=_ALL | st.just(LOCK),
    check=_window,
    refutable=partial(_window, below=1),  # false: the lock needs all of it
    tight=lambda: _window(*LOCK),
    tight_ratio=1 - 1e-9,
    attained_by="`mdps.horizon_lock`, a combination lock,",
)


def _plan(model: OutcomeModel, H: int, *, short: int = 0) -> Check:
    """Plan ahead by trying all sequences of a window, counting timesteps; ties go against the planner."""
    W = max(oracles.least_lookahead(model, H, explore=False) - short, 1)
    best, s, earned, steps = oracles.optimal_table(model, H), oracles.start(model), 0.0, 0
    for t in range(H):
        seen = {path: value for path, _, value, _ in oracles.paths(model, s, min(W, H - t))}
        steps += len(seen) * (t + min(W, H - t))
        largest = max(seen.values())
        tied = [path[0] for path, value in seen.items() if value >= largest - 1e-12]
        a = min(tied, key=lambda action: best[t, s, action])
        earned += float(model.reward[s * model.n_actions + a, 0])
        s = int(model.next_state[s * model.n_actions + a, 0])
    loss = oracles.optimal_return(model, H) - earned
    return Check.everywhere([loss, steps], [0.0, bounds.planning_timesteps(H, model.n_actions, W)])


plan = Theorem(
    name="horizon-planning-timesteps",
    statement=r"Trying all $A^W$ sequences at each of $H$ steps is optimal and takes at most $H^2 A^W$ timesteps.",
    source="laidlaw2023",
    assumptions=r"deterministic; $W$ is the effective planning window",
    instances=deterministic_games(least=-4) | st.just(LOCK),
    check=_plan,
    refutable=partial(_plan, short=1),  # false: as if a shorter window were enough
)


def _scaled_shifted(model: OutcomeModel, H: int, k: int, scale: float, shift: float, *, wrong: bool = False) -> Check:
    """Compare solvability of the game and of one that pays ``scale * r + shift`` at each of its steps, for ever."""
    other = model.replace(reward=scale * model.reward + (shift * (model.reward > 0) if wrong else shift))
    before, after = (oracles.solves(game, H, oracles.lookahead_tables(game, H, k)[-1]) for game in (model, other))
    return Check.equal(float(before), float(after))


invariance = Theorem(
    name="horizon-invariance",
    statement=(
        r"Whether lookahead $k$ solves a game does not change when all rewards become $c r + b$ with $c > 0$,"
        r" provided that every episode lasts $H$ steps."
    ),
    source="derived here",
    assumptions=r"the end of an episode counts as a state that goes on being paid $b$",
    instances=st.tuples(with_lookahead(_ALL), st.sampled_from([0.5, 1.0, 3.0]), st.sampled_from([-1.0, 0.0, 0.5])).map(
        lambda drawn: (*drawn[0], *drawn[1:])
    )
    | st.just((mdps.decoy(2, prize=0.3), 3, 2, 1.0, 0.5)),
    check=_scaled_shifted,
    refutable=partial(_scaled_shifted, wrong=True),  # false: as if only what pays had to pay more
)


def _duplicated(model: OutcomeModel, H: int, k: int, *, more: int = 0) -> Check:
    """Give every action a twin, and compare."""
    pairs = np.arange(model.n_pairs).reshape(model.n_states, -1)
    rows = np.hstack([pairs, pairs]).ravel()
    twins = OutcomeModel(
        prob=model.prob[rows],
        next_state=model.next_state[rows],
        reward=model.reward[rows],
        gamma=1.0,
        mu=model.mu,
        pair_start=2 * model.pair_start,
    )
    before = oracles.solves(model, H, oracles.lookahead_tables(model, H, k)[-1])
    after = oracles.solves(twins, H, oracles.lookahead_tables(twins, H, max(k - more, 1))[-1])
    return Check.equal(float(before), float(after))


duplication = Theorem(
    name="horizon-duplicated-actions",
    statement=r"Giving every action a twin doubles $A$, and changes for no $k$ whether lookahead $k$ solves the game.",
    source="derived here",
    assumptions=r"none: optimal actions that tie do no harm",
    instances=with_lookahead(_ALL) | st.just((mdps.decoy(2, prize=0.3), 3, 2)),
    check=_duplicated,
    refutable=partial(_duplicated, more=1),  # false: as if twins let one see further
)


def _decoy(length: int, n_actions: int, prize: float, *, less: int = 0) -> Check:
    model, H = mdps.decoy(length, n_actions, prize), length + 1
    found = [oracles.least_lookahead(model, H, explore=explore) for explore in (True, False)]
    return Check.equal(found, [bounds.decoy_lookahead(length, n_actions, prize) - less, H])


decoy = Theorem(
    name="horizon-decoy",
    statement=(
        r"With a prize $c$ at hand and a lock of $L$ digits that pays 1, the least lookahead that solves the game is"
        r" $L - j + 2$ for $A^{-j} \le c < A^{-(j-1)}$, and the planning window is $L + 1$."
    ),
    source="derived here",
    assumptions=r"$A^{-(L+1)} \le c < 1$; the tie at $c = A^{-j}$ counts against the smaller lookahead",
    instances=st.tuples(st.integers(1, 4), st.integers(2, 3), st.sampled_from([0.3, 0.4, 0.6, 0.9]))
    | st.tuples(st.integers(2, 4), st.sampled_from([2, 4]), st.sampled_from([0.25])),
    check=_decoy,
    refutable=partial(_decoy, less=1),  # false: one step less
)


def _one_action(model: OutcomeModel, H: int, *, least: int = 1) -> Check:
    keep = model.pair_start[:-1]
    single = OutcomeModel(
        prob=model.prob[keep],
        next_state=model.next_state[keep],
        reward=model.reward[keep],
        gamma=1.0,
        mu=model.mu,
        pair_start=np.arange(model.n_states + 1),
    )
    found = [oracles.least_lookahead(single, H, explore=explore) for explore in (True, False)]
    return Check.everywhere(found, bounds.effective_horizon(least, 1, 1))


one_action = Theorem(
    name="horizon-single-action",
    statement=r"With one action there is nothing to look for: every lookahead solves the game, $k = 1$ and $W = 1$.",
    source="derived here",
    assumptions=r"$A = 1$, where $\log_A$ means nothing and $H_k = k$",
    instances=_ALL,
    check=_one_action,
    refutable=partial(_one_action, least=0),  # false: no lookahead at all
)

THEOREMS = (order, to_the_end, window, plan, invariance, duplication, decoy, one_action)
