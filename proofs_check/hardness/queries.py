r"""How much a planner must ask: the entries of a table, the leaves of a tree, the actions with misleading features."""

from __future__ import annotations

import itertools
import math
from functools import partial

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from proofs_check import oracles
from proofs_check.claims import Remark
from proofs_check.norms import sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.hardness import ReluctantTable, bounds

Questions = tuple[int, int, list[tuple[int, int, int]]]
"""States, actions, and the order in which a planner reads the entries of the sources' rows."""


def _entries(S: int, A: int) -> list[tuple[int, int, int]]:
    table = ReluctantTable(S, A, 0.5)
    return list(itertools.product(table.sources, range(A), (*table.goals, *table.traps)))


def _goals_first(S: int, A: int) -> Questions:
    goals = ReluctantTable(S, A, 0.5).goals
    return S, A, sorted(_entries(S, A), key=lambda entry: entry[2] not in goals)


@st.composite
def _questions(draw: DrawFn) -> Questions:
    S, A = draw(st.sampled_from([(4, 2), (5, 2), (4, 3), (8, 2), (9, 2)]))
    if draw(st.booleans()):
        return S, A, draw(st.permutations(_entries(S, A)))
    return S, A, sorted(draw(st.permutations(_goals_first(S, A)[2])), key=lambda entry: entry[:2])


def _source_loses(possible: list[set[int]], goals: range) -> bool:
    """Whether each action of a source loses in some table that agrees with all answers, by going through them."""
    A = len(possible)
    worlds = [[leads in goals for leads in world] for world in itertools.product(*possible)]
    return all(any(max(world) and not world[a] for world in worlds) for a in range(A))


def _needed(S: int, A: int, order: list[tuple[int, int, int]], *, factor: float = 1.0) -> Check:
    """Let a planner read in this order until no source can lose any more, whatever the rest of the table."""
    table = ReluctantTable(S, A, 0.5)
    sure: set[int] = set()
    possible = {(s, a): {*table.goals, *table.traps} for s in table.sources for a in range(A)}
    for s, a, after in order:
        if s in sure:  # a planner reads no more than it needs
            continue
        if table.ask(s, a, after):
            possible[s, a] = {after}
        else:
            possible[s, a] -= {after}
        if not _source_loses([possible[s, b] for b in range(A)], table.goals):
            sure.add(s)
    return Check(bounds.planning_queries(S, A), factor * table.queries)


planning = Theorem(
    name="planning-query-lower-bound",
    statement=(
        r"A planner whose deterministic policy never loses $\gamma H$ or more reads at least $(S - 2g)(A - 1) g$"
        r" entries of some transition table, $g = \lfloor S/4 \rfloor$: $S^2 (A-1) / 8$ if 4 divides S."
    ),
    source="szepesvari2022, lecture 3 (an order); derived here",
    assumptions=(
        r"the table is read entry by entry, rewards in $[0, 1]$ are known, $0 < \gamma < 1$. The planner knows the "
        r"family, and stops at a source as soon as one of its actions cannot lose, which is found out by enumeration"
    ),
    instances=_questions() | st.just(_goals_first(4, 2)),
    check=_needed,
    refutable=partial(_needed, factor=0.9),  # false: with a tenth more
    tight=lambda: _needed(*_goals_first(12, 2)),
    tight_ratio=0.999,
    attained_by="A planner that looks for goals behind all actions but one",
)


def _still_loses(S: int, A: int, order: list[tuple[int, int, int]], stop: float, *, factor: float = 1.0) -> Check:
    """Let a planner stop short of the bound, act as it likes, and be shown a table that agrees with all answers."""
    table = ReluctantTable(S, A, 0.5)
    for entry in order[: math.floor(stop * (bounds.planning_queries(S, A) - 1))]:
        table.ask(*entry)
    for chosen in itertools.product(range(A), repeat=len(table.sources)):
        policy = np.array([*chosen, *[0] * (S - len(chosen))])
        mdp = table.worst_model(policy)
        lost = sup(oracles.brute_force_value(mdp) - oracles.exact_policy_value(mdp, policy))
        if lost < bounds.planning_loss(0.5):
            break
    return Check(bounds.planning_loss(0.5), factor * lost)


