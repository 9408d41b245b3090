# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rolling upgrade, as its role needs it: who asks whom, what the hosts' answers mean, and the report."""

from __future__ import annotations

from ansible_collections.genesys_engage.chat.plugins.filter.run import given
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import report as upgrade_report
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import rolling


class Crew:
    """The hosts of one Configuration Server in a run.

    facts: hostvars.  objects: inventory name -> Host object.  present: inventory names that can still be reached.
    """

    def __init__(self, facts, objects, present):
        self.facts = facts
        self.objects = objects
        self.present = [name for name in objects if name in present]

    def lost(self, plan):
        """Return the Host objects of the plan whose host can't be reached any more."""
        there = {self.objects[name] for name in self.present}
        return [host for host in plan["hosts"] if host not in there]

    def looks(self, *more):
        """Return what the hosts have seen last; more: looks of the configuration host."""
        return [self.facts[name]["rolling_upgrade_look"] for name in self.present if "rolling_upgrade_look" in self.facts[name]] + list(more)

    def blind(self, plan):
        """Return the Host objects of the plan whose host can be reached, and has seen nothing."""
        return [self.objects[name] for name in self.present if self.objects[name] in plan["hosts"] and not self.facts[name].get("rolling_upgrade_look")]

    def outcomes(self):
        """Return what came of each member, as far as the hosts could do anything."""
        return {name: outcome for host in self.objects for name, outcome in self.facts[host].get("rolling_upgrade_outcome", {}).items()}


def upgrade_crew(names, hostvars, configuration_host, default_host):
    """Return inventory name -> Host object of the hosts that belong to a configuration host."""
    return {
        name: given(hostvars[name].get("genesys_host"), name) for name in names
        if given(hostvars[name].get("genesys_configuration_host"), default_host) == configuration_host
    }


def upgrade_asked(plan, host=None, systemd_hosts=()):
    """Return the names of the applications whose status is asked: on a host, or of Solution Control Server for all others.

    host: a Host object.  systemd_hosts: the Host objects whose applications are started and stopped by systemd.
    """
    names = {item["name"]: item["host"] for item in plan["members"] + plan["chat_servers"]}
    return [name for name, where in names.items() if (where == host if host else where not in systemd_hosts)]


def upgrade_ports(plan, host, names=None):
    """Return the ports that a host tries: those of the servers on it, and where its Chat Servers reach the UCS of their pairs.

    names: only of these servers.
    """
    ports = [
        {"name": item["name"], "id": port_id, "address": item["address"], "port": number}
        for item in plan["members"] if item["host"] == host for port_id, number in sorted(item["ports"].items())
    ]
    if plan["role"] == "contact_server":
        for item in plan["chat_servers"]:
            reached = [server for pair in item["contact_servers"] for server in (pair["primary"], pair["backup"]) if server]
            ports += [dict(server, id="seen from %s" % host) for server in reached if item["host"] == host]
    unique = {(port["name"], port["id"], port["address"], port["port"]): port for port in ports}
    return [port for port in unique.values() if names is None or port["name"] in names]


def upgrade_connections(plan, host, names=None):
    """Return {name, directory, log, primary, backup} for each Chat Server on a host: where to see to which UCS it is connected.

    names: only Chat Servers whose primary is one of these.
    """
    found = []
    for item in plan["chat_servers"]:
        for pair in item["contact_servers"][:1]:
            if item["host"] == host and (names is None or pair["primary"]["name"] in names):
                found.append({"name": item["name"], "directory": item["install_path"], "log": item["log_file"], **pair})
    return found


def upgrade_members(plan, host, names, judgement=None):
    """Return those members of a plan on a host that have one of the names.

    judgement: of upgrade_judgement; with it each has its "rollback_version", the one that it had before, None if that is not known.
    """
    members = [item for item in plan["members"] if item["host"] == host and item["name"] in names]
    return [dict(item, rollback_version=judgement["members"][item["name"]]["before"]) for item in members] if judgement else members


def upgrade_judgement(plan, hostvars, objects, present, look, continued=False, back=False):
    """Return whether and how the upgrade may begin, see rolling.judge; look: that of the configuration host."""
    crew = Crew(hostvars, objects, present)
    return rolling.judge(plan, crew.looks(look), crew.lost(plan), continued, back)


def upgrade_gate(plan, judgement, step, hostvars, objects, present, look):
    """Return why a step must not be done now, see rolling.gate; a host that has not looked holds it up."""
    crew = Crew(hostvars, objects, present)
    blind = {"complaints": ["Host '%s' has not looked, so that nothing is known of it." % host for host in crew.blind(plan)]}
    return rolling.gate(plan, judgement, step, crew.looks(look, blind), crew.lost(plan), crew.outcomes())


def upgrade_mishaps(plan, judgement, step, hostvars, objects, present):
    """Return why the upgrade must not go on after a step, see rolling.collected and rolling.switched."""
    crew = Crew(hostvars, objects, present)
    if step["kind"] == "switch":
        return rolling.switched(plan, judgement, step, crew.looks(), crew.lost(plan))
    return rolling.collected(step, crew.outcomes(), crew.lost(plan), plan)


def upgrade_corrections(plan, judgement, hostvars, objects, present, configured):
    """Return {name, version} for each member of which the Configuration Server has another version than the one that is installed.

    configured: applications as application_info returns them.
    """
    crew = Crew(hostvars, objects, present)
    versions = {item["name"]: item["version"] for item in configured}
    return upgrade_report.corrections(plan, judgement, crew.outcomes(), crew.lost(plan), versions)


def upgrade_account(plan, judgement, hostvars, objects, present, flow):
    """Return the report of an upgrade as data, see upgrade_report.account."""
    crew = Crew(hostvars, objects, present)
    return upgrade_report.account(plan, judgement, crew.outcomes(), crew.looks(), crew.lost(plan), flow)


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {
            "upgrade_crew": upgrade_crew,
            "upgrade_asked": upgrade_asked,
            "upgrade_ports": upgrade_ports,
            "upgrade_connections": upgrade_connections,
            "upgrade_members": upgrade_members,
            "upgrade_judgement": upgrade_judgement,
            "upgrade_gate": upgrade_gate,
            "upgrade_mishaps": upgrade_mishaps,
            "upgrade_error": rolling.error_of,
            "upgrade_may_stop_hard": rolling.may_stop_hard,
            "upgrade_outcome": rolling.outcome_of,
            "upgrade_corrections": upgrade_corrections,
            "upgrade_account": upgrade_account,
            "upgrade_markdown": upgrade_report.markdown,
            "upgrade_failure": upgrade_report.failure,
        }
