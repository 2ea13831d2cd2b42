"""How long a step of learning in a linear mixture takes, with planning and exact evaluation of every episode's policy.

Run as ``python -m benchmarks.mixtures``; it takes some seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.roofline import fastest
from mdps.mixtures import random_mixture
from rltheory import LinearMixtureMDP
from rltheory.exploration import LearningRun, Scaled
from rltheory.exploration.hf_ucrl_rfe import hf_ucrl_rfe
from rltheory.exploration.hf_ucrl_vtr_plus import hf_ucrl_vtr_plus
from rltheory.exploration.reward_free import RewardFreeRun
from rltheory.exploration.ucrl_rfe import ucrl_rfe
from rltheory.exploration.ucrl_rfe_plus import ucrl_rfe_plus
from rltheory.exploration.ucrl_vtr import ucrl_vtr
from rltheory.exploration.ucrl_vtr_plus import ucrl_vtr_plus

LEARNERS: dict[str, Callable[..., LearningRun | RewardFreeRun]] = {
    "UCRL-VTR": ucrl_vtr,
    "UCRL-VTR+": ucrl_vtr_plus,
    "HF-UCRL-VTR+": hf_ucrl_vtr_plus,
    "UCRL-RFE": ucrl_rfe,
    "UCRL-RFE+": ucrl_rfe_plus,
    "HF-UCRL-RFE": hf_ucrl_rfe,
}


@dataclass(frozen=True)
class StepTiming:
    """The time of a whole run, in seconds and in microseconds a step."""

    method: str
    seconds: float
    microseconds: float


def time_learners(K: int = 2000, model: LinearMixtureMDP | None = None) -> list[StepTiming]:
    """Time all learners on a mixture of 8 states, 3 actions, 4 features and 20 steps."""
    model = random_mixture(8, 3, d=4, H=20, rng=0) if model is None else model
    timings = []
    for method, learn in LEARNERS.items():
        seconds = fastest(partial(learn, model, K, radius=Scaled(0.6), rng=0))
        timings.append(StepTiming(method, seconds, 1e6 * seconds / (K * model.H)))
    return timings


def main() -> None:
    """Print the times."""
    from rich.console import Console
    from rich.table import Table

    table = Table("method", "seconds", "microseconds a step")
    for timing in time_learners():
        table.add_row(timing.method, f"{timing.seconds:.3f}", f"{timing.microseconds:.2f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
