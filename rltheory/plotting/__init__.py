"""Pictures: every function takes ``ax``, returns it, and stands beside a table with the same numbers.

Matplotlib is imported when a picture is drawn, never before; nothing here calls ``show``.
"""

from rltheory.plotting.enclosures import enclosures, enclosures_table
from rltheory.plotting.end_components import end_components, end_components_table
from rltheory.plotting.exploration import regret, regret_table
from rltheory.plotting.games import (
    best_responses,
    best_responses_table,
    equilibrium_paths,
    equilibrium_paths_table,
    learning_gaps,
    learning_gaps_table,
)
from rltheory.plotting.horizon import comparison, comparison_table
from rltheory.plotting.laws import (
    law_cdf,
    law_cvar,
    law_cvar_table,
    law_masses,
    law_table,
    law_tail,
    law_tail_table,
)
from rltheory.plotting.planning import (
    convergence,
    convergence_table,
    policy,
    policy_table,
    values,
    values_table,
)
from rltheory.plotting.robustness import (
    robustness,
    robustness_table,
    worst_kernels,
    worst_kernels_table,
)
from rltheory.plotting.simplex import strategy_simplex, strategy_simplex_table
from rltheory.plotting.submodular import (
    brackets,
    brackets_table,
    learning_curves,
    learning_curves_table,
    paths,
    paths_table,
)
from rltheory.plotting.theorems import slack, slack_table

__all__ = [
    "best_responses",
    "best_responses_table",
    "brackets",
    "brackets_table",
    "comparison",
    "comparison_table",
    "convergence",
    "convergence_table",
    "enclosures",
    "enclosures_table",
    "end_components",
    "end_components_table",
    "equilibrium_paths",
    "equilibrium_paths_table",
    "law_cdf",
    "law_cvar",
    "law_cvar_table",
    "law_masses",
    "law_table",
    "law_tail",
    "law_tail_table",
    "learning_curves",
    "learning_curves_table",
    "learning_gaps",
    "learning_gaps_table",
    "paths",
    "paths_table",
    "policy",
    "policy_table",
    "regret",
    "regret_table",
    "robustness",
    "robustness_table",
    "slack",
    "slack_table",
    "strategy_simplex",
    "strategy_simplex_table",
    "values",
    "values_table",
    "worst_kernels",
    "worst_kernels_table",
]
