# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications in general, and the Chat Server's own rules: ports, endpoints, connections, log privacy."""

from __future__ import annotations

import pytest
from unit.config.fake_gateway import application, context_of, option_list, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import chat_servers as rules
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts.chat_servers import chat_server_app
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import make_plan

PORTS = {"default": 4580, "webapi": 4581, "ESP": 4582}


def site(**existing):
    """A world with an Interaction Server and a UCS pair; existing: properties of a Chat Server C that is there."""
    gateway = world()
    gateway.add("CfgApplication", 1, "IXN", **application("CFGInteractionServer"))
    gateway.add("CfgApplication", 2, "UCS", **application("CFGContactServer", backupserverdbid="3"))
    gateway.add("CfgApplication", 3, "UCS_B", **application("CFGContactServer", isprimary="CFGFalse"))
    gateway.add("CfgApplication", 4, "UCS_Other", **application("CFGContactServer"))
    if existing:
        options = existing.pop("options", {"endpoints:1": {"default": "Chat_In"}})
        links = existing.pop("links", [(1,), (2,)])
        gateway.add("CfgApplication", 5, "C", **application("CFGChatServer", 301, existing.pop("ports", PORTS), options, links, **existing))
    return gateway


def spec(**given):
    """A new Chat Server as chat_server_app would create it."""
    return dict({"name": "C", "state": "present", "host": "chat1", "application_template": "Chat Server 8.5.3", "tenants": ["Environment"], "ports": PORTS,
                 "endpoints": {"default": "Chat_In"}, "interaction_servers": ["IXN"], "contact_server": "UCS"}, **given)


def planned(gateway, content, **permissions):
    """Return (what the plan writes to the Chat Server, nested; warnings)."""
    context = context_of(gateway, **permissions)
    plan = make_plan(context.directory, chat_server_app(context, content))
    assert len(plan.changes) <= 1
    return (plan.changes[0].after() if plan else {}), context.warnings


def refused(gateway, content, message, **permissions):
    with pytest.raises(InvalidInput, match=message):
        planned(gateway, content, **permissions)
    assert gateway.writes() == []


# --- a new one ----------------------------------------------------------------------------------------------------------


def test_a_new_chat_server_has_what_the_page_demands():
    after, warnings = planned(site(), spec(message_server="MessageServer", configuration_server="confserv"))
    assert after["host"] == "chat1"
    assert after["ports"] == PORTS
    assert after["tenants"] == {"Environment": True}
    assert (after["type"], after["version"], after["application_template"]) == ("CFGChatServer", "8.5.311.06", "Chat Server 8.5.3")
    assert after["options"] == {"settings": {"limit-for-sessions": "1000", "hide-attached-data": "true"}, "log": {"verbose": "standard"},
                                "endpoints:1": {"default": "Chat_In"}}
    addp = {"protocol": "addp", "local_timeout": 10, "remote_timeout": 10, "trace": "both"}
    assert after["connections"] == {server: {"default": addp} for server in ("IXN", "UCS", "MessageServer", "confserv")}
    assert warnings == []


