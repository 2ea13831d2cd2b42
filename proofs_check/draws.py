"""Draws that depend on the seed and the strategy alone.

Hypothesis also draws constants that it reads in the source files of whatever local code is loaded. The same seed would
then find other instances in a worker process, inside a test suite, or after an edit to a file that has nothing to do
with the theorem.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from hypothesis.internal.conjecture import providers

_ONE_AT_A_TIME = threading.RLock()
_cache = None if not hasattr(providers, "CONSTANTS_CACHE") else type(providers.CONSTANTS_CACHE)(1024)


@contextmanager
def same_draws_everywhere() -> Iterator[None]:
    """Keep constants of the loaded code out of what is drawn; threads take turns."""
    with _ONE_AT_A_TIME:
        if not hasattr(providers, "_get_local_constants"):  # a release of Hypothesis that reads no code
            yield
            return
        own = {"_get_local_constants": providers.Constants, "CONSTANTS_CACHE": _cache}
        with mock.patch.multiple(providers, **own):
            yield
