# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the modules that stand for parts of a description: made from the parts' fields when they are read."""

from __future__ import annotations

import json
import re

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat import solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import (
    agents,
    application_templates,
    capacity_rules,
    chat_servers,
    contact_servers,
    endpoints,
    gms,
    gms_chat_services,
    high_availability,
    interaction_servers,
    web_engagement,
    workspace,
)


def options(fields, place=""):
    """Return the documentation of fields as data. place: the option that they are suboptions of, '' for a module's own."""
    found = {}
    for field in fields:
        entry = {"description": [re.sub(r"\bO\((\w+)", r"O(%s\1" % place, text) for text in field.text], "type": field.kind}
        entry.update({key: value for key, value in field.option().items() if key in ("elements", "required", "default", "choices")})
        if field.fields:
            entry["suboptions"] = options(field.fields, "%s%s%s." % (place, field.name, "[]" if field.kind == "list" else ""))
        found[field.name] = entry
    return found


def fragment(fields):
    """Return a fragment of documentation; what is JSON is YAML, too."""
    return json.dumps({"options": options(fields)})


class ModuleDocFragment:
    """Used as genesys_engage.chat.parts.<module>.

    The annotations keep ansible-test from reading these values as literal text, which is all that it knows of assignments.
    """

    AGENT_CHAT_ACCESS: str = fragment(agents.MODULE)
    APPLICATION_TEMPLATE: str = fragment(application_templates.MODULE)
    CHAT_CAPACITY_RULE: str = fragment(capacity_rules.MODULE)
    CHAT_ENDPOINT: str = fragment(endpoints.MODULE)
    CHAT_HIGH_AVAILABILITY: str = fragment(high_availability.MODULE)
    CHAT_SERVER_APP: str = fragment(chat_servers.MODULE)
    CHAT_SERVER_GROUPS: str = fragment(contact_servers.GROUPS_MODULE)
    CHAT_SOLUTION: str = fragment(solution.module_fields())
    ESP_LINK: str = fragment(interaction_servers.MODULE)
    GMS_CHAT_SERVICE: str = fragment(gms_chat_services.MODULE)
    GMS_LINK: str = fragment(gms.MODULE)
    UCS_PAIR: str = fragment(contact_servers.MODULE)
    WES_CHAT_CHANNEL: str = fragment(web_engagement.MODULE)
    WORKSPACE_CHAT_OPTIONS: str = fragment(workspace.MODULE)
