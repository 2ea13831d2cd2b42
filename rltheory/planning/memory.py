"""Will it fit? A computation that would not is refused before it starts, with what it needs and what there is.

What is available is the least of what the system has to give without swapping, and of what the limits of the process's
control groups leave: a container or a batch system ends a process that exceeds them, without a word.
"""

from __future__ import annotations

import os
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_OWN_GROUPS = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")
_NAMES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def require_memory(bytes_needed: float, what: str, *, remedy: str = "", available: int | None = None) -> None:
    """Raise if an object or a computation would not fit in memory.

    Parameters
    ----------
    bytes_needed : float
        An estimate that errs on the low side, so that what is refused would not have fitted.
    what : str
        What needs it: "about 5 GB are needed for ``what``".
    remedy : str
        What to do instead, as the message's last words.
    available : int, optional
        Bytes that may be used; by default what `available_memory` says.

    Raises
    ------
    MemoryError
        With the estimate and what is available.

    Examples
    --------
    >>> require_memory(1e6, "a table of 1,000 x 125 numbers")
    >>> require_memory(1e18, "a table of 10**17 numbers", remedy="use a sparse one")
    Traceback (most recent call last):
        ...
    MemoryError: about 1e+09 GB are needed for a table of 10**17 numbers, and ... GB are available: use a sparse one
    """
    available = available_memory() if available is None else available
    if available is not None and bytes_needed > available:
        raise MemoryError(
            f"about {bytes_needed / 1e9:.3g} GB are needed for {what}, and {available / 1e9:.3g} GB are available"
            + (f": {remedy}" if remedy else "")
        )


def available_memory() -> int | None:
    """Return how many bytes this process may still use, None where the system does not say.

    Returns
    -------
    int or None
    """
    bounds = [room for room in (_system_memory(), _group_memory()) if room is not None]
    return min(bounds, default=None)


def _system_memory() -> int | None:
    """Return what the system has available, or all that it has where it does not tell that."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        if not hasattr(os, "sysconf"):
            return None
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _group_memory() -> int | None:
    """Return what the tightest control group leaves; file caches count as free, since the kernel drops them."""
    rooms = [_room(group, *names) for group in _own_groups() for names in _NAMES]
    return min((room for room in rooms if room is not None), default=None)


def _own_groups() -> list[Path]:
    """Return the directories of the groups that this process is in, of either version, with those that hold them."""
    try:
        lines = _OWN_GROUPS.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    groups = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers in ("", "memory"):
            # In a container the path may be the host's, and the root of the mount the group itself.
            own = Path(path.lstrip("/"))
            groups += [_GROUPS / controllers / place for place in (own, *own.parents)]
    return groups


def _room(group: Path, limit: str, usage: str, cache: str) -> int | None:
    try:
        most, used = (
            (group / limit).read_text(encoding="ascii").strip(),
            int((group / usage).read_text(encoding="ascii")),
        )
        fields = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
    except (OSError, ValueError):
        return None
    return None if most == "max" else max(0, int(most) - used + int(fields.get(cache, 0)))
