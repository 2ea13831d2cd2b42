"""How long a fresh process takes to import the package and to solve a model of 100 states, as a user waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from statistics import median

_SCRIPT = """
import rltheory, mdps
rltheory.solve(mdps.garnet(100, 4, 5, rng=0))
"""


@dataclass(frozen=True)
class StartUp:
    """Seconds of a whole process: with nothing compiled before, with what the last one compiled, and of bare Python."""

    cold: float
    warm: float
    numpy_alone: float


def measure_startup(runs: int = 5) -> StartUp:
    """Run one process with an empty cache of compiled kernels, then some that find it filled (their median)."""
    with tempfile.TemporaryDirectory() as cache:
        cold = _seconds(_SCRIPT, cache)
        warm = median(_seconds(_SCRIPT, cache) for _ in range(runs))
        return StartUp(cold, warm, median(_seconds("import numpy", cache) for _ in range(runs)))


def _seconds(script: str, cache: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
    return time.perf_counter() - began
