r"""A dataset as counts: how often each pair led to each state, and what it paid.

A regression over transitions needs no more than that, so its cost does not grow with the number of trajectories. Counts
need not be whole: with :math:`K \nu_t(s, a) P_t(s' \mid s, a)` the algorithms see what K trajectories would show on
average, and sampling errors are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from rltheory.models import Dataset, LinearMDP, ModelError
from rltheory.offline.knowledge import LinearKnowledge

if TYPE_CHECKING:
    from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tally:
    """Weights of the transitions of every step, and sums of rewards; made by `of` or `expected`.

    Parameters
    ----------
    counts : tuple of csr_array, H of shape (n_pairs, n_states)
        How often each pair of step t led to each state.
    rewards : ndarray, shape (H, n_pairs)
        Sum of the rewards of each pair at step t.
    independent : bool
        Whether the steps share no trajectory, so that what is estimated at later steps is independent of a step's data.
    """

    counts: tuple[csr_array, ...]
    rewards: np.ndarray
    independent: bool = False

    @classmethod
    def of(cls, data: Data, known: LinearKnowledge) -> Tally:
        """Count the transitions of a dataset.

        Parameters
        ----------
        data : Dataset, or tuple of H of them, or Tally to return as it is
            Transitions; with one dataset for each step, such as ``data.folds()``, these are taken to be independent.
        known : LinearKnowledge
            Whose pairs they are.

        Returns
        -------
        Tally

        Raises
        ------
        ModelError
            If the data come from a model of other sizes, a transition took an action that its state lacks, or a step
            has no transition.

        Examples
        --------
        >>> import rltheory as rl
        >>> from rltheory.offline import LinearKnowledge, Tally
        >>> data = rl.Dataset.from_episodes([[(0, 1, 0.5, 1)], [(0, 1, 0.0, 1)]], n_states=2, n_actions=2, H=1)
        >>> known = LinearKnowledge([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], [0, 2, 3], H=1)
        >>> Tally.of(data, known)
        Tally(2 transitions, 1 steps, 2 states, 3 state-action pairs)
        """
        from scipy.sparse import csr_array

        if isinstance(data, Tally):
            sizes, wanted = (len(data.counts), data.rewards.shape[-1]), (known.H, known.n_pairs)
            if sizes != wanted:
                raise ModelError(f"the tally has {sizes[0]} steps and {sizes[1]} pairs; the model has {wanted}")
            return _without_gaps(data)
        folds = data if isinstance(data, tuple) else (data,) * known.H
        if len(folds) != known.H:
            raise ModelError(f"there are {len(folds)} datasets; with one for each step there must be {known.H}")
        shape, counts, rewards = (known.n_pairs, known.n_states), [], []
        for t, fold in enumerate(folds):
            rows = np.flatnonzero(fold.step == t)
            pair = _pairs(fold, rows, known)
            counts.append(csr_array((np.ones(rows.size), (pair, fold.next_state[rows])), shape=shape))
            rewards.append(np.bincount(pair, fold.reward[rows], minlength=known.n_pairs))
        sums = np.array(rewards).reshape(known.H, known.n_pairs)
        return _without_gaps(cls(tuple(counts), sums, independent=isinstance(data, tuple)))

    @classmethod
    def expected(cls, model: LinearMDP, n_trajectories: float, visits: Any = None) -> Tally:
        """Return what trajectories would show on average: data without a sampling error.

        Parameters
        ----------
        model : LinearMDP
            The truth.
        n_trajectories : float
            Number K of trajectories.
        visits : array_like, broadcast to (H, n_pairs), optional
            Probability of each pair at step t; uniform by default.

        Returns
        -------
        Tally

        Raises
        ------
        ModelError
            If visits are not distributions over pairs.
        """
        from scipy.sparse import csr_array

        H, n_pairs = model.H, model.n_pairs
        nu = np.broadcast_to(1 / n_pairs if visits is None else np.asarray(visits, float), (H, n_pairs))
        if not (nu >= 0).all() or np.abs(nu.sum(axis=1) - 1).max(initial=0.0) > 1e-9:
            raise ModelError("visits must be a distribution over the pairs, at every step")
        counts = tuple(csr_array(n_trajectories * nu[t][:, None] * model.kernel(t)) for t in range(H))
        rewards = np.array([n_trajectories * nu[t] * model.rewards(t) for t in range(H)]).reshape(H, n_pairs)
        return cls(counts, rewards)

    def weighted(self, weight: np.ndarray) -> Tally:
        r"""Return the data with a weight for the transitions of each pair, for weighted regressions.

        Parameters
        ----------
        weight : ndarray, shape (H, n_pairs)
            What a transition of the pair counts, such as :math:`1 / \sigma_t^2(s, a)`; at least 0.

        Returns
        -------
        Tally

        Examples
        --------
        >>> import mdps, numpy as np
        >>> tally = Tally.expected(mdps.random_linear_mdp(4, 2, d=3, H=3, rng=0), 100)
        >>> round(tally.weighted(np.full((3, 8), 0.25)).n_trajectories, 9)
        25.0
        """
        counts = tuple(csr.multiply(weight[t][:, None]).tocsr() for t, csr in enumerate(self.counts))
        return Tally(counts, self.rewards * weight, self.independent)

    @property
    def n_trajectories(self) -> float:
        """Number K of transitions of a step, the largest of all steps."""
        return max((float(counts.sum()) for counts in self.counts), default=0.0)

    def __repr__(self) -> str:
        n_pairs, n_states = self.counts[0].shape if self.counts else (0, 0)
        total = sum(float(counts.sum()) for counts in self.counts)
        return (
            f"Tally({total:g} transitions, {len(self.counts)} steps, {n_states} states, {n_pairs} state-action pairs)"
        )


Data: TypeAlias = Dataset | tuple[Dataset, ...] | Tally
"""What a learner takes: a dataset, one for each step, or counts."""


def _pairs(data: Dataset, rows: np.ndarray, known: LinearKnowledge) -> np.ndarray:
    """Return the pair of each of some transitions, once data and model are known to fit."""
    if (data.n_states, data.H) != (known.n_states, known.H):
        raise ModelError(
            f"the data have {data.n_states} states and {data.H} steps; the model has {known.n_states} and {known.H}"
        )
    state, action = data.state[rows], data.action[rows]
    missing = np.flatnonzero(action >= known.action_counts[state])
    if missing.size:
        first = missing[0]
        raise ModelError(
            f"transition {rows[first]} takes action {action[first]} in state {state[first]}, which has"
            f" {known.action_counts[state[first]]} actions"
        )
    return known.pair_start[state] + action


def _without_gaps(tally: Tally) -> Tally:
    """Return a tally with transitions at every step: without any, nothing is learned of a step."""
    for t, counts in enumerate(tally.counts):
        if not counts.sum() > 0:
            raise ModelError(
                f"step {t} has no transition, and every step needs some: collect more trajectories, whose episodes"
                f" reach step {t} (data.folds() takes at least H = {len(tally.counts)} of them)"
            )
    return tally
