r"""Optimise over all laws of the return that policies achieve, by linear and convex programs over occupancies.

Where dynamic programming is refused, because the goal is not indifferent to mixtures, the set of laws is still a
polytope (`ReachableLaws`), and whatever is concave in the law is maximised by one convex program:

* expected utilities, under constraints such as :math:`P(G \ge y) \ge p` or :math:`E f(G) \ge d`: linear;
* :math:`\mathrm{CVaR}_\tau \ge \kappa`, which says :math:`b + E(G - b)_- / \tau \ge \kappa` for some atom b: one linear
  program for each b (Rockafellar and Uryasev 2000);
* the distance :math:`w_1` to a target law: linear; the Cramér distance: quadratic; the variance: quadratic.

The best policy may have to randomise, and then it is strictly better than every deterministic policy, whatever that
remembers. Everything here is about the law of ``stock + G``; leave ``stock`` at 0 to speak about G.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rltheory.distributional.law import DiscreteLaw
from rltheory.distributional.law_constraints import Constraint
from rltheory.distributional.law_goal import LawGoal, concave_goal, solved
from rltheory.distributional.occupancy_program import Utility, reachable_laws, utility_rows
from rltheory.distributional.stock_answer import StockSolution
from rltheory.models import OutcomeModel


def maximise_over_laws(
    model: OutcomeModel,
    utility: Utility,
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    subject_to: Sequence[Constraint] = (),
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Maximise :math:`E f(c_0 + G)` over all policies that keep the constraints.

    Parameters
    ----------
    model : OutcomeModel
        The model.
    utility : callable
        f, any function of arrays.
    H : int
        Number of steps, at least 1.
    stock : float
        :math:`c_0`, in reward units.
    start : int, optional
        State at step 0; by default drawn from the model's ``mu``.
    subject_to : sequence of ExpectationAtLeast or CVaRAtLeast
        Constraints, all of which must hold.
    max_nodes : int
        Limit on nodes.

    Returns
    -------
    StockSolution
        ``value`` is what the policy achieves, and ``upper`` bounds what every policy that keeps the constraints
        achieves, by dynamic programming at the program's ``prices`` (of the branches that the solver found feasible).

    Raises
    ------
    CriterionError
        If no policy keeps the constraints; the message names one that cannot be kept alone, if there is one, and what
        can be attained, which is proven.
    ModelError
        If an argument does not fit the model.
    MemoryError
        If the program would not fit, before it is built.

    References
    ----------
    Altman (1999), Constrained Markov Decision Processes; Bäuerle and Ott (2011) for the stock.

    Examples
    --------
    A sure 1 or a coin worth 0 or 3, twice: the largest mean if nothing may be won with probability 1/10 at most:

    >>> import rltheory as rl
    >>> from rltheory.distributional.law_constraints import reaches
    >>> from rltheory.distributional.occupancy import maximise_over_laws
    >>> offer = rl.OutcomeModel.from_lists([[[(1.0, 0, 1.0)], [(0.5, 0, 0.0), (0.5, 0, 3.0)]]], gamma=1.0)
    >>> best = maximise_over_laws(offer, lambda x: x, H=2, subject_to=[reaches(1.0, 0.9)])
    >>> round(best.value, 6), best.policy.is_deterministic
    (2.85, False)
    """
    laws = reachable_laws(model, H, stock=stock, start=start, max_nodes=max_nodes)
    f = utility_rows([utility], laws.atoms)[0]
    goal = LawGoal(lambda g: f @ g, lambda mass: float(f @ mass), lambda mass, slope: (0.0, f))
    return solved(laws, goal, subject_to, "occupancy linear program")


