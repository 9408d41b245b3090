# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the verification makes of the facts: which applications can be asked, what their logs mean, what is not as described."""

from __future__ import annotations

import json

from ansible_collections.genesys_engage.chat.plugins.filter.failures import failed_items
from ansible_collections.genesys_engage.chat.plugins.filter.run import left_out_text
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.observe.look import SERVING

#: What to do about an application in each state that is not the right one, by the beginning of its name.
NOT_RUNNING = (
    ("STOPPED", "Run deploy, which starts it."),
    ("SERVICE_UNAVAILABLE", "Its process runs without servers that it needs: start those, for a Chat Server Interaction Server and UCS."),
    ("RUNNING_OUTSIDE_UNIT", "It was started otherwise than by its unit, for example by Solution Control Server: stop it there, then run deploy."),
    ("UNKNOWN", "Solution Control Server has no connection to the Local Control Agent of its host: see whether that runs."),
    ("START", "It is still starting: look again, and at its log on its host if that lasts."),
    ("INITIALIZING", "It is still starting: look again, and at its log on its host if that lasts."),
    ("STOP", "Somebody is stopping it: wait for its end, then run deploy."),
    ("SUSPEND", "Somebody is stopping it: wait for its end, then run deploy."),
    ("", "See its log on its host."),
)


def contact_server_report(applications, look, states, contact_servers):
    """Return {application, level, text} for each Chat Server that has a UCS: to which one it is connected, and what to think of it.

    applications: of deployment_info.  look: of host_applications_info, of the host of all of these.  states: name -> status, as Solution Control
    Server has told it; an application of which nobody told counts as running.  contact_servers: names of all UCS.
    level: connected (to the primary), warning, unknown or problem.
    """
    logs = {item["application"]: item for item in look.get("logs", [])}
    known = dict(states, **{item["name"]: item["status"] for item in look.get("units", {}).get("applications", [])})
    report = []
    for item in applications:
        if item["contact_servers"]:
            up = known.get(item["name"], "RUNNING") in SERVING
            log = logs.get(item["name"]) if up else None
            reason = _unreadable(item, log) if up else "it does not run."
            strangers = [] if reason else _strangers(item, log, contact_servers)
            reason = reason or (not strangers and _silent(item, log))
            if reason:
                level, text = "unknown", "Not known to which UCS '%s' is connected: %s" % (item["name"], reason)
            else:
                level, text = _judged(item, log, strangers)
            report.append({"application": item["name"], "level": level, "text": text})
    return report


def _unreadable(application, log):
    """Return why nothing was read of the log of a running Chat Server, or ''."""
    if not application["log_file"]:
        return "by its options of section log (%s) it writes no log file; name one in the option 'all'." % (application["log_outputs"] or "none")
    if not application["install_path"]:
        return "the Configuration Server has no working directory for it, so its log can't be found."
    if log is None or "pairs" not in log:
        return (log or {}).get("msg") or "its log was not read."
    return ""


def _silent(application, log):
    """Return why nothing can be said, if the log does not speak of the Chat Server's UCS, or ''."""
    members = {pair["member"] for pair in log["pairs"]}
    if log["problem"] and "unknown" in members and members <= {"unknown", "none"}:
        return "its log (%s) can't be read in whole. %s" % (log["files"][-1], log["problem"])
    if members == {"unknown"}:
        where = "its log (%s) has no event about %s" % (log["files"][-1], " or ".join(_members(application)))
        if not log["lines"]["understood"]:
            return where + ", and no line of a known form; is its option 'time-format' something else than time or iso8601?"
        return where + ("." if log["complete"] else ", as far back as it was read.")
    return ""


def _strangers(application, log, contact_servers):
    """Return the UCS to which a Chat Server is connected and should not be."""
    connected = {item["name"] for item in log["connections"] if item["connected"]}
    return sorted(connected.intersection(contact_servers).difference(_members(application)))


def _judged(application, log, strangers):
    """Return level and text for a Chat Server whose log speaks of a UCS."""
    own = _members(application)
    name, host = application["name"], application["host"]
    if strangers:
        return "problem", (
            "'%s' on %s is connected to %s, but its configuration says %s. Last in its log: %s. Was it started before that was configured? "
            "Then restart it." % (name, host, _listed(strangers), _listed(own), _last(log, strangers)))
    pair = next((pair for pair in log["pairs"] if pair["member"] in ("primary", "backup", "both")), None)
    if pair is None:
        return "problem", ("'%s' on %s is connected to none of its UCS (%s). Last in its log: %s. Start them, and see whether %s reaches their ports."
                           % (name, host, _listed(own), _last(log, own), host))
    if pair["member"] == "both":
        return "warning", ("WARNING: by its log '%s' is connected to both '%s' and '%s', though only one of a pair should serve it."
                           % (name, pair["primary"], pair["backup"]))
    since = next(item["time"] for item in log["connections"] if item["name"] == pair["connected_to"] and item["connected"])
    if pair["member"] == "backup":
        return "warning", ("WARNING: '%s' is connected to '%s', the backup of '%s', since %s: it has switched, as '%s' was lost or not there. "
                           "See in the log of '%s' why." % (name, pair["backup"], pair["primary"], since, pair["primary"], pair["primary"]))
    return "connected", "'%s' is connected to '%s'%s, since %s." % (name, pair["primary"], ", the primary of its pair" if pair["backup"] else "", since)


