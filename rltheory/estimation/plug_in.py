r"""Learn a model from m samples of every pair, and plan in it as if it were the truth.

With :math:`\hat P` the relative frequencies, and :math:`\hat v^*, \hat\pi` the optimum of that model, two statements
about its quality follow from the samples alone, each with probability :math:`1 - \delta`. From the rows of the kernel,
which are all within :math:`\varepsilon = \sqrt{2 \ln(N (2^S - 2) / \delta) / m}` in :math:`L_1`, the *loss*

.. math:: v^* - v^{\hat\pi} \le \gamma H \varepsilon\, \mathrm{sp}(\hat v^*) ,

and from the deviations that the model itself sees, the *error of its value*

.. math:: \|v^* - \hat v^*\| \le \gamma\, \frac{T u + \tfrac76 H w u^2}{1 - \gamma H u}, \qquad
          u = \sqrt{2 \ln(4 N / \delta) / (m - 1)} ,

where T is the most that :math:`\hat\sigma(\hat v^*)` adds up to along a policy of the model, itself an optimal value,
and :math:`w = H\, \mathrm{sp}(r)` the range of values. Rewards are known.

Sources: Kearns and Singh (1999); Azar, Munos and Kappen (2013); the constants are derived in
`rltheory.estimation.bounds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory.estimation import bounds
from rltheory.estimation.bounds.means import checked_delta
from rltheory.models import MDP, CriterionError, ModelError
from rltheory.models._validation import checked_whole
from rltheory.planning import Solution, solve

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_PLANNING_TOLERANCE = 1e-10
"""Of a plan in the learned model, relative to the largest values; far below what samples can tell."""
_LEAST_TOLERANCE = 1e-290
"""Where all rewards are 0, or next to it."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PlugIn:
    r"""A model that was learned from samples, and its plan.

    Parameters
    ----------
    model : MDP
        With the relative frequencies as its kernel.
    solution : Solution
        The optimum of that model.
    m : int
        Samples of each pair.
    delta : float
        Probability with which each of the two statements below fails.
    loss : float
        Certified: :math:`\|v^* - v^{\hat\pi}\|` is at most this, in reward units.
    value_error : float
        Certified: :math:`\|v^* - \hat v^*\|` is at most this, in reward units.
    """

    model: MDP
    solution: Solution
    m: int
    delta: float
    loss: float
    value_error: float

    @property
    def policy(self) -> np.ndarray:
        """What is optimal in the learned model, shape (n_states,)."""
        return self.solution.policy

    @property
    def value(self) -> np.ndarray:
        """Its value in the learned model, shape (n_states,), in reward units."""
        return self.solution.value

    def __repr__(self) -> str:
        return (
            f"PlugIn({self.m} samples of each of {self.model.n_pairs} pairs, loss <= {self.loss:.4g},"
            f" error of the value <= {self.value_error:.4g}, each with probability {1 - self.delta:g})"
        )


def plug_in(mdp: MDP, m: int, *, delta: float = 0.05, rng: Any = None) -> PlugIn:
    """Sample every pair m times, plan with the relative frequencies, and certify the plan.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``; it is only sampled. Rewards, discount and the sets of actions are known to the learner.
    m : int
        Samples of each pair, at least 2.
    delta : float
        Probability of failure, strictly between 0 and 1, of each of the two certified statements.
    rng : None, int or numpy.random.Generator
        As in `numpy.random.default_rng`.

    Returns
    -------
    PlugIn

    Raises
    ------
    CriterionError
        If ``gamma`` is 1 or ``delta`` is out of range.
    ModelError
        If m is no whole number, or below 2.

    References
    ----------
    Kearns and Singh (1999); Azar, Munos and Kappen (2013).

    Examples
    --------
    >>> import mdps
    >>> river = mdps.river_swim(4, gamma=0.8)
    >>> plug_in(river, 10_000, rng=0).policy
    array([1, 1, 1, 1])
    """
    checked_whole("m", m, 2)
    checked_delta(delta)
    generator = np.random.default_rng(rng)
    rows = (mdp.P.data[first:last] for first, last in zip(mdp.P.indptr[:-1], mdp.P.indptr[1:], strict=True))
    counts = [generator.multinomial(m, row / row.sum()) for row in rows]
    return plan_with_counts(mdp, _like(mdp.P, np.concatenate(counts).astype(float)), delta=delta)


