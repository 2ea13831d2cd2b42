r"""The lemma behind pessimism: what follows, without any probability, once penalties cover the errors.

They do by construction. A learner written anew is told its errors, and takes the smallest multipliers that cover them:
one for each factor, or one for the elliptical norm. The learner that attains the bound on the loss has seen too little
of the better of two actions, believes it to be as much worse as it is penalised, and takes the other.
"""

from __future__ import annotations

from functools import partial

import hypothesis.strategies as st
import numpy as np

from proofs_check.offline import oracles
from proofs_check.offline.instances import BALLS, PENALTIES, with_counts
from proofs_check.offline.oracles import Learned, Nature
from proofs_check.theorem import Check, Theorem
from rltheory import LinearMDP
from rltheory.offline import bounds
from rltheory.robust import TV, ChiSquare

Problem = tuple[LinearMDP, np.ndarray, float, Nature]


def _from_pairs(model: LinearMDP, seen: dict[tuple[int, int, int], float]) -> np.ndarray:
    """Return counts from how often a pair led to a state at a step."""
    counts = np.zeros((model.H, model.n_pairs, model.n_states))
    for place, number in seen.items():
        counts[place] = number
    return counts


def _two_actions(nature: Nature) -> Problem:
    """Choose between 1, seen nine times, and 0.8, seen always; a ridge of 1 takes a tenth off what is seen rarely."""
    phi = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    theta = np.array([[0.0, 0.0], [1.0, 0.8 + 1e-5]])
    model = LinearMDP(phi, np.eye(3)[1:], theta, H=2, mu=np.eye(3)[0], pair_start=np.array([0, 2, 3, 4]))
    return model, _from_pairs(model, {(0, 0, 1): 9, (0, 1, 2): 1e6}), 1.0, nature


def _moved_to_doubt() -> Problem:
    """Nature moves the first step to a state whose future nobody has seen; nominally one never gets there."""
    phi = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    factors = np.eye(4)[[1, 3, 0]]
    theta = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0], [0.0, 0.4, 0.0]])
    model = LinearMDP(phi, factors, theta, H=3, mu=np.eye(4)[0], pair_start=np.arange(5))
    return model, _from_pairs(model, {(0, 0, 1): 1e6}), 1.0, TV(lam=0.3)


def _lucky(nature: Nature) -> Problem:
    """A fair coin that has shown its good side ten times out of ten."""
    model = LinearMDP(np.eye(2)[:, None], np.full((2, 2), 0.5), np.array([1.0, 0.0]), H=2)
    return model, _from_pairs(model, {(0, 0, 0): 10, (0, 1, 0): 10}), 0.1, nature


def _learn(model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, pessimistic: bool = True) -> Learned:
    penalise = (oracles.just_enough if pessimistic else oracles.none)(model)
    return oracles.learn(model, counts, nature, ridge=ridge, penalise=penalise)


def _pevi(model: LinearMDP, counts: np.ndarray, ridge: float, *, pessimistic: bool = True) -> Learned:
    penalise = (oracles.just_enough_elliptical if pessimistic else oracles.none)(model)
    return oracles.learn(model, counts, None, ridge=ridge, penalise=penalise, learn_rewards=True)


def allowed_loss(doubt: np.ndarray) -> np.ndarray:
    """Return the bound on the loss from every state."""
    return np.array([bounds.suboptimality(float(x)) for x in doubt])


def _from_the_start(model: LinearMDP, lhs: np.ndarray, rhs: np.ndarray) -> Check:
    """Compare where episodes may begin; elsewhere both sides may be 0 for nothing."""
    return Check.everywhere(lhs[..., model.mu > 0], rhs[..., model.mu > 0])


def _believed(model: LinearMDP, learned: Learned, nature: Nature) -> Check:
    achieved, _ = oracles.values(model, oracles.against(nature), learned.policy)
    return _from_the_start(model, learned.value[:-1], achieved[:-1])


