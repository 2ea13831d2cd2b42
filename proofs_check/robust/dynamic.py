r"""Robust dynamic programming: rectangularity, shrinking ranges, penalties against balls, and what robustness costs.

The left sides come from a recursion in which the worst case of a row is a closed form or a dual function searched
(`dynamic_oracles`, `oracles`). The instance that attains most bounds has two states that nature alone can leave, of
which one pays 1 and the other nothing.
"""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

import mdps
from mdps.linear_strategies import linear_mdps
from mdps.strategies import discounted_mdps, paired, policies, value_vectors
from proofs_check.norms import span, sup
from proofs_check.robust import oracles
from proofs_check.robust.dynamic_oracles import (
    Inner,
    closed_form,
    robust_fixed_point,
    robust_operator,
    robust_values,
    with_closed_form,
)
from proofs_check.robust.instances import WEIGHTS
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP, LinearMDP
from rltheory.robust import TV, Divergence
from rltheory.robust.bounds import dynamic as bounds

_RADII = st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0])
_GAMMAS = (0.5, 0.8)


def _two_places(H: int) -> LinearMDP:
    """Two states that are never left: one pays 1, the other nothing."""
    return LinearMDP(np.eye(2)[:, None], factors=np.eye(2), theta=np.array([1.0, 0.0]), H=H)


def _two_places_discounted(gamma: float) -> MDP:
    return MDP.from_arrays(np.eye(2)[:, None], np.array([[1.0], [0.0]]), gamma=gamma)


def _nominal(p: np.ndarray, v: np.ndarray) -> float:
    return float(p @ v)


# A pair that mixes two factors: a radius of one half takes all from the row, and half from the factor that pays.
_MIXTURE = LinearMDP(np.array([[[0.5, 0.5]], [[0.0, 1.0]]]), factors=np.eye(2), theta=np.array([1.0, 0.0]), H=3)


def _order(model: LinearMDP, divergence: Divergence, *, reverse: bool = False) -> Check:
    inner = partial(closed_form, divergence)
    by_pairs, by_factors = robust_values(model.to_finite_horizon(), inner), robust_values(model, inner)
    nominal = robust_values(model, _nominal)
    if reverse:
        return Check.everywhere(by_factors, by_pairs)
    return Check.everywhere([by_pairs, by_factors], [by_factors, nominal])


rectangularity = Theorem(
    name="robust-rectangularity-order",
    statement=(
        r"With one weight or radius for all, $V^{(s,a)} \le V^{d} \le V$: moving every row on its own harms more than"
        r" moving the factors that rows share, and that more than nothing."
    ),
    source="derived here",
    assumptions=r"simplex features; divergences are jointly convex",
    instances=st.tuples(linear_mdps(max_states=3, max_horizon=3), with_closed_form())
    | st.just((_MIXTURE, TV(rho=0.5))),
    check=_order,
    refutable=partial(_order, reverse=True),  # false: as if factors were the finer choice
)


def _ball_span(model: LinearMDP, policy: np.ndarray, rho: float, wrong: float = 1.0) -> Check:
    inner = partial(closed_form, TV(rho=rho))
    values = [robust_values(model, inner), robust_values(model, inner, policy)]
    widths = [[span(v) for v in value] for value in values]
    return Check.everywhere(widths, [bounds.tv_ball_span(wrong * rho, model.H - t) for t in range(model.H + 1)])


tv_ball_span = Theorem(
    name="robust-tv-ball-span",
    statement=(
        r"With total variation balls the values of every policy, $n$ steps before the end, span at most"
        r" $(1 - (1 - \rho)^n) / \rho$: no horizon brings them further apart than $1 / \rho$."
    ),
    source="liu2024, Lemma 5.1",
    assumptions=r"rewards in $[0, 1]$; the balls are around factors or rows",
    instances=paired(linear_mdps(max_states=3), policies, lambda model: _RADII)
    | st.just((_two_places(5), np.array([0, 0]), 0.25)),
    check=_ball_span,
    refutable=partial(_ball_span, wrong=2.0),  # false: as if the distance had no factor 1/2
    tight=lambda: _ball_span(_two_places(5), np.array([0, 0]), 0.25),
    tight_ratio=0.999999,
    attained_by="Two states that are never left, one of which pays 1,",
)


