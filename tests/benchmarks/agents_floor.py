# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floor for agents, ``agents_floor.py wanted.json``: one list for each class, one read and one write for each person that differs. Checks nothing."""

import json
import sys

import requests

wanted = json.load(open(sys.argv[1], encoding="utf-8"))  # noqa: SIM115  read once, and the script ends soon
objects = wanted["url"] + "/gax/api/cfg/objects"
gax = requests.Session()
gax.post(wanted["url"] + "/gax/api/session/login", json={"username": wanted["username"], "password": wanted["password"]})
persons, rules = (gax.get(objects, params={"type": kind, "brief": "false"}).json() for kind in ("CfgPerson", "CfgScript"))
rule = next(item["dbid"] for item in rules if item["name"] == wanted["rule"])
names = set(wanted["persons"])
for item in persons:
    if item["username"] in names and item["capacityruledbid"] != rule:
        path = f"{objects}/CfgPerson/{item['dbid']}"
        gax.put(path, json={**gax.get(path).json(), "capacityruledbid": rule}).raise_for_status()
