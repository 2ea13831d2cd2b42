r"""The myopic path: at every step, the action whose next state gains most now.

.. math:: a_h \in \arg\max_a F(s'(s_h, a) \mid s_0, \dots, s_h)

Without chance and with free choice at every step it reaches $1 - 1/e$ of the optimum; in a general model no constant
holds: a first step towards the slightly larger gain may lead where nothing is left (`mdps.submodular.decoy_corridor`).

*Lazily*: gains only fall while a path grows (submodularity), so what an element gained when it was last asked about
bounds what it gains now, and an element whose old gain is below the best new one is not asked again (Minoux 1978). The
path is the same.
"""

from __future__ import annotations

import numpy as np

from rltheory.submodular.certified import Certified
from rltheory.submodular.model import SubmodularMDP
from rltheory.submodular.reachable import successor_tables
from rltheory.submodular.relaxation.oracle import oracle_bound


def greedy_path(mdp: SubmodularMDP, *, lazy: bool = True) -> Certified:
    """Take, at every step, the action whose next state gains most; the first of several.

    Parameters
    ----------
    mdp : SubmodularMDP
        Without chance; F monotone and submodular (for the upper bound, and for ``lazy``).
    lazy : bool
        Whether old gains save evaluations; the path is the same.

    Returns
    -------
    Certified
        With ``path``, ``gains``, and the number of gains that were evaluated; ``upper`` by `oracle_bound`.

    Raises
    ------
    CriterionError
        If the first state or a successor is random.

    References
    ----------
    Minoux (1978), Accelerated greedy algorithms for maximizing submodular set functions.

    Examples
    --------
    >>> from rltheory.submodular import SubmodularMDP
    >>> from rltheory.submodular.functions.coverage import Coverage
    >>> ring = np.stack([np.roll(np.eye(4), 1, axis=1), np.roll(np.eye(4), -1, axis=1)], axis=1)
    >>> mdp = SubmodularMDP(ring, Coverage.from_sets([[0], [1], [2], [3]]), H=3, mu=0)
    >>> answer = greedy_path(mdp)
    >>> answer.value, answer.path, answer.status.name
    (4.0, array([0, 1, 2, 3]), 'OPTIMAL')
    """
    tables = successor_tables(mdp)
    tally, path = mdp.F.tally(), [int(np.argmax(mdp.mu))]
    last_gain = np.full(mdp.F.n_elements, np.inf)
    offset = mdp.n_states if mdp.counts_visits else 0
    gains, evaluations = [tally.add(path[0])], 0
    for h in range(mdp.H):
        own = slice(mdp.pair_start[path[-1]], mdp.pair_start[path[-1] + 1])
        choices = list(dict.fromkeys((tables[h][own] + offset * (h + 1)).tolist()))
        best = -np.inf
        for element in sorted(choices, key=last_gain.__getitem__, reverse=True):
            if lazy and last_gain[element] < best:
                break
            last_gain[element] = tally.gain(element)
            best = max(best, float(last_gain[element]))
            evaluations += 1
        chosen = next(element for element in choices if last_gain[element] == best)
        path.append(chosen - offset * (h + 1))
        gains.append(tally.add(chosen))
    return Certified(
        lower=tally.value,
        upper=oracle_bound(mdp, path).value,
        method="myopic greedy",
        path=np.array(path),
        gains=np.array(gains),
        evaluations=evaluations,
        model=mdp,
    )
