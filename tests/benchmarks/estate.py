# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A chat solution of any size, as a description for ``chat_solution`` and as a plain list of objects for everything else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.packages.templates import PLACEHOLDER_SECTION
from sandbox.testing import Sandbox

CHAT_TEMPLATE = "Chat Server 8.5.3"
CONTACT_TEMPLATE = "Universal Contact Server 9.1"
INTERACTION_TEMPLATE = "Interaction Server 8.5.2"
GMS_TEMPLATE = "Genesys Mobile Services 8.5.2"
CHAT_PORTS = {"default": 4580, "webapi": 4581, "ESP": 4582, "health": 4583}
ADDP = {"local_timeout": 10, "remote_timeout": 10, "trace": "both"}
ADDP_FIELDS = {"connprotocol": "addp", "timoutlocal": "10", "timoutremote": "10", "mode": "CFGTMBoth"}
ENDPOINTS = {"default": "Chat_In", "webme": "Webengagement_Chat"}
#: What the template does not have: one option for all Chat Servers, one for each.
SETTINGS = {"limits-control-enabled": "true"}


@dataclass(frozen=True)
class Estate:
    """Servers by number: Chat Servers, UCS pairs, Interaction Servers, GMS nodes. Each runs on a host of its own."""

    chat_servers: int = 200
    pairs: int = 50
    interaction_servers: int = 10
    gms: int = 4

    @property
    def objects(self) -> int:
        """Number of objects that a first run creates: applications and queues."""
        return self.chat_servers + 2 * self.pairs + self.interaction_servers + self.gms + len(ENDPOINTS)

    def names(self, kind: str, count: int) -> list[str]:
        """Return the names of the servers of a kind; their order by name is that by number."""
        return [f"{kind}_{number:04d}" for number in range(1, count + 1)]

    @property
    def chat_names(self) -> list[str]:
        """Names of the Chat Servers."""
        return self.names("ChatServer", self.chat_servers)

    @property
    def pair_names(self) -> list[tuple[str, str]]:
        """Names of the UCS: (primary, backup)."""
        return list(zip(self.names("UCS_A", self.pairs), self.names("UCS_B", self.pairs)))

    @property
    def interaction_names(self) -> list[str]:
        """Names of the Interaction Servers."""
        return self.names("IXN", self.interaction_servers)

    @property
    def gms_names(self) -> list[str]:
        """Names of the GMS nodes."""
        return self.names("GMS", self.gms)

    def hosts(self) -> list[str]:
        """Return the names of all hosts."""
        servers = [*self.chat_names, *(name for pair in self.pair_names for name in pair), *self.interaction_names, *self.gms_names]
        return [host_of(name) for name in servers]

    def description(self) -> dict[str, Any]:
        """Return the description that chat_solution takes."""
        return {
            "tenant": "Environment",
            "addp": ADDP,
            "interaction_queues": list(ENDPOINTS.values()),
            "interaction_server_defaults": {"application_template": INTERACTION_TEMPLATE, "ports": {"default": 4420}},
            "interaction_servers": [{"name": name, "host": host_of(name)} for name in self.interaction_names],
            "gms_defaults": {"application_template": GMS_TEMPLATE, "ports": {"default": 8080}},
            "gms": [{"name": name, "host": host_of(name)} for name in self.gms_names],
            "chat_server_defaults": {
                "application_template": CHAT_TEMPLATE,
                "ports": CHAT_PORTS,
                "endpoints": ENDPOINTS,
                "options": {"settings": SETTINGS},
            },
            "chat_servers": [{"name": name, "host": host_of(name), "options": {"log": {"all": name}}} for name in self.chat_names],
            "contact_servers": {
                "defaults": {"application_template": CONTACT_TEMPLATE, "ports": {"default": 7100}},
                "pairs": [
                    {"primary": {"name": primary, "host": host_of(primary)}, "backup": {"name": backup, "host": host_of(backup)}}
                    for primary, backup in self.pair_names
                ],
            },
            "message_server": "MessageServer",
            "configuration_server": "confserv",
        }

    def applications(self) -> list[dict[str, Any]]:
        """Return the same applications one by one, everything spelled out, those first to which others refer.

        What can't be referred to at once is in ``late``: connections to servers that come later, and backups.
        """
        webapi = [_link(chat, "webapi", addp=False) for chat in self.chat_names]
        esp = [_link(chat, "ESP") for chat in self.chat_names]
        gms = [_application(name, GMS_TEMPLATE, {"default": 8080}, late=webapi) for name in self.gms_names]
        ixn = [_application(name, INTERACTION_TEMPLATE, {"default": 4420}, late=esp) for name in self.interaction_names]
        ucs = []
        for primary, backup in self.pair_names:
            ucs += [_application(primary, CONTACT_TEMPLATE, {"default": 7100}, backup=backup), _application(backup, CONTACT_TEMPLATE, {"default": 7100})]
        return [*gms, *ixn, *ucs, *(self.chat_server(number) for number in range(self.chat_servers))]

    def chat_server(self, number: int) -> dict[str, Any]:
        """Return one Chat Server, counted from 0, everything spelled out."""
        name = self.chat_names[number]
        # In order of their names, the Chat Servers fill the groups of the pairs one after the other: the first groups are the larger ones.
        size, larger = divmod(self.chat_servers, self.pairs)
        group = number // (size + 1) if number < larger * (size + 1) else larger + (number - larger * (size + 1)) // size
        servers = [*self.interaction_names, self.pair_names[group][0], "confserv", "MessageServer"]
        options = {"endpoints:1": ENDPOINTS, "settings": SETTINGS, "log": {"all": name}}
        return _application(name, CHAT_TEMPLATE, CHAT_PORTS, options, [_link(server, "default") for server in servers])


def host_of(name: str) -> str:
    """Return the name of an application's host."""
    return name.lower().replace("_", "-")


def _link(server: str, port: str, addp: bool = True) -> dict[str, Any]:
    return {"server": server, "port": port, "fields": ADDP_FIELDS if addp else {"connprotocol": ""}}


def _application(
    name: str,
    template: str,
    ports: dict[str, int],
    options: dict[str, dict[str, str]] | None = None,
    links: list[dict[str, Any]] | None = None,
    late: list[dict[str, Any]] | None = None,
    backup: str = "",
) -> dict[str, Any]:
    return {
        "name": name,
        "template": template,
        "host": host_of(name),
        "ports": {port: str(number) for port, number in ports.items()},
        "options": options or {},
        "without_section": PLACEHOLDER_SECTION,
        "links": links or [],
        "late": late or [],
        "backup": backup,
    }


def build_hosts(sandbox: Sandbox, names: list[str]) -> dict[str, Any]:
    """Give the sandbox a new database that also has these hosts; return the database."""
    sandbox.reset()
    add_objects(sandbox, "CfgHost", "chat1", [{"name": name} for name in names])
    return sandbox.database()


def add_objects(sandbox: Sandbox, class_name: str, pattern: str, changes: list[dict[str, Any]]) -> None:
    """Add copies of an object, each with its changes, all at once and past the rules: thousands of creates would take minutes."""
    database = sandbox.database()
    model = sandbox.object(class_name, pattern)
    assert model is not None, f"there is no {class_name} '{pattern}'"
    last = database["last_dbid"][class_name]
    copies = [{**model, **change, "dbid": str(last + number)} for number, change in enumerate(changes, 1)]
    database["objects"][class_name] += copies
    database["last_dbid"][class_name] = last + len(copies)
    sandbox.restore(database)
