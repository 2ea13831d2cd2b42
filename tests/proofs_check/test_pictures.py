import matplotlib.pyplot as plt
import pytest

from proofs_check import Check, Example, attack, plot_attack, plot_instance


@pytest.fixture(autouse=True)
def _close():
    plt.switch_backend("Agg")
    yield
    plt.close("all")


def test_the_curve_ends_where_the_attack_did():
    found = attack("greedy-loss-span", budget=40, rng=1)
    curve = plot_attack(found).lines[0]
    assert curve.get_xdata()[-1] == found.evaluations
    assert curve.get_ydata()[-1] == found.tightness
    assert list(zip(curve.get_xdata(), curve.get_ydata(), strict=True))[:-1] == list(found.history)


def test_a_violation_is_marked():
    found = attack("greedy-loss", budget=60, check=_half("greedy-loss"))
    assert found.violated
    assert "violation" in [text.get_text() for text in plot_attack(found).get_legend().get_texts()]


def _half(name):
    from proofs_check import THEOREMS, scaled

    return scaled(THEOREMS[name].check, rhs=0.5)


def test_an_identity_has_no_curve():
    with pytest.raises(ValueError, match="no instance of simulation-identity has a ratio"):
        plot_attack(attack("simulation-identity", budget=10))


@pytest.mark.parametrize("name", ["greedy-loss", "stock-greedy-loss"])
def test_a_model_is_drawn_with_its_discount_and_both_sides(name):
    best = attack(name, budget=10).best
    ax = plot_instance(best)
    model = next(one for one in best.instance if hasattr(one, "gamma"))
    assert ax.get_title().startswith(f"gamma = {model.gamma:g}; left side ")
    written = " ".join(text.get_text() for text in ax.texts)
    assert all(f"{state}" in written for state in range(model.n_states))


def test_an_instance_without_a_model_is_read_and_not_drawn():
    with pytest.raises(ValueError, match="no argument of the instance is an MDP"):
        plot_instance(Example((1.0, 2.0), Check(1.0, 2.0), ("x", "y")))
