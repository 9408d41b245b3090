# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of the parts, in the order of the description. What plans, adopts, deploys and documents a solution walks it."""

from __future__ import annotations

from .part import Part
from .parts import (
    agents,
    application_templates,
    capacity_rules,
    chat_servers,
    contact_servers,
    framework,
    gms,
    gms_chat_services,
    high_availability,
    interaction_queues,
    interaction_servers,
    web_engagement,
    workspace,
)

PARTS = tuple(module.PART for module in (
    application_templates, interaction_queues, chat_servers, high_availability, contact_servers, interaction_servers, gms, gms_chat_services,
    framework, web_engagement, capacity_rules, agents, workspace))


def by_place() -> list[Part]:
    """Return the parts in the order of creation."""
    return sorted(PARTS, key=lambda part: part.place)
