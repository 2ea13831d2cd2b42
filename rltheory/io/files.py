"""Reading a file without saying its format: its ending tells, or the arrays inside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rltheory.io import bridge, drn, nfg, npz, prism
from rltheory.io._explicit import Labels
from rltheory.io.npz import Model
from rltheory.models import Dataset, LinearMDP, ModelError

if TYPE_CHECKING:
    from rltheory.games import NormalFormGame


def load(path: str | Path, gamma: float | None = None) -> Model | NormalFormGame:
    """Read a file written by `save_npz`, or one of PRISM, Storm, Gambit or the BRIDGE data set.

    Parameters
    ----------
    path : str or Path
        The file, known by its ending: ``.npz``, ``.tra``, ``.drn`` or ``.nfg``; or a BRIDGE folder.
    gamma : float, optional
        Discount in [0, 1] in place of the one stored; the other formats store none and have 1 by default. A `LinearMDP`
        has no discount, so that 1 is the only one, a game in normal form none at all, and a `Dataset` no use for it.

    Returns
    -------
    MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel, Dataset or NormalFormGame

    Raises
    ------
    ModelError
        If the file is none of these, or damaged, or a `LinearMDP` is to be discounted, or a game is given a discount.

    Notes
    -----
    `read_prism` and `read_drn` also return the labels of states, and have options.

    Examples
    --------
    >>> import tempfile, rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_as = f"{folder}/coin.npz"
    ...     rl.io.save_npz(save_as, coin)
    ...     load(save_as, gamma=0.9).gamma
    0.9
    """
    return load_with_labels(path, gamma)[0]


def load_with_labels(path: str | Path, gamma: float | None = None) -> tuple[Model | NormalFormGame, Labels]:
    """Read a file as `load` does, with the labels of states that formats other than PRISM's and Storm's do not have.

    Parameters
    ----------
    path, gamma
        As for `load`.

    Returns
    -------
    model : MDP, FiniteHorizonMDP, LinearMDP, OutcomeModel, Dataset or NormalFormGame
    labels : dict of str to ndarray of int

    Raises
    ------
    ModelError
        As for `load`.
    """
    ending = Path(path).suffix
    if ending in (".tra", ".drn"):
        read = prism.read_prism if ending == ".tra" else drn.read_drn
        return read(path, 1.0 if gamma is None else gamma)
    if ending == ".nfg":
        if gamma is not None:
            raise ModelError(f"{path} holds a game in normal form, which is played once; leave gamma={gamma:g} out")
        return nfg.read_nfg(path), {}
    return _load_arrays(path, gamma), {}


def _load_arrays(path: str | Path, gamma: float | None) -> Model:
    """Read an ``.npz`` file, ours or of BRIDGE."""
    if Path(path).is_dir():
        path = Path(path) / "mdp.npz"
    arrays = npz.read_arrays(path)
    if bridge.is_bridge(arrays):
        return bridge.from_arrays(arrays, 1.0 if gamma is None else gamma)
    if not npz.is_ours(arrays):
        raise ModelError(f"{path} holds the arrays {sorted(arrays)}: neither a file of save_npz nor one of BRIDGE")
    model = npz.from_arrays(arrays, path)
    if isinstance(model, LinearMDP):
        if gamma not in (None, 1):
            raise ModelError(f"{path} holds a LinearMDP, which is undiscounted; gamma is {gamma:g}, leave it out")
        return model
    return model if gamma is None or isinstance(model, Dataset) else model.replace(gamma=gamma)
