"""Pictures: every function takes ``ax``, returns it, and stands beside a table with the same numbers.

Matplotlib is imported when a picture is drawn, never before; nothing here calls ``show``.
"""

from rltheory.plotting.planning import (
    convergence,
    convergence_table,
    policy,
    policy_table,
    values,
    values_table,
)
from rltheory.plotting.theorems import slack, slack_table

__all__ = [
    "convergence",
    "convergence_table",
    "policy",
    "policy_table",
    "slack",
    "slack_table",
    "values",
    "values_table",
]