reluctant = Theorem(
    name="planning-adversary",
    statement=(
        r"Whatever a planner has read, if it is less than planning-query-lower-bound asks for: for each policy there is"
        r" a table that agrees with all answers, and in which the policy loses $\gamma H$."
    ),
    source="szepesvari2022, lecture 3; derived here",
    assumptions="as for planning-query-lower-bound; the table is `ReluctantTable.worst_model`, solved by enumeration",
    instances=st.sampled_from([(4, 2), (5, 2)]).flatmap(
        lambda size: st.tuples(
            st.just(size[0]), st.just(size[1]), st.permutations(_entries(*size)), st.sampled_from([1.0, 0.0, 0.5])
        )
    ),
    check=_still_loses,
    refutable=partial(_still_loses, factor=0.9),
    tight=lambda: _still_loses(*_goals_first(4, 3), 1.0),
    tight_ratio=0.999,
    attained_by="Each of them",
)

Search = tuple[float, int, int, list[int], int]
"""Discount, actions, depth, the numbers of the leaves in the order in which they are tried, and a last guess."""


@st.composite
def _searches(draw: DrawFn) -> Search:
    A, depth = draw(st.sampled_from([(2, 2), (2, 3), (3, 2), (2, 4), (3, 1)]))
    leaves = st.integers(0, A**depth - 1)
    tried = draw(st.lists(leaves, max_size=A**depth) | st.lists(leaves, max_size=A**depth - 1, unique=True))
    return draw(st.sampled_from([0.5, 0.9])), A, depth, tried, draw(leaves)


def _searched(gamma: float, A: int, depth: int, tried: list[int], guess: int) -> Check:
    """Average over all trees what the path of the planner earns less than that of the needle."""
    leaves = list(itertools.product(range(A), repeat=depth))
    lost = 0.0
    for needle in leaves:
        answer = next((leaves[n] for n in tried if leaves[n] == needle), leaves[guess])
        best, played = (_path_value(mdps.needle_tree(needle, A, gamma=gamma), path) for path in (needle, answer))
        lost += (best - played) / len(leaves)
    return Check(bounds.needle_loss(gamma, A, depth, len(tried)), lost)


def _path_value(mdp: MDP, path: tuple[int, ...]) -> float:
    """Return what a path from the root earns, and staying at its end for ever."""
    P, s, value = mdp.P.toarray(), 0, 0.0
    for t, a in enumerate(path):
        row = mdp.pair_start[s] + a
        value += mdp.gamma**t * float(mdp.r[row])
        s = int(P[row].argmax())
    return value + mdp.gamma ** len(path) * float(mdp.r[mdp.pair_start[s]]) / (1 - mdp.gamma)


needle = Theorem(
    name="needle-search",
    statement=(
        r"With local access and q queries a planner loses on average at least $\gamma^{k-1} H (1 - (q+1)/A^k)$ in a"
        r" tree of k levels with one reward; to lose at most $\delta$ with probability p it needs $p A^k - 1$ queries"
        r" with $k = \lceil H_{\gamma,\delta} \rceil$, however few states matter."
    ),
    source="szepesvari2022, lecture 5 (an order); derived here",
    assumptions=(
        r"the reward's place is drawn by lot; queries of all calls count together. Answers are 0 until the place is "
        r"found, so that every planner is an order of the leaves and a guess"
    ),
    instances=_searches() | st.just((0.5, 2, 2, [0, 1], 2)),
    check=_searched,
    refutable=scaled(_searched),  # false: a tenth more
    tight=lambda: _searched(0.9, 2, 4, list(range(7)), 12),
    tight_ratio=0.999,
    attained_by="A search that tries nothing twice",
)


def _overlaps(features: np.ndarray) -> float:
    products = np.abs(features @ features.T)
    np.fill_diagonal(products, 0.0)
    return float(products.max(initial=0.0))


def _simplex(d: int) -> np.ndarray:
    """Return d + 1 unit vectors at equal angles in d dimensions."""
    centred = np.eye(d + 1) - 1 / (d + 1)
    basis = np.linalg.svd(centred)[2][:d]
    rows: np.ndarray = centred @ basis.T
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _misleads(features: np.ndarray, delta: float) -> Check:
    """The distance of a needle from the column space, by the dual program: weights that are orthogonal to it."""
    from scipy.optimize import linprog

    n, d = features.shape
    dual = linprog(
        np.append(-delta * np.eye(n)[0], delta * np.eye(n)[0]),
        A_ub=np.ones((1, 2 * n)),
        b_ub=[1.0],
        A_eq=np.hstack([features.T, -features.T]),
        b_eq=np.zeros(d),
    )
    return Check(-dual.fun, bounds.misspecification(delta, _overlaps(features)))


