r"""What theory promises about total rewards and the reaching of goals: one pure function for each theorem.

There is no discount, and what takes its place is the time to arrive. A policy is *proper* if it reaches the goal almost
surely from everywhere; values at the goal are 0, or 1 where it is the probability of reaching it that counts. Values
and residuals are in reward units, times are counted in steps. `proofs_check` puts every function of this file to the
test.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def interval_width(least_probability: float, n_states: int, sweeps: int) -> float:
    r"""Distance of the iterations from above and below: :math:`(1 - p^N)^{\lfloor n/N \rfloor}` after n sweeps.

    N states are undecided, p is the smallest positive probability, and no policy can stay undecided for ever, as after
    merging end components: then within N steps a decided state is reached with probability :math:`p^N` or more. Haddad
    and Monmege (2014). Attained by `mdps.ladder`, at n = N.
    """
    return float((1 - least_probability**n_states) ** (sweeps // n_states))


def arrival_time(least_probability: float, n_states: int) -> float:
    r"""Largest expected time to the goal, if every policy is proper: :math:`p^{-1} + p^{-2} + \dots + p^{-N}`.

    N states besides the goal; p is the smallest positive probability. Attained by `mdps.ladder`.

    Examples
    --------
    >>> arrival_time(least_probability=0.5, n_states=3)
    14.0
    """
    return float(sum(least_probability**-k for k in range(1, n_states + 1)))


def arrival_time_of_value(drop: float, earned: float, decay: float) -> float:
    r"""Expected length of an episode from what it earns, if it is cut after n steps.

    .. math:: T u \le u - \varepsilon \text{ away from the goal} \;\Longrightarrow\;
              E(n \wedge \tau) \le \frac{u(s) - E\,u(s_{n \wedge \tau}) - E R}{\varepsilon}

    ``drop`` is :math:`u(s) - E\,u(s_{n \wedge \tau})`, ``earned`` the expected reward R until then, and ``decay``
    :math:`\varepsilon > 0`. So a policy that does not arrive loses without bound, and :math:`v^* \le u` if u is 0 at
    the goal (Bertsekas and Tsitsiklis 1991). Attained by `mdps.ladder`.
    """
    return (drop - earned) / decay


def weighted_modulus(longest: float) -> float:
    r"""Modulus of T in the norm :math:`\max_s |v(s)|/\xi(s)`, if every policy is proper: :math:`1 - 1/\max \xi`.

    :math:`\xi(s)` is the largest expected time from s to the goal, ``longest`` its maximum. Bertsekas and Tsitsiklis
    (1996), proposition 2.2. Attained by `mdps.ladder`.
    """
    return 1 - 1 / longest


def total_residual_error(time: Any, residual: float) -> np.ndarray:
    r"""Error of a value, state by state: :math:`|v^* - v| \le \xi\, \|T v - v\|`, if every policy is proper.

    ``time`` is :math:`\xi`, the largest expected time to the goal, of shape (n_states,); v is right at the goal.
    Attained by `mdps.ladder`.
    """
    return np.asarray(time, float) * residual


def proper_bracket(v: Any, backed_up: Any, time: Any) -> tuple[np.ndarray, np.ndarray]:
    r"""Bounds on the value of a proper policy: :math:`v + \tau \min d \le v^\pi \le v + \tau \max d`.

    With :math:`d = T_\pi v - v` away from the goal, where v is right. Attained if d is constant there, as from v = 0
    for `mdps.ladder`.

    Parameters
    ----------
    v, backed_up : array_like, shape (n_states,)
        v and :math:`T_\pi v`, in reward units.
    time : array_like, shape (n_states,)
        Expected time :math:`\tau` of the policy to the goal, 0 at the goal.

    Returns
    -------
    lower, upper : ndarray, shape (n_states,)
    """
    v, time = np.asarray(v, float), np.asarray(time, float)
    step = (np.asarray(backed_up, float) - v)[time > 0]
    if not step.size:
        return v.copy(), v.copy()
    return v + time * step.min(), v + time * step.max()
