# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of a description is, and what the parts have of a solution while it is planned."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._config.desired import Desired, merged
from .._config.directory import ConfigObject, Directory
from .._config.errors import InvalidInput
from .application import APPLICATION, application, connect_listed
from .arguments import named, overlaid
from .context import Context
from .described_once import require_name
from .field import Field
from .finding import Finding

if TYPE_CHECKING:
    from .adopt import Adoption
    from .removal import Removal

#: What a rule makes, in the order in which an administrator would make it; within one of them the parts go by their places.
#: objects: what others refer to.  servers: pairs, and the Chat Servers.  connections: those that described servers name themselves.
#: clients: connections to the Chat Servers.  channels: what is built on all of these.
STAGES = ("objects", "servers", "connections", "clients", "channels")


class Part:
    """One part of a description.

    Args:
        name: for people.
        place: in the order of creation. A removal goes the other way round.
        fields: those at the top of a description.
        rules: stage -> function (draft) -> list of Desired: what must be true.
        kinds: function (description) -> classes of objects that planning reads beside those of every solution.
        adopt: function (adoption) that adds the part to adoption.description, or reports what is left out.
        adopt_place: its place in the order of adoption.
        say_once: function (description) -> description, in which what several members have in common is said once.
        role: of the applications that the part installs, '' for none.
        start: their place in the order of starting.
        installed: function (description) -> names of the applications to install.
        facts: what the running applications are compared with: name of the fact -> function (context, name, wanted) -> list.
            wanted: name -> Desired.
        around: function (directory) -> what the running system has beyond the description.
        findings: function (context, description, wanted) -> list of Finding: what a person should know of the system as it is, or will be.
        types: of the applications that are the part's, () for any.
        serves: function (directory, application) -> whether an existing application plays the part's role; by its type unless said otherwise.
        removal: function (removal) -> list of Desired: what goes beside the applications in "installed" and the connections to them, when a whole
            description is removed (removal.py): options that the part has written into applications that stay, and objects that it describes.
            What stays though it is described is told by removal.stay.
        clients: function (removal) -> names of applications that the description does not mention, and whose connections the part has made.
    """

    def __init__(self, name: str, place: int, fields: Iterable[Field] = (), rules: Mapping[str, Callable[[Draft], list[Desired]]] | None = None,
                 kinds: Callable[[Mapping[str, Any]], Iterable[str]] | None = None, adopt: Callable[[Adoption], None] | None = None,
                 adopt_place: int = 0, say_once: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None, role: str = "", start: int = 0,
                 installed: Callable[[Mapping[str, Any]], list[str]] | None = None,
                 facts: Mapping[str, Callable[[Context, str, Mapping[str, Desired]], list[Any]]] | None = None,
                 around: Callable[[Directory], dict[str, Any]] | None = None,
                 findings: Callable[[Context, Mapping[str, Any], list[Desired]], list[Finding]] | None = None,
                 types: Collection[str] = (), removal: Callable[[Removal], list[Desired]] | None = None,
                 clients: Callable[[Removal], Iterable[str]] | None = None,
                 serves: Callable[[Directory, ConfigObject], bool] | None = None) -> None:
        self.name = name
        self.place = place
        self.fields = fields
        self.rules = rules or {}
        self.kinds = kinds or (lambda description: ())
        self.adopt = adopt
        self.adopt_place = adopt_place
        self.say_once = say_once
        self.role = role
        self.start = start
        self.installed = installed or (lambda description: [])
        self.facts = facts or {}
        self.around = around or (lambda directory: {})
        self.findings = findings or (lambda context, description, wanted: [])
        self.types = types
        self.removal = removal
        self.clients = clients
        self.serves = serves or (lambda directory, app: app.subtype in types)


class Draft:
    """A solution while it is planned. known: what parts tell others, by a word of theirs (names of servers, for instance)."""

    def __init__(self, context: Context, description: Mapping[str, Any]) -> None:
        self.context = context
        self.description = description
        self.tenant = description["tenant"]
        self.wanted = []
        self.known = {}
        self._described = {}

    def given(self, key: str) -> Sequence[Any]:
        """Return the list under a key of the description, [] if it is not there."""
        return self.description.get(key) or ()

    def merged(self) -> list[Desired]:
        """Return what is planned so far, with one Desired for each object."""
        self.wanted = merged(self.wanted)
        return self.wanted

    def server(self, item: Any, defaults: Mapping[str, Any] | None, app_type: str, where: str, part: str) -> tuple[str, list[Desired]]:
        """Return (name, list of Desired) of a server that is named only, or described and then wanted; part: whose server it is."""
        own = named(item, APPLICATION, where)
        if not isinstance(item, dict):
            self.context.application(own["name"], where)
            return own["name"], []
        require_name(own["name"], f"{where}: name", "the application")
        spec = overlaid(defaults, own)
        if not spec.get("tenants") and self.context.directory.find("CfgApplication", spec["name"]) is None:
            spec["tenants"] = [self.tenant]
        self._described.setdefault(part, []).append((spec, where))
        return spec["name"], [application(self.context, spec, where, app_type)]

    def servers(self, key: str, defaults_key: str, app_type: str) -> tuple[list[str], list[Desired]]:
        """Return (names, list of Desired) of the servers under a key; raises InvalidInput for one that is named twice."""
        names, wanted = [], []
        for number, item in enumerate(self.given(key)):
            name, desired = self.server(item, self.description.get(defaults_key), app_type, f"{key}[{number}]", key)
            names.append(name)
            wanted += desired
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidInput(f"{key}: '{twice[0]}' is named twice")
        return names, wanted

    def own_connections(self, part: str) -> list[Desired]:
        """Return the Desired with the connections that the described servers of a part name themselves."""
        wanted = []
        for spec, where in self._described.get(part, ()):
            if spec.get("connections"):
                desired = Desired("CfgApplication", spec["name"])
                connect_listed(self.context, desired, spec["connections"], where)
                wanted.append(desired)
        return wanted


def described(members: Iterable[Any]) -> list[str]:
    """Return the names of those members that are described and not only named: these are installed."""
    return [named(item, APPLICATION, "")["name"] for item in members if isinstance(item, dict)]
