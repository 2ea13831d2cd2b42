r"""The level of risk as a state: right for a fixed policy and for the value at risk, wrong for the best CVaR.

Optima are over all policies that remember their history, and are found by trying them all.
"""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

from mdps.hau import LEVELS as HAU_LEVELS
from mdps.hau import hau, hau_chow, hau_cvar
from proofs_check.distributional import risk_oracles as oracles
from proofs_check.distributional.risk_oracles import Law
from proofs_check.distributional.risk_strategies import LEVELS, small_laws, small_problems, step_policies
from proofs_check.theorem import Check, Theorem
from rltheory import OutcomeModel
from rltheory.distributional import DiscreteLaw
from rltheory.distributional.nested import nested_risk
from rltheory.distributional.risk_levels import chow_cvar, evaluate_cvar_by_levels, value_at_risk_by_levels

MIXTURES = st.lists(st.tuples(small_laws(), st.integers(1, 9)), min_size=2, max_size=3)


def _mixed(parts: list[tuple[Law, int]]) -> tuple[list[Law], np.ndarray, Law]:
    laws, prob = [law for law, _ in parts], np.array([w for _, w in parts], float)
    prob /= prob.sum()
    mixed: Law = {}
    for law, w in zip(laws, prob.tolist(), strict=True):
        for x, p in law.items():
            mixed[x] = mixed.get(x, 0.0) + w * p
    return laws, prob, mixed


def _split(parts: list[tuple[Law, int]], tau: float) -> Check:
    laws, prob, mixed = _mixed(parts)
    return Check.equal(oracles.split_of_levels(laws, prob, tau), oracles.cvar(mixed, tau))


def _kept(parts: list[tuple[Law, int]], tau: float) -> Check:
    laws, prob, mixed = _mixed(parts)
    return Check.equal(prob @ [oracles.cvar(law, tau) for law in laws], oracles.cvar(mixed, tau))


split = Theorem(
    name="cvar-split-of-levels",
    statement=(
        r"$\tau\,\mathrm{CVaR}_\tau(\sum_b p_b \nu_b) = \min \{\sum_b p_b y_b \mathrm{CVaR}_{y_b}(\nu_b) : "
        r"\sum_b p_b y_b = \tau,\ 0 \le y_b \le 1\}$."
    ),
    source="pflug2016",
    assumptions=r"$0 < \tau \le 1$; the right side is solved as a linear program",
    instances=st.tuples(MIXTURES, LEVELS),
    check=_split,
    refutable=_kept,  # false: every component keeps the level
)


def _evaluation(problem: tuple[OutcomeModel, int], policy: np.ndarray, tau: float) -> Check:
    model, H = problem
    law = oracles.policy_law(model, policy, H)
    return Check.equal(evaluate_cvar_by_levels(model, policy, tau, H=H).value, oracles.cvar(law, tau))


def _nested_evaluation(problem: tuple[OutcomeModel, int], policy: np.ndarray, tau: float) -> Check:
    model, H = problem
    taken = policy[0].argmax(axis=1)
    rows = model.pair_start[:-1] + taken
    chain = model.replace(
        prob=model.prob[rows],
        next_state=model.next_state[rows],
        reward=model.reward[rows],
        pair_start=np.arange(model.n_states + 1),
    )
    stationary = np.tile(np.eye(model.n_actions)[taken], (H, 1, 1))
    law = oracles.policy_law(model, stationary, H)
    return Check.equal(nested_risk(chain, _CVaR(tau), H=H).value[0], oracles.cvar(law, tau))


class _CVaR:
    """CVaR of the library's laws, by the oracle."""

    def __init__(self, tau: float) -> None:
        self.tau = tau

    def __call__(self, law: DiscreteLaw) -> float:
        return oracles.cvar(dict(zip(law.atoms.tolist(), law.prob.tolist(), strict=True)), self.tau)


evaluation = Theorem(
    name="cvar-evaluation-by-levels",
    statement=r"For a fixed policy the recursion over levels of risk gives the CVaR of its return at every level.",
    source="pflug2016",
    assumptions=r"finite horizon; a randomised policy that may depend on time",
    instances=small_problems().flatmap(lambda problem: st.tuples(st.just(problem), step_policies(*problem), LEVELS)),
    check=_evaluation,
    refutable=_nested_evaluation,  # false: nested CVaR is the CVaR of the return
)


def _best_cvar(model: OutcomeModel, H: int, tau: float) -> float:
    return oracles.best(oracles.achievable_laws(model, H), oracles.cvar, tau)


