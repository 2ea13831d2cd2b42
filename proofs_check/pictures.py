"""Pictures of an attack: how near to the bound it came, and the instance on which it did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from proofs_check.attack import Attack
from proofs_check.verification import Example
from proofs_check.words import arguments
from rltheory import MDP, OutcomeModel
from rltheory.plotting._action_graph import draw_actions
from rltheory.plotting._axes import axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_attack(attack: Attack, ax: Axes | None = None) -> Axes:
    """Draw how the tightness grew with the number of instances.

    Parameters
    ----------
    attack : Attack
        What `proofs_check.attack` found; of a bound, not of an identity.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If no instance has a ratio, as in an identity.

    See Also
    --------
    Attack.to_rows : the same numbers.

    Examples
    --------
    >>> import proofs_check
    >>> ax = plot_attack(proofs_check.attack("greedy-loss", budget=20))
    >>> ax.get_ylabel()
    'tightness, left side / right side (no unit)'
    """
    if not attack.history:
        raise ValueError(f"no instance of {attack.theorem.name} has a ratio; there is nothing to draw")
    ax = axes(ax)
    counts, ratios = zip(*attack.history, strict=True)
    ax.step([*counts, attack.evaluations], [*ratios, ratios[-1]], where="post", label="best so far")
    ax.plot(counts, ratios, "o", color="C0", markersize=4)
    if attack.moved and not attack.violated:
        ax.axhline(attack.drawn, color="0.6", linestyle=":", label="best that was drawn")
    if attack.violated:
        ax.plot(counts[-1], ratios[-1], "X", color="tab:red", markersize=9, label="violation")
    ax.axhline(1.0, color="0.3", linestyle="--", label="bound attained")
    ax.set_ylim(min(0.0, *ratios) - 0.02, max(1.0, *ratios) + 0.05)
    ax.set_xlabel("instances evaluated")
    ax.set_ylabel("tightness, left side / right side (no unit)")
    ax.set_title(attack.theorem.title)
    ax.legend()
    return ax


def plot_instance(example: Example, ax: Axes | None = None) -> Axes:
    """Draw the model of an instance, with the reward of every action.

    An action that leads to one state for sure is an arrow (or ↻, if it stays); where chance decides, it is a box.

    Parameters
    ----------
    example : Example
        Such as the ``best`` of an attack, the ``worst`` of a verification, or the ``counterexample`` of a grade. One of
        its arguments is an `MDP` or `OutcomeModel`, of which mean rewards are shown.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If no argument is such a model; read ``example.in_words()``.

    Examples
    --------
    >>> import proofs_check
    >>> found = proofs_check.attack("greedy-loss", budget=20)
    >>> plot_instance(found.best).get_title()
    'gamma = 0.8; left side 0.8, right side 0.8'
    """
    mdp = _model(example)
    ax = axes(ax)
    actions = np.arange(mdp.n_pairs) - mdp.pair_start[mdp.pair_state]
    names = [f"{action}: {reward:.3g}" for action, reward in zip(actions.tolist(), mdp.r.tolist(), strict=True)]
    nothing = np.full(mdp.n_states, -1)
    draw_actions(ax, replace(mdp, action_names=names), nothing, np.zeros(mdp.n_pairs, dtype=bool))
    ax.set_title(f"gamma = {mdp.gamma:g}; left side {example.check.lhs:.4g}, right side {example.check.rhs:.4g}")
    return ax


def _model(example: Example) -> MDP:
    for argument in arguments(example.instance):
        if isinstance(argument, MDP):
            return argument
        if isinstance(argument, OutcomeModel):
            return argument.to_mdp()
    raise ValueError("no argument of the instance is an MDP or an OutcomeModel; read its in_words()")
