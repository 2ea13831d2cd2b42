"""States that are treated alike: bisimulation, abstract models, and models that are near in the cost of transport."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn, SearchStrategy

import mdps
from mdps.strategies import GAMMAS, discounted_mdps, laws, paired, unit_reward_mdps
from proofs_check import oracles
from proofs_check.approximation.aggregates import (
    abstract_model,
    group_laws,
    transport,
    transport_on_line,
    widest_group,
)
from proofs_check.approximation.averagers import groupings
from proofs_check.norms import span, sup
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import bounds

DISCOUNTS = st.sampled_from(GAMMAS)
ERRORS = st.sampled_from([0.1, 0.5])


def _finer(mdp: MDP, d: np.ndarray) -> np.ndarray:
    """Return F d, the largest difference of any action between two states, for a pseudometric d."""
    first, second = np.triu_indices(mdp.n_states, 1)
    rows = np.arange(mdp.n_pairs).reshape(mdp.n_states, -1)
    one, other = rows[first].ravel(), rows[second].ravel()
    P = mdp.P.toarray()
    gaps = bounds.bisimulation_gap(mdp.gamma, np.abs(mdp.r[one] - mdp.r[other]), transport(P[one], P[other], d))
    finer = np.zeros_like(d)
    finer[first, second] = finer[second, first] = np.reshape(gaps, (first.size, -1)).max(axis=1)
    return finer


def _bisimulation(mdp: MDP, rounds: int) -> Check:
    n = mdp.n_states
    d = span(mdp.r) / (1 - mdp.gamma) * (1 - np.eye(n))  # F d <= d, and so on from there down to the metric
    for _ in range(rounds):
        d = np.minimum(d, _finer(mdp, d))
    optimum, different = oracles.lp_value(mdp), np.triu_indices(n, 1)
    return Check.everywhere(np.abs(optimum[:, None] - optimum)[different], d[different])


def _two_loops(gamma: float) -> tuple[MDP, int]:
    return MDP.from_pairs(np.eye(2), [0.0, 1.0], gamma, n_actions=1), 1


bisimulation_metric = Theorem(
    name="bisimulation-metric",
    statement=(
        r"$|v^*(s) - v^*(t)| \le d(s,t)$ for the bisimulation metric, the least $d = F d$, where $F d(s,t) = \max_a "
        r"\big( |r(s,a) - r(t,a)| + \gamma W_d(P_{sa}, P_{ta}) \big)$, and for every $d \ge F d$."
    ),
    source="ferns2004",
    assumptions=(
        r"$W_d$ is the least cost of transport, by linear programs; tested for $F^k d_0$ with the $d_0 \ge F d_0$ that "
        r"is $H\, \mathrm{sp}(r)$ between any two states"
    ),
    instances=st.tuples(
        # HiGHS reads coefficients below 1e-9 as zero, which would be another model.
        discounted_mdps(max_states=3, max_actions=2, gammas=GAMMAS[:3], ragged=False).filter(
            lambda mdp: mdp.n_states > 1 and mdp.P.data.min() > 1e-6
        ),
        st.integers(1, 6),
    )
    | st.builds(_two_loops, DISCOUNTS),
    check=_bisimulation,
    refutable=scaled(_bisimulation),
    tight=lambda: _bisimulation(*_two_loops(0.9)),
    tight_ratio=0.999999,
    attained_by="Two states that loop with rewards 0 and 1",
)


def _abstraction(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> tuple[MDP, float, float]:
    """The abstract model, and how far the rewards and the laws of the next group are from it."""
    model = abstract_model(mdp, groups, weights)
    of_pair = (groups[:, None] * mdp.n_actions + np.arange(mdp.n_actions)).ravel()
    kernel_error = float(np.abs(group_laws(mdp, groups) - model.P.toarray()[of_pair]).sum(axis=1).max())
    return model, sup(mdp.r - model.r[of_pair]), kernel_error


def _abstraction_error(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> Check:
    model, reward_error, kernel_error = _abstraction(mdp, groups, weights)
    q, abstract_q = (oracles.action_values(one, oracles.lp_value(one)) for one in (mdp, model))
    difference = q.reshape(mdp.n_states, -1) - abstract_q.reshape(model.n_states, -1)[groups]
    return Check(sup(difference), bounds.abstraction_error(mdp.gamma, reward_error, kernel_error))


def _abstract_policy_loss(mdp: MDP, groups: np.ndarray, model: MDP) -> float:
    policy = oracles.greedy(model, oracles.lp_value(model))[groups]
    return sup(oracles.lp_value(mdp) - oracles.exact_policy_value(mdp, policy))


def _abstraction_loss(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> Check:
    model, reward_error, kernel_error = _abstraction(mdp, groups, weights)
    promised = bounds.abstraction_loss(mdp.gamma, reward_error, kernel_error)
    return Check(_abstract_policy_loss(mdp, groups, model), promised)


def grouped(models: SearchStrategy[MDP]) -> SearchStrategy[tuple[MDP, np.ndarray, np.ndarray]]:
    """Draw a model and a grouping of its states."""
    return paired(models, groupings).map(lambda drawn: (drawn[0], *drawn[1]))


GROUPED = grouped(unit_reward_mdps(max_states=4, max_actions=2, ragged=False))
REWARD_TRAPS = st.builds(mdps.abstraction_trap, DISCOUNTS, ERRORS)
LEAKS = st.builds(mdps.abstraction_leak, DISCOUNTS, st.sampled_from([1e-5, 1e-3, 0.1]))

abstraction_error = Theorem(
    name="abstraction-error",
    statement=(
        r"$\|q^* - q^*_\phi \circ \phi\| \le H \varepsilon_r + \frac{1}{2} \gamma H^2 \varepsilon_P$ for the model "
        r"that averages groups of states: $\varepsilon_r$ is its largest error of a reward, $\varepsilon_P$ the "
        r"largest $L_1$ distance of the law of the next group."
    ),
    source="derived here; jiang2018",
    assumptions=r"rewards in $[0, 1]$, any weights within the groups. As the simulation lemma",
    instances=GROUPED | LEAKS | REWARD_TRAPS,
    check=_abstraction_error,
    refutable=scaled(_abstraction_error),
    tight=lambda: _abstraction_error(*mdps.abstraction_leak(gamma=0.9, leak=1e-6)),
    tight_ratio=0.9999,
    attained_by="`mdps.abstraction_leak`, a state that earns 1 for ever and stands for one with a small leak,",
)

abstraction_loss = Theorem(
    name="abstraction-loss",
    statement=(
        r"$\|v^* - v^{\pi_\phi}\| \le 2 H \varepsilon_r + \gamma H^2 \varepsilon_P$ for the policy that is optimal in "
        r"the model that averages groups of states: twice abstraction-error, not H times as much."
    ),
    source="derived here; jiang2018",
    assumptions=(
        r"rewards in $[0, 1]$, any weights within the groups. From abstraction-error for $q^*$ and for $q^{\pi_\phi}$"
    ),
    instances=GROUPED | REWARD_TRAPS,
    check=_abstraction_loss,
    refutable=scaled(_abstraction_loss),
    tight=lambda: _abstraction_loss(*mdps.abstraction_trap(gamma=0.9, error=0.1)),
    tight_ratio=0.999999,
    attained_by="`mdps.abstraction_trap`, two states taken for one, with rewards off by as much as is allowed,",
)


@st.composite
def _copies(draw: DrawFn) -> tuple[MDP, MDP]:
    """Draw a model, and one in which each state has two copies that divide what arrives in their own ways."""
    mdp = draw(discounted_mdps(max_states=3, max_actions=2, ragged=False))
    n, n_actions = mdp.n_states, mdp.n_actions
    shares = draw(laws(2 * n * n_actions * n, 2)).reshape(2, n, n_actions, n, 2)
    P = mdp.P.toarray().reshape(n, n_actions, n)[None, ..., None] * shares
    rows = P.transpose(1, 0, 2, 3, 4).reshape(2 * n * n_actions, 2 * n)
    rewards = np.repeat(mdp.r.reshape(n, 1, n_actions), 2, axis=1).ravel()
    return mdp, MDP.from_pairs(rows, rewards, mdp.gamma, n_actions=n_actions)


def _exact(mdp: MDP, copied: MDP) -> Check:
    return Check.equal(oracles.lp_value(copied), np.repeat(oracles.lp_value(mdp), 2))


def _exact_by_rewards(mdp: MDP, copied: MDP) -> Check:
    """False variant: it is enough that the rewards agree, whatever the laws of the next group."""
    P = copied.P.toarray()
    P[0] = np.eye(copied.n_states)[-1]
    other = MDP.from_pairs(P, copied.r, copied.gamma, pair_start=copied.pair_start)
    return _exact(mdp, other)


bisimulation_exact = Theorem(
    name="bisimulation-exact",
    statement=(
        r"$v^* = v^*_\phi \circ \phi$ if $\varepsilon_r = \varepsilon_P = 0$ in abstraction-error: bisimilar states "
        r"are worth the same."
    ),
    source="givan2003",
    assumptions=r"tested on models each state of which has two copies that divide what arrives in their own ways",
    instances=_copies(),
    check=_exact,
    refutable=_exact_by_rewards,
)


def _q_abstraction(mdp: MDP, groups: np.ndarray, weights: np.ndarray) -> Check:
    q = oracles.action_values(mdp, oracles.lp_value(mdp)).reshape(mdp.n_states, -1)
    loss = _abstract_policy_loss(mdp, groups, abstract_model(mdp, groups, weights))
    return Check(loss, bounds.q_abstraction_loss(mdp.gamma, widest_group(q, groups)))


q_abstraction = Theorem(
    name="q-abstraction-loss",
    statement=(
        r"$\|v^* - v^{\pi_\phi}\| \le 2 H^2 \varepsilon$ if $|q^*(s,a) - q^*(t,a)| \le \varepsilon$ for states of the "
        r"same group, and $\pi_\phi$ is optimal in the model that averages groups."
    ),
    source="abel2016",
    assumptions=(
        r"any weights within the groups. Derived again here: the model's value is the fixed point of an averager of "
        r"action values, off by $H \varepsilon$ at most; then greedy-loss-q"
    ),
    instances=grouped(discounted_mdps(max_states=4, max_actions=2, ragged=False))
    | st.builds(mdps.q_abstraction_trap, DISCOUNTS, ERRORS),
    check=_q_abstraction,
    refutable=scaled(_q_abstraction),
    tight=lambda: _q_abstraction(*mdps.q_abstraction_trap(gamma=0.9)),
    tight_ratio=0.999999,
    attained_by="`mdps.q_abstraction_trap`, groups whose abstract model is as bad as can be,",
)


def _lipschitz(mdp: MDP, model: MDP, positions: np.ndarray) -> Check:
    value, other = oracles.lp_value(mdp), oracles.lp_value(model)
    order = np.argsort(positions)
    slopes = np.abs(np.diff(other[order]) / np.diff(positions[order]))
    moved = transport_on_line(mdp.P.toarray(), model.P.toarray(), positions)
    promised = bounds.lipschitz_model_error(
        mdp.gamma, sup(mdp.r - model.r), float(slopes.max(initial=0.0)), float(moved.max())
    )
    return Check(sup(value - other), promised)


@st.composite
def _on_a_line(draw: DrawFn) -> tuple[MDP, MDP, np.ndarray]:
    """Draw two models with the same states, which are points on a line."""
    mdp = draw(discounted_mdps(max_states=4, max_actions=2))
    rows, share = draw(laws(mdp.n_pairs, mdp.n_states)), draw(st.sampled_from([0.01, 0.1, 1.0]))
    rewards = mdp.r + np.array(draw(st.lists(st.floats(-0.1, 0.1), min_size=mdp.n_pairs, max_size=mdp.n_pairs)))
    P = (1 - share) * mdp.P.toarray() + share * rows
    model = MDP.from_pairs(P, rewards, mdp.gamma, pair_start=mdp.pair_start)
    points = draw(st.lists(st.integers(0, 20), min_size=mdp.n_states, max_size=mdp.n_states, unique=True))
    return mdp, model, np.array(points, dtype=float)


def _leaking(gamma: float, leak: float) -> tuple[MDP, MDP, np.ndarray]:
    return *mdps.leaky_reward(gamma, leak), np.array([0.0, 1.0])


lipschitz_model = Theorem(
    name="lipschitz-model-error",
    statement=(
        r"$\|v^* - \hat v^*\| \le H (\varepsilon_r + \gamma L W)$, where $L$ is the Lipschitz constant of $\hat v^*$ "
        r"and $W$ the largest cost of transport between $P_{sa}$ and $\hat P_{sa}$."
    ),
    source="asadi2018",
    assumptions=r"states are points of a metric space; tested on a line, where the cost is the area between two laws",
    instances=_on_a_line() | st.builds(_leaking, DISCOUNTS, st.sampled_from([0.01, 0.1, 1.0])),
    check=_lipschitz,
    refutable=scaled(_lipschitz),
    tight=lambda: _lipschitz(*_leaking(gamma=0.9, leak=0.1)),
    tight_ratio=0.999999,
    attained_by="`mdps.leaky_reward`, reward 1 for ever against the same with a leak into nothing,",
)

THEOREMS = (
    bisimulation_metric,
    bisimulation_exact,
    abstraction_error,
    abstraction_loss,
    q_abstraction,
    lipschitz_model,
)
