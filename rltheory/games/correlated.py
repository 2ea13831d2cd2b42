r"""Correlated and coarse correlated equilibria: linear programs over the laws of a mediator.

A mediator draws joint actions from x and tells each player hers. Nobody gains by disobeying (Aumann 1974), or by
ignoring the mediator altogether (Moulin and Vial 1978; Hannan 1957), exactly if

.. math::

   \sum_{a_{-i}} x(a_i, a_{-i}) \big( u_i(b, a_{-i}) - u_i(a_i, a_{-i}) \big) \le 0 \quad (a_i, b), \qquad
   \sum_a x(a) \big( u_i(b, a_{-i}) - u_i(a) \big) \le 0 \quad (b),

for all players i: linear in x, :math:`G x \le 0`. Every Nash equilibrium's law satisfies the first, and the first
implies the second, so that the programs are feasible; each is solved by HiGHS (Huangfu and Hall 2018), with sparse G.

Two proofs come with the answers. That nobody gains is computed anew from the law (`rltheory.games.correlated_gains`).
That no equilibrium is better follows from *prices* :math:`y \ge 0` of deviations, whatever they are:

.. math:: c \cdot x \;\le\; c \cdot x - y \cdot G x \;\le\; \max_a (c - G^\top y)_a \qquad \text{for all } x
   \text{ with } G x \le 0.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array, hstack, vstack

from rltheory.games.equilibrium import CorrelatedEquilibrium, mediated
from rltheory.games.normal_form import NormalFormGame
from rltheory.models import CriterionError, ModelError
from rltheory.models import _validation as valid
from rltheory.planning.rounding import growth, largest_size, outward

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

_MOST_ENTRIES = 20_000_000
_TOLERANCE = 1e-10

Objective = str | int | Any
"""``"welfare"``, ``"egalitarian"``, the number of a player, or an array over joint actions."""


def correlated_equilibrium(
    game: NormalFormGame, objective: Objective = "welfare", *, coarse: bool = False, maximise: bool = True
) -> CorrelatedEquilibrium:
    """Return the (coarse) correlated equilibrium that is best, or worst, by a linear objective.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    objective : {"welfare", "egalitarian"}, int or array_like, shape (m_1, ..., m_n)
        The sum of all expected payoffs, the least of them, that of one player, or the mean of an array.
    coarse : bool
        Whether players may only ignore the mediator altogether: more laws are equilibria.
    maximise : bool
        Whether the objective is to be large; the egalitarian one must.

    Returns
    -------
    CorrelatedEquilibrium
        Its gains are of the size of the tolerance of the program, 1e-10 of the range of payoffs.

    Raises
    ------
    CriterionError
        If the objective is none of these, or the solver fails.
    ModelError
        If G has more than 20 million entries that may not be zero. That of 200 x 200 actions has 16 million and takes
        minutes; 100 x 100, seconds.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.correlated import correlated_equilibrium
    >>> chicken = NormalFormGame.symmetric([[6, 2], [7, 0]])
    >>> best = correlated_equilibrium(chicken)
    >>> round(best.welfare, 9), (best.joint.round(9) + 0).tolist()
    (10.5, [[0.5, 0.25], [0.25, 0.0]])
    """
    G = deviations_matrix(game, coarse=coarse)
    if _is_egalitarian(objective):
        _require_maximum(maximise)
        found = _egalitarian_program(game, G)
    else:
        costs = checked_objective(game, objective)
        found = _program(-costs if maximise else costs, G)
    law = np.maximum(found.x[: G.shape[1]], 0.0)
    return mediated(game, (law / law.sum()).reshape(game.n_actions), coarse=coarse, method="HiGHS")


def correlated_extremes(
    game: NormalFormGame, objective: Objective = "welfare", *, coarse: bool = False
) -> tuple[float, float]:
    r"""Return an interval that contains the objective of all (coarse) correlated equilibria, sharp up to rounding.

    Both ends are proven by prices of deviations, in floating point; Nash equilibria are inside, too.

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    objective : {"welfare"}, int or array_like, shape (m_1, ..., m_n)
        As for `correlated_equilibrium`.
    coarse : bool
        Whether players may only ignore the mediator altogether.

    Returns
    -------
    least, largest : float
        In the units of the objective.

    Raises
    ------
    CriterionError, ModelError
        As `correlated_equilibrium`.

    Examples
    --------
    >>> import numpy as np
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.correlated import correlated_extremes
    >>> shapley = NormalFormGame([np.roll(np.eye(3), 1, axis=1), np.roll(np.eye(3), 2, axis=1)])
    >>> [round(end, 6) for end in correlated_extremes(shapley)]
    [0.666667, 1.0]
    """
    G = deviations_matrix(game, coarse=coarse)
    if _is_egalitarian(objective):
        raise CriterionError(
            "the least payoff is not linear; ask for the extremes of one player's payoff, or of the welfare"
        )
    costs = checked_objective(game, objective)
    hidden = growth(game.n_players + 2.0) * sum(largest_size(u) for u in game.payoffs)  # by the sum of payoffs
    return -_proven_maximum(-costs, G) - hidden, _proven_maximum(costs, G) + hidden


def maximum_entropy_correlated(game: NormalFormGame, *, coarse: bool = False) -> CorrelatedEquilibrium:
    r"""Return the (coarse) correlated equilibrium of largest entropy, by cvxpy: the least that a mediator must decide.

    Unique, symmetric if the game is, and of the form :math:`x(a) \propto e^{-(G^\top y)_a}` with :math:`y \ge 0` where
    it is positive (Ortiz, Schapire and Kakade 2007).

    Parameters
    ----------
    game : NormalFormGame
        Of any number of players.
    coarse : bool
        Whether players may only ignore the mediator altogether.

    Returns
    -------
    CorrelatedEquilibrium
        Its gains are of the size of the tolerance of the conic solver, about 1e-8 of the range of payoffs.

    Raises
    ------
    CriterionError
        If the solver fails.
    ModelError
        If the game is too large, as for `correlated_equilibrium`.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.correlated import maximum_entropy_correlated
    >>> pennies = NormalFormGame.zero_sum([[1, -1], [-1, 1]])
    >>> maximum_entropy_correlated(pennies).joint.round(5).tolist()
    [[0.25, 0.25], [0.25, 0.25]]
    """
    import cvxpy as cp

    G = deviations_matrix(game, coarse=coarse)
    x = cp.Variable(G.shape[1])
    program = cp.Problem(cp.Maximize(cp.sum(cp.entr(x))), [G @ x <= 0, cp.sum(x) == 1])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Solution may be inaccurate", UserWarning)  # the gains say how inaccurate
        program.solve(solver=cp.CLARABEL, tol_gap_abs=1e-13, tol_gap_rel=1e-13, tol_feas=1e-11)
    if x.value is None:
        raise CriterionError(f"the program of largest entropy ended with status {program.status}")
    law = np.maximum(x.value, 0.0)
    return mediated(game, (law / law.sum()).reshape(game.n_actions), coarse=coarse, method="CLARABEL")


def deviations_matrix(game: NormalFormGame, *, coarse: bool = False) -> csr_array:
    """Return G, with a row for each deviation and a column for each joint action in C order.

    Parameters
    ----------
    game : NormalFormGame
    coarse : bool
        Whether a deviation is an action, and not a pair of an advice and another action.

    Returns
    -------
    csr_array
        Rows are those of player 0, then 1, and so on; those of a player are divided by her range of payoffs.

    Raises
    ------
    ModelError
        If it has more than 20 million entries that may not be zero.

    Examples
    --------
    >>> from rltheory.games import NormalFormGame
    >>> from rltheory.games.correlated import deviations_matrix
    >>> 6 * deviations_matrix(NormalFormGame.symmetric([[3, 0], [6, 1]])).toarray()[:2]
    array([[ 3.,  1.,  0.,  0.],
           [ 0.,  0., -3., -1.]])
    """
    joint = int(np.prod(game.n_actions, dtype=float))
    entries = joint * sum(m if coarse else m - 1 for m in game.n_actions)
    if entries > _MOST_ENTRIES:
        sizes = " x ".join(map(str, game.n_actions))
        raise ModelError(
            f"the program of a game of {sizes} actions has {joint:,} variables and {entries:,} coefficients; the limit"
            f" is {_MOST_ENTRIES:,}: learn an approximate equilibrium by regret minimisation"
        )
    columns = np.arange(joint).reshape(game.n_actions)
    blocks = [_block(game, i, np.moveaxis(columns, i, 0).reshape(m, -1), coarse) for i, m in enumerate(game.n_actions)]
    return csr_array(vstack(blocks))


def _block(game: NormalFormGame, player: int, columns: np.ndarray, coarse: bool) -> csr_array:
    u, m = game.opponents_view(player), game.n_actions[player]
    scale = float(game.payoff_ranges[player]) or 1.0
    advice, action = np.divmod(np.arange(m * m), m)
    if not coarse:
        advice, action = advice[advice != action], action[advice != action]
    rows = action if coarse else np.arange(len(advice))
    n_rows = m if coarse else m * (m - 1)
    data, where = (u[action] - u[advice]) / scale, np.broadcast_to(rows[:, None], (len(rows), u.shape[1]))
    place = (where.ravel(), columns[advice].ravel())
    return csr_array(coo_array((data.ravel(), place), shape=(n_rows, columns.size)))


def checked_objective(game: NormalFormGame, objective: Objective) -> np.ndarray:
    """Return a linear objective as an array over joint actions, flat.

    Raises
    ------
    CriterionError
        If it is none.
    ModelError
        If an array does not fit the game, or is not finite.
    """
    if isinstance(objective, str):
        if objective != "welfare":
            raise CriterionError(
                f"objective is {objective!r}; it must be 'welfare', 'egalitarian', a player's number, or an array"
            )
        return np.sum(game.payoffs, axis=0).ravel()
    if isinstance(objective, (int, np.integer)):
        if not 0 <= objective < game.n_players:
            raise CriterionError(f"objective is player {objective}; players are 0..{game.n_players - 1}")
        return game.payoffs[int(objective)].ravel()
    costs = valid.real_array(objective, "objective")
    if costs.shape != game.n_actions or not np.isfinite(costs).all():
        raise ModelError(f"objective must be finite and of shape {game.n_actions}; it has shape {costs.shape}")
    return costs.ravel()


def _is_egalitarian(objective: Objective) -> bool:
    return isinstance(objective, str) and objective == "egalitarian"


def _require_maximum(maximise: bool) -> None:
    if not maximise:
        raise CriterionError("the least payoff can only be maximised: it is concave in the law")


def _program(costs: np.ndarray, G: csr_array) -> OptimizeResult:
    """Minimise a mean of costs over equilibria."""
    scaled = costs / (largest_size(costs) or 1.0)
    return _solved(scaled, G, np.ones((1, costs.size)))


def _egalitarian_program(game: NormalFormGame, G: csr_array) -> OptimizeResult:
    """Maximise t subject to t <= u_i x for all players; the last two variables are the parts of t, t+ and t-."""
    size = max(largest_size(u) for u in game.payoffs) or 1.0
    payoffs = csr_array(np.array([-u.ravel() / size for u in game.payoffs]))
    t = np.ones((game.n_players, 1))
    rows = vstack((hstack((G, csr_array((G.shape[0], 2)))), hstack((payoffs, csr_array(np.hstack((t, -t)))))))
    costs = np.zeros(G.shape[1] + 2)
    costs[-2:] = -1.0, 1.0
    total = np.ones((1, costs.size))
    total[0, -2:] = 0.0
    return _solved(costs, csr_array(rows), total)


def _solved(costs: np.ndarray, rows: csr_array, total: np.ndarray) -> OptimizeResult:
    options = {"primal_feasibility_tolerance": _TOLERANCE, "dual_feasibility_tolerance": _TOLERANCE}
    found = linprog(
        costs, A_ub=rows, b_ub=np.zeros(rows.shape[0]), A_eq=total, b_eq=np.ones(1), method="highs", options=options
    )
    if found.status != 0:
        raise CriterionError(f"HiGHS found no equilibrium: {found.message}")
    return found


def _proven_maximum(costs: np.ndarray, G: csr_array) -> float:
    """Return an upper bound on the mean of an array under all equilibria, by the prices of the linear program."""
    found = _program(-costs, G)
    prices = np.maximum(-found.ineqlin.marginals, 0.0) * (largest_size(costs) or 1.0)
    reduced = costs - G.T @ prices
    operations = np.diff(G.tocsc().indptr).max(initial=0) + 8.0  # entries of G are a rounded difference and quotient
    error = growth(operations) * (np.abs(costs) + abs(G).T @ prices)
    return float(np.max(reduced + outward(error, 4)))
