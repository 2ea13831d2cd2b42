"""Compare the solvers with other libraries: ``python -m benchmarks``, from the root of a checkout.

    python -m benchmarks                                    the short profile, within three minutes on two cores
    python -m benchmarks --profile full                     the ten problems of the suite, all peers, five pairs
    python -m benchmarks --problems grid_300,rooms --solvers quantecon_mpi --pairs 3
    python -m benchmarks --profile full --problems more     the problems that nothing was tuned on

A peer that is not installed is left out with a line that says so: ``pip install -e ".[bench]"``.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import plot, report, roofline
from benchmarks.more_problems import MORE
from benchmarks.peers import SOLVERS
from benchmarks.problems import SUITE
from benchmarks.run import OURS, PROBLEMS, measure
from benchmarks.startup import measure_startup
from benchmarks.worker import in_child

_RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Profile:
    """What is measured unless the command line says otherwise.

    The problems share ``budget`` seconds: when one has used up its part, no further peer is begun on it. What comes
    after them, and a solver of ours that is slow, add to that.
    """

    problems: tuple[str, ...]
    peers: tuple[str, ...]
    pairs: int
    limit: float
    budget: float


PROFILES = {
    "short": Profile(
        ("inventory_1e3", "garnet_1e5", "layered_4e5", "grid_300"),
        ("quantecon_mpi", "quantecon_pi", "mdpsolver_mpi", "storm_discounted"),
        pairs=3,
        limit=3,
        budget=90,
    ),
    "full": Profile(tuple(SUITE), tuple(name for name in SOLVERS if name != OURS), pairs=5, limit=30, budget=math.inf),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command, print the tables, and store them."""
    args = _parser().parse_args(argv)
    profile = PROFILES[args.profile]
    problems = _names(args.problems, PROBLEMS, {"suite": SUITE, "more": MORE}) or profile.problems
    peers = [name for name in _names(args.solvers, SOLVERS, {}) or profile.peers if name != OURS]
    threads = tuple(int(n) for n in args.threads.split(","))
    pairs, limit = args.pairs or profile.pairs, args.limit or profile.limit
    end = time.monotonic() + profile.budget

    def say(line: str) -> None:
        print(line, flush=True)

    measured = []
    for k, problem in enumerate(problems):
        now = time.monotonic()
        if now > end:
            say(f"{problem}: left out, the profile's time is over")
            continue
        deadline = now + (end - now) / (len(problems) - k)
        measured.append(measure(problem, peers, threads=threads, pairs=pairs, limit=limit, deadline=deadline, say=say))
    say("roofline")
    done = [task.problem for task, _ in measured]
    sweeps = [sweep for n in threads for sweep in in_child(roofline.measure_sweeps, done, n, threads=n)]
    machines = [in_child(roofline.measure_machine, n, threads=n) for n in threads]
    say("start-up")
    results = report.Results(
        report.settings_here(args.profile, threads, pairs, limit),
        tuple(task for task, _ in measured),
        tuple(m for _, of_problem in measured for m in of_problem),
        tuple(machines),
        tuple(sweeps),
        measure_startup(pairs),
    )
    store(results, args.out or _RESULTS / args.profile)
    return 0


def store(results: report.Results, stem: Path) -> None:
    """Print the tables, and write them and the picture to ``stem`` with the endings jsonl, md and png."""
    from rich.console import Console

    report.show(results, Console() if sys.stdout.isatty() else Console(width=170))
    stem.parent.mkdir(parents=True, exist_ok=True)
    report.save(results, stem.with_suffix(".jsonl"))
    stem.with_suffix(".md").write_text(report.markdown(results, stem.with_suffix(".png").name), encoding="utf-8")
    plot.save(results, stem.with_suffix(".png"))
    print(f"stored as {stem}.jsonl, .md and .png")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--profile", choices=PROFILES, default="short", help="what is measured unless said otherwise")
    parser.add_argument("--problems", help=f"suite, more, or names with commas between: {', '.join(PROBLEMS)}")
    parser.add_argument("--solvers", help=f"peers, with commas between: {', '.join(n for n in SOLVERS if n != OURS)}")
    parser.add_argument("--threads", default="1,2", help="ours runs with each; peers may use the largest (1,2)")
    parser.add_argument("--pairs", type=int, help="interleaved rounds for each peer")
    parser.add_argument("--limit", type=float, help="seconds after which a solve is ended")
    parser.add_argument("--out", type=Path, help="where to store, without ending (benchmarks/results/PROFILE)")
    return parser


def _names(
    text: str | None, known: Mapping[str, object], groups: Mapping[str, Mapping[str, object]]
) -> tuple[str, ...]:
    """Return the names in a list with commas, groups replaced by their members."""
    names: list[str] = []
    for name in text.split(",") if text else []:
        if name not in known and name not in groups:
            raise SystemExit(f"{name!r} is unknown; there are {', '.join([*groups, *known])}")
        names += groups.get(name, [name])
    return tuple(names)


if __name__ == "__main__":
    raise SystemExit(main())
