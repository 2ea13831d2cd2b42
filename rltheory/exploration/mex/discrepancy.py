r"""How far hypotheses are from the truth where policies go: expected squared Hellinger distances."""

from __future__ import annotations

import numpy as np


def squared_hellinger(P: np.ndarray, Q: np.ndarray) -> np.ndarray:
    r"""Return :math:`1 - \sum \sqrt{P Q}` of distributions on the last axis.

    Examples
    --------
    >>> squared_hellinger(np.array([1.0, 0.0]), np.array([0.25, 0.75])).item()
    0.5
    """
    return np.maximum(1 - np.sqrt(P * Q).sum(axis=-1), 0.0)


def occupancies(P: np.ndarray, mu: np.ndarray, policies: np.ndarray) -> np.ndarray:
    """Return where deterministic policies are at each step, shape (n, H, n_states).

    Parameters
    ----------
    P : ndarray, shape (1 or H, n_states, n_actions, n_states)
        The kernel.
    mu : ndarray, shape (n_states,)
        Distribution of the first state.
    policies : ndarray of int, shape (n, H, n_states)
        The policies.
    """
    n, H, n_states = policies.shape
    visited = np.zeros((n, H, n_states))
    now = np.broadcast_to(mu, (n, n_states))
    for t in range(H):
        visited[:, t] = now
        moves = P[t % len(P)][np.arange(n_states), policies[:, t]]  # (n, n_states, n_states)
        now = np.einsum("ns,nsx->nx", now, moves)
    return visited


def hellinger_discrepancies(
    truth: np.ndarray, hypotheses: np.ndarray, mu: np.ndarray, policies: np.ndarray
) -> np.ndarray:
    r"""Return :math:`E_{\pi_j} D^2(P_{f,t}, P_t)(s_t, a_t)` for each hypothesis f, policy j and step t.

    Parameters
    ----------
    truth : ndarray, shape (1 or H, n_states, n_actions, n_states)
        The true kernel P.
    hypotheses : ndarray, shape (N, 1 or H, n_states, n_actions, n_states)
        The kernels :math:`P_f`.
    mu : ndarray, shape (n_states,)
        Distribution of the first state.
    policies : ndarray of int, shape (n, H, n_states)
        Deterministic policies.

    Returns
    -------
    ndarray, shape (N, n, H)

    Examples
    --------
    >>> coin = np.array([[[[0.5, 0.5]], [[0.5, 0.5]]]])
    >>> sure = np.array([[[[1.0, 0.0]], [[1.0, 0.0]]]])
    >>> hellinger_discrepancies(coin, sure[None], np.array([1.0, 0.0]), np.zeros((1, 1, 2), int)).round(4)
    array([[[0.2929]]])
    """
    visited = occupancies(truth, mu, policies)
    n, H, n_states = policies.shape
    out = np.empty((len(hypotheses), n, H))
    for t in range(H):
        apart = squared_hellinger(hypotheses[:, t % hypotheses.shape[1]], truth[t % len(truth)])  # (N, S, A)
        out[:, :, t] = np.einsum("ns,fns->fn", visited[:, t], apart[:, np.arange(n_states), policies[:, t]])
    return out
