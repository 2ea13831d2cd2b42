r"""The linear Markov decision process: kernels and rewards are linear in known features of state and action.

$$P_t(s' \mid s, a) = \sum_{i=1}^d \phi_i(s, a)\, \mu_{t,i}(s'), \qquad
r_t(s, a) = \langle \phi(s, a), \theta_t \rangle,$$

so that the action value of *every* policy is linear in the features, with the weights
$w_t = \theta_t + \sum_{s'} \mu_t(s')\, V_{t+1}(s')$ (Jin, Yang, Wang and Jordan 2020, proposition 2.3).

With *simplex* features, $\phi \ge 0$ and $\sum_i \phi_i = 1$, and a probability measure for each factor $\mu_{t,i}$,
every row of the kernel is a mixture of the d factors. This is the nominal model of d-rectangular robustness (Ma, Liang,
Xia, Zhang, Blanchet, Liu, Zhao and Zhou 2022; Liu and Xu 2024, assumption 3.1), in which nature perturbs each factor on
its own. The factors are called ``factors`` here, since ``mu`` is the distribution of the first state.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import _validation as valid
from rltheory.models._pairs import PairModel
from rltheory.models.errors import ModelError
from rltheory.models.finite_horizon import FiniteHorizonMDP
from rltheory.models.mdp import MDP

_SUM_TOLERANCE = valid.ROW_SUM_TOLERANCE / 4
"""Of features and of factors, so that rows of the kernel, which are products of both, are within that of all models."""
_ROUNDING = 1e-12
"""A probability no further below zero than this is a zero that rounding has moved."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinearMDP(PairModel):
    """A linear Markov decision process of H steps, undiscounted.

    Parameters
    ----------
    phi : ndarray, shape (n_states, n_actions, d), or (n_pairs, d) with ``pair_start``
        Features. The model keeps them as rows of pairs, (n_pairs, d): those of state s and action a are
        ``phi[pair_start[s] + a]``.
    factors : ndarray, shape (d, n_states), or (H, d, n_states) if they change with the step
        One measure over next states for each feature.
    theta : ndarray, shape (d,), or (H, d) if it changes with the step
        Weights of the rewards, in reward units. That rewards lie in [0, 1] is a convention of theory, not asked here;
        see `reward_range`.
    H : int
        Number of steps; 0 is allowed.
    mu : ndarray, shape (n_states,), or int, optional
        Distribution of the first state; uniform by default, a point mass for a state's index.
    simplex : bool
        Whether features are non-negative and sum to one, and factors are probability measures. If not, any
        features and signed measures will do whose products are probabilities, which is checked.
    pair_start : ndarray, shape (n_states + 1,), optional
        For features of pairs: rows of state s are ``pair_start[s]:pair_start[s + 1]``.
    state_names, action_names : sequence of str, optional
        As for `MDP`.

    Raises
    ------
    ModelError
        If the data do not describe a model: the message names the step, the state and action, or the coordinate.

    References
    ----------
    Jin, Yang, Wang and Jordan (2020), assumption A; Liu and Xu (2024), assumption 3.1.

    Examples
    --------
    Action 0 stays, action 1 goes either way by mixing the two factors:

    >>> import rltheory as rl
    >>> phi = [[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]]
    >>> model = rl.LinearMDP(phi, factors=[[1.0, 0.0], [0.0, 1.0]], theta=[0.0, 1.0], H=3)
    >>> model
    LinearMDP(3 steps, 2 states, 4 state-action pairs, 2 simplex features, stationary)
    >>> model.kernel(0)
    array([[1. , 0. ],
           [0.5, 0.5],
           [0. , 1. ],
           [0.5, 0.5]])
    >>> model.rewards(0)
    array([0. , 0.5, 1. , 0.5])
    """

    phi: np.ndarray
    factors: np.ndarray
    theta: np.ndarray
    H: int
    mu: np.ndarray = None  # type: ignore[assignment]  # filled in below
    simplex: bool = True
    pair_start: np.ndarray = None  # type: ignore[assignment]
    state_names: Sequence[Any] | None = None
    action_names: Sequence[Any] | None = None

    def __post_init__(self) -> None:
        H, factors = valid.checked_horizon(self.H), valid.real_array(self.factors, "factors")
        if factors.ndim not in (2, 3) or 0 in factors.shape[-2:]:
            raise ModelError(f"factors has shape {factors.shape}; it must be (d, n_states), after H if it changes")
        phi, start = _pair_features(self, *factors.shape[-2:])
        theta, d = valid.real_array(self.theta, "theta"), phi.shape[1]
        if theta.shape not in ((d,), (H, d)):
            raise ModelError(f"theta has shape {theta.shape}; with {d} features it must be ({d},) or ({H}, {d})")
        if factors.ndim == 3 and factors.shape[0] != H:
            raise ModelError(f"factors has {factors.shape[0]} steps; H is {H}")
        _check_finite(phi, factors, theta, start)
        if self.simplex:
            _check_simplex_features(phi, start)
            _check_measures(factors)
        n_states, most = start.size - 1, int(np.diff(start).max())
        checked = {
            "phi": valid.frozen(phi),
            "factors": valid.frozen(factors),
            "theta": valid.frozen(theta),
            "H": H,
            "mu": valid.start_distribution(self.mu, n_states),
            "simplex": bool(self.simplex),
            "pair_start": start,
            "state_names": valid.checked_names(self.state_names, (n_states,), "state_names"),
            "action_names": valid.checked_names(self.action_names, (most, phi.shape[0]), "action_names"),
        }
        valid.set_fields(self, checked)
        if not self.simplex:
            _check_kernels(self)

    @property
    def d(self) -> int:
        """Number of features."""
        return self.phi.shape[1]

    @property
    def is_stationary(self) -> bool:
        """Whether neither factors nor rewards change with the step."""
        return self.factors.ndim == 2 and self.theta.ndim == 1

    @property
    def reward_range(self) -> tuple[float, float]:
        """Least and largest expected reward of any pair at any step; (0, 0) without steps."""
        if self.H == 0:
            return 0.0, 0.0
        rewards = self.phi @ self.theta.T
        return float(rewards.min()), float(rewards.max())

    def step_factors(self, t: int) -> np.ndarray:
        """Return the factors of step t, shape (d, n_states)."""
        self._check_step(t)
        return self.factors[t] if self.factors.ndim == 3 else self.factors

    def step_theta(self, t: int) -> np.ndarray:
        """Return the weights of the rewards of step t, shape (d,)."""
        self._check_step(t)
        return self.theta[t] if self.theta.ndim == 2 else self.theta

    def kernel(self, t: int) -> np.ndarray:
        """Return the probabilities of next states at step t, shape (n_pairs, n_states).

        Where signed measures cancel, rounding may leave a tiny negative number for zero; it is returned as zero.
        """
        return _without_rounding(self.phi @ self.step_factors(t))

    def rewards(self, t: int) -> np.ndarray:
        """Return the expected reward of each pair at step t, shape (n_pairs,)."""
        return self.phi @ self.step_theta(t)

    def _check_step(self, t: int) -> None:
        if not 0 <= t < self.H:
            raise ModelError(f"there is no step {t}; steps are 0..{self.H - 1}")

    def to_finite_horizon(self) -> FiniteHorizonMDP:
        """Return the same model without its features, dense if every state has equally many actions.

        Returns
        -------
        FiniteHorizonMDP
            With ``gamma = 1``.
        """
        from scipy.sparse import csr_array

        P, r = _without_rounding(self.phi @ self.factors), (self.phi @ self.theta[..., None])[..., 0]
        start: Any = None  # dense models have no use for it
        if (self.action_counts == self.n_actions).all():
            by_state = (self.n_states, self.n_actions)
            P, r = P.reshape(*P.shape[:-2], *by_state, self.n_states), r.reshape(*r.shape[:-1], *by_state)
        else:
            P, start = csr_array(P.reshape(-1, self.n_states)), self.pair_start
        return FiniteHorizonMDP(
            P, r, self.H, 1.0, self.mu, start, state_names=self.state_names, action_names=self.action_names
        )

    @classmethod
    def embed(cls, mdp: FiniteHorizonMDP | MDP, H: int | None = None) -> LinearMDP:
        r"""Return a tabular model as a linear one, with a feature for each pair: $\phi(s, a) = e_{(s, a)}$.

        The factors are then the rows of the kernel, and d-rectangular robustness is (s, a)-rectangular robustness.

        Parameters
        ----------
        mdp : FiniteHorizonMDP, or MDP with ``H``
            The model; undiscounted, as linear models are.
        H : int, optional
            Number of steps, for an `MDP`.

        Returns
        -------
        LinearMDP
            With d = n_pairs simplex features, which take n_pairs^2 numbers.

        Raises
        ------
        ModelError
            If the model is discounted, or H is missing or given twice.

        Examples
        --------
        >>> import rltheory as rl
        >>> two_steps = rl.FiniteHorizonMDP([[[0.5, 0.5]], [[0.0, 1.0]]], [[1.0], [0.0]], H=2)
        >>> rl.LinearMDP.embed(two_steps).factors
        array([[0.5, 0.5],
               [0. , 1. ]])
        """
        if isinstance(mdp, FiniteHorizonMDP) is not (H is None):
            raise ModelError(f"H is {H!r}; an MDP needs a number of steps, a FiniteHorizonMDP has its own")
        if mdp.gamma != 1:
            raise ModelError(f"gamma is {mdp.gamma:g}; a linear MDP is undiscounted (mdp.replace(gamma=1.0) drops it)")
        model = mdp if isinstance(mdp, FiniteHorizonMDP) else mdp.finite_horizon(H or 0)
        P = model.P if isinstance(model.P, np.ndarray) else model.P.toarray()
        pairs = (model.H, model.n_pairs) if model._kernel_changes else (model.n_pairs,)
        return cls(
            phi=np.eye(model.n_pairs),
            factors=P.reshape(*pairs, model.n_states),
            theta=model.r.reshape((model.H, model.n_pairs) if model._reward_changes else model.n_pairs),
            H=model.H,
            mu=model.mu,
            pair_start=model.pair_start,
            state_names=model.state_names,
            action_names=model.action_names,
        )

    def __repr__(self) -> str:
        features = "simplex features" if self.simplex else "features"
        kind = "stationary" if self.is_stationary else "time-dependent"
        return (
            f"LinearMDP({self.H} steps, {self.n_states} states, {self.n_pairs} state-action pairs,"
            f" {self.d} {features}, {kind})"
        )


