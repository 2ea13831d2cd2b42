r"""The average reward in rational arithmetic: no rounding anywhere, for tiny models.

A row of floats stands for the distribution exactly proportional to it. The gain of a chain is :math:`\pi \cdot r` on
each recurrent class, :math:`\pi` being its stationary distribution, and in transient states the average over the
classes that they lead to (Puterman 2005, section 8.2). The optimum is found by trying all deterministic policies, among
which there is one that is optimal from every state (section 9.1); nothing is shared with `rltheory.planning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from proofs_check.oracles import deterministic_policies
from proofs_check.rational import rational_solve
from proofs_check.rational_total import Law, rational_laws
from rltheory.models import MDP


def rational_policy_gain(mdp: MDP, policy: Sequence[int] | np.ndarray) -> list[Fraction]:
    """Return what a policy earns a step in the long run, from each state.

    Parameters
    ----------
    mdp : MDP
        Tiny.
    policy : sequence of int, length n_states

    Returns
    -------
    list of Fraction, length n_states
    """
    laws, actions = rational_laws(mdp), [int(a) for a in policy]
    chosen = [laws[s][a] for s, a in enumerate(actions)]
    return _chain_gain(chosen, [Fraction(mdp.r[mdp.pair_start[s] + a]) for s, a in enumerate(actions)])


def rational_optimal_gain(mdp: MDP) -> list[Fraction]:
    """Return the largest average reward from each state.

    Parameters
    ----------
    mdp : MDP
        Tiny: all deterministic policies are tried.

    Returns
    -------
    list of Fraction, length n_states
    """
    gains = [rational_policy_gain(mdp, policy) for policy in deterministic_policies(mdp)]
    return [max(own) for own in zip(*gains, strict=True)]


def _chain_gain(chosen: list[Law], earned: list[Fraction]) -> list[Fraction]:
    """Return the gain of a chain."""
    reach = [_reached(s, chosen) for s in range(len(chosen))]
    recurrent = [s for s, ahead in enumerate(reach) if all(s in reach[t] for t in ahead)]
    gain: dict[int, Fraction] = {}
    for s in recurrent:
        if s not in gain:
            members = sorted(reach[s])
            visits = _stationary([[chosen[t].get(x, Fraction(0)) for x in members] for t in members])
            average = sum((p * earned[t] for p, t in zip(visits, members, strict=True)), Fraction(0))
            gain |= dict.fromkeys(members, average)
    transient = [s for s in range(len(chosen)) if s not in gain]
    if transient:
        matrix = [[(s == t) - chosen[s].get(t, Fraction(0)) for t in transient] for s in transient]
        known = [sum((p * gain[t] for t, p in chosen[s].items() if t in gain), Fraction(0)) for s in transient]
        gain |= dict(zip(transient, rational_solve(matrix, known), strict=True))
    return [gain[s] for s in range(len(chosen))]


def _stationary(P: list[list[Fraction]]) -> list[Fraction]:
    """Return the stationary distribution of an irreducible chain; one equation is replaced by that of the sum."""
    n = len(P)
    balance = [[P[i][j] - (i == j) for i in range(n)] for j in range(n - 1)]
    return rational_solve([*balance, [Fraction(1)] * n], [Fraction(0)] * (n - 1) + [Fraction(1)])


def _reached(start: int, chosen: list[Law]) -> set[int]:
    """Return the states that a chain may visit."""
    inside, waiting = {start}, [start]
    while waiting:
        new = chosen[waiting.pop()].keys() - inside
        inside |= new
        waiting += new
    return inside
