# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that shows a chat solution: one file, with all that it needs in it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.files import read_regular, replace_regular

#: What is drawn with, as its makers publish it: name -> (version, file, licence, SHA-256 of the file).
LIBRARIES = {
    "d3": ("7.9.2", "d3.min.js", "ISC", "912111098ea99503a6f4967361d2bbdc9dbf58cf9c678c8e27e5b02d1a07f0c1"),
    "dagre": ("3.1.3", "dagre.min.js", "MIT", "54a503e346f93ca0bb10abe7999587e037262935687aca45eb4e4b0f64bbb578"),
}

PLACE = Path(__file__).parent / "picture"

#: The moment in which a page was made, as its data tell it.
_MADE = re.compile(r'"made": ?"[^"\\]*"')

#: More than a page can be long.
_MOST = 64 * 1024 * 1024


class NotDrawn(Exception):
    """The file can't be written; as a text it is a sentence that says why, and what to do."""


def draw(dest, graph, check_mode=False):
    """Write the page for a graph to a file on the controller, as a whole; return (its path, whether it shows something else than before).

    In check mode it is only looked. Raises NotDrawn.
    """
    path = os.path.abspath(os.path.expanduser(os.path.expandvars(dest)))
    directory, text = os.path.dirname(path), page(graph)
    try:
        if not os.path.isdir(directory):
            raise NotDrawn(_not_drawn(path, "there is no directory '%s'" % directory))
        old = read_regular(path, _MOST)
        if not check_mode:
            replace_regular(path, text, 0o644)
    except (OSError, ValueError) as error:
        raise NotDrawn(_not_drawn(path, getattr(error, "strerror", None) or str(error))) from error
    return path, differs((old or b"").decode("utf-8", "replace"), text)


def _not_drawn(path, reason):
    return "the picture can't be written to '%s' on the controller: %s. Name a file in a directory that exists and can be written to." % (path, reason)


def with_seen(graph, applications):
    """Return a graph with the states and versions that a run has seen; applications: of summary.site_summary."""
    seen = {item["name"]: item for item in applications}

    def shown(node):
        own = seen.get(node["name"]) if node["kind"] not in ("queue", "agent_group") else None
        return dict(node, state=own["status"] or node["state"], version=(own["looked_at"] and own["version"]) or node["version"]) if own else node

    return dict(graph, nodes=[shown(node) for node in graph["nodes"]])


def page(graph):
    """Return the page for the graph that the module chat_solution_report returns, as a text.

    Names of objects can't become markup: all data stands in one element as JSON without the characters that could end it, and the script puts them in
    place as texts only. The page's policy admits no script but those that stand here, and no connection to anywhere.
    """
    scripts = {name: _script(library[1]) for name, library in LIBRARIES.items()}
    scripts["script"], style = _script("page.js"), _text("page.css")
    # The licences of the libraries ask for it: their notices go along.
    notices = "".join("/* %s %s\n%s*/\n" % (name, version, _text(name + ".LICENSE")) for name, (version, _file, _licence, _digest) in LIBRARIES.items())
    scripts["script"] = notices + scripts["script"]
    parts = {
        **scripts, "style": style, "styles": _digest(style), "scripts": " ".join(_digest(text) for text in scripts.values()), "data": _data(graph),
        "libraries": " and ".join("%s %s (%s)" % (name, version, licence) for name, (version, _file, licence, _sum) in LIBRARIES.items()),
    }
    return re.sub("@(%s)@" % "|".join(parts), lambda found: parts[found.group(1)], _text("page.html"))


def differs(old, new):
    """Return whether two pages show something different: all but the moment in which they were made."""
    return _MADE.sub("", old) != _MADE.sub("", new)


def _data(graph):
    text = json.dumps(graph, ensure_ascii=True, separators=(",", ": "), sort_keys=True)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _text(name):
    return (PLACE / name).read_text(encoding="utf-8")


def _script(name):
    """Return a script without the line that names a file for debuggers, which is not there."""
    return re.sub(r"^//# sourceMappingURL=.*\n?", "", _text(name), flags=re.MULTILINE)


def _digest(text):
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
