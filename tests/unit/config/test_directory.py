# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The read view: few requests, names and DBIDs, and what the run has planned or done."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import Gateway, application, connection, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import ConfigObject, Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput


def there(found: ConfigObject | None) -> ConfigObject:
    assert found is not None
    return found


def test_a_class_is_listed_once():
    gateway = world()
    directory = Directory(gateway)
    directory.load(["CfgHost", "CfgTenant", "CfgHost"])
    for name in ("chat1", "chat2", "nobody"):
        directory.find("CfgHost", name)
    directory.by_dbid("CfgHost", 301)
    directory.name("CfgTenant", 1)
    assert gateway.calls == [("list", "CfgHost", "*"), ("list", "CfgTenant", "*")]


def test_a_single_object_is_asked_for_by_name():
    gateway = world()
    directory = Directory(gateway, list_all=False)
    for _time in range(2):
        assert there(directory.find("CfgHost", "chat1")).dbid == 301
        assert directory.find("CfgHost", "nobody") is None
        assert directory.name("CfgTenant", 1) == "Environment"
        assert directory.name("CfgTenant", 7) == "#7"
        assert directory.by_dbid("CfgTenant", 0) is None
    assert gateway.calls == [("list", "CfgHost", "chat1"), ("list", "CfgHost", "nobody"), ("get", "CfgTenant", 1), ("get", "CfgTenant", 7)]


@pytest.mark.parametrize("whole", [True, False])
def test_only_the_exact_name_is_meant(whole):
    """Servers were not seen to match exactly: a prefix or another case may come back."""
    class Loose(Gateway):
        def list(self, kind, **properties):
            return [raw for raw in super().list(kind) if raw["name"].lower().startswith(properties.get("name", "").lower())]

    gateway = Loose()
    for dbid, name in enumerate(("Chat", "chat", "Chat 2"), 1):
        gateway.add("CfgHost", dbid, name)
    directory = Directory(gateway, whole)
    assert there(directory.find("CfgHost", "chat")).dbid == 2
    assert directory.find("CfgHost", "CHAT") is None


def test_names_within_tenants():
    gateway = world()
    gateway.add("CfgScript", 140, "Chat_In", subtype="CFGInteractionQueue", tenantdbid="101")
    directory = Directory(gateway)
    assert there(directory.find("CfgScript", "Chat_In", "Environment")).dbid == 130
    assert there(directory.find("CfgScript", "Chat_In", "Sales")).dbid == 140
    assert directory.find("CfgScript", "Other_In", "Sales") is None
    assert there(directory.find("CfgScript", "Other_In")).dbid == 131
    with pytest.raises(InvalidInput, match="2 objects of class CfgScript named 'Chat_In': say which tenant"):
        directory.find("CfgScript", "Chat_In")
    with pytest.raises(InvalidInput, match="no tenant named 'Nowhere'"):
        directory.find("CfgScript", "Chat_In", "Nowhere")


def test_a_name_that_is_not_there():
    directory = Directory(world())
    with pytest.raises(InvalidInput, match=r"^host: there is no host named 'Chat 1'; did you mean 'chat1'\?$"):
        directory.require("CfgHost", "Chat 1", "host")
    with pytest.raises(InvalidInput, match="^queue: there is no script named 'X' in tenant 'Sales'$"):
        directory.require("CfgScript", "X", "queue", "Sales")
    with pytest.raises(InvalidInput, match=r"named 'Sales_Im' in tenant 'Environment'$"):
        directory.require("CfgScript", "Sales_Im", "queue", "Environment")
    directory.expect("CfgHost", "brand_new", {})
    with pytest.raises(InvalidInput, match=r"; did you mean 'brand_new'\?$"):
        directory.require("CfgHost", "brandnew", "host")
    with pytest.raises(InvalidInput, match=r"^folder: no folder is named 'Aplications/Chat'; did you mean 'Applications/Chat'\?$"):
        directory.folder("Aplications/Chat")


def test_names_are_compared_for_a_single_object_too():
    """The class is listed only when a name is wrong; if that fails, the message about the name comes all the same."""
    gateway = world()
    with pytest.raises(InvalidInput, match=r"^host: there is no host named 'chta1'; did you mean 'chat1'\?$"):
        Directory(gateway, list_all=False).require("CfgHost", "chta1", "host")
    gateway.down_from = len(gateway.calls) + 2
    with pytest.raises(InvalidInput, match="^host: there is no host named 'chta1'$"):
        Directory(gateway, list_all=False).require("CfgHost", "chta1", "host")


