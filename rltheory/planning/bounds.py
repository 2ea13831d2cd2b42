r"""What theory promises about planning in a discounted MDP: one pure function for each theorem.

Throughout, $0 \le \gamma < 1$, $H = 1/(1-\gamma)$, $T$ is the Bellman optimality operator and $T_\pi$ that of a policy,
$\|\cdot\|$ is the sup norm, $\mathrm{sp}(x) = \max x - \min x$, and $\pi_v$ is any policy greedy for $v$. `proofs_check`
puts every function of this file to the test.
"""

from __future__ import annotations

import math


def value_iteration_sweeps(gamma: float, tol: float, span: float) -> int:
    r"""Number of sweeps after which the bracket around the value is surely within ``tol``.

    With $v_k = T^k v_0$, the MacQueen-Porteus bracket at $v_k$ is at most $\gamma^{k+1} \mathrm{sp}(T v_0 - v_0)/(1-\gamma)$
    wide, so that

    $$k \ge \log\Big(\frac{\gamma\,\mathrm{sp}(T v_0 - v_0)}{(1-\gamma)\,tol}\Big) \Big/ \log\frac1\gamma$$

    is enough. The bracket itself is usually narrow long before.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1).
    tol : float
        Width to be reached, in reward units, above 0.
    span : float
        $\mathrm{sp}(T v_0 - v_0)$, in reward units.

    Returns
    -------
    int
        The smallest such k, at least 0.

    Raises
    ------
    ValueError
        If ``tol`` is not positive while the bracket is not already closed: no finite number is enough.

    Notes
    -----
    MacQueen (1966); Puterman (2005), section 6.6.

    Examples
    --------
    >>> value_iteration_sweeps(gamma=0.9, tol=1e-6, span=1.0)
    152
    """
    if bracket_width(gamma, span) <= tol:
        return 0
    if not tol > 0:
        raise ValueError(f"tol is {tol!r}; no finite number of sweeps reaches it, ask for a positive tol")
    ratio = math.log(span) + math.log(gamma) - math.log(tol) - math.log1p(-gamma)
    return max(0, math.ceil(ratio / -math.log(gamma)))


def bracket_width(gamma: float, span: float) -> float:
    r"""Width of the MacQueen-Porteus bracket: $\frac{\gamma}{1-\gamma} \mathrm{sp}(T v - v)$.

    Parameters
    ----------
    gamma : float
        Discount in [0, 1).
    span : float
        $\mathrm{sp}(T v - v)$, in reward units.

    Returns
    -------
    float
        In reward units.

    Notes
    -----
    MacQueen (1966); Porteus (1971).

    Examples
    --------
    >>> bracket_width(gamma=0.5, span=2.0)
    2.0
    """
    return gamma / (1 - gamma) * span
