# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two chat solutions by meaning: what each description says, said in one form, and told option by option."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._config.directory import Directory
from .._config.errors import DoesNotFit, InvalidInput
from .._config.recorded import recorded
from .._config.snapshot import content_of
from .adopt import Adoption
from .arguments import NULLABLE, overlaid
from .context import Context
from .solution import kinds_of, solution, validated_solution

#: What stands at the top of a description for all Chat Servers.
_OF_CHAT_SERVERS = ("addp", "message_server", "configuration_server")

#: Lists of members that are described, or only named where they are there anyway.
_MEMBERS = ("gms", "interaction_servers", "interaction_queues")

#: What a list of mappings is told apart by, the first that a mapping has.
_KEYS = ("name", "service", "role", "backend_server", "level", "primary")

#: Kinds of names that two sides may have different, as the option "mapping" calls them.
MAPPED = ("tenants", "hosts", "applications", "ports")


def chat_solution_compare(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"differences", "equal", "left_out", "not_judged", "sides", "mapping"}; nothing is written.  Raises InvalidInput.

    differences: a list of {path, left, right}; path: the keys, joined by slashes; None where a side says nothing.
    left_out: side -> what adoption could not describe, see adopt.
    not_judged: side -> why the rules were not tried to their end, see _not_judged; '' if they were.
    sides: side -> {of, snapshot}: live, description or snapshot, and its path; mapping: as it was given.

    Args:
        params: left and right ({solution, snapshot, tenant, name}), mapping (see MAPPED: name on the left -> name on the right).
    """
    sides, left_out = {}, {}
    for side in ("left", "right"):
        sides[side], left_out[side] = _description(context, params[side] or {}, side)
    not_judged = {side: _not_judged(context, sides[side], side) if params[side].get("solution") else "" for side in sides}
    mapping = _checked(params.get("mapping") or {})
    left, right = (normal(sides[side]) for side in ("left", "right"))
    left = mapped(left, mapping)
    if left["tenant"] != right["tenant"]:
        raise InvalidInput(f"mapping: the left side is of tenant '{left['tenant']}', the right one of tenant '{right['tenant']}'; if they are to be compared, "
                           f"say so in mapping: tenants: {{{left['tenant']}: {right['tenant']}}}")
    found = list(differences(left, right, context.secrets.mask(left), context.secrets.mask(right)))
    kinds = {side: _kind(params[side] or {}) for side in ("left", "right")}
    return {"differences": found, "equal": not found, "left_out": left_out, "not_judged": not_judged, "sides": kinds, "mapping": mapping}


def _kind(side: Mapping[str, Any]) -> dict[str, str]:
    return {"of": "description" if side.get("solution") else "snapshot" if side.get("snapshot") else "live", "snapshot": side.get("snapshot") or ""}


def _description(context: Context, side: Mapping[str, Any], where: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return (description, what it leaves out) of one side."""
    if side.get("solution") and side.get("snapshot"):
        raise InvalidInput(f"{where}: give solution or snapshot, not both")
    if side.get("solution"):
        return validated_solution(side["solution"]), []
    if not side.get("tenant"):
        raise InvalidInput(f"{where}: tenant: name the tenant whose chat solution is compared")
    seen = context
    if side.get("snapshot"):
        content = content_of(side["snapshot"], f"{where}: snapshot")
        if content is None:
            raise InvalidInput(f"{where}: snapshot: '{side['snapshot']}' is not a snapshot of this collection")
        seen = Context(Directory(recorded(content["objects"])), secrets=context.secrets)
    seen.directory.load(kinds_of({"tenant": side["tenant"]}))
    adoption = Adoption(seen, side["tenant"], None)
    adoption.run()
    return validated_solution(adoption.description), adoption.left_out


def _not_judged(context: Context, description: Mapping[str, Any], where: str) -> str:
    """Try the rules on a description; raises InvalidInput if they refuse it, since what it says is not clear then.

    A description may be of another Configuration Server. What this one does not have is no fault of it, and is returned; the rules were not tried beyond that.
    """
    try:
        context.directory.load(kinds_of(description))
        solution(Context(context.directory.without_plans(), allow_disconnect=True, secrets=context.secrets), description)
    except DoesNotFit as error:
        return str(error)
    except InvalidInput as error:
        raise InvalidInput(f"{where}: {error}; correct the description, nothing was compared") from error
    return ""


