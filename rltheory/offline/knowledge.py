"""What the learner knows of a linear model before it sees data: features, rewards, the horizon, but no kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import LinearMDP, ModelError
from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinearKnowledge(PairModel):
    """Features, rewards and the horizon of a linear model whose factors are unknown.

    Parameters
    ----------
    phi : array_like, shape (n_pairs, d)
        Features of the pairs. Theory asks for simplex features; the algorithms do not.
    pair_start : array_like of int, shape (n_states + 1,)
        Rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    H : int
        Number of steps.
    reward : array_like, shape (n_pairs,) or (H, n_pairs), optional
        Expected rewards; left out if they must be learned too.
    most : array_like, broadcast to (H, n_pairs), optional
        No pair is worth more than that from step t on; H - t by default, for rewards in [0, 1].
    state_names, action_names : sequence of str, optional
        As for `MDP`.

    Raises
    ------
    ModelError
        If shapes do not fit, a number is not finite, or a reward is outside [0, 1] without ``most``.

    Examples
    --------
    >>> from rltheory.offline import LinearKnowledge
    >>> LinearKnowledge([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]], [0, 2, 3], H=4, reward=[0.0, 0.5, 1.0])
    LinearKnowledge(4 steps, 2 states, 3 state-action pairs, 2 features, rewards known)
    """

    phi: Any
    pair_start: Any
    H: int
    reward: Any = None
    most: Any = None
    state_names: Any = None
    action_names: Any = None

    def __post_init__(self) -> None:
        phi, H = valid.real_array(self.phi, "phi"), valid.checked_horizon(self.H)
        if phi.ndim != 2 or 0 in phi.shape:
            raise ModelError(f"phi has shape {phi.shape}; it must be (n_pairs, d)")
        start = valid.index_array(self.pair_start, "pair_start")
        start = valid.checked_pair_start(start, start.size - 1, phi.shape[0])
        fields = {"phi": phi, "reward": self.reward, "most": self.most}
        if self.reward is not None:
            fields["reward"] = _by_step(self.reward, "reward", H, phi.shape[0])
        if self.most is not None:
            fields["most"] = _by_step(self.most, "most", H, phi.shape[0])
        else:
            _check_unit_rewards(fields["reward"], start)
            fields["most"] = np.broadcast_to(np.arange(H, 0.0, -1.0)[:, None], (H, phi.shape[0]))
        bad = np.argwhere(~np.isfinite(phi))
        if bad.size:
            row, i = bad[0]
            raise ModelError(f"feature {i} of {valid.place(row, start)} is {phi[row, i]}; features are finite")
        checked = {name: array if array is None else valid.frozen(array) for name, array in fields.items()}
        names = {
            "state_names": valid.checked_names(self.state_names, (start.size - 1,), "state_names"),
            "action_names": valid.checked_names(
                self.action_names, (int(np.diff(start).max()), phi.shape[0]), "action_names"
            ),
        }
        valid.set_fields(self, {**checked, **names, "H": H, "pair_start": start})

    @classmethod
    def of(cls, model: LinearMDP | LinearKnowledge) -> LinearKnowledge:
        """Return what may be known of a model: all but its factors.

        Parameters
        ----------
        model : LinearMDP or LinearKnowledge
            With rewards in [0, 1].

        Returns
        -------
        LinearKnowledge
        """
        if isinstance(model, LinearKnowledge):
            return model
        reward = model.theta @ model.phi.T
        tiny = (np.abs(reward) < 1e-12) | (np.abs(reward - 1) < 1e-12)
        reward = np.where(tiny, np.round(reward), reward)  # rounding may leave [0, 1]
        names = {"state_names": model.state_names, "action_names": model.action_names}
        return cls(model.phi, model.pair_start, model.H, reward, **names)

    @property
    def d(self) -> int:
        """Number of features."""
        return self.phi.shape[1]

    @property
    def value_range(self) -> np.ndarray:
        """Largest value of any state from step t on, shape (H + 1,); 0 at the end."""
        return np.append(self.most.max(axis=1), 0.0)

    def __repr__(self) -> str:
        rewards = "unknown" if self.reward is None else "known"
        return (
            f"LinearKnowledge({self.H} steps, {self.n_states} states, {self.n_pairs} state-action pairs,"
            f" {self.d} features, rewards {rewards})"
        )


def _by_step(given: Any, name: str, H: int, n_pairs: int) -> np.ndarray:
    """Return finite numbers of all pairs at all steps."""
    array = valid.real_array(given, name)
    try:
        array = np.broadcast_to(array, (H, n_pairs))
    except ValueError:
        raise ModelError(
            f"{name} has shape {array.shape}; with {H} steps and {n_pairs} pairs it must be ({n_pairs},) or"
            f" ({H}, {n_pairs})"
        ) from None
    if not np.isfinite(array).all():
        raise ModelError(f"{name} has an entry that is not finite")
    return array


def _check_unit_rewards(reward: np.ndarray | None, start: np.ndarray) -> None:
    bad = np.argwhere((reward < 0) | (reward > 1)) if reward is not None else np.empty(0)
    if reward is not None and bad.size:
        t, row = bad[0]
        raise ModelError(
            f"the reward of {valid.place(row, start)} at step {t} is {reward[t, row]}; without ``most``, the largest"
            " value of each pair, rewards must be in [0, 1]"
        )
