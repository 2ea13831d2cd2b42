"""Small curves of a run: the slack of every instance, and how an attack came nearer to the bound."""

from __future__ import annotations

import math

from proofs_check.attack import Attack
from proofs_check.html_report.svg import BLUE, GREY, RED, drawing, element, short
from proofs_check.theorem import TOLERANCE
from proofs_check.verification import Verification

_WIDTH, _LEFT = 640.0, 52.0
_TICKS = (-1.0, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 1.0)
_STEP = 9.0  # pixels for a factor of ten
_LINEAR = 8.0  # pixels from zero to what rounding may take


def slack_picture(verification: Verification) -> str:
    """Draw the slack of every instance, relative to ``1 + |rhs|``, on a scale that shows both rounding and size.

    Parameters
    ----------
    verification : Verification

    Returns
    -------
    str
        An SVG element.
    """
    checks = verification.checks
    slack = [_clipped(check.slack / (1 + abs(check.rhs) + check.scale)) for check in checks]
    heights = [0.0, *map(_height, slack)]
    top, bottom = max(max(heights) + 7, _LINEAR + 7), min(min(heights) - 7, -_LINEAR - 4)
    step = (_WIDTH - _LEFT - 8) / max(len(checks), 1)
    shapes = [
        element("rect", x=_LEFT, y=top - _LINEAR, width=_WIDTH - _LEFT, height=2 * _LINEAR, fill=GREY, opacity="0.18"),
        element("path", d=f"M{short(_LEFT)} {short(top)}H{short(_WIDTH)}", stroke=GREY, stroke_width=0.8),
    ]
    for tick in _TICKS:
        if bottom <= _height(tick) <= top - 5:
            y = top - _height(tick)
            shapes.append(element("text", f"{tick:g}".replace("e-0", "e-"), x=_LEFT - 6, y=y + 3.5, class_="tick"))
    dots = {True: "", False: ""}
    for i, (check, x) in enumerate(zip(checks, slack, strict=True)):
        dots[check.holds] += f"M{short(_LEFT + 6 + step * (i + 0.5))} {short(top - _height(x))}h0"
    for holds, path in dots.items():
        if path:
            colour, width = (BLUE, 4.5) if holds else (RED, 9)
            shapes.append(
                element("path", d=path, stroke=colour, stroke_width=width, stroke_linecap="round", opacity="0.65")
            )
    return drawing("".join(shapes), _WIDTH, top - bottom, f"Slack of each instance of {verification.theorem.name}")


def _clipped(x: float) -> float:
    return min(max(x, -2.0), 2.0) if math.isfinite(x) else math.copysign(2.0, x)


def _height(x: float) -> float:
    """Pixels above zero: linear within the tolerance, logarithmic beyond."""
    if abs(x) <= TOLERANCE:
        return _LINEAR * x / TOLERANCE
    return math.copysign(_LINEAR + _STEP * math.log10(abs(x) / TOLERANCE), x)


def sparkline(attack: Attack) -> str:
    """Draw how the ratio of an attack grew with the number of evaluations, from zero to one or its own maximum.

    Parameters
    ----------
    attack : Attack

    Returns
    -------
    str
        An SVG element; empty for an identity, which has no ratio.
    """
    if not attack.history:
        return ""
    width, height = 180.0, 36.0
    highest = max(1.0, attack.tightness)
    across, up = width / max(attack.evaluations, 1), (height - 6) / highest

    def y(ratio: float) -> float:
        return height - 3 - up * max(ratio, 0.0)

    path = f"M{short(across * attack.history[0][0])} {short(y(attack.history[0][1]))}"
    for count, ratio in attack.history[1:]:
        path += f"H{short(across * count)}V{short(y(ratio))}"
    shapes = [
        element("path", d=f"M0 {short(y(1.0))}H{short(width)}", stroke=GREY, stroke_width=0.8, stroke_dasharray="3 3"),
        element("path", d=f"{path}H{short(width)}", stroke=BLUE, stroke_width=1.6, fill="none"),
    ]
    return drawing("".join(shapes), width, height, f"Ratio reached by the attack on {attack.theorem.name}")
