"""What follows from inequalities in which a number bounds its own root: the worst case is iterated, or solved."""

from __future__ import annotations

import math

import hypothesis.strategies as st

from proofs_check.theorem import Check, Theorem, scaled
from rltheory.exploration.bounds import concentration as bounds

_SIZES = st.sampled_from([0.0, 1e-3, 0.1]) | st.floats(0, 100, allow_subnormal=False)


def _largest_root(a: float, b: float) -> float:
    r"""Return the largest x with :math:`x = a \sqrt x + b`."""
    return ((a + math.sqrt(a * a + 4 * b)) / 2) ** 2


def _square_root(a: float, b: float) -> Check:
    return Check(_largest_root(a, b), bounds.square_root_recursion(a, b))


def _moments(lambda_1: float, lambda_2: float, lambda_3: float, M: int) -> Check:
    r"""The largest sequence: everything rises with its successor, and the last one is as large as allowed."""
    largest = 2.0**M
    a = largest
    for m in reversed(range(M)):
        rest = a + 2.0 ** (m + 1) * lambda_3
        # x = l1 sqrt(y) + l2 with y = x + rest, so that y = l1 sqrt(y) + (l2 + rest)
        a = min(largest, lambda_1 * math.sqrt(_largest_root(lambda_1, lambda_2 + rest)) + lambda_2)
    return Check(a, bounds.moment_recursion(lambda_1, lambda_2, lambda_3))


SQUARE_ROOT = Theorem(
    name="square-root-recursion",
    statement=r"If $0 \le x \le a \sqrt x + b$ then $x \le a^2 + 2b$.",
    source="zhou2022",
    assumptions=r"$a, b \ge 0$",
    instances=st.just((3.0, 0.0)) | st.tuples(_SIZES, _SIZES),
    check=_square_root,
    refutable=scaled(_square_root, rhs=0.9),  # false: for b = 0 it is an equality
    tight=lambda: _square_root(3.0, 0.0),
    tight_ratio=0.999,
    attained_by="A number that is its own bound, without a constant term,",
)
_NEARLY_KNOWN = (1e-6, 0.0, 1.0, 1)
MOMENTS = Theorem(
    name="moment-recursion",
    statement=(
        r"If $0 \le a_m \le 2^M$ for $m \le M$ and $a_m \le \lambda_1 \sqrt{a_m + a_{m+1} + 2^{m+1} \lambda_3} +"
        r" \lambda_2$ for $m < M$, then $a_0 \le 22 \lambda_1^2 + 6 \lambda_2 + 4 \lambda_1 \sqrt{2 \lambda_3}$."
    ),
    source="zhang2023",
    assumptions=r"$\lambda_1, \lambda_2 \ge 0$, $\lambda_3 \ge 1$",
    instances=st.just(_NEARLY_KNOWN)
    | st.tuples(_SIZES, _SIZES, st.sampled_from([1.0, 10.0]) | st.floats(1, 1e5), st.integers(1, 40)),
    check=_moments,
    refutable=scaled(_moments, rhs=0.35),  # false: a third is used where the last term rules
    tight=lambda: _moments(*_NEARLY_KNOWN),
    tight_ratio=0.3535,
    attained_by="One level, nearly known,",
)

THEOREMS = (SQUARE_ROOT, MOMENTS)
