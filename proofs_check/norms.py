"""The sup norm and the span."""

from __future__ import annotations

from typing import Any

import numpy as np


def sup(x: Any) -> float:
    """Return the sup norm.

    Parameters
    ----------
    x : array_like

    Returns
    -------
    float
    """
    return float(np.abs(x).max())


def span(x: Any) -> float:
    """Return ``max x - min x``.

    Parameters
    ----------
    x : array_like

    Returns
    -------
    float
    """
    return float(np.max(x) - np.min(x))
