r"""What theory promises of one game, in timesteps: bounds that can be compared, on one scale.

For a deterministic game (`BOUNDS`), all but the last are upper bounds on what somebody takes:

- ``worst case`` :math:`H \lceil A^H / 2 \rceil`, who tries all sequences in random order; ``covering``
  :math:`H \lceil \log(2n) / \mu \rceil`, who acts at random until the model is known; ``optimism`` :math:`H (SA + 1)`,
  who remembers every pair; ``planning window`` :math:`H^2 A^W`, who plans ahead;
- greedy over random policy: ``proved horizon``, ``published horizon``, ``tighter horizon`` and ``exact horizon`` are
  :math:`H^2 A^{\mathcal H}` with the effective horizon :math:`\mathcal H` that is proved from gaps, that is published
  for the same, that is published with tighter intervals, and that is exact;
- ``ucbvi rate`` is a rate without constants, and only orders games.

For a game with sticky actions (`STICKY_BOUNDS`), with the stochastic effective horizon :math:`\bar H_k`,

- ``proved sqirl`` bounds what shallow Q-iteration with averages and fresh episodes takes (`bounds.sqirl_episodes`);
- ``sqirl rate`` :math:`\min_k k H^3 A^{\bar H_k} / \varepsilon` is its shape without constants and the number of
  states; ``covering``, ``planning window`` and ``ucbvi rate`` are those of the sticky game. They only order games.
"""

from __future__ import annotations

import math

from rltheory.horizon import bounds
from rltheory.horizon.analysis import analyse
from rltheory.horizon.gorp_success import exact_horizon
from rltheory.horizon.occupancy import exploration_occupancy
from rltheory.horizon.proved_bound import proved_horizon
from rltheory.horizon.report import HorizonReport
from rltheory.horizon.simple_bound import simple_bound
from rltheory.horizon.sticky import count_sticky_states
from rltheory.horizon.tighter_bound import tighter_horizon
from rltheory.models import CriterionError, OutcomeModel

BOUNDS = (
    "worst case",
    "covering",
    "optimism",
    "ucbvi rate",
    "planning window",
    "proved horizon",
    "published horizon",
    "tighter horizon",
    "exact horizon",
)
"""What theory promises of a deterministic game, the crudest first."""

STICKY_BOUNDS = ("covering", "ucbvi rate", "planning window", "sqirl rate", "proved sqirl")
"""What theory promises of a game with sticky actions."""


def promises(model: OutcomeModel, H: int, *, optimal_within: float = 0.0) -> dict[str, float]:
    """Return what theory promises of one deterministic game, in timesteps, by the names of `BOUNDS`.

    Parameters
    ----------
    model : OutcomeModel
        Deterministic, with one start state, ``gamma = 1`` and as many actions in every state.
    H : int
        Steps.
    optimal_within : float
        Loss at which an action still counts as optimal, in reward units, beyond rounding.

    Returns
    -------
    dict of str to float
        The exact horizon is nan where exact laws are out of reach, the tighter one where it would take long.

    Raises
    ------
    ModelError, CriterionError
        If the model is not of this kind, or an argument is out of range.

    Examples
    --------
    >>> import mdps
    >>> found = promises(mdps.horizon_lock(5), 5)
    >>> found["worst case"], found["planning window"]
    (80.0, 800.0)
    """
    proved = proved_horizon(model, H, optimal_within=optimal_within)
    report = analyse(model, H, max_k=1, optimal_within=optimal_within)
    occupancy = exploration_occupancy(model, H)
    A, counted = model.n_actions, int(occupancy.counted.sum())
    try:
        exact = exact_horizon(model, H, optimal_within=optimal_within).timesteps
    except CriterionError:
        exact = math.nan
    return {
        "worst case": bounds.worst_case_timesteps(H, A),
        "covering": H * occupancy.covering_length,
        "optimism": bounds.optimism_timesteps(H, counted, A),
        "ucbvi rate": bounds.ucbvi_rate(H, counted, A, eps=1.0),
        "planning window": bounds.planning_timesteps(H, A, report.planning_window or H),
        "proved horizon": proved.timesteps,
        "published horizon": simple_bound(model, H, optimal_within=optimal_within).timesteps,
        "tighter horizon": bounds.gorp_timesteps(H, A, tighter_horizon(model, H, optimal_within=optimal_within), 1),
        "exact horizon": exact,
    }


def sticky_promises(
    model: OutcomeModel, H: int, sticky: float, *, eps: float, optimal_within: float = 0.0, max_k: int | None = None
) -> dict[str, float]:
    """Return what theory promises of a game with sticky actions, in timesteps, by the names of `STICKY_BOUNDS`.

    Parameters
    ----------
    model : OutcomeModel
        The game without sticky actions, with ``gamma = 1`` and as many actions in every state.
    H : int
        Steps.
    sticky : float
        Probability in [0, 1) that the last executed action is executed again.
    eps : float
        Loss that is asked for, in reward units, above 0.
    optimal_within : float
        As for `promises`.
    max_k : int, optional
        Largest lookahead; by default as for `analyse`.

    Returns
    -------
    dict of str to float
        Those of shallow Q-iteration are nan unless rewards are at least 0 and returns at most 1: see `normalised`.

    Raises
    ------
    ModelError, CriterionError
        If the model is not of this kind, or an argument is out of range.

    Examples
    --------
    >>> import mdps
    >>> found = sticky_promises(mdps.decoy(2, prize=0.3), 3, 0.25, eps=0.1)
    >>> found["planning window"], found["proved sqirl"] > found["sqirl rate"]
    (72.0, True)
    """
    report = analyse(model, H, sticky=sticky, max_k=max_k, optimal_within=optimal_within)
    occupancy = exploration_occupancy(model, H, sticky=sticky)
    A, counted = model.n_actions, int(occupancy.counted.sum())
    rate = proved = math.nan
    if report.unit_returns:
        rate, proved = _of_regression(report, count_sticky_states(model, H), eps)
    return {
        "covering": H * occupancy.covering_length,
        "ucbvi rate": bounds.ucbvi_rate(H, counted, A, eps=eps),
        "planning window": bounds.planning_timesteps(H, A, report.planning_window or H),
        "sqirl rate": rate,
        "proved sqirl": proved,
    }


def _of_regression(report: HorizonReport, n_states: int, eps: float) -> tuple[float, float]:
    """Return the rate and the bound of shallow Q-iteration at the best lookahead."""
    H, A = report.H, report.n_actions
    rates, proved = [math.inf], [math.inf]
    for k, (horizon, gap) in enumerate(zip(report.effective_horizon.tolist(), report.q_gap.tolist(), strict=True), 1):
        if horizon < math.inf:
            rates.append(k * bounds.gorp_timesteps(H, A, horizon, H) / eps)
            proved.append(bounds.sqirl_timesteps(H, k, bounds.sqirl_episodes(H, n_states, A, k, gap, eps=eps)))
    return min(rates), min(proved)
