r"""Markov games: Shapley's operator, what greedy policies lose, gains that add up, and how soon oracles run out.

The left sides come from `markov_oracles`: 2 x 2 matrix games in closed form, best responses among all pure policies.
"""

from __future__ import annotations

import itertools
from functools import partial

import hypothesis.strategies as st
import numpy as np

import mdps
from proofs_check.games import markov_oracles as oracles
from proofs_check.games.markov_oracles import Game, one_state, small_games, with_values
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory.games.bounds import markov as bounds
from rltheory.games.double_oracle import double_oracle
from rltheory.games.markov import MarkovGame, markov_double_oracle
from rltheory.games.normal_form import NormalFormGame

Played = tuple[np.ndarray, np.ndarray, int, float, np.ndarray]
"""Kernel, rewards of the first player, steps, discount, and policies of both players, of shape (H, 2, S, 2)."""
_ZERO = np.zeros(1)


def _contraction(game: Game, u: np.ndarray, v: np.ndarray) -> Check:
    return Check(
        sup(oracles.operator(game, u) - oracles.operator(game, v)), bounds.minimax_contraction(game[2], sup(u - v))
    )


contraction = Theorem(
    name="minimax-contraction",
    statement=r"$\|T u - T v\| \le \gamma \|u - v\|$ for Shapley's operator $T v = \mathrm{val}[r + \gamma P v]$.",
    source="shapley1953, Theorem 1",
    assumptions=r"zero-sum game, $0 \le \gamma < 1$",
    instances=with_values(small_games(), 2) | st.just((one_state(0.5), _ZERO, _ZERO + 1)),
    check=_contraction,
    refutable=scaled(_contraction),
    tight=lambda: _contraction(one_state(0.5), _ZERO, _ZERO + 1),
    tight_ratio=0.999999,
    attained_by="One state with one action",
)


def _bracket(game: Game, v: np.ndarray, *, once: bool = False) -> Check:
    p, q = oracles.greedy_pair(game, v)
    backed_up = oracles.operator(game, v)
    lower, upper = bounds.shapley_bracket(backed_up, v, game[2])
    if once:
        change = game[2] * (backed_up - v)
        lower, upper = backed_up + change.min(), backed_up + change.max()
    low, middle, high = oracles.secured(game, p), oracles.value(game), oracles.conceded(game, q)
    return Check.everywhere([lower, low, middle, high], [low, middle, high, upper])


bracket = Theorem(
    name="shapley-bracket",
    statement=(
        r"With $d = T v - v$, $c = \gamma / (1 - \gamma)$ and p, q optimal in the matrix games at v:"
        r" $T v + c \min d \le v^{p, \cdot} \le v^* \le v^{\cdot, q} \le T v + c \max d$."
    ),
    source="shapley1953; macqueen1966",
    assumptions=r"zero-sum game, $0 \le \gamma < 1$",
    instances=with_values(small_games()) | st.just((one_state(0.5), _ZERO)),
    check=_bracket,
    refutable=partial(_bracket, once=True),  # false: as if later steps brought no further change
    tight=lambda: _bracket(one_state(0.5), _ZERO),
    tight_ratio=0.999999,
    attained_by="One state with one action",
)


def _stop(game: Game, v: np.ndarray) -> Check:
    following = oracles.operator(game, v)
    return Check(sup(following - oracles.value(game)), bounds.shapley_stop(game[2], sup(following - v)))


stop = Theorem(
    name="shapley-stop",
    statement=r"$\|v_{k+1} - v^*\| \le \frac{\gamma}{1-\gamma} \|v_{k+1} - v_k\|$ for $v_{k+1} = T v_k$.",
    source="shapley1953",
    assumptions=r"zero-sum game, $0 \le \gamma < 1$",
    instances=with_values(small_games()) | st.just((one_state(0.5), _ZERO)),
    check=_stop,
    refutable=scaled(_stop),
    tight=lambda: _stop(one_state(0.5), _ZERO),
    tight_ratio=0.999999,
    attained_by="One state with one action",
)


def _trap(gamma: float) -> tuple[Game, np.ndarray]:
    """The greedy trap, in which the second player has two names for the same action."""
    mdp, v = mdps.greedy_trap(gamma=gamma, error=1.0)
    P, r = mdp.P.toarray().reshape(2, 2, 1, 2), mdp.r.reshape(2, 2, 1)
    return (np.repeat(P, 2, axis=2), np.repeat(r, 2, axis=2), gamma), v


