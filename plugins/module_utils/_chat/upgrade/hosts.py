# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an upgrade: what each of them looks at, and what they have registered.

What a host has found is in its variables, where the tasks of the role rolling_upgrade have registered it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

#: Variables of hosts: the last look, where an attempt stands, why it failed, and why bringing back failed, too.
LOOK, MARK, FAILURE, SECOND_FAILURE = "rolling_upgrade_look", "rolling_upgrade_mark", "rolling_upgrade_failure", "rolling_upgrade_second_failure"

#: Variables that say how a host's applications are started and stopped. Only hosts with the same values can be served by one call.
WAY_TO_CONTROL = (
    "genesys_control_host", "genesys_configuration_host", "mlcmd_path", "mlcmd_commands", "mlcmd_client_application", "confserv_host", "confserv_port",
    "confserv_username", "confserv_password", "scs_host", "scs_port", "genesys_accept_service_unavailable", "application_accept_service_unavailable",
    "application_client_application", "application_configuration_host", "application_confserv_host", "application_confserv_password",
    "application_confserv_port", "application_confserv_username", "application_control_host", "application_mlcmd", "application_mlcmd_commands",
    "application_patience", "application_scs_host", "application_scs_port", "application_unseen_start_timeout",
)

#: What the role package has registered: the comparison with a package, and with a backup.
PACKAGES, BACKUPS = "package_result", "package_rolled_back"


def belonging(names: Iterable[str], hostvars: Mapping[str, Any], configuration_host: str, default_host: str) -> dict[str, str]:
    """Return inventory name -> Host object of the hosts that belong to a configuration host."""
    found = {}
    for name in names:
        variables = hostvars[name]
        if _given(variables.get("genesys_configuration_host"), default_host) == configuration_host:
            found[name] = _given(variables.get("genesys_host"), name)
    return found


def _given(value: Any, default: Any) -> Any:
    """Return a variable's value; what is empty counts as not given."""
    return default if value is None or (isinstance(value, str) and not value.strip()) else value


