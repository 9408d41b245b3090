# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions that only read. Each probe puts its answers into the findings."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .client import OBFUSCATED, PLAIN, Answer, Client, Object
from .questions import Findings

#: Classes that the collection reads.
CLASSES = ("CfgApplication", "CfgAppPrototype", "CfgFolder", "CfgHost", "CfgScript", "CfgTenant")
#: Properties without which it can't work: those of every object, and those that some objects of a class must show.
#: Source: G1; CfgScript and CfgTenant: inferred from G5
ALWAYS = ("dbid", "name")
NEEDED = {
    "CfgApplication": "subtype version appprototypedbid hostdbid backupserverdbid redundancytype state folderid".split(),
    "CfgAppPrototype": "subtype version".split(),
    "CfgFolder": ["folderid"],
    "CfgHost": "ipaddress lcaport".split(),
    "CfgScript": "subtype tenantdbid".split(),
    "CfgTenant": [],
}
#: List properties of applications, and the name of the one array inside.  Source: G1, G2
LISTS = {
    "appservers": "conninfo",
    "options": "property",
    "portinfos": "portinfo",
    "resources": "resource",
    "tenantdbids": "id",
    "userproperties": "property",
}
#: Every other property of applications, and those of ports and connections, that a public source has.  Source: G1, G2, G5
NUMBERS = "dbid appprototypedbid hostdbid port startuptimeout shutdowntimeout attempts timeout backupserverdbid folderid".split()
NAMED = {
    "autorestart": "CFG",
    "isserver": "CFG",
    "isprimary": "CFG",
    "redundancytype": "CFGHT",
    "state": "CFG",
    "startuptype": "CFGSUT",
    "subtype": "CFG",
}
APPLICATION = {*NUMBERS, *NAMED, *LISTS, *"type name version workdirectory commandline commandlinearguments componenttype".split()}
ITEM_OF_ALL = {"id", "connprotocol", "appparams", "transportparams", "proxyparams", "description"}
ITEM_OF_ALL |= {f"{kind}field{number}" for kind in ("long", "char") for number in range(1, 5)}
ITEMS = {"appservers": ITEM_OF_ALL | {"appserverdbid", "timoutlocal", "timoutremote", "mode"}, "portinfos": ITEM_OF_ALL | {"port"}}


def ask_all(client: Client, findings: Findings) -> None:
    """Ask every question that needs no write and no failed login. The client has a session."""
    _session(client, findings)
    listed = _lists(client, findings)
    _objects(findings, listed)
    applications = [value for value in listed["CfgApplication"] if {"dbid", "name"} <= set(value)]
    _searches(client, findings, applications)
    _single(client, findings, applications)


def entries(value: Object, name: str) -> list[Object]:
    """Return the items of a list property; [] if it is empty, null or absent."""
    box = value.get(name)
    items = box.get(LISTS[name]) if isinstance(box, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


# session


def log_in(client: Client, findings: Findings) -> None:
    """Log in as the collection does. Raises Unusable if that is refused."""
    answer = client.enter()
    findings.say("login", answer.form)
    findings.say("password_form", client.form)


def _session(client: Client, findings: Findings) -> None:
    cookies = client.cookies
    findings.say("cookie", ", ".join(sorted(cookies)) or "none")
    findings.say("user_info", "yes" if (client.user() or {}).get("username") == client.connection.username else "no")
    stranger = client.another()
    tenants = {"brief": "false", "type": "CfgTenant"}
    findings.say("no_session", stranger.call("GET", "cfg/objects", tenants, cookies={}).form)
    findings.say(
        "ended_session", stranger.call("GET", "cfg/objects", tenants, cookies={name: secrets.token_hex(16) for name in cookies}).form
    )
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(lambda _number: client.call("GET", "cfg/objects", tenants), range(4)))
    findings.say(
        "parallel",
        "yes" if all(answer.form == "200 list" for answer in answers) else "no: " + ", ".join(sorted({a.refusal for a in answers})),
    )
    tokens = {name for name in (*cookies, *answers[0].headers) if re.search(r"(?i)csrf|xsrf", name)}
    findings.say("forgery_protection", ", ".join(sorted(tokens)) or "none")
    told = re.search(r"\b\d+(\.\d+){2,}\b", client.call("GET", "version/").text)
    findings.say("version", told[0] if told else "not told")