def minimise_wasserstein(
    model: OutcomeModel,
    target: DiscreteLaw,
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    subject_to: Sequence[Constraint] = (),
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Come as near to a target law as possible: minimise :math:`w_1(\text{law of } c_0 + G, \nu) = \int |F - F_\nu|`.

    Parameters
    ----------
    model, H, stock, start, subject_to, max_nodes
        As for `maximise_over_laws`.
    target : DiscreteLaw
        :math:`\nu`, in reward units.

    Returns
    -------
    StockSolution
        ``value`` and ``upper`` are the policy's distance, in reward units, and ``lower`` bounds that of every policy:
        by Kantorovich duality no policy is nearer than :math:`\int \varphi\, d\nu - \max_\pi E \varphi(c_0 + G)` for a
        function of slope at most 1, and the program's multipliers give one.

    Raises
    ------
    CriterionError, ModelError, MemoryError
        As for `maximise_over_laws`.

    Examples
    --------
    No deterministic policy is nearer to a coin worth 0 or 2 than 1/2; one that tosses it is there:

    >>> import rltheory as rl
    >>> from rltheory.distributional import DiscreteLaw
    >>> from rltheory.distributional.occupancy import minimise_wasserstein
    >>> choice = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(1.0, 0, 2.0)]]], gamma=1.0)
    >>> nearest = minimise_wasserstein(choice, DiscreteLaw([0.0, 2.0]), H=1)
    >>> nearest.law, round(nearest.value, 9)
    (DiscreteLaw({0: 0.5, 2: 0.5}), 0.0)
    """
    laws = reachable_laws(model, H, stock=stock, start=start, max_nodes=max_nodes)
    below, length, aim = _distribution_functions(laws.atoms, target)

    def objective(g: Any) -> Any:
        import cvxpy as cp

        return -(length @ cp.abs(below @ g - aim))

    def bound(_: np.ndarray, slope: np.ndarray) -> tuple[float, np.ndarray]:
        potential = _with_slope_at_most_one(laws.atoms, slope)
        farthest = (potential + np.abs(target.atoms[:, None] - laws.atoms)).min(axis=1)
        return -float(target.prob @ farthest), potential

    goal = LawGoal(objective, lambda mass: -float(length @ np.abs(below @ mass - aim)), bound)
    return _as_distance(solved(laws, goal, subject_to, "linear program for the distance w_1"))


def minimise_cramer(
    model: OutcomeModel,
    target: DiscreteLaw,
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    subject_to: Sequence[Constraint] = (),
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Come as near to a target law as possible in the squared Cramér distance :math:`\int (F - F_\nu)^2`.

    Parameters
    ----------
    model, H, stock, start, subject_to, max_nodes
        As for `maximise_over_laws`.
    target : DiscreteLaw
        :math:`\nu`, in reward units.

    Returns
    -------
    StockSolution
        ``value`` and ``upper`` are the policy's squared distance, in reward units; ``lower`` bounds that of every
        policy.

    Raises
    ------
    CriterionError, ModelError, MemoryError
        As for `maximise_over_laws`.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional import DiscreteLaw
    >>> from rltheory.distributional.occupancy import minimise_cramer
    >>> choice = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(1.0, 0, 2.0)]]], gamma=1.0)
    >>> nearest = minimise_cramer(choice, DiscreteLaw([0.0, 2.0], [0.25, 0.75]), H=1)
    >>> nearest.law.mean.__round__(4)
    1.5
    """
    laws = reachable_laws(model, H, stock=stock, start=start, max_nodes=max_nodes)
    below, length, aim = _distribution_functions(laws.atoms, target)
    root = np.sqrt(length)

    def objective(g: Any) -> Any:
        import cvxpy as cp

        return -cp.sum_squares(cp.multiply(root, below @ g - aim))

    goal = concave_goal(
        objective,
        lambda mass: -float(length @ (below @ mass - aim) ** 2),
        lambda mass: -2 * (length * (below @ mass - aim)) @ below,
    )
    return _as_distance(solved(laws, goal, subject_to, "quadratic program for the Cramér distance"))


