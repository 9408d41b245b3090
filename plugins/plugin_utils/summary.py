# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a run, put together from what its tasks have registered: as data, and as lines for a person."""

from __future__ import annotations

from ansible_collections.genesys_engage.chat.plugins.filter.deployment import places
from ansible_collections.genesys_engage.chat.plugins.filter.verification import contact_server_report
from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import NotDrawn, draw, with_seen

#: Actions of chat_solution, in the past and as a preview says them.
_ACTIONS = {"create": ("created", "to be created"), "update": ("changed", "to be changed"), "delete": ("removed", "to be removed")}
_TYPES = {"CfgApplication": "application", "CfgScript": "queue", "CfgAppPrototype": "template", "CfgHost": "host", "CfgFolder": "folder",
          "CfgTenant": "tenant", "CfgPerson": "person", "CfgAgentGroup": "agent group", "CfgPlace": "place", "CfgRole": "role"}
#: The steps of a deployment: the facts that tell when each began, in seconds of the clock; the last one ends now.
_STEPS = (("check", "preflight_began"), ("configure", "deploy_checked"), ("install", "configuration_ended"), ("start", "deploy_installed"),
          ("verify", "deploy_started"))
#: Longest list of names in a line.
_MOST = 8


def site_summary(host, groups, hostvars, check_mode, now):
    """Return what came of a run for one Configuration Server.

    host: the inventory host that stands for it.  groups, hostvars: Ansible's.  check_mode: whether it was a preview.  now: seconds of the clock.
    Returns {configuration_host, preview, planned, configuration, started, applications, findings, restart_needed, snapshot, seconds, next}; what the
    run did not look at is missing or empty.
    """
    own = hostvars[host]
    known = places(groups.get("genesys_hosts") or [], hostvars, host, (groups.get("genesys_configuration") or [host])[0])
    deployment = next((own[name] for name in ("verification_deployment", "configuration_deployment", "preflight_deployment")
                       if (own.get(name) or {}).get("applications") is not None), {})
    states = {item["name"]: item["status"] for item in (own.get("preflight_state") or {}).get("applications") or []}
    states.update(own.get("verification_states") or {})
    changes = (own.get("configuration_result") or {}).get("changes") or []
    result = {
        "configuration_host": host,
        "preview": bool(check_mode),
        # A verification compares, and says by itself what differs; a run that was left before plans nothing.
        "planned": (own.get("configuration_result") or {}).get("changes") is not None,
        "configuration": [dict({key: change[key] for key in ("action", "type", "name")}, what=_what(change)) for change in changes],
        "findings": [finding["text"] for finding in deployment.get("findings") or []],
        "restart_needed": (own.get("configuration_result") or {}).get("restart_needed") or [],
        "snapshot": (own.get("configuration_result") or {}).get("snapshot"),
        "picture": "",
        "started": _started([own, *(hostvars[place["inventory_host"]] for place in known.values())]),
        "applications": [_application(item, known.get(item["host"]), hostvars, states, deployment) for item in deployment.get("applications", [])],
    }
    if check_mode and own.get("deploy_installed") is not None:
        result["started"] = sorted({*result["started"], *_to_be_created(deployment, result["applications"])})
    result["seconds"] = _seconds(own, now)
    result["next"] = _next(result) + _effects((own.get("configuration_result") or {}).get("effects") or [])
    return result


def add_picture(result, own, check_mode):
    """Draw the picture of the solution if one was asked for, and add to the result of site_summary where it is, or why there is none.

    own: the variables of the configuration host.
    """
    read, place = own.get("verification_picture") or {}, own.get("verification_picture_place")
    if not place or check_mode:
        return
    try:
        if "graph" not in read:
            raise NotDrawn(read.get("msg"))
        # Without a verification nobody has looked after the start.
        result["picture"], _changed = draw(place, with_seen(read["graph"], result["applications"] if own.get("verification_deployment") else []))
        result["next"].append("The picture of the chat solution is %s." % result["picture"])
    except NotDrawn as error:
        result["findings"].append("There is no picture of the chat solution: %s" % error)


def _what(change):
    """Return what administrators call the object of a change; scripts are queues, except those in which a capacity rule is written."""
    values = dict(change.get("before") or {}, **(change.get("after") or {}))
    if change["type"] == "CfgScript" and ("capacity" in values or values.get("type") == "CFGCapacityRule"):
        return "capacity rule"
    return _TYPES.get(change["type"], change["type"])


def _started(hosts):
    """Return the names of the applications that were given a command to start, in the variables of the hosts that gave it."""
    results = [variables.get("application_started") or {} for variables in hosts]
    return sorted({item["name"] for result in results for item in result.get("applications") or [] if item.get("commanded")})


def _to_be_created(deployment, seen):
    """Return the names of the applications that the Configuration Server does not know yet, on hosts that take part: the run creates and starts them.

    In a preview nobody can ask for their state.  seen: the applications of a summary.
    """
    taking_part = {item["name"] for item in seen if item["looked_at"]}
    return [item["name"] for item in deployment.get("applications", []) if not item.get("dbid", True) and item["name"] in taking_part]


