"""In and out: Gymnasium, MDPToolbox, QuantEcon, networkx, PRISM, Storm, Gambit, BRIDGE, and files of our own.

A library is imported when one of its functions is called, never before.
"""

from rltheory.io.bridge import load_bridge
from rltheory.io.discount import Undiscounted, with_discount_as_end
from rltheory.io.drn import read_drn, write_drn
from rltheory.io.files import load
from rltheory.io.gymnasium import from_gymnasium, outcomes_from_gymnasium
from rltheory.io.mdptoolbox import from_mdptoolbox, to_mdptoolbox
from rltheory.io.networkx import policy_graph, to_networkx
from rltheory.io.nfg import read_nfg, write_nfg
from rltheory.io.npz import load_npz, save_npz
from rltheory.io.prism import read_prism, write_prism
from rltheory.io.quantecon import from_quantecon, to_quantecon

__all__ = [
    "Undiscounted",
    "from_gymnasium",
    "from_mdptoolbox",
    "from_quantecon",
    "load",
    "load_bridge",
    "load_npz",
    "outcomes_from_gymnasium",
    "policy_graph",
    "read_drn",
    "read_nfg",
    "read_prism",
    "save_npz",
    "to_mdptoolbox",
    "to_networkx",
    "to_quantecon",
    "with_discount_as_end",
    "write_drn",
    "write_nfg",
    "write_prism",
]
