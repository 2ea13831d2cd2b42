r"""Check a certificate with nothing but exact arithmetic: ``python -m proofs_check.certificate MODEL FILE``.

A certificate is a JSON file that claims bounds on the value of a policy and on the optimal value. This file proves or
rejects the claim from the model alone. It shares no code with the solvers, imports the standard library only, and
computes in fractions: each stored double is read as the rational number that it is.

Every proof compares vectors with their backups :math:`r + \gamma P v`. Below, :math:`T_\pi` is the backup of the
claimed policy and :math:`T` the largest one of each state; all are monotone.

**Discounted.** :math:`T u \le u \implies v^* \le u` and :math:`T_\pi l \ge l \implies l \le v^\pi`, because where gamma
times every row sum is below one the iterates converge to the fixed points. **Finite horizon**: the same step by step,
:math:`T u_{t+1} \le u_t` and :math:`T_\pi l_{t+1} \ge l_t`, with nothing after the last step.

Without a discount, a row stands for the distribution proportional to it, and is divided by its exact sum.

**Maximal reachability** of a goal G, with backups P v outside G. *Upper:* let :math:`u \ge 0`, :math:`u \ge 1` on G and
:math:`T u \le u` outside. The probability of arriving within n steps is at most u for n = 0, hence by induction for
every n and every policy. *Lower:* let :math:`l \le 1` on G, :math:`l \le T_\pi l` outside, and :math:`l \le 0` on Z,
the states from which the policy cannot come to G, a fact about the graph. From elsewhere G or Z is reached almost
surely, at a time :math:`\tau`, since the chance of G within n_states steps is bounded below; so
:math:`l \le E\, l(s_\tau) \le v^\pi`.

**Minimal reachability**, where :math:`v^* \le v^\pi`. *Upper:* the same induction for the claimed policy alone.
*Lower:* the same argument for every policy at once, with all pairs in place of the policy's: Z are the states that
can avoid G for ever, found as the complement of a growing set: a state joins G if each of its pairs may lead to the
set. From there G or Z is reached almost surely whatever is done.

**Total reward** until G; :math:`v^*` is the largest over the policies that reach G almost surely. *Upper:* let
:math:`u \ge 0` on G and :math:`T u \le u` outside. Then :math:`E \sum_{t < n \wedge \tau} r_t \le u(s) - E\,
u(s_{n \wedge \tau})` for every policy, and the last term tends to one that is not negative if :math:`\tau < \infty`.
*Lower:* the graph must say that the policy comes to G from everywhere; with :math:`l \le 0` on G and
:math:`l \le T_\pi l` outside, the same inequality reversed gives :math:`l \le v^\pi`.

**Average reward.** Let :math:`P u \le u` and :math:`r + P h \le u + h` for every pair. Added up along any policy,
:math:`E \sum_{t < n} r_t \le n\, u(s) + h(s) - E\, h(s_n)`, so that no policy earns more than u a step in the long run.
With :math:`P_\pi l \ge l` and :math:`r_\pi + P_\pi k \ge l + k` the policy earns at least l.
"""

import ast
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise
from operator import add, sub
from pathlib import Path
from typing import Any

_FORMAT = "rltheory certificate, version 1"
_TYPES = {"<f8": "d", "<i8": "q", "<i4": "i"}
_NOT_OURS = (AttributeError, EOFError, OSError, RuntimeError, SyntaxError, struct.error, zipfile.BadZipFile, zlib.error)
_MALFORMED = (*_NOT_OURS, ArithmeticError, LookupError, TypeError, ValueError)

Claim = dict[str, Any]
Vectors = list[list[Fraction]]
Pairs = list[Sequence[int]]
Arrays = dict[str, tuple[str, tuple[int, ...], bytes]]


class RejectedError(Exception):
    """The certificate does not prove its claim; the message says where."""


