# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs modules whole, with their argument specification, inside the process of the test, on a gateway in memory."""

from __future__ import annotations

import contextlib
import io
import json
import syslog
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ansible.module_utils import basic
from ansible.module_utils.common import parameters
from ansible.module_utils.common import warnings as ansible_warnings
from unit.config.fake_gateway import Gateway, application, apply_solution, connection, copied, description, world
from unit.fuzzing import SNAPSHOT, code_of

from ansible_collections.genesys_engage.chat.plugins.module_utils import _module

Objects = dict[str, dict[int, dict[str, Any]]]
CONNECTION = {"gax_url": "http://127.0.0.1:1", "gax_username": "default", "gax_password": "p4ssword-of-gax"}
#: Since core 2.21 a module shows its arguments only if it is told to.
INJECTED = {"_ansible_inject_invocation": True} if "inject_invocation" in parameters.PASS_VARS else {}
LAST_CHANGE = {"name": "ChatServer_1", "ports": {"health": 4999}, "options": {"settings": {"limit-for-sessions": "777", "db-password": "n3w-s3cret"}}}
TEMPLATE = {"name": "New Template", "subtype": "CFGChatServer", "version": "8.5.3", "options": {"property": [{"section": "a", "key": "b", "value": "c"}]}}


class Site(Gateway):
    """A gateway in memory that starts with a copy of some objects, and parses templates, too.

    snapshot: content of the snapshot file that is there.
    """

    def __init__(self, objects: Objects) -> None:
        super().__init__()
        self.objects = copied(objects)
        self._next = 1000
        self.snapshot = "{}"

    def import_template(self, path: str) -> dict[str, Any]:
        """Return the one template that there is."""
        return copied(TEMPLATE)


#: What the last run wrote to the system log.
logged: list[str] = []


class Ended:
    """How a module ended: exit code, its result, and what it said beside."""

    def __init__(self, code: Any, stdout: str, stderr: str, check: bool) -> None:
        self.code = code
        self.text = "\n".join([stdout, stderr, *logged])
        self.stderr = stderr
        lines = [line for line in stdout.splitlines() if line.strip()]
        self.result: dict[str, Any] = json.loads(lines[0]) if len(lines) == 1 else {}
        self.snapshot = Path(self.result["snapshot"]).read_text(encoding="utf-8") if code == 0 and self.result.get("snapshot") and not check else ""

    @property
    def failed(self) -> bool:
        """Whether it says that it failed."""
        return bool(self.result.get("failed"))


@contextlib.contextmanager
def as_ansible_starts_it(arguments: dict[str, Any], gateway: Site | None) -> Iterator[None]:
    """Put arguments and gateway in place, and take away what one run leaves to the next within one process."""
    content = json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode()
    logged.clear()
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as directory:
        # Paths may be junk too: what is written, is written here.
        place = Path(directory, "a", "b", "c")
        place.mkdir(parents=True)
        stack.enter_context(contextlib.chdir(place))
        if gateway is not None:
            Path(SNAPSHOT).write_text(gateway.snapshot, encoding="utf-8")
            stack.enter_context(patch.object(_module.gax, "Gax", lambda *_settings, **_more: gateway))
        stack.enter_context(patch.object(basic, "_ANSIBLE_ARGS", content))
        stack.enter_context(patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True))
        stack.enter_context(patch.object(basic, "has_journal", False))
        stack.enter_context(patch.object(syslog, "syslog", lambda _priority, text: logged.append(text)))
        stack.enter_context(patch.dict("os.environ", {"GAX_SNAPSHOT_DIR": directory, "HOME": directory}))
        getattr(ansible_warnings, "_global_warnings").clear()  # noqa: B009 - private
        # Whatever else of Ansible this process has imported: a module runs on a host, where warnings go into the result. Before core 2.19 they always do.
        if hasattr(ansible_warnings, "_internal"):
            stack.enter_context(patch.object(ansible_warnings._internal, "is_controller", False))
        yield


