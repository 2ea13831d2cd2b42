r"""Theorems about players who learn: what they regret, which equilibria that makes, and where learning fails.

Gains are drawn at random, in phases, or as hard as we know how; no rule can tell a given sequence from an adversary who
knows the rule. Step sizes are best ones times a factor, so that the bound is tested away from its minimum, too.
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import numpy as np

from proofs_check.games import learning_oracles as oracles
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games import NormalFormGame, correlated_gains, gains
from rltheory.games.bounds import learning as bounds

SEEDS = st.integers(0, 2**32 - 1)
FACTORS = st.sampled_from([0.3, 1.0, 2.0])


@st.composite
def sequences(draw: Callable, most: int = 200) -> np.ndarray:
    """Draw gains in [0, 1], shape (T, n): uniform, of zeros and ones, or in phases."""
    rng = np.random.default_rng(draw(SEEDS))
    rounds, n = draw(st.integers(1, most)), draw(st.integers(1, 5))
    kind = draw(st.sampled_from(["uniform", "binary", "phases"]))
    if kind == "phases":
        return oracles.phases(n, -(-rounds // n))
    return rng.uniform(size=(rounds, n)) if kind == "uniform" else rng.integers(0, 2, (rounds, n)).astype(float)


@st.composite
def matrices(draw: Callable) -> np.ndarray:
    """Draw payoffs in [0, 1] of a zero-sum game."""
    rng = np.random.default_rng(draw(SEEDS))
    A = rng.uniform(size=(draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    return A if draw(st.booleans()) else A.round()


def one_column(m: int) -> np.ndarray:
    """Return the game in which the first of m actions pays 1, and the opponent has no choice."""
    return np.eye(m)[:, :1]


def _hedge(sequence: np.ndarray, factor: float) -> Check:
    rounds, n = sequence.shape
    step = factor * bounds.hedge_step(n, rounds)
    regret = oracles.external_regret(oracles.hedge(sequence, step), sequence)
    return Check(regret, bounds.hedge_regret(n, rounds, None if factor == 1 else step))


hedge_regret = Theorem(
    name="hedge-regret",
    statement=(
        r"External regret of Hedge after T rounds is at most $\ln n / \eta + \eta T / 8$, which is"
        r" $\sqrt{T \ln n / 2}$ for $\eta = \sqrt{8 \ln n / T}$."
    ),
    source="cesabianchi2006, Theorem 2.2",
    assumptions=r"gains in $[0, 1]$",
    instances=st.tuples(sequences(), FACTORS) | st.builds(lambda: (oracles.turns_then_a_run(1000), 1.0)),
    check=_hedge,
    refutable=scaled(_hedge, rhs=0.95),  # false: gains that take turns, and a last run of one action
    tight=lambda: _hedge(oracles.turns_then_a_run(10_000), 1.0),
    tight_ratio=0.985,
    attained_by="Two actions that gain in turn, until at last one gains alone,",
)


def _hedge_gap(A: np.ndarray, rounds: int) -> Check:
    m, n = A.shape
    steps = bounds.hedge_step(m, rounds), bounds.hedge_step(n, rounds)
    p, q = oracles.hedge_averages(A, rounds, steps, optimistic=False)
    return Check(oracles.duality_gap(A, p, q), bounds.hedge_gap((m, n), rounds))


ROUNDS = st.sampled_from([1, 2, 3, 10, 50])
hedge_gap = Theorem(
    name="hedge-self-play",
    statement=r"Averages of two players of Hedge have a duality gap of at most $\sqrt{\ln m/2T} + \sqrt{\ln n/2T}$.",
    source="freund1999",
    assumptions=r"zero-sum, payoffs in $[0, 1]$; each with her best step size",
    instances=st.tuples(matrices(), ROUNDS) | st.just((one_column(4), 1)),
    check=_hedge_gap,
    refutable=scaled(_hedge_gap, rhs=0.85),  # false: four actions of which one pays, in one round
    tight=lambda: _hedge_gap(one_column(4), 1),
    tight_ratio=0.9,
    attained_by="One round of a game in which one player has no choice",
)


def _optimistic(A: np.ndarray, rounds: int, step: float) -> Check:
    p, q = oracles.hedge_averages(A, rounds, (step, step), optimistic=True)
    return Check(oracles.duality_gap(A, p, q), bounds.optimistic_hedge_gap(A.shape, rounds, step))


def _without_first_round(A: np.ndarray, rounds: int, step: float) -> Check:
    true = _optimistic(A, rounds, step)
    return Check(true.lhs, sum(np.log(A.shape)) / (step * rounds))


optimistic_gap = Theorem(
    name="optimistic-hedge-self-play",
    statement=(
        r"Averages of two players of optimistic Hedge have a duality gap of at most"
        r" $\frac1T\big(\frac{\ln m + \ln n}{\eta} + \frac{\eta}{2}\big)$."
    ),
    source="syrgkanis2015, Proposition 7; the constants are derived here",
    assumptions=r"zero-sum, payoffs in $[0, 1]$; both with $\eta \le 1$; nothing is predicted in the first round",
    instances=st.tuples(matrices(), ROUNDS, st.sampled_from([0.05, 0.3, 0.5, 1.0])) | st.just((one_column(2), 50, 1.0)),
    check=_optimistic,
    refutable=_without_first_round,  # false: the first round is not predicted
    tight=lambda: _optimistic(one_column(2), 2000, 0.02),
    tight_ratio=0.99,
    attained_by="A game in which one player has no choice, and a slow rate,",
)


def _regret_matching(sequence: np.ndarray, plus: bool) -> Check:
    rounds, n = sequence.shape
    return Check(
        oracles.regret_matching_regret(sequence, plus=plus),
        bounds.regret_matching_regret(n, rounds, float(np.ptp(sequence, axis=1).max())),
    )


regret_matching = Theorem(
    name="regret-matching-regret",
    statement=r"External regret of regret matching, and of regret matching+, is at most $\Delta\sqrt{(n-1)T}$.",
    source="hart2000; blackwell1956",
    assumptions=r"in each round the range of gains is at most $\Delta$",
    instances=st.tuples(sequences(100), st.booleans()) | st.builds(lambda: (oracles.near_one_action(2, 1000), False)),
    check=_regret_matching,
    refutable=scaled(_regret_matching, rhs=0.9),  # false: gains that keep the strategy close to one action
    tight=lambda: _regret_matching(oracles.near_one_action(2, 10_000), False),
    tight_ratio=0.98,
    attained_by="Gains that keep the policy close to its first action, where a round costs most,",
)


def _swap(sequence: np.ndarray, factor: float, rule: Callable = oracles.swap_hedge) -> Check:
    rounds, n = sequence.shape
    step = factor * bounds.swap_hedge_step(n, rounds)
    played = rule(sequence, step)
    return Check(oracles.swap_regret(played, sequence), bounds.swap_hedge_regret(n, rounds, step))


swap_regret = Theorem(
    name="swap-hedge-regret",
    statement=(
        r"Swap regret of Blum and Mansour's rule over Hedge is at most $n \ln n/\eta + \eta T/8$, which is"
        r" $\sqrt{n T \ln n / 2}$ for the best step size."
    ),
    source="blum2007; the constants are derived here",
    assumptions=r"gains in $[0, 1]$",
    instances=st.tuples(sequences(60), FACTORS) | st.builds(lambda: (oracles.phases(4, 50), 1.0)),
    check=_swap,
    refutable=lambda sequence, factor: _swap(sequence, factor, oracles.hedge),  # false: of Hedge itself
    tight=lambda: _swap(np.eye(2)[np.zeros(1000, dtype=int)], 0.1),  # one action gains always, and steps are small
    tight_ratio=0.78,
    attained_by="One action that always gains",
)

Rounds = list[tuple[np.ndarray, ...]]


@st.composite
def plays(draw: Callable) -> tuple[NormalFormGame, Rounds]:
    """Draw a game of two or three players, and what they play in a few rounds."""
    rng = np.random.default_rng(draw(SEEDS))
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=3))
    game = NormalFormGame([rng.normal(size=sizes) for _ in sizes])
    rounds = [tuple(rng.dirichlet(np.full(m, 0.3)) for m in sizes) for _ in range(draw(st.integers(1, 8)))]
    return game, rounds


UNEQUAL = NormalFormGame.symmetric([[2, 0], [0, 1]])
FIRST, SECOND = np.eye(2)
IN_STEP = UNEQUAL, [(FIRST, FIRST), (SECOND, SECOND)]
OUT_OF_STEP = UNEQUAL, [(FIRST, SECOND), (SECOND, FIRST)]


def _seen(game: NormalFormGame, rounds: Rounds, player: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a player played and what each of her actions was worth, by summing over all joint actions."""
    worth = []
    for profile in rounds:
        law = np.ones(())
        for j, p in enumerate(profile):
            law = np.multiply.outer(law, np.ones_like(p) if j == player else p)
        worth.append((law * game.payoffs[player]).sum(axis=tuple(j for j in range(len(profile)) if j != player)))
    return np.array([profile[player] for profile in rounds]), np.array(worth)


