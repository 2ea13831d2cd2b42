r"""Shaping by a potential: what it changes, what it does not, and that nothing else is as harmless."""

from __future__ import annotations

from functools import partial

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import DrawFn

import mdps
from mdps.strategies import discounted_mdps, paired, stochastic_policies, value_vectors
from proofs_check import oracles
from proofs_check.claims import Claim
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import MDP
from rltheory.planning import shaped, with_bonus
from rltheory.planning.bounds import misled_loss


def _values(mdp: MDP, policy: np.ndarray, phi: np.ndarray, *, taken_back: float = 1.0) -> Check:
    """The values, and what actions are worth."""
    easy = shaped(mdp, phi)
    v, moved = (oracles.exact_policy_value(model, policy) for model in (mdp, easy))
    q, moved_q = (oracles.action_values(model, value) for model, value in ((mdp, v), (easy, moved)))
    left = np.concatenate([moved, moved_q])
    return Check.equal(left, np.concatenate([v, q]) - taken_back * np.concatenate([phi, phi[mdp.pair_state]]))


_LOAN = (mdps.single_state(gamma=0.5), np.ones((1, 1)), np.ones(1))

shaping_values = Theorem(
    name="shaping-shifts-values",
    statement=(
        r"With rewards $r + \gamma P \Phi - \Phi$ the value of *every* policy is $v^\pi - \Phi$, and $q^\pi(s,a) -"
        r" \Phi(s)$ its action values: the same actions are greedy, and the same policies optimal."
    ),
    source="ng1999, Theorem 1",
    assumptions=r"$\Phi$ any function of the state",
    instances=paired(discounted_mdps(), stochastic_policies, value_vectors) | st.just(_LOAN),
    check=_values,
    refutable=partial(_values, taken_back=0.9),
)

Experience = tuple[MDP, np.ndarray, list[tuple[int, int, float]]]
"""A model, a potential, and pairs with the state that followed and the step size."""


@st.composite
def _experiences(draw: DrawFn) -> Experience:
    mdp = draw(discounted_mdps(max_states=4))
    phi = draw(value_vectors(mdp))
    step = st.tuples(
        st.integers(0, mdp.n_pairs - 1), st.integers(0, mdp.n_states - 1), st.sampled_from([0.5, 0.1, 1.0])
    )
    return mdp, phi, draw(st.lists(step, max_size=20))


def _learned(mdp: MDP, q: np.ndarray, experience: list[tuple[int, int, float]], bonus: np.ndarray) -> np.ndarray:
    """Learn from transitions, each paid the bonus of its pair and next state."""
    q = q.copy()
    for row, after, size in experience:
        target = mdp.r[row] + bonus[row, after] + mdp.gamma * q[mdp.pair_start[after] : mdp.pair_start[after + 1]].max()
        q[row] += size * (target - q[row])
    return q


def _initialised(
    mdp: MDP, phi: np.ndarray, experience: list[tuple[int, int, float]], *, gamma: float | None = None
) -> Check:
    bonus = (mdp.gamma if gamma is None else gamma) * phi - phi[mdp.pair_state][:, None]
    start = np.zeros(mdp.n_pairs)
    with_shaping = _learned(mdp, start, experience, bonus)
    with_start = _learned(mdp, start + phi[mdp.pair_state], experience, np.zeros_like(bonus))
    return Check.equal(with_shaping, with_start - phi[mdp.pair_state])


initialisation = Theorem(
    name="shaping-is-initialisation",
    statement=(
        r"Q-learning with shaping from $q_0$ and Q-learning without it from $q_0 + \Phi$ differ by $\Phi(s)$ after the"
        r" same transitions, whatever they are: they act alike."
    ),
    source="wiewiora2003",
    assumptions="any transitions and step sizes; actions chosen by advantages, such as greedily or by a softmax",
    instances=_experiences() | st.just((mdps.single_state(gamma=0.5), np.ones(1), [(0, 0, 1.0)])),
    check=_initialised,
    refutable=partial(_initialised, gamma=1.0),  # false: with a bonus that forgets the discount
)

