"""A model as a picture: a graph if it is small, else the matrix of its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from proofs_check.html_report.cells import MOST_CELLS, number, rows_of_model
from proofs_check.html_report.graphs import Move, model_graph, readable
from rltheory.models import MDP, FiniteHorizonMDP, LinearMDP, LinearMixtureMDP, OutcomeModel
from rltheory.submodular import SubmodularMDP

_MOST_STEPS = 3
_MOST_ROWS = 30


def picture_of_model(model: Any) -> str | None:
    """Draw a model.

    Parameters
    ----------
    model : object

    Returns
    -------
    str or None
        HTML; None if it is no model, has no step, or is too large to be drawn.
    """
    if isinstance(model, MDP):
        return _picture(model, model.P, model.r)
    if isinstance(model, OutcomeModel):
        return _outcomes(model)
    if isinstance(model, LinearMDP | LinearMixtureMDP):
        return picture_of_model(model.to_finite_horizon())
    if isinstance(model, SubmodularMDP):
        return _steps(model.dynamics, with_rewards=False)
    return _steps(model) if isinstance(model, FiniteHorizonMDP) else None


def _steps(model: FiniteHorizonMDP, *, with_rewards: bool = True) -> str | None:
    """Draw the first steps of a model with a horizon, or the one that is like all others."""
    shown = min(model.H, 1 if model.is_stationary else _MOST_STEPS)
    pictures = []
    for t in range(shown):
        picture = _picture(model, model.rows(t), np.ravel(model.rewards(t)) if with_rewards else None)
        if picture is None:
            return None
        same = "the only step" if model.H == 1 else f"each of {model.H} steps"
        when = same if model.is_stationary else f"step {t} of {model.H}"
        pictures.append(f'<div class="step"><span>{when}</span>{picture}</div>')
    return "".join(pictures) or None


def _picture(model: Any, P: csr_array, rewards: np.ndarray | None) -> str | None:
    moves = []
    for row, (state, action) in enumerate(_pairs(model)):
        entries = slice(P.indptr[row], P.indptr[row + 1])
        law = [(s, p) for s, p in zip(P.indices[entries].tolist(), P.data[entries].tolist(), strict=True) if p > 0]
        outcomes = tuple((target, p, number(p) if len(law) > 1 else "") for target, p in law)
        reward = "" if rewards is None else f": {number(float(rewards[row]))}"
        moves.append(Move(state, action, f"{model.action_name(state, action)}{reward}", outcomes))
    told = [""] * len(moves) if rewards is None else [number(reward) for reward in rewards.tolist()]
    return _graph_or_rows(model, moves, P.toarray(), told)


def _outcomes(model: OutcomeModel) -> str | None:
    moves, told, P = [], [], np.zeros((model.n_pairs, model.n_states))
    for row, (state, action) in enumerate(_pairs(model)):
        law = [
            (target, p, reward)
            for reward, target, p in zip(
                *(a[row].tolist() for a in (model.reward, model.next_state, model.prob)), strict=True
            )
            if p > 0
        ]
        certain = len({reward for _, _, reward in law}) == 1
        name = model.action_name(state, action)
        told.append(number(law[0][2]) if certain else " or ".join(number(reward) for _, _, reward in law))
        outcomes = tuple(
            (target, p, number(p) * (len(law) > 1) + f": {number(reward)}" * (not certain)) for target, p, reward in law
        )
        moves.append(Move(state, action, f"{name}: {number(law[0][2])}" if certain else name, outcomes))
        np.add.at(P[row], [target for target, _, _ in law], [p for _, p, _ in law])
    return _graph_or_rows(model, moves, P, told)


def _graph_or_rows(model: Any, moves: list[Move], P: np.ndarray, told: list[str]) -> str | None:
    names = [model.state_name(state) for state in range(model.n_states)]
    label = f"A model with {model.n_states} states and {model.n_pairs} state-action pairs"
    if readable(model.n_states, moves):
        return model_graph(names, moves, label)
    if model.n_states > MOST_CELLS or model.n_pairs > _MOST_ROWS:
        return None
    sides = [f"{names[move.state]}, {model.action_name(move.state, move.action)}" for move in moves]
    return rows_of_model(names, sides, P, told)


def _pairs(model: Any) -> list[tuple[int, int]]:
    start = model.pair_start
    return [(state, row - int(start[state])) for row, state in enumerate(model.pair_state.tolist())]
