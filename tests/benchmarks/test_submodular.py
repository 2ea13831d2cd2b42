import numpy as np
import pytest

from benchmarks.submodular import plain_rollouts
from mdps.submodular import coverage_grid
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.policies import MarkovSoftmax


def test_the_rival_s_walks_have_the_mean_of_the_policy():
    """Within 5 standard errors: of 2,000 walks that see 1 to 7 cells, so that none has more than 3 / sqrt(2000)."""
    mdp = coverage_grid(np.ones((3, 3)), H=3, start=(1, 1), slip=0.2)
    table = MarkovSoftmax.uniform(mdp).table
    mean = plain_rollouts(mdp, table, 2_000, np.random.default_rng(0))
    assert mean == pytest.approx(policy_value(mdp, table), abs=5 * 3 / np.sqrt(2_000))
