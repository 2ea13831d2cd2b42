r"""What a learner loses that may ask: its errors where it goes itself, times what an error costs."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np

import mdps
from proofs_check.claims import Claim, Remark
from proofs_check.imitation.instances import apprenticeships, dense, earned, errors, tables
from proofs_check.theorem import Check, Theorem, scaled
from rltheory import FiniteHorizonMDP
from rltheory.imitation import bounds, dagger


def _recoverability(model: FiniteHorizonMDP, expert: np.ndarray) -> np.ndarray:
    """Return the most that an action costs which is not the expert's best, with values from each state on."""
    P, r = dense(model)
    value, found = np.zeros(model.n_states), []
    for t in reversed(range(model.H)):
        q = r[t] + np.einsum("sax,x->sa", P[t], value)
        spread = [q[s, expert[t, s] > 0].max() - q[s].min() for s in range(model.n_states)]
        found.append(max(spread))
        value = (expert[t] * q).sum(axis=1)
    return np.array(found[::-1])


def _interaction(model: FiniteHorizonMDP, expert: np.ndarray, learner: np.ndarray) -> Check:
    own = errors(model, expert, learner, visitor=learner)
    gap = earned(model, expert) - earned(model, learner)
    return Check(gap, bounds.interaction_gap(own, _recoverability(model, expert)))


interaction_gap = Theorem(
    name="imitation-interaction-gap",
    statement=(
        r"$J(\pi^e) - J(\pi) \le \sum_t u_t\, \epsilon_t \le u H \epsilon$ with $\epsilon_t = \mathbb{E}_{s \sim"
        r" d^\pi_t} TV(\pi^e_t(\cdot|s), \pi_t(\cdot|s))$ where the *learner* goes, and $u_t = \max_s \{\max_{a \in"
        r" \pi^e_t(s)} q^e_t(s,a) - \min_a q^e_t(s,a)\}$."
    ),
    source="ross2011, theorem 2.2; kakade2002, Lemma 6.1",
    assumptions=r"H steps; any rewards, expert and learner",
    instances=apprenticeships() | st.just(tables(*mdps.gentle_path(3, 0.1))),
    check=_interaction,
    refutable=scaled(_interaction),
    tight=lambda: _interaction(*tables(*mdps.gentle_path(10, 0.1))),
    tight_ratio=0.999,
    attained_by="A path to which one returns after each error",
)


def _hedge(model: FiniteHorizonMDP, expert: np.ndarray, _learner: np.ndarray, rounds: int, step: float) -> Check:
    run = dagger(model, expert, rounds=rounds, step=step)
    total = sum(errors(model, expert, policy, visitor=policy).sum() for policy in run.policies)
    return Check(total, bounds.hedge_disagreements(model.H * model.n_states, model.n_actions, step))


def _patience(rounds: int, step: float) -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, int, float]:
    """One step from one state with two actions, learnt slowly."""
    model = FiniteHorizonMDP(np.ones((1, 2, 1)), np.array([[1.0, 0.0]]), 1)
    return *tables(model, np.zeros(1, dtype=int), np.full((1, 2), 0.5)), rounds, step


def _runs() -> st.SearchStrategy[tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, int, float]]:
    rounds, steps = st.integers(1, 8), st.sampled_from([1.0, 0.3, 5.0])
    worlds = apprenticeships(max_steps=2, certain=True)
    return st.builds(lambda world, n, step: (*world, n, step), worlds, rounds, steps)


hedge = Theorem(
    name="imitation-hedge",
    statement=(
        r"DAgger with exponential weights errs at most $S H \ln A / (1 - e^{-\eta})$ times in all rounds and steps"
        r" together, so that its mixture's mean error is of the order of one over the number of rounds."
    ),
    source="freund1997, theorem 2; ross2011",
    assumptions="a deterministic expert, a learner that sees the state, exact visits",
    instances=_runs() | st.just(_patience(60, 0.1)),
    check=_hedge,
    refutable=scaled(_hedge),
    tight=lambda: _hedge(*_patience(200, 0.05)),
    tight_ratio=0.99,
    attained_by="One state, and small steps,",
)


def _certified(model: FiniteHorizonMDP, expert: np.ndarray, _learner: np.ndarray, rounds: int, step: float) -> Check:
    """The mixture, drawn before the episode begins and kept."""
    run = dagger(model, expert, rounds=rounds, step=step)
    own = np.mean([errors(model, expert, policy, visitor=policy) for policy in run.policies], axis=0)
    gap = np.mean([earned(model, expert) - earned(model, policy) for policy in run.policies])
    return Check(float(gap), bounds.interaction_gap(own, _recoverability(model, expert)))


def _gentle_run() -> tuple[FiniteHorizonMDP, np.ndarray, np.ndarray, int, float]:
    return *tables(*mdps.gentle_path(3, 0.1)), 5, 0.5


mixture = Theorem(
    name="imitation-dagger-mixture",
    statement=(
        r"The mixture of the policies of DAgger loses at most $\sum_t u_t \frac1n \sum_k \epsilon_{k,t}$: the errors"
        r" that were seen in its n rounds certify it."
    ),
    source="ross2011",
    assumptions="as for imitation-interaction-gap; the mixture draws a policy and keeps it",
    instances=_runs() | st.just(_gentle_run()),
    check=_certified,
    refutable=scaled(_certified),
    tight=lambda: _certified(*_gentle_run()),
    tight_ratio=0.999,
    attained_by="A path to which one returns after each error",
)


def _rounds_lose() -> Check:
    """The learner cannot tell two states apart: right more often in the first, where little is at stake."""
    P = np.eye(2)[:, None].repeat(2, axis=1)
    model = FiniteHorizonMDP.from_arrays(P, [[0.1, 0.0], [0.0, 1.0]], 1, mu=[0.6, 0.4])
    run = dagger(model, np.array([0, 1]), rounds=20, step=5.0, groups=[0, 0])
    return Check(run.gaps[-1], run.gaps[0])


rounds_help = Claim(
    name="dagger-improves-on-its-first-guess",
    statement="Every answer of the expert helps: later policies of DAgger lose no more than earlier ones.",
    source="ross2011",
    counterexample=_rounds_lose,
    instance="two states that look alike, the more frequent one with less at stake: the learner settles for it",
    lesson="errors are counted and not weighed; the promise is that of imitation-dagger-mixture, at the largest price",
)

rates = Remark(
    name="dagger-rates",
    statement=(
        r"With strongly convex losses the best of n rounds is within $\tilde O(u H / n)$ of $u H \epsilon_n$, where"
        r" $\epsilon_n$ is the error of the best policy in hindsight; with m episodes a round $O(1/\sqrt{m n})$"
        r" is added."
    ),
    source="ross2011, theorems 3.2 and 3.4",
    reason=(
        "orders without constants, for a learner that may be any. For exponential weights imitation-hedge has the"
        " constants, and imitation-dagger-mixture certifies any run"
    ),
)

THEOREMS = (interaction_gap, hedge, mixture)

CLAIMS = (rounds_help,)

REMARKS = (rates,)
