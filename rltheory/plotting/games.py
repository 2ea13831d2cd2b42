"""Pictures of games: who answers what, where equilibria go, and how fast those who learn come near one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rltheory.models import ModelError
from rltheory.plotting._axes import LINES, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("tab:blue", "tab:orange")
_POINTS = 401  # of the other's strategies, at which answers are asked for
_JUMP = 0.1  # between neighbouring points; a continuous answer is drawn by many

Respond = Callable[[int, np.ndarray], Any]


class _Game(Protocol):
    """A game in normal form, as `rltheory.games.NormalFormGame`."""

    @property
    def n_actions(self) -> tuple[int, ...]: ...
    def player_name(self, player: int) -> str: ...
    def action_name(self, player: int, action: int) -> str: ...
    def opponents_view(self, player: int) -> np.ndarray: ...


class _Equilibrium(Protocol):
    """A profile with its certificate, as `rltheory.games.Equilibrium`."""

    @property
    def profile(self) -> tuple[np.ndarray, ...]: ...


class _Run(Protocol):
    """What was learned, as `rltheory.games.learning.LearningRun`."""

    @property
    def checkpoints(self) -> np.ndarray: ...
    @property
    def gaps(self) -> np.ndarray: ...


def best_responses(
    game: _Game,
    ax: Axes | None = None,
    *,
    respond: Respond | None = None,
    equilibria: Iterable[_Equilibrium] = (),
    convex: bool = True,
) -> Axes:
    """Draw, in the square of strategies of two players with two actions each, what each answers to the other.

    Where the curves meet nobody wants to deviate.

    Parameters
    ----------
    game : NormalFormGame
        Two players with two actions each.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    respond : callable, optional
        ``respond(player, other)`` is the player's mixed strategy against the other's; by default what pays most on
        average, with the lower action where both do.
    equilibria : iterable of Equilibrium
        Profiles to mark by dots.
    convex : bool
        Whether, where an answer jumps, all mixtures of both are answers too, as they are of objectives that are
        concave; if not, a jump is left open.

    Returns
    -------
    matplotlib.axes.Axes
        The first player's probability of her first action to the right, the second player's upwards.

    Raises
    ------
    ModelError
        If the game has other sizes.

    See Also
    --------
    best_responses_table : the same numbers.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> ax = best_responses(NormalFormGame.zero_sum([[1, -1], [-1, 1]]))
    >>> float(ax.lines[0].get_xdata()[0]), float(ax.lines[0].get_xdata()[-1])
    (0.0, 1.0)
    """
    curves = _answers(game, respond)
    ax = axes(ax)
    for player, (other, own) in enumerate(curves):
        at, heights = (other, own) if convex else _broken(other, own)
        x, y = (heights, at) if player == 0 else (at, heights)
        name = f"answer of {game.player_name(player)}"
        ax.plot(x, y, color=_COLOURS[player], linestyle=LINES[player], linewidth=2.5, label=name)
    dots = np.array([[one.profile[0][0], one.profile[1][0]] for one in equilibria])
    if dots.size:
        ax.plot(*dots.T, "o", color="black", markersize=8, label="equilibrium", zorder=5, clip_on=False)
    ax.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
    for label, player in ((ax.set_xlabel, 0), (ax.set_ylabel, 1)):
        label(f"{game.player_name(player)}: probability of {game.action_name(player, 0)}")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def best_responses_table(game: _Game, *, respond: Respond | None = None) -> list[dict[str, float]]:
    """Return the numbers that `best_responses` draws, one row for each player and strategy of the other.

    Parameters
    ----------
    game, respond
        As for `best_responses`.

    Returns
    -------
    list of dict
        With keys ``player, other`` (the other's probability of the first action) and ``answer`` (the own one).

    Raises
    ------
    ModelError
        As for `best_responses`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> best_responses_table(NormalFormGame.symmetric([[4, 1], [3, 3]]))[0]
    {'player': 0, 'other': 0.0, 'answer': 0.0}
    """
    return [
        {"player": player, "other": x, "answer": y}
        for player, (other, own) in enumerate(_answers(game, respond))
        for x, y in zip(other.tolist(), own.tolist(), strict=True)
    ]


def equilibrium_paths(
    paths: Mapping[str, Iterable[tuple[float, Any]]],
    ax: Axes | None = None,
    *,
    player: int = 0,
    action: int = 0,
    dotted: Collection[str] = (),
) -> Axes:
    """Draw how often a player plays an action along paths of equilibria: as precision or aversion to risk grows.

    Parameters
    ----------
    paths : mapping from names to iterables of (float, profile)
        The parameter and a strategy for each player, in the order of the path; the parameter may turn back.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    player, action : int
        Whose probability of what.
    dotted : collection of str
        Names of paths that are drawn as points, for they are collections of equilibria and no curves.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no path to draw, or no such player or action.

    See Also
    --------
    equilibrium_paths_table : the same numbers.

    Examples
    --------
    >>> ax = equilibrium_paths({"path": [(0.0, [[0.5, 0.5], [0.5, 0.5]]), (1.0, [[0.9, 0.1], [0.5, 0.5]])]})
    >>> ax.lines[0].get_ydata().tolist()
    [0.5, 0.9]
    """
    rows = equilibrium_paths_table(paths, player=player, action=action)
    ax = axes(ax)
    for k, name in enumerate(paths):
        points = [(row["parameter"], row["probability"]) for row in rows if row["path"] == name]
        x, y = zip(*points, strict=True) if points else ((), ())
        style = {"linestyle": LINES[k % len(LINES)], "linewidth": 2.5}
        if name in dotted:
            style = {"linestyle": "none", "marker": ".", "markersize": 5}
        ax.plot(x, y, label=name, **style)  # type: ignore[arg-type]
    ax.set_ylim(-0.03, 1.03)
    ax.set_xlabel("parameter")
    ax.set_ylabel(f"probability of action {action} of player {player}")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def equilibrium_paths_table(
    paths: Mapping[str, Iterable[tuple[float, Any]]], *, player: int = 0, action: int = 0
) -> list[dict[str, Any]]:
    """Return the numbers that `equilibrium_paths` draws, one row for each point.

    Parameters
    ----------
    paths, player, action
        As for `equilibrium_paths`; an iterator is used up by it.

    Returns
    -------
    list of dict
        With keys ``path, parameter`` and ``probability``.

    Raises
    ------
    ModelError
        As for `equilibrium_paths`.

    Examples
    --------
    >>> equilibrium_paths_table({"path": [(2.0, [[0.5, 0.5], [0.25, 0.75]])]}, player=1)
    [{'path': 'path', 'parameter': 2.0, 'probability': 0.25}]
    """
    _require_something(paths, "path")
    return [
        {"path": name, "parameter": float(parameter), "probability": _probability(profile, player, action)}
        for name, points in paths.items()
        for parameter, profile in points
    ]


def learning_gaps(
    runs: Mapping[str, _Run], ax: Axes | None = None, *, bounds: Mapping[str, Callable[[int], float]] | None = None
) -> Axes:
    """Draw how the gap of average strategies falls with the rounds, beside what theory promises, on logarithmic axes.

    Parameters
    ----------
    runs : mapping from names to LearningRun
        What to compare.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.
    bounds : mapping from names to callables, optional
        For some of the runs, the bound after T rounds; dashed, in the colour of the run.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ModelError
        If there is no run to draw, or a bound is on none.

    See Also
    --------
    learning_gaps_table : the same numbers.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import regret_matching, self_play
    >>> run = self_play(NormalFormGame.zero_sum([[2, 0], [0, 1]]), regret_matching(), rounds=100)
    >>> ax = learning_gaps({"regret matching": run})
    >>> len(ax.lines), ax.get_xscale()
    (1, 'log')
    """
    rows = learning_gaps_table(runs, bounds=bounds)
    ax = axes(ax)
    for name in runs:
        mine = [row for row in rows if row["run"] == name]
        rounds = [row["rounds"] for row in mine]
        (line,) = ax.plot(rounds, [row["gap"] for row in mine], "o-", markersize=4, label=name)
        if bounds and name in bounds:
            heights = [row["bound"] for row in mine]
            ax.plot(rounds, heights, "--", color=line.get_color(), label=f"bound, {name}")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("rounds T")
    ax.set_ylabel("gap of the averages (payoff units)")
    ax.grid(visible=True, color="0.9")
    ax.legend()
    return ax


def learning_gaps_table(
    runs: Mapping[str, _Run], *, bounds: Mapping[str, Callable[[int], float]] | None = None
) -> list[dict[str, Any]]:
    """Return the numbers that `learning_gaps` draws, one row for each run and checkpoint.

    Parameters
    ----------
    runs, bounds
        As for `learning_gaps`.

    Returns
    -------
    list of dict
        With keys ``run, rounds, gap`` (in payoff units), and ``bound``, None where there is none.

    Raises
    ------
    ModelError
        As for `learning_gaps`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.learning import regret_matching, self_play
    >>> run = self_play(NormalFormGame.zero_sum([[0, 0], [0, 1]]), regret_matching(), rounds=1)
    >>> [row] = learning_gaps_table({"run": run}, bounds={"run": lambda T: 2 / T**0.5})
    >>> row["rounds"], round(row["gap"], 6), row["bound"]
    (1, 0.5, 2.0)
    """
    _require_something(runs, "run")
    promised = dict(bounds or {})
    unknown = [name for name in promised if name not in runs]
    if unknown:
        raise ModelError(f"there is a bound on {unknown[0]!r}, which is no run; runs are {', '.join(map(repr, runs))}")
    return [
        {"run": name, "rounds": t, "gap": gap, "bound": float(promised[name](t)) if name in promised else None}
        for name, run in runs.items()
        for t, gap in zip(run.checkpoints.tolist(), run.gaps.tolist(), strict=True)
    ]


def _answers(game: _Game, respond: Respond | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each player the other's probabilities of the first action, and the own one in reply."""
    if game.n_actions != (2, 2):
        raise ModelError(f"the game has actions {game.n_actions}; the square is for two players with two each")
    asked = respond or (lambda player, other: np.eye(2)[int(np.argmax(game.opponents_view(player) @ other))])
    at = np.linspace(0, 1, _POINTS)
    return [(at, np.array([asked(player, np.array([x, 1 - x]))[0] for x in at])) for player in (0, 1)]


def _broken(at: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put a hole in a curve at each jump."""
    jumps = np.flatnonzero(np.abs(np.diff(heights)) > _JUMP) + 1
    return np.insert(at, jumps, np.nan), np.insert(heights, jumps, np.nan)


def _probability(profile: Any, player: int, action: int) -> float:
    profile = tuple(profile)
    if not 0 <= player < len(profile):
        raise ModelError(f"there is no player {player}; players are 0..{len(profile) - 1}")
    if not 0 <= action < len(profile[player]):
        raise ModelError(f"player {player} has no action {action}; actions are 0..{len(profile[player]) - 1}")
    return float(profile[player][action])


def _require_something(given: Mapping[str, Any], what: str) -> None:
    if not given:
        raise ModelError(f"there is no {what} to draw; {what}s maps a name to each")
