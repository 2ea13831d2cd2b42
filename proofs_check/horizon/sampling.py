r"""What finding an optimal sequence costs: greedy over random policy, and the bounds that it is compared with."""

from __future__ import annotations

import math
from functools import partial
from itertools import combinations

import hypothesis.strategies as st
import numpy as np

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import LOCK, Game, deterministic_games, with_lookahead
from proofs_check.theorem import Check, Theorem
from rltheory import OutcomeModel
from rltheory.horizon import bounds


def _places(model: OutcomeModel, H: int, k: int) -> list[tuple[int, int, float]]:
    """Return step, state and gap of what a run may visit before it goes wrong; the gap of a tie is 0."""
    table, best = oracles.lookahead_tables(model, H, k)[-1], oracles.optimal_table(model, H)
    found, states = [], {oracles.start(model)}
    for t in range(H):
        following = set()
        for s in sorted(states):
            optimal = oracles.optimal_actions(best, t, s)
            misleading = table[t, s][~optimal].max(initial=-np.inf)
            found.append((t, s, table[t, s].max() - misleading))
            chosen = np.flatnonzero(table[t, s] > misleading)
            following |= {int(model.next_state[s * model.n_actions + a, 0]) for a in chosen}
        states = following
    return found


def _variance_and_range(model: OutcomeModel, H: int, k: int, t: int, s: int) -> tuple[float, float]:
    """Return the largest variance and range of the returns after a sequence, from all paths."""
    laws = [returns for _, returns in oracles.sequence_laws(model, H, k, t, s)]
    return max(float(x.var()) for x in laws), max(float(np.ptp(x)) for x in laws)


def _gap_bound(model: OutcomeModel, H: int, k: int, *, fewer: float = 1.0) -> Check:
    asked = [
        bounds.gorp_episodes(*_variance_and_range(model, H, k, t, s), gap, H, model.n_actions, k)
        for t, s, gap in _places(model, H, k)
        if gap > 1e-9
    ]
    return Check(1 - oracles.success_probability(model, H, k, max(1, int(fewer * max(asked)))), 0.5)


def _told_apart(game: tuple[OutcomeModel, int, int]) -> bool:
    return all(gap > 1e-9 for *_, gap in _places(*game))


