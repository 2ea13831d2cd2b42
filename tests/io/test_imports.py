"""Importing the wing costs nothing that its user did not ask for."""

import subprocess
import sys


def test_importing_io_loads_no_library_of_a_format():
    heavy = ["gymnasium", "networkx", "matplotlib", "scipy", "numba", "quantecon"]
    program = f"import sys, rltheory.io; print([name for name in {heavy} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
