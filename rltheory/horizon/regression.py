r"""Regression oracles: from samples (state, action, target) of one step to a prediction for every pair.

An oracle is any function from a `Batch` to a table of shape (S, A). What the theory of shallow Q-iteration asks of it
is a small squared error *on the law that the samples come from*; nothing is asked elsewhere. Here are averages of
cells, linear least squares, the best of finitely many tables, and anything that has the ``fit`` and ``predict`` of
scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rltheory.models import ModelError
from rltheory.models import _validation as valid


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples of one step, at least one.

    Parameters
    ----------
    t : int
        The step.
    state, action : ndarray of int, shape (n,)
        Where the samples are from.
    target : ndarray, shape (n,)
        What is to be predicted, in reward units.
    weight : ndarray, shape (n,)
        What each sample counts.
    n_states, n_actions : int
        Size of the table that is asked for.
    """

    t: int
    state: np.ndarray
    action: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    n_states: int
    n_actions: int


Regression = Callable[[Batch], np.ndarray]
"""From samples to predictions of shape (n_states, n_actions)."""


@dataclass(frozen=True, slots=True)
class TabularAverage:
    """The average target of each cell; a default where there is none.

    Parameters
    ----------
    default : float
        Prediction of cells without samples, in reward units. The least possible return is pessimistic.

    Examples
    --------
    >>> import numpy as np
    >>> batch = Batch(0, np.array([0, 0]), np.array([1, 1]), np.array([1.0, 2.0]), np.ones(2), 1, 2)
    >>> TabularAverage()(batch)
    array([[0. , 1.5]])
    """

    default: float = 0.0

    def __call__(self, batch: Batch) -> np.ndarray:
        """Return the averages, shape (n_states, n_actions)."""
        cell, cells = batch.state * batch.n_actions + batch.action, batch.n_states * batch.n_actions
        weight = np.bincount(cell, batch.weight, cells)
        total = np.bincount(cell, batch.weight * batch.target, cells)
        average = np.divide(total, weight, out=np.full(cells, float(self.default)), where=weight > 0)
        return average.reshape(batch.n_states, batch.n_actions)


@dataclass(frozen=True, slots=True, eq=False)
class LinearLeastSquares:
    r"""Ridge regression, :math:`w = (\Phi^\top W \Phi + \lambda I)^{-1} \Phi^\top W y` and predictions :math:`\phi(s, a)^\top w`.

    Parameters
    ----------
    phi : array_like, shape (n_states, n_actions, d)
        Features of every pair.
    ridge : float
        The number :math:`\lambda`, at least 0. At 0 the shortest of all solutions is taken.

    Raises
    ------
    ModelError
        If features or ridge are not of this kind.

    Examples
    --------
    >>> import numpy as np
    >>> batch = Batch(0, np.array([0, 1]), np.array([0, 0]), np.array([1.0, 2.0]), np.ones(2), 3, 1)
    >>> LinearLeastSquares([[[1, 0]], [[1, 1]], [[1, 2]]])(batch).round(9).ravel()
    array([1., 2., 3.])
    """  # noqa: E501

    phi: np.ndarray
    ridge: float = 0.0

    def __post_init__(self) -> None:
        phi = valid.real_array(self.phi, "phi")
        if phi.ndim != 3 or not np.isfinite(phi).all():
            raise ModelError(f"phi has shape {phi.shape}; finite features have the shape (n_states, n_actions, d)")
        if not 0 <= self.ridge < np.inf:
            raise ModelError(f"ridge is {self.ridge!r}; it must be a finite number of at least 0")
        object.__setattr__(self, "phi", valid.frozen(phi))

    def __call__(self, batch: Batch) -> np.ndarray:
        """Return the predictions, shape (n_states, n_actions)."""
        _require_size(self.phi, batch, "phi")
        root = np.sqrt(batch.weight)
        rows, target = root[:, None] * self.phi[batch.state, batch.action], root * batch.target
        if self.ridge > 0:
            d = rows.shape[1]
            rows = np.vstack([rows, np.sqrt(self.ridge) * np.eye(d)])
            target = np.append(target, np.zeros(d))
        return self.phi @ np.linalg.lstsq(rows, target, rcond=None)[0]


