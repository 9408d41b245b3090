# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that the roles use."""

from __future__ import annotations

from typing import Any

from ansible_collections.genesys_engage.chat.plugins.filter.deployment import applications_on, control_list, package_facts, port_list
from ansible_collections.genesys_engage.chat.plugins.filter.host_objects import host_objects


def application(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "role": "chat_server", "type": "CFGChatServer", "host": "chat1", "address": "192.0.2.1", "dbid": 105,
        "ports": {"default": 4580, "ESP": 4582}, "version": "8.5.311.06", "working_directory": ".", "startup_timeout": 90,
        "shutdown_timeout": 60, "on_host": [{"name": name, "type": "CFGChatServer"}], **changes,
    }


def test_applications_on_a_host_by_role() -> None:
    deployment = {"applications": [application("A"), application("B", host="chat2"), application("C", role="gms")]}
    assert [item["name"] for item in applications_on(deployment, "chat1", ["chat_server"])] == ["A"]
    assert applications_on({}, "chat1", ["chat_server"]) == []


def test_only_existing_applications_are_controlled() -> None:
    assert control_list([application("A"), application("B", dbid=0)]) == [
        {"name": "A", "dbid": 105, "host": "chat1", "startup_timeout": 90, "shutdown_timeout": 60}]


def test_every_port_is_listed() -> None:
    assert port_list([application("A")]) == [
        {"name": "A", "id": "ESP", "address": "192.0.2.1", "port": 4582},
        {"name": "A", "id": "default", "address": "192.0.2.1", "port": 4580},
    ]


def test_facts_for_the_installation() -> None:
    facts = package_facts(application("A"), False)
    assert facts["application"] == {"name": "A", "type": "CFGChatServer", "host": "chat1", "dbid": 105, "version": "8.5.311.06", "working_directory": "."}
    assert (facts["host"], facts["itcutility"], facts["applications_on_host"]) == ("chat1", False, [{"name": "A", "type": "CFGChatServer"}])


def test_host_objects_of_one_site() -> None:
    hostvars = {"a": {}, "b": {"genesys_host": "Host B"}, "c": {"genesys_configuration_host": "elsewhere"}}
    assert host_objects(["a", "b", "c"], hostvars, "site") == ["a", "Host B"]
    assert host_objects(["a", "b", "c"], hostvars, "elsewhere") == ["a", "Host B", "c"]
    assert host_objects(["a", "b", "c"], hostvars, "elsewhere", "site") == ["c"]


def test_host_objects_by_who_starts_their_applications() -> None:
    hostvars = {"a": {}, "b": {"genesys_host": "Host B", "genesys_control": "systemd"}, "c": {"genesys_control": "solution_control_server"}}
    assert host_objects(["a", "b", "c"], hostvars, "site", control="systemd") == ["Host B"]
    assert host_objects(["a", "b", "c"], hostvars, "site", control="solution_control_server") == ["a", "c"]
