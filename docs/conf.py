"""The documentation site, built by `make docs`: these pages as they lie here, and the help of every command."""

from bench.version import VERSION

project = "concurrency-bench"
author = "the authors of concurrency-bench"
copyright = "2026, the authors of concurrency-bench"  # noqa: A001  # the name is Sphinx's
version = release = VERSION

extensions = ["myst_parser", "sphinx_click", "sphinx_design"]
exclude_patterns = ["examples/package/*.egg-info"]
nitpicky = True  # with `-W`, a reference to what is not there ends the build

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

html_theme = "pydata_sphinx_theme"
html_title = "concurrency-bench"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": False}
