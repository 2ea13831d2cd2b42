"""What nobody avoids: the regret on the hard mixtures, against a learner that explores for a while and then commits.

An episode is a single choice and a coin, so that the learner needs no model: it regresses coins on actions.
"""

from __future__ import annotations

from functools import partial
from itertools import product

import hypothesis.strategies as st
import numpy as np

from mdps.mixture_hard import SUCCESS, hard_mixture_gaps
from proofs_check.theorem import Check, Kind, Theorem
from rltheory.exploration.bounds import lower as bounds


def _committed(d: int, H: int, share: float, rng: np.random.Generator, *, factor: float = 1.0) -> Check:
    """Draw signs, take actions at random for a share of the episodes, and then the one that signs of sums suggest."""
    K = int(4 * bounds.hard_mixture_episodes(d)) + 1
    drift = bounds.hard_mixture_drift(K)
    signs = rng.choice([-1.0, 1.0], size=d - 1)
    gaps = hard_mixture_gaps(signs, H, drift)
    actions = np.array(list(product((-1.0, 1.0), repeat=d - 1)))
    tried = rng.integers(len(actions), size=round(share * K))
    succeeded = rng.random(tried.size) < SUCCESS + drift * actions[tried] @ signs
    scores = (succeeded - SUCCESS) @ actions[tried] if tried.size else np.zeros(d - 1)
    best = int(np.argmax(actions @ scores))
    regret = gaps[tried].sum() + (K - tried.size) * gaps[best]
    return Check(factor * bounds.hard_mixture_regret(d, H, K), regret)


HARD_MIXTURE = Theorem(
    name="hard-mixture-regret",
    statement=(
        r"Whatever the learner, when signs are drawn by coins, the mean regret in K episodes on the hard mixture is at"
        r" least $\frac{(d-1) \sqrt K}{16 \sqrt 3} \cdot \frac{H-1}{H}$."
    ),
    source="zhou2022, theorem 5.4; the constant is derived here",
    assumptions=r"$K \ge 9 (d-1)^2 / (32 \delta)$, $\delta = 1/6$, $\Delta = \sqrt{\delta/K} / (4\sqrt2)$",
    instances=st.tuples(st.sampled_from([2, 3, 5]), st.sampled_from([2, 10]), st.sampled_from([0.0, 0.1, 0.3, 1.0])),
    check=_committed,
    refutable=partial(_committed, factor=2.5),  # false: actions at random lose twice the bound, and no more
    kind=Kind.IN_EXPECTATION,
)

THEOREMS = (HARD_MIXTURE,)