def _penalty_span(model: LinearMDP, policy: np.ndarray, lam: float, wrong: float = 1.0) -> Check:
    inner = partial(closed_form, TV(lam=lam))
    values = [robust_values(model, inner), robust_values(model, inner, policy)]
    widths = [[span(v) for v in value] for value in values]
    return Check.everywhere(widths, [bounds.tv_penalty_span(wrong * lam, model.H - t) for t in range(model.H + 1)])


tv_penalty_span = Theorem(
    name="robust-tv-penalty-span",
    statement=(
        r"With total variation penalties the values of every policy span at most $s_n = 1 + \min(\lambda, s_{n-1})$,"
        r" $n$ steps before the end, and so at most $1 + \lambda$."
    ),
    source="derived here",
    assumptions=r"rewards in $[0, 1]$",
    instances=paired(linear_mdps(max_states=3), policies, lambda model: WEIGHTS)
    | st.just((_two_places(5), np.array([0, 0]), 0.5)),
    check=_penalty_span,
    refutable=partial(_penalty_span, wrong=0.5),  # false: as if the distance had another factor 1/2
    tight=lambda: _penalty_span(_two_places(5), np.array([0, 0]), 0.5),
    tight_ratio=0.999999,
    attained_by="Two states that are never left, one of which pays 1,",
)


def _tv_pair(lam: float, rho: float) -> tuple[Inner, Inner]:
    return partial(closed_form, TV(lam=lam)), partial(closed_form, TV(rho=rho))


def _chi_square_pair(lam: float, rho: float) -> tuple[Inner, Inner]:
    def penalised(p: np.ndarray, v: np.ndarray) -> float:
        return oracles.penalised(2.0, p, v, 2 * lam)

    def over_the_ball(p: np.ndarray, v: np.ndarray) -> float:
        return oracles.chi_square_ball(p[p > 0], v[p > 0], rho)

    return penalised, over_the_ball


def _lead(model: LinearMDP, chi_square: bool, lam: float, rho: float) -> Check:
    penalised, over_the_ball = (_chi_square_pair if chi_square else _tv_pair)(lam, rho)
    lead = robust_values(model, penalised) - robust_values(model, over_the_ball)
    allowed = [bounds.penalty_lead(lam, rho, model.H - t) for t in range(model.H + 1)]
    return Check.everywhere(lead.max(axis=1), allowed)


penalty_lead = Theorem(
    name="robust-penalty-lead",
    statement=(
        r"$V^\lambda_t - \lambda\rho\,(H - t - 1) \le V^\rho_t$ at every step before the end: what a radius saves"
        r" nature, a weight charges her at most that much more."
    ),
    source="derived here",
    assumptions=r"the same divergence in both; $t = 0, \dots, H - 1$",
    instances=st.tuples(linear_mdps(max_states=3, max_horizon=3), st.booleans(), WEIGHTS, _RADII)
    | st.just((_two_places(2), False, 1.0, 0.25)),
    check=_lead,
    refutable=scaled(_lead),
    tight=lambda: _lead(_two_places(2), False, 1.0, 0.25),
    tight_ratio=0.999999,
    attained_by="Two states that are never left, one of which pays 1,",
)


def _cost(model: LinearMDP, rho: float) -> Check:
    nominal, robust = robust_values(model, _nominal), robust_values(model, partial(closed_form, TV(rho=rho)))
    spans = [[span(v) for v in value] for value in (robust, nominal)]
    loss = (nominal - robust).max(axis=1)
    allowed = [[bounds.tv_ball_cost(rho, own[t + 1 :]) for t in range(model.H + 1)] for own in spans]
    return Check.everywhere(loss[None], allowed)


tv_ball_cost = Theorem(
    name="robust-tv-ball-cost",
    statement=(
        r"With total variation balls $V_t - V^\rho_t \le \rho \sum_{k > t} \mathrm{span}(V^\rho_k)$, and the same with"
        r" the spans of the nominal values."
    ),
    source="derived here",
    assumptions=r"the balls are around factors or rows",
    instances=st.tuples(linear_mdps(max_states=3), _RADII) | st.just((_two_places(4), 0.25)),
    check=_cost,
    refutable=scaled(_cost),
    tight=lambda: _cost(_two_places(4), 0.25),
    tight_ratio=0.999999,
    attained_by="Two states that are never left, one of which pays 1,",
)


def _cost_discounted(mdp: MDP, rho: float) -> Check:
    nominal, robust = robust_fixed_point(mdp, _nominal), robust_fixed_point(mdp, partial(closed_form, TV(rho=rho)))
    least = min(span(robust), span(nominal))
    return Check(sup(nominal - robust), bounds.tv_ball_cost_discounted(rho, least, mdp.gamma))


