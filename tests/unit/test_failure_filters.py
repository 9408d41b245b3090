# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sentence for what has failed on a host, with the host, the application, what happened, and what to do."""

from __future__ import annotations

from typing import Any

from ansible_collections.genesys_engage.chat.plugins.filter.failures import failed_items, host_problems, start_failure, start_logs, start_unseen


def application(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "role": "chat_server", "host": "chat1", "install_path": f"/srv/{name}", "log_file": "chat", "address": "192.0.2.1", **changes}


PLACES = {"chat1": {"inventory_host": "one", "install_root": "/opt"}, "chat2": {"inventory_host": "two", "install_root": "/usr/local"}}


def missed(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "done": False, "unseen": False, "seconds": 5.5, **changes}


SEE_LOG = "See the log of the application, on its host in its working directory unless its [log] options say otherwise."


def failed(*applications: dict[str, Any], cure: str = SEE_LOG) -> dict[str, Any]:
    """What application_control returned."""
    message = "Starting failed: 'A' on host 'chat1' is STOPPED again after 5.5 s."
    return {"failure": {"message": message, "cure": cure, "applications": list(applications)}, "msg": f"{message} {cure}"}


def look(name: str, failed: bool = False) -> dict[str, Any]:
    return {"name": name, "failed": failed, "text": f"Its log says: 04526 of {name}."}


def looks(*found: dict[str, Any]) -> dict[str, Any]:
    """Looks at two hosts, the second of which could not be looked at."""
    return {"results": [{"applications": list(found)}, {"msg": "no Python"}]}


def test_the_logs_of_those_that_have_not_started_are_looked_at_on_their_hosts() -> None:
    elsewhere = [application("D", install_path="", host="chat2"), application("E", host="x")]
    wanted = [application("A"), application("B"), application("C", install_path=""), *elsewhere]
    assert start_logs(wanted, failed(missed("A", done=True), *map(missed, "BCDE")), PLACES) == [
        {"inventory_host": "one", "applications": [
            {"name": "B", "directory": "/srv/B", "log": "chat", "address": "192.0.2.1", "seconds": 35.5},
            {"name": "C", "directory": "/opt/C", "log": "chat", "address": "192.0.2.1", "seconds": 35.5},
        ]},
        {"inventory_host": "two", "applications": [{"name": "D", "directory": "/usr/local/D", "log": "chat", "address": "192.0.2.1", "seconds": 35.5}]},
    ]
    assert start_logs(wanted, {"msg": "mlcmd can't be run", "failure": {"message": "x"}}, PLACES) == []


def test_what_nobody_has_seen_is_waited_for_unless_its_host_says_that_it_failed() -> None:
    wanted = [application("A"), application("B")]
    result = failed(missed("A", unseen=True), missed("B", done=True))
    assert start_unseen(wanted, result, looks(look("A"))) == [application("A")]
    assert start_unseen(wanted, result, looks()) == [application("A")]
    assert start_unseen(wanted, result, looks(look("A", True))) == []
    # one that was seen to have failed decides for all
    assert start_unseen(wanted, failed(missed("A", unseen=True), missed("B")), looks()) == []
    assert start_unseen(wanted, {"msg": "mlcmd can't be run"}, {}) == []


def test_a_failed_start_is_told_with_its_log() -> None:
    one = failed(missed("A"))
    assert start_failure(one, looks(look("A")), [application("A"), application("B")], "site") == (
        "Starting failed: 'A' on host 'chat1' is STOPPED again after 5.5 s. Its log says: 04526 of A. Correct the cause, and run again.")
    two = start_failure(failed(missed("A"), missed("B")), looks(look("A"), look("B")), [application("A"), application("B")], "site")
    assert "'A': Its log says: 04526 of A. 'B': Its log says: 04526 of B." in two
    journal = failed(missed("A"), cure="The journal ends with: exit 3")
    assert start_failure(journal, looks(look("A")), [application("A")], "chat1").endswith("04526 of A. The journal ends with: exit 3")
    unknown = start_failure(failed(missed("A"), cure=f"UNKNOWN means this. {SEE_LOG}"), looks(look("A")), [application("A")], "site")
    assert unknown.endswith("04526 of A. UNKNOWN means this.")
    # the host could not be looked at
    assert start_failure(one, looks(), [application("A")], "site") == one["msg"]


def test_a_start_that_could_not_be_asked_for_names_all_the_same() -> None:
    result = {"msg": "mlcmd: /no/mlcmd cannot be started. Set it.", "failure": {"message": "..."}}
    assert start_failure(result, looks(), [application("A"), application("B")], "site") == (
        "'A', 'B' on host 'chat1' not started. On 'site': mlcmd: /no/mlcmd cannot be started. Set it.")
    two = start_failure(result, looks(), [application("A"), application("B", host="ucs1")], "site")
    assert two.startswith("'A' on host 'chat1', 'B' on host 'ucs1' not started. On 'site': mlcmd")


def test_failed_packages_are_told_with_host_application_and_variable() -> None:
    results = [
        {"item": application("A"), "installed": {}, "changed": True},
        {"item": application("B"), "msg": "...", "failure": {"message": "src: /x does not exist on this host.", "cure": "Copy it.", "host": "chat1"}},
        {"item": application("C"), "msg": "...", "failure": {"message": "source: no option"}},
        {"item": application("D"), "msg": "MODULE FAILURE", "rc": 1},
    ]
    assert failed_items(results, "chat1") == [
        "On host 'chat1', 'B': genesys_packages.chat_server: /x does not exist on this host. Copy it.",
        "On host 'chat1', 'C': source: no option",
        "On host 'chat1', 'D': MODULE FAILURE",
    ]


def test_what_is_in_the_way_on_a_host() -> None:
    good = {"name": "A", "role": "chat_server", "changed": True, "running": []}
    runs = {"name": "B", "role": "chat_server", "changed": True, "running": [7], "reason": "'B': new would take the place of old"}
    bad = {"name": "C", "role": "gms", "msg": "...", "failure": {"message": "src: /x does not exist on this host.", "cure": "Copy it."}}
    look = {"packages": [good, runs, bad], "units": {}, "ports": {"msg": "Taken: port 1."}}
    stop = "Stop B first, or correct what is named here, since the server is running. 'B': new would take the place of old."
    rest = ["On host 'chat1', 'C': genesys_packages.gms: /x does not exist on this host. Copy it.", "On host 'chat1': Taken: port 1."]
    assert host_problems(look, "chat1", False) == [*rest, stop]
    # A preview shows the rest, too.
    assert host_problems(look, "chat1", True) == rest
    assert host_problems({"packages": [good], "units": {"applications": []}, "ports": {"ports": []}}, "chat1", False) == []
    assert host_problems({"packages": [], "units": {"msg": "This host is not run by systemd."}}, "chat1", False) == [
        "On host 'chat1': This host is not run by systemd."]
