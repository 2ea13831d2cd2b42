r"""Politex: each state plays exponential weights against the action values of all the policies before.

.. math:: \pi_j(a|s) \propto \exp\Big( \eta \sum_{i<j} q^{\pi_i}(s,a) \Big)

and the answer is the mixture: draw one of :math:`\pi_0, \dots, \pi_{k-1}`, and keep it. Its loss is H times the average
regret in a state, so at most :math:`H^2 \sqrt{\ln|A| / (2k)}` for rewards in [0, 1] (`bounds.politex_loss`). With exact
action values it visits the policies of `natural_policy_gradient`; the point of the mixture is that its guarantee
survives estimates of q (Abbasi-Yadkori et al. 2019; Szepesvari 2022, lecture 14).
"""

from __future__ import annotations

import numpy as np

from rltheory.models import MDP
from rltheory.models._validation import checked_positive, checked_whole
from rltheory.policy_optimisation import bounds
from rltheory.policy_optimisation._logits import (
    action_values,
    checked_start,
    log_softmax,
    value_of,
)
from rltheory.policy_optimisation.run import PolicyRun, record


def politex(mdp: MDP, *, iterations: int, step: float | None = None) -> PolicyRun:
    r"""Run Politex with exact action values from the uniform policy.

    Parameters
    ----------
    mdp : MDP
        With ``gamma < 1``.
    iterations : int
        Number of policies k, at least 1.
    step : float, optional
        :math:`\eta`, in units of one over reward; by default `bounds.politex_step`, for rewards in [0, 1].

    Returns
    -------
    PolicyRun
        With k policies; ``mixture_value`` is the value of the answer.

    Raises
    ------
    CriterionError
        If ``gamma`` is 1.
    ModelError
        If there is no iteration, or the step is not positive.

    References
    ----------
    Abbasi-Yadkori, Bartlett, Bhatia, Lazic, Szepesvari and Weisz (2019).

    Examples
    --------
    >>> import mdps
    >>> from rltheory.policy_optimisation import politex
    >>> run = politex(mdps.chain(4, gamma=0.5), iterations=100)
    >>> run.mixture_value.round(3)
    array([0.151, 0.381, 0.879, 1.88 ])
    """
    logs = [checked_start(mdp, None)]
    iterations = checked_whole("iterations", iterations, 1)
    step = bounds.politex_step(mdp.gamma, mdp.n_actions, iterations) if step is None else checked_positive("step", step)
    total = np.zeros(mdp.n_pairs)
    for _ in range(iterations - 1):
        total += action_values(mdp, value_of(mdp, logs[-1]))
        logs.append(log_softmax(mdp, step * total))
    return record(mdp, logs, [step] * (iterations - 1))
