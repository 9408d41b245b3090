# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which folder a new object is put if nobody says: where its likes lie, else where its class lies, else nowhere without asking."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import application, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.desired import Desired
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan


def chat_server(folder=None):
    item = Desired("CfgApplication", "New")
    item.want("application_template", "Chat Server 8.5.3")
    item.want("type", "CFGChatServer")
    if folder:
        item.want_on_create("folder", folder)
    return item


def queue(tenant):
    item = Desired("CfgScript", "New", tenant)
    item.want("type", "CFGInteractionQueue")
    item.want("tenant", tenant)
    return item


def made(gateway, item, whole=True):
    """Plan and carry out; return the folder's DBID in what was sent, and its path as the plan shows it."""
    directory = Directory(gateway, whole)
    plan = make_plan(directory, [item])
    apply(plan, directory, False)
    assert not make_plan(Directory(gateway, whole), [item]), "a second run finds nothing to do"
    return gateway.named(item.kind, "New")["folderid"], plan.changes[0].after()["folder"]


def with_chat_servers(*folders):
    gateway = world()
    for number, folder in enumerate(folders):
        gateway.add("CfgApplication", 500 + number, "Chat_%d" % number, **application("CFGChatServer", folderid=str(folder)))
    return gateway


@pytest.mark.parametrize("whole", [True, False])
def test_where_a_new_object_goes(whole):
    assert made(with_chat_servers(), chat_server("Applications/Chat"), whole) == ("104", "Applications/Chat"), "the one given"
    assert made(with_chat_servers(102, 104, 104), chat_server(), whole) == ("104", "Applications/Chat"), "where most Chat Servers lie"
    assert made(with_chat_servers(), chat_server(), whole) == ("102", "Applications"), "where the first Chat Server goes"


@pytest.mark.parametrize("whole", [True, False])
def test_objects_of_a_tenant_stay_in_its_folders(whole):
    """Also where each tenant's folder has the same path."""
    gateway = world()
    gateway.objects["CfgFolder"][106]["name"] = "Scripts"
    del gateway.objects["CfgScript"][132]
    assert made(gateway, queue("Sales"), whole) == ("106", "Scripts")


def test_nothing_is_made_where_no_folder_is_found():
    gateway = world()
    gateway.objects["CfgFolder"] = {}
    gateway.objects["CfgScript"] = {}
    with pytest.raises(InvalidInput, match="folder: no folder can be found in which script 'New' belongs, since none is for CFGScript: give one"):
        make_plan(Directory(gateway), [queue("Sales")])


def test_a_class_without_folders_gets_none():
    gateway = world()
    gateway.add("CfgEnumeratorValue", 105, "Chat")
    item = Desired("CfgEnumeratorValue", "New")
    directory = Directory(gateway)
    apply(make_plan(directory, [item]), directory, False)
    assert "folderid" not in gateway.named("CfgEnumeratorValue", "New")