def maximise_variance(
    model: OutcomeModel,
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    subject_to: Sequence[Constraint] = (),
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Maximise the variance of the return, :math:`E G^2 - (E G)^2`, which is concave in the law.

    Parameters
    ----------
    model, H, stock, start, subject_to, max_nodes
        As for `maximise_over_laws`.

    Returns
    -------
    StockSolution
        In squared reward units; ``upper`` is :math:`\max_\pi E (c_0 + G - m)^2` for m the mean found.

    Raises
    ------
    CriterionError, ModelError, MemoryError
        As for `maximise_over_laws`.

    Examples
    --------
    >>> import rltheory as rl
    >>> from rltheory.distributional.occupancy import maximise_variance
    >>> choice = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(1.0, 0, 2.0)]]], gamma=1.0)
    >>> round(maximise_variance(choice, H=1).value, 6)
    1.0
    """
    laws = reachable_laws(model, H, stock=stock, start=start, max_nodes=max_nodes)
    x = laws.atoms

    def objective(g: Any) -> Any:
        import cvxpy as cp

        return x**2 @ g - cp.square(x @ g)

    goal = concave_goal(
        objective,
        lambda mass: float(mass @ (x - x @ mass) ** 2),
        lambda mass: x**2 - 2 * float(x @ mass) * x,
    )
    return solved(laws, goal, subject_to, "quadratic program for the variance")


def maximise_concave(
    model: OutcomeModel,
    objective: Callable[[Any, np.ndarray], Any],
    *,
    H: int,
    stock: float = 0.0,
    start: int | None = None,
    subject_to: Sequence[Constraint] = (),
    max_nodes: int = 200_000,
) -> StockSolution:
    r"""Maximise any functional of the law of ``stock + G`` that cvxpy knows to be concave.

    Parameters
    ----------
    model, H, stock, start, subject_to, max_nodes
        As for `maximise_over_laws`.
    objective : callable
        Maps the probabilities (a cvxpy expression of shape (n,)) and the atoms (an array of shape (n,), increasing) to
        a concave cvxpy expression, such as ``lambda g, x: cp.sum(cp.entr(g))``.

    Returns
    -------
    StockSolution
        ``upper`` comes from a supergradient at the law found, and may be loose where that is not unique.

    Raises
    ------
    CriterionError
        If cvxpy does not see that the objective is concave, and as for `maximise_over_laws`.
    ModelError, MemoryError
        As for `maximise_over_laws`.

    Examples
    --------
    The most even law:

    >>> import cvxpy as cp
    >>> import rltheory as rl
    >>> from rltheory.distributional.occupancy import maximise_concave
    >>> choice = rl.OutcomeModel.from_lists([[[(1.0, 0, 0.0)], [(1.0, 0, 2.0)]]], gamma=1.0)
    >>> maximise_concave(choice, lambda g, x: cp.sum(cp.entr(g)), H=1).law.prob.round(4)
    array([0.5, 0.5])
    """
    import cvxpy as cp

    laws = reachable_laws(model, H, stock=stock, start=start, max_nodes=max_nodes)
    g = cp.Variable(laws.atoms.size)
    expression = objective(g, laws.atoms)

    def value(mass: np.ndarray) -> float:
        g.value = mass
        return float(expression.value)

    def slope(mass: np.ndarray) -> np.ndarray | None:
        g.value = mass
        found = expression.grad[g]
        return None if found is None else np.asarray(found.todense()).ravel()

    goal = concave_goal(lambda variable: objective(variable, laws.atoms), value, slope)
    return solved(laws, goal, subject_to, "convex program over occupancies")


def _distribution_functions(atoms: np.ndarray, target: DiscreteLaw) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``below, length, aim``: F = below @ g and the target's aim between neighbours that are length apart."""
    grid = np.union1d(atoms, target.atoms)
    return (atoms <= grid[:-1, None]).astype(np.float64), np.diff(grid), target.cdf(grid[:-1])


def _with_slope_at_most_one(atoms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the largest function below the given one whose slope is at most 1."""
    return (values + np.abs(atoms[:, None] - atoms)).min(axis=1)


def _as_distance(solution: StockSolution) -> StockSolution:
    """Return the answer to a maximisation of minus a distance in terms of the distance."""
    return replace(solution, value=-solution.value + 0.0, lower=max(-solution.upper, 0.0), upper=-solution.lower + 0.0)
