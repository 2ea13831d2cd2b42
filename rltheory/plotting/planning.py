"""Pictures of planning: a value, a policy, and how fast an algorithm closes in on them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.models import MDP, FiniteHorizonMDP, ModelError
from rltheory.plotting._axes import UNITS, axes, name_ticks, whole_ticks
from rltheory.plotting._graph import draw_chain
from rltheory.plotting._grid import draw_moves, draw_values, grid_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from rltheory.planning import PolicyValue, Solution

_BARS = 200
_MEASURED: dict[str, Any] = {"marker": "o", "markersize": 3}
_BOUNDS: list[dict[str, Any]] = [{"linestyle": "--"}, {"linestyle": ":"}, {"linestyle": "-."}]


def values(
    model: MDP | FiniteHorizonMDP,
    solution: Solution | PolicyValue | Any,
    ax: Axes | None = None,
    *,
    shape: tuple[int, int] | None = None,
    t: int = 0,
) -> Axes:
    """Draw the value of each state: a map if the states are cells of a grid, bars otherwise.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        Its states are a grid if they are named ``(row, column)``.
    solution : Solution, PolicyValue, or array_like of shape (n_states,) or (H + 1, n_states)
        The value, in reward units; bars of an answer also show its proven enclosure.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    shape : (int, int), optional
        Rows and columns of a grid whose states are its cells, row after row (and perhaps an end after them).
    t : int
        Step of a finite horizon.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the value or the shape does not fit the model.

    See Also
    --------
    values_table : the same numbers.

    Examples
    --------
    >>> import rltheory as rl
    >>> corridor = rl.MDP.from_arrays([[[0, 1]], [[0, 1]]], [1, 0], gamma=0.5, state_names=["(0, 0)", "(0, 1)"])
    >>> ax = values(corridor, [1.0, 0.0])
    >>> ax.images[0].get_array().tolist()
    [[1.0, 0.0]]
    """
    rows = values_table(model, solution, t=t)
    value = np.array([row["value"] for row in rows])
    ax = axes(ax)
    grid = grid_of(model, shape)
    if grid is not None:
        draw_values(ax, grid, value)
        return ax
    if len(rows) > _BARS:
        ax.stairs(value, np.arange(len(rows) + 1) - 0.5, fill=True)
    else:
        ends = [[abs(row["value"] - row.get(end, row["value"])) for row in rows] for end in ("lower", "upper")]
        ax.bar(range(len(rows)), value, yerr=ends, ecolor="0.3")
    name_ticks(ax, [row["state"] for row in rows])
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.set_xlabel("state")
    ax.set_ylabel(f"value ({UNITS})")
    return ax


def values_table(
    model: MDP | FiniteHorizonMDP, solution: Solution | PolicyValue | Any, *, t: int = 0
) -> list[dict[str, Any]]:
    """Return the numbers that `values` draws, one row for each state.

    Parameters
    ----------
    model, solution, t
        As for `values`.

    Returns
    -------
    list of dict
        With keys ``state, value`` and, of an answer, ``lower, upper``, in reward units.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5, state_names=["tails", "heads"])
    >>> values_table(coin, [0.5, 1.5])
    [{'state': 'tails', 'value': 0.5}, {'state': 'heads', 'value': 1.5}]
    """
    given = {"value": getattr(solution, "value", solution)}
    given |= {end: getattr(solution, end) for end in ("lower", "upper") if hasattr(solution, end)}
    columns = {name: _of_states(model, column, name, t) for name, column in given.items()}
    return [
        {"state": model.state_name(s)} | {name: float(column[s]) for name, column in columns.items()}
        for s in range(model.n_states)
    ]


def policy(
    model: MDP | FiniteHorizonMDP,
    solution: Solution | Any,
    ax: Axes | None = None,
    *,
    shape: tuple[int, int] | None = None,
    directions: Sequence[str] | None = None,
    t: int = 0,
) -> Axes:
    """Draw a policy: arrows if the states are cells of a grid, the graph of its Markov chain otherwise.

    A grid may be drawn over a value map, on the same axes. Absorbing states have a dot in place of an arrow, actions
    that are not directions their name. In the graph a node shows the state and its likeliest action, an edge the
    probability of going there.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        Its states are a grid if they are named ``(row, column)``.
    solution : Solution, or array_like of int, shape (n_states,), or of float, shape (n_states, n_actions)
        The policy, with a leading axis H if it depends on the step.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    shape : (int, int), optional
        As for `values`.
    directions : sequence of str, optional
        The direction of each action, in place of the model's names: up, right, down, left (or north, ...). Gymnasium's
        FrozenLake has ``("left", "down", "right", "up")``.
    t : int
        Step of a finite horizon.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If the policy or the shape does not fit the model, or the model is no grid and too large for a graph.

    See Also
    --------
    policy_table : the same numbers.

    Examples
    --------
    >>> import rltheory as rl
    >>> P = [[[1, 0], [0, 1]], [[0, 1], [0, 1]]]
    >>> names = {"state_names": ["(0, 0)", "(0, 1)"], "action_names": ["left", "right"]}
    >>> corridor = rl.MDP.from_arrays(P, [[0, 1], [0, 0]], gamma=0.5, **names)
    >>> ax = policy(corridor, [1, 0])
    >>> arrows = ax.collections[-1]
    >>> arrows.U.tolist(), arrows.V.tolist()
    ([1.0], [0.0])
    """
    rows = policy_table(model, solution, t=t)
    ax = axes(ax)
    grid = grid_of(model, shape)
    if grid is None:
        draw_chain(ax, model if isinstance(model, MDP) else _stationary(model, t), rows)
        return ax
    if directions is not None and len(directions) != model.n_actions:
        raise ModelError(f"directions has {len(directions)} entries; the model has {model.n_actions} actions")
    taken = [row | {"action": directions[row["action_index"]]} for row in rows] if directions is not None else rows
    draw_moves(ax, grid, _absorbing(model, t), taken)
    return ax


def policy_table(model: MDP | FiniteHorizonMDP, solution: Solution | Any, *, t: int = 0) -> list[dict[str, Any]]:
    """Return what `policy` draws, one row for each state and each action taken in it.

    Parameters
    ----------
    model, solution, t
        As for `policy`.

    Returns
    -------
    list of dict
        With keys ``state, action`` (names), ``prob`` and ``state_index, action_index``.

    Examples
    --------
    >>> import rltheory as rl
    >>> coin = rl.MDP.from_arrays([[[0.5, 0.5]], [[0.5, 0.5]]], [0, 1], gamma=0.5)
    >>> policy_table(coin, [0, 0])[1]
    {'state': '1', 'action': '0', 'prob': 1.0, 'state_index': 1, 'action_index': 0}
    """
    taken = np.asarray(getattr(solution, "policy", solution))
    stochastic = taken.dtype.kind == "f"
    if taken.ndim == (3 if stochastic else 2):
        taken = taken[_step(t, len(taken))]
    wanted = (model.n_states, model.n_actions) if stochastic else (model.n_states,)
    if taken.shape != wanted:
        raise ModelError(f"the policy has shape {taken.shape}; for this model it is {wanted}, after H if it changes")
    pairs = np.argwhere(taken).tolist() if stochastic else list(enumerate(taken.tolist()))
    return [
        {
            "state": model.state_name(s),
            "action": model.action_name(s, a),
            "prob": float(taken[s, a]) if stochastic else 1.0,
            "state_index": s,
            "action_index": a,
        }
        for s, a in pairs
    ]


def convergence(rows: Sequence[dict[str, float]] | Solution, ax: Axes | None = None) -> Axes:
    """Draw errors and bounds against rounds, on a logarithmic scale.

    Parameters
    ----------
    rows : list of dict, or Solution
        The first key of a row counts the rounds, the others are lines to draw, in reward units: as a rule the answer of
        `convergence_table`. Of a solution, its proven gap after each round is drawn.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no round to draw.

    Examples
    --------
    >>> ax = convergence([{"sweep": 0, "error": 1.0}, {"sweep": 1, "error": 0.5}])
    >>> ax.lines[0].get_ydata().tolist(), ax.get_yscale()
    ([1.0, 0.5], 'log')
    """
    table = rows if isinstance(rows, Sequence) else _history(rows)
    if not table:
        raise ModelError("there is no round to draw: the solution's history is empty, as that of a direct method")
    ax = axes(ax)
    rounds, *lines = table[0]
    for name, style in zip(lines, [_MEASURED, *_BOUNDS * len(lines)], strict=False):
        heights = np.array([row[name] for row in table])
        ax.plot([row[rounds] for row in table], np.where(heights > 0, heights, np.nan), label=name, **style)
    ax.set_yscale("log")
    whole_ticks(ax.xaxis)
    ax.set_xlabel(rounds)
    ax.set_ylabel(f"largest error of a state ({UNITS})")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def convergence_table(mdp: MDP, *, sweeps: int = 50, optimum: Solution | Any = None) -> list[dict[str, float]]:
    r"""Return, for each sweep of value iteration from zero, the measured error and two bounds on it.

    With :math:`v_k = T^k 0` the error is :math:`\|v_k - v^*\|`. It is bounded before the run by
    :math:`\gamma^k \|v_1 - v_0\| / (1 - \gamma)` (`bounds.residual_error` and `bounds.geometric_error`), and after
    sweep k by :math:`\|T v_k - v_k\| / (1 - \gamma)` (`bounds.residual_error`).

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    sweeps : int
        How many.
    optimum : Solution, or array_like of shape (n_states,), optional
        What the error is measured against; by default `rltheory.solve` finds it.

    Returns
    -------
    list of dict
        With keys ``sweep, measured error, a-posteriori bound, a-priori bound``, in reward units.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.

    Notes
    -----
    Banach's fixed-point theorem; Puterman (2005), section 6.3.

    Examples
    --------
    >>> import rltheory as rl
    >>> one = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> convergence_table(one, sweeps=2, optimum=[2.0])[1]
    {'sweep': 1, 'measured error': 1.0, 'a-posteriori bound': 1.0, 'a-priori bound': 1.0}
    """
    from rltheory.planning import bounds, solve, value_iterates
    from rltheory.planning.enclosure import require_discounted

    require_discounted(mdp)
    best = np.asarray(getattr(solve(mdp) if optimum is None else optimum, "value", optimum))
    rows: list[dict[str, float]] = []
    for k, iterate in enumerate(islice(value_iterates(mdp), sweeps + 1)):
        residual = float(np.abs(iterate.residual).max())
        first = rows[0]["a-posteriori bound"] if rows else bounds.residual_error(mdp.gamma, residual)
        rows.append(
            {
                "sweep": k,
                "measured error": float(np.abs(iterate.value - best).max()),
                "a-posteriori bound": bounds.residual_error(mdp.gamma, residual),
                "a-priori bound": bounds.geometric_error(mdp.gamma, k, first),
            }
        )
    return rows


def _of_states(model: MDP | FiniteHorizonMDP, column: Any, name: str, t: int) -> np.ndarray:
    """Return one number for each state, at step t if they depend on it."""
    column = np.asarray(column, dtype=np.float64)
    if column.ndim == 2:
        column = column[_step(t, len(column))]
    if column.shape != (model.n_states,):
        raise ModelError(f"{name} has shape {column.shape}; the model has {model.n_states} states")
    return column


def _step(t: int, n_steps: int) -> int:
    if not 0 <= t < n_steps:
        raise ModelError(f"there is no step t = {t}; steps are 0..{n_steps - 1}")
    return t


def _history(solution: Solution) -> list[dict[str, float]]:
    """Return the proven gap after each round of a solution."""
    return [{"round": k, "proven gap": gap} for k, gap in enumerate(solution.history.tolist(), start=1)]


def _absorbing(model: MDP | FiniteHorizonMDP, t: int) -> np.ndarray:
    """Whether each state stays where it is under all of its actions."""
    rows = (model if isinstance(model, MDP) else _stationary(model, t)).P
    stays = np.asarray(rows[np.arange(model.n_pairs), model.pair_state]).reshape(-1) == 1
    return np.logical_and.reduceat(stays, model.pair_start[:-1])


def _stationary(model: FiniteHorizonMDP, t: int) -> MDP:
    """Return the dynamics of step t as a stationary model."""
    return MDP(
        model.rows(t), model.rewards(t), model.gamma, model.mu, model.pair_start, model.state_names, model.action_names
    )