def _regrets(game: NormalFormGame, rounds: Rounds, regret: Callable) -> list[float]:
    found = [regret(*_seen(game, rounds, i)) for i in range(game.n_players)]
    return [bounds.mediated_gain(r, len(rounds)) for r in found]


def _mean_law(rounds: Rounds) -> np.ndarray:
    laws = []
    for profile in rounds:
        law = np.ones(())
        for p in profile:
            law = np.multiply.outer(law, p)
        laws.append(law)
    return np.mean(laws, axis=0)


def _coarse(game: NormalFormGame, rounds: Rounds) -> Check:
    found = correlated_gains(game, _mean_law(rounds), coarse=True)
    return Check.equal(found, _regrets(game, rounds, oracles.external_regret))


def _product_of_averages(game: NormalFormGame, rounds: Rounds) -> Check:
    averages = [np.mean(strategies, axis=0) for strategies in zip(*rounds, strict=True)]
    return Check.everywhere(gains(game, averages), _regrets(game, rounds, oracles.external_regret))


coarse = Theorem(
    name="coarse-correlated-from-external-regret",
    statement=r"Ignoring the mean joint law of T rounds gains a player exactly her external regret $R^+_T / T$.",
    source="hart2000",
    assumptions=r"any game, any play",
    instances=plays() | st.just(IN_STEP),
    check=_coarse,
    refutable=_product_of_averages,  # false: the averages, played independently, need not be an equilibrium
)


