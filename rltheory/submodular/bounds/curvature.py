r"""What theory promises where returns diminish little: total curvature $c = 1 - \min_v F(v \mid V - v) / F(\{v\})$."""

from __future__ import annotations


def modular_planning(curvature: float) -> float:
    r"""Part of the optimum that planning with single elements reaches: $J(\pi_{mod}) \ge (1 - c) J^*$.

    Because $(1 - c) \sum_{v \in A} F(\{v\}) \le F(A) \le \sum_{v \in A} F(\{v\})$, for sets A. Elements must be visited
    once at most on a path, or be visits: a state that is visited twice is counted twice by the plan.

    Parameters
    ----------
    curvature : float
        Total curvature c of F, in [0, 1]; over the reachable elements is enough.

    Examples
    --------
    >>> modular_planning(0.25)
    0.75
    """
    return 1 - curvature


def modular_bracket(singles: float, curvature: float) -> tuple[float, float]:
    r"""Range of the value of a set whose single elements sum to ``singles``: $[(1 - c) x, x]$.

    Parameters
    ----------
    singles : float
        $\sum_{v \in A} F(\{v\})$, in reward units.
    curvature : float
        Total curvature c of F, in [0, 1].

    Examples
    --------
    >>> modular_bracket(4.0, 0.25)
    (3.0, 4.0)
    """
    return (1 - curvature) * singles, singles