@dataclass(frozen=True, slots=True, eq=False)
class FiniteClass:
    """The table with the least squared error among finitely many (empirical risk minimisation).

    Parameters
    ----------
    tables : array_like, shape (n, n_states, n_actions)
        The candidates, for all steps; the first of the best is taken.

    Raises
    ------
    ModelError
        If this is not an array of tables.

    Examples
    --------
    >>> import numpy as np
    >>> batch = Batch(0, np.array([0]), np.array([1]), np.array([0.9]), np.ones(1), 1, 2)
    >>> FiniteClass([[[0.0, 0.0]], [[0.0, 1.0]]])(batch)
    array([[0., 1.]])
    """

    tables: np.ndarray

    def __post_init__(self) -> None:
        tables = valid.real_array(self.tables, "tables")
        if tables.ndim != 3 or not tables.size:
            raise ModelError(f"tables has shape {tables.shape}; candidates have the shape (n, n_states, n_actions)")
        object.__setattr__(self, "tables", valid.frozen(tables))

    def __call__(self, batch: Batch) -> np.ndarray:
        """Return the best table, shape (n_states, n_actions)."""
        _require_size(self.tables[0], batch, "a table")
        errors = self.tables[:, batch.state, batch.action] - batch.target
        return self.tables[np.argmin(errors**2 @ batch.weight)]


@dataclass(frozen=True, slots=True, eq=False)
class Estimator:
    """Anything with the ``fit(X, y)`` and ``predict(X)`` of scikit-learn.

    Parameters
    ----------
    make : callable
        Returns a new estimator, such as ``lambda: RandomForestRegressor(min_samples_leaf=5)``.
    features : array_like, shape (n_states, d), optional
        Features of states; their index as a one-hot vector by default.
    per_action : bool
        Whether every action has an estimator of its own. Otherwise one is fitted to the features of the state followed
        by the action as a one-hot vector. An action without samples is predicted to be ``default``.
    default : float
        Prediction for actions without samples, if every action has its own, in reward units.

    Raises
    ------
    ModelError
        If the features are no table.

    Notes
    -----
    Samples that count differently are passed on as ``fit(X, y, sample_weight=w)``; ``sample_weight`` is left out where
    all count the same.
    """

    make: Callable[[], Any]
    features: np.ndarray | None = None
    per_action: bool = False
    default: float = 0.0

    def __post_init__(self) -> None:
        if not callable(self.make):
            raise ModelError(f"make is {self.make!r}; it must be a function that returns a new estimator")
        if self.features is not None:
            features = valid.real_array(self.features, "features")
            if features.ndim != 2:
                raise ModelError(f"features has shape {features.shape}; features of states have (n_states, d)")
            object.__setattr__(self, "features", valid.frozen(features))

    def __call__(self, batch: Batch) -> np.ndarray:
        """Return the predictions, shape (n_states, n_actions)."""
        features = np.eye(batch.n_states) if self.features is None else self.features
        _require_size(features, batch, "features")
        shape = (batch.n_states, batch.n_actions)
        if self.per_action:
            predicted = np.full(shape, float(self.default))
            for a in np.unique(batch.action):
                own = batch.action == a
                x, y, w = features[batch.state[own]], batch.target[own], batch.weight[own]
                predicted[:, a] = self._fitted(x, y, w).predict(features)
            return predicted
        actions = np.eye(batch.n_actions)
        x = np.hstack([features[batch.state], actions[batch.action]])
        pairs = np.hstack([np.repeat(features, batch.n_actions, axis=0), np.tile(actions, (batch.n_states, 1))])
        return np.reshape(self._fitted(x, batch.target, batch.weight).predict(pairs), shape)

    def _fitted(self, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
        estimator = self.make()
        return estimator.fit(x, y) if np.ptp(w) == 0 else estimator.fit(x, y, sample_weight=w)


def _require_size(array: np.ndarray, batch: Batch, name: str) -> None:
    """Refuse features or tables of another model."""
    wanted = (batch.n_states, batch.n_actions)[: 1 if name == "features" else 2]
    if array.shape[: len(wanted)] != wanted:
        raise ModelError(
            f"{name} has shape {array.shape}, and the model has {batch.n_states} states and {batch.n_actions} actions"
        )
