"""What was measured, as JSON lines to keep, as Markdown for the documentation, as tables to read."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.peers import PACKAGES
from benchmarks.roofline import Machine, Sweep
from benchmarks.run import ERROR, OURS, Measurement, Task
from benchmarks.startup import StartUp

if TYPE_CHECKING:
    from rich.console import Console

Table = tuple[str, list[str], list[list[str]]]
"""Title, heads and rows."""


@dataclass(frozen=True)
class Settings:
    """How the run was made, and on what."""

    profile: str
    threads: tuple[int, ...]
    pairs: int
    limit: float
    processor: str
    cores: int
    python: str
    versions: dict[str, str]


@dataclass(frozen=True)
class Results:
    """Everything that one run found."""

    settings: Settings
    tasks: tuple[Task, ...]
    measurements: tuple[Measurement, ...]
    machines: tuple[Machine, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    startup: StartUp | None = None


_KINDS = {"tasks": Task, "measurements": Measurement, "machines": Machine, "sweeps": Sweep}


def geometric_mean(numbers: Iterable[float]) -> float:
    """Return the geometric mean of positive numbers, leaving NaN out; NaN if nothing is left."""
    logs = [math.log(number) for number in numbers if not math.isnan(number)]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan


def settings_here(profile: str, threads: Sequence[int], pairs: int, limit: float) -> Settings:
    """Describe this machine and what is installed on it."""
    import os

    packages = ("rltheory", "numpy", "scipy", "numba", *PACKAGES.values())
    return Settings(
        profile,
        tuple(threads),
        pairs,
        limit,
        _processor(),
        os.cpu_count() or 1,
        platform.python_version(),
        {name: found for name in packages if (found := _version(name))},
    )


def fastest_peer(results: Results, problem: str) -> Measurement | None:
    """Return the peer with the least median time on a problem, or None if none finished."""
    timed = [m for m in results.measurements if m.problem == problem and m.solver != OURS and m.seconds]
    return min(timed, key=lambda m: m.median, default=None)


def ratios(results: Results, threads: int) -> dict[str, float]:
    """Return, for each problem, how many times as long as ours the fastest peer takes; NaN if none finished."""
    peers = {task.problem: fastest_peer(results, task.problem) for task in results.tasks}
    return {problem: peer.ratio(threads) if peer else math.nan for problem, peer in peers.items()}


def summary(results: Results) -> Table:
    """One row a problem: ours, the fastest peer, their ratio, and how near a sweep comes to the roofline."""
    threads, limit = results.settings.threads, results.settings.limit
    named = [f"{n} thread{'s' * (n > 1)}" for n in threads]
    heads = ["problem", "states", "transitions", "discount", *(f"ours, {n}" for n in named), "fastest peer", "its time"]
    heads += [f"ratio, {n}" for n in named] + [f"sweep / roofline, {n}" for n in named]
    rows = []
    for task in results.tasks:
        peer = fastest_peer(results, task.problem)
        ours = {m.threads: m for m in results.measurements if m.problem == task.problem and m.solver == OURS}
        late = any(m.problem == task.problem and m.note.startswith("> ") for m in results.measurements)
        shares = {s.threads: f"{s.share:.0%}" for s in results.sweeps if s.problem == task.problem}
        rows.append(
            [
                task.problem,
                f"{task.n_states:,}",
                f"{task.nnz:,}",
                f"{task.gamma:g}",
                *(seconds(ours[n].median) for n in threads),
                peer.solver if peer else "-",
                seconds(peer.median) if peer else f"> {limit:g} s" if late else "-",
                *(_ratio(peer.ratio(n)) if peer else _at_least(limit, ours[n], late) for n in threads),
                *(shares.get(n, "") for n in threads),
            ]
        )
    means = [_ratio(geometric_mean(ratios(results, n).values())) for n in threads]
    rows.append(["geometric mean", *[""] * (5 + len(threads)), *means, *[""] * len(threads)])
    return "Ours and the fastest peer", heads, rows


def details(results: Results) -> Table:
    """One row for each problem and solver."""
    heads = ["problem", "solver", "threads", "solve", "runs", "set-up", "compile", "memory", "/ input", "error", "note"]
    rows = []
    for m in results.measurements:
        timed = [seconds(m.median), str(len(m.seconds)), seconds(m.convert), seconds(m.compile)]
        timed += [f"{m.extra_bytes / 1e6:.0f} MB", f"{m.extra_bytes / m.input_bytes:.2f}", f"{m.error:.1g}"]
        untimed = [m.note if m.note.startswith(">") else "-", *[""] * 6]
        note = "" if m.note.startswith(">") else m.note.partition(", chosen because")[0]
        rows.append([m.problem, m.solver, str(m.threads), *(timed if m.seconds else untimed), note])
    return "Every solver", heads, rows


def lines(results: Results) -> list[str]:
    """Say on what machine, and what else was measured."""
    s = results.settings
    said = [
        f"{s.processor}, {s.cores} cores, Python {s.python}; "
        + ", ".join(f"{name} {number}" for name, number in s.versions.items()),
        f"Profile {s.profile}: all values within {ERROR:g} of the optimum, median of {s.pairs} interleaved runs, peers"
        f" with up to {max(s.threads)} threads, ended after {s.limit:g} s.",
    ]
    for m in results.machines:
        gathers = ", ".join(f"{ns:.2g} ns from {size}" for size, ns in m.gather_nanoseconds.items())
        said.append(f"Memory, {m.threads} threads: {m.bytes_a_second / 1e9:.3g} GB/s read; a random gather {gathers}.")
    if results.startup:
        u = results.startup
        said.append(
            f"A fresh process that imports the package and solves 100 states: {u.warm:.2f} s, {u.cold:.1f} s if"
            f" nothing was compiled before (importing NumPy alone: {u.numpy_alone:.2f} s)."
        )
    return said


def show(results: Results, console: Console) -> None:
    """Print the tables."""
    from rich.table import Table as RichTable

    for title, heads, rows in (details(results), summary(results)):
        table = RichTable(title=title)
        for k, head in enumerate(heads):
            words = k == 0 or head in ("solver", "note", "fastest peer")
            table.add_column(head, justify="left" if words else "right", no_wrap=words and head != "note")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for line in lines(results):
        console.print(line, soft_wrap=True)


def markdown(results: Results, picture: str) -> str:
    """Return the lines, the picture with that file name, and the tables as Markdown."""
    parts = ["\n".join(f"- {line}" for line in lines(results)), f"![Time of each solver on each problem]({picture})"]
    for title, heads, rows in (summary(results), details(results)):
        table = [heads, ["---"] * len(heads), *rows]
        parts.append(f"**{title}**\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in table))
    return "\n\n".join(parts) + "\n"


def save(results: Results, path: Path) -> None:
    """Write JSON lines: the settings first, then a line for each thing measured."""
    records: list[dict[str, Any]] = [{"kind": "settings", **asdict(results.settings)}]
    records += [{"kind": kind, **asdict(item)} for kind in _KINDS for item in getattr(results, kind)]
    if results.startup:
        records.append({"kind": "startup", **asdict(results.startup)})
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def load(path: Path) -> Results:
    """Read what `save` wrote."""
    found: dict[str, Any] = {kind: [] for kind in _KINDS}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        kind = record.pop("kind")
        if kind == "settings":
            found[kind] = Settings(**{**record, "threads": tuple(record["threads"])})
        elif kind == "startup":
            found[kind] = StartUp(**record)
        elif kind == "measurements":
            ours = {int(threads): tuple(times) for threads, times in record["ours"].items()}
            found[kind].append(Measurement(**{**record, "seconds": tuple(record["seconds"]), "ours": ours}))
        else:
            found[kind].append(_KINDS[kind](**record))
    whole: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}
    return Results(**whole)


def seconds(time: float) -> str:
    """Write a time with two digits: 0.0123 is ``12 ms``."""
    if math.isnan(time):
        return "-"
    scale, unit = (1e3, "ms") if time < 1 else (1, "s")
    return f"{time * scale:.3g} {unit}" if time * scale >= 100 else f"{time * scale:.2g} {unit}"


def _at_least(limit: float, ours: Measurement, late: bool) -> str:
    """Say how much faster ours is than peers that were all ended at the limit."""
    return f"> {limit / ours.median:.1f}" if late else "-"


def _ratio(number: float) -> str:
    return "-" if math.isnan(number) else f"{number:.1f}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
