# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode: nothing is written, and what is told is, one by one and in order, what a real run then writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from integration.configured_site import CHAT_SERVERS, CONTACT_TEMPLATE, INTERACTION_TEMPLATE, Site, solution
from integration.module_runner import Outcome
from integration.vocabulary import explain


def predicted_and_done(site: Site, module: str, warns: bool = False, **arguments: Any) -> Outcome:
    """Run a module in check mode, then really, then again, and hold the three against the request log and the database."""
    before = site.sandbox.database()
    prediction = site.ok(module, check=True, warns=warns, **arguments)
    assert site.writes() == []
    assert site.sandbox.database() == before

    real = site.ok(module, warns=warns, **arguments)
    assert [(change["action"], change["type"], change["name"]) for change in prediction.changes] == site.writes()
    assert all(entry["applied"] for entry in site.sandbox.writes())
    assert real.changes == prediction.changes
    assert real.result["diff"] == prediction.result["diff"]
    assert prediction.changed is real.changed is bool(prediction.changes)
    explain(prediction.changes, before, site.sandbox.database())

    again = site.ok(module, warns=warns, **arguments)
    assert again.changed is False and again.changes == [] and site.writes() == []
    return real


# halves: environments on which somebody has worked already


def nothing(site: Site) -> None:
    """A new system."""


def some_objects(site: Site) -> None:
    """One queue, the Interaction Server without links, one UCS, and one Chat Server that is connected to nothing."""
    site.queue("Chat_In")
    site.make("IXN_1", INTERACTION_TEMPLATE, "ixn1", {"default": 4420})
    site.make("UCS_3", CONTACT_TEMPLATE, "ucs3", {"default": 7100})
    site.make_chat_server("ChatServer_2", "chat2", links=[], options={"endpoints:1": {"default": "Chat_In"}})


def other_options(site: Site) -> None:
    """Everything is there, and options, ports, endpoints and addp differ here and there."""
    site.furnish()
    edit = site.sandbox.edit
    edit("CfgApplication", "ChatServer_1", options={"settings": {"hide-attached-data": "false", "message-log-print-size": "500"}})
    edit("CfgApplication", "ChatServer_2", options={"settings": {"limit-for-sessions": "1"}, "endpoints:1": {"default": "Legacy_In"}})
    edit(
        "CfgApplication",
        "ChatServer_3",
        portinfos={"portinfo": [{"id": key, "port": "5580"[:3] + str(at)} for at, key in enumerate(("default", "webapi", "ESP"))]},
    )
    edit("CfgApplication", "ChatServer_4", options={"endpoints:1": {"webme": None}, "log-filter-data": {"Transcript": "copy"}})
    site.relink("IXN_1", [site.link(name, "ESP", timoutlocal=str(number)) for number, name in enumerate(CHAT_SERVERS, 9)])


def missing_links(site: Site) -> None:
    """Everything is there, but links and a pair are missing, one has no addp, and GMS has it where it should not."""
    site.furnish()
    site.sandbox.edit("CfgApplication", "UCS_3", backupserverdbid="0")
    site.relink("ChatServer_3", [site.link("IXN_1", addp=False), site.link("confserv")])
    site.relink("IXN_1", [site.link("ChatServer_1", "ESP"), site.link("ChatServer_4", "ESP")])
    site.relink("GMS_1", [site.link("SolutionControlServer"), site.link("ChatServer_2", "webapi"), site.link("ChatServer_3", "default", addp=False)])


def placeholder_left(site: Site) -> None:
    """Chat Servers as they come from their template: with the placeholder section, empty and filled, and no section of their tenant."""
    site.furnish_surroundings()
    template = site.sandbox.options("CfgAppPrototype", "Chat Server 8.5.3")
    (section,) = [name for name in template if name.startswith("endpoints")]
    site.make_chat_server("ChatServer_1", "chat1", options={"endpoints:1": {}, section: {"default": ""}})
    site.make_chat_server("ChatServer_2", "chat2", options={"endpoints:1": {}, section: {"default": "Legacy_In", "extra": "Webengagement_Chat"}})
    site.make_chat_server("ChatServer_3", "chat3", options={section: {"default": "Legacy_In", "webme": "Legacy_In", "extra": "Legacy_In"}})


def wrong_groups(site: Site) -> None:
    """Chat Servers that are connected to two UCS, to a backup, and all to the same pair."""
    site.furnish()
    base = [site.link(server) for server in ("IXN_1", "confserv", "MessageServer")]
    site.relink("ChatServer_1", [*base, site.link("UCS_1"), site.link("UCS_3")])
    site.relink("ChatServer_2", [*base, site.link("UCS_2")])
    site.relink("ChatServer_3", [*base, site.link("UCS_1")])
    site.relink("ChatServer_4", [*base, site.link("UCS_1")])


def unlike_pair(site: Site) -> None:
    """A primary with options and tenants of its own; its backup does not exist yet."""
    site.make("UCS_1", CONTACT_TEMPLATE, "ucs1", {"default": 7100}, {"log": {"verbose": "all"}, "settings": {"a": "1"}}, tenants=("Environment", "Sales"))


HALVES = [nothing, some_objects, other_options, missing_links, placeholder_left, wrong_groups, unlike_pair]


@pytest.mark.parametrize("half", HALVES, ids=lambda half: half.__name__)
def test_solution_is_written_as_predicted(site: Site, half: Callable[[Site], None]) -> None:
    half(site)
    done = predicted_and_done(site, "chat_solution", solution=solution())
    assert done.changed


def test_description_of_a_complete_solution_changes_nothing(furnished: Site) -> None:
    before = furnished.sandbox.database()
    for check in (True, False):
        outcome = furnished.ok("chat_solution", check, solution=solution())
        assert (outcome.changed, outcome.changes, furnished.writes()) == (False, [], [])
    assert furnished.sandbox.database() == before
