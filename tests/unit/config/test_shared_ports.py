# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two servers of one host with the same port: what is refused, and what only is worth a warning."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.shared_ports import require_ports_of_their_own, require_room

INSTALLED = {"workdirectory": "/opt/genesys/server"}


def site(**applications: dict[str, Any]) -> Gateway:
    """A world with further applications, by their names, on the host chat1 with the port 4580 unless said otherwise."""
    gateway = world()
    for number, (name, properties) in enumerate(applications.items(), 500):
        gateway.add("CfgApplication", number, name, **application(**{"ports": {"default": 4580}, **properties}))
    return gateway


def wanted(name: str, present: bool = True, **leaves: Any) -> Desired:
    """What a description says of an application; ports: by their ids."""
    item = Desired("CfgApplication", name, present=present)
    for port_id, number in leaves.pop("ports", {}).items():
        item.want(("ports", port_id), number)
    for field, value in leaves.items():
        item.want(field, value)
    return item


def outcome(gateway: Gateway, *items: Desired, whole: bool = True, refuse: bool = True) -> str:
    """Return what came of it: "refused: ...", "warned: ..." or "". """
    warnings: list[str] = []
    try:
        require_ports_of_their_own(Directory(gateway, whole), list(items), warnings.append, refuse)
    except InvalidInput as error:
        return f"refused: {error}"
    return "".join(f"warned: {text}" for text in warnings)


PLACED: dict[str, Any] = {"host": "chat1", "ports": {"default": 4580}}


@pytest.mark.parametrize(
    ("there", "items", "told"),
    [
        # made by this run
        ({}, [wanted("A", **PLACED), wanted("B", **PLACED)], "refused: application 'B': port 4580 (default) is also a port of 'A'"),
        ({"A": INSTALLED}, [wanted("B", **PLACED)], "refused: application 'B': port 4580 (default) is also a port of 'A'"),
        ({"A": INSTALLED, "B": {"host": 302}}, [wanted("B", host="chat1")], "refused: "),
        ({"A": INSTALLED, "B": {"ports": {"x": 1}}}, [wanted("B", ports={"y": 4580})],
         "refused: application 'B': port 4580 (y, there default) is also a port of 'A' on the same host 'chat1'; only one server of a host can"),
        ({"A": {**INSTALLED, "portinfos": {}, "port": "4580"}}, [wanted("B", **PLACED)], "refused: "),
        ({}, [wanted("B", host="chat1", ports={"default": 2020})], "refused: application 'B': port 2020 (default) is also a port of 'confserv'"),
        # both described, though neither is installed
        ({"A": {}, "B": {"host": 302}}, [wanted("A", ports={"default": 4580}), wanted("B", host="chat1")], "refused: "),
        # another host, another port, or gone in the same run
        ({"A": INSTALLED}, [wanted("B", host="chat2", ports={"default": 4580})], ""),
        ({"A": INSTALLED}, [wanted("B", host="chat1", ports={"default": 4581})], ""),
        ({"A": INSTALLED}, [wanted("A", present=False), wanted("B", **PLACED)], ""),
        ({"A": INSTALLED}, [wanted("A", host="chat3"), wanted("B", **PLACED)], ""),
        ({"A": INSTALLED}, [wanted("A", ports={"default": 4599}), wanted("B", **PLACED)], ""),
        ({"A": {**INSTALLED, "ports": {"default": 1}}, "B": {**INSTALLED, "ports": {"default": 2}}},
         [wanted("A", ports={"default": 2}), wanted("B", ports={"default": 1})], ""),
        # without a host nothing can clash
        ({"A": {"host": 0}}, [wanted("B", ports={"default": 4580})], ""),
        # what was there before is not this run's: applying what was adopted fails for nothing
        ({"A": INSTALLED, "B": INSTALLED}, [wanted("A", **PLACED), wanted("B", **PLACED)],
         "warned: application 'B': port 4580 (default) is also a port of 'A' on the same host 'chat1'; the second one to be started will fail"),
        ({"A": INSTALLED, "B": INSTALLED}, [wanted("B", startup_timeout=9)], ""),
        # it does not run
        ({"A": {}}, [wanted("B", **PLACED)], "warned: "),
        ({"A": {**INSTALLED, "state": "CFGDisabled"}}, [wanted("B", **PLACED)], "warned: "),
        # one of the two runs at a time; with warm standby both do
        ({"A": {**INSTALLED, "backupserverdbid": "501"}, "B": {**INSTALLED, "host": 302}}, [wanted("B", host="chat1")], "warned: "),
        ({"A": {**INSTALLED, "backupserverdbid": "501", "redundancytype": "CFGHTWarmStanby"}, "B": {**INSTALLED, "host": 302}},
         [wanted("B", host="chat1")], "refused: "),
        ({"A": INSTALLED, "B": {**INSTALLED, "host": 302}}, [wanted("A", backup="B", redundancy_type="cold standby"), wanted("B", host="chat1")], "warned: "),
        ({"A": INSTALLED, "B": {**INSTALLED, "host": 302}}, [wanted("A", backup="B", redundancy_type="warm standby"), wanted("B", host="chat1")], "refused: "),
    ],
)
def test_what_becomes_of_a_shared_port(there, items, told):
    found = outcome(site(**there), *items)
    assert found.startswith(told) if told else found == ""


