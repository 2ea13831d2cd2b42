r"""Trajectories: what was passed, what was done, and what each arrival gained.

A trajectory $(s_0, a_0, s_1, \dots, s_H)$ has the probability

    $\mu(s_0) \prod_{h < H} \pi_h(a_h \mid x_h)\, P_h(s_{h+1} \mid s_h, a_h)$,

where $x_h$ is what the policy looks at: the step and the state, or the whole history of states. A sample gives each of
n trajectories the weight 1/n; small models let us write them all down, each with its probability, and what is true of
estimators in the mean becomes a finite sum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rltheory.models import CriterionError, ModelError
from rltheory.models._validation import frozen
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.policies import SoftmaxPolicy


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trajectories:
    """Paths of a policy, each with a weight.

    Parameters
    ----------
    states : ndarray of int, shape (n, H + 1)
        States passed.
    actions : ndarray of int, shape (n, H)
        Actions taken, by their position among the state's own.
    gains : ndarray, shape (n, H + 1)
        What each arrival gained over those before it, in reward units; a row sums to F of the path.
    prob : ndarray, shape (n,), optional
        Weights, which sum to 1; 1/n by default.
    """

    states: np.ndarray
    actions: np.ndarray
    gains: np.ndarray
    prob: np.ndarray = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        if self.prob is None:
            n = len(self.states)
            object.__setattr__(self, "prob", np.full(n, 1 / max(n, 1)))
        for name in ("states", "actions", "gains", "prob"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __len__(self) -> int:
        return len(self.states)

    @property
    def returns(self) -> np.ndarray:
        """F of each path, shape (n,), in reward units."""
        return self.gains.sum(axis=1)

    @property
    def mean(self) -> float:
        """Weighted mean of the returns: J where all trajectories are listed, an unbiased estimate in a sample."""
        return float(self.prob @ self.returns)

    @property
    def standard_error(self) -> float:
        """Standard error of the mean of a sample of at least two, in reward units."""
        if len(self) < 2:
            raise CriterionError(f"{len(self)} trajectories have no standard error; sample at least 2")
        return float(self.returns.std(ddof=1) / np.sqrt(len(self)))

    @property
    def best(self) -> tuple[float, np.ndarray]:
        """The largest return, in reward units, and the states of the first path that has it."""
        first = int(self.returns.argmax())
        return float(self.returns[first]), self.states[first]

    def __repr__(self) -> str:
        return f"Trajectories({len(self)} of {self.actions.shape[1]} actions, mean return {self.mean:.6g})"


def all_trajectories(mdp: SubmodularMDP, policy: SoftmaxPolicy, *, max_paths: int = 1_000_000) -> Trajectories:
    """List every trajectory that a policy may take, with its probability.

    Parameters
    ----------
    mdp : SubmodularMDP
        Small: there may be as many as (actions times successors) to the power H.
    policy : SoftmaxPolicy
        A policy of `policies` or `history_policy`.
    max_paths : int
        Refuse more than that.

    Returns
    -------
    Trajectories
        ``prob`` sums to 1, ``mean`` is J.

    Raises
    ------
    ModelError
        If there are more than ``max_paths``.

    Examples
    --------
    Three tosses of a coin, whose sides are worth 1 once: all alike is one in four.

    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.modular import Modular
    >>> from rltheory.submodular.policies import MarkovSoftmax
    >>> mdp = SubmodularMDP(np.full((2, 1, 2), 0.5), Modular([1, 1]), H=2)
    >>> all_trajectories(mdp, MarkovSoftmax.uniform(mdp))
    Trajectories(8 of 2 actions, mean return 1.75)
    """
    dynamics = mdp.dynamics
    states = np.flatnonzero(mdp.mu)[:, None]
    actions, prob = np.zeros((len(states), 0), dtype=np.int64), mdp.mu[states[:, 0]]
    for h in range(mdp.H):
        P = dynamics.rows(h)
        likely = policy.probabilities_after(states)
        path, action = np.nonzero(likely)
        pair = mdp.pair_start[states[path, -1]] + action
        branches = np.diff(P.indptr)[pair]
        if branches.sum() > max_paths:
            raise ModelError(
                f"{branches.sum():,} trajectories after {h + 1} actions; raise max_paths or sample (roll_out)"
            )
        one = np.repeat(np.arange(pair.size), branches)
        entry = P.indptr[pair][one] + np.arange(one.size) - (np.cumsum(branches) - branches)[one]
        prob = (prob[path] * likely[path, action])[one] * P.data[entry]
        states = np.column_stack([states[path][one], P.indices[entry]])
        actions = np.column_stack([actions[path][one], action[one]])
        kept = prob > 0
        states, actions, prob = states[kept], actions[kept], prob[kept]
    return Trajectories(states, actions, mdp.F.gains_along(mdp.elements(states)), prob)