@st.composite
def _features(draw: DrawFn) -> tuple[np.ndarray, float]:
    d, n = draw(st.integers(1, 6)), draw(st.integers(2, 12))
    rows = np.random.default_rng(draw(st.integers(0, 10**6))).normal(size=(n, d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), draw(st.sampled_from([1.0, 0.25]))


misspecified = Theorem(
    name="misspecified-needle",
    statement=(
        r"If one of many actions is worth $\delta$ and the others 0, and scalar products of their unit features are at"
        r" most $\tau$ in modulus, the values are linear up to $\delta \tau$."
    ),
    source="du2020; szepesvari2022, lecture 9",
    assumptions=r"by $\theta = \delta \phi_{a^*}$. There are many such features: nearly-orthogonal-vectors",
    instances=_features() | st.just((_simplex(20), 1.0)),
    check=_misleads,
    refutable=scaled(_misleads),
    tight=lambda: _misleads(_simplex(120), 1.0),
    tight_ratio=0.99,
    attained_by="A regular simplex",
)


def _close_pairs(d: int, tau: float, *, share: float = 1.0) -> Check:
    """How many pairs of random sign vectors are expected to be too close, by the binomial law."""
    from scipy.stats import binom

    k = bounds.nearly_orthogonal_vectors(d, tau / math.sqrt(share))
    # Two vectors agree in j of d signs, and their product is (2j - d)/d.
    chance = 2 * binom.sf(math.floor((1 + tau) * d / 2 + 1e-9), d, 0.5)
    return Check(k * (k - 1) / 2 * chance, 1.0)


packing = Theorem(
    name="nearly-orthogonal-vectors",
    statement=(
        r"There are $\lfloor e^{d \tau^2 / 4} \rfloor$ unit vectors in $\mathbb{R}^d$ whose scalar products are at most"
        r" $\tau$ in modulus: of so many vectors of random signs, less than one pair is expected to be closer."
    ),
    source="hoeffding1963; derived here (szepesvari2022, lecture 9, with 8 for 4)",
    assumptions=r"$0 < \tau \le 1$; the expected number of close pairs is exact",
    instances=st.tuples(st.integers(2, 1000), st.floats(0.01, 1.0)) | st.just((40_000, 0.05)),
    check=_close_pairs,
    refutable=partial(_close_pairs, share=0.9),  # false: with 3.6 in place of 4
)

pspace = Remark(
    name="partial-observation-is-pspace-hard",
    statement=(
        "Planning for finitely many steps is P-complete if the state is seen, PSPACE-complete if it is seen in part,"
        " and NP-complete if nothing is seen."
    ),
    source="papadimitriou1987",
    reason=(
        "classes of problems know no instance. What is checked is what a single family proves:"
        " planning-query-lower-bound, and blind-policy-clique for policies without memory"
    ),
)

linear_lower = Remark(
    name="linear-features-do-not-suffice",
    statement=(
        r"Even if $q^*$ is linear in d features without error, a planner with local access needs a number of queries"
        r" that is exponential in $\min\{d, H\}$."
    ),
    source="weisz2021",
    reason=(
        "the construction holds for sizes beyond any run. What is checked is the exponential in the horizon without"
        " features, needle-search, and that in the dimension with an error, misspecified-needle"
    ),
)

pac = Remark(
    name="polynomial-learners",
    statement=(
        r"R-MAX and $E^3$ act nearly optimally but for a number of steps that is polynomial in $S, A, H, 1/\varepsilon$"
        r" and $\ln(1/\delta)$; phased Q-learning needs polynomially many samples of each pair."
    ),
    source="brafman2002; kearns2002; kearns1999",
    reason=(
        "orders whose constants no run comes near. With constants, and put to the test, are ucbvi-regret, ucb-q-regret"
        " and simulation-lemma, on which those proofs rest"
    ),
)

THEOREMS = (planning, reluctant, needle, misspecified, packing)

REMARKS = (pspace, linear_lower, pac)
