r"""The games of two players and two actions that every book begins with, each with all its equilibria.

Where both actions of both players are in use, each player's mixture makes the other indifferent: with payoffs A of the
row player and B of the column player, the row player's first action has probability p and the column player's q,

$$p = \frac{B_{11} - B_{10}}{B_{00} - B_{01} - B_{10} + B_{11}}, \qquad
  q = \frac{A_{11} - A_{01}}{A_{00} - A_{01} - A_{10} + A_{11}}.$$
"""

from __future__ import annotations

from mdps import _checks as checks
from rltheory import ModelError
from rltheory.games import NormalFormGame


def matching_pennies() -> NormalFormGame:
    r"""Match, and the row player wins; mismatch, and the column player does.

    ===========  =====  =====
    row, column  heads  tails
    ===========  =====  =====
    heads        1, -1  -1, 1
    tails        -1, 1  1, -1
    ===========  =====  =====

    Zero sum; the value is 0 and $p = q = \tfrac12$ is the only equilibrium.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Von Neumann and Morgenstern (1944).

    Examples
    --------
    >>> from mdps.games import matching_pennies
    >>> matching_pennies().is_zero_sum
    True
    """
    names = ("heads", "tails")
    return NormalFormGame.zero_sum([[1, -1], [-1, 1]], player_names=("even", "odd"), action_names=(names, names))


def asymmetric_matching_pennies(stake: float = 9.0) -> NormalFormGame:
    r"""Match pennies, with a larger prize for matching heads.

    ===========  =====  =====
    row, column  heads  tails
    ===========  =====  =====
    heads        x, 0   0, 1
    tails        0, 1   1, 0
    ===========  =====  =====

    The only equilibrium is $p = \tfrac12$, $q = 1/(1 + x)$: the prize moves the other player alone. People do answer to
    their own prize, as does a logit quantal response: with $x = 9$ it is $(p, q) = (0.8307, 0.4181)$ at
    $\lambda = 0.5$, $(0.8936, 0.3128)$ at 1 and $(0.7020, 0.1171)$ at 5.

    Parameters
    ----------
    stake : float
        The prize x, above 0.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        If the prize is not above 0.

    Notes
    -----
    Ochs (1995); McKelvey, Palfrey and Weber (2000).
    """
    x, names = checks.positive("stake", stake), ("heads", "tails")
    arrays = [[x, 0], [0, 1]], [[0, 1], [1, 0]]
    return NormalFormGame(arrays, player_names=("even", "odd"), action_names=(names, names))


def safe_or_risky_pennies() -> NormalFormGame:
    r"""Match pennies with lotteries: the first action of each player varies little, the second one a lot.

    ===========  ========  =======
    row, column  left      right
    ===========  ========  =======
    safe         200, 160  160, 10
    risky        370, 200  10, 370
    ===========  ========  =======

    The only equilibrium is $p = 17/32$, $q = 15/32$. In the experiment 0.47 of the row players were safe and 0.65 of
    the column players went left: the column player's left pays 160 or 200, and right pays 10 or 370.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Payoffs and frequencies as in the published notebook of Mazumdar, Panaganti and Shi (2025), who call the game MPa;
    generalised matching pennies of this kind are those of Goeree, Holt and Palfrey (2003).
    """
    arrays = [[200, 160], [370, 10]], [[160, 10], [200, 370]]
    return NormalFormGame(arrays, player_names=("row", "column"), action_names=(("safe", "risky"), ("left", "right")))


def prisoners_dilemma(
    reward: float = 3.0, sucker: float = 0.0, temptation: float = 5.0, punishment: float = 1.0
) -> NormalFormGame:
    r"""Both are better off if both cooperate, and each is better off by not doing so.

    ===========  =========  ======
    row, column  cooperate  defect
    ===========  =========  ======
    cooperate    R, R       S, T
    defect       T, S       P, P
    ===========  =========  ======

    With $T > R > P > S$ defecting is strictly dominant: it is the only equilibrium, Nash, correlated or coarse.

    Parameters
    ----------
    reward, sucker, temptation, punishment : float
        R, S, T and P.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        Unless ``temptation > reward > punishment > sucker``.

    Notes
    -----
    Flood and Dresher (1950); the numbers by default are those of Axelrod (1984).
    """
    if not temptation > reward > punishment > sucker:
        raise ModelError(
            f"temptation, reward, punishment, sucker are {temptation:g}, {reward:g}, {punishment:g}, {sucker:g};"
            " in this dilemma they descend"
        )
    return _symmetric([[reward, sucker], [temptation, punishment]], ("cooperate", "defect"))


