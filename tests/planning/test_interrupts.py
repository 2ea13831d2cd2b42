"""A long computation can be stopped: Ctrl-C comes through to Python at once, in every solver without a discount."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Walks on a square of 360,000 states, from corner to corner: too slow for sweeps, too wide for elimination.
SLOW = """
import signal
import numpy as np, scipy.sparse as sp
import mdps
from rltheory import MDP, planning
from rltheory.planning import krylov, linear_systems
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background jobs ignore
n = 600
step = mdps.random_walk(n - 2).P.tolil()
step[[0, -1]] = 0
step[0, 1] = step[-1, -2] = 1
P = (sp.kron(step, sp.eye_array(n)) / 2 + sp.kron(sp.eye_array(n), step) / 2).tolil()
P[[0, -1]] = 0
P[0, 0] = P[-1, -1] = 1
r = -np.ones(n * n)
r[[0, -1]] = 0
mdp = MDP.from_pairs(sp.csr_array(P), r, 1.0, n_actions=1)
inner = sp.csr_array(sp.eye_array(n * n) - mdp.P)[1:-1, 1:-1]
b = -r[1:-1]
small = mdps.random_walk(600)
planning.shortest_path(small), planning.maximal_reachability(small, 601)  # compiles
krylov.bicgstab(small.P + sp.eye_array(602), np.ones(602))
linear_systems._swept(small.P + sp.eye_array(602), np.ones(602), np.ones(602))
print("ready", flush=True)
try:
    {call}
    print("done", flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals are sent as on Unix")
@pytest.mark.parametrize(
    "call",
    [
        "planning.shortest_path(mdp)",
        "planning.maximal_reachability(mdp, n * n - 1)",
        "planning.minimal_reachability(mdp, n * n - 1)",
        "[krylov.bicgstab(inner, b) for _ in range(9)]",
        "[linear_systems._swept(inner, b, b) for _ in range(9)]",
    ],
)
def test_an_interrupt_comes_through_within_two_seconds(call):
    script = SLOW.replace("{call}", call)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert child.stdout.readline() == "ready\n"
        time.sleep(1)
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "interrupted\n"
        assert time.monotonic() - sent < 2
    finally:
        child.kill()
        child.wait()
