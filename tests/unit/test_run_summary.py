# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says of itself in the end (module run_summary), from what its tasks have registered."""

from __future__ import annotations

from typing import Any

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.summary import lines, site_summary

GROUPS = {"genesys_configuration": ["site"], "genesys_hosts": ["one", "two"]}
PAIR = {"primary": "UCS_1", "backup": "UCS_2"}


def application(name: str, host: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "host": host, "role": "chat_server", "version": "8.5.311.06", "ports": {"ESP": 4582, "default": 4580}, "contact_servers": [],
            "log_file": "chat", "install_path": f"/opt/{name}", **changes}  # fmt: skip


def package(name: str, now: str, before: str | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "role": "chat_server", "before": {"version": before or now}, "installed": {"version": now}, **more}


def hostvars(check: bool = False) -> dict[str, dict[str, Any]]:
    """A run that changed the configuration, upgraded Chat_1 and could not look at the host two."""
    changes = [{"action": action, "type": "CfgApplication", "name": name, "before": {}, "after": {"options": "s3cret"}}
               for action, name in (("create", "Chat_1"), ("update", "Chat_1"), ("update", "UCS_1"))]
    log = {"application": "Chat_1", "pairs": [{**PAIR, "member": "backup", "connected_to": "UCS_2"}],
           "connections": [{"name": "UCS_2", "connected": True, "time": "10:15:00.000"}], "problem": None, "events": []}
    compared = package("Chat_1", "8.5.316.02", "8.5.311.06", changed=True, running=[]) if check else package("Chat_1", "8.5.316.02")
    done = {"item": {"name": "Chat_1"}, "changed": True, "before": {"version": "8.5.311.06"}, "installed": {"version": "8.5.316.02"}}
    return {
        "site": {
            "configuration_result": {"changes": changes, **({} if check else {"snapshot": "/tmp/snapshot.json"})},
            "configuration_deployment": {"applications": []},
            "verification_deployment": {"applications": [application("Chat_1", "one", contact_servers=[PAIR]), application("Chat_2", "Host 2")],
                                        "contact_servers": ["UCS_1", "UCS_2"]},
            "verification_states": {"Chat_1": "RUNNING", "Chat_2": "STOPPED"},
            "application_started": {"applications": [{"name": "Chat_1", "commanded": True}, {"name": "UCS_1", "commanded": False}]},
            "preflight_began": "100.0", "deploy_checked": "103.5", "configuration_ended": "104.0",
        },
        "one": {"package_look": {"packages": [compared], "logs": [] if check else [log]},
                "package_result": {"results": [done, {"item": {"name": "Chat_0"}, "changed": False}]}},
        "two": {"genesys_host": "Host 2"},
    }  # fmt: skip


def test_what_was_done_is_told_by_kind_and_object():
    result = site_summary("site", GROUPS, hostvars(), False, 110.0)
    assert [(item["action"], item["name"]) for item in result["configuration"]] == [("create", "Chat_1"), ("update", "Chat_1"), ("update", "UCS_1")]
    one, two = result["applications"]
    assert (one["version"], one["former_version"], one["installed"], one["status"]) == ("8.5.316.02", "8.5.311.06", True, "RUNNING")
    assert (one["ports"], one["contact_servers"]) == ([4580, 4582], ["UCS_2"])
    assert one["notes"][0].startswith("WARNING: 'Chat_1' is connected to 'UCS_2', the backup of 'UCS_1'")
    assert (two["looked_at"], two["version"], two["installed"], two["status"]) == (False, "8.5.311.06", False, "STOPPED")
    assert result["seconds"] == {"check": 3.5, "configure": 0.5, "install": 6.0}
    text = "\n".join(lines(result))
    assert "application created: Chat_1\n" in text and "application changed: Chat_1, UCS_1\n" in text
    assert (result["started"], "  started: Chat_1\n" in text) == (["Chat_1"], True)
    assert "8.5.316.02 (before 8.5.311.06)  RUNNING" in text and "ports 4580 4582  UCS UCS_2" in text
    assert "check 4, configure 0, install 6" in text
    assert "chat_snapshot=/tmp/snapshot.json" in text
    assert "s3cret" not in text and "s3cret" not in str(result)


def test_what_is_changed_is_called_by_its_name():
    changes = [
        {"action": "create", "type": "CfgScript", "name": "Chat_In", "before": {}, "after": {"type": "CFGInteractionQueue"}},
        {"action": "update", "type": "CfgScript", "name": "Chats", "before": {"capacity": {"chat": 2}}, "after": {"capacity": {"chat": 3}}},
        {"action": "delete", "type": "CfgScript", "name": "Old", "before": {"type": "CFGCapacityRule"}, "after": {}},
        {"action": "update", "type": "CfgPerson", "name": "anna", "before": {}, "after": {}},
    ]
    told = lines(site_summary("site", GROUPS, {**hostvars(), "site": {"configuration_result": {"changes": changes}}}, False, 1.0))
    assert {"  queue created: Chat_In", "  capacity rule changed: Chats", "  capacity rule removed: Old", "  person changed: anna"} <= set(told)