def _members(application):
    return [name for pair in application["contact_servers"] for name in (pair["primary"], pair["backup"]) if name]


def _listed(names):
    return ", ".join("'%s'" % name for name in names)


def _last(log, names):
    """Return the newest event that speaks of one of these servers, or the newest one at all."""
    events = [event for event in log["events"] if any(name in event["text"] for name in names)] or log["events"]
    return "%s %s %s" % (events[-1]["time"], events[-1]["id"], events[-1]["text"]) if events else "nothing"


def verification_problems(found, accept_service_unavailable=False):
    """Return a sentence for each thing that is not as described, or could not be looked at.

    found: what was seen, each may be missing: "host" (a Host object's name), "deployment" (deployment_info, with its changes and findings), "states" (name ->
    status, as Solution Control Server told it), "is_configuration_host" (which tells the states and the differences of the configuration), "look"
    (host_applications_info), "left_out" (of the filter left_out), "lost" (of the filter lost_text),
    "web_engagement" (a sentence).
    """
    deployment, look, left_out = found.get("deployment", {}), found.get("look", {}), found.get("left_out", [])
    applications, central = deployment.get("applications", []), found.get("is_configuration_host", False)
    states = found.get("states", {}) if central else {}
    states = dict(states, **{item["name"]: item["status"] for item in look.get("units", {}).get("applications", [])})
    unseen = left_out_text(left_out, "Not looked at")
    problems = [text for text in (unseen, central and found.get("lost")) if text] + (differences(deployment.get("changes", [])) if central else [])
    problems += [item["text"][:1].upper() + item["text"][1:] for item in deployment.get("findings", []) if central and item["level"] == "problem"]
    good = ("RUNNING", "SERVICE_UNAVAILABLE") if accept_service_unavailable else ("RUNNING",)
    outside = {name for item in left_out for name in item["applications"]}
    hosts = {item["name"]: " on host '%s'" % item["host"] for item in applications}
    for name, status in states.items():
        if status not in good:
            where = hosts.get(name, "") + (", which is not part of this run" if name in outside else "")
            cure = next(cure for state, cure in NOT_RUNNING if status.startswith(state))
            problems.append("Not running: %s (%s)%s. %s" % (name, status, where, cure))
    packages = look.get("packages", [])
    problems += failed_items([dict(item, item=item) for item in packages], found.get("host"))
    differing = [item for item in packages if "running" in item]
    if differing:
        problems.append("Not installed as the packages say: %s%s. Run deploy, which installs what differs."
                        % (", ".join(_installed(item) for item in differing), hosts.get(differing[0]["name"], "")))
    problems += [look[part]["msg"] for part in ("units", "ports") if "msg" in look.get(part, {})]
    here = [item for item in applications if item["host"] == found.get("host")] if look else []
    report = contact_server_report(here, look, found.get("states", {}), deployment.get("contact_servers", []))
    return problems + [item["text"] for item in report if item["level"] == "problem"] + ([found["web_engagement"]] if found.get("web_engagement") else [])


def differences(changes):
    """Return a sentence for each object that is not as described, with everything that differs.

    changes: of chat_solution in check mode: what it would write, with the values before and after.
    """
    objects = {}
    for change in changes:
        objects.setdefault((change["type"], change["name"]), []).extend(_differing(change))
    return ["The configuration differs from the description: %s: %s" % (name, "; ".join(dict.fromkeys(told)))
            for (_type, name), told in sorted(objects.items())]


def _differing(change):
    if change["action"] != "update":
        return ["is missing" if change["action"] == "create" else "is there, and should not be"]
    now, wanted = _leaves(change["before"]), _leaves(change["after"])
    paths = [path for path in sorted({**now, **wanted}) if now.get(path) != wanted.get(path)]
    told = {link: _link(link, now, wanted) for link in {path[1:3] for path in paths if path[0] == "connections" and len(path) == 4}}
    return [told.get(path[1:3] if path[0] == "connections" else None) or
            "%s is %s, not %s" % (".".join(path), _value(now, path), _value(wanted, path)) for path in paths]


def _link(link, now, wanted):
    """Return that a connection is missing, or is too much, or '' if only its settings differ. link: server and port."""
    there, meant = (any(path[:3] == ("connections", *link) and value is not None for path, value in leaves.items()) for leaves in (now, wanted))
    text = "connected to port '%s' of '%s'" % (link[1], link[0])
    return "" if there and meant else "is not " + text if meant else "is %s, and should not be" % text


def _leaves(value, path=()):
    """Return path -> value for what is not a dictionary in nested dictionaries."""
    if not isinstance(value, dict):
        return {path: value}
    return {found: leaf for key, inner in value.items() for found, leaf in _leaves(inner, (*path, str(key))).items()}


def _value(leaves, path):
    value = leaves.get(path)
    return "not set" if value is None else "'%s'" % value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _installed(result):
    """Return an application whose package would be installed, with what is there."""
    before, after = result.get("before") or {}, result.get("installed") or {}
    there = "cut short" if before.get("version") and not before.get("complete") else before.get("version") or "nothing"
    return "%s (%s, not %s)" % (result["name"], there, after.get("version"))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Return the filter by name."""
        return {"verification_problems": verification_problems}
