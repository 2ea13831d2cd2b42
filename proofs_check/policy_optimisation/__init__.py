r"""Theorems of policy optimisation, one file for each circle of ideas.

Throughout $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $J = \mu v^\pi$ as a function of the logits $\theta$ of a softmax
policy, or of the probabilities themselves, $d^\pi_\mu$ is the normalised discounted occupancy of the states, and
$\|\cdot\|$ is the sup norm. Gradients on the left sides are complex-step derivatives of a linear solve.
"""

from proofs_check.policy_optimisation import ascent, curvature, entropy, gradients, mixtures

THEOREMS = (*gradients.THEOREMS, *curvature.THEOREMS, *ascent.THEOREMS, *mixtures.THEOREMS, *entropy.THEOREMS)
"""In the order in which one would teach them."""

CLAIMS = curvature.CLAIMS

REMARKS = curvature.REMARKS
