import numpy as np
import pytest
from scipy.special import expit

from rltheory import ModelError
from rltheory.games.preference import PreferenceGame, inpo, nash_md, sppo, win_rates


def test_bradley_and_terrys_preferences_are_logistic_and_transitive():
    r = np.array([-1.0, 0.5, 3.0])
    P = PreferenceGame.bradley_terry(r, tau=1.0).P
    np.testing.assert_allclose(P, expit(r[:, None] - r), rtol=1e-14)
    np.testing.assert_allclose(np.log(P[0, 2] / P[2, 0]), np.log(P[0, 1] / P[1, 0]) + np.log(P[1, 2] / P[2, 1]))


def test_rock_paper_scissors_goes_round_in_a_circle():
    game = PreferenceGame.rock_paper_scissors(tau=1.0, strength=0.2)
    assert game.P[1, 0] == game.P[2, 1] == game.P[0, 2] == 0.7
    np.testing.assert_allclose(win_rates(game, np.ones(3) / 3), 0.5)
    assert game.normal_form.payoffs[1][0, 1] == game.P[1, 0]
    assert repr(game) == "PreferenceGame(3 answers, tau=1)"


def test_preferences_sum_to_one_exactly_after_rounding():
    game = PreferenceGame([[0.5, 0.3], [0.7 + 1e-10, 0.5]], tau=1.0)
    assert game.P[0, 1] + game.P[1, 0] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5, 0.5]], 1.0), r"P has shape \(1, 2\)"),
        (([[0.5, 1.2], [-0.2, 0.5]], 1.0), r"answer 0 is preferred to 1 with probability 1\.2; it must be in \[0, 1\]"),
        (([[0.5, 0.6], [0.6, 0.5]], 1.0), r"P\[0, 1\] \+ P\[1, 0\] is 1\.2; one of two is preferred, so it is 1"),
        (([[1.0]], 1.0), r"P\[0, 0\] \+ P\[0, 0\] is 2"),
        (([[0.5]], 0.0), r"tau is 0\.0; the weight of the reference policy is a finite number above 0"),
        (
            ([[0.5, 0.5], [0.5, 0.5]], 1.0, [1, 0]),
            "the reference policy leaves answer 1 out; it must have full support",
        ),
        (([[0.5, 0.5], [0.5, 0.5]], 1.0, [0.5, 0.4]), r"the reference policy sums to 0\.9"),
    ],
    ids=["shape", "range", "skew", "diagonal", "tau", "support", "sum"],
)
def test_bad_games_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        PreferenceGame(*arguments)


def test_bad_rewards_policies_and_steps_are_named():
    game = PreferenceGame.rock_paper_scissors(tau=0.5)
    with pytest.raises(ModelError, match=r"rewards has shape \(1, 2\)"):
        PreferenceGame.bradley_terry([[0.0, 1.0]], tau=1.0)
    with pytest.raises(ModelError, match=r"the policy has shape \(2,\)"):
        win_rates(game, [0.5, 0.5])
    with pytest.raises(ModelError, match="the policy leaves answer 0 out; no update would ever give it back"):
        inpo(game, start=[0, 0.5, 0.5])
    with pytest.raises(ModelError, match=r"eta is 0\.4 at step 0; it must be finite and at least tau = 0\.5"):
        inpo(game, eta=0.4)
    falling = inpo(game, eta=lambda t: 0.5 - 0.1 * t)
    with pytest.raises(ModelError, match=r"eta is 0\.4 at step 1"):
        list(zip(range(3), falling, strict=False))
    with pytest.raises(ModelError, match=r"step is 3\.0 at step 0; it must be above 0 and at most 1 / tau = 2"):
        nash_md(game, step=3.0)
    with pytest.raises(ModelError, match="step is -1; a step size is a finite number above 0"):
        sppo(game, step=-1)
