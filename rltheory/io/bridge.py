"""The BRIDGE data set: deterministic tabular MDPs taken from Atari, Procgen and MiniGrid games.

A file holds ``transitions`` (n_states, n_actions), -1 where the episode ends, and ``rewards`` of the same shape;
episodes start in state 0. The data store neither a discount nor a horizon: the games are played for a fixed number of
steps, which ``load_bridge(...).finite_horizon(H)`` expresses.

Laidlaw, Russell and Dragan, Bridging RL theory and practice with the effective horizon, NeurIPS 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rltheory.io.npz import read_arrays
from rltheory.models import ModelError, OutcomeModel


def load_bridge(path: str | Path, gamma: float = 1.0) -> OutcomeModel:
    """Read a deterministic MDP of the BRIDGE data set.

    Parameters
    ----------
    path : str or Path
        The file ``mdp.npz``, or the folder that holds it.
    gamma : float
        Discount in [0, 1]; 1 by default, for the finite horizon that the games are played with.

    Returns
    -------
    OutcomeModel
        With one outcome for each pair, starting in state 0; where episodes end, an absorbing state is added last.

    Raises
    ------
    ModelError
        If the file is damaged or lacks an array, or if its numbers are not a model.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/mdp.npz", transitions=[[0, 1], [1, -1]], rewards=[[0, 0], [0, 5]])
    ...     load_bridge(folder)
    OutcomeModel(3 states, 6 state-action pairs, at most 1 outcomes, gamma=1)
    """
    path = Path(path) / "mdp.npz" if Path(path).is_dir() else Path(path)
    arrays = read_arrays(path)
    if not is_bridge(arrays):
        raise ModelError(f"{path} holds the arrays {sorted(arrays)}; a BRIDGE file has transitions and rewards")
    return from_arrays(arrays, gamma)


def is_bridge(arrays: Mapping[str, np.ndarray]) -> bool:
    """Whether these are the arrays of a BRIDGE file."""
    return {"transitions", "rewards"} <= arrays.keys()


def from_arrays(arrays: Mapping[str, np.ndarray], gamma: float) -> OutcomeModel:
    """Build the model from the arrays of a BRIDGE file."""
    return OutcomeModel.from_tables(arrays["transitions"], arrays["rewards"], gamma, mu=0)
