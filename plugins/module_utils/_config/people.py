# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Persons, their groups, places and roles: what is asked of them, and how they refer to capacity rules and to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from . import fields
from .capacity_annex import CAPACITY_RULE
from .errors import DoesNotFit
from .shapes import Leaves, Path, Raw

if TYPE_CHECKING:
    from .directory import ConfigObject, Directory

#: How classes may be written where an object is named by class and DBID: as a type of objects, as a class, as a number.  Source: G1, PSENUM
_SPELLINGS = {"CfgPerson": ("CFGPerson", "CfgPerson", "3"), "CfgAgentGroup": ("CFGAgentGroup", "CfgAgentGroup", "5")}

#: Lists that name no members.  Source: G1
_NO_MEMBERS = ("options", "userproperties", "resources")


def is_agent(person: ConfigObject) -> bool:
    """Return whether a person is an agent.  Source: GOIDX, G1"""
    return person.raw.get("isagent") == "CFGTrue"


def is_enabled(found: ConfigObject) -> bool:
    """Return whether an object is enabled; one that does not say counts so."""
    return found.raw.get("state") in ("CFGEnabled", "", None)


def capacity_rule_dbid(found: ConfigObject) -> int:
    """Return the DBID of the capacity rule of a person, place, group or tenant, 0 for none.  Source: PSDK, MCSH, GOIDX"""
    return fields.number(found.raw.get("defaultcapacityruledbid" if found.kind == "CfgTenant" else "capacityruledbid"))


def place_dbid(person: ConfigObject) -> int:
    """Return the DBID of a person's default place, 0 for none. That a person has one as a plain property is inferred.  Source: GOIDX"""
    return fields.number(person.raw.get("placedbid"))


def agent_dbids(group: ConfigObject) -> list[int]:
    """Return the DBIDs of the agents of a group.  Source: G1"""
    return [fields.number(entry.get("dbid")) for entry in group.list_items("agentdbids", "id")]


def annex_values(found: ConfigObject) -> Leaves:
    """Return the annex as (section, key) -> value."""
    return fields.Options("userproperties").decode(found.raw, None)


def media_types(directory: Directory, tenant: str) -> set[str]:
    """Return the names and display names of the values of the business attribute Media Type, of that tenant or of all; none if there is none.

    Both are taken, since the sources have "chat" as display name and "Chat" as name of the same value.  Source: G5
    """
    attributes = [found for found in directory.all("CfgEnumerator") if found.name == "MediaType"]
    own = [found for found in attributes if found.tenant_dbid == directory.dbid("CfgTenant", tenant)] or attributes
    dbids = {found.dbid for found in own}
    values = [found for found in directory.all("CfgEnumeratorValue") if fields.number(found.raw.get("enumeratordbid")) in dbids] if dbids else []
    return {name for found in values for name in (found.name, fields.text(found.raw.get("displayname"))) if name}


class RuleReference(fields.Reference):
    """A capacity rule, by its name. Only scripts of that type count: a queue in another tenant may have the same name."""

    def __init__(self, key: str) -> None:
        super().__init__(key, "CfgScript")

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        for value in edits.values():
            raw[self.key] = str(rule_dbid(directory, value)) if value else "0"


def rule_dbid(directory: Directory, name: str) -> int:
    """Return the DBID of the capacity rule of that name; raises InvalidInput. Their names are unique in the environment.  Source: CAPGA"""
    if name.startswith("#") and name[1:].isdigit():
        return int(name[1:])
    found = [script for script in directory.named("CfgScript", name) if script.subtype == CAPACITY_RULE]
    if len(found) != 1:
        raise DoesNotFit(f"there {'are ' + str(len(found)) + ' capacity rules' if found else 'is no capacity rule'} named '{name}'")
    return found[0].dbid


def users_of_rule(directory: Directory, dbid: int) -> list[tuple[str, str]]:
    """Return (class, name) of all that refer to a capacity rule. Persons may be many, so the server is asked for those of that rule."""
    users = [found for kind in ("CfgTenant", "CfgAgentGroup", "CfgPlace") for found in directory.all(kind)]
    users += directory.where("CfgPerson", capacityruledbid=str(dbid))
    return [(found.kind, found.name) for found in users if capacity_rule_dbid(found) == dbid]


# -- members of roles ----------------------------------------------------------------------------------------------------


