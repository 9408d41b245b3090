# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The classes of objects that the collection knows in the user's words, each as a table of fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from . import fields as f
from .capacity_annex import CapacityField
from .errors import InvalidInput
from .people import RoleMembers, RuleReference
from .shapes import Leaves, Path, Raw

if TYPE_CHECKING:
    from .directory import Directory

_PROPERTIES = f.Properties()

#: The tenant of an object, as a plain property.  Source: G1
TENANT_PROPERTY = ("properties", "tenantdbid")


class ObjectType:
    """A class of configuration objects.

    Args:
        kind: the class on the wire.
        word: what administrators call it.
        fields: name -> field.
        immutable: fields that the Configuration Server takes only at create (Source: G5).
        name_key: raw key of the name.
        in_tenant: names are unique within a tenant only.
        views: name -> further field, for what is decoded only where it is asked for.
    """

    def __init__(
        self, kind: str, word: str, fields: Mapping[str, f.Field], immutable: Iterable[str] = (), name_key: str = "name", in_tenant: bool = False,
        views: Mapping[str, f.Field] | None = None,
    ) -> None:
        self.kind = kind
        self.word = word
        self.fields = fields
        self.immutable = immutable
        self.name_key = name_key
        self.in_tenant = in_tenant
        self.views = views or {}

    def field(self, name: str) -> f.Field:
        """Return the field of that name; every class has 'properties', the plain ones as the wire names them."""
        return _PROPERTIES if name == "properties" else self.views[name] if name in self.views else self.fields[name]

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of all that can be asked for."""
        return (*self.fields, *self.views, "properties")

    def is_plain(self, key: str) -> bool:
        """Return whether a property can be given by its name on the wire: neither what makes the object that object, nor a list."""
        return key not in ("dbid", "type", self.name_key, "options", "userproperties")

    def field_of(self, path: Path) -> Path:
        """Return the path of the field that a plain property is: ("host",) for ("properties", "hostdbid"). Any other path stays as it is."""
        known = {field.key: name for name, field in self.fields.items() if isinstance(field, f.Scalar)} if path[0] == "properties" else {}
        return (known[path[1]],) if path[1:] and path[1] in known else path

    def decode(self, raw: Raw, directory: Directory, only: Iterable[str] | None = None) -> Leaves:
        """Return the leaves of a raw object, path -> value; only: the field names wanted, or None for the table's."""
        leaves = {}
        for name in self.fields if only is None else only:
            for leaf, value in self.field(name).decode(raw, directory).items():
                leaves[(name,) + leaf] = value
        return leaves

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        """Write "edits" (path -> new value, None removes) into the raw object, in place."""
        by_field = {}
        for path, value in edits.items():
            by_field.setdefault(path[0], {})[path[1:]] = value
        for name, part in by_field.items():
            self.field(name).encode(raw, part, directory)

    def references(self, path: Path, value: Any) -> Iterable[tuple[str, str]]:
        """Return the (class, name) pairs that a leaf refers to."""
        return self.field(path[0]).references(path[1:], value)


_STATE = f.Choice("state", {"enabled": "CFGEnabled", "disabled": "CFGDisabled"})

APPLICATION = ObjectType("CfgApplication", "application", {
    "application_template": f.Reference("appprototypedbid", "CfgAppPrototype"),
    "type": f.Scalar("subtype"),
    "version": f.Scalar("version"),
    "folder": f.Folder("folderid"),
    "host": f.Reference("hostdbid", "CfgHost"),
    "tenants": f.Tenants(),
    "ports": f.Ports(),
    "connections": f.Connections(),
    "backup": f.Reference("backupserverdbid", "CfgApplication"),
    "redundancy_type": f.Choice("redundancytype", f.REDUNDANCY_TYPES),
    "startup_timeout": f.Number("startuptimeout"),
    "shutdown_timeout": f.Number("shutdowntimeout"),
    "reconnect_timeout": f.Number("timeout"),
    "reconnect_attempts": f.Number("attempts"),
    "auto_restart": f.Flag("autorestart"),
    "working_directory": f.Scalar("workdirectory"),
    "command_line": f.Scalar("commandline"),
    "command_line_arguments": f.Scalar("commandlinearguments"),
    "options": f.Options("options"),
    "annex": f.Options("userproperties"),
    "enabled": _STATE,
}, immutable=("application_template", "type"))

