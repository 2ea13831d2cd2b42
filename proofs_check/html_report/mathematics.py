r"""Mathematics becomes MathML, which browsers draw themselves, without script or network.

The converter's output is mended: delimiters such as ``\{``, limits of ``\max`` and its kin, bars, primes, and letters
of styles that browsers do not make.
"""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from xml.etree import ElementTree as ET

_MATHEMATICS = re.compile(r"\$([^$]+)\$")
_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_BARE = {r"\{": "{", r"\}": "}", r"\|": "‖"}
_PRIME = "′"
_TIGHT = ("|", _PRIME)
_WITH_LIMITS = ("max", "min", "sup", "inf")
_FUNCTIONS = ("ln", "log", "exp", "det", "tr")
_STYLES = {"bold": (0x1D400, 0x1D41A, 0x1D7CE), "monospace": (0x1D670, 0x1D68A, 0x1D7F6)}
"""Code points of A, a and 0 in the styles that browsers do not make themselves."""


def mathml(latex: str, *, display: bool = False) -> str:
    """Return MathML for LaTeX; mends delimiters, limits, bars, primes and styled letters of latex2mathml.

    Parameters
    ----------
    latex : str
        Without dollar signs.
    display : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
    """
    from latex2mathml.converter import convert

    ET.register_namespace("", _NAMESPACE)
    root = ET.fromstring(convert(latex, display="block" if display else "inline"))
    for element in root.iter():
        name, text = element.tag.rpartition("}")[2], element.text or ""
        element.text = _BARE.get(text, text)
        if element.get("mathvariant") in _STYLES:
            style = _STYLES[element.attrib.pop("mathvariant")]
            element.text = "".join(_styled(letter, *style) for letter in text)
        if text in _TIGHT:
            element.attrib |= {"lspace": "0", "rspace": "0"}
        if name == "msup" and element[1].text == _PRIME:
            element.tag, element[1].tag = f"{{{_NAMESPACE}}}mrow", f"{{{_NAMESPACE}}}mo"
        if name == "msub" and display and element[0].text in _WITH_LIMITS:
            element.tag = f"{{{_NAMESPACE}}}munder"
    for element in list(root.iter()):
        if element.tag.rpartition("}")[2] in ("math", "mrow", "mstyle"):
            _set_functions_apart(element)
    return ET.tostring(root, encoding="unicode")


def _set_functions_apart(row: ET.Element) -> None:
    """Put a thin space between the name of a function, such as ln, and a letter or number beside it."""
    parts = list(row)
    for left, right in pairwise(parts):
        if (_is_function(left) or _is_function(right)) and not _is_operator(left) and not _is_operator(right):
            row.insert(list(row).index(right), ET.Element(f"{{{_NAMESPACE}}}mspace", width="0.17em"))


def _is_function(element: ET.Element) -> bool:
    return element.tag.endswith("}mi") and (element.text or "") in _FUNCTIONS


def _is_operator(element: ET.Element) -> bool:
    return element.tag.endswith(("}mo", "}mspace"))


def _styled(letter: str, capital_a: int, small_a: int, zero: int) -> str:
    if not (letter.isascii() and letter.isalnum()):
        return letter
    start, first = (zero, "0") if letter.isdigit() else (capital_a, "A") if letter.isupper() else (small_a, "a")
    return chr(start + ord(letter) - ord(first))


def mathematics(text: str) -> str:
    r"""Replace LaTeX between dollar signs by MathML; the rest is kept as it is.

    Parameters
    ----------
    text : str
        HTML with mathematics, such as ``"at most $\gamma^k$"``.

    Returns
    -------
    str

    Examples
    --------
    >>> "<mi>γ</mi>" in mathematics(r"at most $\gamma$")
    True
    """
    return _MATHEMATICS.sub(lambda formula: mathml(formula.group(1)), text)


def prose(text: str) -> str:
    r"""Escape everything but the mathematics, which becomes MathML, and code between backquotes.

    Parameters
    ----------
    text : str
        With LaTeX between dollar signs.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> prose("`f` & more")
    '<code>f</code> &amp; more'
    """
    parts = _MATHEMATICS.split(text)
    return "".join(
        mathml(part) if odd % 2 else re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(part))
        for odd, part in enumerate(parts)
    )