def test_links_of_an_application():
    gateway = Gateway()
    gateway.add("CfgApplication", 1, "Server")
    gateway.add("CfgApplication", 2, "Client", appservers={"conninfo": [connection(1), connection(1, "ESP", "")]})
    directory = Directory(gateway)
    attributes = {"protocol": "addp", "local_timeout": 10, "remote_timeout": 10, "trace": "both"}
    assert directory.links(there(directory.find("CfgApplication", "Client"))) == {("Server", "default"): attributes, ("Server", "ESP"): {"protocol": ""}}
    gateway.objects["CfgApplication"][2]["appservers"] = {"conninfo": []}
    directory.learn("CfgApplication", dict(gateway.objects["CfgApplication"][1], name="Renamed"))
    assert set(directory.links(there(directory.find("CfgApplication", "Client")))) == {("Renamed", "default"), ("Renamed", "ESP")}
    directory.forget("CfgApplication")
    assert directory.links(there(directory.find("CfgApplication", "Client"))) == {}
    directory.expect("CfgApplication", "New", {"appservers": {"conninfo": [connection(1)]}})
    assert directory.links(there(directory.find("CfgApplication", "New"))) == {}


def test_dbids_and_names_of_what_is_not_there():
    directory = Directory(world())
    assert directory.name("CfgHost", 0) == ""
    assert directory.name("CfgHost", 999) == "#999"
    assert directory.dbid("CfgHost", "#999") == 999
    assert directory.by_dbid("CfgHost", 0) is None
    with pytest.raises(InvalidInput, match="no host named 'x'"):
        directory.dbid("CfgHost", "x")


def test_a_planned_object_can_be_referred_to_but_has_no_dbid():
    directory = Directory(world())
    directory.expect("CfgApplication", "New", {"subtype": "CFGChatServer"})
    directory.expect("CfgScript", "Q", {"subtype": "CFGInteractionQueue"}, "Sales")
    found = there(directory.find("CfgApplication", "New"))
    assert (found.planned, found.name, found.subtype, found.dbid) == (True, "New", "CFGChatServer", 0)
    assert there(directory.find("CfgScript", "Q", "Sales")).planned
    assert directory.find("CfgScript", "Q", "Environment") is None
    assert [item.name for item in directory.planned("CfgApplication")] == ["New"]
    assert "New" not in [app.name for app in directory.all("CfgApplication")]
    with pytest.raises(InvalidInput, match="no application named 'New'"):
        directory.dbid("CfgApplication", "New")


@pytest.mark.parametrize("whole", [True, False])
def test_what_was_created_is_known(whole):
    gateway = world()
    directory = Directory(gateway, whole)
    directory.expect("CfgApplication", "New", {})
    directory.find("CfgApplication", "New")
    asked = len(gateway.calls)
    directory.learn("CfgApplication", dict(application("CFGChatServer"), dbid="777", name="New"))
    assert directory.dbid("CfgApplication", "New") == 777
    assert directory.name("CfgApplication", 777) == "New"
    directory.learn("CfgApplication", dict(application("CFGChatServer"), dbid="777", name="Renamed"))
    assert directory.name("CfgApplication", 777) == "Renamed"
    assert there(directory.find("CfgApplication", "Renamed")).dbid == 777
    if whole:
        assert there(directory.find("CfgApplication", "New")).planned, "what was read under the old name is gone"
    assert len(gateway.calls) == asked


def test_forgetting_reads_again():
    gateway = world()
    directory = Directory(gateway)
    directory.find("CfgHost", "chat1")
    gateway.add("CfgHost", 999, "new")
    assert directory.find("CfgHost", "new") is None
    directory.forget("CfgHost")
    assert there(directory.find("CfgHost", "new")).dbid == 999


def test_who_connects_to_a_server():
    gateway = Gateway()
    server = gateway.add("CfgApplication", 1, "Server")
    gateway.add("CfgApplication", 2, "Client", appservers={"conninfo": [connection(1), connection(1, "ESP")]})
    gateway.add("CfgApplication", 3, "Bare", appservers=[connection("1")])
    gateway.add("CfgApplication", 4, "Other", appservers={"conninfo": [connection(2)]})
    gateway.add("CfgApplication", 5, "None", appservers=None)
    directory = Directory(gateway)
    assert [app.name for app in directory.clients(there(directory.find("CfgApplication", server["name"])))] == ["Client", "Bare"]


def test_reads_of_several_classes_run_in_parallel_and_stay_apart():
    gateway = world()
    gateway.settings.parallel_reads = 4
    directory = Directory(gateway)
    directory.load(["CfgHost", "CfgTenant", "CfgApplication", "CfgScript"])
    assert {found.name for found in directory.all("CfgTenant")} == {"Environment", "Sales"}
    assert {found.kind for found in directory.all("CfgHost")} == {"CfgHost"}
    assert len(gateway.calls) == 4
