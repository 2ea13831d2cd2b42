"""A wrong model whose optimal policy is as bad in the right one as theory allows."""

from __future__ import annotations

import numpy as np

from mdps import _checks as checks
from mdps.tight import TIE
from rltheory import MDP


def certainty_trap(gamma: float = 0.9, error: float = 0.01) -> tuple[MDP, MDP]:
    r"""A model and a wrong one, rewards off by ``error``, whose optimal policy loses $2 H^2 \varepsilon$.

    All states are worth 1. In state 0, action 0 leads to a loop (state 1); action 1 stays and loses $2 H \varepsilon$.
    The wrong model believes that action 1 leads to another loop (state 2), which is not seen in $(P - \hat P) v^*$,
    and that this loop pays $\varepsilon$ more, the first one $\varepsilon$ less: it takes action 1, for ever.

    Attains the bound $2 H^2 (\varepsilon_r + \gamma \|(P - \hat P) v^*\|)$ on the loss of certainty equivalence
    (Szepesvari 2022, lecture 17).

    Parameters
    ----------
    gamma : float
        Discount, 0 < gamma < 1.
    error : float
        Largest error of a reward, in reward units, above 0.

    Returns
    -------
    mdp, wrong : MDP
        The right model and the wrong one.

    Raises
    ------
    ModelError
        If a parameter is out of range.

    Examples
    --------
    >>> import mdps
    >>> mdp, wrong = mdps.certainty_trap(gamma=0.5, error=0.25)
    >>> (mdp.r - wrong.r).tolist()
    [0.25, -0.25, 0.25, -0.25]
    """
    checks.inner_discount(gamma)
    checks.positive("error", error)
    even, lost = 1 - gamma, 2 * error / (1 - gamma) * (1 - TIE)
    rewards = np.array([even, even - lost, even, even])
    starts = [0, 2, 3, 4]
    right = MDP.from_pairs([[0.0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], rewards, gamma, pair_start=starts)
    wrong_rewards = rewards + error * np.array([-1, 1, -1, 1])
    wrong = MDP.from_pairs([[0.0, 1, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]], wrong_rewards, gamma, pair_start=starts)
    return right, wrong