def test_only_what_this_run_makes_is_refused():
    there = {"A": {**INSTALLED, "ports": {"default": 1, "x": 2}}, "B": {**INSTALLED, "ports": {"default": 1}}}
    assert outcome(site(**there), wanted("B", ports={"y": 2})).startswith("refused: application 'B': port 2 (y, there x) is also a port of 'A'")


def test_the_words_of_the_wire_are_understood():
    item = wanted("B")
    item.want(("properties", "hostdbid"), 301)
    assert outcome(site(A=INSTALLED, B={"host": 302}), item).startswith("refused: ")
    item = wanted("B")
    item.want(("properties", "description"), "x")
    assert outcome(site(A=INSTALLED, B=INSTALLED), item) == ""


def test_the_way_back_is_only_warned_of():
    assert outcome(site(A=INSTALLED), wanted("B", **PLACED), refuse=False).startswith("warned: ")


def test_one_by_one_the_others_are_read_only_when_something_is_placed_anew():
    gateway = site(A=INSTALLED, B=INSTALLED)
    assert outcome(gateway, wanted("B", **PLACED), whole=False) == ""
    assert ("list", "CfgApplication", None) not in [call[:3] for call in gateway.calls if not call[2]]
    assert outcome(gateway, wanted("B", ports={"y": 2020}), whole=False).startswith("refused: ")


@pytest.mark.parametrize(
    ("there", "started", "refused"),
    [
        ({"A": INSTALLED, "B": {}}, {"B"}, True),
        ({"A": {}, "B": {}}, {"A", "B"}, True),
        ({"A": {}, "B": {}}, {"B"}, False),
        ({"A": INSTALLED, "B": INSTALLED}, {"A", "B"}, False),
        ({"A": {**INSTALLED, "backupserverdbid": "501"}, "B": {}}, {"B"}, False),
        # both are started, so that it does not help that the pair is one of cold standby
        ({"A": {**INSTALLED, "backupserverdbid": "501"}, "B": {}}, {"A", "B"}, True),
    ],
    ids=["the other one runs", "both are new", "the other one is not installed", "both run", "cold standby", "cold standby, both started"],
)
def test_what_can_not_be_started_is_not_installed(there, started, refused):
    """The clash is in the Configuration Server already, and a run would install one of the two."""
    items = [wanted(name, **PLACED) for name in there]
    if refused:
        with pytest.raises(InvalidInput, match="port 4580 .* is also a port of"):
            require_room(Directory(site(**there)), items, started)
    else:
        require_room(Directory(site(**there)), items, started)