SCRIPT = ObjectType("CfgScript", "script", {
    "type": f.Scalar("subtype"),
    "tenant": f.Reference("tenantdbid", "CfgTenant"),
    "folder": f.Folder("folderid"),
    "annex": f.Options("userproperties"),
    "enabled": _STATE,
}, immutable=("type", "tenant"), in_tenant=True, views={"capacity": CapacityField()})

HOST = ObjectType("CfgHost", "host", {
    "type": f.Scalar("subtype"),
    "address": f.Scalar("ipaddress"),
    "operating_system": f.Scalar("ostype"),
    "lca_port": f.Number("lcaport"),
    "folder": f.Folder("folderid"),
    "annex": f.Options("userproperties"),
    "enabled": _STATE,
}, immutable=("type",))

TEMPLATE = ObjectType("CfgAppPrototype", "application template", {
    "type": f.Scalar("subtype"),
    "version": f.Scalar("version"),
    "folder": f.Folder("folderid"),
    "options": f.Options("options"),
    "annex": f.Options("userproperties"),
    "enabled": _STATE,
}, immutable=("type", "version"))

_GENERIC = {"folder": f.Folder("folderid"), "options": f.Options("options"), "annex": f.Options("userproperties")}

TENANT = ObjectType("CfgTenant", "tenant", _GENERIC, views={"capacity_rule": RuleReference("defaultcapacityruledbid")})

_KNOWN = {known.kind: known for known in (APPLICATION, SCRIPT, HOST, TEMPLATE, TENANT)}

#: Classes whose objects are told apart by another property than a name.  Source: G1
_NAME_KEYS = {"CfgPerson": "username", "CfgAgentLogin": "logincode", "CfgDN": "number"}

#: Classes whose names are unique only within a tenant, as far as it is known; of roles it is inferred.  Source: G5
_IN_TENANT = ("CfgEnumerator", "CfgRole", "CfgAgentGroup", "CfgPlace", "CfgPlaceGroup", "CfgSkill", "CfgTransaction",
              "CfgFilter", "CfgCampaign", "CfgCallingList", "CfgActionCode", "CfgSwitch")

#: What administrators call the objects of some of these classes, and what is asked of them by name.  Source: G1, PSDK, GOIDX
_WORDS = {"CfgPerson": "person", "CfgAgentGroup": "agent group", "CfgPlace": "place", "CfgRole": "role"}
_VIEWS: dict[str, dict[str, f.Field]] = {
    **{kind: {"capacity_rule": RuleReference("capacityruledbid")} for kind in ("CfgPerson", "CfgAgentGroup", "CfgPlace")},
    "CfgRole": {"persons": RoleMembers("CfgPerson"), "agent_groups": RoleMembers("CfgAgentGroup")},
}


def is_kind(kind: str) -> bool:
    """Return whether a text can be the name of a class, such as CfgHost."""
    return kind.startswith("Cfg") and kind[3:].isalnum()


def is_described(kind: str) -> bool:
    """Return whether a class has a table of fields of its own; of any other one the plain properties are told as they are."""
    return kind in _KNOWN


def object_type(kind: str) -> ObjectType:
    """Return the ObjectType of a class name such as CfgHost; raises InvalidInput for anything else."""
    if kind in _KNOWN:
        return _KNOWN[kind]
    if not is_kind(kind):
        raise InvalidInput(f"type must be the name of a configuration class such as CfgApplication, got '{kind}'")
    return _other_type(kind)


@cache
def _other_type(kind: str) -> ObjectType:
    name_key = _NAME_KEYS.get(kind, "name")
    return ObjectType(kind, _WORDS.get(kind, kind), _GENERIC, name_key=name_key, in_tenant=kind in _IN_TENANT, views=_VIEWS.get(kind))