def fail_logins(client: Client, findings: Findings) -> None:
    """Ask what needs one or two failed logins, each followed by a good one, as accounts may be locked after several in a row."""
    stranger = client.another()
    other = PLAIN if client.form == OBFUSCATED else OBFUSCATED
    answer = stranger.log_in(other)
    findings.say("second_password_form", f"{other} {'accepted' if answer.good and stranger.user() else 'refused'}")
    client.enter()
    answer = stranger.log_in(client.form, secrets.token_urlsafe(12))
    findings.say("failed_login", f"{answer.refusal}; {'a session' if stranger.user() else 'no session'}")
    client.enter()


def ask_logout(client: Client, findings: Findings, path: str) -> None:
    """Try a path that is said to log out, in a session of its own."""
    stranger = client.another()
    stranger.form = client.form
    stranger.enter()
    answer = stranger.call("GET", path.lstrip("/"))
    findings.say("logout", "yes" if stranger.user() is None else f"no ({answer.refusal})")


# lists


def _lists(client: Client, findings: Findings) -> dict[str, list[Object]]:
    """Read every class that the collection reads. Raises Unusable if an answer is no list."""
    answers = {name: client.call("GET", "cfg/objects", {"brief": "false", "type": name}) for name in CLASSES}
    findings.say("lists", ", ".join(sorted({answer.refusal for answer in answers.values()})))
    listed = {
        name: [value for value in answer.data if isinstance(value, dict)] if isinstance(answer.data, list) else []
        for name, answer in answers.items()
    }
    known = {(name, str(value.get("dbid"))) for name, values in listed.items() for value in values}
    references = {reference for value in listed["CfgApplication"] for reference in _references(value)}
    lost = references - known
    told = f"no: {len(lost)} of {len(references)} referenced objects are not listed"
    findings.say(
        "complete", told if lost else "yes" if references else "nothing to compare", ", ".join(sorted(" ".join(key) for key in lost)[:20])
    )
    return listed


def _references(value: Object) -> Iterator[tuple[str, str]]:
    found = [
        ("CfgHost", value.get("hostdbid")),
        ("CfgAppPrototype", value.get("appprototypedbid")),
        ("CfgApplication", value.get("backupserverdbid")),
    ]
    found += [("CfgApplication", item.get("appserverdbid")) for item in entries(value, "appservers")]
    found += [("CfgTenant", item.get("dbid")) for item in entries(value, "tenantdbids")]
    return ((class_name, str(dbid)) for class_name, dbid in found if str(dbid or "0") != "0")


def _searches(client: Client, findings: Findings, applications: list[Object]) -> None:
    """Look one existing application up in several ways. One with letters in its name, to see whether case matters."""
    specimen = next((value for value in applications if len(value["name"]) > 3 and value["name"].swapcase() != value["name"]), None)
    if specimen is None:
        findings.skip("no application to look for", ("name_match", "dbid_match", "filters", "brief"))
        return
    name, dbid = specimen["name"], str(specimen["dbid"])

    def found(**query: str) -> bool | Answer:
        answer = client.call("GET", "cfg/objects", {"brief": "false", "type": "CfgApplication", **query})
        return any(str(value.get("dbid")) == dbid for value in answer.data) if isinstance(answer.data, list) else answer

    exact = found(name=name)
    if isinstance(exact, Answer):
        findings.say("name_match", f"refused: {exact.refusal}")
    else:
        looser = {"prefix": name[:-1], "inner part": name[1:-1], "other case": name.swapcase()}
        findings.say(
            "name_match", "; ".join(word for word, text in looser.items() if found(name=text) is True) or "exact" if exact else "nothing"
        )
    for key, query in (("dbid_match", {"dbid": dbid}), ("filters", {"filters": f"name={name}"})):
        seen = found(**query)
        findings.say(key, f"refused: {seen.refusal}" if isinstance(seen, Answer) else "yes" if seen else "no")
    if findings.found["filters"].answer == "yes":
        nothing = found(filters=f"name={name}-{secrets.token_hex(4)}")
        findings.say("filters", "ignored" if nothing is True else "yes")
    brief = client.call("GET", "cfg/objects", {"type": "CfgApplication"}).data
    shown = {key for value in brief for key in value} if isinstance(brief, list) else set()
    findings.say("brief", "everything" if set(specimen) <= shown else ", ".join(sorted(shown)))


