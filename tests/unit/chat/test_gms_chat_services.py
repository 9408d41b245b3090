# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chat services of GMS: by which option a wrong endpoint is told, and which values of unknown options seem to name one."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, application, context_of, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.gms_chat_services import gms_chat_service
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput

SECTION = "chat.customer-support"


def site() -> Gateway:
    """A GMS node that is connected to a Chat Server and to Solution Control Server."""
    gateway = world()
    endpoints = {"endpoints:1": {"default": "Chat_In", "webme": "Other_In"}}
    gateway.add("CfgApplication", 1, "C1", **application("CFGChatServer", options=endpoints))
    gateway.add("CfgApplication", 2, "SCS", **application("CFGSCS"))
    options = {"request-chat": {"_chat_endpoint": "gms_builtin"}}
    gateway.add("CfgApplication", 3, "GMS", **application("CFGGenericServer", options=options, connections=[(1, "default"), (2, "default")]))
    return gateway


def planned(**given: Any) -> tuple[dict[str, Any], list[str]]:
    """Return the options of the section of the service that are demanded, and the warnings."""
    context = context_of(site())
    params = {"gms": ["GMS"], "service": "customer-support", "state": "present", **given}
    (item,) = gms_chat_service(context, params)
    return {path[2]: value for path, value in item.leaves.items() if path[:2] == ("options", SECTION)}, context.warnings


# by which option a wrong endpoint is told


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chat_endpoints": {SECTION: "1:default"}, "options": {"x": "y"}}, f"chat_endpoints: {SECTION}: '1:default'"),
        ({"chat_endpoints": {"request-chat": "1:default"}, "options": {"x": "y"}}, "chat_endpoints: request-chat: '1:default'"),
        ({"options": {"_chat_endpoint": "1:default"}}, "options: _chat_endpoint: '1:default'"),
        ({"options": {"_chat_endpoint": "1:default"}, "chat_endpoints": {"request-chat": "gms_builtin"}}, "options: _chat_endpoint: '1:default'"),
        ({"options": {"x": "y"}, "default_chat_endpoint": "1:default"}, "gms_chat_service: default_chat_endpoint: '1:default'"),
    ],
)
def test_a_wrong_endpoint_is_told_by_the_option_that_was_given(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=f"{told} names the tenant by its number"):
        planned(**given)


# options that nobody knows: which values seem to name an endpoint

#: What is told of a wrong tenant, of a number in its place, of no tenant, of an endpoint that is not there.
NO_TENANT, NUMBER, ALONE, NOT_THERE = "names a tenant that does not exist", "names the tenant by its number", "must be the name of a tenant", "no endpoint"

#: (option, value) -> what is told; '' for nothing.
SEEMING: dict[tuple[str, str], str] = {
    # by the value
    ("x", "Environment:default"): "",
    ("x", "Environment:defualt"): NOT_THERE,
    ("x", "Enviroment:default"): NO_TENANT,
    ("x", "Enviroment:whatever"): NO_TENANT,
    ("x", "environment:default"): NO_TENANT,
    ("x", "Nobody:default"): NO_TENANT,
    ("x", "Nobody:webme"): NO_TENANT,
    ("x", "1:default"): NUMBER,
    ("x", "Nobody:whatever"): "",
    ("x", "default"): "",
    ("x", "1:30"): "",
    ("x", "1:whatever"): "",
    ("x", "12:30:45"): "",
    ("x", "environmen1:8080"): "",
    ("x", "https://default"): "",
    # by the name of the option
    ("endpoint", "Environment:default"): "",
    ("endpoint", "Environment:8080"): NOT_THERE,
    ("endpoint", "default"): ALONE,
    ("chat-EndPoint", "default"): ALONE,
    ("default_chat_endpoint", "Nobody:whatever"): NO_TENANT,
    ("_chat_endpoints", "1:whatever"): NUMBER,
    ("endpoint", "Environment"): ALONE,
    ("endpoint", "gms_builtin"): "",
    ("endpoint", "1"): "",
    ("endpoint", "-1.5"): "",
    ("endpoint", "1:30"): "",
    ("endpoint", "True"): "",
    ("endpoint", "off"): "",
    ("endpoint", " "): "",
    ("endpoint", "/genesys/1/service"): "",
    ("endpoint", "http://gms1:8080/genesys"): "",
    ("endpoint", "gms1:8080"): "",
    ("endpoint", "gms1.example.com:8080/genesys"): "",
    ("endpoint", "gms1.example.com"): "",
    ("endpoint", "192.0.2.1"): "",
    ("endpoint", "chat@example.com"): "",
    ("endpoint-password", "default"): "",
}


@pytest.mark.parametrize(("option", "value"), SEEMING)
def test_what_seems_to_name_an_endpoint_is_warned_about(option: str, value: str) -> None:
    """It is never refused, since these options are unknown."""
    told = SEEMING[option, value]
    written, warnings = planned(options={option: value})
    assert written == {option: value}
    assert len(warnings) == bool(told) and all(f"{SECTION}/{option} will be '{value}'" in text and told in text for text in warnings), warnings


def test_why_it_seems_to_name_an_endpoint() -> None:
    assert "', which looks like an endpoint: " in planned(options={"x": "Enviroment:default"})[1][0]
    assert "'; did you mean 'Environment'?" in planned(options={"x": "Enviroment:default"})[1][0]
    assert "', and by its name the option takes an endpoint: " in planned(options={"endpoint": "default"})[1][0]