tv_ball_cost_discounted = Theorem(
    name="robust-tv-ball-cost-discounted",
    statement=(
        r"$\|v^* - v^\rho\| \le \frac{\gamma\rho}{1-\gamma} \min\{\mathrm{span}(v^\rho), \mathrm{span}(v^*)\}$ with"
        r" total variation balls of radius $\rho$ around the rows."
    ),
    source="derived here",
    assumptions=r"$0 \le \gamma < 1$",
    instances=st.tuples(discounted_mdps(max_states=3, gammas=_GAMMAS), _RADII)
    | st.just((_two_places_discounted(0.5), 0.25)),
    check=_cost_discounted,
    refutable=scaled(_cost_discounted),
    tight=lambda: _cost_discounted(_two_places_discounted(0.5), 0.25),
    tight_ratio=0.999999,
    attained_by="Two states that are never left, one of which pays 1,",
)


def _bracket(mdp: MDP, v: np.ndarray, divergence: Divergence, *, once: bool = False) -> Check:
    inner = partial(closed_form, divergence)
    fixed, backed_up = robust_fixed_point(mdp, inner), robust_operator(mdp, inner, v)
    lower, upper = bounds.robust_bracket(backed_up, v, mdp.gamma)
    if once:
        change = mdp.gamma * (backed_up - v)
        lower, upper = backed_up + change.min(), backed_up + change.max()
    return Check.everywhere([lower, fixed], [fixed, upper])


bracket = Theorem(
    name="robust-bracket",
    statement=(
        r"$T v + \frac{\gamma}{1-\gamma} \min (T v - v) \le v^* \le T v + \frac{\gamma}{1-\gamma} \max (T v - v)$ for"
        r" the robust operator too, with a penalty or over a ball."
    ),
    source="macqueen1966; derived here",
    assumptions=r"$v$ arbitrary",
    instances=paired(discounted_mdps(max_states=3, gammas=_GAMMAS), value_vectors, lambda mdp: with_closed_form())
    | st.just((_two_places_discounted(0.5), np.array([-8.0, -8.0]), TV(lam=1.0))),
    check=_bracket,
    refutable=partial(_bracket, once=True),  # false: one more sweep, where all that follow count
    tight=lambda: _bracket(mdps.single_state(gamma=0.5), np.array([3.0]), TV(rho=0.5)),
    tight_ratio=0.999999,
    attained_by="One state that loops with reward 1",
)


def _contraction(mdp: MDP, u: np.ndarray, v: np.ndarray, divergence: Divergence, *, factor: float = 1.0) -> Check:
    inner = partial(closed_form, divergence)
    moved = [robust_operator(mdp, inner, value) for value in (u, v)]
    nominal = robust_operator(mdp, _nominal, u)
    return Check.everywhere(
        [sup(moved[0] - moved[1]), *moved[0]], [factor * bounds.robust_contraction(mdp.gamma, sup(u - v)), *nominal]
    )


contraction = Theorem(
    name="robust-contraction",
    statement=(
        r"$\|T u - T v\| \le \gamma \|u - v\|$ for the robust operator, with a penalty or over a ball, and $T u$ is"
        r" nowhere above what the nominal operator gives."
    ),
    source="iyengar2005; nilim2005",
    assumptions=r"nature moves each row of a pair on its own; $u, v$ arbitrary. A minimum of means is nonexpansive",
    instances=paired(
        discounted_mdps(max_states=3, gammas=_GAMMAS), value_vectors, value_vectors, lambda mdp: with_closed_form()
    )
    | st.just((_two_places_discounted(0.5), np.array([1.0, 0.0]), np.zeros(2), TV(rho=0.25))),
    check=_contraction,
    refutable=lambda mdp, u, v, divergence: _contraction(mdp, u, u + 1.0, divergence, factor=0.9),
    tight=lambda: Check(
        sup(robust_operator(_two_places_discounted(0.5), partial(closed_form, TV(rho=0.5)), np.ones(2)) - [1.0, 0.0]),
        bounds.robust_contraction(0.5, 1.0),
    ),
    tight_ratio=0.999999,
    attained_by="A constant",
)


THEOREMS = (
    contraction,
    rectangularity,
    tv_ball_span,
    tv_penalty_span,
    penalty_lead,
    tv_ball_cost,
    tv_ball_cost_discounted,
    bracket,
)
"""In the order in which one would teach them."""