class Hosts:
    """The hosts of one Configuration Server in a run.

    facts: hostvars.  objects: inventory name -> Host object.  present: inventory names that can still be reached.
    """

    def __init__(self, facts: Mapping[str, Any], objects: Mapping[str, str], present: Iterable[str]) -> None:
        self.facts = facts
        self.objects = dict(objects)
        reached = set(present)
        self.present = [name for name in self.objects if name in reached]

    def lost(self, plan: Mapping[str, Any]) -> list[str]:
        """Return the Host objects of the plan whose host can't be reached any more."""
        there = {self.objects[name] for name in self.present}
        return [host for host in plan["hosts"] if host not in there]

    def of_systemd(self) -> list[str]:
        """Return the Host objects on which systemd starts and stops the applications."""
        return [host for name, host in self.objects.items() if _given(self.facts[name].get("genesys_control"), "") == "systemd"]

    # -- what they look at -----------------------------------------------------------------------------------------------

    def to_look(self, plan: Mapping[str, Any], names: Iterable[str], since: Mapping[str, Any] | None = None, connections: bool = False,
                installed: bool = False) -> dict[str, dict[str, Any]]:
        """Return inventory name -> what a host looks at, in the words of upgrade_look_info; without those that look at nothing.

        A port that a Chat Server's host tries is not tried once more from its own host: a server that its clients reach is there.
        names: of the servers that are of interest.  since: Chat Server -> time of its log from which on reconnects are counted.
        connections: also to which UCS the Chat Servers are connected.  installed: the versions on the host, and only the ports of its own servers.
        """
        wanted, systemd = set(names), self.of_systemd()
        reached = set() if installed else {port for name in self.present for port in reached_from(plan, self.objects[name])}
        found = {}
        for name, host in self.objects.items():
            ports = [port for port in own_ports(plan, host) if (port["name"], port["port"]) not in reached]
            ports += [] if installed else ports_of_clients(plan, host)
            ports = [port for port in ports if port["name"] in wanted]
            look = {
                "applications": [item["name"] for item in servers(plan) if item["host"] == host] if host in systemd else [],
                "ports": ports,
                "chat_servers": watched(plan, host, since=since) if connections else [],
                "installed": [{"name": item["name"], "path": item["install_path"]} for item in plan["members"] if item["host"] == host] if installed else [],
            }
            if any(look.values()):
                found[name] = look
        return found

    def to_watch(self, plan: Mapping[str, Any], names: Iterable[str], since: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Return inventory name -> a look at the Chat Servers on it whose primary has one of the names; without hosts that have none."""
        wanted = set(names)
        looks = {name: watched(plan, host, wanted, since) for name, host in self.objects.items()}
        return {name: {"applications": [], "ports": [], "chat_servers": found, "installed": []} for name, found in looks.items() if found}

    def members(self, plan: Mapping[str, Any], names: Iterable[str], judgement: Mapping[str, Any] | None = None) -> dict[str, list[dict[str, Any]]]:
        """Return inventory name -> the members with one of the names on it; without hosts that have none.

        judgement: of rolling.judge; with it each has its "rollback_version", the one that it had before, None if that is not known.
        """
        wanted = set(names)
        found: dict[str, list[dict[str, Any]]] = {}
        for name, host in self.objects.items():
            mine = [item for item in plan["members"] if item["host"] == host and item["name"] in wanted]
            if judgement:
                mine = [dict(item, rollback_version=judgement["members"][item["name"]]["before"]) for item in mine]
            if mine:
                found[name] = mine
        return found

    def together(self, members: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
        """Return who gives the commands to start and stop: {leaders: inventory name -> that of its leader, led: leader -> members}.

        Hosts that reach Solution Control Server in the same way have one leader, so that one call does for all. With systemd each is its own.
        members: inventory name -> its members.  Hosts that can't be reached are left out.
        """
        leaders: dict[str, str] = {}
        led: dict[str, list[dict[str, Any]]] = {}
        first: dict[tuple[str, ...], str] = {}
        systemd = self.of_systemd()
        for name in self.present:
            if name in members:
                way = tuple(str(_given(self.facts[name].get(variable), "")) for variable in WAY_TO_CONTROL)
                leader = name if self.objects[name] in systemd else first.setdefault(way, name)
                leaders[name] = leader
                led.setdefault(leader, []).extend(members[name])
        return {"leaders": leaders, "led": led}

    # -- what they have registered ---------------------------------------------------------------------------------------------

    def looks(self, expected: Iterable[str]) -> list[dict[str, Any]]:
        """Return what hosts have seen last, in the words of rolling.combined_looks; a host that was to look and has not is a complaint.

        expected: inventory names of those that were to look.
        """
        return [look_result(self.facts[name].get(LOOK), f"host '{self.objects[name]}'") for name in self.present if name in set(expected)]

    def packages(self, back: bool) -> list[dict[str, Any]]:
        """Return what the hosts have found about their packages, or about the backups to go back to."""
        return [{"packages": (self.facts[name].get(BACKUPS if back else PACKAGES) or {}).get("results") or []} for name in self.present]

    def attempts(self, attempt: str, members: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
        """Return member -> how far its host got in a step, {stage, at, failure, second_failure}, of all that have told.

        attempt: which step of which run, as in the marks of the hosts.  members: see there; of the step.
        """
        found = {}
        for name, mine in members.items():
            mark, failure, second = (_of(attempt, self.facts[name].get(variable)) for variable in (MARK, FAILURE, SECOND_FAILURE))
            if mark or failure:
                found.update({item["name"]: {"stage": mark.get("stage"), "at": mark.get("at") or (second or failure).get("at"),
                                             "failure": failure, "second_failure": second} for item in mine})
        return found

    def failures(self, attempt: str) -> list[str]:
        """Return what has failed in a step, in words, on the hosts that can be reached. attempt: see attempts."""
        return [failure["text"] for name in self.present for failure in [_of(attempt, self.facts[name].get(FAILURE))] if failure]


def _of(attempt: str, found: Any) -> Mapping[str, Any]:
    """Return what a host has kept, if it is of this attempt and not of an earlier one."""
    return found if isinstance(found, Mapping) and found.get("attempt") == attempt else {}


def look_result(found: Any, where: str) -> dict[str, Any]:
    """Return what upgrade_look_info has returned in the words of rolling.combined_looks. where: who has looked, for the complaint that it has not."""
    if not isinstance(found, Mapping) or found.get("skipped"):
        return {"complaints": [f"{where[:1].upper()}{where[1:]} has not looked, so that nothing is known of it."]}
    if "complaints" not in found:
        text = " ".join(str(found.get("msg") or "no reason was told").split())
        return {"complaints": [f"The look of {where} has failed: {text}"]}
    return {
        "states": list(found["states"]),
        "ports": {"ports": list(found["ports"])},
        "connections": [dict(item, item={"name": item["application"]}) for item in found["connections"]],
        "installed": list(found["installed"]),
        "complaints": list(found["complaints"]),
    }


# --- cuts of the plan ---------------------------------------------------------------------------------------------------


def servers(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the members and the Chat Servers of a plan, each once."""
    return list({item["name"]: item for item in plan["members"] + plan["chat_servers"]}.values())


def own_ports(plan: Mapping[str, Any], host: str) -> list[dict[str, Any]]:
    """Return the ports of the members on a host."""
    return [
        {"name": item["name"], "id": port_id, "address": item["address"], "port": number}
        for item in plan["members"] if item["host"] == host for port_id, number in sorted(item["ports"].items())
    ]


def ports_of_clients(plan: Mapping[str, Any], host: str) -> list[dict[str, Any]]:
    """Return where the Chat Servers on a host reach the UCS of their pairs: it is seen from where it counts whether these answer."""
    if plan["role"] != "contact_server":
        return []
    servers_ = [server for item in plan["chat_servers"] if item["host"] == host for pair in item["contact_servers"]
                for server in (pair["primary"], pair["backup"]) if server]
    ports = [dict(server, id=f"seen from {host}") for server in servers_]
    return list({(port["name"], port["address"], port["port"]): port for port in ports}.values())


def reached_from(plan: Mapping[str, Any], host: str) -> set[tuple[str, int]]:
    """Return (name, port number) of what the Chat Servers on a host need."""
    return {(port["name"], port["port"]) for port in ports_of_clients(plan, host)}


def watched(plan: Mapping[str, Any], host: str, names: Iterable[str] | None = None, since: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return for each Chat Server on a host where to see to which UCS of its pair it is connected; none in an upgrade of Chat Servers.

    names: only Chat Servers whose primary is one of these.  since: see Hosts.to_look.
    """
    if plan["role"] != "contact_server":
        return []
    return [
        {"name": item["name"], "directory": item["install_path"], "log": item["log_file"], "since": (since or {}).get(item["name"]), **pair}
        for item in plan["chat_servers"] if item["host"] == host
        for pair in item["contact_servers"][:1] if names is None or pair["primary"]["name"] in names
    ]
