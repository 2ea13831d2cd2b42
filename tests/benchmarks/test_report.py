"""Tables, means and files, from results that are made up."""

import math

import pytest
from matplotlib.figure import Figure

from benchmarks import plot, report
from benchmarks.roofline import Machine, Sweep
from benchmarks.run import Measurement, Task
from benchmarks.startup import StartUp

BESIDE = {1: (1.0, 2.0, 1.0), 2: (0.5, 0.5, 0.5)}


@pytest.fixture
def results():
    return report.Results(
        report.settings_here("short", (1, 2), 3, 9.0),
        (Task("easy", 10, 20, 100, 0.9, 1e-12), Task("hard", 10, 20, 100, 0.999, 1e-12)),
        (
            Measurement(
                "easy", "rltheory", 1, (1.0, 2.0, 1.0), tol=1e-6, input_bytes=1000, extra_bytes=250, error=1e-7
            ),
            Measurement("easy", "rltheory", 2, (0.5, 0.5, 0.5), input_bytes=1000),
            Measurement("easy", "quantecon_mpi", 2, (4.0, 4.0, 8.0), ours=BESIDE, input_bytes=1000),
            Measurement("easy", "quantecon_pi", 2, (5.0, 5.0, 5.0), ours=BESIDE, input_bytes=1000),
            Measurement("hard", "rltheory", 1, (3.0, 3.0, 3.0), input_bytes=1000),
            Measurement("hard", "rltheory", 2, (1.5, 1.5, 1.5), input_bytes=1000),
            Measurement("hard", "quantecon_mpi", 2, input_bytes=1000, note="> 9 s"),
            Measurement("hard", "storm_pi", 2, input_bytes=1000, note="not installed"),
        ),
        (Machine(1, 2e10, {"8 MB": 1.5}),),
        (Sweep("easy", 1, seconds=2.0, read=1.0, gather=1.5),),
        StartUp(3.0, 0.5, 0.1),
    )


@pytest.mark.parametrize(("numbers", "mean"), [([2.0, 8.0], 4.0), ([5.0], 5.0), ([2.0, math.nan, 8.0], 4.0)])
def test_the_geometric_mean_leaves_out_what_is_missing(numbers, mean):
    assert report.geometric_mean(numbers) == pytest.approx(mean)


def test_there_is_no_mean_of_nothing():
    assert math.isnan(report.geometric_mean([]))


def test_a_ratio_is_the_median_over_the_rounds_not_the_ratio_of_the_medians(results):
    peer = report.fastest_peer(results, "easy")
    assert peer.solver == "quantecon_mpi"
    assert peer.ratio(1) == 4.0  # of 4, 2 and 8
    assert peer.ratio(2) == 8.0  # of 8, 8 and 16


def test_a_problem_that_no_peer_finished_is_not_in_the_mean(results):
    assert report.fastest_peer(results, "hard") is None
    assert math.isnan(report.ratios(results, 1)["hard"])
    assert report.geometric_mean(report.ratios(results, 2).values()) == pytest.approx(8.0)


def test_the_summary_says_at_least_where_peers_were_ended_at_the_limit(results):
    _, heads, (easy, hard, mean) = report.summary(results)
    assert easy[heads.index("ratio, 2 threads")] == "8.0"
    assert easy[heads.index("sweep / roofline, 1 thread")] == "75%"
    assert hard[heads.index("its time")] == "> 9 s"
    assert hard[heads.index("ratio, 2 threads")] == "> 6.0"
    assert mean[heads.index("ratio, 1 thread")] == "4.0"


def test_the_details_tell_why_there_is_no_time(results):
    _, heads, rows = report.details(results)
    told = {(row[0], row[1], row[2]): (row[heads.index("solve")], row[heads.index("note")]) for row in rows}
    assert told["hard", "quantecon_mpi", "2"] == ("> 9 s", "")
    assert told["hard", "storm_pi", "2"] == ("-", "not installed")
    assert told["easy", "rltheory", "1"] == ("1 s", "")
    assert rows[0][heads.index("/ input")] == "0.25"
    assert all(len(row) == len(heads) for row in rows)


@pytest.mark.parametrize(
    ("time", "text"), [(0.0123, "12 ms"), (0.5, "500 ms"), (1.25, "1.2 s"), (123.4, "123 s"), (math.nan, "-")]
)
def test_times_are_written_with_few_digits(time, text):
    assert report.seconds(time) == text


def test_results_come_out_of_their_file_as_they_went_in(results, tmp_path):
    report.save(results, tmp_path / "r.jsonl")
    read = report.load(tmp_path / "r.jsonl")
    report.save(read, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_text() == (tmp_path / "r.jsonl").read_text()
    assert report.summary(read) == report.summary(results)
    assert (read.machines, read.sweeps, read.startup) == (results.machines, results.sweeps, results.startup)


def test_every_row_of_the_markdown_has_as_many_cells_as_its_head(results):
    table = [line.count("|") for line in report.markdown(results, "r.png").splitlines() if line.startswith("|")]
    assert len(set(table)) == 2  # two tables


def test_the_picture_has_a_row_for_each_problem_and_the_ratio_beside_it(results):
    ax = plot.times(results, Figure(layout="constrained").subplots())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["easy", "hard"]
    assert "8.0×" in [text.get_text() for text in ax.texts]