def _loss(game: Game, v: np.ndarray) -> Check:
    p, q = oracles.greedy_pair(game, v)
    optimum = oracles.value(game)
    loss = max(sup(optimum - oracles.secured(game, p)), sup(oracles.conceded(game, q) - optimum))
    return Check(loss, bounds.greedy_strategy_loss(game[2], sup(v - optimum)))


greedy_loss = Theorem(
    name="greedy-strategy-loss",
    statement=(
        r"If p and q are optimal in the matrix games at v, each secures the value up to"
        r" $\frac{2\gamma}{1-\gamma} \|v - v^*\|$."
    ),
    source="derived here; singh1994",
    assumptions=r"zero-sum game, $0 \le \gamma < 1$, $v$ arbitrary",
    instances=with_values(small_games()) | st.just(_trap(0.5)),
    check=_loss,
    refutable=scaled(_loss),
    tight=lambda: _loss(*_trap(0.5)),
    tight_ratio=0.999,
    attained_by="The trap of greedy-loss, against a second player without a say,",
)


def _gap(game: Game, v: np.ndarray) -> Check:
    p, q = oracles.greedy_pair(game, v)
    width = sup(oracles.conceded(game, q) - oracles.secured(game, p))
    return Check(width, bounds.greedy_profile_gap(game[2], sup(v - oracles.value(game))))


greedy_gap = Theorem(
    name="greedy-profile-gap",
    statement=(
        r"If p and q are optimal in the matrix games at v, what both players together gain by deviating is at most"
        r" $\frac{2\gamma(1+\gamma)}{1-\gamma} \|v - v^*\|$."
    ),
    source="derived here",
    assumptions=r"zero-sum game, $0 \le \gamma < 1$, $v$ arbitrary",
    instances=with_values(small_games()) | st.sampled_from([_trap(0.01), _trap(0.5)]),
    check=_gap,
    refutable=scaled(_gap),
    tight=lambda: _gap(*_trap(0.01)),  # it reaches 1 / (1 + gamma)
    tight_ratio=0.99,
    attained_by="The trap of greedy-loss, against a second player without a say and with a small discount,",
)


def _strategy_iteration(game: Game, rounds: int, *, ahead: bool = False) -> Check:
    optimum = oracles.value(game)
    swept = start = v = oracles.secured(game, np.tile([1.0, 0.0], (len(optimum), 1)))
    for _ in range(rounds):
        v = oracles.secured(game, oracles.greedy_pair(game, v)[0])
        swept = oracles.operator(game, swept)
    if ahead:
        return Check.everywhere(v, swept)
    allowed = bounds.strategy_iteration_error(game[2], rounds, sup(optimum - start))
    return Check.everywhere([swept, v, optimum - allowed], [v, optimum, v])


strategy_iteration_error = Theorem(
    name="strategy-iteration-error",
    statement=(
        r"Strategy iteration is never behind value iteration from the same start, $T^k v_0 \le v_k \le v^*$, and"
        r" $v^* - v_k \le \gamma^k \|v^* - v_0\|$."
    ),
    source="hoffman1966",
    assumptions=r"zero-sum game, $v_0$ is what a policy secures",
    instances=st.tuples(small_games(), st.integers(0, 3)) | st.just((one_state(0.5, [[0.0, 0.0], [1.0, 1.0]]), 1)),
    check=_strategy_iteration,
    refutable=partial(_strategy_iteration, ahead=True),  # false: as if to solve an MDP were no more than to sweep
)


def _dilemma(H: int, gamma: float) -> Played:
    """A prisoners' dilemma, repeated, in which both always cooperate, though each would gain 1 by not doing so."""
    return np.ones((1, 2, 2, 1)), np.array([[[2.0, 0.0], [3.0, 1.0]]]), H, gamma, np.ones((H, 2, 1, 1)) * [[1.0, 0.0]]


