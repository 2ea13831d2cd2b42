r"""Certificates: bounds that anyone can check from the model alone, in exact arithmetic.

For a discounted model the enclosure of an answer is turned into two vectors with

.. math:: T_\pi l \ge l \implies l \le v^\pi, \qquad T u \le u \implies v^* \le u,

where the inequalities on the left hold *exactly*, for the rational numbers that the floats are. Take
:math:`l = v + \kappa` with the answer's own lower bound v and a constant :math:`\kappa`. Then
:math:`T_\pi l - l = (T_\pi v - v) - (1 - g) \kappa` in each state, where g is gamma times the row's sum, and that is
non-negative for :math:`\kappa = \min(T_\pi v - v) / (1 - g)`, with g at the end of its range that makes
:math:`\kappa` smaller. What rounding did to :math:`T_\pi v - v`, and what it does to :math:`v + \kappa`, is subtracted
first; u is the mirror image, from the answer's own upper bound. For a finite horizon each bound gives way, from the
last step on, to the backup of the next one, as far as rounding may have moved it.

The bounds of reachability and total reward satisfy such inequalities as they are (`reachability`, `total_reward`): for
the largest total :math:`T u \le u` and :math:`T_\pi l \ge l` away from the goal, for the smallest :math:`T l \ge l` and
:math:`T_\pi u \le u`. They are put to the test in fractions before they leave. Those of the average reward are moved
outward in fractions (`average_certificate`).

`proofs_check.certificate` checks the result, and says why the inequalities prove the bounds; it shares no code with
this module.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from itertools import chain
from operator import sub
from typing import Any

import numpy as np

from rltheory.models import MDP, CriterionError, FiniteHorizonMDP
from rltheory.planning._kernels import UNIT_ROUNDOFF
from rltheory.planning.average_certificate import gain_vectors
from rltheory.planning.average_solution import AverageRewardSolution
from rltheory.planning.backup import policy_rows
from rltheory.planning.enclosure import backup_with_error, constant_shift, require_discounted
from rltheory.planning.exact_rows import ExactRows, Vector, exact
from rltheory.planning.rounding import row_error
from rltheory.planning.solution import Criterion, Solution

_FORMAT = "rltheory certificate, version 1"
_NUMBERS = ("<f8", "<i8", "<i4")
_WITH_A_GOAL = (Criterion.MAXIMAL_REACHABILITY, Criterion.MINIMAL_REACHABILITY, Criterion.TOTAL_REWARD)


def certificate(solution: Solution | AverageRewardSolution) -> dict[str, Any]:
    """Return the proof of an answer as a dictionary of plain values, ready for ``json.dump``.

    Parameters
    ----------
    solution : Solution or AverageRewardSolution
        Of any criterion.

    Returns
    -------
    dict
        ``criterion``, ``model`` (a fingerprint), ``policy``, ``lower``, ``upper`` (fractions as text, a list for each
        step), ``gap`` and ``seal`` (a fingerprint of the rest, so that any change is noticed). With a goal ``goal``,
        its states; for the average reward ``lower_bias`` and ``upper_bias``.

    Raises
    ------
    CriterionError
        If the answer does not know its model or its goal, or its bounds are infinite or do not prove themselves.

    Examples
    --------
    >>> import rltheory as rl
    >>> mdp = rl.MDP.from_arrays([[[1.0]]], [1.0], gamma=0.5)
    >>> proof = rl.solve(mdp).certificate()
    >>> proof["criterion"], proof["policy"]
    ('discounted', [[0]])
    """
    model = solution.model
    if model is None:
        raise CriterionError("this answer does not know its model, so there is nothing to certify it against")
    criterion, vectors = _proof(model, solution)
    content: dict[str, Any] = {
        "format": _FORMAT,
        "criterion": criterion.value,
        "model": fingerprint(model),
        "policy": np.atleast_2d(solution.policy).tolist() if solution.policy.size else [],
        "gap": str(max(map(sub, chain(*vectors["upper"]), chain(*vectors["lower"])))),
    }
    if isinstance(solution, Solution) and solution.goal is not None:
        content["goal"] = np.flatnonzero(solution.goal).tolist()
    for name, steps in vectors.items():
        content[name] = [["{}/{}".format(*x.as_integer_ratio()) for x in step] for step in steps]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return content | {"seal": hashlib.sha256(text.encode()).hexdigest()}


def fingerprint(model: MDP | FiniteHorizonMDP) -> str:
    """Return SHA-256 over the names, types, shapes and bytes of a model's numbers, as they are kept in a file.

    Parameters
    ----------
    model : MDP or FiniteHorizonMDP
        Its names do not count.

    Returns
    -------
    str
    """
    arrays: dict[str, np.ndarray] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        if field.name == "P" and not isinstance(value, np.ndarray):
            arrays |= {f"P_{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
        else:
            arrays[field.name] = np.asarray(value)
    total = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        if array.dtype.str in _NUMBERS:
            total.update(f"{name} {array.dtype.str} {array.shape}".encode())
            total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def _proof(model: Any, solution: Solution | AverageRewardSolution) -> tuple[Criterion, dict[str, list[Vector]]]:
    """Return the criterion, and by name the vectors that prove the bounds, a list for each step."""
    if isinstance(solution, AverageRewardSolution):
        _require_finite(solution.gain_lower, solution.gain_upper, solution.bias)
        return Criterion.AVERAGE_REWARD, gain_vectors(model, solution)
    criterion = solution.criterion
    _require_finite(solution.lower, solution.upper)
    if criterion is Criterion.FINITE_HORIZON and isinstance(model, FiniteHorizonMDP):
        lower, upper = _step_vectors(model, solution)
    elif criterion is Criterion.DISCOUNTED and isinstance(model, MDP):
        lower, upper = _discounted_vectors(model, solution)
    elif criterion in _WITH_A_GOAL and isinstance(model, MDP):
        below, above = _goal_vectors(model, solution)
        return criterion, {"lower": [below], "upper": [above]}
    else:
        raise CriterionError(f"{criterion.value} of a {type(model).__name__} has no certificate")
    return criterion, {"lower": [exact(step) for step in lower], "upper": [exact(step) for step in upper]}


def _require_finite(*vectors: np.ndarray) -> None:
    """Refuse bounds that bound nothing."""
    if not all(np.isfinite(vector).all() for vector in vectors):
        raise CriterionError("the bounds of this answer are infinite in some states, so there is nothing to certify")


def _discounted_vectors(mdp: MDP, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Return l and u, shape (1, n_states), with ``T_pi l >= l`` and ``T u <= u`` exactly."""
    require_discounted(mdp)
    low, high = solution.lower, solution.upper
    best, error, _, eta = backup_with_error(mdp.P, mdp.r, mdp.pair_start, mdp.gamma, high)
    P_policy, r_policy = policy_rows(mdp.P, mdp.r, mdp.pair_start, solution.policy)
    own = r_policy + mdp.gamma * (P_policy @ low)
    least = _least_change(own, row_error(P_policy, r_policy, mdp.gamma, low), low, mdp.gamma)
    most = -_least_change(-best, error, -high, mdp.gamma)
    return (low + constant_shift(mdp.gamma, eta, least))[None], (high - constant_shift(mdp.gamma, eta, -most))[None]


