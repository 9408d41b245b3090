# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Universal Contact Servers (UCS): pairs, and the division of the Chat Servers over them.

UCS 9.1 ignores the pairing; Chat Server uses it to find the other member. Each Chat Server is connected to the primary
of one pair and to no other UCS; there are as many groups as pairs.  Source: CHAT
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.directory import Directory
from ..._config.errors import InvalidInput
from ..._config.nearest import suggestion
from ..application import BODY, NAME, is_gone
from ..chat_server_links import adopted_chat_servers
from ..client_links import primary_chat_servers
from ..connection import ADDP
from ..context import CHAT_SERVER, CONTACT_SERVER, Context
from ..field import Field, argument_spec, state
from ..groups import connect_groups
from ..pairs import dissolve_pair, make_pair
from ..part import Draft, Part, described

if TYPE_CHECKING:
    from ..adopt import Adoption

_REDUNDANCY_TYPE = Field(
    "redundancy_type", "str",
    "Redundancy type of the primary.",
    "V(warm standby) is used if not given. That a UCS pair wants it is inferred; the documentation does not say.",
    choices=["none", "cold standby", "warm standby", "hot standby"], path=("redundancy_type",), adopted=True)

_PAIR = (
    Field("primary", "raw", "The primary.", required=True, mapping=(*BODY, NAME)),
    Field("backup", "raw", "The backup.", required=True, mapping=(*BODY, NAME), path=("backup",)),
)

#: What the key contact_servers holds.
CONTACT_SERVERS = (
    Field("defaults", "dict", "What all described UCS have in common.", fields=BODY),
    Field("pairs", "list", "The pairs. Each member is a name, or a mapping with C(name) and what a new application needs. The backup's options, "
          "connections and tenants come from the primary.", elements="dict", fields=_PAIR, adopted=True),
    Field("single", "raw", "The only UCS, where there is no pair, instead of O(pairs).", mapping=(*BODY, NAME)),
    _REDUNDANCY_TYPE,
)

#: The options of the module ucs_pair.
MODULE = (
    Field("primary", "str", "Name of the UCS application that is the primary.", required=True),
    Field("backup", "str", "Name of the UCS application that is the backup. Needed for O(state=present).",
          "With O(state=absent), the pair is dissolved only if this is its backup."),
    _REDUNDANCY_TYPE,
    state("makes sure that the pair exists.", "makes sure that it does not."),
)
ARGUMENTS = argument_spec(MODULE)

#: The options of the module chat_server_groups.
GROUPS_MODULE = (
    Field("chat_servers", "list", "Names of the Chat Servers; all Chat Servers if not given.", elements="str"),
    Field("pairs", "list", "The UCS pairs.", elements="dict", required=True, fields=(
        Field("primary", "str", "Name of the primary.", required=True),
        Field("backup", "str", "Name of the backup.", required=True),
    )),
    Field("pins", "dict", "Chat Servers that must be in the group of a given primary, as a mapping of Chat Server to primary. Pins go before even "
          "sizes."),
    ADDP,
    _REDUNDANCY_TYPE,
)
GROUPS_ARGUMENTS = argument_spec(GROUPS_MODULE)


def pair(context: Context, primary: str, backup: str, redundancy_type: str | None, where: str) -> Desired:
    """Return the Desired that makes "backup" the backup of "primary" (names of UCS applications).

    Raises InvalidInput.  Source: CHAT

    Args:
        redundancy_type: warm standby if None. That UCS pairs want it is inferred.
    """
    return make_pair(context, primary, backup, redundancy_type or "warm standby", where, CONTACT_SERVER)


def unpair(context: Context, primary: str, backup: str | None, where: str) -> Desired:
    """Return the Desired that leaves "primary" without a backup; nothing when it has another one than "backup"."""
    return dissolve_pair(context, primary, backup, where, CONTACT_SERVER)


def require_distinct(pairs: Iterable[tuple[str, str | None]], where: str) -> None:
    """Check that no UCS stands in two places; pairs: list of (primary, backup).  Raises InvalidInput."""
    seen = set()
    for name in [member for members in pairs for member in members if member]:
        if name in seen:
            raise InvalidInput(f"{where}: UCS '{name}' is named twice; each belongs to one pair")
        seen.add(name)


