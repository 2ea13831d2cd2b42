r"""Theorems of planning in discounted MDPs, one file for each circle of ideas.

Throughout $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman optimality operator and $T_\pi$ that of a policy,
$\pi_v$ is greedy for $v$, $\|\cdot\|$ is the sup norm and $\mathrm{sp}(x) = \max x - \min x$.
"""

from proofs_check.planning import (
    approximate,
    blackwell,
    greedy,
    models,
    occupancies,
    operators,
    policy_iteration,
    shaping,
    value_iteration,
    variance,
)

THEOREMS = (
    *operators.THEOREMS,
    *value_iteration.THEOREMS,
    *greedy.THEOREMS,
    *policy_iteration.THEOREMS,
    *approximate.THEOREMS,
    *occupancies.THEOREMS,
    *shaping.THEOREMS,
    *models.THEOREMS,
    *variance.THEOREMS,
    *blackwell.THEOREMS,
)
"""In the order in which one would teach them."""

CLAIMS = shaping.CLAIMS

REMARKS = policy_iteration.REMARKS
