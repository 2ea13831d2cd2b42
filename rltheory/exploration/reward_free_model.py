r"""What exploration without rewards leaves behind: a model that is good enough for every reward, and how good.

Exploring for one reward looks away from all that it does not pay for. Without a reward, what matters is that the values
of *all* policies for *all* rewards in [0, 1] can be told from the frequencies $\hat P$ within some e. Then the best
policy of the learned model, for a reward named later, loses at most 2 e in the true one.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from rltheory.models import FiniteHorizonMDP
from rltheory.models._validation import frozen
from rltheory.planning import Solution, backward_induction, evaluate_policy


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RewardFreeModel:
    """A kernel learned without rewards, and what planning with it may lose.

    Parameters
    ----------
    method : str
        The algorithm.
    kernel : ndarray, shape (H, n_states, n_actions, n_states)
        Relative frequencies; uniform where nothing has been seen.
    visits : ndarray of int, shape (H, n_states, n_actions)
        How often each pair was seen at each step.
    mu : ndarray, shape (n_states,)
        Distribution of the first state.
    certificate : float
        Most that `plan` loses, for all rewards in [0, 1] at once, with the probability that the algorithm was asked
        for; in reward units.
    certificates : ndarray, shape (K,)
        The certificate before each episode.
    """

    method: str
    kernel: np.ndarray
    visits: np.ndarray
    mu: np.ndarray
    certificate: float
    certificates: np.ndarray

    def __post_init__(self) -> None:
        for name in ("kernel", "visits", "mu", "certificates"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def n_episodes(self) -> int:
        """Number of episodes, K."""
        return self.certificates.size

    def with_reward(self, r: Any) -> FiniteHorizonMDP:
        """Return the learned model with a reward, shape (n_states, n_actions) or (H, n_states, n_actions)."""
        return FiniteHorizonMDP(self.kernel, r, H=len(self.kernel), mu=self.mu)

    def plan(self, r: Any) -> Solution:
        """Return the best policy of the learned model for a reward.

        Parameters
        ----------
        r : array_like, shape (n_states, n_actions) or (H, n_states, n_actions)
            Rewards; the certificate is about those in [0, 1].

        Returns
        -------
        Solution
            By `backward_induction`. Its bounds enclose the optimum of the learned model.
        """
        return backward_induction(self.with_reward(r))

    def loss(self, mdp: FiniteHorizonMDP) -> float:
        """Return what `plan` loses for the reward of a true model, in reward units.

        Parameters
        ----------
        mdp : FiniteHorizonMDP
            The true model with a reward.

        Returns
        -------
        float
            Its optimum less the value of the plan.
        """
        r = np.array([mdp.rewards(t) for t in range(mdp.H)]).reshape(self.visits.shape)
        achieved = evaluate_policy(mdp, self.plan(r).policy).value[0]
        return float(mdp.mu @ (backward_induction(mdp).value[0] - achieved))

    def to_rows(self) -> list[dict[str, Any]]:
        """Return the certificate at each episode that doubles their number, and at last.

        Returns
        -------
        list of dict
            With keys ``episodes, certificate``.
        """
        doubling = [0, *(2 ** np.arange(self.n_episodes.bit_length())).tolist()]
        rows = [{"episodes": k, "certificate": float(self.certificates[k])} for k in doubling if k < self.n_episodes]
        return [*rows, {"episodes": self.n_episodes, "certificate": self.certificate}]

    def __repr__(self) -> str:
        return f"RewardFreeModel({self.method}, {self.n_episodes} episodes, certificate {self.certificate:.4g})"

    def _repr_html_(self) -> str:
        body = "".join(
            f"<tr><td>{row['episodes']}</td><td>{row['certificate']:.4g}</td></tr>" for row in self.to_rows()
        )
        return f"<p>{escape(repr(self))}</p><table><tr><th>episodes</th><th>certificate</th></tr>{body}</table>"