def plan_with_counts(mdp: MDP, counts: Any, *, delta: float = 0.05) -> PlugIn:
    """Plan with the relative frequencies of what was counted, and certify the plan.

    Parameters
    ----------
    mdp : MDP
        Gives rewards, discount and the sets of actions; its kernel is not looked at.
    counts : array_like or sparse array, shape (n_pairs, n_states)
        How often each pair led to each state; every row has the same sum, at least 2.
    delta : float
        As for `plug_in`.

    Returns
    -------
    PlugIn

    Raises
    ------
    ModelError
        If the counts have the wrong shape, are negative, or differ in number; the message names the state and action.
    CriterionError
        If ``gamma`` is 1 or ``delta`` is out of range.

    Examples
    --------
    >>> import rltheory as rl
    >>> game = rl.MDP.from_pairs([[0.5, 0.5]] * 2 + [[1.0, 0.0]], [0.0, 0.1, 1.0], gamma=0.5, pair_start=[0, 2, 3])
    >>> plan_with_counts(game, [[800, 200], [200, 800], [1000, 0]])
    PlugIn(1000 samples of each of 3 pairs, loss <= 0.0629, error of the value <= 0.05595, each with probability 0.95)
    """
    if mdp.gamma == 1:
        raise CriterionError("gamma is 1; certificates are for discounted values, with gamma below 1")
    frequencies, m = _frequencies(mdp, counts)
    model = mdp.replace(P=frequencies)
    width = float(mdp.r.max() - mdp.r.min()) / (1 - mdp.gamma)
    solution = _planned(model)
    loss = min(width, _loss_by_rows(model, solution, m, checked_delta(delta)))
    value_error = min(width, _error_by_variance(model, solution, m, delta, width))
    return PlugIn(model, solution, m, float(delta), loss, value_error)


def _loss_by_rows(model: MDP, solution: Solution, m: int, delta: float) -> float:
    row_error = bounds.weissman(model.n_states, m, delta / model.n_pairs)
    spread = float(solution.upper.max() - solution.lower.min())
    return bounds.plug_in_loss(model.gamma, row_error * spread / 2) + solution.gap


def _error_by_variance(model: MDP, solution: Solution, m: int, delta: float, width: float) -> float:
    """Add up the deviations that the model sees along the policy that meets most of them."""
    u = bounds.deviation_factor(model.n_pairs, m, delta)
    v = solution.value - solution.value.mean()
    deviation = np.sqrt(np.maximum(0.0, model.P @ v**2 - (model.P @ v) ** 2)) + solution.gap
    total = _planned(model.replace(r=deviation)).upper.max()
    offset = 7 * width * u**2 / 6
    return bounds.value_error_by_variance(model.gamma, slope=u, offset=offset, total=float(total)) + solution.gap


def _planned(model: MDP) -> Solution:
    largest = float(np.abs(model.r).max()) / (1 - model.gamma)
    return solve(model, tol=max(_PLANNING_TOLERANCE * largest, _LEAST_TOLERANCE))


def _frequencies(mdp: MDP, counts: Any) -> tuple[csr_array, int]:
    from scipy.sparse import csr_array

    counts = csr_array(counts, dtype=float)
    if counts.shape != (mdp.n_pairs, mdp.n_states):
        raise ModelError(f"counts has shape {counts.shape}; it must be {(mdp.n_pairs, mdp.n_states)}")
    negative = np.flatnonzero(counts.data < 0)
    if negative.size:
        row = int(np.searchsorted(counts.indptr, negative[0], side="right")) - 1
        raise ModelError(
            f"counts of {_pair_name(mdp, row)} have the entry {counts.data[negative[0]]:g}; it must be at least 0"
        )
    totals = counts.sum(axis=1)
    wrong = np.flatnonzero((totals != totals[0]) | (totals < 2) | np.isinf(totals))
    if wrong.size:
        raise ModelError(
            f"counts of {_pair_name(mdp, int(wrong[0]))} add up to {totals[wrong[0]]:g}, those of the first pair"
            f" to {totals[0]:g}; every pair has the same finite number of samples, at least 2"
        )
    return _like(counts, counts.data / totals[0]), int(totals[0])


def _pair_name(mdp: MDP, row: int) -> str:
    s = int(mdp.pair_state[row])
    return f"state {mdp.state_name(s)}, action {mdp.action_name(s, row - int(mdp.pair_start[s]))}"


def _like(P: csr_array, data: np.ndarray) -> csr_array:
    """Return a matrix with the same pattern and other entries."""
    from scipy.sparse import csr_array

    return csr_array((data, P.indices, P.indptr), shape=P.shape)