@dataclass(frozen=True)
class Model:
    """A model in fractions: pairs of state s are the rows ``start[s]:start[s + 1]``, of each step if there is one."""

    start: list[int]
    rows: list[list[tuple[int, Fraction]]]
    r: list[Fraction]
    gamma: Fraction
    H: int | None

    def backup(self, pair: int, v: list[Fraction]) -> Fraction:
        """Return ``r + gamma P v`` of one pair."""
        return self.r[pair] + self.gamma * sum((p * v[s] for s, p in self.rows[pair]), Fraction(0))

    def at(self, t: int) -> "Model":
        """Return the model of one step."""
        n_pairs = self.start[-1]
        own = slice(t * n_pairs, (t + 1) * n_pairs)
        rows = self.rows[own] if len(self.rows) > n_pairs else self.rows
        return replace(self, rows=rows, r=self.r[own] if len(self.r) > n_pairs else self.r)

    def undiscounted(self, rewards: bool) -> "Model":
        """Return the model without a discount, rows divided by their sums, and without rewards if told so."""
        sums = [sum(p for _, p in row) for row in self.rows]
        rows = [[(s, p / total) for s, p in row] for row, total in zip(self.rows, sums, strict=True)]
        return replace(self, rows=rows, r=self.r if rewards else [Fraction(0)] * len(rows), gamma=Fraction(1))


def check(model_path: str | Path, certificate_path: str | Path) -> str:
    """Verify a certificate against a model.

    Parameters
    ----------
    model_path : str or Path
        A model that `rltheory.io.save_npz` wrote.
    certificate_path : str or Path
        The certificate.

    Returns
    -------
    str
        What is proven, in a sentence.

    Raises
    ------
    RejectedError
        If the certificate is damaged, is about another model, or proves less than it claims.
    """
    claim, arrays = _read_certificate(certificate_path), _read_arrays(model_path)
    if claim.get("model") != digest(arrays):
        raise RejectedError("the certificate is about another model")
    try:
        return _proven(claim, _model(arrays))
    except _MALFORMED as error:
        raise RejectedError(f"the certificate or its model is malformed: {error!r}") from None


def _proven(claim: Claim, model: Model) -> str:
    """Check a claim, and say in a sentence what it proves."""
    criterion, n_states = claim["criterion"], len(model.start) - 1
    if criterion not in _CHECKS:
        raise RejectedError(f"criterion {criterion!r} is not one that this program can check")
    if (criterion == "finite horizon") != (model.H is not None):
        raise RejectedError(f"{criterion} is claimed of a model with{'out' if model.H is None else ''} a horizon")
    n_steps, n_vectors = (1, 1) if model.H is None else (model.H, model.H + 1)
    lower, upper = (_vectors(claim[name], n_vectors, n_states) for name in ("lower", "upper"))
    policy = [_taken(model.start, actions) for actions in claim["policy"]]
    if len(policy) != n_steps:
        raise RejectedError(f"the policy has {len(policy)} steps, not {n_steps}")
    order = _CHECKS[criterion](claim, model, policy, lower, upper)
    gap = max(map(sub, chain(*upper), chain(*lower)))
    if gap != _fraction(claim["gap"]):
        raise RejectedError(f"the claimed gap is {claim['gap']}, but the vectors are {gap} apart")
    about = f"{criterion}, goal {claim['goal']}" if _CHECKS[criterion] is _check_goal else criterion
    return f"proven: {order} ({about}) in {n_states} states, {float(gap):.3g} apart at most"


def _check_discounted(_: Claim, model: Model, policy: list[Pairs], lower: Vectors, upper: Vectors) -> str:
    if any(model.gamma * sum(p for _, p in row) >= 1 for row in model.rows):
        raise RejectedError("a row sums to 1 / gamma or more: the operator does not contract")
    _check_backups(model, policy[0], _all(model), [lower * 2, upper * 2])
    return "lower <= v^policy <= v* <= upper"


def _check_steps(_: Claim, model: Model, policy: list[Pairs], lower: Vectors, upper: Vectors) -> str:
    if any(lower[-1]) or any(upper[-1]):
        raise RejectedError("the bounds are not zero after the last step")
    for t, pairs in enumerate(policy):
        _check_backups(model.at(t), pairs, _all(model), [lower[t : t + 2], upper[t : t + 2]], when=f" at step {t}")
    return "lower <= v^policy <= v* <= upper"