def test_described_options_come_before_the_templates():
    after, _warnings = planned(site(), spec(options={"settings": {"limit-for-sessions": 5}, "log": {"verbose": None}}))
    assert after["options"]["settings"] == {"limit-for-sessions": "5", "hide-attached-data": "true"}
    assert "log" not in after["options"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": None}, "application 'C' does not exist, and host is needed to create it"),
        ({"application_template": None}, "application 'C' does not exist, and application_template is needed"),
        ({"tenants": None}, "tenants must name the tenants that the new Chat Server 'C' serves"),
        ({"tenants": []}, "tenants must name the tenants"),
        ({"name": " "}, "chat_server_app: name must not be empty; give the name of the Chat Server"),
        ({"host": "chat9"}, "host: there is no host named 'chat9'"),
        ({"host": "Chat1"}, r"host: there is no host named 'Chat1'"),
        ({"tenants": ["Environment", "Nowhere"]}, "tenants: there is no tenant named 'Nowhere'"),
        ({"application_template": "Chat Server"}, "application_template: there is no application template named 'Chat Server'"),
        ({"application_template": "Interaction Server 8.5.2"},
         "application_template 'Interaction Server 8.5.2' is of type CFGInteractionServer, not CFGChatServer"),
        ({"folder": "Nowhere"}, "folder: no folder is named 'Nowhere'"),
        ({"startup_timeout": -1}, "chat_server_app: startup_timeout must not be negative, got -1"),
        ({"addp": {"local_timeout": -1}}, "addp: local_timeout must not be negative, got -1"),
        ({"startup_timeout": "soon"}, "chat_server_app: startup_timeout must be a whole number, got 'soon'"),
        ({"options": {"settings": "x"}}, "options: section 'settings' must map options to values"),
        ({"annex": ["x"]}, "annex must map sections to options"),
    ],
)
def test_what_a_new_chat_server_needs(given, message):
    refused(site(), spec(**given), message)


# --- ports --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ports", "message"),
    [
        ({}, "lacks the port id 'default' and 'webapi' and 'ESP'; a Chat Server needs at least the ids default, webapi, ESP"),
        ({"default": 1, "webapi": 2}, "lacks the port id 'ESP'"),
        ({"default": 1, "webapi": 2, "esp": 3}, r"'esp' is not a port id of Chat Server; did you mean 'ESP'\? Ids are case-sensitive"),
        ({"default": 1, "WebAPI": 2, "ESP": 3}, r"did you mean 'webapi'\?"),
        ({"Default": 1, "webapi": 2, "ESP": 3}, r"did you mean 'default'\?"),
        ({"default": 1, "webapi": 2, "ESP ": 3}, r"did you mean 'ESP'\?"),
        (dict(PORTS, Health=4), r"did you mean 'health'\?"),
        (dict(PORTS, ESP=4580), r"number 4580 is given to more than one port id \(ESP, default\)"),
        (dict(PORTS, ESP="4580"), "number 4580 is given to more than one port id"),
        (dict(PORTS, ESP=0), "ports: 'ESP' must be a port number from 1 to 65535, got '0'"),
        (dict(PORTS, ESP=None), "ports: 'ESP' must be a port number"),
        (dict(PORTS, ESP="²"), "ports: 'ESP' must be a port number"),
        (dict(PORTS, **{" ": 5}), "a port id must not be empty"),
    ],
)
def test_wrong_ports(ports, message):
    refused(site(), spec(ports=ports), message)


def test_other_port_ids_are_the_users_own():
    after, _warnings = planned(site(), spec(ports=dict(PORTS, own="4600", health=4583)))
    assert after["ports"] == dict(PORTS, own=4600, health=4583)


def test_kpi_over_rest_needs_the_health_port():
    refused(site(), spec(kpi_over_rest=True), "lacks the port id 'health'; .* and health for KPI over REST")
    planned(site(), spec(kpi_over_rest=True, ports=dict(PORTS, health=4583)))


def test_an_existing_chat_server_may_have_the_ports_already():
    assert planned(site(links=[(1,), (2,)]), {"name": "C", "state": "present", "ports": {"ESP": 5}})[0] == {"ports": {"ESP": 5}}
    refused(site(ports={"default": 1, "webapi": 2}), {"name": "C", "state": "present"}, "lacks the port id 'ESP'")


def test_a_port_of_a_server_that_is_installed_on_the_host_is_refused():
    gateway = site()
    gateway.add("CfgApplication", 9, "Neighbour", **application(host=301, ports={"default": 4582}, workdirectory="/opt/other"))
    gateway.add("CfgApplication", 10, "Far", **application(host=302, ports={"default": 4580}, workdirectory="/opt/other"))
    refused(gateway, spec(), r"application 'C': port 4582 \(ESP, there default\) is also a port of 'Neighbour' on the same host 'chat1'; only one server")
    planned(gateway, spec(ports=dict(PORTS, ESP=4599)))


