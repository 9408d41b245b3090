# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which strategy takes from a queue, as far as the objects tell; the layout of their annexes is made up, since any has to do."""

from __future__ import annotations

from typing import Any

import pytest
from unit.config.fake_gateway import Gateway, context_of, description, world

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.finding import WARNING, Finding
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.parts import interaction_queues
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.solution import solution, validated_solution
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.workflow import strategies

Annex = dict[str, str]


def script(gateway: Gateway, dbid: int, name: str, subtype: str, annex: Annex | None = None, tenant: str = "1") -> None:
    """A script with options in a section of its annex."""
    options = [{"section": "made", "key": key, "value": value} for key, value in (annex or {}).items()]
    gateway.add("CfgScript", dbid, name, subtype=f"CFG{subtype}", tenantdbid=tenant, userproperties={"property": options})


def workflow(queue: Annex | None = None, view: Annex | None = None, submitter: Annex | None = None, routing: Annex | None = None) -> Any:
    """What strategies tell of the queue Q, beside which there are Q_2, and the strategies Route, Route_2 and, of another tenant, Elsewhere."""
    gateway = world()
    for number, (name, subtype, annex) in enumerate((
        ("Q", "InteractionQueue", queue), ("Q_2", "InteractionQueue", None), ("V", "InteractionQueueView", view),
        ("S", "InteractionSubmitter", submitter), ("Route", "SimpleRouting", routing), ("Route_2", "EnhancedRouting", None),
    )):
        script(gateway, 300 + number, name, subtype, annex)
    script(gateway, 310, "Elsewhere", "SimpleRouting", tenant="101")
    return strategies(context_of(gateway).directory, ["Q", "Q_2"], "Environment")


@pytest.mark.parametrize(
    ("annexes", "told"),
    [
        ({}, []),
        ({"queue": {"application": "script:Route"}}, ["Route"]),
        ({"view": {"from": "Q"}, "submitter": {"view": "V", "to": "Route_2"}}, ["Route_2"]),
        ({"queue": {"view": "V"}, "view": {"S": "1"}, "submitter": {"to": "Route"}}, ["Route"]),
        ({"view": {"from": "Q"}, "submitter": {"view": "V", "to": "Route,Route_2"}}, ["Route", "Route_2"]),
        ({"view": {"from": "Q_3, My_Q"}, "submitter": {"view": "V", "to": "Route"}}, []),
        ({"routing": {"puts it into": "Q"}}, []),
        ({"queue": {"application": "Elsewhere or Route_23"}}, []),
    ],
    ids=["nothing", "by the queue", "by view and submitter", "named the other way", "two", "another queue", "named by a strategy", "no names of here"],
)
def test_strategies_of_a_queue(annexes: dict[str, Annex], told: list[str]) -> None:
    assert workflow(**annexes) == {"Q": told, "Q_2": []}


def findings(gateway: Gateway) -> list[Finding]:
    context = context_of(gateway)
    described = validated_solution(description(interaction_queues=["New_In", "Webengagement_Chat"]))
    return interaction_queues.PART.findings(context, described, solution(context, described))


def test_what_is_told_of_the_queues_of_a_description() -> None:
    """Of those that are described, also if they are new, and of those that endpoints lead to."""
    gateway = world()
    silent, = findings(gateway)
    assert silent.level == WARNING and "takes the interactions from 'Chat_In', 'New_In', 'Webengagement_Chat'. See" in silent.text
    for dbid, name in ((300, "Route"), (301, "Route_2")):
        script(gateway, dbid, name, "SimpleRouting")
    queue = gateway.named("CfgScript", "Chat_In")
    queue["userproperties"] = {"property": [{"section": "a", "key": "b", "value": "Route Route_2"}]}
    silent, several = findings(gateway)
    assert "'Chat_In'" not in silent.text and "'New_In'" in silent.text
    assert several.level == WARNING and "the interactions in 'Chat_In' are taken by Route, Route_2. Only one strategy" in several.text
    queue["userproperties"] = {"property": [{"section": "a", "key": "b", "value": "Route"}]}
    assert len(findings(gateway)) == 1
