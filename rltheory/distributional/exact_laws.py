r"""Exact laws of the return over a horizon: every atom that can occur, with its probability.

Backward, from every state at once,

.. math:: \eta_0(s) = \delta_0, \qquad \eta_{h+1}(s) = \sum_b p_b \cdot \text{law of } r_b + \gamma\, G_h(s'_b),

where equal sums are merged. Forward, from one start, mass is pushed over (state, sum so far), and no law is kept for
states that are not met. Where rewards are whole numbers and nothing is discounted, all sums are on a lattice, atoms are
indices, and there are at most :math:`H (r_{\max} - r_{\min}) + 1` of them: long horizons are cheap. Otherwise their
number may double with every step.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from rltheory.distributional.chain import OutcomeChain, outcome_chain
from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.return_laws import ReturnLaws
from rltheory.distributional.stock_policy import StockPolicy
from rltheory.distributional.unfold import unfold
from rltheory.models import CriterionError, ModelError, OutcomeModel
from rltheory.models import _validation as valid
from rltheory.planning.memory import require_memory

_SAME = 1e-12  # relative to the largest sum: sums that are closer are one atom, told apart by rounding only


def exact_return_laws(model: OutcomeModel, policy: Any, H: int, *, max_atoms: int = 5_000_000) -> ReturnLaws:
    r"""Compute the law of the return over H steps, from every state, without approximation.

    Parameters
    ----------
    model : OutcomeModel
        The model; ``gamma = 1`` is allowed.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions).
    H : int
        Number of steps, at least 0.
    max_atoms : int
        Limit on the atoms of all states together; beyond it the model is refused.

    Returns
    -------
    ReturnLaws
        Its bounds are 0: it is exact up to rounding. States with fewer atoms than others have some of probability 0.

    Raises
    ------
    ModelError
        If the policy or the horizon does not fit the model.
    CriterionError
        If there are more than ``max_atoms`` atoms.

    See Also
    --------
    return_law : From one start, which needs less.
    categorical_evaluation : On a fixed number of atoms, with bounds.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.exact_laws import exact_return_laws
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=1.0)
    >>> exact_return_laws(coin, [0], 3).law(0)
    DiscreteLaw({0: 0.125, 1: 0.375, 2: 0.375, 3: 0.125})
    """
    chain, H = outcome_chain(model, policy), valid.checked_horizon(H)
    if _on_lattice(chain):
        low, span = _lattice(chain)
        _require_few(chain.n_states * (H * span + 1), max_atoms, H, H)
        prob, method = _backward(chain, low, span, H), "index arithmetic"
        support = np.repeat(H * low + np.arange(prob.shape[1], dtype=np.float64)[None], chain.n_states, axis=0)
    else:
        support, prob = _padded(_merged_laws(chain, H, max_atoms))
        method = "merging atoms"
    none = np.zeros(chain.n_states)
    return ReturnLaws(support, prob, none, none, chain, method, H)


def return_law(
    model: OutcomeModel, policy: Any, H: int, start: int | None = None, *, max_nodes: int = 5_000_000
) -> DiscreteLaw:
    """Compute the law of the return over H steps from one start, without approximation, by pushing mass forward.

    Parameters
    ----------
    model : OutcomeModel
        The model; ``gamma = 1`` is allowed.
    policy : array_like
        Actions of shape (n_states,), or probabilities of shape (n_states, n_actions). Policies that look at the step
        and at the sum so far are `StockPolicy`, which tells its own law.
    H : int
        Number of steps, at least 0.
    start : int, optional
        State at step 0; by default drawn from ``mu``.
    max_nodes : int
        Limit on pairs of a state and a sum, those of all steps together (of one step on the lattice).

    Returns
    -------
    DiscreteLaw

    Raises
    ------
    ModelError
        If the policy, the horizon or the start does not fit the model.
    CriterionError
        If there are more than ``max_nodes`` nodes.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.exact_laws import return_law
    >>> coin = rl.OutcomeModel.from_lists([[[(0.5, 0, 0.0), (0.5, 0, 1.0)]]], gamma=0.5)
    >>> return_law(coin, [0], 2, start=0)
    DiscreteLaw({0: 0.25, 0.5: 0.25, 1: 0.25, 1.5: 0.25})
    """
    chain, H = outcome_chain(model, policy), valid.checked_horizon(H)
    if start is not None and not 0 <= start < chain.n_states:
        raise ModelError(f"start is {start}; states are 0..{chain.n_states - 1}")
    if not _on_lattice(chain):
        nodes = unfold(chain, H, start=start, max_nodes=max_nodes)
        only = tuple(np.ones(layer.pair.size) for layer in nodes.layers[:-1])
        return StockPolicy(nodes, only).law(start)
    low, span = _lattice(chain)
    _require_few(chain.n_states * (H * span + 1), max_nodes, H, H)
    mass = np.zeros((chain.n_states, 1))
    mass[:, 0] = chain.mu if start is None else np.arange(chain.n_states) == start
    offset = (chain.reward - low).astype(np.int64)
    for t in range(H):
        following = np.zeros((chain.n_states, (t + 1) * span + 1))
        _push(chain.prob, chain.next_state, offset, mass, following)
        mass = following
    return DiscreteLaw(H * low + np.arange(mass.shape[1], dtype=np.float64), mass.sum(axis=0))


def _on_lattice(chain: OutcomeChain) -> bool:
    """Whether all sums of rewards are whole numbers that floats tell apart."""
    reward = chain.reward[chain.prob > 0]
    return chain.gamma == 1 and bool((reward == np.round(reward)).all()) and bool(np.abs(reward).max() < 2**31)


def _lattice(chain: OutcomeChain) -> tuple[int, int]:
    """Return the least reward, and the difference of the largest and the least."""
    reward = chain.reward[chain.prob > 0]
    return int(reward.min()), int(reward.max() - reward.min())


def _require_few(n_atoms: int, limit: int, steps: int, H: int) -> None:
    if n_atoms > limit:
        raise CriterionError(
            f"{n_atoms:,} atoms are needed after {steps} of {H} steps, more than the limit of {limit:,}: raise it,"
            " shorten the horizon, round the rewards to a grid, or use categorical_evaluation"
        )
    require_memory(32.0 * n_atoms, f"{n_atoms:,} atoms", remedy="use categorical_evaluation")


def _backward(chain: OutcomeChain, low: int, span: int, H: int) -> np.ndarray:
    """Return the probabilities of the sums ``H * low + k``, shape (n_states, H * span + 1)."""
    law, offset = np.ones((chain.n_states, 1)), (chain.reward - low).astype(np.int64)
    for h in range(H):
        following = np.zeros((chain.n_states, (h + 1) * span + 1))
        _pull(chain.prob, chain.next_state, offset, law, following)
        law = following
    return law


def _merged_laws(chain: OutcomeChain, H: int, max_atoms: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the atoms and probabilities of each state's law."""
    laws = [(np.zeros(1), np.ones(1))] * chain.n_states
    for h in range(H):
        laws = [_one_step(chain, s, laws) for s in range(chain.n_states)]
        _require_few(sum(atoms.size for atoms, _ in laws), max_atoms, h + 1, H)
    return laws


