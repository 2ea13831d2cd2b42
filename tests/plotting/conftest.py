"""Pictures are drawn without a screen, and closed."""

import matplotlib as mpl
import pytest

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _closed_figures():
    import matplotlib.pyplot as plt

    yield
    plt.close("all")


@pytest.fixture
def ax():
    """Return axes of a figure that is not known to pyplot."""
    from matplotlib.figure import Figure

    return Figure().subplots()
