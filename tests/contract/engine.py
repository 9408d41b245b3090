# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection itself against the server, once: one application is created, left alone, changed and removed by a module."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from .client import Client, Interrupted, Object
from .place import Place
from .questions import Findings
from .reading import entries

MODULE = "ansible_collections.genesys_engage.chat.plugins.modules.config_object"
LIMIT = 300.0


def find_collection() -> str:
    """Make the collection importable if this file is part of an installed one; return why it can't be run, or ''."""
    place = Path(__file__).resolve().parents[2]
    if place.parent.parent.name == "ansible_collections" and str(place.parents[2]) not in sys.path:
        sys.path.append(str(place.parents[2]))
    for name in ("ansible", "ansible_collections.genesys_engage.chat.plugins.modules"):
        try:
            found = importlib.util.find_spec(name)
        except ImportError:
            found = None
        if found is None:
            return f"this Python does not find {name.partition('.')[0]}"
    return ""


def ask(client: Client, findings: Findings, place: Place, template: Object) -> None:
    """Run the module four times and look at the object after each, past the module."""
    reason = find_collection()
    if reason:
        findings.skip(reason, ["modules"])
        return
    name = place.name("module")
    properties = {
        "appprototypedbid": str(template["dbid"]),
        "autorestart": "CFGFalse",
        "redundancytype": "CFGHTColdStanby",
        "state": "CFGDisabled",
    }
    properties.update(workdirectory=".", commandline=".")
    new = {"folder": place.path, "properties": properties, "options": {"contract": {"a": "ä"}}}
    done: list[str] = []
    for step, arguments, changes, expected in (
        ("create", new, True, "ä"),
        ("repeat", new, False, "ä"),
        ("change", {"options": {"contract": {"a": "b"}}}, True, "b"),
        ("remove", {"state": "absent"}, True, None),
    ):
        if client.stopped:
            raise Interrupted
        result = _run({"type": "CfgApplication", "name": name, **arguments})
        made = client.named("CfgApplication", name)
        value = next((item.get("value") for item in entries(made, "options") if item.get("section") == "contract"), None) if made else None
        if result.get("failed") or result.get("changed") is not changes or value != expected or (made is None) != (expected is None):
            findings.say(
                "modules",
                f"{', '.join(done) or 'nothing'}; not: {step}",
                client.hide(str(result.get("msg", "the object is not as it should be"))),
            )
            return
        done.append(step)
    findings.say("modules", ", ".join(done))


def _run(arguments: dict[str, Any]) -> dict[str, Any]:
    """Run the module as a process of its own, as Ansible does; it takes the connection from the same variables as this suite."""
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "GAX_SNAPSHOT_DIR": home, "TMPDIR": home}
        text = json.dumps({"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_remote_tmp": home}})
        try:
            # A session of its own: Ctrl-C must not hit it in the middle of a write.
            done = subprocess.run(
                [sys.executable, "-m", MODULE],
                input=text,
                capture_output=True,
                text=True,
                env=environment,
                timeout=LIMIT,
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"failed": True, "msg": f"the module did not end in {LIMIT:.0f} seconds"}
    try:
        result: dict[str, Any] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    except (StopIteration, ValueError):
        return {"failed": True, "msg": (done.stderr or done.stdout).strip()[-300:]}
    return result
