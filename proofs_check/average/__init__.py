r"""Theorems of Markov chains and of the average reward, one file for each circle of ideas.

Throughout $g$ is the gain and $h$ the bias, $g + h = r + P h$; $P^*$ is the limiting matrix,
$D = (I - P + P^*)^{-1} - P^*$ the deviation matrix, $T$ the undiscounted Bellman operator, and TV the total variation
distance, half of $L_1$.
"""

from proofs_check.average import chains, gains, iteration

THEOREMS = (*chains.THEOREMS, *gains.THEOREMS, *iteration.THEOREMS)
"""In the order in which one would teach them."""

CLAIMS = gains.CLAIMS