# objects


def _objects(findings: Findings, listed: dict[str, list[Object]]) -> None:
    """Look at the form of what is there."""
    applications = listed["CfgApplication"]
    missing = {f"{name}.{key}" for name, values in listed.items() for value in values for key in ALWAYS if key not in value}
    missing |= {
        f"{name}.{key}" for name, values in listed.items() if values for key in NEEDED[name] if not any(key in value for value in values)
    }
    findings.say("known_fields", "missing: " + ", ".join(sorted(missing)) if missing else "yes")
    forms = {_kind(value.get(key)) for value in applications for key in NUMBERS if key in value}
    forms |= {_kind(item.get("port")) for value in applications for item in entries(value, "portinfos")}
    findings.say("numbers", ", ".join(sorted(forms)) or "none seen")
    strange = sorted({key for value in applications for key, start in NAMED.items() if not str(value.get(key) or start).startswith(start)})
    findings.say("enumerations", "no: " + ", ".join(strange) if strange else "yes")
    empty = {_emptiness(value, key) for value in applications for key in LISTS if not entries(value, key)}
    findings.say("empty_lists", ", ".join(sorted(empty)) or "none seen")
    extra = {key for value in applications for key in set(value) - APPLICATION}
    extra |= {
        f"{key}.{name}"
        for value in applications
        for key, known in ITEMS.items()
        for item in entries(value, key)
        for name in set(item) - known
    }
    findings.say("extra_fields", ", ".join(sorted(extra)) or "none")
    pairs = [
        value for value in applications if value.get("subtype") == "CFGContactServer" and str(value.get("backupserverdbid") or "0") != "0"
    ]
    findings.say("contact_server_pairs", ", ".join(sorted({str(value.get("redundancytype")) for value in pairs})) or "none found")


def _emptiness(value: Object, name: str) -> str:
    """Return how a list property without entries is shown; what it holds may only look empty because it has another form."""
    if name not in value:
        return "absent"
    if value[name] is None:
        return "null"
    return "present" if isinstance(value[name], dict) and value[name].get(LISTS[name]) in ([], None) else "in another form"


def _kind(value: Any) -> str:
    return "strings" if isinstance(value, str) else "numbers" if isinstance(value, int) else type(value).__name__


def _single(client: Client, findings: Findings, applications: list[Object]) -> None:
    """Read one application, one that does not exist, and a class that does not exist."""
    findings.say("unknown_class", client.call("GET", "cfg/objects", {"brief": "false", "type": "CfgNoSuchClass"}).refusal)
    if not applications:
        findings.skip("no application to read", ("read", "same_alone", "version_check", "missing_object"))
        return
    specimen = max(applications, key=lambda value: len(str(value)))
    answer = client.call("GET", f"cfg/objects/CfgApplication/{specimen['dbid']}")
    findings.say("read", answer.refusal)
    alone = answer.data[0] if isinstance(answer.data, list) and answer.data else answer.data
    alone = alone if isinstance(alone, dict) else {}
    other = sorted(key for key in alone.keys() | specimen.keys() if alone.get(key, "absent") != specimen.get(key, "absent"))
    findings.say("same_alone", "no: " + ", ".join(other) if other else "yes")
    findings.say("version_check", "yes" if "ETag" in answer.headers else "no")
    findings.say("missing_object", client.call("GET", f"cfg/objects/CfgApplication/{unused(applications)}").refusal)


def unused(values: list[Object]) -> int:
    """Return a DBID that no object has, far beyond those in use."""
    return max((int(value["dbid"]) for value in values if str(value.get("dbid")).isdigit()), default=0) + 1_000_000