def _above(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    model, H = problem
    return Check(_best_cvar(model, H, tau), chow_cvar(model, tau, H=H).value)


def _exact(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    true = _above(problem, tau)
    return Check(true.rhs, true.lhs)


chow_above = Theorem(
    name="chow-over-estimates",
    statement=(
        r"The recursion of Chow et al. over levels of risk, with the maximum over actions inside the minimum over "
        r"levels, gives at least the best CVaR."
    ),
    source="chow2015 for the recursion; hau2023 for the inequality",
    assumptions=r"finite horizon. A minimum of maxima is at least a maximum of minima",
    instances=st.tuples(small_problems() | st.just((hau(), 2)), LEVELS),
    check=_above,
    refutable=_exact,  # false: it is exact, as was claimed
    tight=lambda: _above((hau(), 2), 1.0),
    tight_ratio=0.999999,
    attained_by="The model of Hau et al.",
)


def _hau(tau: float) -> Check:
    found = [_best_cvar(hau(), 2, tau), chow_cvar(hau(), tau, H=2).value]
    return Check.equal(found, [hau_cvar(tau).max(), hau_chow(tau)])


def _hau_without_gap(tau: float) -> Check:
    return Check.equal(chow_cvar(hau(), tau, H=2).value, _best_cvar(hau(), 2, tau))


chow_gap = Theorem(
    name="chow-gap-of-hau",
    statement=(
        r"On the model of Hau et al. the recursion of Chow et al. gives $200 - 50/\tau$ for $1/4 \le \tau \le 3/4$, "
        r"and the best CVaR is below: 50 instead of 100 at $\tau = 1/2$."
    ),
    source="hau2023; the closed forms derived here",
    assumptions=r"the model is `mdps.hau`, and $0 < \tau \le 1$",
    instances=st.sampled_from(HAU_LEVELS) | st.floats(0.01, 1.0),
    check=_hau,
    refutable=_hau_without_gap,  # false: there is no gap
)


def _two_stages(lottery: float, scale: float) -> OutcomeModel:
    """Half of the time 5, and otherwise 0 with probability ``lottery`` or 10."""
    return OutcomeModel.from_lists(
        [
            [[(0.5, 1, 0.0), (0.5, 2, 0.0)]],
            [[(lottery, 3, 0.0), (1 - lottery, 3, 10.0 * scale)]],
            [[(1.0, 3, 5.0 * scale)]],
            [[(1.0, 3, 0.0)]],
        ],
        gamma=1.0,
        mu=0,
    )


def _excess_of_nested(lottery: float, scale: float) -> float:
    model = _two_stages(lottery, scale)
    return float(nested_risk(model, _CVaR(0.5), H=2).value[0]) - _best_cvar(model, 2, 0.5)


def _no_order(scale: float) -> Check:
    return Check.equal([_excess_of_nested(0.25, scale), _excess_of_nested(0.5, scale)], [1.25 * scale, -2.5 * scale])


no_order = Theorem(
    name="nested-cvar-no-order",
    statement=r"Nested CVaR may be above the CVaR of the return, and it may be below.",
    source="derived here",
    assumptions=(
        r"$\tau = 1/2$; two steps: half of the time 5, else 0 with probability $1/4$ or 10 (nested 5, static 3.75), or "
        r"0 with probability $1/2$ or 10 (nested 0, static 2.5); any positive multiple"
    ),
    instances=st.floats(0.1, 10.0),
    check=_no_order,
    refutable=lambda scale: Check(_excess_of_nested(0.25, scale), 0.0),  # false: nested is the more cautious
)


def _coin_once() -> tuple[OutcomeModel, int]:
    """Return a fair coin, whose distribution function is flat at level 1/2."""
    return OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0), 1


def _value_at_risk(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.upper_quantile, tau)
    found = value_at_risk_by_levels(model, tau, H=H)
    return Check.equal([found.lower, found.upper], best)


def _lower_instead(problem: tuple[OutcomeModel, int], tau: float) -> Check:
    model, H = problem
    best = oracles.best(oracles.achievable_laws(model, H), oracles.lower_quantile, tau)
    return Check.equal(value_at_risk_by_levels(model, tau, H=H).value, best)


value_at_risk = Theorem(
    name="var-by-levels",
    statement=(
        r"$\max_\pi \mathrm{VaR}_\tau[G^\pi]$ is what the recursion over levels gives: $V_t(s, \alpha) = \max_a \sup \{"
        r"\min_b [r_b + \gamma V_{t+1}(s'_b, \zeta_b)] : \sum_b p_b \zeta_b \le \alpha\}$."
    ),
    source="hau2023",
    assumptions=r"finite horizon; VaR is the upper quantile, the largest $y$ with $P(G < y) \le \tau$",
    instances=st.tuples(small_problems() | st.builds(_coin_once), LEVELS),
    check=_value_at_risk,
    refutable=_lower_instead,  # false: the lower quantile
)

THEOREMS = (split, evaluation, chow_above, chow_gap, no_order, value_at_risk)
