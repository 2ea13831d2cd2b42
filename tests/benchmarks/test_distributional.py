"""The benchmark of the distributional wing, on models that take no time."""

import pytest

from benchmarks import distributional as bench


def test_the_cliff_is_a_model_with_whole_rewards():
    model = bench.windy_cliff(4)
    assert set(model.reward.ravel().tolist()) <= {-21.0, -1.0, 0.0, 9.0}
    assert model.n_states == 14, "the cliff is never stood on"


@pytest.mark.parametrize(
    "measure", [lambda: bench.value_sweep(5, 2, 2, 7), lambda: bench.law_sweep(5, 2, 2, 7, 9)], ids=["values", "laws"]
)
def test_sweeps_are_timed_against_their_roofline(measure):
    timing = measure()
    assert timing.seconds > 0
    assert timing.share > 0


def test_whole_questions_are_timed_and_printed(monkeypatch, capsys):
    monkeypatch.setattr(bench, "fastest", lambda ask: bool(ask()) + 0.5)
    bench.print_table(bench.whole_solutions(3, 4))
    assert "CVaR at 20" in capsys.readouterr().out