def _gap(model: LinearMDP, learned: Learned, nature: Nature, *, nominal: bool = False) -> Check:
    best, policy = oracles.values(model, oracles.against(nature))
    means = oracles.nominal if nominal else oracles.worst_against(nature, learned.value)
    doubt = oracles.expected_sum(model, policy, learned.penalty, means)
    return _from_the_start(model, best[0] - learned.value[0], allowed_loss(doubt))


def _loss(model: LinearMDP, learned: Learned, nature: Nature, *, factor: float = 1.0) -> Check:
    best, policy = oracles.values(model, oracles.against(nature))
    achieved, _ = oracles.values(model, oracles.against(nature), learned.policy)
    doubt = oracles.expected_sum(model, policy, learned.penalty, oracles.worst_against(nature, learned.value))
    return _from_the_start(model, best[0] - achieved[0], factor * allowed_loss(doubt))


def _pessimism(
    model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, pessimistic: bool = True
) -> Check:
    return _believed(model, _learn(model, counts, ridge, nature, pessimistic=pessimistic), nature)


_NATURES = PENALTIES | BALLS | st.none()
_LUCKY = st.sampled_from([TV(lam=1.0), ChiSquare(lam=4.0), TV(rho=0.05), None]).map(_lucky)

pessimism = Theorem(
    name="offline-pessimism",
    statement=(
        r"$\hat V_t \le V_t^{\hat\pi}$ if every estimate of a worst case is off by no more than its penalty: what a"
        r" pessimistic learner believes is what its policy achieves at least, against the same nature."
    ),
    source="liu2024, Lemma D.1; tang2025",
    assumptions=(
        r"simplex features and rewards in $[0, 1]$; $|\phi(s, a)^\top (\hat w_t - w_t(\hat V_{t+1}))| \le"
        r" \Gamma_t(s, a)$ everywhere, with a penalty for TV, KL or chi-square, a ball of TV, or no nature"
    ),
    instances=with_counts(_NATURES) | _LUCKY,
    check=_pessimism,
    refutable=partial(_pessimism, pessimistic=False),  # false: as if estimates could be trusted
    tight=lambda: _pessimism(*_two_actions(TV(lam=1.0))),
    tight_ratio=0.9999,
    attained_by="A choice between what was seen rarely and what was seen always",
)


def _value_gap(model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, nominal: bool = False) -> Check:
    return _gap(model, _learn(model, counts, ridge, nature), nature, nominal=nominal)


value_gap = Theorem(
    name="offline-value-gap",
    statement=(
        r"$V^*_0 - \hat V_0 \le 2 \sum_t E^{\pi^*, \hat P}[\Gamma_t]$, where $\hat P$ is what nature does against"
        r" $\hat V$: what is in doubt counts where nature leads, not where the nominal model does."
    ),
    source="liu2024, Lemma D.1; tang2025",
    assumptions="as for offline-pessimism",
    instances=with_counts(_NATURES) | st.just(_moved_to_doubt()),
    check=_value_gap,
    refutable=partial(_value_gap, nominal=True),  # false: as if nature stayed at home
    tight=lambda: _value_gap(*_two_actions(TV(rho=0.0))),
    tight_ratio=0.9999,
    attained_by="A choice between what was seen rarely and what was seen always",
)


def _policy_loss(model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, factor: float = 1.0) -> Check:
    return _loss(model, _learn(model, counts, ridge, nature), nature, factor=factor)


policy_loss = Theorem(
    name="offline-loss",
    statement=r"$V^*_0 - V^{\hat\pi}_0 \le 2 \sum_t E^{\pi^*, \hat P}[\Gamma_t]$, and the factor 2 is needed.",
    source="liu2024, Lemma D.1; tang2025",
    assumptions="as for offline-pessimism",
    instances=with_counts(_NATURES) | st.sampled_from([TV(lam=1.0), ChiSquare(lam=4.0), None]).map(_two_actions),
    check=_policy_loss,
    refutable=partial(_policy_loss, factor=0.5),  # false: as if estimates erred to one side only
    tight=lambda: _policy_loss(*_two_actions(TV(lam=1.0))),
    tight_ratio=0.9999,
    attained_by="A choice between what was seen rarely and what was seen always",
)


