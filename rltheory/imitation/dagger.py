r"""DAgger: act, ask the expert what he would have done, learn from all answers so far, and act again.

In round k the policy :math:`\pi_k` acts, and the expert names his actions in the states that *it* visits. The next
policy imitates all answers together: it follows the leader, with frequencies as in behaviour cloning, or it plays
exponential weights in each state,

.. math:: \pi_{k+1,t}(a|s) \propto \exp\Big( -\eta \sum_{i \le k} d^{\pi_i}_t(s)\, (1 - \pi^e_t(a|s)) \Big) .

The answer is the mixture: draw one of the policies, and keep it. What it loses is the mean of the gaps, at most
:math:`\frac1n \sum_k \sum_t u_t \epsilon_{k,t}` (`bounds.interaction_gap`), and the errors :math:`\epsilon_{k,t}` are
those that were seen (Ross, Gordon and Bagnell 2011): the run is its own certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.imitation import bounds
from rltheory.imitation._tables import checked_groups, checked_model, frequencies, pooled, probabilities, state_visits
from rltheory.imitation.certificate import start_value
from rltheory.imitation.losses import disagreement, recoverability
from rltheory.models import FiniteHorizonMDP, collect
from rltheory.models._validation import checked_positive, checked_whole, frozen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DaggerRun:
    """All policies of a run, and what each of them loses, exactly.

    Parameters
    ----------
    policies : ndarray, shape (n, H, n_states, n_actions)
        Probabilities.
    errors : ndarray, shape (n, H)
        Error of each policy at each step, where it goes itself.
    gaps : ndarray, shape (n,)
        What each loses against the expert, in reward units.
    recoverability : ndarray, shape (H,)
        Most that a wrong action costs if the expert goes on, in reward units.
    """

    policies: np.ndarray
    errors: np.ndarray
    gaps: np.ndarray
    recoverability: np.ndarray

    def __post_init__(self) -> None:
        for name in ("policies", "errors", "gaps", "recoverability"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def mixture_gap(self) -> float:
        """What the mixture loses, in reward units."""
        return float(self.gaps.mean())

    @property
    def mixture_bound(self) -> float:
        """What the mixture loses at most by the errors that were seen (`bounds.interaction_gap`)."""
        return bounds.interaction_gap(self.errors.mean(axis=0), self.recoverability)

    @property
    def best(self) -> np.ndarray:
        """The policy with the least promised loss, be its gap what it may: shape (H, n_states, n_actions)."""
        return self.policies[int(np.argmin(self.errors @ self.recoverability))]

    def to_rows(self) -> list[dict[str, Any]]:
        """Return one dictionary for each round.

        Returns
        -------
        list of dict
            With keys ``round, error, gap, bound``; the error is added up over steps.
        """
        promised = self.errors @ self.recoverability
        return [
            {"round": k, "error": float(error), "gap": float(gap), "bound": float(bound)}
            for k, (error, gap, bound) in enumerate(zip(self.errors.sum(axis=1), self.gaps, promised, strict=True))
        ]

    def __repr__(self) -> str:
        return (
            f"DaggerRun({len(self.gaps)} rounds, gap {self.gaps[0]:.6g} -> {self.gaps[-1]:.6g}, mixture"
            f" {self.mixture_gap:.6g}, at most {self.mixture_bound:.6g})"
        )


def dagger(
    model: FiniteHorizonMDP,
    expert: Any,
    *,
    rounds: int,
    step: float | None = None,
    episodes: int | None = None,
    groups: Any = None,
    rng: int | np.random.Generator | None = None,
) -> DaggerRun:
    r"""Learn from an expert who answers questions.

    Parameters
    ----------
    model : FiniteHorizonMDP
        Without discount.
    expert : array_like
        As for `rltheory.evaluate_policy`.
    rounds : int
        Number of policies n, at least 1; the first draws lots everywhere.
    step : float, optional
        :math:`\eta` of exponential weights; by default the learner follows the leader.
    episodes : int, optional
        Episodes in each round, from which visits are counted; by default visits are exact, as after infinitely many.
    groups : array_like, shape (n_states,), optional
        As for `behaviour_cloning`: what the learner can tell apart. The expert sees the state.
    rng : int or numpy.random.Generator, optional
        Draws the episodes.

    Returns
    -------
    DaggerRun
        Its errors and gaps are exact, whether or not visits were.

    Raises
    ------
    CriterionError
        If the model has no horizon, or a discount.
    ModelError
        If a number is out of range, the expert or the labels do not fit, or a state lacks an action.

    References
    ----------
    Ross, Gordon and Bagnell (2011).

    Examples
    --------
    >>> import mdps
    >>> from rltheory.imitation import dagger
    >>> model, expert, _ = mdps.steep_path(3)
    >>> dagger(model, expert, rounds=2).gaps
    array([2.125, 0.   ])
    """
    checked_model(model)
    checked_whole("rounds", rounds, 1)
    if step is not None:
        checked_positive("step", step)
    if episodes is not None:
        checked_whole("episodes", episodes, 1)
    groups, rng = checked_groups(groups, model.n_states), np.random.default_rng(rng)
    table = probabilities(model, expert)
    answers = pooled(np.zeros_like(table), groups)
    policies = [frequencies(answers)[:, groups]]
    for _ in range(rounds - 1):
        visits = _visits(model, policies[-1], episodes, rng)[:, :, None]
        answers += pooled(visits * (table if step is None else table - 1), groups)
        policies.append((frequencies(answers) if step is None else _weights(step * answers))[:, groups])
    return _run(model, table, policies)


def _visits(model: FiniteHorizonMDP, policy: np.ndarray, episodes: int | None, rng: np.random.Generator) -> np.ndarray:
    """Return the probabilities of states at each step, or their frequencies in some episodes."""
    if episodes is None:
        return state_visits(model, policy)
    return collect(model, policy, episodes, rng=rng).counts().sum(axis=(2, 3)) / episodes


def _weights(scores: np.ndarray) -> np.ndarray:
    """Return exponential weights of the last axis."""
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def _run(model: FiniteHorizonMDP, expert: np.ndarray, policies: list[np.ndarray]) -> DaggerRun:
    best = start_value(model, expert)
    return DaggerRun(
        policies=np.array(policies),
        errors=np.array([disagreement(model, expert, policy, visited_by=policy) for policy in policies]),
        gaps=np.array([best - start_value(model, policy) for policy in policies]),
        recoverability=recoverability(model, expert),
    )