def ucs_pair(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """One pair of UCS applications, or its dissolution."""
    if params["state"] == "absent" and is_gone(context, params["primary"], "primary"):
        return []
    if params["state"] == "absent":
        return [unpair(context, params["primary"], params["backup"], "ucs_pair")]
    if not params["backup"]:
        raise InvalidInput("ucs_pair: backup is missing; UCS are configured in pairs, so their number must be even")
    desired = pair(context, params["primary"], params["backup"], params["redundancy_type"], "ucs_pair")
    found = context.application(params["backup"], "backup", (CONTACT_SERVER,))
    clients = sorted(app.name for app in context.directory.clients(found) if app.subtype == CHAT_SERVER)
    if clients:
        raise InvalidInput(f"backup: Chat Servers are connected to '{params['backup']}' ({', '.join(clients)}); a Chat Server is connected to the primary of "
                           "its pair, so connect them to another UCS first")
    return [desired]


def chat_server_groups(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """The division of Chat Servers over UCS pairs that exist or are given."""
    pairs = []
    for number, item in enumerate(params["pairs"]):
        if not item.get("primary") or not item.get("backup"):
            raise InvalidInput(f"pairs[{number}]: primary and backup are needed; UCS are configured in pairs, so their number must be even")
        pairs.append((item["primary"], item["backup"]))
    require_distinct(pairs, "pairs")
    wanted = [pair(context, primary, backup, params["redundancy_type"], "pairs") for primary, backup in pairs]
    names = params["chat_servers"]
    if names is None:
        names = primary_chat_servers(context)
    _require_once(names, "chat_servers")
    for name, primary in (params["pins"] or {}).items():
        if name not in names:
            raise InvalidInput(f"pins: '{name}' is not one of the Chat Servers{suggestion(name, names)}")
        if isinstance(primary, (list, dict)):
            raise InvalidInput(f"pins: '{name}' must be a single value, got {type(primary).__name__}; give the name of one primary")
    addp = dict.fromkeys(names, params["addp"])
    return wanted + connect_groups(context, names, [primary for primary, _backup in pairs], params["pins"] or {}, addp,
                                   "chat_server_groups", [backup for _primary, backup in pairs])


def _require_once(names: list[str], where: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"{where}: '{twice[0]}' is named twice")


def _servers(draft: Draft) -> list[Desired]:
    """Take the pairs over as (primary, backup); backup is None for a single UCS."""
    part = draft.description.get("contact_servers") or {}
    if part.get("pairs") and part.get("single"):
        raise InvalidInput("contact_servers: give either pairs or single, not both")
    pairs: list[tuple[str, str | None]] = []
    wanted: list[Desired] = []

    def one(item: Any, where: str) -> str:
        name, desired = draft.server(item, part.get("defaults"), CONTACT_SERVER, where, "contact_servers")
        wanted.extend(desired)
        return name

    for number, members in enumerate(part.get("pairs") or ()):
        where = f"contact_servers.pairs[{number}]"
        for role in ("primary", "backup"):
            if not members.get(role):
                raise InvalidInput(f"{where}: {role} is missing; UCS are configured in pairs, so their number must be even")
        pairs.append((one(members["primary"], f"{where}.primary"), one(members["backup"], f"{where}.backup")))
    if part.get("single"):
        pairs.append((one(part["single"], "contact_servers.single"), None))
    require_distinct(pairs, "contact_servers.pairs")
    draft.known["pairs"] = pairs
    return wanted


def _pairs(draft: Draft) -> list[Desired]:
    redundancy_type = (draft.description.get("contact_servers") or {}).get("redundancy_type")
    return [pair(draft.context, primary, backup, redundancy_type, "contact_servers") for primary, backup in draft.known["pairs"] if backup]


def _adopt(adoption: Adoption) -> None:
    """Describe the pairs whose primaries the Chat Servers use, if all of them use one."""
    description, directory = adoption.description, adoption.directory
    primaries = sorted({spec["contact_server"] for spec in adopted_chat_servers(adoption) if spec.get("contact_server")})
    pairs, types, single = [], set(), []
    for name in primaries:
        leaves = directory.require("CfgApplication", name, "contact_servers").leaves(directory, ("backup", "redundancy_type"))
        if leaves["backup",]:
            pairs.append({"primary": name, "backup": leaves["backup",]})
            types.add(leaves["redundancy_type",])
        else:
            single.append(name)
    if not pairs:
        return  # each Chat Server names its UCS
    trial = dict(description, contact_servers={"pairs": pairs, "redundancy_type": sorted(types)[0]})
    obstacle = _obstacle(adopted_chat_servers(adoption), single, types) or adoption.obstacle(trial)
    if obstacle:
        for members in pairs:
            adoption.leave_out(members["primary"], f"its pair with '{members['backup']}' is not described: {obstacle}", "contact_servers")
        return
    free = [{key: value for key, value in spec.items() if key != "contact_server"} for spec in adopted_chat_servers(adoption)]
    description.update(trial)
    if adoption.plans_nothing(dict(trial, chat_servers=free)):
        description["chat_servers"] = free


def _obstacle(specs: Iterable[Mapping[str, Any]], single: Collection[str], types: Collection[str]) -> str:
    """Return why the pairs can't be described as a whole, or ''.  specs: of the Chat Servers."""
    without = [spec["name"] for spec in specs if not spec.get("contact_server")]
    if without:
        return f"these Chat Servers have no UCS that can be described: {', '.join(without)}"
    if single:
        return f"there are either pairs or single UCS, and these have no backup: {', '.join(single)}"
    if len(types) > 1:
        return f"the pairs have different redundancy types: {', '.join(sorted(types))}"
    return "".join(f"a description has no word for the redundancy type {name}" for name in types if name.startswith("CFG"))


def _installed(description: Mapping[str, Any]) -> list[str]:
    part = description.get("contact_servers") or {}
    members = [members[key] for members in part.get("pairs") or () for key in ("primary", "backup")]
    return described(members + ([part["single"]] if part.get("single") else []))


def _around(directory: Directory) -> dict[str, list[str]]:
    """All UCS, of the description or not."""
    return {"contact_servers": sorted(app.name for app in directory.all("CfgApplication") + directory.planned("CfgApplication")
                                      if app.subtype == CONTACT_SERVER)}


PART = Part(
    "contact_servers",
    fields=(Field("contact_servers", "dict", "The Universal Contact Servers. There are as many groups of Chat Servers as pairs; their sizes differ by "
                  "at most one, and no Chat Server is moved without need.", fields=CONTACT_SERVERS),),
    place=50,
    rules={"objects": _servers, "servers": _pairs, "connections": lambda draft: draft.own_connections("contact_servers")},
    adopt=_adopt, adopt_place=20,
    role="contact_server", start=1, installed=_installed, around=_around, types=(CONTACT_SERVER,),
)
