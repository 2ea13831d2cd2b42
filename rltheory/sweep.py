"""Many seeds and many instances, on any executor, into a file that a killed sweep goes on from.

A sweep calls one function at every point with every seed. A call depends on its arguments alone, so that rows are the
same for any number of workers and in whatever order they come; and each row is on disk before the next is waited for:

    {"run": "study.regret", "point": {"H": 10}, "seed": 3, "result": {"regret": 41.5}}

Start the same sweep again and only what is missing is computed. A last line that was cut off when the process was
killed is dropped.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from pathlib import Path
from typing import Any

from rltheory.models import ModelError


def sweep(
    run: Callable[..., Any],
    points: Iterable[Mapping[str, Any]],
    seeds: int | Iterable[int],
    *,
    file: str | Path | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[dict[str, Any]]:
    """Call ``run(**point, rng=seed)`` at every point with every seed.

    Parameters
    ----------
    run : callable
        Returns numbers, strings, arrays, or lists and dictionaries of these: what JSON can hold. Executors with
        processes ask that it is importable, a function at the top of a module.
    points : iterable of mapping
        Keyword arguments, such as ``{"H": 10}``, that JSON can hold as well. What cannot be written in a file, such as
        a model, is built inside ``run``.
    seeds : int or iterable of int
        The seeds, or how many, which is 0..n-1. A seed is what ``run`` is given, so that row 3 of a study is had again
        by ``run(**point, rng=3)``; all points see the same seeds, which makes comparisons between them sharper.
    file : str or Path, optional
        Rows are appended to this file, one line each; those that it has already are not computed again.
    executor : concurrent.futures.Executor, optional
        Such as ``ProcessPoolExecutor(2)``, ``dask.distributed.Client(...).get_executor()`` or
        ``mpi4py.futures.MPIPoolExecutor()``; by default all is computed here, one after the other.
    progress : callable, optional
        Called as ``progress(done, total)`` after each row.

    Returns
    -------
    list of dict
        With keys ``point, seed, result``, in the order of the points and, for each, of the seeds. Arrays have become
        lists, as they are in the file.

    Raises
    ------
    ModelError
        If a point or a result cannot be written as JSON, a seed is not a whole number, a call is asked for twice, or
        the file is damaged or of another function.
    ExceptionGroup
        If calls failed, with the exception of each, and a note of its point and seed. All other rows are in the file.

    Examples
    --------
    >>> import numpy as np
    >>> def tosses(n, rng):
    ...     return {"heads": np.random.default_rng(rng).integers(2, size=n).sum()}
    >>> for row in sweep(tosses, [{"n": 10}, {"n": 1000}], seeds=2):
    ...     print(row)
    {'point': {'n': 10}, 'seed': 0, 'result': {'heads': 4}}
    {'point': {'n': 10}, 'seed': 1, 'result': {'heads': 5}}
    {'point': {'n': 1000}, 'seed': 0, 'result': {'heads': 537}}
    {'point': {'n': 1000}, 'seed': 1, 'result': {'heads': 491}}
    """
    calls, name = _calls(points, seeds), _name(run)
    known = {} if file is None else _stored(Path(file), name)
    results = {key: known[key] for key in calls if key in known}
    missing = {key: call for key, call in calls.items() if key not in known}
    failures: list[Exception] = []
    for key, outcome in _outcomes(run, missing, executor):
        if isinstance(outcome, Exception):
            failures.append(outcome)
            continue
        results[key] = json.loads(outcome)
        if file is not None:
            _append(Path(file), f'{{"run": {json.dumps(name)}, {key[1:-1]}, "result": {outcome}}}')
        if progress is not None:
            progress(len(results), len(calls))
    if failures:
        raise ExceptionGroup(f"{len(failures)} of {len(calls)} calls of {name} failed", failures)
    return [{**json.loads(key), "result": results[key]} for key in calls]


def _calls(points: Iterable[Mapping[str, Any]], seeds: int | Iterable[int]) -> dict[str, tuple[dict[str, Any], int]]:
    """Return the point and the seed of every call, by what identifies it in the file."""
    chosen = list(range(seeds) if isinstance(seeds, int) else seeds)
    calls: dict[str, tuple[dict[str, Any], int]] = {}
    for point in points:
        for seed in chosen:
            if not hasattr(seed, "__index__"):
                raise ModelError(f"a seed is {seed!r}; seeds are whole numbers")
            key = _json({"point": dict(point), "seed": int(seed)}, "a point", sort_keys=True)
            if key in calls:
                raise ModelError(f"{key} is asked for twice; leave one out")
            calls[key] = (dict(point), int(seed))
    return calls


def _name(run: Callable[..., Any]) -> str:
    """Return what the file calls a function; partial functions go by the function inside."""
    while isinstance(run, functools.partial):
        run = run.func
    return f"{getattr(run, '__module__', '')}.{getattr(run, '__qualname__', type(run).__name__)}"


def _outcomes(
    run: Callable[..., Any], calls: dict[str, tuple[dict[str, Any], int]], executor: Executor | None
) -> Iterator[tuple[str, str | Exception]]:
    """Yield each call's result as JSON, or its exception, as they come."""
    if executor is None:
        for key, (point, seed) in calls.items():
            yield key, _attempted(functools.partial(_one, run, point, seed), key)
        return
    futures = {executor.submit(_one, run, point, seed): key for key, (point, seed) in calls.items()}
    try:
        for future in as_completed(futures):
            yield futures[future], _attempted(future.result, futures[future])
    finally:
        for future in futures:
            future.cancel()


