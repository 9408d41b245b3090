# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that an application uses that may run is taken away unless it is allowed by name: through every module that writes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from unit.config.fake_gateway import option_list
from unit.fuzzing import SNAPSHOT
from unit.in_process import Ended, Objects, Site, furnished, run

INSTALLED = ("ChatServer_1", "ChatServer_2", "UCS_1", "UCS_2", "IXN_1", "GMS_1", "WES_1")
CHANNEL = {"queue": "Chat_In", "endpoint": "pages", "chat_servers": ["ChatServer_1"], "release": "8.1.2", "contact_handling": "none"}
WES = {"backend_server": "WES_1", "tenant": "Environment"}


@pytest.fixture(scope="module")
def objects() -> Objects:
    """A configured site on which everything is installed, so that everything may run; with a chat channel, and a queue of its own."""
    site = Site(furnished()[0])
    for name in INSTALLED:
        site.named("CfgApplication", name)["workdirectory"] = "/opt/genesys/" + name
    made = run("wes_chat_channel", {**WES, **CHANNEL}, site, check=False)
    assert not made.failed, made.result["msg"]
    return site.objects


def tried(objects: Objects, module: str, arguments: dict[str, Any], check: bool = False) -> tuple[Ended, Site]:
    """Run a module on a copy of the site."""
    site = Site(objects)
    return run(module, arguments, site, check), site


def app(name: str, **properties: Any) -> dict[str, Any]:
    """Arguments that change plain properties of an application."""
    return {"type": "CfgApplication", "name": name, "properties": properties}


ESP = {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"], "state": "absent"}
#: Name: module, arguments, what is said, who is named to allow it, who stops so that nobody uses it.
TAKES: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    "a link to a Chat Server": ("esp_link", ESP, "'IXN_1' would lose its connection to 'ChatServer_1' (port 'ESP')", "ChatServer_1", "ChatServer_1"),
    "the same, its client allowed and stopped": ("esp_link", ESP, "'IXN_1' would lose", "IXN_1", "IXN_1"),
    "a link of GMS": ("gms_link", {"gms": ["GMS_1"], "chat_servers": ["ChatServer_2"], "state": "absent"},
                      "'GMS_1' would lose its connection to 'ChatServer_2'",
                      "ChatServer_2", "GMS_1"),
    "a pair": ("ucs_pair", {"primary": "UCS_1", "backup": "UCS_2", "state": "absent"}, "'UCS_1' would lose its backup 'UCS_2'", "UCS_2", "UCS_2"),
    "an endpoint": ("chat_endpoint", {"chat_servers": ["ChatServer_2"], "tenant": "Environment", "endpoint": "webme", "state": "absent"},
                    "'ChatServer_2' would lose its endpoint 'webme'", "ChatServer_2", "ChatServer_2"),
    "an endpoint as an option": ("chat_server_app", {"name": "ChatServer_2", "options": {"endpoints:1": {"webme": None}}},
                                 "'ChatServer_2' would lose its endpoint 'webme'", "ChatServer_2", "ChatServer_2"),
    "a port number": ("chat_server_app", {"name": "ChatServer_1", "ports": {"webapi": 4998}}, "have 4998 in place of 4581 as its port 'webapi', which GMS_1",
                      "ChatServer_1", "ChatServer_1"),
    "a port number in a solution": ("chat_solution", {"solution": {"tenant": "Environment", "gms": [{"name": "GMS_1", "ports": {"default": 8081}}]}},
                                    "'GMS_1' would have 8081 in place of 8080 as its port 'default'", "GMS_1", "GMS_1"),
    "a host": ("chat_solution", {"solution": {"tenant": "Environment", "gms": [{"name": "GMS_1", "host": "chat4"}]}},
               "'GMS_1' would leave its host", "GMS_1", "GMS_1"),
    "a host by its DBID": ("config_object", app("GMS_1", hostdbid=304), "'GMS_1' would leave its host", "GMS_1", "GMS_1"),
    "the whole application": ("config_object", {"type": "CfgApplication", "name": "WES_1", "state": "absent"}, "'WES_1' would be removed", "WES_1", "WES_1"),
    "an application that is disabled": ("config_object", app("GMS_1", state="CFGDisabled"), "'GMS_1' would be disabled", "GMS_1", "GMS_1"),
    "a queue": ("config_object", {"type": "CfgScript", "name": "Chat_In", "tenant": "Environment", "state": "absent"},
                "'Chat_In' would be removed, to which endpoints of ChatServer_1, ChatServer_2 lead", "Chat_In", ""),
    "a tenant": ("config_object", {"type": "CfgTenant", "name": "Environment", "state": "absent"}, "predefined", "", ""),
    "the address of a host": ("config_object", {"type": "CfgHost", "name": "chat2", "properties": {"ipaddress": "192.0.2.99"}},
                              "'chat2' would be changed or removed, on which ChatServer_2, GMS_1 run", "chat2", ""),
}