Bonus = tuple[np.ndarray, float]


@st.composite
def _bonuses(draw: DrawFn) -> Bonus:
    """Draw bonuses, often of a potential with one transition off; and one that is off, whatever was drawn."""
    S, A, gamma = draw(st.integers(1, 3)), draw(st.integers(2, 3)), draw(st.sampled_from([0.5, 0.9]))
    noise = hnp.arrays(np.int64, (S, A, S), elements=st.integers(-2, 2), fill=st.nothing())
    phi = draw(hnp.arrays(np.int64, S, elements=st.integers(-3, 3), fill=st.nothing()))
    F = gamma * phi - phi[:, None, None] + (draw(noise) if draw(st.booleans()) else np.zeros((S, A, S)))
    s, a, after = draw(st.integers(0, S - 1)), draw(st.integers(0, A - 1)), draw(st.integers(0, S - 1))
    F[s, a, after] += 5.0
    if draw(st.booleans()):
        F[:, :] = F[:, :1]  # the same for all actions
    return F, gamma


def _is_misleading(drawn: Bonus) -> bool:
    F, gamma = drawn
    phi = -np.diagonal(F[:, 0]) / (1 - gamma)
    return bool(np.abs(F - gamma * phi + phi[:, None, None]).max() > 1e-6)


def _misled(F: np.ndarray, gamma: float) -> Check:
    """The best policy with the bonus, and what it loses without."""
    mdp, state, violation = mdps.misleading_bonus(F, gamma)
    best = oracles.greedy(with_bonus(mdp, F), oracles.brute_force_value(with_bonus(mdp, F)))
    lost = oracles.brute_force_value(mdp)[state] - oracles.exact_policy_value(mdp, best)[state]
    return Check(misled_loss(violation), lost)


def _one_visit() -> Bonus:
    F = np.zeros((2, 2, 2))
    F[0, 1, 1] = 1.0
    return F, 0.5


necessity = Theorem(
    name="shaping-needs-a-potential",
    statement=(
        r"If a bonus $F(s, a, s')$ is off by $\Delta = F(s,a,s') - \gamma \Phi(s') + \Phi(s) \ne 0$ from the only"
        r" potential that it can have, there is a model in which the best policy with the bonus loses $|\Delta| / 2$"
        r" or more without."
    ),
    source="ng1999, Theorem 1; the loss derived here",
    assumptions=r"$0 < \gamma < 1$, two actions or more; $\Phi(s) = -F(s, 0, s) / (1 - \gamma)$",
    instances=_bonuses().filter(_is_misleading) | st.just(_one_visit()),
    check=_misled,
    refutable=scaled(_misled),  # false: a tenth more
    tight=lambda: _misled(*_one_visit()),
    tight_ratio=0.999,
    attained_by="A bonus for one transition, never taken back,",
)


def _progress_is_paid() -> Check:
    """A bicycle that is paid for every step towards its goal, and nothing for those away from it, rides in circles."""
    towards = np.zeros((3, 2, 3))
    towards[[0, 1], :, [1, 2]] = 1.0
    P = np.array([[[0.0, 1, 0], [1, 0, 0]], [[0, 0, 1.0], [1, 0, 0]], [[0, 0, 1.0], [0, 0, 1]]])
    ride = MDP.from_arrays(P, [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]], gamma=0.95, mu=0)
    paid = with_bonus(ride, towards)
    best = oracles.greedy(paid, oracles.brute_force_value(paid))
    return Check(oracles.brute_force_value(ride)[0], oracles.exact_policy_value(ride, best)[0])


progress = Claim(
    name="paying-for-progress-is-harmless",
    statement="To pay a little for every step towards the goal speeds learning up, and does not change what is best.",
    source="ng1999",
    counterexample=_progress_is_paid,
    instance="a road of two steps and a way back: the best policy for the pay goes to and fro, and never arrives",
    lesson="take as much back on the way back: shaping-shifts-values. Nothing else will do: shaping-needs-a-potential",
)

THEOREMS = (shaping_values, initialisation, necessity)

CLAIMS = (progress,)
