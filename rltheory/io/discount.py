"""Discounting as a probability to end, for tools that know only total rewards.

To stop with probability 1 - gamma after each step is to discount by gamma: with an absorbing state *done*,

    P'(s'|s,a) = gamma P(s'|s,a),   P'(done|s,a) = 1 - gamma,   r'(s,a) = r(s,a) + c,   r'(done) = 0,

the total reward until *done* is reached has the expectation

    v'(s) = sum_t gamma^t E[r(s_t,a_t) + c] = v(s) + c/(1-gamma)

under every policy (Puterman 2005, section 5.3). Model checkers want rewards of at least 0, which the shift
c = max(0, -min r) gives them; afterwards c/(1-gamma) is subtracted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rltheory.models import MDP, CriterionError


class Undiscounted(NamedTuple):
    """A model of total rewards that stands for a discounted one.

    Parameters
    ----------
    mdp : MDP
        With ``gamma = 1``, rewards of at least 0, and the state *done* as the last one.
    labels : dict of str to ndarray of int
        The state labelled ``done``, for `write_prism` and `write_drn`.
    constant : float
        What to subtract from its values, in reward units.
    """

    mdp: MDP
    labels: dict[str, np.ndarray]
    constant: float


def with_discount_as_end(mdp: MDP) -> Undiscounted:
    """Turn the discount into a probability to end, and shift rewards to be at least 0.

    Then ``R{"r"}max=? [F "done"]`` in PRISM or Storm, minus ``constant``, is the optimal discounted value.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.

    Returns
    -------
    Undiscounted
        ``mdp``, ``labels`` and ``constant``, which is c/(1 - gamma) for a shift of c = max(0, -min r).

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.

    Notes
    -----
    Rows sum to one as closely as those of the model: to gamma times their sum, plus 1 - gamma.

    Examples
    --------
    A cost of 1 for ever, discounted by 0.75, is worth -4:

    >>> import rltheory as rl
    >>> total, labels, constant = with_discount_as_end(rl.MDP.from_arrays([[[1.0]]], [[-1.0]], gamma=0.75))
    >>> total.P.toarray(), total.r, constant
    (array([[0.75, 0.25],
            [0.  , 1.  ]]), array([0., 0.]), 4.0)
    """
    from scipy.sparse import csr_array

    if mdp.gamma == 1:
        raise CriterionError("gamma is 1, so that nothing ever ends; write the model as it is, or set a discount first")
    n_states, n_pairs = mdp.n_states, mdp.n_pairs
    offsets = mdp.P.indptr + np.arange(n_pairs + 1)
    # One entry more at the end of each row, and a last row that stays where it is.
    P = csr_array(
        (
            np.append(np.insert(mdp.gamma * mdp.P.data, mdp.P.indptr[1:], 1 - mdp.gamma), 1.0),
            np.append(np.insert(mdp.P.indices, mdp.P.indptr[1:], n_states), n_states),
            np.append(offsets, offsets[-1] + 1),
        ),
        shape=(n_pairs + 1, n_states + 1),
    )
    P.eliminate_zeros()
    shift = max(0.0, -float(mdp.r.min()))
    names = mdp.action_names
    if names is not None and len(names) == n_pairs != mdp.n_actions:
        names = [*names, "done"]
    total = MDP(
        P,
        np.append(mdp.r + shift, 0.0),
        gamma=1.0,
        mu=np.append(mdp.mu, 0.0),
        pair_start=np.append(mdp.pair_start, n_pairs + 1),
        state_names=None if mdp.state_names is None else [*mdp.state_names, "done"],
        action_names=names,
    )
    return Undiscounted(total, {"done": np.array([n_states])}, shift / (1 - mdp.gamma))
