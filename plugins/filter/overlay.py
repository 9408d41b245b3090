# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One description for several environments: what each of them has otherwise is laid over it.

Mappings are merged key by key, and null takes a key away. A list, like any other value, is replaced. A mapping over a list of members is laid over the
members by their names: it changes those that are there, adds others, and null takes one away.
"""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

#: The word for what comes from the description itself.
BASE = "base"


def overlaid(base, *overlays):
    """Return a description with overlays laid over it, the later ones over the earlier ones; none of them is changed."""
    for overlay in overlays:
        base = _laid(base, _mapping(overlay), "")
    return base


def origins(base, overlays):
    """Return path -> name of the layer that each value of overlaid(base, *overlays.values()) comes from.

    overlays: name of a layer -> overlay, in their order; what is in none of them comes from 'base'.
    """
    found = {}
    whole = {}
    for name, overlay in {BASE: base, **_mapping(overlays)}.items():
        whole = _laid(whole, _mapping(overlay), "") if name != BASE else base
        values = dict(_leaves(whole))
        given = dict(_leaves_of_overlay(_mapping(overlay), whole))
        found = {path: name if path in given and given[path] == value else found.get(path, name) for path, value in values.items()}
    return found


def _mapping(value):
    if not isinstance(value, dict):
        raise AnsibleFilterError("An overlay is a mapping like the description that it is laid over, got %s." % type(value).__name__)
    return value


def _laid(base, overlay, where):
    if isinstance(base, list) and isinstance(overlay, dict):
        return _members(base, overlay, where)
    if not isinstance(base, dict) or not isinstance(overlay, dict):
        return overlay
    result = dict(base)
    for key, value in overlay.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _laid(base.get(key), value, "%s%s" % (where and where + ".", key))
    return result


def _members(base, overlay, where):
    names = [_name(item) for item in base]
    for name in overlay:
        if overlay[name] is not None and not isinstance(overlay[name], dict):
            raise AnsibleFilterError("%s: %s: an overlay of a member is a mapping, or null to take it away, got %s."
                                     % (where, name, type(overlay[name]).__name__))
    if None in names:
        raise AnsibleFilterError("%s: its members have no names, so they can't be overlaid one by one; give the whole list." % where)
    unknown = [name for name in overlay if overlay[name] is None and name not in names]
    if unknown:
        raise AnsibleFilterError("%s: there is no '%s' to take away; there are %s." % (where, unknown[0], ", ".join(names) or "no members"))
    kept = [_laid(item if isinstance(item, dict) else {"name": item}, overlay[name], "%s.%s" % (where, name)) if overlay.get(name) else item
            for item, name in zip(base, names) if name not in overlay or overlay[name] is not None]
    return kept + [{"name": name, **value} for name, value in overlay.items() if value is not None and name not in names]


def _name(item):
    return item.get("name") if isinstance(item, dict) else item if isinstance(item, str) else None


def _leaves(tree, path=""):
    """Yield (path, value) of each value; members of a list stand under their names."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _leaves(value, "%s%s" % (path and path + ".", key))
    elif isinstance(tree, list) and tree and all(_name(item) is not None and isinstance(item, dict) for item in tree):
        for item in tree:
            yield from _leaves(item, "%s.%s" % (path, item["name"]))
    else:
        yield path, tree


def _leaves_of_overlay(overlay, whole):
    """Yield (path, value) of what an overlay says; a member that it adds or changes by its name has that name, too."""
    for path, value in _leaves(overlay):
        yield path, value
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(whole.get(key), list):
            for name in value:
                yield "%s.%s.name" % (key, name), None


class FilterModule:
    """Filters."""

    def filters(self):
        """Return name -> function."""
        return {"overlaid": overlaid, "origins": origins}
