# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbooks for day two start, stop, restart and remove, in which order, and what forbids it."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.filter.deployment import STAGES, starts
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.nearest import suggestion


def name_list(value):
    """Return names that are given as a list, or as a text with commas or lines, as surveys have it, each once."""
    names = value.replace("\n", ",").split(",") if isinstance(value, str) else [str(name) for name in value or []]
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def not_described(deployment, names, option="chat_applications"):
    """Return a sentence for each name that no application of deployment_info has."""
    known = [item["name"] for item in deployment.get("applications", [])]
    return ["%s: '%s' is not an application that the description describes; those are %s%s" % (option, name, ", ".join(known), suggestion(name, known) or ".")
            for name in names if name not in known]


def chosen(deployment, names, option="chat_applications"):
    """Return those applications of deployment_info that are named, in the order in which they are started; all if none is named."""
    unknown = not_described(deployment, names, option)
    if unknown:
        raise AnsibleFilterError(" ".join(unknown))
    return [item for item in deployment.get("applications", []) if not names or item["name"] in names]


def stops(applications, places):
    """Return {control_host, applications} for each step of a stop through Solution Control Server: clients before their servers.

    applications: of deployment_info.  places: of the filter places.
    """
    return [step for role in reversed(STAGES)
            for step in starts({"applications": [item for item in applications if item["role"] == role and item["dbid"]]}, places)]


def restarts(applications, places):
    """Return the applications one by one in the order of a rolling restart: servers before their clients, backups before their primaries.

    Each with "place", where it is and who controls it. applications: of deployment_info.  places: of the filter places.
    """
    order = sorted(applications, key=lambda item: (STAGES.index(item["role"]), not item.get("primary")))
    return [dict(item, place=places[item["host"]]) for item in order if item["host"] in places]


def restart_problems(deployment, applications, states, accept_lost_sessions=False):
    """Return why a rolling restart would lose chats, as a list of sentences.

    Each Chat Server is stopped while all others run and can restore its sessions.  Source: HA81
    deployment: of deployment_info.  applications: those to restart.  states: name -> status.
    """
    servers = [item for item in deployment.get("applications", []) if item["role"] == "chat_server"]
    mine = [item["name"] for item in applications if item["role"] == "chat_server" and states.get(item["name"]) != "STOPPED"]
    if not mine or accept_lost_sessions:
        return []
    end = "Correct that, or accept that sessions are lost, with chat_accept_lost_sessions=true."
    if len(servers) < 2:
        return ["There is only one Chat Server, '%s'; its sessions could be restored nowhere while it is stopped. %s" % (mine[0], end)]
    problems = []
    down = [item["name"] for item in servers if item["name"] not in mine and states.get(item["name"]) != "RUNNING"]
    if down:
        problems.append("Sessions are restored on another Chat Server, and these do not run: %s." % ", ".join(down))
    lacking = ["'%s' lacks %s" % (item["name"], " and ".join(item["restoration_lacks"])) for item in servers if item.get("restoration_lacks")]
    if lacking:
        problems.append("Sessions can't be restored on another Chat Server: in section settings %s." % "; ".join(lacking))
    return [*problems, end] if problems else []


def removal_problems(names, confirmed, solution):
    """Return why it is not clear what is to be removed, as a list of sentences.

    names: of chat_remove, ["all"] for the whole solution.  confirmed: names of chat_remove_confirm; for the whole solution its tenant.
    """
    if not (solution or {}).get("tenant"):
        return ["Set chat_solution: the description of the chat solution."]
    if not names:
        return ["Say what is to be removed, with -e chat_remove=<names of applications>, or chat_remove=all for everything that the description describes."]
    expected = [solution["tenant"]] if names == ["all"] else names
    what = "everything that the description describes, the name of its tenant" if names == ["all"] else "applications, their names"
    if sorted(confirmed) == sorted(expected):
        return []
    return ["chat_remove_confirm must repeat what is to be removed; to remove %s: -e chat_remove_confirm=%s. Nothing was changed." % (what, ",".join(expected))]


def running(applications, states):
    """Return the names of those applications that are not stopped.  states: name -> status; one without a status has none to run by."""
    return [item["name"] for item in applications if states.get(item["name"], "STOPPED") != "STOPPED"]


def state_map(results):
    """Return name -> status from what application_status_info has returned, once or in a loop."""
    found = {}
    for result in results:
        for item in [*result.get("applications", []), *(one for inner in result.get("results", []) for one in inner.get("applications", []))]:
            found[item["name"]] = item["status"]
    return found


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"name_list": name_list, "not_described": not_described, "chosen": chosen, "stops": stops, "restarts": restarts,
                "restart_problems": restart_problems, "removal_problems": removal_problems, "running": running, "state_map": state_map}