def run(module: str, arguments: dict[str, Any], gateway: Site | None, check: bool, connection: dict[str, Any] | None = None) -> Ended:
    """Run a module in this process to its end; without a gateway it opens its own."""
    own = {
        "_ansible_check_mode": check, "_ansible_diff": True, "_ansible_remote_tmp": "/tmp", "_ansible_module_name": f"genesys_engage.chat.{module}", **INJECTED,
    }
    given = {**(CONNECTION if connection is None else connection), **arguments, **own}
    stdout, stderr = io.StringIO(), io.StringIO()
    code: Any = "it did not end itself"
    with as_ansible_starts_it(given, gateway), contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        try:
            code_of(module).main()
        except SystemExit as end:
            code = end.code
        return Ended(code, stdout.getvalue(), stderr.getvalue(), check)


def ends_well(ended: Ended) -> None:
    """Assert that a run ended with one line of JSON, the fitting exit code, and no word of the inside."""
    assert ended.result, f"no result, but: {ended.text}"
    assert ended.code == (1 if ended.failed else 0)
    assert not ended.stderr, ended.stderr
    assert "Traceback" not in ended.text and "exception" not in ended.result
    assert "defect of the collection" not in ended.text, ended.result["msg"]
    assert not ended.failed or ended.result["msg"].strip(), "it failed without a word"
    assert CONNECTION["gax_password"] not in ended.text


def add_agents(gateway: Gateway) -> None:
    """Put agents there, groups, a place, a role with members, and a capacity rule with its compiled form alone: voice 1, chat 2."""
    for dbid, name in ((150, "anna"), (151, "ben"), (152, "carla"), (153, "dirk")):
        gateway.add("CfgPerson", dbid, name, username=name, isagent="CFGTrue", tenantdbid="1", folderid="109", capacityruledbid="0", placedbid="0")
    for dbid, name, members in ((154, "Chat_Agents", ("150", "151")), (155, "Others", ("152",))):
        gateway.add("CfgAgentGroup", dbid, name, tenantdbid="1", capacityruledbid="0", agentdbids={"id": [{"dbid": member} for member in members]})
    gateway.add("CfgPlace", 156, "Place_1", tenantdbid="1", capacityruledbid="0")
    listed = [{"objectdbid": "153", "objecttype": "CFGPerson"}, {"objectdbid": "155", "objecttype": "CFGAgentGroup"}]
    gateway.add("CfgRole", 157, "Supervisors", tenantdbid="1", members={"rolemember": listed})
    compiled = (
        "d52a5300510000001400000 03b00000000000000 02001f000000012d000000 010125000000012a000000010001 010233000000013800000001 0102 "
        "020046000000014c000000766f6963650063686174 00"
    )
    entry = {"section": "_WIZARD_", "key": "_CRWizardBinaryPresentation_", "value": compiled.replace(" ", "")}
    gateway.add("CfgScript", 158, "Wizard_Rule", subtype="CFGCapacityRule", tenantdbid="1", userproperties={"property": [entry]})
    gateway.add("CfgFolder", 110, "Roles", folderid="0", subtype="CFGRole", ownerdbid="1")


def furnished() -> tuple[Objects, str]:
    """The objects of a configured site, and the snapshot of its last change."""
    gateway = world()
    node = {"name": "GMS_1", "application_template": "Genesys Mobile Services 8.5.2", "host": "chat2", "ports": {"default": 8080}}
    apply_solution(gateway, description(gms=[node]))
    for name in ("ChatServer_1", "ChatServer_2", "UCS_1", "UCS_2"):
        gateway.named("CfgApplication", name)["workdirectory"] = "/opt/genesys/" + name
    server = gateway.named("CfgApplication", "ChatServer_1")
    server["options"]["property"].append({"section": "settings", "key": "db-password", "value": "0ld-s3cret"})
    server["appservers"]["conninfo"].append(connection(110, protocol=""))
    gateway.add("CfgApplication", 140, "WES_1", **application("CFGWebEngagementBackendServer", connections=[(server["dbid"],)]))
    gateway.add("CfgApplication", 141, "SolutionControlServer", **application("CFGSCS"))
    add_agents(gateway)
    site = Site(gateway.objects)
    last = run("chat_server_app", LAST_CHANGE, site, check=False)
    assert last.snapshot and site.effects == [("update", "CfgApplication", "ChatServer_1")]
    return site.objects, last.snapshot
