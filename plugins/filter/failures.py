# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sentence for what has failed on a host: the host, the application, what happened, and what to do."""

from __future__ import annotations

import re

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import ON_HOSTS, told

#: Seconds that may pass between the end of one module and the beginning of the next one.
BETWEEN = 30

AGAIN = "Correct the cause, and run again."


def start_logs(applications, result, install_root):
    """Return the option "applications" of start_failure_info for those that have not started.

    applications: of deployment_info.  result: of application_control, which has failed.
    """
    missed = {item["name"]: item for item in (result.get("failure") or {}).get("applications") or () if not item["done"]}
    return [
        {"name": item["name"], "directory": item["install_path"] or "%s/%s" % (install_root, item["name"]), "log": item["log_file"],
         "address": item["address"], "seconds": missed[item["name"]]["seconds"] + BETWEEN}
        for item in applications if item["name"] in missed
    ]


def start_unseen(applications, result, looks):
    """Return those applications whose start is to be waited for further: nobody has seen it, nor does their host say that it failed.

    Nothing, if one has failed for certain.  looks: of start_failure_info.
    """
    missed = [item for item in (result.get("failure") or {}).get("applications") or () if not item["done"]]
    failed = [item["name"] for item in looks.get("applications") or () if item["failed"]]
    if failed or not all(item["unseen"] for item in missed):
        return []
    names = {item["name"] for item in missed}
    return [item for item in applications if item["name"] in names]


def start_failure(result, looks, host, names, control_host):
    """Return why applications have not started, in words.

    result: of application_control.  looks: of start_failure_info.  host: Host object.  names: of all that were to be started.
    control_host: the inventory host that gave the commands.
    """
    failure, said = result.get("failure") or {}, result.get("msg") or "Nothing is known of the reason."
    if "applications" not in failure:
        return "%s on host '%s' not started. On '%s': %s" % (_listed(names), host, control_host, said)
    told = {item["name"]: item["text"] for item in looks.get("applications") or ()}
    if not told:
        return said
    texts = ["%s%s" % ("'%s': " % name if len(told) > 1 else "", text) for name, text in told.items()]
    # To read the log was done.
    cure = re.sub(r"See the log of the application[^.]*\.", "", failure["cure"]).strip()
    return " ".join([failure["message"], *texts, cure or AGAIN])


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
        return {"start_logs": start_logs, "start_unseen": start_unseen, "start_failure": start_failure, "failed_items": failed_items}
