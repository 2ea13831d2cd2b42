"""In and out: Gymnasium, MDPToolbox, QuantEcon, networkx, BRIDGE files, and files of our own. One format a module.

A library is imported when one of its functions is called, never before.
"""

from rltheory.io.bridge import load_bridge
from rltheory.io.files import load
from rltheory.io.gymnasium import from_gymnasium, outcomes_from_gymnasium
from rltheory.io.mdptoolbox import from_mdptoolbox, to_mdptoolbox
from rltheory.io.networkx import policy_graph, to_networkx
from rltheory.io.npz import load_npz, save_npz
from rltheory.io.quantecon import from_quantecon, to_quantecon

__all__ = [
    "from_gymnasium",
    "from_mdptoolbox",
    "from_quantecon",
    "load",
    "load_bridge",
    "load_npz",
    "outcomes_from_gymnasium",
    "policy_graph",
    "save_npz",
    "to_mdptoolbox",
    "to_networkx",
    "to_quantecon",
]
