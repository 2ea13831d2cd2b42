import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdps.submodular import coin_mirror, two_room
from mdps.submodular_strategies import markov_policies, mixed_policies, submodular_mdps
from proofs_check.submodular import oracles
from rltheory import ModelError
from rltheory.submodular.certificate import certificate
from rltheory.submodular.modular_planning import modular_planning
from rltheory.submodular.relaxation import modular_bound


@given(submodular_mdps(), st.data())
def test_any_policy_comes_with_a_bracket_of_the_optimum(mdp, data):
    policy = data.draw(st.one_of(markov_policies(mdp), mixed_policies(mdp)))
    answer = certificate(mdp, policy)
    assert answer.lower - 1e-9 <= oracles.optimum(mdp) <= answer.upper + 1e-9


def test_a_policy_that_remembers_is_certified_optimal():
    """The coin is seen or not, so that both classes can be touched: 2, which is all there is."""
    answer = certificate(coin_mirror(), lambda path: int(path[1:2] == (1,)) if len(path) == 3 else 0)
    assert answer.value == 2.0
    assert answer.gap <= 1e-9


def test_a_bound_that_is_known_is_not_sought_again():
    rooms = two_room()
    plan = modular_planning(rooms).policy
    answer = certificate(rooms, plan, modular_bound(rooms))
    assert answer.upper == pytest.approx(160)
    assert answer.method == "given policy, bounded by sum of single elements"
    assert answer.to_rows()[0]["gain"] == 4.0


def test_a_policy_of_another_model_is_refused():
    with pytest.raises(ModelError, match="policy"):
        certificate(coin_mirror(), [0, 0])
