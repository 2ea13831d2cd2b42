r"""From the error of one regression to the suboptimality of shallow Q-iteration, in stochastic games."""

from __future__ import annotations

from functools import partial
from itertools import product

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from proofs_check.horizon import oracles
from proofs_check.horizon.instances import stochastic_games, with_lookahead
from proofs_check.theorem import Check, Kind, Theorem, scaled
from rltheory import OutcomeModel
from rltheory.horizon import bounds

_BET = OutcomeModel.from_lists([[[(1.0, 1, 1.0)], [(1.0, 1, 0.0)]], [[(1.0, 1, 0.0)]] * 2], 1.0, mu=0)
"""Take 1, or nothing; then the end."""


@st.composite
def _with_policy(draw: DrawFn) -> tuple[OutcomeModel, int, int, np.ndarray]:
    """Draw a game, a lookahead and a policy of shape (H, S)."""
    model, H, k = draw(with_lookahead(stochastic_games()))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return model, H, k, rng.integers(model.n_actions, size=(H, model.n_states))


def _state_laws(model: OutcomeModel, H: int, policy: np.ndarray, switch: int) -> np.ndarray:
    """Return the law of the state at each step: ``policy`` before step ``switch``, uniform from it on."""
    P, _ = oracles.kernel(model)
    states, laws = np.arange(model.n_states), [model.mu]
    for t in range(H - 1):
        step = P[states, policy[t]] if t < switch else P.mean(axis=1)
        laws.append(laws[-1] @ step)
    return np.array(laws)


def _mistakes(model: OutcomeModel, H: int, k: int, policy: np.ndarray, *, forgiven: float = 1.0) -> Check:
    table = oracles.lookahead_tables(model, H, k)[-1]
    greedy, laws = oracles.greedy_sets(table), _state_laws(model, H, policy, H)
    mistaken = [laws[t] @ ~np.take_along_axis(greedy[t], policy[t][:, None], axis=1)[:, 0] for t in range(H)]
    loss = oracles.worst_greedy_return(model, H, table) - oracles.expected_return(model, H, policy)
    return Check(loss, forgiven * bounds.mistake_loss(mistaken))


mistakes = Theorem(
    name="sqirl-mistakes",
    statement=(
        r"$J(\pi) \ge \min_{\pi'} J(\pi') - \sum_t P_\pi(\pi_t(s_t) \notin \mathrm{argmax}\, Q^k_t)$, the minimum over"
        r" policies $\pi'$ that are greedy for $Q^k$."
    ),
    source="derived here, after laidlaw2024",
    assumptions=r"returns in $[0, 1]$",
    instances=_with_policy() | st.just((_BET, 1, 1, np.array([[1, 0]]))),
    check=_mistakes,
    refutable=partial(_mistakes, forgiven=0.5),  # false: as if mistakes cost one half
    tight=lambda: _mistakes(_BET, 1, 1, np.array([[1, 0]])),
    tight_ratio=1 - 1e-9,
    attained_by="One decision, taken wrongly,",
)


@st.composite
def _with_estimates(draw: DrawFn) -> tuple[OutcomeModel, int, int, int, np.ndarray, np.ndarray]:
    """Draw a game, a lookahead k, a step i with i + k <= H, a policy, and estimates of shape (k, S, A)."""
    model, H, k, policy = draw(_with_policy())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    estimates = rng.random((k, model.n_states, model.n_actions))
    return model, H, k, draw(st.integers(0, H - k)), policy, estimates


def _norm(law: np.ndarray, error: np.ndarray) -> float:
    return float(np.sqrt(law @ (error**2).mean(axis=1)))


_FORK = OutcomeModel.from_lists([[[(1.0, 1, 0.0)]] * 2, [[(1.0, 1, 0.0)]] * 2], 1.0, mu=0)
"""Nothing is ever paid; state 1 stays."""
_OVERRATED = np.array([[[1.0, 1.0], [0.0, 0.0]], [[0.0, 0.0], [1.0, 0.0]]])
"""Estimates for ``_FORK``: one action of state 1 is taken for worth 1, and so are both of state 0."""


def _growth(
    model: OutcomeModel, H: int, k: int, i: int, policy: np.ndarray, estimates: np.ndarray, *, actions: int = 0
) -> Check:
    """Compare errors at step i; ``estimates[j]`` stands for step i + j, and the last one for regressed returns."""
    P, r = oracles.kernel(model)
    tables, laws = oracles.lookahead_tables(model, H, k), _state_laws(model, H, policy, i)
    errors = []
    for j, estimate in enumerate(estimates):
        last = j == k - 1
        aim = tables[0][i + j] if last else r + P @ estimates[j + 1].max(axis=1)
        errors.append(_norm(laws[i + j], estimate - aim))
    total = _norm(laws[i], estimates[0] - tables[k - 1][i])
    return Check(total, bounds.error_growth(errors, actions or model.n_actions))