def _check_average(claim: Claim, model: Model, policy: list[Pairs], lower: Vectors, upper: Vectors) -> str:
    k, h = (_vectors(claim[name], 1, len(policy[0])) for name in ("lower_bias", "upper_bias"))
    _check_backups(model.undiscounted(False), policy[0], _all(model), [lower * 2, upper * 2])
    raised = [[list(map(add, gain[0], bias[0])), bias[0]] for gain, bias in ((lower, k), (upper, h))]
    _check_backups(model.undiscounted(True), policy[0], _all(model), raised)
    return "lower <= g^policy <= g* <= upper"


def _check_goal(claim: Claim, model: Model, policy: list[Pairs], lower: Vectors, upper: Vectors) -> str:
    goal, total = set(claim["goal"]), claim["criterion"] == "total reward"
    minimal = claim["criterion"] == "minimal reachability"
    if not goal <= set(range(len(policy[0]))):
        raise RejectedError(f"the goal {claim['goal']} names a state that does not exist")
    below, above = (_all(model), policy[0]) if minimal else (policy[0], _all(model))
    arriving = _arriving(model, below, goal)
    for s, (low, high) in enumerate(zip(lower[0], upper[0], strict=True)):
        known = int(s in goal and not total)
        if total and s not in arriving:
            raise RejectedError(f"the policy does not reach the goal from state {s}")
        if low > known and (s in goal or s not in arriving):
            raise RejectedError(f"the lower bound of state {s} is above what the graph allows")
        if high < known and (s in goal or not total):
            raise RejectedError(f"the upper bound of state {s} is below {known}")
    _check_backups(model.undiscounted(total), below, above, [lower * 2, upper * 2], goal)
    return "lower <= v* <= v^policy <= upper" if minimal else "lower <= v^policy <= v* <= upper"


_CHECKS = {
    "discounted": _check_discounted,
    "finite horizon": _check_steps,
    "maximal reachability": _check_goal,
    "minimal reachability": _check_goal,
    "total reward": _check_goal,
    "average reward": _check_average,
}


def _check_backups(
    model: Model, below: Pairs, above: Pairs, bounds: list[Vectors], ends: Iterable[int] = (), when: str = ""
) -> None:
    """Check the lower and the upper vector against backups of the vectors that follow them, except in the ends."""
    (low, low_next), (high, high_next) = bounds
    for s in sorted(set(range(len(below))) - set(ends)):
        if any(model.backup(pair, low_next) < low[s] for pair in below[s]):
            raise RejectedError(f"the lower bound of state {s}{when} is not below its backup")
        if any(model.backup(pair, high_next) > high[s] for pair in above[s]):
            raise RejectedError(f"the upper bound of state {s}{when} is not above its backup")


def _arriving(model: Model, pairs: Pairs, goal: set[int]) -> set[int]:
    """Return the states from which the goal may be reached, whichever of a state's given pairs are taken."""
    into: list[list[tuple[int, int]]] = [[] for _ in pairs]
    for s, pair in ((s, pair) for s, own in enumerate(pairs) for pair in own):
        for t in (t for t, p in model.rows[pair] if p):
            into[t].append((s, pair))
    arriving, waiting, missing = set(goal), list(goal), [set(own) for own in pairs]
    while waiting:
        for s, pair in into[waiting.pop()]:
            missing[s].discard(pair)
            if not missing[s] and s not in arriving:
                arriving.add(s)
                waiting.append(s)
    return arriving


def _all(model: Model) -> Pairs:
    return [range(*ends) for ends in pairwise(model.start)]


def _taken(start: list[int], actions: list[int]) -> Pairs:
    """Return the one pair of each state that a policy takes."""
    for s, (action, (first, end)) in enumerate(zip(actions, pairwise(start), strict=True)):
        if not 0 <= action < end - first:
            raise RejectedError(f"state {s} has no action {action}")
    return [[first + action] for first, action in zip(start, actions, strict=False)]