def battle_of_the_sexes() -> NormalFormGame:
    r"""Two who want to meet and do not agree where.

    ===========  =====  ======
    row, column  opera  boxing
    ===========  =====  ======
    opera        2, 1   0, 0
    boxing       0, 0   1, 2
    ===========  =====  ======

    Three equilibria: (opera, opera), (boxing, boxing), and $p = \tfrac23$, $q = \tfrac13$, in which both receive
    $\tfrac23$, less than in either of the others.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Luce and Raiffa (1957).
    """
    names = ("opera", "boxing")
    return NormalFormGame([[[2, 0], [0, 1]], [[1, 0], [0, 2]]], action_names=(names, names))


def stag_hunt(a: float = 4.0, b: float = 1.0, c: float = 3.0, d: float = 3.0) -> NormalFormGame:
    r"""Trust the other hunter and catch a stag together, or catch a hare alone.

    ===========  ====  ====
    row, column  stag  hare
    ===========  ====  ====
    stag         a, a  b, c
    hare         c, b  d, d
    ===========  ====  ====

    With $a > c$ and $d > b$ there are three equilibria: both hunt the stag, both hunt the hare, and both hunt the stag
    with probability

    $$p = \frac{d - b}{\Delta}, \qquad \Delta = (a - c) + (d - b),$$

    which is $\tfrac23$ by default. All hares are risk-dominant (Harsanyi and Selten 1988) if and only if
    $d - b > a - c$, all stags payoff-dominant if and only if $a > d$.

    A hunter who minds the variance that the other causes, and knows that each errs with probability at least
    $\varepsilon$, hunts the stag with the most trust possible, $1 - \varepsilon$, in a risk-averse equilibrium if and
    only if, for $(c - d) + (1 - \varepsilon)\Delta > 0$, his weight $\gamma$ on the variance is at most

    $$\gamma^* = \frac{(1 - \varepsilon)\Delta - (d - b)}
                     {2 \varepsilon (1 - \varepsilon) \Delta \, [(c - d) + (1 - \varepsilon)\Delta]}.$$

    Parameters
    ----------
    a, b, c, d : float
        The table.

    Returns
    -------
    NormalFormGame

    Raises
    ------
    ModelError
        Unless ``a > c`` and ``d > b``.

    Notes
    -----
    Rousseau (1755); as a *trust dilemma* in the literature on learning to cooperate. Other interesting tables:
    (10, -10, 5, 5), (4, 0, 3, 2) and (5, 0, 1, 1), where trust is risk-dominant and yet has the larger variance.

    Examples
    --------
    >>> from mdps.games import stag_hunt
    >>> stag_hunt().payoffs[0]
    array([[4., 1.],
           [3., 3.]])
    """
    if not (a > c and d > b):
        raise ModelError(f"a, b, c, d are {a:g}, {b:g}, {c:g}, {d:g}; a hunt of stags needs a > c and d > b")
    return _symmetric([[a, b], [c, d]], ("stag", "hare"))


def chicken() -> NormalFormGame:
    r"""Who swerves loses face; if nobody does, both lose more.

    ===========  ======  ========
    row, column  swerve  straight
    ===========  ======  ========
    swerve       6, 6    2, 7
    straight     7, 2    0, 0
    ===========  ======  ========

    Three equilibria: (swerve, straight), (straight, swerve), and both swerve with probability $\tfrac23$, which pays
    $\tfrac{14}3$ to each. The best correlated equilibrium, coarse or not, lets both swerve half of the time, each alone
    a quarter of the time, and pays 10.5 to both together.

    Returns
    -------
    NormalFormGame

    Notes
    -----
    Aumann (1974) for the correlated equilibria of such a game.
    """
    return _symmetric([[6, 2], [7, 0]], ("swerve", "straight"))


def _symmetric(A: list[list[float]], names: tuple[str, str]) -> NormalFormGame:
    return NormalFormGame.symmetric(A, action_names=(names, names))