growth = Theorem(
    name="sqirl-error-growth",
    statement=r"$\|\hat Q^{j+1}_t - Q^{j+1}_t\|_t \le e_{j+1} + \sqrt{A}\, \|\hat Q^j_{t+1} - Q^j_{t+1}\|_{t+1}$.",
    source="derived here, after laidlaw2024",
    assumptions=r"norms under the law of the states that are seen, and uniform actions",
    instances=_with_estimates() | st.just((_FORK, 2, 2, 0, np.zeros((2, 2), dtype=int), _OVERRATED)),
    check=_growth,
    refutable=partial(_growth, actions=1),  # false: as if maximising did not add to errors
    tight=lambda: _growth(_FORK, 2, 2, 0, np.zeros((2, 2), dtype=int), _OVERRATED),
    tight_ratio=1 - 1e-9,
    attained_by="A worthless fork with one overrated action at each step",
)


def _misleading(law: np.ndarray, table: np.ndarray, estimate: np.ndarray) -> Check:
    seen = law > 0
    law, table, estimate = law[seen], table[seen], estimate[seen]
    best = table.max(axis=1, keepdims=True)
    gap = float((best - np.where(table < best, table, -np.inf)).min())
    fooled = (estimate >= estimate.max(axis=1, keepdims=True)) & (table < best)
    error = _norm(law, estimate - table) ** 2
    return Check(law @ fooled.any(axis=1), bounds.mistake_probability(error, gap, table.shape[1]))


