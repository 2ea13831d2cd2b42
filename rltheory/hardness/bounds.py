r"""What planners and learners cannot do: one pure function for each theorem.

:math:`H = 1/(1-\gamma)` in discounted models, and the number of steps in the others; rewards are in [0, 1].
`proofs_check.hardness` puts every function to the test.
"""

from __future__ import annotations

import math

_LARGEST_EXPONENT = 700.0


def planning_queries(n_states: int, n_actions: int) -> int:
    r"""Entries of a transition table that a planner must read: at least :math:`(S - 2g)(A - 1) g`, with
    :math:`g = \lfloor S/4 \rfloor`; for S divisible by 4 this is :math:`S^2 (A-1) / 8`.

    For a planner whose policy, a deterministic one, never loses :math:`\gamma H` or more. Half of the states are
    sources; each of their actions leads to one of g goals or g traps, and to find out which of the two one has to read
    g entries. Szepesvari (2022, lecture 3), with an order. Attained by `rltheory.hardness.seek_goals`.

    Examples
    --------
    >>> planning_queries(n_states=8, n_actions=3)
    16
    """
    goals = n_states // 4
    return (n_states - 2 * goals) * (n_actions - 1) * goals


def planning_loss(gamma: float) -> float:
    r"""What a planner may lose that has read less than `planning_queries`: :math:`\gamma H`."""
    return gamma / (1 - gamma)


def needle_depth(gamma: float, loss: float) -> int:
    r"""Depth of the tree in which missing the one reward costs more than ``loss``: :math:`\lceil H_{\gamma,\delta}
    \rceil` with :math:`H_{\gamma,\delta} = \ln(H/\delta) / \ln\frac1\gamma`, the effective horizon.

    From the k-th action on the reward is 1, so that it is worth :math:`\gamma^{k-1} H`, which is above :math:`\delta`
    for :math:`k - 1 < H_{\gamma,\delta}`. Szepesvari (2022, lecture 5).

    Raises
    ------
    ValueError
        Unless ``0 < gamma < 1``, and ``0 < loss < H``: with a greater loss nothing has to be found.

    Examples
    --------
    >>> needle_depth(gamma=0.5, loss=0.25)
    3
    """
    if not 0 < gamma < 1:
        raise ValueError(f"gamma is {gamma}; it must be between 0 and 1")
    if not 0 < loss < 1 / (1 - gamma):
        raise ValueError(f"loss is {loss}; it must be above 0 and below H = {1 / (1 - gamma):g}")
    depth = max(1, math.ceil(math.log(1 / (loss * (1 - gamma))) / math.log(1 / gamma)))
    while gamma ** (depth - 1) / (1 - gamma) <= loss:  # a whole number up to rounding
        depth -= 1
    return depth


def needle_loss(gamma: float, n_actions: int, depth: int, queries: int) -> float:
    r"""What a planner with local access loses on average: at least
    :math:`\gamma^{k-1} H\, \big(1 - \min\{1, (q + 1)/A^k\}\big)` after q queries, in all of its calls together.

    The mean is over the place of the only reward in a tree of k levels. As long as all answers are 0 they say nothing
    but where the reward is not, and then one guess is left. Szepesvari (2022, lecture 5). Attained by a search that
    asks nothing twice.

    Examples
    --------
    >>> needle_loss(gamma=0.5, n_actions=2, depth=2, queries=1)
    0.5
    """
    found = min(1.0, (queries + 1) / n_actions**depth)
    return gamma ** (depth - 1) / (1 - gamma) * (1 - found)


def local_planning_queries(gamma: float, n_actions: int, loss: float, success: float) -> float:
    r"""Queries of a planner with local access that loses at most :math:`\delta` with probability p: at least
    :math:`p\, A^k - 1` with :math:`k = \lceil H_{\gamma,\delta} \rceil`.

    Whatever the number of states. From `needle_depth` and `needle_loss`; Szepesvari (2022, lecture 5).

    Examples
    --------
    >>> local_planning_queries(gamma=0.5, n_actions=2, loss=0.25, success=0.5)
    3.0
    """
    return success * _power(n_actions, needle_depth(gamma, loss)) - 1


def nearly_orthogonal_vectors(d: int, overlap: float) -> float:
    r"""How many unit vectors of d dimensions there are with scalar products of at most :math:`\tau`: at least
    :math:`\lfloor e^{d \tau^2 / 4} \rfloor`.

    Among so many vectors of random signs, :math:`k(k-1)/2` pairs, less than one pair is expected to be closer, by
    Hoeffding (1963): each is with probability :math:`2 e^{-d\tau^2/2}` at most. Derived here; Szepesvari (2022,
    lecture 9) has :math:`e^{d \tau^2 / 8}`.

    Examples
    --------
    >>> nearly_orthogonal_vectors(d=400, overlap=0.2)
    54.0
    """
    exponent = d * overlap**2 / 4
    return float(math.floor(math.exp(exponent))) if exponent < _LARGEST_EXPONENT else math.inf


def misspecification(loss: float, overlap: float) -> float:
    r"""How far action values are from linear ones if a single action of many is worth :math:`\delta` and the others
    nothing: at most :math:`\delta \tau`, with unit features whose scalar products are at most :math:`\tau`.

    With :math:`\theta = \delta \phi_{a^*}`. Du, Kakade, Wang and Yang (2020); Szepesvari (2022, lecture 9). Attained by
    a regular simplex of many dimensions.
    """
    return loss * overlap