def _vectors(rows: list[list[str]], n_vectors: int, n_states: int) -> Vectors:
    if [len(row) for row in rows] != [n_states] * n_vectors:
        raise RejectedError(f"the vectors are not {n_vectors}, with one entry for each of {n_states} states")
    return [[_fraction(number) for number in row] for row in rows]


def _fraction(text: str) -> Fraction:
    return Fraction(*map(int, text.split("/")))


def _model(arrays: Arrays) -> Model:
    """Return the model that a file holds, dense or sparse."""
    start, r, (gamma,) = (_numbers(arrays, name) for name in ("pair_start", "r", "gamma"))
    H, n_states = _numbers(arrays, "H")[0] if "H" in arrays else None, len(start) - 1
    if "P" in arrays:
        P = _numbers(arrays, "P")
        rows = [list(enumerate(P[i : i + n_states])) for i in range(0, len(P), n_states)]
    else:
        offsets, columns, P = (_numbers(arrays, f"P_{part}") for part in ("indptr", "indices", "data"))
        rows = [list(zip(columns[i:j], P[i:j], strict=True)) for i, j in pairwise(offsets)]
    if start != sorted({0, *start}) or not {len(rows), len(r)} <= {start[-1], start[-1] * (1 if H is None else H)}:
        raise RejectedError("the model's arrays do not fit together")
    if gamma < 0 or any(p < 0 or not 0 <= s < n_states for s, p in chain(*rows)):
        raise RejectedError("the model has a negative discount or probability, or one of a state that does not exist")
    return Model(start, rows, r, gamma, H)


def _numbers(arrays: Arrays, name: str) -> list[Any]:
    """Return the numbers of an array, flat; a double becomes the fraction that it is."""
    kind, _, data = arrays[name]
    values = [value for (value,) in struct.iter_unpack(f"<{_TYPES[kind]}", data)]
    return [Fraction(value) for value in values] if kind == "<f8" else values


def digest(arrays: Arrays) -> str:
    """Return the fingerprint of a model: SHA-256 over the names, types, shapes and bytes of its numbers."""
    total = hashlib.sha256()
    for name, (kind, shape, data) in sorted(arrays.items()):
        if kind in _TYPES:
            total.update(f"{name} {kind} {shape}".encode())
            total.update(data)
    return total.hexdigest()


def _read_arrays(path: str | Path) -> Arrays:
    """Return the type, shape and bytes of each array of an ``.npz`` file."""
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                width, kind = (2, "<H") if data[6] == 1 else (4, "<I")
                end = 8 + width + struct.unpack_from(kind, data, 8)[0]
                header = ast.literal_eval(data[8 + width : end].decode("latin1"))
                if header["fortran_order"]:
                    raise ValueError(f"{name} is stored by columns")
                arrays[name.removesuffix(".npy")] = (header["descr"], header["shape"], data[end:])
    except _MALFORMED as error:
        raise RejectedError(f"{path} is not a model file: {error}") from None
    return arrays


def _read_certificate(path: str | Path) -> Claim:
    """Read a certificate, and reject it if a byte of its content is not the one that was written."""
    try:
        claim = json.loads(Path(path).read_text(encoding="utf-8"))
        seal, content = claim.pop("seal"), json.dumps(claim, sort_keys=True, separators=(",", ":"))
    except _MALFORMED as error:
        raise RejectedError(f"{path} is not a certificate: {error}") from None
    if seal != hashlib.sha256(content.encode()).hexdigest() or claim.get("format") != _FORMAT:
        raise RejectedError("the certificate was changed after it was written: its seal or its format is broken")
    return claim


def main(arguments: list[str]) -> int:
    """Run the command; return 0 if the claim is proven, 1 if it is rejected, 2 if the call was wrong."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m proofs_check.certificate MODEL.npz CERTIFICATE.json\n")
        return 2
    try:
        sys.stdout.write(check(*arguments) + "\n")
    except RejectedError as rejected:
        sys.stderr.write(f"rejected: {rejected}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