def _admissible(model: LinearMDP, counts: np.ndarray, ridge: float, nature: Nature, *, nominal: bool = False) -> Check:
    learned = _learn(model, counts, ridge, nature)
    best, policy = oracles.values(model, oracles.against(nature))
    means = oracles.nominal if nominal else oracles.admissible(nature, best)
    doubt = oracles.expected_sum(model, policy, learned.penalty, means)
    return _from_the_start(model, best[0] - learned.value[0], allowed_loss(doubt))


admissible = Theorem(
    name="offline-admissible-loss",
    statement=(
        r"$V^*_0 - \hat V_0 \le 2 \sup_{P \in U} \sum_t E^{\pi^*, P}[\Gamma_t]$, which knows nothing of $\hat V$:"
        r" factors of $U$ are within the ball, or within $R_t = \max V^*_{t+1} / \lambda$, all that nature can afford."
    ),
    source="tang2025; liu2024, Lemma D.1",
    assumptions="as for offline-pessimism",
    instances=with_counts(PENALTIES | BALLS) | st.just(_moved_to_doubt()),
    check=_admissible,
    refutable=partial(_admissible, nominal=True),  # false: as if nature could afford nothing
    tight=lambda: _admissible(*_two_actions(TV(lam=1.0))),
    tight_ratio=0.9999,
    attained_by="A choice between what was seen rarely and what was seen always",
)


def _pevi_believes(model: LinearMDP, counts: np.ndarray, ridge: float, *, pessimistic: bool = True) -> Check:
    return _believed(model, _pevi(model, counts, ridge, pessimistic=pessimistic), None)


def _pevi_loses(model: LinearMDP, counts: np.ndarray, ridge: float, *, factor: float = 1.0) -> Check:
    return _loss(model, _pevi(model, counts, ridge), None, factor=factor)


def _rewards_in_doubt() -> tuple[LinearMDP, np.ndarray, float]:
    """Choose between a reward of 1, seen nine times, and one of 0.8, seen always, whose penalty is next to nothing."""
    model = LinearMDP(np.eye(2)[None], np.ones((2, 1)), np.array([1.0, 0.8 + 1e-3]), H=1)
    return model, _from_pairs(model, {(0, 0, 0): 9, (0, 1, 0): 1e9}), 1.0


_COIN_ALONE, _SEEN, _RIDGE, _ = _lucky(None)

pevi_pessimism = Theorem(
    name="pevi-pessimism",
    statement=r"$\hat V_t \le V_t^{\hat\pi}$ for PEVI, which learns rewards too and knows of no nature.",
    source="jin2021",
    assumptions=r"$|\hat r + \hat P \hat V - r - P \hat V| \le \beta_t \|\phi\|_{\Lambda_t^{-1}}$ everywhere",
    instances=with_counts() | st.just((_COIN_ALONE, _SEEN, _RIDGE)),
    check=_pevi_believes,
    refutable=partial(_pevi_believes, pessimistic=False),  # false: as if estimates could be trusted
)

pevi_loss = Theorem(
    name="pevi-loss",
    statement=r"$V^*_0 - V^{\hat\pi}_0 \le 2 \sum_t E^{\pi^*}[\beta_t \|\phi\|_{\Lambda_t^{-1}}]$ for PEVI.",
    source="jin2021",
    assumptions="as for pevi-pessimism",
    instances=with_counts() | st.just(_rewards_in_doubt()),
    check=_pevi_loses,
    refutable=partial(_pevi_loses, factor=0.5),  # false: as if estimates erred to one side only
    tight=lambda: _pevi_loses(*_rewards_in_doubt()),
    tight_ratio=0.99,
    attained_by="A choice between a reward seen rarely and one seen always",
)


THEOREMS = (pessimism, value_gap, policy_loss, admissible, pevi_pessimism, pevi_loss)
"""In the order in which one would teach them."""
