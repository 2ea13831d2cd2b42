"""How the documentation is built: `make docs`, which needs no network and takes every warning for an error."""

import shutil
import sys
from pathlib import Path

DOCS = Path(__file__).parent
ROOT = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS / "_ext")]

import rltheory  # noqa: E402
from proofs_check import report  # noqa: E402
from rltheory import (  # noqa: E402
    bandits,
    distributional,
    estimation,
    exploration,
    games,
    hardness,
    horizon,
    imitation,
    offline,
    planning,
    policy_optimisation,
    robust,
    submodular,
)

project = "rltheory"
author = "The rltheory developers"
copyright = author
version = release = rltheory.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_nb",
    "sphinxcontrib.bibtex",
    "mathml",
]
exclude_patterns = ["_build", "jupyter_execute"]
templates_path = ["_templates"]
default_role = "py:obj"

html_theme = "furo"
html_title = "rltheory"
html_static_path = ["_static"]
html_css_files = ["rltheory.css"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_copy_source = False

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "off"  # notebooks are committed with their outputs; tests/test_notebooks.py runs them again
nb_render_markdown_format = "myst"
nb_merge_streams = True

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say the types, with shapes and units
autosummary_generate = True
autosummary_ignore_module_all = False
autosummary_context = {  # pages of the template of_file.rst begin with the lecture of the file that a name comes from
    "file_of": {
        f"{package.__name__}.{name}": getattr(getattr(package, name), "__module__", None)
        for package in (
            *(
                bandits,
                distributional,
                distributional.risk,
                estimation,
                exploration,
                exploration.mex,
                hardness,
                horizon,
                imitation,
                offline,
                planning,
                policy_optimisation,
                robust,
            ),
            *(games, games.nash, games.risk, games.learning, games.markov, games.preference),
            *(submodular, submodular.functions, submodular.relaxation),
        )
        for name in package.__all__
    }
}
numpydoc_show_class_members = False
numpydoc_use_plots = False

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "alpha"

# Two pages are not written by hand: the theorems come from the code, the lessons from the folder of notebooks.
(DOCS / "theorems.md").write_text(report.theorems_page(), encoding="utf-8")
for made in ("notebooks", "api/generated"):  # pages of what has gone would stay
    shutil.rmtree(DOCS / made, ignore_errors=True)
(DOCS / "notebooks").mkdir()
for notebook in (ROOT / "notebooks").glob("*.ipynb"):
    shutil.copy(notebook, DOCS / "notebooks")
