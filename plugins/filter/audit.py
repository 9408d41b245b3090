# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the result of an audit."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.formats import FORMATS, NO_CHAT_SERVER
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.audit.rule import SEVERITIES


def audit_report(result, form="markdown"):
    """Return the result of chat_audit as a text in one of the formats; raises AnsibleFilterError for another one."""
    if form not in FORMATS:
        raise AnsibleFilterError("There is no format '%s' for the result of an audit; there are %s." % (form, ", ".join(FORMATS)))
    return FORMATS[form](result)


def audit_failure(result, level="error"):
    """Return a sentence if the result of chat_audit has faults of that severity or a worse one, or nothing was judged, or ''; level 'never': always ''."""
    levels = [*SEVERITIES, "never"]
    if level not in levels:
        raise AnsibleFilterError("chat_audit_fail_on must be one of %s, got '%s'." % (", ".join(levels), level))
    worse = SEVERITIES[:levels.index(level) + 1] if level != "never" else ()
    count = sum(result["counts"][severity] for severity in worse)
    if not count and worse and not result["rules"]:
        return "No rule was judged, since the snapshot lacks the objects that %s need. Save whole classes with config_snapshot." % (
            ", ".join(result["not_judged"]))
    if not count and worse and not result["chat_servers"]:
        return NO_CHAT_SERVER + " So nothing was judged. Let that user read the Chat Servers, or set chat_audit_fail_on to never."
    if not count:
        return ""
    told = [fault["text"] for fault in result["faults"] if not fault["waived"] and fault["severity"] in worse]
    return "%d fault%s of severity %s. The first: %s %s" % (
        count, "" if count == 1 else "s", " or ".join(worse), told[0], "Correct them, or waive them with a reason and an end in chat_audit_waivers.")


class FilterModule:
    """Filters."""

    def filters(self):
        """Return name -> function."""
        return {"audit_report": audit_report, "audit_failure": audit_failure}