def _one(run: Callable[..., Any], point: dict[str, Any], seed: int) -> str:
    return _json(run(**point, rng=seed), "a result")


def _attempted(call: Callable[[], str], key: str) -> str | Exception:
    try:
        return call()
    except Exception as error:
        error.add_note(f"in the call {key}")
        return error


def _json(item: Any, what: str, *, sort_keys: bool = False) -> str:
    """Write plain Python, and NumPy's numbers and arrays, as one line of JSON."""
    try:
        return json.dumps(item, default=_plain, sort_keys=sort_keys)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{what} cannot be written as JSON: {error}") from None


def _plain(item: Any) -> Any:
    if hasattr(item, "tolist"):
        return item.tolist()
    raise TypeError(f"{type(item).__name__} is no number, string, array, list or dictionary")


def _stored(file: Path, name: str) -> dict[str, Any]:
    """Return the results that a file has, and cut off what a killed process left unfinished."""
    if not file.exists():
        return {}
    text = file.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        with file.open("r+b") as opened:
            opened.truncate(whole)
    results: dict[str, Any] = {}
    for number, line in enumerate(text[:whole].splitlines(), start=1):
        try:
            row = json.loads(line)
            key, stored_by = json.dumps({"point": row["point"], "seed": row["seed"]}, sort_keys=True), row["run"]
            results[key] = row["result"]
        except (ValueError, KeyError, TypeError):
            raise ModelError(f"line {number} of {file} is not a row of a sweep; choose another file") from None
        if stored_by != name:
            raise ModelError(f"line {number} of {file} is of {stored_by}, not of {name}; choose another file")
    return results


def _append(file: Path, line: str) -> None:
    """Add a line, and return when it is on disk."""
    with file.open("ab") as opened:
        opened.write(line.encode() + b"\n")
        opened.flush()
        os.fsync(opened.fileno())


def rows_of(results: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Flatten a sweep's rows for a table: one dictionary with the point, the seed and the result side by side.

    Parameters
    ----------
    results : sequence of mapping
        What `sweep` returned, each result a dictionary.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> rows_of([{"point": {"n": 10}, "seed": 0, "result": {"heads": 7}}])
    [{'n': 10, 'seed': 0, 'heads': 7}]
    """
    return [{**row["point"], "seed": row["seed"], **row["result"]} for row in results]
