# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of comparisons: of two chat solutions, and of one with its description from day to day."""

from __future__ import annotations

import json

#: So much of a value is shown in a line.
_LONGEST = 60


def compare_lines(result):
    """Return the result of chat_solution_compare as lines of text."""
    lines = ["%s: %s | %s" % (item["path"], _shown(item["left"]), _shown(item["right"])) for item in result["differences"]]
    for side in ("left", "right"):
        if result["not_judged"][side]:
            lines.append("judged by the rules only in part, on the %s, which does not fit this Configuration Server: %s" % (side, result["not_judged"][side]))
        lines += ["not compared, on the %s: %s: %s" % (side, item["name"], item["reason"]) for item in result["left_out"][side]]
    count = len(result["differences"])
    if not count:
        return [*lines, "Nothing differs in what the two sides say." if any(result["not_judged"].values()) else "Nothing differs."]
    return [*lines, "%d difference%s (left | right)." % (count, "" if count == 1 else "s")]


def picture_lines(result):
    """Return the result of chat_solution_report as lines of text: where the picture is, or why there is none; [] if none was asked for."""
    if result.get("dest"):
        return ["The picture of the chat solution is %s." % result["dest"]]
    return ["There is no picture of the chat solution: %s" % result["msg"]] if result.get("msg") else []


def side_to_draw(sides):
    """Return the side, of those that chat_solution_compare tells, that its picture shows: the right one, but a description only if both are descriptions."""
    return sides["left"] if sides["right"]["of"] == "description" else sides["right"]


def _shown(value):
    if value is None:
        return "not said"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def drift(changes, known, now):
    """Return what differs from the description, each with the time since which it was seen to differ, as a list of {text, since}.

    changes: of chat_solution in check mode.  known: what this filter has returned before.  now: the time, a text.
    """
    since = {item["text"]: item["since"] for item in known if isinstance(item, dict) and {"text", "since"} <= set(item)}
    return [{"text": text, "since": since.get(text, now)} for text in dict.fromkeys(text for change in changes for text in _texts(change))]


def _texts(change):
    """Return a sentence for each value that a change would write."""
    name = "%s '%s'" % (change["type"], change["name"])
    if change["action"] != "update":
        return ["%s %s" % (name, "is missing." if change["action"] == "create" else "is there, and should not be.")]
    before, after = dict(_leaves(change["before"])), dict(_leaves(change["after"]))
    return ["%s: %s is %s, described is %s." % (name, "/".join(path), _shown(before.get(path)), _shown(after.get(path)))
            for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path)]


def _leaves(tree, path=()):
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _leaves(value, (*path, str(key)))
    else:
        yield path, tree


class FilterModule:
    """Filters."""

    def filters(self):
        """Return name -> function."""
        return {"compare_lines": compare_lines, "drift": drift, "picture_lines": picture_lines, "side_to_draw": side_to_draw}
