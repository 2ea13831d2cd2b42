"""What the theorems of bandits are put to the test on: real learners, and coins that are hard for them."""

from __future__ import annotations

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
from hypothesis.strategies import SearchStrategy

from rltheory.bandits import GaussianArms, rules
from rltheory.bandits.rules import Rule

METHODS = ("UCB", "KL-UCB", "Thompson", "commit", "greed", "uniform")
"""Learners by name, those that do not learn well included."""

METHOD = st.sampled_from(METHODS)


def rule_of(method: str, rounds: int) -> Rule:
    """Return a learner of coins as a rule.

    Parameters
    ----------
    method : str
        One of ``METHODS``.
    rounds : int
        What UCB is told.

    Returns
    -------
    callable
    """
    return {
        "UCB": rules.ucb_rule(rounds),
        "KL-UCB": rules.kl_ucb_rule(),
        "Thompson": rules.thompson_rule(16),
        "commit": rules.commit_rule(2),
        "greed": rules.ucb_rule(rounds, sigma=0.0),
        "uniform": rules.uniform_rule,
    }[method]


def chances(n_arms: int, *, inner: bool = False) -> SearchStrategy[np.ndarray]:
    """Draw success probabilities, on a grid of tenths or anywhere.

    Parameters
    ----------
    n_arms : int
    inner : bool
        Whether to keep them from 0 and 1, so that every history is possible.

    Returns
    -------
    SearchStrategy of ndarray, shape (n_arms,)
    """
    low = 0.05 if inner else 0.0
    elements = st.integers(1, 9).map(lambda tenths: tenths / 10) | st.floats(low, 1 - low, allow_subnormal=False)
    return hnp.arrays(np.float64, n_arms, elements=elements, fill=st.nothing())


def certain(n_arms: int, gap: float) -> GaussianArms:
    """Return one good arm and others worse by one gap, all of whose rewards are certain.

    Parameters
    ----------
    n_arms : int
    gap : float

    Returns
    -------
    GaussianArms
    """
    return GaussianArms(gap * np.eye(n_arms)[0], sigma=0.0)


def gaussian(max_arms: int = 4) -> SearchStrategy[GaussianArms]:
    """Draw Gaussian arms of deviation 1, alike or far apart.

    Parameters
    ----------
    max_arms : int

    Returns
    -------
    SearchStrategy of GaussianArms
    """
    means = st.lists(st.sampled_from([0.0, 0.1, 0.3, 1.0, 2.0]), min_size=2, max_size=max_arms)
    return means.map(lambda drawn: GaussianArms(np.array(drawn)))
