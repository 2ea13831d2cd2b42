"""The benchmark of the robust wing, on models that take no time."""

import pytest

from benchmarks import robust as bench


@pytest.mark.parametrize("divergence", bench.ROWS, ids=repr)
def test_rows_are_timed_next_to_a_convex_solver_that_agrees(divergence):
    timing = bench.time_rows(divergence, rows=10, n=6, programs=2)
    assert timing.seconds > 0
    assert timing.program > timing.solver > 0


def test_models_are_timed_and_printed(monkeypatch, capsys):
    rows = [bench.time_rows(bench.ROWS[0], 10, 6, 1)]
    monkeypatch.setattr(bench, "fastest", lambda ask: bool(ask()) + 0.5)
    bench.print_tables(rows, bench.time_models(n_states=12, few=6))
    printed = capsys.readouterr().out
    assert "s-rectangular sweep" in printed
    assert "12 states" in printed