@pytest.mark.parametrize("name", TAKES)
def test_what_is_in_use_is_not_taken_away(objects: Objects, name: str) -> None:
    module, arguments, said, named, stopped = TAKES[name]
    for check in (False, True):
        ended, site = tried(objects, module, arguments, check)
        assert ended.failed and said in ended.result["msg"], ended.result.get("msg")
        assert site.effects == [] and site.objects == objects, "something was written"
    if named:
        assert "stopped_applications" in ended.result["msg"] and "chat_allow_disruption" in ended.result["msg"]
    for option, value in (("allow_disruption", named), ("stopped_applications", stopped)):
        if value:
            ended, site = tried(objects, module, {**arguments, option: [value]})
            assert not ended.failed and ended.result["changed"], ended.result.get("msg")
            assert site.effects and site.objects != objects


def test_a_running_chat_server_is_neither_unlinked_nor_removed_step_by_step(objects: Objects) -> None:
    """Unlinked by name, it is still not removed without a word: not by its own module, and not by the one for any object."""
    site = Site(objects)
    allowed: dict[str, Any] = {"allow_disruption": ["ChatServer_1"]}
    assert not run("esp_link", {**ESP, **allowed}, site, check=False).failed
    assert not run("gms_link", {"gms": ["GMS_1"], "chat_servers": ["ChatServer_1"], "state": "absent", **allowed}, site, check=False).failed
    site.named("CfgApplication", "WES_1")["appservers"]["conninfo"] = []
    before = copy.deepcopy(site.objects)
    for module, arguments in (("chat_server_app", {"name": "ChatServer_1", "state": "absent"}),
                              ("config_object", {"type": "CfgApplication", "name": "ChatServer_1", "state": "absent"})):
        ended = run(module, arguments, site, check=False)
        assert ended.failed and "'ChatServer_1' would be removed" in ended.result["msg"], ended.result
        assert site.objects == before
    assert not run("chat_server_app", {"name": "ChatServer_1", "state": "absent", "stopped_applications": ["ChatServer_1"]}, site, check=False).failed
    assert site.named("CfgApplication", "ChatServer_1") is None


def test_the_channel_of_web_engagement(objects: Objects) -> None:
    ended, site = tried(objects, "wes_chat_channel", {**WES, "endpoint": "pages", "state": "absent"})
    assert ended.failed and site.effects == []
    assert "'WES_1' would lose its chat channel" in ended.result["msg"] and "'ChatServer_1' would lose its endpoint 'pages'" in ended.result["msg"]
    ended, site = tried(objects, "wes_chat_channel", {**WES, "endpoint": "pages", "state": "absent", "allow_disruption": ["WES_1", "ChatServer_1"]})
    assert not ended.failed and {name for _verb, _kind, name in site.effects} == {"WES_1", "ChatServer_1"}