def _seconds(own, now):
    """Return step -> seconds of the steps of which it is known when they began."""
    began = [(step, float(own[fact])) for step, fact in _STEPS if own.get(fact) is not None]
    ends = [moment for _step, moment in began[1:]] + [now]
    verified = own.get("verification_deployment") is not None
    return {step: round(end - moment, 1) for (step, moment), end in zip(began, ends) if verified or step != "verify"}


def _application(item, place, hostvars, states, deployment):
    """Return one application as it was seen: on its host if that took part, else as the Configuration Server has it."""
    look = (hostvars[place["inventory_host"]].get("package_look") or {}) if place else {}
    look = {} if look.get("unreachable") else look
    seen = {part: [entry for entry in look.get(part, []) if entry.get("name", entry.get("application")) == item["name"]] for part in ("packages", "logs")}
    package = seen["packages"][0] if seen["packages"] else {}
    installed = (hostvars[place["inventory_host"]].get("package_result") or {}) if place else {}
    done = [result for result in installed.get("results") or [] if (result.get("item") or {}).get("name") == item["name"] and result.get("changed")]
    units = {unit["name"]: unit["status"] for unit in look.get("units", {}).get("applications", [])}
    status = units.get(item["name"], states.get(item["name"], ""))
    report = contact_server_report([item], look, {item["name"]: status} if status else {}, deployment.get("contact_servers", [])) if seen["logs"] else []
    connected = [pair["connected_to"] for log in seen["logs"] for pair in log.get("pairs", []) if pair.get("connected_to")]
    before = (package.get("before") or {}).get("version") if not done else (done[0].get("before") or {}).get("version")
    # A look before the first installation has not compared what the Configuration Server does not know yet.
    holds = package.get("installed") or (done[0].get("installed") if done else None) or {}
    return {
        "name": item["name"],
        "host": item["host"],
        "looked_at": bool(look),
        "version": holds.get("version") or item["version"],
        "former_version": before if done or package.get("running") is not None else None,
        "installed": bool(done),
        "status": status,
        "ports": sorted(set(item["ports"].values())),
        "contact_servers": connected,
        "notes": [entry["text"] for entry in report if entry["level"] != "connected"],
    }


def _next(result):
    """Return sentences that say what to do next."""
    todo = []
    if result["preview"] and result["planned"]:
        changed = result["configuration"] or result["started"] or [item for item in result["applications"] if item["installed"]]
        todo.append("Nothing was changed: this is a preview. Run it without --check to carry it out." if changed else "Nothing is to be changed.")
    if result["snapshot"]:
        todo.append("The objects as they were before are in %s on %s; to bring them back, run the playbook genesys_engage.chat.restore with -e chat_snapshot=%s"
                    % (result["snapshot"], result["configuration_host"], result["snapshot"]))
    return todo


def _effects(effects):
    """Return sentences that say what takes effect after a restart only, and of what nobody knows; effects: of chat_solution."""
    start, unknown = {}, {}
    for item in effects:
        for kind, key in ((start, "after_restart"), (unknown, "unknown")):
            if item[key]:
                kind.setdefault(_listed(item[key]), []).append(item["name"])
    return ["%s: takes effect after a restart of %s. Nothing was restarted." % (what, _listed(names)) for what, names in start.items()] + [
        "%s: not known whether %s, if running, takes it over at once, or at the next start." % (what, _listed(names)) for what, names in unknown.items()]


def lines(result):
    """Return a summary as lines of text for a person."""
    preview = result["preview"]
    text = ["Configuration Server (%s)%s" % (result["configuration_host"], ", preview" if preview else "")]
    told = {}
    for change in result["configuration"]:
        told.setdefault((change["action"], change["what"]), {}).setdefault(change["name"])
    for (action, what), names in told.items():
        text.append("  %s %s: %s" % (what, _ACTIONS[action][preview], _listed(list(names))))
    if not told and (result["planned"] or not preview):
        text.append("  configuration: nothing %s" % ("to change" if preview else "changed"))
    if result["started"]:
        text.append("  %s: %s" % ("to be started" if preview else "started", _listed(result["started"])))
    rows = [_row(item, preview) for item in result["applications"]]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    text += ["  " + "  ".join([cell.ljust(width) for cell, width in zip(row, widths)] + [row[4]]).rstrip() for row in rows]
    text += ["  note: %s" % note for note in [note for item in result["applications"] for note in item["notes"]] + result["findings"]]
    if result.get("seconds"):
        text.append("  seconds: " + ", ".join("%s %.0f" % step for step in result["seconds"].items()))
    return text + ["  " + sentence for sentence in result["next"]]


def _row(item, preview):
    version = item["version"] or "not installed"
    if item["installed"] and item["former_version"] != item["version"]:
        version += " (%s %s)" % ("to replace" if preview else "before", item["former_version"]) if item["former_version"] else (
            " (to be installed)" if preview else " (new)")
    ucs = "UCS " + ", ".join(item["contact_servers"]) if item["contact_servers"] else ""
    return (item["host"], item["name"], version, item["status"] or ("" if item["looked_at"] else "not looked at"),
            "ports " + " ".join(map(str, item["ports"])) + ("  " + ucs if ucs else ""))


def _listed(names):
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (" and %d more" % more if more > 0 else "")