def misspecified_queries(d: int, error: float, loss: float, success: float) -> float:
    r"""Queries that a planner needs whose d features describe action values up to :math:`\varepsilon`, to lose less
    than :math:`\delta` with probability p: at least :math:`p\, \lfloor e^{d (\varepsilon/\delta)^2 / 4} \rfloor - 1`.

    One state, an action for each of the `nearly_orthogonal_vectors` with :math:`\tau = \varepsilon/\delta`, and one of
    them worth :math:`\delta`. Szepesvari (2022, lecture 9), with 32 in place of 4.

    Examples
    --------
    >>> misspecified_queries(d=400, error=0.1, loss=0.5, success=0.5)
    26.0
    """
    return success * nearly_orthogonal_vectors(d, error / loss) - 1


def lock_reach(n_actions: int, length: int) -> float:
    r"""How often a policy opens the lock that is worst for it: at most :math:`A^{-L}`.

    A lock of L digits in S = L + 1 states, :math:`L = \min\{S - 1, H\}`. The code takes the least likely action at each
    digit. Xiao, Lee, Dai, Schuurmans and Szepesvari (2022). Attained by acting at random.

    Examples
    --------
    >>> lock_reach(n_actions=2, length=10)
    0.0009765625
    """
    return float(n_actions) ** -length


def lock_divergence(gap: float) -> float:
    r"""Information of one opened lock: :math:`\mathrm{KL}\big(\tfrac12 + \varepsilon \,\|\, \tfrac12 - \varepsilon\big)
    = 2 \varepsilon \ln \frac{1 + 2\varepsilon}{1 - 2\varepsilon} \le \frac{8 \varepsilon^2}{1 - 4 \varepsilon^2}`.

    Examples
    --------
    >>> round(lock_divergence(0.25), 6)
    0.549306
    """
    return 2 * gap * math.log((1 + 2 * gap) / (1 - 2 * gap)) if gap < 0.5 else math.inf


def lock_loss(reach: float, episodes: int, gap: float) -> float:
    r"""What every learner loses from N logged episodes on one of two locks: at least
    :math:`\frac\varepsilon2 \big(1 - \sqrt{1 - e^{-N p\, \mathrm{KL}}}\big)`, itself above
    :math:`\frac\varepsilon4 e^{-N p\, \mathrm{KL}}`.

    Behind the lock is a coin of mean :math:`\frac12 \pm \varepsilon`, before it a sure half; p is the probability that
    an episode opens it, and KL is `lock_divergence`. By Bretagnolle and Huber (1979). Attained without data.

    Examples
    --------
    >>> lock_loss(reach=0.001, episodes=0, gap=0.25)
    0.125
    """
    told = episodes * reach * lock_divergence(gap) if episodes and reach else 0.0
    return gap / 2 * (1 - math.sqrt(-math.expm1(-told)))


def lock_loss_unopened(reach: float, episodes: int, gap: float) -> float:
    r"""As `lock_loss`, from the data in which nobody opens the lock: :math:`\frac\varepsilon2 (1 - p)^N`.

    Attained if one look behind the lock tells all, :math:`\varepsilon = \frac12`.

    Examples
    --------
    >>> lock_loss_unopened(reach=0.5, episodes=2, gap=0.5)
    0.0625
    """
    return gap / 2 * (1 - reach) ** episodes


def lock_episodes(n_actions: int, length: int, gap: float, loss: float) -> float:
    r"""Logged episodes that a learner needs to lose at most a part :math:`\kappa \le \frac12` of :math:`\varepsilon`:
    at least :math:`A^L \ln\frac1{4 \kappa (1 - \kappa)} / \mathrm{KL}`.

    So it takes of the order of :math:`A^{\min\{S-1, H\}} / \varepsilon^2`, whatever the policy that made the log:
    `lock_loss` with `lock_reach`, solved for N. Xiao, Lee, Dai, Schuurmans and Szepesvari (2022), with an order.

    Parameters
    ----------
    n_actions, length : int
        Of the lock.
    gap : float
        :math:`\varepsilon`, at most one half.
    loss : float
        :math:`\kappa \varepsilon`, in reward units.

    Examples
    --------
    >>> round(lock_episodes(n_actions=4, length=10, gap=0.1, loss=0.01))
    13210495
    """
    part = loss / gap
    if part >= 0.5 or gap >= 0.5:
        return 0.0
    return -math.log(4 * part * (1 - part)) / lock_divergence(gap) * _power(n_actions, length)


def blind_value(independence_number: int) -> float:
    r"""Value of the best policy that sees nothing in `mdps.blind_graph`: :math:`1 - 1/\alpha(G)`.

    Because :math:`\min_y y^\top (A_G + I)\, y = 1/\alpha(G)` over distributions y (Motzkin and Straus 1965), where
    :math:`\alpha(G)` is the size of the largest independent set, which is hard to compute.

    Examples
    --------
    >>> blind_value(4)
    0.75
    """
    return 1 - 1 / independence_number


def _power(base: int, exponent: int) -> float:
    """Return a power of a whole number, infinite where floats end."""
    return float(base) ** exponent if exponent * math.log(base) < _LARGEST_EXPONENT else math.inf