def _one_step(chain: OutcomeChain, s: int, laws: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the law of one state, a step longer, with equal atoms merged."""
    outcomes = [b for b in range(chain.prob.shape[1]) if chain.prob[s, b] > 0]
    after = [laws[chain.next_state[s, b]] for b in outcomes]
    atoms = np.concatenate([chain.reward[s, b] + chain.gamma * x for b, (x, _) in zip(outcomes, after, strict=True)])
    prob = np.concatenate([chain.prob[s, b] * p for b, (_, p) in zip(outcomes, after, strict=True)])
    order = np.argsort(atoms, kind="stable")
    atoms, prob = atoms[order], prob[order]
    first = np.flatnonzero(np.diff(atoms, prepend=-np.inf) > _SAME * max(abs(atoms[0]), abs(atoms[-1])))
    return atoms[first], np.add.reduceat(prob, first)


def _padded(laws: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """Return atoms and probabilities as arrays; the last atom is repeated, with probability 0."""
    most = max(atoms.size for atoms, _ in laws)
    support = np.stack([np.pad(atoms, (0, most - atoms.size), mode="edge") for atoms, _ in laws])
    return support, np.stack([np.pad(prob, (0, most - prob.size)) for _, prob in laws])


@njit(cache=True, nogil=True)
def _pull(prob, next_state, offset, law, following):  # type: ignore[no-untyped-def]
    for s in range(prob.shape[0]):
        for b in range(prob.shape[1]):
            if prob[s, b] > 0.0:
                before, by = next_state[s, b], offset[s, b]
                for k in range(law.shape[1]):
                    following[s, k + by] += prob[s, b] * law[before, k]


@njit(cache=True, nogil=True)
def _push(prob, next_state, offset, mass, following):  # type: ignore[no-untyped-def]
    for s in range(prob.shape[0]):
        for b in range(prob.shape[1]):
            if prob[s, b] > 0.0:
                after, by = next_state[s, b], offset[s, b]
                for k in range(mass.shape[1]):
                    following[after, k + by] += prob[s, b] * mass[s, k]
