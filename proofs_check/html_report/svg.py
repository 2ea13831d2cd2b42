"""Scalable drawings as text: elements, arrows along a curve, and labels that keep out of each other's way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from html import escape

BLUE, RED, GREY, INK = "#2b5d8a", "#b3261e", "#8a8f98", "#1d2129"
PALETTE = (BLUE, "#b4540a", "#2f7d4f", "#6f4aa0", "#0f7c86", "#8a3b5f")
"""One colour for each action; a seventh action begins again."""

Point = tuple[float, float]
_LETTER, _LINE = 5.6, 12.0  # size of a letter and of a line of the labels, which are set at ten pixels


def element(tag: str, content: str = "", **attributes: float | str) -> str:
    """Return an element; an underscore in a name stands for a hyphen, and one at its end is dropped.

    Examples
    --------
    >>> element("circle", r=1.25, stroke_width=2)
    '<circle r="1.2" stroke-width="2"/>'
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{value if isinstance(value, str) else short(value)}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def short(x: float) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{x:.1f}".removesuffix(".0")


def drawing(content: str, width: float, height: float, label: str, *, left: float = 0.0, top: float = 0.0) -> str:
    """Return the whole picture, with a label for those who cannot see it."""
    box = f"{short(left)} {short(top)} {short(width)} {short(height)}"
    return element(
        "svg", content, viewBox=box, width=width, height=height, role="img", aria_label=escape(label, quote=True)
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """A quadratic Bezier curve."""

    start: Point
    pull: Point
    end: Point

    @classmethod
    def bent(cls, start: Point, end: Point, bend: float) -> Curve:
        """Return the curve between two points that leaves the straight line, to its left, by a part of its length."""
        (x, y), (u, w) = start, end
        return cls(start, ((x + u) / 2 + bend * (w - y), (y + w) / 2 - bend * (u - x)), end)

    def at(self, t: float) -> Point:
        """Return the point at a parameter between 0 and 1."""
        weights = ((1 - t) ** 2, 2 * t * (1 - t), t**2)
        points = (self.start, self.pull, self.end)
        return sum(w * p[0] for w, p in zip(weights, points, strict=True)), sum(
            w * p[1] for w, p in zip(weights, points, strict=True)
        )

    def shortened(self, before: float, after: float) -> Curve:
        """Return the curve without its first and last pixels, which circles cover."""
        return Curve(_towards(self.start, self.pull, before), self.pull, _towards(self.end, self.pull, after))

    def path(self) -> str:
        """Return the curve as the data of a path."""
        (x, y), (a, b), (u, w) = self.start, self.pull, self.end
        return f"M{short(x)} {short(y)}Q{short(a)} {short(b)} {short(u)} {short(w)}"


def _towards(point: Point, other: Point, distance: float) -> Point:
    length = math.dist(point, other) or 1.0
    return (
        point[0] + (other[0] - point[0]) * distance / length,
        point[1] + (other[1] - point[1]) * distance / length,
    )


def arrow(curve: Curve, colour: str, width: float = 1.2) -> str:
    """Return a curve with a head at its end."""
    (x, y), (a, b) = curve.end, curve.pull
    angle = math.atan2(y - b, x - a)
    size = 5 + width
    wings = [(x - size * math.cos(angle + turn), y - size * math.sin(angle + turn)) for turn in (-0.4, 0.4)]
    head = " ".join(f"{short(u)},{short(w)}" for u, w in [(x, y), *wings])
    line = element("path", d=curve.path(), fill="none", stroke=colour, stroke_width=width)
    return line + element("polygon", points=head, fill=colour)


@dataclass(slots=True)
class Labels:
    """Texts that are put where they cover as little as possible of what is there already."""

    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)

    def block(self, center: Point, radius: float) -> None:
        """Keep labels away from a circle."""
        (x, y) = center
        self.taken.append((x - radius, y - radius, x + radius, y + radius))

    def along(self, curve: Curve, text: str, colour: str) -> None:
        """Put a label beside a curve."""
        (x, y), (u, w) = curve.at(0.35), curve.at(0.65)
        length = math.dist((x, y), (u, w)) or 1.0
        normal = ((w - y) / length, (x - u) / length)
        places = [
            (point[0] + side * normal[0], point[1] + side * normal[1])
            for side in (0.0, 8.0, -8.0, 15.0, -15.0, 24.0, -24.0)
            for point in map(curve.at, (0.5, 0.6, 0.4, 0.7, 0.3, 0.8))
        ]
        self.at_best(places, text, colour)

    def at_best(self, places: list[Point], text: str, colour: str) -> None:
        """Put a label at the first of some places that is free, or else at the least crowded one."""
        place = min(places, key=lambda point: self._covered(_box(point, text)))
        box = _box(place, text)
        self.taken.append(box)
        width, height = box[2] - box[0], box[3] - box[1]
        self.drawn.append(element("rect", x=box[0], y=box[1], width=width, height=height, fill="#fff", opacity="0.8"))
        self.drawn.append(element("text", escape(text), x=place[0], y=place[1] + 3.5, fill=colour))

    def _covered(self, box: tuple[float, float, float, float]) -> float:
        return sum(_overlap(box, other) for other in self.taken)


def _box(center: Point, text: str) -> tuple[float, float, float, float]:
    half, (x, y) = _LETTER * len(text) / 2 + 1, center
    return x - half, y - _LINE / 2, x + half, y + _LINE / 2


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def bounds_of(labels: Labels, margin: float = 4.0) -> tuple[float, float, float, float]:
    """Return left, top, width and height of everything that labels know of."""
    left, top = (min(box[i] for box in labels.taken) - margin for i in (0, 1))
    right, bottom = (max(box[i] for box in labels.taken) + margin for i in (2, 3))
    return left, top, right - left, bottom - top
