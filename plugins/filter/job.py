# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what a job of AWX writes outlives it: its execution environment is a container that vanishes with the job."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

from ansible import constants

from ansible_collections.genesys_engage.chat.plugins.filter.run import given

#: What AWX sets for each of its jobs; the older name is that of Tower.
OF_A_JOB = ("awx_job_id", "tower_job_id")
#: What ansible-runner mounts into the container of one job.
OF_THE_RUNNER = "/runner"


@dataclass(frozen=True)
class Place:
    """A place that a run writes to."""

    what: str  # is kept there
    default: str  # where nothing is given; '' if nothing is written then
    environment: str  # variable that may name it as well
    on_controller: bool  # a place of the machine that runs Ansible, and not of the configuration host


PLACES = {
    "chat_snapshot_dir": Place("its snapshots", "~/.genesys_engage/snapshots", "GAX_SNAPSHOT_DIR", False),
    "chat_plan_file": Place("the plan", "", "", False),
    "chat_drift_file": Place("since when something differs", "~/.genesys_engage/drift.json", "", False),
    "chat_adopt_file": Place("the description", "~/adopted.yml", "", True),
    "chat_audit_dir": Place("the reports", "", "", True),
    "chat_picture_file": Place("the picture", "", "", True),
    "chat_compare_file": Place("the differences", "", "", True),
    "upgrade_report_dir": Place("the report", "", "", True),
}


def job_places(targets, groups, hostvars, names):
    """Return {"problems", "places"} of a run: why what it writes would not last, as sentences, and where it writes, for the next node of a workflow.

    Both are empty if neither AWX runs it, nor ansible-runner in a container.  targets: inventory names on which it runs.  names: of PLACES.
    """
    problems, places = [], []
    for host in groups.get("genesys_configuration") or []:
        if host not in targets or not in_a_job(hostvars[host]):
            continue
        for name in names:
            place = PLACES[name]
            path = str(given(hostvars[host].get(name), os.environ.get(place.environment) or place.default))
            in_the_job = place.on_controller or is_local(hostvars[host])
            if path:
                places.append({"variable": name, "host": "localhost" if place.on_controller else host, "path": path})
            if path and in_the_job and vanishes(path):
                where = "a mounted volume" + ("" if place.on_controller else ", or let '%s' be a host that is reached over SSH" % host)
                problems.append("This job runs in an execution environment that vanishes with it, and so would %s, in '%s': set %s to a place on %s%s. "
                                "Nothing was changed." % (place.what, path, name, where, "" if place.default else ", or leave it empty"))
    return {"problems": problems, "places": places}


def in_a_job(variables):
    """Return whether AWX runs the play, or ansible-runner in a container, as ansible-navigator does.  variables: of any host."""
    if job_of(variables):
        return True
    return (os.environ.get("AWX_ISOLATED_DATA_DIR") or "").startswith(OF_THE_RUNNER + "/")


def job_of(variables):
    """Return the number of AWX's job that runs the play, '' if AWX does not run it.  variables: of any host."""
    return next((str(variables[name]) for name in OF_A_JOB if given(variables.get(name))), "")


def is_local(variables):
    """Return whether a host with these variables is the machine that runs Ansible."""
    return given(variables.get("ansible_connection"), constants.DEFAULT_TRANSPORT) in ("local", "ansible.builtin.local")


def vanishes(path):
    """Return whether a path of this machine ends with the job: below the home directory, the job's own directories or those for temporary files.

    What is mounted there from outside lasts.
    """
    if path.startswith("~"):
        return True
    own = [os.path.expanduser("~"), OF_THE_RUNNER, os.environ.get("AWX_PRIVATE_DATA_DIR"), "/tmp", "/var/tmp", tempfile.gettempdir()]
    if os.environ.get("AWX_ISOLATED_DATA_DIR"):  # <private data directory>/artifacts/<job>
        own.append(os.path.dirname(os.path.dirname(os.environ["AWX_ISOLATED_DATA_DIR"])))
    below = {os.path.realpath(place) for place in own if place} - {"/"}
    at = os.path.realpath(path)
    while at not in below:
        if at == "/" or os.path.ismount(at):
            return False
        at = os.path.dirname(at)
    return True


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"job_places": job_places}
