r"""Theorems of estimation, one file for each circle of ideas.

Throughout n or m samples are independent, $\delta$ is the probability of failure, $\pi$ is the policy whose value is
wanted and b the one that acts, and $\rho_t = \pi_t(a_t|s_t) / b_t(a_t|s_t)$.
"""

from proofs_check.estimation import generative, laws, least_variance, means, off_policy, ratios

THEOREMS = (
    *means.THEOREMS,
    *laws.THEOREMS,
    *generative.THEOREMS,
    *ratios.THEOREMS,
    *off_policy.THEOREMS,
    *least_variance.THEOREMS,
)
"""In the order in which one would teach them."""

CLAIMS = (*ratios.CLAIMS, *off_policy.CLAIMS, *least_variance.CLAIMS)

REMARKS = generative.REMARKS
