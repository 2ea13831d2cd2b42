r"""Check a certificate with nothing but exact arithmetic: ``python -m proofs_check.certificate MODEL FILE``.

A certificate is a JSON file that claims bounds on the value of a policy and on the optimal value. This file proves or
rejects the claim from the model alone. It shares no code with the solvers, imports the standard library only, and
computes in fractions: each stored double is read as the rational number that it is.

Discounted models. With :math:`T` the Bellman operator and :math:`T_\pi` that of the claimed policy,

.. math:: T u \le u \implies v^* \le u, \qquad T_\pi l \ge l \implies l \le v^\pi \le v^*

because both operators are monotone and, where gamma times every row sum is below one, their iterates converge to the
fixed points. Finite horizon: the same step by step, :math:`T u_{t+1} \le u_t` and :math:`T_\pi l_{t+1} \ge l_t` with
nothing after the last step.
"""

import ast
import hashlib
import json
import struct
import sys
import zipfile
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

_FORMATS = {"<f8": "d", "<i8": "q", "<i4": "i"}


class RejectedError(Exception):
    """The certificate does not prove its claim; the message says where."""


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
    claim = _read_certificate(certificate_path)
    arrays = _read_arrays(model_path)
    if claim["model"] != digest(arrays):
        raise RejectedError("the certificate is about another model")
    lower, upper = (_fractions(claim[name]) for name in ("lower", "upper"))
    policy = claim["policy"]
    if claim["criterion"] == "discounted":
        _check_discounted(arrays, policy[0], lower, upper)
    elif claim["criterion"] == "finite horizon":
        _check_finite_horizon(arrays, policy, lower, upper)
    else:
        raise RejectedError(f"criterion {claim['criterion']!r} is not one that this program can check")
    gap = max(high - low for rows in zip(lower, upper, strict=True) for low, high in zip(*rows, strict=True))
    if gap != Fraction(claim["gap"]):
        raise RejectedError(f"the claimed gap is {claim['gap']}, but the vectors are {gap} apart")
    return f"proven: lower <= v^policy <= v* <= upper in {len(lower[0])} states, {float(gap):.3g} apart at most"


def digest(arrays: dict[str, tuple[str, tuple[int, ...], bytes]]) -> str:
    """Return the fingerprint of a model: SHA-256 over the names, types, shapes and bytes of its numbers."""
    total = hashlib.sha256()
    for name, (kind, shape, data) in sorted(arrays.items()):
        if kind in _FORMATS:
            total.update(f"{name} {kind} {shape}".encode())
            total.update(data)
    return total.hexdigest()


def _read_certificate(path: str | Path) -> dict:
    """Read a certificate, and reject it if a byte of its content is not the one that was written."""
    try:
        claim = json.loads(Path(path).read_text(encoding="utf-8"))
        seal = claim.pop("seal")
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise RejectedError(f"{path} is not a certificate: {error}") from None
    content = json.dumps(claim, sort_keys=True, separators=(",", ":"))
    if seal != hashlib.sha256(content.encode()).hexdigest():
        raise RejectedError("the certificate was changed after it was written: its seal is broken")
    return claim


def _read_arrays(path: str | Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
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
    except (OSError, ValueError, KeyError, IndexError, SyntaxError, struct.error, zipfile.BadZipFile) as error:
        raise RejectedError(f"{path} is not a model file: {error}") from None
    return arrays


def _numbers(arrays: dict, name: str) -> list:
    """Return the numbers of an array, flat; a double becomes the fraction that it is."""
    if name not in arrays:
        raise RejectedError(f"the model has no array {name!r}")
    kind, _, data = arrays[name]
    if kind not in _FORMATS:
        raise RejectedError(f"the array {name!r} has type {kind}, not one of {', '.join(_FORMATS)}")
    size = struct.calcsize(_FORMATS[kind])
    values = struct.unpack(f"<{len(data) // size}{_FORMATS[kind]}", data)
    return [Fraction(value) for value in values] if kind == "<f8" else list(values)


def _fractions(rows: list[list[str]]) -> list[list[Fraction]]:
    return [[Fraction(number) for number in row] for row in rows]


def _rows(arrays: dict) -> list[list[tuple[int, Fraction]]]:
    """Return the entries (next state, probability) of each row of P, dense or sparse."""
    if "P" in arrays:
        n_states, P = arrays["P"][1][-1], _numbers(arrays, "P")
        return [list(enumerate(P[i : i + n_states])) for i in range(0, len(P), n_states)]
    offsets, columns, P = (_numbers(arrays, f"P_{part}") for part in ("indptr", "indices", "data"))
    return [list(zip(columns[i:j], P[i:j], strict=True)) for i, j in pairwise(offsets)]


def _check_discounted(arrays: dict, policy: list[int], lower: list, upper: list) -> None:
    rows, gamma = _rows(arrays), _numbers(arrays, "gamma")[0]
    for row in rows:
        if any(p < 0 for _, p in row) or gamma * sum(p for _, p in row) >= 1:
            raise RejectedError(
                "a row has a negative entry, or sums to 1 / gamma or more: the operator does not contract"
            )
    _check_step(arrays, rows, _numbers(arrays, "r"), policy, [lower[0]] * 2, [upper[0]] * 2, "")


def _check_finite_horizon(arrays: dict, policy: list, lower: list, upper: list) -> None:
    rows, r, H = _rows(arrays), _numbers(arrays, "r"), _numbers(arrays, "H")[0]
    n_pairs = _numbers(arrays, "pair_start")[-1]
    if any(p < 0 for row in rows for _, p in row):
        raise RejectedError("a row has a negative entry")
    if len(policy) != H or len(lower) != H + 1 or len(upper) != H + 1 or any(lower[H]) or any(upper[H]):
        raise RejectedError(f"the certificate does not cover steps 0..{H} with nothing after the last")
    for t in range(H):
        own = slice(t * n_pairs, (t + 1) * n_pairs)
        step_rows = rows[own] if len(rows) > n_pairs else rows
        step_r = r[own] if len(r) > n_pairs else r
        _check_step(arrays, step_rows, step_r, policy[t], lower[t : t + 2], upper[t : t + 2], f" at step {t}")


def _check_step(arrays: dict, rows: list, r: list, policy: list, lower: list, upper: list, when: str) -> None:
    """Check ``T_pi next_lower >= lower`` and ``T next_upper <= upper``; each pair is (this step, the next)."""
    start, gamma = _numbers(arrays, "pair_start"), _numbers(arrays, "gamma")[0]
    n_states = len(start) - 1
    if not len(policy) == len(lower[0]) == len(upper[0]) == n_states:
        raise RejectedError(f"the vectors{when} do not have one entry for each of {n_states} states")

    def q(row: int, v: list) -> Fraction:
        return r[row] + gamma * sum((p * v[s] for s, p in rows[row]), Fraction(0))

    for s in range(n_states):
        if not 0 <= policy[s] < start[s + 1] - start[s]:
            raise RejectedError(f"state {s} has no action {policy[s]}{when}")
        if q(start[s] + policy[s], lower[1]) < lower[0][s]:
            raise RejectedError(f"the lower bound of state {s}{when} is not below its backup")
        if any(q(row, upper[1]) > upper[0][s] for row in range(start[s], start[s + 1])):
            raise RejectedError(f"the upper bound of state {s}{when} is not above its backup")


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
