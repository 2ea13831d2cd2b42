"""How the command tells an answer: a table for people, one JSON object for programs, a picture."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rltheory._question import Answer
from rltheory.models import MDP, FiniteHorizonMDP, LinearMDP
from rltheory.planning import AverageRewardSolution, Criterion, ExactSolution
from rltheory.planning.exact import short_fraction

if TYPE_CHECKING:
    from rich.console import Console

    from rltheory.robust import RobustSolution

Model = MDP | FiniteHorizonMDP | LinearMDP

_ROWS_SHOWN = 20
_DECIMAL_BITS = 4096


def console(*, stderr: bool = False) -> Console:
    """Return a console on which names are printed as they are, whatever brackets they hold."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, highlight=False, emoji=False)


def print_answer(model: Model, solution: Answer | RobustSolution, seconds: float) -> None:
    """Print the table of the first states, and what is proven about all of them."""
    from rich.table import Table

    rows = solution.to_rows()
    state, action, *numbers = rows[0]
    table = Table(state, action)
    for name in numbers:
        table.add_column(name, justify="right")
    for row in rows[:_ROWS_SHOWN]:
        table.add_row(row[state], row[action], *(f"{row[name]:.10g}" for name in numbers))
    out = console()
    out.print(table)
    if len(rows) > _ROWS_SHOWN:
        out.print(f"... and {len(rows) - _ROWS_SHOWN} more states")
    method, _, reason = solution.method.partition(", chosen because ")
    if not isinstance(model, MDP):
        out.print(f"the table shows step 0 of {model.H}")
    start, first = _start(model, solution)
    lines = {
        f"start {first}": f"{start:.10g}",
        "proven gap": f"{solution.gap:.3g}, the largest upper - lower",
        "status": f"{solution.status.name}: {solution.status.value}",
        "method": method + (f" (because {reason})" if reason else ""),
        "work": f"{solution.iterations} rounds in {seconds:.3g} s",
    }
    for name, text in lines.items():
        out.print(f"{name:<12} {text}", soft_wrap=True)


def print_json(source: str, model: MDP | FiniteHorizonMDP, solution: Answer, seconds: float) -> None:
    """Print one JSON object; with a horizon arrays have an entry for each step; the value of an average is its gain."""
    if isinstance(solution, AverageRewardSolution):
        criterion, goal = Criterion.AVERAGE_REWARD, None
        vectors = {"value": solution.gain, "lower": solution.gain_lower, "upper": solution.gain_upper}
        vectors["bias"] = solution.bias
    else:
        criterion, goal = solution.criterion, solution.goal
        vectors = {"value": solution.value, "lower": solution.lower, "upper": solution.upper}
    record: dict[str, Any] = {
        "source": source,
        "criterion": criterion.value,
        "goal": None if goal is None else np.flatnonzero(goal).tolist(),
        **_told_of_all(model, solution, seconds),
        "actions": _action_names(model, solution.policy.tolist()),
        "policy": solution.policy.tolist(),
    }
    print(json.dumps(record | {name: vector.tolist() for name, vector in vectors.items()}))


def _told_of_all(model: Model, solution: Answer | RobustSolution, seconds: float) -> dict[str, Any]:
    """Return what the JSON objects of all answers with proven ends tell."""
    return {
        "gamma": 1.0 if isinstance(model, LinearMDP) else model.gamma,
        "horizon": None if isinstance(model, MDP) else model.H,
        "start_value": _start(model, solution)[0],
        "gap": solution.gap,
        "status": solution.status.name,
        "remark": solution.status.value,
        "method": solution.method,
        "iterations": solution.iterations,
        "seconds": seconds,
        "states": [model.state_name(s) for s in range(model.n_states)],
    }


def print_robust_answer(
    model: Model, solution: RobustSolution, rectangular: str, moves: Sequence[dict[str, Any]], seconds: float
) -> None:
    """Print the table of the first states, what is proven about all of them, and what nature does at the start."""
    from rich.table import Table

    print_answer(model, solution, seconds)
    out = console()
    moved = {"sa": "each row on its own", "s": "the rows of a state together", "d": "each factor on its own"}
    out.print(f"against      {solution.divergence!r}, {moved[rectangular]}", soft_wrap=True)
    if not moves:
        out.print("nature       leaves the first step as it is, where episodes begin")
        return
    table = Table("state", "action", "next state", title="what nature does where episodes begin")
    for name in ("nominal", "worst"):
        table.add_column(name, justify="right")
    for move in moves[:_ROWS_SHOWN]:
        s, a = move["state"], move["action"]
        names = (model.state_name(s), model.action_name(s, a), model.state_name(move["next_state"]))
        table.add_row(*names, f"{move['nominal']:.6g}", f"{move['worst']:.6g}")
    out.print(table)
    if len(moves) > _ROWS_SHOWN:
        out.print(f"... and {len(moves) - _ROWS_SHOWN} more transitions")


