# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor, ``floor.py wanted.json``: one list for each class, one read and one write for each object that differs. Checks nothing."""

import json
import sys

import requests

wanted = json.load(open(sys.argv[1], encoding="utf-8"))  # noqa: SIM115  read once, and the script ends soon
objects = wanted["url"] + "/gax/api/cfg/objects"
gax = requests.Session()
gax.post(wanted["url"] + "/gax/api/session/login", json={"username": wanted["username"], "password": wanted["password"]})
found = [{item["name"]: item for item in gax.get(objects, params={"type": kind, "brief": "false"}).json()} for kind in wanted["classes"]]
apps, templates, hosts, queues, tenants = found
environment = tenants["Environment"]["dbid"]


def write(method, path, body):
    return gax.request(method, objects + path, json=body).json()["dbid"]


def read(kind, dbid):
    return gax.get(f"{objects}/{kind}/{dbid}").json()


def blank(want):
    template = templates[want["template"]]
    options = [entry for entry in template["options"]["property"] if entry["section"] != want["without_section"]]
    taken = {"subtype": template["subtype"], "version": template["version"], "appprototypedbid": template["dbid"], "options": {"property": options}}
    places = {"hostdbid": hosts[want["host"]]["dbid"], "workdirectory": ".", "commandline": ".", "commandlinearguments": ".", "autorestart": "CFGFalse"}
    lists = {"portinfos": {"portinfo": []}, "appservers": {"conninfo": []}, "tenantdbids": {"id": [{"dbid": environment}]}}
    return {"type": "CfgApplication", "name": want["name"], **taken, **places, **lists, "redundancytype": "CFGHTColdStanby"}


def complete(item, want, links, backup):
    """Return the object with what it lacks of "want"; nothing is taken away."""
    options = {(entry["section"], entry["key"]): entry["value"] for entry in item["options"]["property"]}
    options.update({(section, key): value for section, pairs in want["options"].items() for key, value in pairs.items()})
    ports = {entry["id"]: entry for entry in item["portinfos"]["portinfo"]}
    ports.update({port: {"id": port, "port": number} for port, number in want["ports"].items() if ports.get(port, {}).get("port") != number})
    known = {(entry["appserverdbid"], entry["id"]) for entry in item["appservers"]["conninfo"]}
    new = [{**link["fields"], "appserverdbid": apps[link["server"]]["dbid"], "id": link["port"]} for link in links]
    new = [entry for entry in new if (entry["appserverdbid"], entry["id"]) not in known]
    done = {**item, "options": {"property": [{"section": section, "key": key, "value": value} for (section, key), value in options.items()]}}
    done.update(portinfos={"portinfo": list(ports.values())}, appservers={"conninfo": item["appservers"]["conninfo"] + new})
    return {**done, "backupserverdbid": apps[backup]["dbid"], "redundancytype": "CFGHTWarmStanby"} if backup else done


for name in [name for name in wanted["queues"] if name not in queues]:
    read("CfgScript", write("POST", "", {"type": "CfgScript", "name": name, "subtype": "CFGInteractionQueue", "tenantdbid": environment}))
for want in wanted["applications"]:
    if want["name"] not in apps:
        apps[want["name"]] = read("CfgApplication", write("POST", "", complete(blank(want), want, want["links"], "")))
for want in wanted["applications"]:
    now, goal = apps[want["name"]], (want, want["links"] + want["late"], want["backup"])
    if complete(now, *goal) != now:
        write("PUT", f"/CfgApplication/{now['dbid']}", complete(read("CfgApplication", now["dbid"]), *goal))