class MemberForm(NamedTuple):
    """How roles name their members, learnt from one that has some.

    key, inner: where the list stands.  dbid, kind: keys of an entry.  spelling: which of _SPELLINGS.  sample: an entry.
    """

    key: str
    inner: str
    dbid: str
    kind: str
    spelling: int
    sample: Raw


def member_form(raw: Raw) -> MemberForm | None:
    """Return how a role names its members, None if it has none from which that can be seen."""
    for key, box in raw.items():
        for inner, items in _lists(box) if key not in _NO_MEMBERS else ():
            form = _form_of(key, inner, items)
            if form is not None:
                return form
    return None


def _lists(box: object) -> Iterator[tuple[str, list[Raw]]]:
    boxes = box.items() if isinstance(box, dict) else [("", box)]
    for inner, items in boxes:
        if isinstance(items, list) and items and all(isinstance(item, dict) for item in items):
            yield str(inner), items


def _form_of(key: str, inner: str, items: list[Raw]) -> MemberForm | None:
    """Return the form of a list, if each of its entries has one property that is a class and one that is a DBID, by its name."""
    item = items[0]
    dbids = [name for name in item if name.lower().endswith("dbid")]
    kinds = [name for name in item if name.lower().endswith("type")]
    if len(dbids) != 1 or len(kinds) != 1:
        return None
    written = fields.text(item[kinds[0]])
    spelling = 0 if written.startswith("CFG") else 1 if written.startswith("Cfg") else 2 if written.isdigit() else None
    return None if spelling is None else MemberForm(key, inner, dbids[0], kinds[0], spelling, item)


def known_form(directory: Directory, own: Raw | None = None) -> MemberForm | None:
    """Return how roles name their members, from that role itself or from any other one; None if no role has any."""
    raws = ([own] if own else []) + [role.raw for role in directory.all("CfgRole")]
    return next((form for form in map(member_form, raws) if form is not None), None)


class RoleMembers(fields.Field):
    """The members of a role that are of one class: a leaf per name, its value True."""

    depth = 1

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def _own(self, raw: Raw, form: MemberForm) -> list[int]:
        spelling = _SPELLINGS[self.kind][form.spelling]
        return [fields.number(entry.get(form.dbid)) for entry in _members(raw, form) if fields.text(entry.get(form.kind)) == spelling]

    def dbids(self, role: ConfigObject) -> list[int]:
        """Return the DBIDs of the members."""
        form = member_form(role.raw)
        return self._own(role.raw, form) if form else []

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        form = member_form(raw)
        dbids = self._own(raw, form) if form else []
        return {(directory.name(self.kind, dbid),): True for dbid in dbids}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        form = known_form(directory, raw)
        if form is None:
            raise DoesNotFit("no role has a member that shows how members are written")
        spelling = _SPELLINGS[self.kind][form.spelling]
        dbids = {directory.dbid(self.kind, leaf[0]): value for leaf, value in edits.items()}
        kept = []
        for entry in _members(raw, form):
            is_own = fields.text(entry.get(form.kind)) == spelling
            if not is_own or dbids.pop(fields.number(entry.get(form.dbid)), True):
                kept.append(entry)
        like = {key: value for key, value in form.sample.items() if not isinstance(value, (dict, list))}
        for dbid, value in dbids.items():
            if value:
                kept.append({**like, form.dbid: _as_in(form.sample[form.dbid], str(dbid)), form.kind: _as_in(form.sample[form.kind], spelling)})
        _put_members(raw, form, kept)

    def coerce(self, value: object, where: str) -> object:
        return bool(value)

    def references(self, leaf: Path, value: object) -> Iterable[tuple[str, str]]:
        return ((self.kind, leaf[0]),)


def _as_in(sample: object, value: str) -> str | int:
    """Return a value as text or as a number, whichever the sample is."""
    return int(value) if isinstance(sample, int) and value.isdigit() else value


def _members(raw: Raw, form: MemberForm) -> list[Raw]:
    return fields.list_items(raw, form.key, form.inner)


def _put_members(raw: Raw, form: MemberForm, entries: list[Raw]) -> None:
    if form.inner or isinstance(raw.get(form.key), dict):
        fields.put_items(raw, form.key, form.inner, entries)
    else:
        raw[form.key] = entries
