r"""Distances between laws in which the distributional Bellman operator contracts nothing.

The counterexamples have one state that is never left: there $T_\pi$ takes a law of the return to that of $\gamma G$,
which is as distinct from another law as before.
"""

from __future__ import annotations

import numpy as np

from proofs_check.claims import Claim
from proofs_check.theorem import Check
from rltheory.distributional import DiscreteLaw

_GAMMA = 0.5
_ENDS = np.array([0.0, 1.0])
_LIKELY, _UNLIKELY = DiscreteLaw(_ENDS, np.array([0.75, 0.25])), DiscreteLaw(_ENDS, np.array([0.25, 0.75]))
_SURE = np.ones(1)


def _common(law: DiscreteLaw, other: DiscreteLaw) -> tuple[np.ndarray, np.ndarray]:
    """Return the probabilities of both laws on the atoms of either."""
    atoms = np.union1d(law.atoms, other.atoms)
    tables = [dict(zip(one.atoms.tolist(), one.prob.tolist(), strict=True)) for one in (law, other)]
    first, second = (np.array([table.get(x, 0.0) for x in atoms.tolist()]) for table in tables)
    return first, second


def _backed_up(law: DiscreteLaw) -> DiscreteLaw:
    return DiscreteLaw(_GAMMA * np.asarray(law.atoms), np.asarray(law.prob))


def _total_variation() -> Check:
    laws = DiscreteLaw(_ENDS[:1], _SURE), DiscreteLaw(_ENDS[1:], _SURE)
    before, after = (
        np.abs(np.subtract(*_common(*pair))).sum() / 2 for pair in (laws, tuple(_backed_up(law) for law in laws))
    )
    return Check(after, _GAMMA * before)


def _relative_entropy() -> Check:
    def kl(p: np.ndarray, q: np.ndarray) -> float:
        return float(p @ np.log(p / q))

    before = kl(*_common(_LIKELY, _UNLIKELY))
    after = kl(*_common(_backed_up(_LIKELY), _backed_up(_UNLIKELY)))
    return Check(after, _GAMMA * before)


total_variation = Claim(
    name="return-laws-contract-in-tv",
    statement=r"$\overline{TV}(T_\pi \eta, T_\pi \eta') \le \gamma\, \overline{TV}(\eta, \eta')$.",
    source="bellemare2023, chapter 4",
    counterexample=_total_variation,
    instance="one state that is never left, and sure returns of 0 and 1: halved, they are as distinct as before",
    lesson="distances must know how far apart atoms are: return-law-contraction, return-law-contraction-cramer",
)

relative_entropy = Claim(
    name="return-laws-contract-in-kl",
    statement=r"$\overline{KL}(T_\pi \eta \| T_\pi \eta') \le \gamma\, \overline{KL}(\eta \| \eta')$.",
    source="bellemare2023, chapter 4",
    counterexample=_relative_entropy,
    instance="one state that is never left, and two coins between the returns 0 and 1: a scale changes no information",
    lesson="as for return-laws-contract-in-tv; minimised is a distance from projected targets: categorical-evaluation",
)

CLAIMS = (total_variation, relative_entropy)