def _correlated(game: NormalFormGame, rounds: Rounds, regret: Callable = oracles.swap_regret) -> Check:
    return Check.equal(correlated_gains(game, _mean_law(rounds)), _regrets(game, rounds, regret))


correlated = Theorem(
    name="correlated-from-swap-regret",
    statement=r"Disobeying the mean joint law of T rounds gains a player exactly her swap regret over $T$.",
    source="foster1997; blum2007",
    assumptions=r"any game, any play",
    instances=plays() | st.just(OUT_OF_STEP),
    check=_correlated,
    refutable=lambda game, rounds: _correlated(game, rounds, oracles.external_regret),  # false: external regret
)


@st.composite
def bimatrices(draw: Callable) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Draw payoffs of whole numbers, a number of rounds and a seed for ties."""
    rng = np.random.default_rng(draw(SEEDS))
    A, B = rng.integers(-3, 4, (2, draw(st.integers(1, 4)), draw(st.integers(1, 4))))
    return A, B, draw(st.integers(1, 60)), draw(st.integers(0, 9))


def _hindsight(A: np.ndarray, B: np.ndarray, rounds: int, seed: int, second_has_seen: bool = False) -> Check:
    i, j = oracles.best_replies(A, B, rounds, (0, 0), seed, second_has_seen=second_has_seen).T
    return Check.everywhere([A[i, j].sum(), B[i, j].sum()], [A[:, j].sum(axis=1).max(), B[i].sum(axis=0).max()])


hindsight = Theorem(
    name="fictitious-play-regrets",
    statement="In fictitious play nobody earns more than her best single action would have: no regret is negative.",
    source="derived here",
    assumptions="both choose at once; ties settled in any way",
    instances=bimatrices() | st.just((*np.array([[[-1, 1], [1, -1]], [[1, -1], [-1, 1]]]), 20, 0)),
    check=_hindsight,
    refutable=lambda A, B, rounds, seed: _hindsight(A, B, rounds, seed, True),  # false: who has seen the other's action
)


def _shapley(start: tuple[int, int], rounds: int, seed: int) -> Check:
    i, j = oracles.best_replies(*oracles.SHAPLEY, rounds, start, seed).T
    return Check(bounds.shapley_cycle_floor(), (np.bincount(i).max() + np.bincount(j).max()) / rounds)


OFF_DIAGONAL = st.sampled_from([(i, j) for i in range(3) for j in range(3) if i != j])
shapley_cycle = Theorem(
    name="shapley-cycle",
    statement=(
        r"In Shapley's game the largest frequencies of fictitious play sum to at least 1, at any time:"
        r" they never come near the unique equilibrium, in which they sum to $2/3$."
    ),
    source="shapley1964; derived here",
    assumptions="the first actions are off the diagonal; ties settled in any way",
    instances=st.tuples(OFF_DIAGONAL, st.integers(1, 400), st.integers(0, 99)) | st.just(((0, 1), 1000, 0)),
    check=_shapley,
    refutable=scaled(_shapley, rhs=0.95),  # false: in the long run they do sum to 1
    tight=lambda: _shapley((0, 1), 4000, 0),
    tight_ratio=0.995,
    attained_by="Fictitious play in Shapley's game, after 4,000 rounds,",
)


@st.composite
def orbits(draw: Callable) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Draw a zero-sum game, a start and a time for the replicator dynamics."""
    A = 4 * draw(matrices()) - 2
    rng = np.random.default_rng(draw(SEEDS))
    p, q = (0.9 * rng.dirichlet(np.ones(n)) + 0.1 / n for n in A.shape)
    return A, p, q, draw(st.sampled_from([0.5, 2.0, 5.0]))


def _replicator(A: np.ndarray, p: np.ndarray, q: np.ndarray, time: float) -> Check:
    return Check.everywhere(oracles.replicator_regrets(A, p, q, time), [bounds.replicator_regret(x) for x in p])


TAKES_OVER = one_column(2), np.array([0.25, 0.75]), np.ones(1), 30.0
replicator = Theorem(
    name="replicator-regret",
    statement=r"Under the replicator dynamics the regret for an action never exceeds $\ln(1/p_0(a))$.",
    source="hofbauer2009",
    assumptions="continuous time; any payoffs",
    instances=orbits() | st.just(TAKES_OVER),
    check=_replicator,
    refutable=scaled(_replicator, rhs=0.9),  # false: an action that takes over
    tight=lambda: _replicator(*TAKES_OVER),
    tight_ratio=0.999,
    attained_by="A better action that takes over",
)

THEOREMS: tuple[Theorem, ...] = (
    hedge_regret,
    hedge_gap,
    optimistic_gap,
    regret_matching,
    swap_regret,
    coarse,
    correlated,
    hindsight,
    shapley_cycle,
    replicator,
)
