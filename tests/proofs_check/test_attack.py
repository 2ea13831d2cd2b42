import dataclasses

import hypothesis.strategies as st
import numpy as np
import pytest

from proofs_check import THEOREMS, Attack, Check, Kind, Theorem, attack, scaled
from proofs_check.verification import arguments


def peak_bound(**changes):
    """Claim that a narrow peak at 1/pi is at most 1; drawn numbers on a coarse grid come to 0.96 and not nearer."""

    def check(x):
        return Check(1 / (1 + 100 * (x - 1 / np.pi) ** 2), 1.0)

    fields = {
        "name": "peak",
        "statement": r"$f(x) \le 1$",
        "source": "here",
        "assumptions": "none",
        "instances": st.sampled_from([0.0, 0.3, 1.0]),
        "check": check,
        "refutable": scaled(check, rhs=0.99),
    }
    return Theorem(**(fields | changes))


def pair_bound():
    """Claim that x <= y for pairs drawn such that it holds: moving either leaves the assumption."""

    def check(x, y):
        return Check(x, y)

    return Theorem(
        name="pair",
        statement=r"$x \le y$",
        source="here",
        assumptions=r"$x \le y$",
        instances=st.sampled_from([(0.5, 1.0), (0.9, 1.0), (0.2, 0.4)]),
        check=check,
        refutable=scaled(check),
    )


@pytest.mark.parametrize("name", ["bellman-contraction", "residual-error", "greedy-loss", "residual-loss"])
def test_the_attack_reaches_bounds_that_are_attained(name):
    found = attack(name, budget=60)
    assert not found.violated
    assert found.tightness >= 0.99
    assert found.evaluations <= 60


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["greedy-loss-span", "policy-improvement", "discount-loss", "gain-change", "mpi-rate"])
def test_no_violation_of_a_true_theorem_is_reported(name, seed):
    assert not attack(name, budget=40, rng=seed).violated


def test_a_false_constant_is_violated():
    true = THEOREMS["greedy-loss"]
    found = attack(dataclasses.replace(true, check=true.refutable), budget=100)
    assert found.violated
    assert not found.best.check.holds
    assert "VIOLATED" in found.in_words()


def test_moves_come_nearer_than_draws():
    found = attack(peak_bound(), budget=300)
    assert found.drawn == pytest.approx(1 / (1 + 100 * (0.3 - 1 / np.pi) ** 2))
    assert found.tightness >= 0.9999
    assert found.moved


def test_moves_refute_a_false_variant_that_draws_do_not():
    theorem = peak_bound()
    found = attack(theorem, budget=300, check=theorem.refutable)
    assert found.violated
    assert found.moved
    assert found.best.check.lhs > 0.99


def test_moves_refute_a_false_theorem_only_if_its_argument_is_free():
    false = peak_bound(check=peak_bound().refutable)
    assert not attack(false, budget=300).violated
    assert attack(false, budget=300, free=("x",)).violated


def test_an_argument_whose_moves_leave_the_assumptions_is_frozen():
    found = attack(pair_bound(), budget=200)
    assert not found.violated
    assert found.frozen
    assert set(found.frozen) <= {"x", "y"}
    assert found.tightness == max(ratio for _, ratio in found.history) <= 1


def test_instances_that_the_check_refuses_are_skipped():
    def check(x):
        if x not in (0.0, 0.3, 1.0):
            raise ValueError("off the grid")
        return Check(x, 2.0)

    found = attack(peak_bound(check=check), budget=100)
    assert found.best.instance == 1.0
    assert not found.violated


def test_an_identity_has_no_ratio_and_keeps_the_largest_error():
    found = attack("simulation-identity", budget=30)
    assert np.isnan(found.tightness)
    assert found.history == ()
    assert not found.violated


def test_a_theorem_about_random_draws_is_tested_over_seeds():
    name = next(one.name for one in THEOREMS.values() if one.kind is Kind.IN_EXPECTATION)
    assert not attack(name, budget=6).violated


def test_an_attack_is_reproducible_and_its_history_ascends():
    first, second = (attack("residual-span-loss", budget=60, rng=3) for _ in range(2))
    assert first.history == second.history
    assert first.in_words() == second.in_words()
    counts, ratios = zip(*first.history, strict=True)
    assert list(counts) == sorted(counts)
    assert list(ratios) == sorted(ratios)
    assert ratios[-1] == first.tightness


def test_a_saved_attack_comes_back_and_its_check_can_be_repeated(tmp_path):
    found = attack("residual-loss", budget=60, rng=1)
    found.save(tmp_path / "attack.json")
    back = Attack.load(tmp_path / "attack.json")
    assert back.in_words() == found.in_words()
    assert back.to_rows() == found.to_rows()
    assert back.theorem.check(*back.best.instance) == found.best.check


@pytest.mark.slow
@pytest.mark.parametrize("name", list(THEOREMS)[::8])  # some of each wing, for want of time
def test_an_attack_on_any_theorem_ends_comes_back_and_refutes_nothing(name, tmp_path):
    found = attack(name, budget=4)
    found.save(tmp_path / "attack.json")
    back = Attack.load(tmp_path / "attack.json")
    assert not found.violated, found.in_words()
    assert back.in_words() == found.in_words()
    assert back.to_rows() == found.to_rows()
    if back.theorem.kind is Kind.DETERMINISTIC:
        assert repr(back.theorem.check(*arguments(back.best.instance))) == repr(found.best.check)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "other.json").write_text("[]")
    with pytest.raises(ValueError, match="does not hold an attack"):
        Attack.load(tmp_path / "other.json")


def test_the_record_shows_itself():
    found = attack("greedy-loss", budget=40)
    assert repr(found).startswith("Attack(greedy-loss: not violated, tightness")
    assert "| evaluations | tightness |" in found._repr_markdown_()
    assert found.to_rows()[-1] == {
        "theorem": "greedy-loss",
        "evaluations": found.history[-1][0],
        "tightness": found.tightness,
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 1}, "budget is 1; an attack needs at least 2"),
        ({"free": ("w",)}, "free names 'w'; the arguments of greedy-loss are mdp, v"),
    ],
    ids=["budget", "free"],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        attack("greedy-loss", **options)


def test_an_unknown_theorem_is_named():
    with pytest.raises(ValueError, match="no theorem is called 'greedy-los'"):
        attack("greedy-los")


def test_named_tuples_stay_as_they_were_drawn():
    assert not attack("preference-gap-floor", budget=12).violated