@pytest.mark.parametrize("whole", [True, False], ids=["all read", "read one by one"])
def test_new_ports_of_an_existing_one_are_looked_at_too(whole):
    gateway = site(links=[(1,), (2,)])
    gateway.add("CfgApplication", 9, "Neighbour", **application(host=301, ports={"default": 4599}, workdirectory="/opt/other"))
    content = {"name": "C", "state": "present", "ports": {"health": 4599}}
    with pytest.raises(InvalidInput, match=r"port 4599 \(health, there default\) is also a port of 'Neighbour' on the same host 'chat1'"):
        chat_server_app(context_of(gateway, whole), content)


# --- an existing one ----------------------------------------------------------------------------------------------------


def test_what_is_not_mentioned_stays():
    gateway = site(options={"endpoints:1": {"default": "Other_In"}, "settings": {"x": "1"}}, workdirectory="/opt/chat", version="8.5.316.02")
    assert planned(gateway, {"name": "C", "state": "present"})[0] == {}
    assert planned(gateway, {"name": "C", "state": "present", "options": {"settings": {"x": 2}}})[0] == {"options": {"settings": {"x": "2"}}}


def test_what_the_installer_writes_is_managed_only_if_it_is_given():
    gateway = site(workdirectory="/opt/chat", commandline="./run.sh", version="8.5.316.02", appprototypedbid="120")
    assert planned(gateway, spec())[0] == {}
    after = planned(gateway, spec(working_directory="/srv", command_line="./x", command_line_arguments="-a", version="9"))[0]
    assert after == {"working_directory": "/srv", "command_line": "./x", "command_line_arguments": "-a", "version": "9"}


def test_an_application_of_another_type():
    refused(site(), {"name": "IXN", "state": "present", "ports": PORTS}, "application 'IXN' exists and is of type CFGInteractionServer, not CFGChatServer")


def test_the_placeholder_of_an_existing_one_is_moved():
    gateway = site(options={"endpoints:*tenant_dbid*": {"default": "Chat_In", "webme": "Other_In"}})
    after, _warnings = planned(gateway, {"name": "C", "state": "present"})
    assert after == {"options": {"endpoints:1": {"default": "Chat_In", "webme": "Other_In"}}}


# --- tenants and endpoints ----------------------------------------------------------------------------------------------


def test_each_tenant_has_its_own_endpoints():
    after, _warnings = planned(site(), spec(tenants=["Environment", "Sales"], tenant_endpoints={"Sales": {"default": "Sales_In"}}))
    assert after["options"]["endpoints:1"] == {"default": "Chat_In"}
    assert after["options"]["endpoints:101"] == {"default": "Sales_In"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"endpoints": {}}, "Chat Server 'C' serves tenant 'Environment' without a default endpoint"),
        ({"endpoints": {"webme": "Chat_In"}}, "without a default endpoint"),
        ({"endpoints": {"default": ""}}, "endpoint 'default' has no queue"),
        ({"tenants": ["Environment", "Sales"]}, "serves tenant 'Sales' without a default endpoint"),
        ({"tenant_endpoints": {"Sales": {"default": "Sales_In"}}}, "has endpoints for tenant 'Sales', which it does not serve; add it to tenants"),
        ({"tenant_endpoints": {"Nowhere": {}}}, "tenant_endpoints: there is no tenant named 'Nowhere'"),
        ({"tenant_endpoints": {"Environment": ["x"]}}, "tenant_endpoints: 'Environment' must map endpoints to queues"),
        ({"options": {"endpoints:1": {"default": None}}}, "wants options/endpoints:1/default, and another one wants it removed"),
        ({"options": {"endpoints:1": {"default": "Other_In"}}}, "want different values of options/endpoints:1/default: 'Other_In' and 'Chat_In'"),
    ],
)
def test_wrong_endpoints(given, message):
    refused(site(), spec(**given), message)


