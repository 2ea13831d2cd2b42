import hypothesis.strategies as st
import numpy as np
import pytest
from scipy.stats import binom

from mdps.strategies import unit_reward_mdps
from proofs_check import Check, Kind, Theorem, Verdict, scaled, verify
from proofs_check.verification import FALSE_ALARM, describe, find
from rltheory import OutcomeModel


def square_bound(constant):
    """Claim that x (1 - x) is at most a constant on [0, 1]; a quarter is right."""

    def check(x):
        return Check(x * (1 - x), constant)

    return Theorem(
        name="square",
        statement=r"$x (1 - x) \le c$",
        source="here",
        assumptions=r"$0 \le x \le 1$",
        instances=st.floats(0, 1),
        check=check,
        refutable=scaled(check),
        tight=lambda: check(0.5),
        tight_ratio=0.999,
    )


def hoeffding(width, refuted_width=0.5):
    """Claim that the mean of n coins is within ``width`` times Hoeffding's distance of p, with probability 0.9."""

    def check(n, p, rng, factor=width):
        return Check(abs(rng.binomial(n, p) / n - p), factor * np.sqrt(np.log(2 / 0.1) / (2 * n)))

    return Theorem(
        name="hoeffding",
        statement=r"$|\hat p - p| \le \sqrt{\ln(2/\delta) / 2n}$",
        source="here",
        assumptions="none",
        instances=st.tuples(st.sampled_from([10, 50]), st.sampled_from([0.5, 0.2])),
        check=check,
        refutable=lambda n, p, rng: check(n, p, rng, factor=refuted_width),
        kind=Kind.HIGH_PROBABILITY,
        delta=0.1,
    )


def jensen(factor):
    """Claim that E[X]^2 <= factor * E[X^2], draw by draw around the mean of a coin."""

    def check(p, rng, factor=factor):
        x = float(rng.random() < p)
        return Check(p * x, factor * x**2)

    return Theorem(
        name="jensen",
        statement=r"$(\mathbb{E} X)^2 \le \mathbb{E} X^2$",
        source="here",
        assumptions="none",
        instances=st.sampled_from([0.5, 0.9]),
        check=check,
        refutable=lambda p, rng: check(p, rng, factor=0.25),
        kind=Kind.IN_EXPECTATION,
    )


def test_a_true_theorem_holds_and_reports_what_it_measured():
    verification = verify(square_bound(0.25), examples=100)
    assert verification.verdict is Verdict.HOLDS
    assert verification.passed
    assert verification.instances == len(verification.checks) == 100
    assert verification.slack == min(check.slack for check in verification.checks)
    assert verification.tightness == max(check.tightness for check in verification.checks if check.rhs > 0)
    assert verification.worst.check.tightness == verification.tightness
    assert verification.tight == Check(0.25, 0.25)
    assert repr(verification).startswith("Verification(square: HOLDS, 100 instances")


def test_a_false_theorem_fails_with_a_shrunk_counterexample():
    theorem = Theorem(
        name="small",
        statement=r"$x \le 100$",
        source="here",
        assumptions="none",
        instances=st.integers(0, 10**6),
        check=lambda x: Check(x, 100),
        refutable=lambda x: Check(x, 50),
    )
    verification = verify(theorem, examples=50)
    assert verification.verdict is Verdict.FAILS
    assert verification.counterexample.instance == 101
    assert "minimal counterexample: lhs = 101.0, rhs = 100.0, slack = -1\nx = 101" in verification.in_words()


def test_a_false_theorem_about_models_is_reported_with_the_model():
    theorem = Theorem(
        name="cheap",
        statement=r"$r < 1$",
        source="here",
        assumptions="none",
        instances=unit_reward_mdps(),
        check=lambda mdp: Check(mdp.r.max(), 0.5),
        refutable=lambda mdp: Check(mdp.r.max(), 0.25),
    )
    words = verify(theorem, examples=50).in_words()
    assert "mdp = MDP with 1 state, gamma = 0.5, mu = [1.0]" in words
    assert "state 0, action 0: reward 0.625; to 0 with probability 1.0" in words