def test_what_a_pairing_takes_from_the_backup_counts_too(objects: Objects) -> None:
    """The Configuration Server replaces the backup's own connections by the primary's."""
    site = Site(objects)
    apps = site.objects["CfgApplication"]
    site.named("CfgApplication", "UCS_1")["backupserverdbid"] = "0"
    gms = site.named("CfgApplication", "GMS_1")["dbid"]
    site.named("CfgApplication", "UCS_2")["appservers"] = {"conninfo": [{"id": "default", "appserverdbid": gms, "connprotocol": ""}]}
    site.named("CfgApplication", "UCS_2")["isprimary"] = "CFGTrue"
    before = copy.deepcopy(apps)
    ended = run("ucs_pair", {"primary": "UCS_1", "backup": "UCS_2"}, site, check=False)
    assert ended.failed and "'UCS_2' would lose its connection to 'GMS_1'" in ended.result["msg"], ended.result
    assert site.objects["CfgApplication"] == before


def test_the_way_back_does_not_remove_what_runs(objects: Objects) -> None:
    """A restore would remove an application that the run created and that was installed since."""
    site = Site(objects)
    made = run("chat_server_app", {"name": "ChatServer_9", "application_template": "Chat Server 8.5.3", "host": "chat4", "tenants": ["Environment"],
                                   "ports": {"default": 4680, "webapi": 4681, "ESP": 4682}, "endpoints": {"default": "Chat_In"},
                                   "interaction_servers": ["IXN_1"], "contact_server": "UCS_1"}, site, check=False)
    assert made.snapshot, made.result
    site.snapshot = made.snapshot
    site.named("CfgApplication", "ChatServer_9")["workdirectory"] = "/opt/genesys/ChatServer_9"
    before = copy.deepcopy(site.objects)
    back: dict[str, Any] = {"path": SNAPSHOT, "later_edits": "overwrite", "allow_disconnect": True}
    ended = run("config_restore", back, site, check=False)
    assert ended.failed and "'ChatServer_9' would be removed" in ended.result["msg"], ended.result
    assert site.objects == before
    ended = run("config_restore", {**back, "allow_disruption": ["ChatServer_9"]}, site, check=False)
    assert not ended.failed and site.named("CfgApplication", "ChatServer_9") is None, ended.result.get("msg")


def test_what_adds_or_changes_takes_nothing_away(objects: Objects) -> None:
    """Options, time-outs, other addp settings, a new port, another queue of an endpoint: a running server loses nothing."""
    change = {"name": "ChatServer_2", "options": {"settings": {"limit-for-sessions": 3}}, "ports": {"health": 4590}, "startup_timeout": 77,
              "endpoints": {"default": "Other_In"}, "addp": {"local_timeout": 5}, "interaction_servers": ["IXN_1"]}
    ended, site = tried(objects, "chat_server_app", change)
    assert not ended.failed and len(site.effects) == 1, ended.result.get("msg")


def test_what_was_never_installed_may_go(objects: Objects) -> None:
    site = Site(objects)
    for name in INSTALLED:
        site.named("CfgApplication", name)["workdirectory"] = "."
    assert not run("esp_link", ESP, site, check=False).failed
    links = site.named("CfgApplication", "IXN_1")["appservers"]["conninfo"]
    assert site.named("CfgApplication", "ChatServer_1")["dbid"] not in [entry["appserverdbid"] for entry in links]


def test_a_secret_is_in_no_refusal(objects: Objects) -> None:
    site = Site(objects)
    site.named("CfgApplication", "ChatServer_2")["options"] = option_list({"endpoints:1": {"default": "Chat_In", "my-token": "s3cret-in-options"}})
    ended = run("chat_server_app", {"name": "ChatServer_2", "options": {"endpoints:1": {"my-token": None}}}, site, check=False)
    assert ended.failed and "s3cret-in-options" not in json.dumps(ended.result)
