r"""The answer of an offline learner: a policy, and what is claimed of it with which confidence.

The claim rests on one event: that at every step and pair the estimated worst case of the next values is off by no more
than the penalty. On it :math:`\hat V \le V^{\hat\pi} \le V^*`, and if it holds for the optimistic values
:math:`\hat U` too, :math:`V^* \le \hat U`. The width :math:`\hat U_0 - \hat V_0` then bounds the policy's loss, and it
needs no more than the data. Whether the event has happened can be seen once the true model is at hand (`errors`,
`covers`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import numpy as np

from rltheory.models import LinearMDP, ModelError
from rltheory.models._validation import frozen
from rltheory.robust import Divergence

_ROUNDING = 1e-12


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
    upper : ndarray, shape (H + 1, n_states)
        The optimistic companion of ``value``, with the penalties added; an upper bound on the best value of all if
        the penalties cover its errors.
    upper_weights : ndarray, shape (H, d)
        Weights of the features in the optimistic estimate.
    confidence : float, optional
        Probability with which the penalties cover the errors of both values; None if nothing is proven of that.
    learned_rewards : bool
        Whether the weights hold the rewards too.

    Examples
    --------
    >>> import mdps, rltheory as rl
    >>> from rltheory import offline
    >>> model = mdps.random_linear_mdp(8, 3, d=3, H=5, rng=0)
    >>> data = rl.collect(model, None, 20_000, rng=1).folds()
    >>> solution = offline.pevi(data, model, delta=0.1, ridge=0.05)
    >>> solution.confidence, bool((solution.certificate < 5).all())
    (0.9, True)
    >>> bool((solution.suboptimality(model) <= solution.certificate).all())
    True
    """

    value: np.ndarray
    policy: np.ndarray
    penalty: np.ndarray
    weights: np.ndarray
    method: str
    divergence: Divergence | None = None
    upper: np.ndarray = field(kw_only=True)
    upper_weights: np.ndarray = field(kw_only=True)
    confidence: float | None = field(default=None, kw_only=True)
    learned_rewards: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("value", "policy", "penalty", "weights", "upper", "upper_weights"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def certificate(self) -> np.ndarray:
        r"""Bound on the loss :math:`V^*_0 - V^{\hat\pi}_0` from data alone, shape (n_states,): upper less value.

        It holds wherever the penalties cover the errors of both values, which has the probability ``confidence``.
        """
        return self.upper[0] - self.value[0]

    def errors(self, model: LinearMDP, *, optimistic: bool = False) -> np.ndarray:
        r"""Return how far the estimates are off, :math:`|\langle\phi, w_t(\hat V_{t+1}) - \hat w_t\rangle|`.

        Parameters
        ----------
        model : LinearMDP
            The truth, whose worst case of the estimated values is :math:`w_t(\hat V_{t+1})`.
        optimistic : bool
            Whether the values are the optimistic ones.

        Returns
        -------
        ndarray, shape (H, n_pairs)

        Raises
        ------
        ModelError
            If the model is of other sizes.
        """
        from rltheory.offline.exact import exact_weights

        sizes, wanted = (model.H, model.d, model.n_pairs), (*self.weights.shape, self.penalty.shape[1])
        if sizes != wanted:
            raise ModelError(
                f"the model has {sizes[0]} steps, {sizes[1]} features and {sizes[2]} pairs; the policy was learned for"
                f" {wanted[0]}, {wanted[1]} and {wanted[2]}"
            )

        value, weights = (self.upper, self.upper_weights) if optimistic else (self.value, self.weights)
        truth = np.empty_like(weights)
        for t in range(len(truth)):
            truth[t] = exact_weights(model, self.divergence, t, value[t + 1])
            truth[t] += model.step_theta(t) if self.learned_rewards else 0.0
        return np.abs((truth - weights) @ model.phi.T)

    def covers(self, model: LinearMDP, *, optimistic: bool = False) -> bool:
        """Return whether the penalties cover all `errors`, up to rounding: the event that every claim rests on.

        Parameters
        ----------
        model : LinearMDP
            The truth.
        optimistic : bool
            Whether the errors are those of the optimistic values.

        Returns
        -------
        bool
        """
        slack = _ROUNDING * (1 + np.abs(self.upper).max(initial=0.0))
        return bool((self.errors(model, optimistic=optimistic) <= self.penalty + slack).all())

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

    @property
    def claim(self) -> str:
        """What is proven of the policy, in words."""
        if self.confidence is None:
            return "an estimate, without a proof"
        return (
            f"with probability {self.confidence:g} the policy is worth that at least, and within"
            f" {self.certificate.max():.6g} of the best"
        )

    def __repr__(self) -> str:
        nature = "" if self.divergence is None else f" against {self.divergence!r}"
        first = self.value[0]
        worst = self.penalty.max(initial=0.0)
        return (
            f"OfflineSolution({self.method}{nature}: first values in [{first.min():.6g}, {first.max():.6g}],"
            f" largest penalty {worst:.3g}; {self.claim})"
        )

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>"
