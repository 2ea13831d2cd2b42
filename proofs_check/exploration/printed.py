r"""What is printed of exploration and false, and what is an order: the claims and remarks of the wing."""

from __future__ import annotations

import itertools

import numpy as np

from proofs_check.claims import Claim, Remark
from proofs_check.theorem import Check

# The true kernel and a learned one of a chain whose last step, in state 0, pays 1.
_TRUE = np.array([[0.0, 0.5, 0.5], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
_LEARNED = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_STEPS = 3


def _values(P: np.ndarray) -> list[np.ndarray]:
    """Return the values of all steps, the last one's first."""
    value = [np.array([1.0, 0.0, 0.0])]
    for _ in range(_STEPS - 1):
        value.append(P @ value[-1])
    return value


def _cut_on_the_way() -> Check:
    learned, true = _values(_LEARNED)[::-1], _values(_TRUE)[::-1]
    unsure = [np.abs((_LEARNED - _TRUE) @ after) for after in learned[1:]]
    expected = 0.0
    for path in itertools.product(range(3), repeat=_STEPS - 1):
        chance = np.prod([_TRUE[s, after] for s, after in itertools.pairwise(path)]) * (path[0] == 0)
        total = 0.0
        for u, s in zip(reversed(unsure), reversed(path), strict=True):
            total = min(1.0, u[s] + total)
        expected += float(chance) * total
    return Check(abs(learned[0][0] - true[0][0]), expected)


cut_on_the_way = Claim(
    name="truncation-along-trajectories",
    statement=(
        r"$|V^{\hat P}_0 - V^P_0| \le \mathbb{E}^P W_0$ for values in $[0, 1]$, with $W_t = \min\{1, |(\hat P - P)"
        r" V^{\hat P}_{t+1}|(s_t) + W_{t+1}\}$ cut along each trajectory."
    ),
    source="zhang2023, a lemma of the proof; corrected here",
    counterexample=_cut_on_the_way,
    instance=(
        "three steps in three states: half of the trajectories add up errors beyond 1, which the cut takes away, while"
        " the other half brings too few"
    ),
    lesson=(
        r"cut after the expectation, $\bar V_t = \min\{1, |(\hat P - P) V_{t+1}| + P \bar V_{t+1}\}$, as"
        " reward-free-certificate and loss-of-an-optimist do"
    ),
)


def _shrinking() -> Check:
    """The larger values come first: by the claim, their sum of mean and doubt is the larger one."""
    rows = np.array([[0.9, 0.1], [0.1, 0.9]]) / np.sqrt(2)
    theta, gram = np.sqrt(2) * np.array([0.5, 0.5]), np.array([[51.0, 49.0], [49.0, 51.0]])

    def planned(value: list[float]) -> float:
        features = rows @ value
        return float(features @ theta + 4 * np.sqrt(features @ np.linalg.solve(gram, features)))

    return Check(planned([0.6, 0.0]), planned([0.6, 0.6]))


shrinking = Claim(
    name="optimistic-plans-only-shrink",
    statement=(
        r"What an optimist plans, $\langle\phi_V, \theta\rangle + \beta \|\phi_V\|_{\Sigma^{-1}}$, grows with V, so"
        r" that"
        r" plans on more and more data only shrink."
    ),
    source="zhang2023, a lemma of the proof; corrected here",
    counterexample=_shrinking,
    instance="two kernels that mirror each other: values that are equal everywhere leave nothing to doubt",
    lesson="keep the least plan of all episodes, which needs no monotonicity: uncertainty-is-not-monotone",
)

long_run_regret = Remark(
    name="regret-of-ucrl2",
    statement=(
        r"The regret of UCRL2 in T steps is at most $34 D S \sqrt{A T \ln(T/\delta)}$ with probability $1 - \delta$,"
        r" and"
        r" some communicating model costs every learner $0.015 \sqrt{D S A T}$."
    ),
    source="jaksch2010, theorems 2 and 5",
    reason=(
        "the bound exceeds T, the most that one can lose, until T is near 600 000 for two states, two actions and a"
        " diameter of 2, so that no affordable run could refute it: the learner's tests state its optimism, which the"
        " bound rests on. bias-diameter is checked, by which the diameter comes in"
    ),
)

CLAIMS = (cut_on_the_way, shrinking)

REMARKS = (long_run_regret,)