def _accumulation(P: np.ndarray, r: np.ndarray, H: int, gamma: float, profile: np.ndarray) -> Check:
    """Compare what the first player gains by the best of all pure policies with the sum of her stage gains."""
    S = len(r)
    v, gaps = np.zeros(S), np.zeros(H)
    kernels, rewards = [], []
    for t in reversed(range(H)):
        p, q = profile[t]
        kernels.append(np.einsum("sb,sabx->sax", q, P))
        rewards.append(np.einsum("sb,sab->sa", q, r))
        stage = rewards[-1] + gamma * kernels[-1] @ v
        v = (p * stage).sum(axis=1)
        gaps[t] = (stage.max(axis=1) - v).max()
    best = np.full(S, -np.inf)
    for choice in itertools.product(itertools.product(range(2), repeat=S), repeat=H):
        worth = np.zeros(S)
        for kernel, reward, actions in zip(kernels, rewards, choice, strict=True):
            worth = reward[range(S), actions] + gamma * kernel[range(S), actions] @ worth
        best = np.maximum(best, worth)
    return Check((best - v).max(), bounds.stage_gap_accumulation(gaps, gamma))


def _with_profile(game: Game, H: int, gamma: float, weights: list[int]) -> Played:
    S = len(game[1])
    first = np.array(weights[: 2 * H * S], dtype=float).reshape(H, 2, S, 1) / 4
    return game[0], game[1], H, gamma, np.concatenate([first, 1 - first], axis=3)


accumulation = Theorem(
    name="stage-gap-accumulation",
    statement=(
        r"If a player gains at most $\delta_t$ in any stage game of step t, she gains at most"
        r" $\sum_t \gamma^t \delta_t$ in the game, by whatever policy."
    ),
    source="derived here",
    assumptions=r"$H$ steps, the others' play is Markov",
    instances=st.builds(
        _with_profile,
        small_games(most=2),
        st.integers(1, 3),
        st.sampled_from([0.5, 1.0]),
        st.lists(st.integers(0, 4), min_size=12, max_size=12),
    )
    | st.just(_dilemma(3, 0.5)),
    check=_accumulation,
    refutable=scaled(_accumulation),
    tight=lambda: _accumulation(*_dilemma(3, 0.5)),
    tight_ratio=0.999999,
    attained_by="A repeated prisoners' dilemma in which both always cooperate",
)


def _rounds(A: np.ndarray) -> Check:
    return Check(double_oracle(NormalFormGame.zero_sum(A)).iterations, bounds.double_oracle_rounds(*A.shape))


oracle_rounds = Theorem(
    name="double-oracle-rounds",
    statement=r"The double oracle ends after at most $m + n - 1$ restricted games.",
    source="mcmahan2003",
    assumptions=r"zero-sum game with m x n actions",
    instances=st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
        lambda sizes: st.lists(st.integers(-3, 3), min_size=sizes[0] * sizes[1], max_size=sizes[0] * sizes[1]).map(
            lambda entries: np.array(entries, dtype=float).reshape(sizes)
        )
    )
    | st.just(np.eye(4)),
    check=_rounds,
    refutable=scaled(_rounds),
    tight=lambda: _rounds(np.eye(4)),
    tight_ratio=0.999999,
    attained_by="A game in which each action is the best answer to one other",
)


def _markov_rounds(P: np.ndarray, r: np.ndarray, gamma: float) -> Check:
    built = MarkovGame.zero_sum(P, r, gamma)
    solution = markov_double_oracle(built, tol=1e-6)
    return Check(len(solution.history), bounds.markov_double_oracle_rounds(built.action_counts))


markov_oracle_rounds = Theorem(
    name="markov-double-oracle-rounds",
    statement=(
        r"The double oracle of a Markov game, which adds actions of states, ends after at most"
        r" $1 + \sum_s (m(s) - 1) + (n(s) - 1)$ restricted games."
    ),
    source="derived here; mcmahan2003",
    assumptions=r"zero-sum game",
    instances=small_games((0.0, 0.5), most=2) | st.just(one_state(0.5, np.eye(2))),
    check=_markov_rounds,
    refutable=scaled(_markov_rounds),
    tight=lambda: _markov_rounds(*one_state(0.5, np.eye(2))),
    tight_ratio=0.999999,
    attained_by="One state with a game in which each action is the best answer to one other",
)

THEOREMS = (
    contraction,
    bracket,
    stop,
    greedy_loss,
    greedy_gap,
    strategy_iteration_error,
    accumulation,
    oracle_rounds,
    markov_oracle_rounds,
)