def _checked(mapping: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    unknown = sorted(set(mapping) - set(MAPPED))
    if unknown:
        raise InvalidInput(f"mapping: '{unknown[0]}' is no kind of name; the kinds are {', '.join(MAPPED)}")
    for kind, names in mapping.items():
        if not isinstance(names, Mapping):
            raise InvalidInput(f"mapping: {kind} must map names on the left to names on the right")
    return {kind: {str(left): str(right) for left, right in names.items()} for kind, names in mapping.items()}


# -- one form ------------------------------------------------------------------------------------------------------------


def normal(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description in one form: defaults said with each member, members by their names, what is not given left out, values as texts."""
    # What an environment is used for is no part of what runs in it.
    found = {key: value for key, value in description.items() if value is not None and key != "production"}
    for key in [key for key in found if key.endswith("_defaults")]:
        defaults = found.pop(key)
        members = next(name for name in (key[:-len("_defaults")], key[:-len("_defaults")] + "s") if name in description)
        found[members] = [overlaid(defaults, _named(item)) for item in found.get(members) or ()]
    shared = {key: found.pop(key) for key in _OF_CHAT_SERVERS if key in found}
    if found.get("chat_servers"):
        found["chat_servers"] = [overlaid(shared, item) for item in found["chat_servers"]]
    if found.get("contact_servers"):
        found["contact_servers"] = _contact_servers(found["contact_servers"])
    return {key: _form(value, key) for key, value in found.items() if value not in ([], {})}


def _named(item: Any) -> dict[str, Any]:
    return dict(item) if isinstance(item, Mapping) else {"name": item}


def _contact_servers(part: Mapping[str, Any]) -> dict[str, Any]:
    part = {key: value for key, value in part.items() if value is not None}
    defaults = part.pop("defaults", None)

    def member(item: Any) -> dict[str, Any]:
        return overlaid(defaults, item) if isinstance(item, Mapping) else {"name": item}

    if "single" in part:
        part["single"] = [_named(member(part["single"]))]
    part["pairs"] = [{**pair, "primary": _named(pair["primary"])["name"], "members": [member(pair["primary"]), member(pair["backup"])],
                      "backup": _named(pair["backup"])["name"]} for pair in part.get("pairs") or ()]
    return part


def _form(value: Any, key: str = "", free: bool = False, depth: int = 1) -> Any:
    """Return a value in one form; free: below options, where names and values are the product's own.  depth: 1 at the top of the description."""
    free = free or key in NULLABLE
    if isinstance(value, Mapping):
        return {str(name): _form(item, str(name), free, depth + 1) for name, item in value.items() if item is not None or free}
    if isinstance(value, (list, tuple)):
        if any(isinstance(item, Mapping) for item in value) or key in _MEMBERS and depth == 1:
            return _members((_key(_named(item), number), _form(_named(item), key, depth=depth + 1)) for number, item in enumerate(value))
        return sorted(str(item) for item in value)
    return _text(value)


def _members(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return members by their keys; further ones of the same key have a number, so that none is lost."""
    together: dict[str, list[Any]] = {}
    for name, form in pairs:
        together.setdefault(name, []).append(form)
    return {f"{name} ({number})" if number > 1 else name: form for name, forms in together.items()
            for number, form in enumerate(sorted(forms, key=lambda form: json.dumps(form, sort_keys=True)), 1)}


def _key(item: Mapping[str, Any], number: int) -> str:
    words = [str(item[key]) for key in _KEYS if item.get(key) is not None]
    return " ".join(words[:2] if "level" in item else words[:1]) or str(number)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


# -- names of the other side ---------------------------------------------------------------------------------------------


def mapped(value: Any, mapping: Mapping[str, Mapping[str, str]], key: str = "", free: bool = False) -> Any:
    """Return a description in the names of the other side. Below options nothing is replaced, but the tenant before an endpoint is."""
    free = free or key in ("options", "annex")
    if isinstance(value, Mapping):
        return {name if free else replaced(name, mapping): mapped(item, mapping, name, free) for name, item in value.items()}
    if isinstance(value, list):
        return sorted(mapped(item, mapping, key, free) for item in value)
    if value is None or free:
        return value
    if key.isdecimal() or re.fullmatch(r"[0-9]+", value):
        return mapping.get("ports", {}).get(value, value)
    return replaced(value, mapping)


def turned_round(mapping: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the mapping of the right side to the left one."""
    return {kind: {right: left for left, right in names.items()} for kind, names in mapping.items()}


def replaced(name: str, mapping: Mapping[str, Mapping[str, str]]) -> str:
    """Return what a name is called on the other side."""
    for kind in ("applications", "hosts", "tenants"):
        if name in mapping.get(kind, {}):
            return mapping[kind][name]
    tenant, colon, endpoint = name.partition(":")
    return mapping["tenants"][tenant] + colon + endpoint if colon and tenant in mapping.get("tenants", {}) else name


# -- the differences -----------------------------------------------------------------------------------------------------


def differences(left: Any, right: Any, shown_left: Any, shown_right: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, Any]]:
    """Yield {path, left, right} for each value that is not the same on both sides.

    A member that one side only names is there, and nothing is said of it.

    shown_left, shown_right: the same sides as they may be shown, with secrets hidden.
    """
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        only_named = {"name"} in (set(left), set(right)) and left.get("name") == right.get("name")
        for key in sorted({*left, *right}) if not only_named else ():
            yield from differences(left.get(key), right.get(key), shown_left.get(key), shown_right.get(key), (*path, key))
    elif left != right:
        yield {"path": "/".join(path), "left": shown_left, "right": shown_right}
