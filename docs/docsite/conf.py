# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sphinx's settings for the documentation site; tools/docs.py puts its source together and builds it."""

from __future__ import annotations

from typing import Any

from docutils import nodes

project = html_title = html_short_title = "genesys_engage.chat"
copyright = "genesys_engage.chat contributors"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "index"
language = "en"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["messages.js"]
html_show_sphinx = False
html_copy_source = False

myst_heading_anchors = 4
# Examples are excerpts with dots, and output of programs.
highlight_language = "none"


#: Labels of Ansible's own documentation that antsibull-docs refers to.
LABELS = {"action_plugins", "ansible_configuration_settings", "common_return_values"}


def elsewhere(_app: Any, _env: Any, node: Any, contnode: nodes.Node) -> nodes.Node | None:
    """Names of Ansible's own documentation stay text: nothing is fetched. Any other unknown name is an error."""
    target = str(node.get("reftarget", ""))
    return contnode if target in LABELS or target.startswith(("ansible_collections.ansible.", "ANSIBLE_")) else None


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("missing-reference", elsewhere)