@st.composite
def _tables(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the law of a state, values and estimates, on grids where ties are frequent."""
    n_states, n_actions = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    counts = np.array(draw(st.lists(st.integers(0, 4), min_size=n_states, max_size=n_states)))
    counts[0] += counts.sum() == 0
    table, estimate = (
        np.reshape(draw(st.lists(st.integers(0, 4), min_size=cells, max_size=cells)), (n_states, n_actions)) / 4
        for cells in [n_states * n_actions] * 2
    )
    return counts / counts.sum(), table, estimate


_FOOLED = (np.array([1.0]), np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]]))

misleading = Theorem(
    name="sqirl-mistake-probability",
    statement=(
        r"The largest estimate misleads with probability $P_{s \sim D}(\mathrm{argmax}\, \hat Q \not\subseteq"
        r" \mathrm{argmax}\, Q) \le 2 A \|\hat Q - Q\|^2 / \Delta^2$."
    ),
    source="derived here, after laidlaw2024",
    assumptions=r"$\Delta$ is the gap of $Q$ on the support of $D$; uniform actions",
    instances=_tables() | st.just(_FOOLED),
    check=_misleading,
    refutable=scaled(_misleading, rhs=0.9),  # false: attained where two actions are each off by half the gap
    tight=lambda: _misleading(*_FOOLED),
    tight_ratio=1 - 1e-9,
    attained_by="One mistake of one regression",
)


def _averages(cells: np.ndarray, means: np.ndarray, default: float, m: int, *, fewer: float = 1.0) -> Check:
    """Compare with the exact expected squared error for targets 0 and 1, summed over how often a cell is seen."""
    from scipy.stats import binom

    seen = np.arange(1, m + 1)
    exact = 0.0
    for p, mean in zip(cells, means, strict=True):
        noise = mean * (1 - mean) * (binom.pmf(seen, m, p) / seen).sum()
        exact += p * (noise + (mean - default) ** 2 * (1 - p) ** m)
    return Check(exact, fewer * bounds.tabular_error(cells.size, 1, m))


_CELLS = st.lists(st.integers(1, 5), min_size=1, max_size=5).map(lambda counts: np.array(counts) / sum(counts))

averages = Theorem(
    name="sqirl-tabular-error",
    statement=r"Cell averages of $m$ samples have expected squared error at most $S A / (m + 1)$.",
    source="derived here",
    assumptions=r"targets and default in $[0, 1]$; the law of samples is that of the error",
    instances=_CELLS.flatmap(
        lambda cells: st.tuples(
            st.just(cells),
            st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0]), min_size=cells.size, max_size=cells.size).map(np.array),
            st.sampled_from([0.0, 0.5]),
            st.sampled_from([1, 3, 10, 100]),
        )
    )
    | st.just((np.ones(1), np.array([0.5]), 0.0, 1)),
    check=_averages,
    refutable=partial(_averages, fewer=0.4),  # false: one sample of a fair coin has half of it
    tight=lambda: _averages(np.ones(1), np.array([0.5]), 0.0, 1),
    tight_ratio=0.499,
    attained_by="A single fair coin",
)


def _best_table(cells: np.ndarray, means: np.ndarray, others: np.ndarray, m: int, *, fewer: float = 1.0) -> Check:
    """Compare with the exact expected squared error for targets 0 and 1, over all samples; ties go to the worst."""
    tables = np.vstack([means, others])
    errors = ((tables - means) ** 2) @ cells
    chances = np.concatenate([cells * (1 - means), cells * means])
    loss = np.concatenate([tables**2, (tables - 1) ** 2], axis=1)  # of each table on a sample of each kind
    drawn = np.array(list(product(range(chances.size), repeat=m)))
    risk = loss[:, drawn].sum(axis=2)
    worst = np.where(risk <= risk.min(axis=0) + 1e-12, errors[:, None], 0.0).max(axis=0)
    return Check(chances[drawn].prod(axis=1) @ worst, fewer * bounds.finite_class_error(len(tables), m))


@st.composite
def _classes(draw: DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Draw the law of a cell, the means of the targets, other tables, and a number of samples."""
    cells = draw(_CELLS.filter(lambda cells: cells.size <= 2))
    tenths = st.lists(st.integers(0, 10), min_size=cells.size, max_size=cells.size).map(lambda x: np.array(x) / 10)
    others = draw(st.lists(tenths, min_size=1, max_size=3))
    return cells, draw(tenths), np.array(others), draw(st.integers(1, 5))


best_table = Theorem(
    name="sqirl-finite-class-error",
    statement=(
        r"The best of $n$ tables on $m$ samples has expected squared error at most"
        r" $\frac{1 + \log n}{(1 - e^{-1/2})\, m}$."
    ),
    source="derived here",
    assumptions=r"targets and tables in $[0, 1]$; the conditional mean of the target is one of the tables",
    instances=_classes() | st.just((np.ones(1), np.array([0.5]), np.array([[0.0], [1.0]]), 5)),
    check=_best_table,
    refutable=partial(_best_table, fewer=0.05),  # false: a twentieth
)


_RUNS = 2
"""Runs behind one draw of the loss: the fewer of them err, the fewer draws tell."""


def _suboptimality(
    model: OutcomeModel, H: int, k: int, m: int, rng: np.random.Generator, *, factor: float = 1.0
) -> Check:
    """Compare the mean loss of a few runs; states and gaps are those that can be met."""
    table = oracles.lookahead_tables(model, H, k)[-1]
    met = _state_laws(model, H, np.zeros((H, model.n_states), dtype=int), 0) > 0
    gap = float((table.max(axis=2, keepdims=True) - np.where(oracles.greedy_sets(table), -np.inf, table))[met].min())
    policies = [oracles.play_sqirl(model, H, k, m, rng) for _ in range(_RUNS)]
    earned = sum(oracles.expected_return(model, H, policy) for policy in policies) / _RUNS
    loss = oracles.optimal_return(model, H) - earned
    error = bounds.tabular_error(int(met.sum(axis=1).max()), model.n_actions, m)
    return Check(loss, factor * bounds.sqirl_suboptimality(H, model.n_actions, k, gap, error))


def _solved(drawn: tuple[OutcomeModel, int, int]) -> bool:
    model, H, k = drawn
    return oracles.solves(model, H, oracles.lookahead_tables(model, H, k)[-1])


suboptimality = Theorem(
    name="sqirl-suboptimality",
    statement=(
        r"With $m$ fresh episodes for each regression, $E[J^* - J(\hat\pi)] \le \frac{2 H A}{\Delta_k^2}"
        r" \big( \frac{A^{k/2} - 1}{\sqrt A - 1} \big)^2 \bar e^2$."
    ),
    source="derived here, in the form of laidlaw2024, Theorem 3.6",
    assumptions=r"returns in $[0, 1]$; lookahead $k$ solves the game; $\bar e^2$ bounds the error of a regression",
    instances=st.tuples(with_lookahead(stochastic_games(max_steps=2)).filter(_solved), st.sampled_from([20, 500])).map(
        lambda drawn: (*drawn[0], drawn[1])
    )
    | st.just((mdps.dense_rewards(6), 1, 1, 1)),
    check=_suboptimality,
    refutable=partial(_suboptimality, factor=1 / 250),  # false: one sample does not find one action of six
    kind=Kind.IN_EXPECTATION,
)

THEOREMS = (mistakes, growth, misleading, averages, best_table, suboptimality)
