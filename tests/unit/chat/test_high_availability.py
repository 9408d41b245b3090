# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""High availability of Chat Servers: which rule is told first, and what is warned about."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import application, apply_solution, context_of, description, option_list, solution, validated, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.high_availability import chat_high_availability
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

PORTS = {"default": 4580, "webapi": 4581, "ESP": 4582}
RESTORING = {"settings": {"session-restoration-mode": "simple", "transcript-auto-save": "1"}}
WARM = {"mode": "warm_standby", "pairs": [{"primary": "C1", "backup": "C2"}]}
SERVICE = {"chat.customer-support": {"an-option": "1"}}


def site(service=None, ports=PORTS, restoring=()):
    """Chat Servers C1 to C3 on hosts of their own, and a GMS node and an Interaction Server that are connected to all of them."""
    gateway = world()
    for number in (1, 2, 3):
        name = f"C{number}"
        gateway.add("CfgApplication", 200 + number, name, **application(
            "CFGChatServer", host=300 + number, ports=ports if name == "C2" else PORTS, options=RESTORING if name in restoring else None))
    links = [(201, "webapi", ""), (202, "webapi", ""), (203, "webapi", "")]
    gateway.add("CfgApplication", 210, "GMS_1", **application("CFGGenericServer", options=service, connections=links))
    gateway.add("CfgApplication", 211, "IXN_1", **application("CFGInteractionServer", connections=[(201, "ESP"), (202, "ESP"), (203, "ESP")]))
    return gateway


def arguments(**given):
    return {"chat_servers": None, "mode": "n_plus_1", "pairs": None, "transcript_auto_save": 1, "transcript_save_on_error": "close", "submitted_by": None,
            "digital_channels": False, "state": "present", **given}


def warnings(gateway, **given):
    """What the module warns about, without what the Chat Servers differ in."""
    context = context_of(gateway)
    chat_high_availability(context, arguments(**given))
    return [text for text in context.warnings if " differ in " not in text]


# --- Digital Channels forbid a pair, whatever else could be cured ---------------------------------------------------------


@pytest.mark.parametrize("ports", [PORTS, {"default": 4580}], ids=["clients of the backup", "and a port id that it lacks"])
def test_the_module_tells_of_digital_channels_before_what_could_be_cured(ports):
    with pytest.raises(InvalidInput, match="Digital Channels of GMS use must not be primary and backup.*GMS_1"):
        chat_high_availability(context_of(site(SERVICE, ports)), arguments(**WARM))
    with pytest.raises(InvalidInput, match="applications are connected to 'C2'|'C2' lacks the port id"):
        chat_high_availability(context_of(site(None, ports)), arguments(**WARM))


def test_a_pair_that_is_somebody_elses_too():
    """What make_pair refuses can be cured as well."""
    gateway = site(SERVICE)
    gateway.named("CfgApplication", "C3")["backupserverdbid"] = "202"
    with pytest.raises(InvalidInput, match="Digital Channels of GMS"):
        chat_high_availability(context_of(gateway), arguments(**WARM))


def planned(gateway, **more):
    pair = {"mode": "warm_standby", "pairs": [{"primary": "ChatServer_1", "backup": "ChatServer_2"}]}
    return solution(context_of(gateway), validated(description(high_availability=pair, **more)))


def deployed(service=None):
    """A described solution whose GMS node, which is described nowhere, is connected to both Chat Servers."""
    gateway = world()
    apply_solution(gateway, description())
    links = [(gateway.named("CfgApplication", f"ChatServer_{number}")["dbid"], "webapi", "") for number in (1, 2)]
    gateway.add("CfgApplication", 141, "SCS_1", **application("CFGSCS"))
    gateway.add("CfgApplication", 142, "GMS_2", **application("CFGGenericServer", options=service, connections=links))
    return gateway


def test_the_description_tells_of_digital_channels_before_what_could_be_cured():
    with pytest.raises(InvalidInput, match="high_availability: Chat Servers that Digital Channels.*GMS_2"):
        planned(deployed(SERVICE))
    with pytest.raises(InvalidInput, match="high_availability: pairs: applications are connected to 'ChatServer_2'"):
        planned(deployed())


def test_a_chat_service_that_the_same_description_makes():
    service = {"gms": ["GMS_2"], "solution_control_server": "SCS_1", "options": {"an-option": "1"}}
    with pytest.raises(InvalidInput, match="high_availability: Chat Servers that Digital Channels.*GMS_2"):
        planned(deployed(), gms_chat_services=[service])


# --- one Chat Server, and none --------------------------------------------------------------------------------------------


def test_one_chat_server_that_is_named_is_told():
    (text,) = warnings(site(), chat_servers=["C1"])
    assert "'C1' is the only Chat Server" in text and "restored nowhere" in text and "C2, C3" in text


def test_one_chat_server_beside_others_that_restore_sessions():
    assert warnings(site(restoring=("C3",)), chat_servers=["C1"]) == []


def test_a_backup_is_no_other_chat_server():
    """Its options are its primary's."""
    gateway = site(restoring=("C2",))
    gateway.named("CfgApplication", "C1")["backupserverdbid"] = "202"
    gateway.named("CfgApplication", "C3")["options"] = option_list({})
    (text,) = warnings(gateway, chat_servers=["C3"])
    assert "'C3' is the only Chat Server" in text and text.endswith("name C1, too")


def test_several_are_not_alone():
    assert warnings(site(), chat_servers=["C1", "C2"]) == warnings(site()) == []


def test_a_description_without_chat_servers():
    content = {"tenant": "Environment", "high_availability": {}}
    with pytest.raises(InvalidInput, match="high_availability: chat_servers: no Chat Server is named in the description"):
        solution(context_of(world()), validated(content))


# --- what a Chat Server does when UCS fails -------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["stop", "closed", "Close"])
def test_a_value_that_no_source_names_is_told(value):
    (text,) = warnings(site(), transcript_save_on_error=value)
    assert f"transcript_save_on_error: '{value}'" in text and "'close'" in text


def test_the_known_value():
    assert warnings(site(), transcript_save_on_error="close") == []