def print_robust_json(
    source: str,
    model: Model,
    solution: RobustSolution,
    rectangular: str,
    moves: Sequence[dict[str, Any]],
    seconds: float,
) -> None:
    """Print one JSON object; ``nature`` lists the transitions of the first step that nature changes at the start."""
    divergence = solution.divergence
    record = {
        "source": source,
        "criterion": "robust discounted" if isinstance(model, MDP) else "robust finite horizon",
        "divergence": type(divergence).__name__,
        "lam": _finite(divergence.lam),
        "rho": _finite(divergence.rho),
        "rectangular": rectangular,
        **_told_of_all(model, solution, seconds),
        "policy": solution.policy.tolist(),
        "value": solution.value.tolist(),
        "lower": solution.lower.tolist(),
        "upper": solution.upper.tolist(),
        "nature": list(moves),
    }
    if solution.policy.dtype.kind in "iu":
        record["actions"] = _action_names(model, solution.policy.tolist())
    print(json.dumps(record))


def _finite(parameter: float | None) -> float | str | None:
    """Return a number as JSON has it, which knows no infinity."""
    return "inf" if parameter is not None and math.isinf(parameter) else parameter


def _start(model: Model, solution: Answer | RobustSolution) -> tuple[float, str]:
    """Return the value, or the gain, under the start distribution, and which of both it is."""
    if isinstance(solution, AverageRewardSolution):
        return float(model.mu @ solution.gain), "gain"
    return solution.start_value, "value"


def print_exact_answer(solution: ExactSolution, seconds: float) -> None:
    """Print the first states with their values, as fractions where these are short, and as decimals."""
    from rich.table import Table

    rows = solution.to_rows()
    table = Table()
    table.add_column("state")
    table.add_column("action")
    table.add_column("value", justify="right")
    table.add_column("decimal", justify="right")
    for row in rows[:_ROWS_SHOWN]:
        table.add_row(row["state"], row["action"], short_fraction(row["value"]), f"{row['decimal']:.16g}")
    out = console()
    out.print(table)
    if len(rows) > _ROWS_SHOWN:
        out.print(f"... and {len(rows) - _ROWS_SHOWN} more states")
    if solution.policy.ndim == 2:
        out.print(f"the table shows step 0 of {len(solution.policy)}")
    start = solution.start_value
    out.print(f"start value  {short_fraction(start)} = {float(start):.16g}", soft_wrap=True)
    out.print(f"method       {solution.method}", soft_wrap=True)
    out.print(f"work         {solution.iterations} rounds in {seconds:.3g} s", soft_wrap=True)


def print_exact_json(source: str, model: MDP | FiniteHorizonMDP, solution: ExactSolution, seconds: float) -> None:
    """Print one JSON object; a fraction is two strings that ``int(x, 0)`` reads, hexadecimal where they are long."""
    values = solution.value if solution.policy.ndim == 2 else (solution.value,)
    fractions = [[[_integer(x.numerator), _integer(x.denominator)] for x in step] for step in values]
    decimals = [[float(x) for x in step] for step in values]
    record = {
        "source": source,
        "gamma": model.gamma,
        "horizon": model.H if isinstance(model, FiniteHorizonMDP) else None,
        "start_value": float(solution.start_value),
        "method": solution.method,
        "iterations": solution.iterations,
        "seconds": seconds,
        "states": [model.state_name(s) for s in range(model.n_states)],
        "actions": _action_names(model, solution.policy.tolist()),
        "policy": solution.policy.tolist(),
        "value": decimals if solution.policy.ndim == 2 else decimals[0],
        "fraction": fractions if solution.policy.ndim == 2 else fractions[0],
    }
    print(json.dumps(record))


def _integer(x: int) -> str:
    """Return an integer in digits; Python converts long ones in powers of two only."""
    return str(x) if x.bit_length() <= _DECIMAL_BITS else hex(x)


def write_certificate(path: str, model: MDP | FiniteHorizonMDP, solution: Answer) -> None:
    """Write the proof as JSON, and beside it the model, so that both can be handed on and checked."""
    from rltheory.io import save_npz

    proof = solution.certificate()
    with Path(path).open("w", encoding="utf-8") as file:
        json.dump(proof, file)
    save_npz(Path(path).with_suffix(".npz"), model)


def write_picture(path: str, model: Model, solution: Answer | RobustSolution) -> None:
    """Write the value map with the policy's arrows, or bars if the states are no grid."""
    from matplotlib.figure import Figure

    from rltheory import plotting

    model = model.to_finite_horizon() if isinstance(model, LinearMDP) else model
    figure = Figure(figsize=(8, 6), layout="constrained")
    value = solution.gain if isinstance(solution, AverageRewardSolution) else solution
    ax = plotting.values(model, value, figure.subplots())
    if ax.images and solution.policy.size:
        plotting.policy(model, solution, ax)
    figure.savefig(path, dpi=150)


def _action_names(model: Model, policy: list[Any]) -> list[Any]:
    """Return the names of a policy's actions, step by step if it has steps."""
    if policy and isinstance(policy[0], list):
        return [_action_names(model, step) for step in policy]
    return [model.action_name(s, a) for s, a in enumerate(policy)]