def _least_change(backed_up: np.ndarray, error: np.ndarray, v: np.ndarray, gamma: float) -> float:
    """Return a lower bound on a backup of v less v, and on the same where a constant added to v was rounded."""
    # Adding the constant rounds each entry by at most u |v + kappa|, and |kappa| is far below the size of v or r.
    size = float(np.abs(v).max() + 2 * np.abs(backed_up - v).max() / (1 - gamma))
    change = backed_up - v - error - 4 * UNIT_ROUNDOFF * (np.abs(backed_up) + np.abs(v))
    return float(change.min()) - 8 * UNIT_ROUNDOFF * size


def _step_vectors(model: FiniteHorizonMDP, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Return l and u, shape (H + 1, n_states), with ``T_pi l[t+1] >= l[t]`` and ``T u[t+1] <= u[t]`` exactly."""
    lower, upper = solution.lower.copy(), solution.upper.copy()
    lower[-1], upper[-1] = 0.0, 0.0
    for t in reversed(range(model.H)):
        P, r = model.rows(t), model.rewards(t)
        best, error, _, _ = backup_with_error(P, r, model.pair_start, model.gamma, upper[t + 1])
        upper[t] = np.maximum(upper[t], np.nextafter(best + error, np.inf))
        P_policy, r_policy = policy_rows(P, r, model.pair_start, solution.policy[t])
        own = r_policy + model.gamma * (P_policy @ lower[t + 1])
        own_error = row_error(P_policy, r_policy, model.gamma, lower[t + 1])
        lower[t] = np.minimum(lower[t], np.nextafter(own - own_error, -np.inf))
    return lower, upper


def _goal_vectors(mdp: MDP, solution: Solution) -> tuple[Vector, Vector]:
    """Return the answer's own bounds, with their tails, if away from the goal they satisfy their inequalities."""
    if solution.goal is None:
        raise CriterionError("this answer does not know its goal, so there is nothing to certify it against")
    nothing, every = np.zeros(mdp.n_pairs), np.arange(mdp.n_pairs)
    own = mdp.pair_start[:-1] + solution.policy
    below, above = (every, own) if solution.criterion is Criterion.MINIMAL_REACHABILITY else (own, every)
    reward = mdp.r if solution.criterion is Criterion.TOTAL_REWARD else nothing
    tails = np.zeros((2, mdp.n_states)) if solution.tails is None else solution.tails
    lower = [v + tail for v, tail in zip(exact(solution.lower), exact(tails[0]), strict=True)]
    upper = [v + tail for v, tail in zip(exact(solution.upper), exact(tails[1]), strict=True)]
    for pairs, v, sign in ((below, lower, 1), (above, upper, -1)):
        rows = ExactRows(mdp, pairs[~solution.goal[mdp.pair_state[pairs]]], reward)
        if any(sign * rows.gain(i, v) < 0 for i in range(len(rows.owner))):
            raise CriterionError("the bounds of this answer are not those of a solver: they do not prove themselves")
    return lower, upper