def test_a_variant_that_cannot_be_refuted_is_a_defect():
    theorem = Theorem(
        name="vacuous",
        statement=r"$x \le 1000$",
        source="here",
        assumptions=r"$x \le 1$",
        instances=st.floats(0, 1),
        check=lambda x: Check(x, 1000),
        refutable=lambda x: Check(x, 900),
    )
    verification = verify(theorem, examples=50)
    assert verification.verdict is Verdict.NOT_REFUTED
    assert not verification.passed
    assert "its false variant survived" in verification.in_words()


def test_a_tight_instance_that_is_not_tight_is_a_defect():
    loose = Theorem(**{**fields(square_bound(0.25)), "tight": lambda: Check(0.2, 0.25)})
    verification = verify(loose, examples=100)
    assert verification.verdict is Verdict.NOT_TIGHT
    assert "tightness 0.8, promised 0.999" in verification.in_words()


def test_a_tight_instance_that_violates_the_bound_is_a_defect():
    broken = Theorem(**{**fields(square_bound(0.25)), "tight": lambda: Check(0.3, 0.25)})
    assert verify(broken, examples=100).verdict is Verdict.NOT_TIGHT


def fields(theorem):
    return {name: getattr(theorem, name) for name in theorem.__slots__}


def test_the_same_seed_gives_the_same_run():
    first, again, other = (verify(square_bound(0.25), examples=30, rng=rng) for rng in (0, 0, 1))
    assert first.checks == again.checks
    assert first.checks != other.checks


def test_a_high_probability_theorem_is_accepted_when_it_fails_rarely_enough():
    verification = verify(hoeffding(width=1.0), examples=300)
    assert verification.verdict is Verdict.HOLDS
    assert all(check.rhs == 0.1 for check in verification.checks)


def test_a_high_probability_theorem_is_rejected_when_it_fails_too_often():
    # At half of Hoeffding's distance the exact failure probability of 50 fair coins is 0.2, twice what is claimed.
    distance = 0.5 * np.sqrt(np.log(2 / 0.1) / 100)
    exact = sum(binom.pmf(k, 50, 0.5) for k in range(51) if abs(k / 50 - 0.5) > distance)
    assert exact > 0.2
    verification = verify(hoeffding(width=0.5), examples=300)
    assert verification.verdict is Verdict.FAILS
    assert 0.1 < verification.counterexample.check.lhs < 1


def test_the_false_alarm_rate_is_that_of_an_exact_binomial_test():
    theorem = Theorem(
        name="coin",
        statement="a coin of probability 0.1",
        source="here",
        assumptions="none",
        instances=st.just(()),
        check=lambda rng: Check(float(rng.random() < 0.1), 0.0),
        refutable=lambda rng: Check(1.0, 0.0),
        kind=Kind.HIGH_PROBABILITY,
        delta=0.1,
    )
    verification = verify(theorem, examples=200)
    assert verification.verdict is Verdict.HOLDS
    least = verification.checks[0].lhs
    failures = next(k for k in range(200) if abs(binom.sf(k - 1, 200, least) - FALSE_ALARM / 10) < 1e-9 and k > 0)
    assert 5 < failures < 40


def test_a_theorem_in_expectation_is_judged_by_its_mean():
    assert verify(jensen(factor=1.0), examples=200).verdict is Verdict.HOLDS
    assert verify(jensen(factor=0.4), examples=200).verdict is Verdict.FAILS


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ValueError, match=r"no theorem is called 'gredy-loss'; near names: greedy-loss"):
        find("gredy-loss")
    with pytest.raises(ValueError, match=r"no theorem is called 'zzz'; proofs_check\.THEOREMS lists them"):
        verify("zzz")


def test_a_run_needs_instances():
    with pytest.raises(ValueError, match="examples is 0; at least one instance is needed"):
        verify("greedy-loss", examples=0)


def test_a_model_of_outcomes_is_described_with_its_joint_law():
    bet = OutcomeModel.from_lists([[[(0.5, 0, 1.0), (0.5, 0, -1.0)]]], gamma=0.5)
    assert describe(bet).splitlines() == [
        "OutcomeModel with 1 state, gamma = 0.5, mu = [1.0]",
        "  state 0, action 0: reward 1.0 and to 0 with probability 0.5, reward -1.0 and to 0 with probability 0.5",
    ]


def test_arrays_are_described_in_full():
    assert describe(np.array([[0.1, 1 / 3]])) == "[[0.1, 0.3333333333333333]]"
