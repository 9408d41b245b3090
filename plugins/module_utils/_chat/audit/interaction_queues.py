# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule on queues and the strategies that take from them."""

from __future__ import annotations

from collections.abc import Iterator

from ..workflow import strategies
from .rule import WARNING, Fault, Rule
from .site import Site, listed


def _strategies(site: Site) -> Iterator[Fault]:
    for tenant in site.tenants:
        queues = {queue for app in site.chat_servers for queue in site.endpoint_sections(app).get(tenant.dbid, {}).values()}
        known = sorted(queue for queue in queues if site.is_queue(queue, tenant.dbid))
        for queue, names in (strategies(site.directory, known, tenant.name) if known else {}).items():
            if len(names) > 1:
                yield Fault("CfgScript", queue, f"several strategies take interactions from it, as far as the objects tell: {listed(names)}")
            elif not names:
                yield Fault("CfgScript", queue, "no strategy takes interactions from it, as far as the objects tell")


RULES = (
    Rule("L39", WARNING, "One strategy takes interactions from each queue of chat.", "Without one, chats stay in the queue; with two, either may take a chat.",
         "Submit one strategy to the queue with Interaction Routing Designer or Composer.", "GWE812", _strategies, ("CfgScript",)),
)