def test_endpoints_without_a_tenant_are_not_dropped_silently():
    gateway = site(tenants=[])
    gateway.objects["CfgApplication"][5]["tenantdbids"] = {"id": []}
    refused(gateway, {"name": "C", "state": "present", "endpoints": {"default": "Chat_In"}}, "has endpoints and serves no tenant; name it in tenants")


# --- connections --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"interaction_servers": None}, r"has no connection to an Interaction Server \(interaction_servers\); a Chat Server must be connected to both"),
        ({"contact_server": None}, "has no connection to a Universal Contact Server"),
        ({"contact_server": None, "interaction_servers": []}, "to an Interaction Server .* and none to a Universal Contact Server"),
        ({"contact_server": "UCS_B"}, "contact_server: 'UCS_B' is the backup of 'UCS'; a Chat Server is connected to the primary of its pair"),
        ({"contact_server": "IXN"}, "contact_server: application 'IXN' is of type CFGInteractionServer"),
        ({"interaction_servers": ["UCS"]}, r"interaction_servers\[0\]: application 'UCS' is of type CFGContactServer"),
        ({"message_server": "confserv"}, "message_server: application 'confserv' is of type CFGConfigServer, and must be of type CFGMessageServer"),
        ({"configuration_server": "IXN"}, "configuration_server: application 'IXN' is of type"),
        ({"connections": [{"server": "IXN", "port": "x"}]}, r"connections\[0\]: application 'IXN' has no port with id 'x'"),
        ({"connections": [{"server": "UCS_Other"}]}, r"connections\[0\]: 'UCS_Other' is a UCS; a Chat Server is connected to the primary of one pair"),
        ({"connections": [{"server": "IXN", "addp": {"enabled": False}}]}, "want different values of connections/IXN/default/protocol"),
    ],
)
def test_wrong_connections(given, message):
    refused(site(), spec(**given), message)


@pytest.mark.parametrize("options", [{"settings": {"use-contact-server": False}}, {"settings": {"use-contact-server": "false"}}])
def test_a_chat_server_that_does_without_contacts_needs_no_ucs(options):
    after, _warnings = planned(site(), spec(contact_server=None, options=options))
    assert list(after["connections"]) == ["IXN"]


def test_a_template_may_say_that_no_ucs_is_needed():
    gateway = site()
    gateway.objects["CfgAppPrototype"][120]["options"] = option_list({"settings": {"use-contact-server": "false"}})
    assert list(planned(gateway, spec(contact_server=None))[0]["connections"]) == ["IXN"]


@pytest.mark.parametrize(("switch", "warned"), [("false", False), ("true", True), (None, True)])
def test_an_existing_one_may_do_without_contacts_too(switch, warned):
    options = {"endpoints:1": {"default": "Chat_In"}, "settings": {"use-contact-server": switch} if switch else {}}
    warnings = planned(site(links=[(1,)], options=options), {"name": "C", "state": "present"})[1]
    assert bool(warnings) is warned


def test_missing_connections_of_an_existing_one_are_a_warning():
    after, warnings = planned(site(links=[(110,)]), {"name": "C", "state": "present"})
    assert after == {}
    assert warnings == ["chat_server_app: Chat Server 'C' has no connection to an Interaction Server (interaction_servers) "
                        "and none to a Universal Contact Server"]


def test_another_contact_server_is_left():
    gateway = site(links=[(1,), (4,)])
    after, _warnings = planned(gateway, {"name": "C", "state": "present", "contact_server": "UCS"})
    assert list(after["connections"]) == ["UCS"]
    gateway.objects["CfgApplication"][5]["workdirectory"] = "/opt/chat"
    refused(gateway, {"name": "C", "state": "present", "contact_server": "UCS"}, "would lose its connection to 'UCS_Other'.*allow_disconnect")
    planned(gateway, {"name": "C", "state": "present", "contact_server": "UCS"}, allow_disconnect=True)


# --- log privacy --------------------------------------------------------------------------------------------------------


