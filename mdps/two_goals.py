"""A gridworld with a safe goal, a risky one and a windy cliff: at which level of risk does the way change?"""

from __future__ import annotations

from mdps import _checks as checks
from mdps.gridworld import MOVES
from rltheory import OutcomeModel

_SIZE = 5
_START, _SAFE, _RISKY = (4, 0), (4, 4), (0, 0)
_EDGE, _CLIFF = ((3, 1), (3, 2), (3, 3)), ((4, 1), (4, 2), (4, 3))


def two_goals(eps: float = 0.02) -> OutcomeModel:
    r"""Walk on a 5 x 5 grid from one corner: to a lottery four steps away, or along or around a cliff to a sure reward.

    ::

       R . . . .      S start           G safe goal, +5
       . . . . .      C cliff, -20      R risky goal, +20 or -10, half each
       . . . . .      e edge: on arrival (also by bumping) the wind blows one over the cliff with probability eps
       . e e e .
       S C C C G

    Every step costs 1; a step against the border stays. Goals and cliff end the episode. No discount, 20 steps are
    plenty. Three ways compete, with these laws of the return:

    * *around*, by the row above the edge: 8 steps, -3 for sure;
    * *along* the edge: 6 steps, -1 with probability :math:`(1-\epsilon)^3`; with :math:`(1-\epsilon)^k \epsilon` the
      wind takes the (k+1)-th cell of the edge, after 2 + k steps: :math:`-22 - k`;
    * *up* to the lottery: 4 steps, 16 or -14.

    The mean of both goals is the same, and up is the shortest way: it is best in expectation, with value 1. With
    ``eps = 0.02`` the best CVaR goes around at small levels, along the edge between 0.65 and 0.81, and up above.

    Parameters
    ----------
    eps : float
        Probability that the wind blows at a cell of the edge.

    Returns
    -------
    OutcomeModel
        States are the cells from which one can move, named ``(row, column)``, and ``end``; actions ``up, right, down,
        left``.

    Raises
    ------
    ModelError
        If ``eps`` is out of range.

    Examples
    --------
    >>> from mdps.two_goals import two_goals
    >>> two_goals()
    OutcomeModel(21 states, 81 state-action pairs, at most 2 outcomes, gamma=1)
    """
    checks.probability("eps", eps)
    stops = {_SAFE, _RISKY, *_CLIFF}
    cells = [(i, j) for i in range(_SIZE) for j in range(_SIZE) if (i, j) not in stops]
    index = {cell: k for k, cell in enumerate(cells)}
    end = len(cells)

    def arrival(cell: tuple[int, int]) -> list[tuple[float, int, float]]:
        if cell == _RISKY:
            return [(0.5, end, 19.0), (0.5, end, -11.0)]
        if cell in stops:
            return [(1.0, end, 4.0 if cell == _SAFE else -21.0)]
        if cell in _EDGE and eps > 0:
            return [(1 - eps, index[cell], -1.0), (eps, end, -21.0)]
        return [(1.0, index[cell], -1.0)]

    def inside(i: int, j: int) -> tuple[int, int]:
        return min(max(i, 0), _SIZE - 1), min(max(j, 0), _SIZE - 1)

    outcomes = [[arrival(inside(i + down, j + right)) for down, right in MOVES.values()] for i, j in cells]
    names = [name for _ in cells for name in MOVES]
    return OutcomeModel.from_lists(
        [*outcomes, [[(1.0, end, 0.0)]]],
        gamma=1.0,
        mu=index[_START],
        state_names=[*map(str, cells), "end"],
        action_names=[*names, "stay"],
    )
