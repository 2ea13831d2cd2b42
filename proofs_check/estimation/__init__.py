r"""Theorems of estimation, one file for each circle of ideas.

Throughout n or m samples are independent, $\delta$ is the probability of failure, $\pi$ is the policy whose value is
wanted and b the one that acts, and $\rho_t = \pi_t(a_t|s_t) / b_t(a_t|s_t)$.
"""

from proofs_check.estimation import laws, means, off_policy

THEOREMS = (*means.THEOREMS, *laws.THEOREMS, *off_policy.THEOREMS)
"""In the order in which one would teach them."""

CLAIMS = off_policy.CLAIMS