def test_log_privacy_point_by_point():
    gateway = site(options={"endpoints:1": {"default": "Chat_In"}})
    privacy = {"hide_attached_data": False, "message_log_print_size": 100, "log_filter_data": {"Transcript": "copy"}}
    assert planned(gateway, {"name": "C", "state": "present", "log_privacy": privacy})[0] == {"options": {
        "settings": {"hide-attached-data": "false", "message-log-print-size": "100"}, "log-filter-data": {"Transcript": "copy"}}}


def test_private_means_the_most_private():
    gateway = site(options={"endpoints:1": {"default": "Chat_In"}})
    assert planned(gateway, {"name": "C", "state": "present", "log_privacy": "private"})[0] == {"options": {
        "settings": {"hide-attached-data": "true", "message-log-print-size": "0"},
        "log-filter-data": {"Transcript": "hide", "StructuredText": "hide"}}}


@pytest.mark.parametrize(
    ("privacy", "message"),
    [("public", "log_privacy must be 'private', 'troubleshooting' or a mapping, got 'public'"), (["private"], "log_privacy"),
     ({"hide_everything": True}, "unknown key 'hide_everything' in .*log_privacy"),
     ({"message_log_print_size": "all"}, "log_privacy.message_log_print_size must be a whole number"),
     ({"log_filter_data": {"Transcript": ["hide"]}}, "must be a single value")],
)
def test_wrong_log_privacy(privacy, message):
    refused(site(), spec(log_privacy=privacy), message)


def test_log_privacy_and_options_must_agree():
    refused(site(), spec(log_privacy={"hide_attached_data": False}, options={"settings": {"hide-attached-data": True}}),
            "want different values of options/settings/hide-attached-data: 'true' and 'false'")


def test_ranges_warn():
    assert planned(site(), spec(options={"settings": {"limit-for-sessions": -1}}))[1] == [
        "chat_server_app: option settings/limit-for-sessions is documented as 0 to 1000000, got '-1'"]
    refused(site(), spec(options={"settings": {"limit-for-sessions": -1}}), "limit-for-sessions is documented as", strict_ranges=True)


# --- removal ------------------------------------------------------------------------------------------------------------


def test_removal():
    gateway = site(links=[])
    context = context_of(gateway)
    (change,) = make_plan(context.directory, chat_server_app(context, {"name": "C", "state": "absent"})).changes
    assert (change.action, change.name) == ("delete", "C")
    assert not make_plan(context.directory, chat_server_app(context, {"name": "Nobody", "state": "absent"}))
    with pytest.raises(InvalidInput, match="name: application 'IXN' is of type CFGInteractionServer, and must be of type CFGChatServer"):
        chat_server_app(context, {"name": "IXN", "state": "absent"})


def test_port_ids_are_those_of_the_page():
    assert (rules.MANDATORY_PORTS, rules.HEALTH_PORT) == (("default", "webapi", "ESP"), "health")


# --- KPI ----------------------------------------------------------------------------------------------------------------


def test_kpi_of_the_log_are_options():
    after, warnings = planned(site(), spec(kpi_log_interval=60, kpi_log_proviso="always", kpi_log_content="set"))
    assert (after["options"]["health-service"], warnings) == (
        {"log-output-timeout": "60", "log-output-proviso": "always", "log-output-content": "set"}, [])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kpi_log_interval": 86401}, "health-service/log-output-timeout is documented as 0 to 86400, got '86401'"),
        ({"kpi_log_content": "none"}, "health-service/log-output-content is documented as all or new or set, got 'none'"),
        ({"options": {"health-service": {"log-output-content": None}}}, "must not be empty or removed: Chat Server then sets all cumulative KPI to zero"),
        ({"kpi_log_content": ""}, "must not be empty or removed: Chat Server then sets all cumulative KPI to zero"),
    ],
)
def test_kpi_that_would_count_nothing_are_told(given, words):
    assert any(words in text for text in planned(site(), spec(**given))[1])
    refused(site(), spec(**given), words, strict_ranges=True)