def _pair_features(model: LinearMDP, d: int, n_states: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the features as rows of pairs, and the offsets of each state's rows."""
    phi, start = valid.real_array(model.phi, "phi"), model.pair_start
    if phi.ndim not in (2, 3) or phi.shape[-1] != d or (phi.ndim == 3 and phi.shape[0] != n_states):
        raise ModelError(
            f"phi has shape {phi.shape}; with factors of {d} features and {n_states} states it must be"
            f" ({n_states}, n_actions, {d}), or (n_pairs, {d}) with pair_start"
        )
    if phi.ndim == 3:
        uniform = np.arange(n_states + 1) * phi.shape[1]
        if start is not None and not np.array_equal(start, uniform):
            raise ModelError("pair_start does not fit phi of shape (n_states, n_actions, d); leave it out")
        phi, start = phi.reshape(-1, d), uniform
    if start is None:
        raise ModelError("phi has a row for each pair and needs pair_start, the offsets of each state's rows")
    return phi, valid.checked_pair_start(start, n_states, phi.shape[0])


def _check_finite(phi: np.ndarray, factors: np.ndarray, theta: np.ndarray, start: np.ndarray) -> None:
    """Check that features, factors and weights are finite numbers."""
    bad = np.argwhere(~np.isfinite(phi))
    if bad.size:
        row, i = bad[0]
        raise ModelError(f"feature {i} of {valid.place(row, start)} is {phi[row, i]}; features are finite")
    bad = np.argwhere(~np.isfinite(factors))
    if bad.size:
        number = factors[tuple(bad[0])]
        raise ModelError(f"{_factor(bad[0][:-1])} gives state {bad[0][-1]} the weight {number}; weights are finite")
    bad = np.argwhere(~np.isfinite(theta))
    if bad.size:
        step = f" of step {bad[0][0]}" if theta.ndim == 2 else ""
        raise ModelError(f"theta{step} has coordinate {bad[0][-1]} = {theta[tuple(bad[0])]}; rewards are finite")


def _factor(index: np.ndarray) -> str:
    """Name a factor for a message: ``factor 2``, or ``factor 2 of step 1`` where factors change with the step."""
    return f"factor {index[-1]}" + (f" of step {index[0]}" if index.size == 2 else "")


def _check_simplex_features(phi: np.ndarray, start: np.ndarray) -> None:
    """Check that every pair's features are a distribution over the factors."""
    bad = np.argwhere(phi < 0)
    if bad.size:
        row, i = bad[0]
        raise ModelError(
            f"feature {i} of {valid.place(row, start)} is {phi[row, i]}; simplex features are at least 0"
            " (simplex=False allows others)"
        )
    sums = phi.sum(axis=1)
    wrong = np.abs(sums - 1) > _SUM_TOLERANCE
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ModelError(
            f"the features of {valid.place(row, start)} sum to {sums[row]:.12g} ({int(wrong.sum())} bad rows);"
            " simplex features sum to 1 (simplex=False allows others)"
        )


def _check_measures(factors: np.ndarray) -> None:
    """Check that every factor is a probability measure over the states."""
    bad = np.argwhere(factors < 0)
    if bad.size:
        number = factors[tuple(bad[0])]
        raise ModelError(
            f"{_factor(bad[0][:-1])} gives state {bad[0][-1]} the probability {number}; with simplex features each"
            " factor is a probability measure"
        )
    sums = factors.sum(axis=-1)
    wrong = np.argwhere(np.abs(sums - 1) > _SUM_TOLERANCE)
    if wrong.size:
        raise ModelError(
            f"{_factor(wrong[0])} sums to {sums[tuple(wrong[0])]:.12g} ({len(wrong)} bad factors);"
            " factors / factors.sum(axis=-1, keepdims=True) rescales"
        )


def _check_kernels(model: LinearMDP) -> None:
    """Check that features and signed factors make distributions over the next states, at every step."""
    changes = model.factors.ndim == 3
    for t, factors in enumerate(model.factors if changes else model.factors[None]):
        P = _without_rounding(model.phi @ factors)
        step = f"at step {t} " if changes else ""
        bad = np.argwhere(P < 0)
        if bad.size:
            row, state = bad[0]
            raise ModelError(
                f"{step}{valid.place(row, model.pair_start)} goes to state {state} with probability {P[row, state]};"
                " the products of phi and factors must be probabilities"
            )
        sums = P.sum(axis=1)
        wrong = np.abs(sums - 1) > valid.ROW_SUM_TOLERANCE / 2
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ModelError(
                f"{step}{valid.place(row, model.pair_start)} sums to {sums[row]:.12g} ({int(wrong.sum())} bad rows);"
                " the products of phi and factors must be distributions over the states"
            )


def _without_rounding(P: np.ndarray) -> np.ndarray:
    """Return probabilities in which what rounding has put just below zero is zero."""
    return np.where((P < 0) & (P >= -_ROUNDING), 0.0, P)
