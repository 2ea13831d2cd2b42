"""A small model as a graph: states are circles, and an action is an arrow, or a dot from which chance goes on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from proofs_check.html_report.svg import (
    GREY,
    INK,
    PALETTE,
    Curve,
    Labels,
    Point,
    arrow,
    bounds_of,
    drawing,
    element,
)

MOST_STATES, MOST_ARROWS = 7, 20
_RADIUS, _DOT, _REACH = 15.0, 3.0, 56.0
_SLOTS = 16


@dataclass(frozen=True, slots=True)
class Move:
    """One action of a state: its label, and for each outcome the next state, the probability and a label."""

    state: int
    action: int
    label: str
    outcomes: tuple[tuple[int, float, str], ...]


def readable(n_states: int, moves: Sequence[Move]) -> bool:
    """Whether the graph of a model would be small enough to be read."""
    return n_states <= MOST_STATES and sum(len(move.outcomes) for move in moves) <= MOST_ARROWS


def model_graph(names: Sequence[str], moves: Sequence[Move], label: str) -> str:
    """Draw a model.

    Parameters
    ----------
    names : sequence of str
        Of the states.
    moves : sequence of Move
        Their actions.
    label : str
        What the picture shows, for those who cannot see it.

    Returns
    -------
    str
        An SVG element.
    """
    places, labels = circle(len(names), _spread(len(names), moves)), Labels()
    for place in places:
        labels.block(place, _RADIUS)
    slots = _Slots(places)
    parallel: Counter[tuple[int, int]] = Counter()
    lines: list[tuple[Curve, str, str, float]] = []
    dots: list[tuple[Point, str]] = []
    for move in sorted(moves, key=lambda move: (move.state, _is_loop(move), move.action)):
        colour = PALETTE[move.action % len(PALETTE)]
        if len(move.outcomes) == 1 and not _is_loop(move):
            target = move.outcomes[0][0]
            parallel[move.state, target] += 1
            bend = 0.14 + 0.17 * (parallel[move.state, target] - 1)
            curve = Curve.bent(places[move.state], places[target], bend).shortened(_RADIUS, _RADIUS + 1)
            lines.append((curve, move.label, colour, 1.4))
            continue
        dot = slots.take(move.state, [target for target, _, _ in move.outcomes])
        dots.append((dot, colour))
        labels.block(dot, _DOT)
        stem = Curve.bent(places[move.state], dot, 0.0).shortened(_RADIUS, 0)
        lines.append((stem, move.label, colour, 0.0))
        again: Counter[int] = Counter()
        for target, prob, text in move.outcomes:
            bend = (0.55 if target == move.state else 0.12) + 0.2 * again[target]
            again[target] += 1
            curve = Curve.bent(dot, places[target], bend).shortened(_DOT, _RADIUS + 1)
            lines.append((curve, text, colour, 0.7 + 1.2 * prob))
    return _assembled(names, places, labels, lines, dots, label)


def _assembled(
    names: Sequence[str],
    places: Sequence[Point],
    labels: Labels,
    lines: Sequence[tuple[Curve, str, str, float]],
    dots: Sequence[tuple[Point, str]],
    label: str,
) -> str:
    """Put the labels, the longest first, and lay lines below circles below texts."""
    for curve, text, colour, _ in sorted(lines, key=lambda line: -len(line[1])):
        labels.block(curve.at(0.5), 0.5)
        if text:
            labels.along(curve, text, colour)
    shapes = [
        arrow(curve, colour, width) if width else element("path", d=curve.path(), stroke=colour, stroke_width=1.4)
        for curve, _, colour, width in lines
    ]
    shapes += [element("circle", cx=x, cy=y, r=_DOT, fill=colour) for (x, y), colour in dots]
    shapes += [state_circle(place, name) for place, name in zip(places, names, strict=True)]
    left, top, width, height = bounds_of(labels)
    return drawing("".join(shapes + labels.drawn), width, height, label, left=left, top=top)


def network(graph: Any, label: str) -> str:
    """Draw an undirected graph of networkx, with the weights of its edges."""
    nodes = sorted(graph.nodes)
    places = dict(zip(nodes, circle(len(nodes), 60 + 8 * len(nodes)), strict=True))
    labels = Labels()
    for place in places.values():
        labels.block(place, _RADIUS)
    lines = []
    for one, other, weight in graph.edges.data("weight", None):
        curve = Curve.bent(places[one], places[other], 0.0)
        lines.append(element("path", d=curve.path(), stroke=GREY, stroke_width=1.2))
        if weight is not None:
            labels.along(curve, f"{weight:.3g}", INK)
    circles = [state_circle(place, str(node)) for node, place in places.items()]
    left, top, width, height = bounds_of(labels)
    return drawing("".join([*lines, *circles, *labels.drawn]), width, height, label, left=left, top=top)


def circle(count: int, radius: float) -> list[Point]:
    """Return places on a circle, the first at the top; two lie side by side, and one alone in the middle."""
    if count == 1:
        return [(0.0, 0.0)]
    first = math.pi if count == 2 else -math.pi / 2
    angles = [first + 2 * math.pi * i / count for i in range(count)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


def state_circle(place: Point, name: str) -> str:
    """Draw a state with its name."""
    (x, y) = place
    shape = element("circle", cx=x, cy=y, r=_RADIUS, fill="#eef3f9", stroke=INK)
    return shape + element("text", name, x=x, y=y + 4, fill=INK, class_="state")


def _spread(n_states: int, moves: Sequence[Move]) -> float:
    """Radius of the circle of states: the more states and arrows, the larger."""
    arrows = sum(len(move.outcomes) for move in moves)
    return 76.0 + 12.0 * max(n_states - 2, 0) + 5.0 * arrows


def _is_loop(move: Move) -> bool:
    return all(target == move.state for target, _, _ in move.outcomes)


class _Slots:
    """Directions around each state, each given to one dot."""

    def __init__(self, places: Sequence[Point]) -> None:
        self._places = places
        self._free = [set(range(_SLOTS)) for _ in places]

    def take(self, state: int, targets: Sequence[int]) -> Point:
        """Return the place of a dot: towards its other targets, or outwards if it leads back only."""
        (x, y), others = self._places[state], [self._places[target] for target in targets if target != state]
        if others:
            aim = math.atan2(sum(p[1] - y for p in others), sum(p[0] - x for p in others))
        else:
            aim = math.atan2(y, x) if (x, y) != (0.0, 0.0) else -math.pi / 2
        free = self._free[state] or set(range(_SLOTS))
        slot = min(free, key=lambda slot: (round(_turn(aim, _angle(slot)), 6), slot))
        self._free[state] -= {(slot + beside) % _SLOTS for beside in range(-2, 3)}
        return x + _REACH * math.cos(_angle(slot)), y + _REACH * math.sin(_angle(slot))


def _angle(slot: int) -> float:
    return 2 * math.pi * slot / _SLOTS


def _turn(one: float, other: float) -> float:
    return abs((one - other + math.pi) % (2 * math.pi) - math.pi)
