"""Configuration of the documentation: everything is local, and what can be generated or run is."""

import os
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
OWN = [str(HERE / "_ext"), str(HERE.parent / "src")]
sys.path[:0] = OWN
# Kernels and commands that run while the site is built see the same code, and leave the cores to each other.
os.environ["PYTHONPATH"] = os.pathsep.join([*OWN, *filter(None, [os.environ.get("PYTHONPATH")])])
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")

from vcassay_docs.style import DARK, PLAIN  # noqa: E402

project = "vcassay"
author = "The vcassay developers"
version = release = metadata.version("vcassay")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_nb",
    "sphinx_design",
    "sphinx_copybutton",
    "vcassay_docs",
]
exclude_patterns = ["_build", "_ext", "**.ipynb_checkpoints"]
nitpicky = True
# Types of other packages, and those of ours that are not public, have no page of their own.
nitpick_ignore_regex = [(r"py:(class|obj|data|exc|meth|attr|func|mod)", r".*")]
default_role = "code"
toc_object_entries_show_parents = "hide"
smartquotes = False

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 76
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
napoleon_use_ivar = True
napoleon_attr_annotations = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 300
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True
nb_ipywidgets_js = {}  # nothing from elsewhere

html_theme = "furo"
html_title = "vcassay"
html_static_path = ["_static"]
html_css_files = ["site.css", "palette.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": PLAIN,
    "dark_css_variables": DARK,
    "footer_icons": [],
    "top_of_page_buttons": [],
}
pygments_style = "a11y-light"
pygments_dark_style = "a11y-dark"
copybutton_exclude = ".linenos, .gp, .go"
copybutton_selector = "div:not(.output):not(.cell_output) > div.highlight pre"
