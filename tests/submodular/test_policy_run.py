import numpy as np
import pytest

from mdps.submodular import coin_mirror, random_submodular_mdp
from rltheory.submodular.evaluation import policy_value
from rltheory.submodular.history_policy import HistorySoftmax
from rltheory.submodular.linear_policy import LinearSoftmax
from rltheory.submodular.policies import MarkovSoftmax
from rltheory.submodular.policy_run import PolicyRun


def run_of(mdp, policy):
    """What two rounds would leave behind, with a policy of our choice."""
    return PolicyRun(mdp, "by hand", policy, np.array([1.0, 2.0]), np.array([0.5, 0.25]), 10, np.zeros(1, int), 3.0)


def test_rollouts_are_counted_and_rows_tell_the_curve():
    run = run_of(coin_mirror(), MarkovSoftmax.uniform(coin_mirror()))
    assert run.rollouts == 20
    assert run.to_rows()[1] == {"round": 1, "rollouts": 20, "mean": 2.0, "error": 0.25}
    assert repr(run) == "PolicyRun(by hand, 20 rollouts, mean return 2 +- 0.25, best 3)"
    assert "<td>20</td><td>2</td>" in run._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        run.returns[0] = 5.0


@pytest.mark.parametrize("branching", [1, 2])
def test_what_is_certified_is_the_exact_value_of_the_likeliest_actions(branching):
    mdp = random_submodular_mdp(4, 2, 4, branching=branching, rng=0)
    policy = MarkovSoftmax(np.random.default_rng(0).normal(size=(4, 4, 2)))
    answer = run_of(mdp, policy).certified()
    assert answer.value == pytest.approx(policy_value(mdp, policy.theta.argmax(axis=-1)))
    assert answer.upper >= answer.value
    assert (answer.path is None) == (branching == 2)


def test_the_path_of_an_answer_earns_its_value():
    mdp = random_submodular_mdp(4, 2, 4, rng=1)
    assert np.count_nonzero(mdp.mu) == 1
    answer = run_of(mdp, MarkovSoftmax(np.random.default_rng(2).normal(size=(4, 4, 2)))).certified(upper=100.0)
    assert answer.value == pytest.approx(mdp.F.value(answer.path)) == pytest.approx(answer.gains.sum())
    assert answer.upper == 100.0


def test_policies_that_remember_and_linear_ones_are_certified_too():
    mdp = random_submodular_mdp(4, 2, 4, rng=1)
    expected = policy_value(mdp, np.zeros((4, 4), dtype=int))
    for policy in (HistorySoftmax.uniform(mdp), LinearSoftmax(np.zeros((4, 2, 1)), 4)):
        answer = run_of(mdp, policy).certified()
        assert answer.value == pytest.approx(expected)
        assert mdp.F.value(answer.path) == pytest.approx(expected)