def test_a_preview_says_what_would_be_done():
    result = site_summary("site", GROUPS, hostvars(check=True), True, 110.0)
    text = "\n".join(lines(result))
    assert "preview" in text.splitlines()[0]
    assert "application to be created: Chat_1" in text
    assert "8.5.316.02 (to replace 8.5.311.06)" in text
    assert "Run it without --check" in text


def test_a_preview_says_that_what_is_to_be_created_is_started_too():
    """Nobody can ask for the state of an application that is not there yet; the run starts it, if its host takes part."""
    variables = hostvars(check=True)
    del variables["site"]["verification_deployment"]
    planned = [application("Chat_1", "one", dbid=101), application("Chat_2", "one", dbid=0), application("Chat_3", "Host 2", dbid=0)]
    variables["site"].update(configuration_deployment={"applications": planned}, deploy_installed="105.0")
    result = site_summary("site", GROUPS, variables, True, 110.0)
    assert result["started"] == ["Chat_1", "Chat_2"] and "  to be started: Chat_1, Chat_2" in lines(result)
    assert site_summary("site", GROUPS, variables, False, 110.0)["started"] == ["Chat_1"], "the run itself tells what it has started"
    del variables["site"]["deploy_installed"]
    assert site_summary("site", GROUPS, variables, True, 110.0)["started"] == ["Chat_1"], "a run without that step starts nothing"


def test_a_preview_on_an_empty_system_says_which_version_would_be_installed():
    """The look before it has compared no package, as the Configuration Server does not know the application yet."""
    variables = hostvars(check=True)
    variables["site"]["verification_deployment"]["applications"][0]["version"] = ""
    done = {"item": {"name": "Chat_1"}, "changed": True, "before": {"version": ""}, "installed": {"version": "8.5.316.02"}}
    variables["one"] = {"package_look": {"packages": [], "logs": []}, "package_result": {"results": [done]}}
    assert "8.5.316.02 (to be installed)" in "\n".join(lines(site_summary("site", GROUPS, variables, True, 110.0)))


def test_a_run_that_found_nothing_to_do():
    variables = hostvars()
    variables["site"]["configuration_result"] = {"changes": []}
    del variables["site"]["application_started"]
    variables["one"] = {"package_look": {"packages": [package("Chat_1", "8.5.311.06")], "logs": []}, "package_result": {"results": []}}
    result = site_summary("site", GROUPS, variables, False, 110.0)
    assert "configuration: nothing changed" in "\n".join(lines(result))
    assert result["next"] == [] and not any(item["installed"] for item in result["applications"])
    again = site_summary("site", GROUPS, variables, True, 110.0)
    assert again["next"] == ["Nothing is to be changed."] and "nothing to change" in "\n".join(lines(again))
    del variables["site"]["configuration_result"]
    verified = site_summary("site", GROUPS, variables, True, 110.0)
    assert verified["next"] == [] and "nothing to change" not in "\n".join(lines(verified)), "nobody has planned anything"


def test_a_run_without_verification_has_no_seconds_of_it():
    variables = hostvars()
    variables["site"]["deploy_started"] = "105.0"
    assert "verify" in site_summary("site", GROUPS, variables, False, 110.0)["seconds"]
    del variables["site"]["verification_deployment"]
    assert site_summary("site", GROUPS, variables, False, 110.0)["seconds"] == {"check": 3.5, "configure": 0.5, "install": 1.0}


def test_a_run_that_did_not_get_far():
    result = site_summary("site", GROUPS, {"site": {}, "one": {}, "two": {}}, False, 1.0)
    assert (result["applications"], result["configuration"], result["seconds"]) == ([], [], {})
    assert lines(result)[0].startswith("Configuration Server (site)")


def test_what_takes_effect_later_is_said_in_the_end():
    """Options together, with the applications whose restart they wait for; what is found on the system is a note."""
    variables = hostvars()
    waiting = {"after_restart": ["settings/use-contact-server"], "unknown": []}
    variables["site"]["configuration_result"].update(
        restart_needed=["Chat_1", "Chat_2"],
        effects=[{"name": "Chat_1", **waiting}, {"name": "Chat_2", **waiting, "unknown": ["ports"]}],
    )
    variables["site"]["verification_deployment"]["findings"] = [{"level": "warning", "text": "these differ"}]
    result = site_summary("site", GROUPS, variables, False, 110.0)
    assert (result["restart_needed"], result["findings"]) == (["Chat_1", "Chat_2"], ["these differ"])
    text = lines(result)
    assert "  settings/use-contact-server: takes effect after a restart of Chat_1, Chat_2. Nothing was restarted." in text
    assert "  ports: not known whether Chat_2, if running, takes it over at once, or at the next start." in text
    assert "  note: these differ" in text
