"""What of the past a function looks at: which elements were touched and, where visits measure anew, how often."""

from __future__ import annotations

import numpy as np

from rltheory.submodular.functions.protocol import SetFunction


def counts_repeats(F: SetFunction) -> bool:
    """Tell whether some element gains again when it is added again, so that sets are multisets.

    Parameters
    ----------
    F : SetFunction
        Any.

    Returns
    -------
    bool

    Examples
    --------
    >>> from rltheory.submodular.functions.gaussian import mutual_information
    >>> counts_repeats(mutual_information([[1.0]], 1.0)), counts_repeats(mutual_information([[1.0]], 1.0, repeats=True))
    (False, True)
    """
    twice = np.repeat(np.arange(F.n_elements), 2).reshape(-1, 2)
    return bool(F.gains_along(twice)[:, 1].any())
