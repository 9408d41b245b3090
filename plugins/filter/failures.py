# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sentence for what has failed on a host: the host, the application, what happened, and what to do."""

from __future__ import annotations

import re

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import ON_HOSTS, told

#: Seconds that may pass between the end of one module and the beginning of the next one.
BETWEEN = 30

AGAIN = "Correct the cause, and run again."


def start_logs(applications, result, places):
    """Return {inventory_host, applications} for each host, with the option "applications" of start_failure_info for those that have not started.

    applications: of deployment_info.  result: of application_control, which has failed.  places: of the filter places.
    """
    missed = {item["name"]: item for item in (result.get("failure") or {}).get("applications") or () if not item["done"]}
    hosts = {}
    for item in applications:
        if item["name"] in missed and item["host"] in places:
            place = places[item["host"]]
            hosts.setdefault(place["inventory_host"], []).append(
                {"name": item["name"], "directory": item["install_path"] or "%s/%s" % (place["install_root"], item["name"]), "log": item["log_file"],
                 "address": item["address"], "seconds": missed[item["name"]]["seconds"] + BETWEEN})
    return [{"inventory_host": host, "applications": logs} for host, logs in hosts.items()]


def _looked_at(looks):
    return [item for result in looks.get("results") or () for item in result.get("applications") or ()]


def start_unseen(applications, result, looks):
    """Return those applications whose start is to be waited for further: nobody has seen it, nor does their host say that it failed.

    Nothing, if one has failed for certain.  looks: of start_failure_info, in a loop over hosts.
    """
    missed = [item for item in (result.get("failure") or {}).get("applications") or () if not item["done"]]
    failed = [item["name"] for item in _looked_at(looks) if item["failed"]]
    if failed or not all(item["unseen"] for item in missed):
        return []
    names = {item["name"] for item in missed}
    return [item for item in applications if item["name"] in names]


def start_failure(result, looks, applications, control_host):
    """Return why applications have not started, in words.

    result: of application_control.  looks: of start_failure_info, in a loop over hosts.  applications: of deployment_info, all that were to
    be started.  control_host: the inventory host that gave the commands.
    """
    failure, said = result.get("failure") or {}, result.get("msg") or "Nothing is known of the reason."
    if "applications" not in failure:
        hosts = dict.fromkeys(item["host"] for item in applications)
        named = ["%s on host '%s'" % (_listed(item["name"] for item in applications if item["host"] == host), host) for host in hosts]
        return "%s not started. On '%s': %s" % (", ".join(named), control_host, said)
    told = {item["name"]: item["text"] for item in _looked_at(looks)}
    if not told:
        return said
    texts = ["%s%s" % ("'%s': " % name if len(told) > 1 else "", text) for name, text in told.items()]
    # To read the log was done.
    cure = re.sub(r"See the log of the application[^.]*\.", "", failure["cure"]).strip()
    return " ".join([failure["message"], *texts, cure or AGAIN])


def host_problems(look, host, check_mode):
    """Return a sentence for each thing that is in the way of a deployment on a host (a Host object's name).

    look: of host_applications_info, before anything is done.  check_mode: a preview goes on where a server has to be stopped first.
    """
    packages = look.get("packages", [])
    problems = failed_items([dict(item, item=item) for item in packages], host)
    problems += ["On host '%s': %s" % (host, look[part]["msg"]) for part in ("units", "ports") if "msg" in look.get(part, {})]
    running = [] if check_mode else [item for item in packages if item.get("running")]
    if running:
        problems.append("Stop %s first, or correct what is named here, since the server is running. %s."
                        % (", ".join(item["name"] for item in running), "; ".join(item["reason"] for item in running)))
    return problems


def failed_items(results, host):
    """Return a sentence for each item of a loop over applications that has failed: results of a task that itself does not fail for it."""
    found = []
    for result in results:
        if result.get("skipped") or not ("failure" in result or "msg" in result):
            continue
        failure, item = result.get("failure") or {}, result["item"]
        text = " ".join(filter(None, [failure.get("message"), failure.get("cure")])) or str(result.get("msg") or "Nothing is known of the reason.")
        # In a playbook the package stands in a variable.
        text = re.sub(r"^src\b", "genesys_packages.%s" % item["role"], text)
        found.append("On host '%s', '%s': %s" % (host, item["name"], told(text, ON_HOSTS)))
    return found


def _listed(names):
    return ", ".join("'%s'" % name for name in names)


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"start_logs": start_logs, "start_unseen": start_unseen, "start_failure": start_failure, "failed_items": failed_items,
                "host_problems": host_problems}
