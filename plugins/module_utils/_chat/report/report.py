# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a chat solution as data: the graph, and the findings of the audit on what they concern."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ..audit.audit import judged
from ..context import Context
from .differences import mark
from .graph import KINDS, graph, node_ids

#: What only the rules on agents read, and may be many.
_PERSONS = ("CfgPerson",)


def chat_solution_report(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"graph", "counts"}; nothing is written.

    graph: what graph.graph returns, and {"of", "snapshot", "made", "findings", "counts", "not_judged", "compared"}. of: live, description or snapshot, and
    its path; made: when, in UTC; findings: the faults of the audit, each with "nodes", the ids of the nodes that it is about; compared: see
    differences.mark, None without a comparison.

    Args:
        params: what audit.judged needs, states, versions, compared (see differences.mark), and agents (False: rules that read all persons are not judged).
    """
    site, audit = judged(context, params, KINDS, () if params.get("agents", True) else _PERSONS)
    drawn = graph(site, audit["faults"], _texts(params.get("states")), _texts(params.get("versions")))
    findings = [dict(fault, nodes=node_ids(fault, drawn["nodes"])) for fault in audit["faults"]]
    of = "snapshot" if params.get("snapshot") else "description" if params.get("solution") else "live"
    made = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    drawn.update(of=of, snapshot=params.get("snapshot") or "", made=made, findings=findings, counts=audit["counts"], not_judged=audit["not_judged"],
                 compared=None)
    if params.get("compared"):
        mark(drawn, params["compared"], of, drawn["snapshot"])
    return {"graph": drawn, "counts": audit["counts"]}


def _texts(given: Mapping[Any, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (given or {}).items() if value not in (None, "")}