def _premium(n_actions: int) -> Game:
    """Pay 1/4 for one action, then 1 for half of the actions and 0 for the others, whatever was done before."""
    reward = np.zeros((2, n_actions))
    reward[0, -1], reward[1, n_actions // 2 :] = 0.25, 1.0
    return OutcomeModel.from_tables([[1] * n_actions, [-1] * n_actions], reward, 1.0, mu=0), 2


gap_bound = Theorem(
    name="gorp-gap-bound",
    statement=(
        r"Greedy over random policy finds an optimal sequence with probability at least $1/2$ if $m \ge"
        r" (8 \bar v / g^2 + 4 B / (3 g)) \log(2 H A^k)$ at every step and state that it visits."
    ),
    source="laidlaw2023, in the form of Theorem 5.4; constants derived here",
    assumptions=r"deterministic; no suboptimal action ties with the best for $Q^k$; rewards of any sign",
    instances=with_lookahead(deterministic_games(max_steps=3, least=-2)).filter(_told_apart)
    | st.just((*_premium(32), 1)),
    check=_gap_bound,
    refutable=partial(_gap_bound, fewer=1 / 12),  # false: a twelfth does not find one action of 32
)


def _contest(model: OutcomeModel, H: int, k: int, m: int, *, exponent: float = 1.0) -> Check:
    """Compare with the exact probability that a suboptimal sequence wins at the start, from convolved laws."""
    optimal = oracles.optimal_actions(oracles.optimal_table(model, H), 0, oracles.start(model))
    laws = oracles.sequence_laws(model, H, k, 0, oracles.start(model))
    good = max((x for a, x in laws if optimal[a]), key=lambda x: x.mean())
    bad = [x for a, x in laws if not optimal[a]]
    gap = good.mean() - max((x.mean() for x in bad), default=-math.inf)
    sums = oracles.laws_of_sums([good, *bad], m)
    all_below = (sums.cumsum(axis=1) - sums)[1:].prod(axis=0)
    variance, spread = _variance_and_range(model, H, k, 0, oracles.start(model))
    bound = bounds.gorp_union_failure(variance, spread, gap, exponent * m, len(bad) + 1)
    return Check(1 - sums[0] @ all_below, bound if gap > 0 else 1.0)


contest = Theorem(
    name="gorp-contest",
    statement=(
        r"A suboptimal sequence wins a contest of means with probability at most"
        r" $n \exp(-m g^2 / (8 \bar v + 4 B g / 3))$, with $n$ one more than there are suboptimal sequences."
    ),
    source="derived here",
    assumptions=r"a gap $g > 0$ between the best optimal mean and the best suboptimal one; ties are lost",
    instances=st.tuples(
        with_lookahead(deterministic_games(max_steps=3, least=-2)), st.sampled_from([1, 2, 5, 15, 40])
    ).map(lambda drawn: (*drawn[0], drawn[1]))
    | st.just((mdps.decoy(1, prize=0.25), 2, 1, 40)),
    check=_contest,
    refutable=partial(_contest, exponent=10.0),  # false: as if a tenth of the episodes were enough
)


def _simple(model: OutcomeModel, H: int, k: int, *, factor: float = 1.0) -> Check:
    table, best = oracles.lookahead_tables(model, H, k)[-1], oracles.optimal_table(model, H)
    pairs = [(0.0, 1.0)]
    for t, s, gap in _places(model, H, k):
        if 1e-9 < gap < math.inf:
            variance, spread = _variance_and_range(model, H, k, t, s)
            size = (H, model.n_actions, k)
            simple = bounds.gorp_episodes_simple(factor * table[t, s].max(), best[t, s].max(), gap, *size)
            pairs.append((bounds.gorp_episodes(variance, spread, gap, *size), simple))
    return Check.everywhere(*zip(*pairs, strict=True))


simple = Theorem(
    name="gorp-simple-gap-bound",
    statement=r"For rewards of at least 0, $m \ge \frac{28}{3} Q^k V^* / g^2 \cdot \log(2 H A^k)$ implies that bound.",
    source="laidlaw2023, in the form of Theorem 5.4; constants derived here",
    assumptions=r"deterministic; rewards at least 0",
    instances=with_lookahead(deterministic_games()) | st.just((mdps.horizon_lock(4), 4, 1)),
    check=_simple,
    refutable=partial(_simple, factor=0.3),  # false: with 14/5
)


def _lock(H: int, n_actions: int, k: int, m: int, *, lost: float = 1.0) -> Check:
    exact = oracles.success_probability(mdps.horizon_lock(H, n_actions), H, k, m)
    return Check.equal(exact, bounds.lock_success(H, n_actions, k, m, lost_ties=lost))


lock = Theorem(
    name="gorp-lock",
    statement=r"A lock opens with probability $\prod_{t=1}^H [1 - (1 - A^{-\max(H-t-k+1, 0)})^m]$ if ties are lost.",
    source="derived here",
    assumptions=r"$m$ episodes for each sequence",
    instances=st.tuples(
        st.sampled_from([(2, 2, 1), (3, 2, 1), (3, 2, 2), (2, 3, 1), (2, 3, 2), (3, 2, 3), (4, 2, 1)]),
        st.sampled_from([1, 2, 5, 20]),
    ).map(lambda drawn: (*drawn[0], drawn[1])),
    check=_lock,
    refutable=partial(_lock, lost=0.5),  # false: as if ties were broken evenly
)


def _timesteps(model: OutcomeModel, H: int, k: int, seed: int, *, factor: float = 1.0) -> Check:
    taken = oracles.play_gorp(model, H, k, 3, np.random.default_rng(seed))
    return Check(taken, factor * bounds.gorp_timesteps(H, model.n_actions, k, 3))


_ENDLESS = (mdps.dense_rewards(), 3, 1, 0)

timesteps = Theorem(
    name="gorp-timesteps",
    statement=r"Greedy over random policy takes at most $H^2 A^k m$ timesteps; exactly so for $k = 1$ without ends.",
    source="laidlaw2023",
    assumptions=r"sequences are no longer than what is left of the game",
    instances=st.tuples(with_lookahead(deterministic_games()), st.integers(0, 99)).map(
        lambda drawn: (*drawn[0], drawn[1])
    )
    | st.just(_ENDLESS),
    check=_timesteps,
    refutable=partial(_timesteps, factor=0.9),  # false: attained
    tight=lambda: _timesteps(*_ENDLESS),
    tight_ratio=1 - 1e-9,
    attained_by="`mdps.dense_rewards`, where every step is rewarded,",
)


def _random_order(model: OutcomeModel, H: int, *, factor: float = 1.0) -> Check:
    """Return the probability that a random half of all sequences has no optimal one, by counting."""
    returns = np.array([earned for _, _, earned, _ in oracles.paths(model, oracles.start(model), H)])
    optimal = int((returns >= returns.max() - 1e-9).sum())
    tried = int(factor * bounds.worst_case_timesteps(H, model.n_actions) / H)
    return Check(math.comb(returns.size - optimal, tried) / math.comb(returns.size, tried), 0.5)


random_order = Theorem(
    name="horizon-worst-case",
    statement=(
        r"Trying all sequences in random order finds an optimal one within $\lceil A^H / 2 \rceil$ episodes with"
        r" probability at least $1/2$; for a lock no fewer are enough."
    ),
    source="derived here",
    assumptions=r"deterministic",
    instances=deterministic_games(least=-4) | st.just(LOCK),
    check=_random_order,
    refutable=partial(_random_order, factor=0.5),  # false: a quarter of all
    tight=lambda: _random_order(*LOCK),
    tight_ratio=1 - 1e-9,
    attained_by="`mdps.horizon_lock`, a combination lock,",
)


def _optimism(model: OutcomeModel, H: int, *, factor: float = 1.0) -> Check:
    going = sum(not oracles.is_over(model, s) for s in range(model.n_states))
    return Check(oracles.play_optimist(model, H), factor * bounds.optimism_timesteps(H, going, model.n_actions))


_MANY: Game = (mdps.dense_rewards(50), 1)

optimism = Theorem(
    name="horizon-optimism",
    statement=r"Optimism in a deterministic table has played an optimal episode after $H (S A + 1)$ timesteps.",
    source="derived here",
    assumptions=r"deterministic; states in which nothing happens any more are known, and not counted",
    instances=deterministic_games(least=-4) | st.just(_MANY),
    check=_optimism,
    refutable=partial(_optimism, factor=0.9),  # false: one action after the other, the right one last
    tight=lambda: _optimism(*_MANY),
    tight_ratio=0.98,
    attained_by="`mdps.dense_rewards`, where every step is rewarded,",
)


def _covering(model: OutcomeModel, H: int, *, factor: float = 1.0) -> Check:
    """Return the probability that a pair is missed, by inclusion and exclusion over sets of pairs."""
    visited = [pairs for _, pairs, _, _ in oracles.paths(model, oracles.start(model), H)]
    every = sorted({pair for pairs in visited for pair in pairs})
    at_step = [[float(np.mean([pairs[t] == pair for pairs in visited])) for t in range(H)] for pair in every]
    least = min(max(chances) for chances in at_step)
    episodes = int(factor * bounds.covering_episodes(len(every), least))
    missed = 0.0
    for size in range(1, len(every) + 1):
        for chosen in combinations(every, size):
            none = np.mean([not set(chosen) & set(pairs) for pairs in visited])
            missed -= (-1) ** size * none**episodes
    return Check(missed, 0.5)


covering = Theorem(
    name="horizon-covering",
    statement=(
        r"After $\lceil \log(2n) / \mu \rceil$ random episodes all $n$ pairs that can be visited have been, with"
        r" probability at least $1/2$; $\mu$ is the least over pairs of the largest probability over steps."
    ),
    source="laidlaw2023",
    assumptions=r"deterministic; exploration is uniform",
    instances=deterministic_games(max_steps=3) | st.just(LOCK),
    check=_covering,
    refutable=partial(_covering, factor=0.2),  # false: a fifth of it
)

THEOREMS = (contest, gap_bound, simple, lock, timesteps, random_order, optimism, covering)
