# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a run can do its work, and whom it leaves out: hosts, limits, tags, variables that are empty."""

from __future__ import annotations

from ansible import context
from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.variables import RELAUNCH

#: Variables that a role needs, with what they mean.
NEEDED = {
    "chat_solution": "the description of the chat solution",
    "genesys_packages": "the installation packages by role, as paths on the hosts",
    "mlcmd_path": "the path of mlcmd on the host that has it; not needed with genesys_control=systemd",
    "confserv_host": "the host of the Configuration Server, here or as CONFSERV_HOST in the environment",
    "confserv_username": "the account for the Configuration Server, here or as CONFSERV_USERNAME in the environment",
}


def given(value, default=None):
    """Return a variable's value, or the default for one that is empty, as surveys send optional variables that nobody has answered."""
    return default if value is None or (isinstance(value, str) and not value.strip()) else value


def unset(values):
    """Return a sentence for each variable that a role needs and that has no value; values: variables' names with what the role has found."""
    return ["Set %s: %s." % (name, NEEDED[name]) for name, value in values.items() if not given(value)]


def from_the_beginning(pattern):
    """Return the hosts of a play as they are; refuse a run that begins in the middle, as its steps rely on one another."""
    if context.CLIARGS.get("start_at_task"):
        raise AnsibleFilterError(
            "The steps of this playbook rely on one another, so it can't begin at '%s'. Run it without --start-at-task; what is done already "
            "stays as it is. Nothing was changed." % context.CLIARGS["start_at_task"])
    return pattern


def _configuration_host(variables, default):
    return given(variables.get("genesys_configuration_host"), default)


def run_problems(targets, groups, hostvars, limit="", steps=True, hosts=True):
    """Return why a playbook can't do its work with the hosts and tags that it was given, as a list of sentences.

    targets: inventory names on which it would run.  groups, hostvars: Ansible's.  limit: of the command line.  steps: False if tags leave
    its steps out.  hosts: whether it needs hosts of servers, too.
    """
    configuration_hosts, servers = groups.get("genesys_configuration") or [], groups.get("genesys_hosts") or []
    if not configuration_hosts or (hosts and not servers):
        return ["The inventory needs the groups genesys_configuration (a host that stands for the Configuration Server)%s empty. Is it the right "
                "inventory?" % (" and genesys_hosts (the hosts of the servers), and at least one of them is" if hosts else ", and it is")]
    if not steps:
        return ["The steps of this playbook belong together, and --tags or --skip-tags leave them out. Run it without. To check only there is the "
                "playbook genesys_engage.chat.preflight, to verify only genesys_engage.chat.verify. Nothing was changed."]
    needed = {_configuration_host(hostvars[name], configuration_hosts[0]) for name in targets if name in servers} if hosts else set()
    if not needed and not any(name in configuration_hosts for name in targets):
        needed = set(configuration_hosts)
    missing = sorted(needed.difference(targets))
    if not missing:
        return []
    who = "'%s', which stands for the Configuration Server, is" if len(missing) == 1 else "'%s', which stand for the Configuration Servers, are"
    because = " (--limit %s)" % limit if limit else ""
    # Names are joined as they are: where there are commas, as AWX has them, a colon is none.
    joined = ("," if "," in limit else ":").join([limit, *missing])
    wider = ", for example --limit '%s'" % joined if limit and not set(limit) & set("!&@~") else ""
    return ["%s not part of this run%s. A --limit must include it%s, and so must chat_hosts. %s Nothing was changed."
            % (who % "', '".join(missing), because, wider, RELAUNCH)]


def left_out(applications, names, present, hostvars, configuration_host, default_host=None):
    """Return {host, applications} for each host of which a run sees nothing: inventory name (or Host object), names of its applications.

    applications: of deployment_info.  names: inventory names of the hosts of servers.  present: those that take part in the run, and can be
    reached.  configuration_host, default_host: see host_objects.
    """
    known = {}
    for name in names:
        if _configuration_host(hostvars[name], default_host or configuration_host) == configuration_host:
            known.setdefault(given(hostvars[name].get("genesys_host"), name), []).append(name)
    found = {}
    for item in applications:
        hosts = known.get(item["host"], [])
        if not any(name in present for name in hosts):
            found.setdefault((hosts or [item["host"]])[0], []).append(item["name"])
    return [{"host": host, "applications": found[host]} for host in sorted(found)]


def left_out_text(hosts, what):
    """Return the sentence that names the hosts of left_out, or '' if there are none; what: what was not done there."""
    if not hosts:
        return ""
    listed = "; ".join("%s (%s)" % (item["host"], ", ".join(item["applications"])) for item in hosts)
    return ("%s, as these hosts are not part of this run or can't be reached: %s. Run again without --limit, or with one that includes them. %s"
            % (what, listed, RELAUNCH))


def lost_text(everyone, present, hostvars, register):
    """Return the sentences that name the hosts which a step has lost, or '' if it has lost none.

    everyone: inventory names of the play.  present: those that are still there.  hostvars: Ansible's.  register: of the step's task.
    """
    gone = [name for name in everyone if name not in present]
    unreached = [name for name in gone if (hostvars[name].get(register) or {}).get("unreachable")]
    failed = [name for name in gone if name not in unreached]
    told = ["Not reached: %s. See whether they run, and whether the network and the account for them are right." % ", ".join(unreached)] if unreached else []
    return " ".join(told + (["Failed, as said above: %s." % ", ".join(failed)] if failed else []))


class FilterModule:
    """The filters, for Ansible."""

    def filters(self):
        """Return the filters by name."""
        return {"given": given, "unset": unset, "from_the_beginning": from_the_beginning, "run_problems": run_problems, "left_out": left_out,
                "left_out_text": left_out_text, "lost_text": lost_text}
