"""The answer of an offline learner."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from rltheory.models import LinearMDP
from rltheory.models._validation import frozen
from rltheory.robust import Divergence


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OfflineSolution:
    """A policy learned from data, the value that the learner believes it has, and the penalties behind that belief.

    Parameters
    ----------
    value : ndarray, shape (H + 1, n_states)
        Estimated value from step t on; a lower bound on the policy's value if the penalties cover the errors.
    policy : ndarray of int, shape (H, n_states)
        Actions.
    penalty : ndarray, shape (H, n_pairs)
        What was taken off for uncertainty, in reward units.
    weights : ndarray, shape (H, d)
        Weights of the features in the estimate, before the penalty.
    method : str
        Name of the algorithm.
    divergence : Divergence, optional
        What nature may do; nothing if left out.
    """

    value: np.ndarray
    policy: np.ndarray
    penalty: np.ndarray
    weights: np.ndarray
    method: str
    divergence: Divergence | None = None

    def __post_init__(self) -> None:
        for name in ("value", "policy", "penalty", "weights"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def suboptimality(self, model: LinearMDP) -> np.ndarray:
        r"""Return :math:`V^*_0 - V^{\hat\pi}_0` in the true model, against the same nature, shape (n_states,)."""
        from rltheory.offline.exact import exact_values

        best, _ = exact_values(model, self.divergence)
        achieved, _ = exact_values(model, self.divergence, self.policy)
        return best[0] - achieved[0]

    def uncertainty(self, model: LinearMDP, *, admissible: bool = False) -> np.ndarray:
        r"""Return the expected sum of the penalties along the best policy, shape (n_states,).

        Twice that is what theory allows as `suboptimality`; see `rltheory.offline.uncertainty`.

        Parameters
        ----------
        model : LinearMDP
            The truth.
        admissible : bool
            Whether nature does whatever it could afford, instead of what it does against the estimated values.

        Returns
        -------
        ndarray, shape (n_states,)
        """
        from rltheory.offline.uncertainty import admissible_uncertainty, uncertainty

        return (admissible_uncertainty if admissible else uncertainty)(self, model)

    def __repr__(self) -> str:
        nature = "" if self.divergence is None else f" against {self.divergence!r}"
        first = self.value[0]
        worst = self.penalty.max(initial=0.0)
        return (
            f"OfflineSolution({self.method}{nature}: first values in [{first.min():.6g}, {first.max():.6g}],"
            f" largest penalty {worst:.3g})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"
