r"""The readable reference: backward induction on the tree of all histories.

With $W(\tau_{0:h})$ the most that can be expected after the states $\tau_{0:h}$,

.. math:: W(\tau_{0:H}) = F(\tau_{0:H}), \qquad
          W(\tau_{0:h}) = \max_a \sum_{s'} P_h(s' \mid s_h, a)\, W(\tau_{0:h} s').

Each history has its own action, so that this is the optimum of all policies; it is deterministic, since a maximum over
distributions is attained at an action. The tree grows with the horizon like a power; `solve_exact` merges what can be
merged.
"""

from __future__ import annotations

import numpy as np

from rltheory.models import ModelError
from rltheory.submodular.certified import Certified
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.unfolding import Unfolding


def solve_histories(mdp: SubmodularMDP, *, max_histories: int = 1_000_000) -> Certified:
    """Find an optimal policy among all, by backward induction on the tree of histories.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model; F may be any set function, also one that is not submodular.
    max_histories : int
        Largest number of histories that is accepted; about a million take ten seconds.

    Returns
    -------
    Certified
        ``lower == upper``, up to rounding of the order of the horizon. The policy maps a path, a tuple of states, to
        an action.

    Raises
    ------
    ModelError
        If there are more histories; they are counted before the work begins.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> solve_histories(coin_mirror())
    Certified(OPTIMAL, value 2, at most 2, gap=0, histories)
    """
    count = count_histories(mdp)
    if count > max_histories:
        raise ModelError(
            f"there are {count:,} histories of up to {mdp.H} actions, more than max_histories = {max_histories:,};"
            " solve_exact merges those that have touched the same"
        )
    unfolding = Unfolding(mdp, ordered=True)
    policy: dict[tuple[int, ...], int] = {}

    def most(path: tuple[int, ...]) -> float:
        h = len(path) - 1
        if h == mdp.H:
            return float(mdp.F.gains_along(mdp.elements(np.array([path]))).sum())
        expected = [sum(p * most(after) for (_, after), p in law) for law in unfolding.laws(h, (path[-1], path))]
        policy[path] = int(np.argmax(expected))
        return expected[policy[path]]

    value = sum(p * most(path) for (_, path), p in unfolding.start().items())
    return Certified(value, value, "histories", policy=policy, model=mdp)


def count_histories(mdp: SubmodularMDP) -> int:
    """Count the histories of 0, 1, ..., H actions that some policy can meet.

    Parameters
    ----------
    mdp : SubmodularMDP
        The model.

    Returns
    -------
    int
        Exact, however large.

    Examples
    --------
    >>> from mdps.submodular import coin_mirror
    >>> count_histories(coin_mirror())  # 1 start, 2 coins, 2 middles, 4 ends
    9
    """
    dynamics = mdp.dynamics
    paths = [int(chance > 0) for chance in mdp.mu]
    total = sum(paths)
    for h in range(mdp.H):
        if h == 0 or not dynamics.is_stationary:
            rows = dynamics.rows(h).tocoo()
            state, follower = mdp.pair_state[rows.coords[0]], rows.coords[1]
            edges = set(zip(state[rows.data > 0].tolist(), follower[rows.data > 0].tolist(), strict=True))
        following = [0] * mdp.n_states
        for s, after in edges:
            following[after] += paths[s]
        paths = following
        total += sum(paths)
    return total
