# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is judged: the Configuration Server as it is, as it would be with a description, or as a snapshot has kept it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..._config.apply import apply
from ..._config.directory import Directory
from ..._config.errors import InvalidInput
from ..._config.plan import make_plan
from ..._config.recorded import Recorded, copied, lacks_servers, recorded
from ..._config.snapshot import content_of
from ..context import Context
from ..solution import kinds_of, solution, validated_solution

#: Without these nothing can be judged.
_NEEDED = ("CfgApplication", "CfgTenant")


def subject(context: Context, params: Mapping[str, Any], kinds: Iterable[str]) -> tuple[Context, frozenset[str]]:
    """Return (the Context to look at, those of the classes of which it knows nothing); raises InvalidInput.

    Args:
        context: of the Configuration Server, which is only read.
        params: solution (a description, or None), snapshot (a path, or None).
        kinds: the classes that are looked at.
    """
    kinds = list(dict.fromkeys(kinds))
    if params.get("solution") and params.get("snapshot"):
        raise InvalidInput("snapshot: a description can't be tried on a snapshot; give solution or snapshot")
    if params.get("snapshot"):
        kept = _kept(params["snapshot"])
        return _of(kept, context), frozenset(kinds) - kept.kinds
    if params.get("solution"):
        return _tried(context, validated_solution(params["solution"]), kinds), frozenset()
    context.directory.load(kinds)
    return context, frozenset()


def _of(kept: Recorded, context: Context) -> Context:
    return Context(Directory(kept), secrets=context.secrets)


def _kept(path: str) -> Recorded:
    content = content_of(path, "snapshot")
    if content is None:
        raise InvalidInput(f"snapshot: '{path}' is not a snapshot of this collection")
    kept = recorded(content["objects"])
    missing = [kind for kind in _NEEDED if kind not in kept.kinds]
    if missing or lacks_servers(kept):
        raise InvalidInput(f"snapshot: '{path}' does not hold all objects of {' and '.join(missing or _NEEDED[:1])}, so nothing can be judged by it; "
                           "config_snapshot saves whole classes")
    return kept


def _tried(context: Context, description: Mapping[str, Any], kinds: list[str]) -> Context:
    """Return the Context of the configuration as it would be: the plan of the description is carried out on a copy.  Raises InvalidInput."""
    directory = context.directory
    directory.load([*kinds_of(description), *kinds])
    wanted = solution(Context(directory, allow_disconnect=True, secrets=context.secrets), description)
    plan = make_plan(directory, wanted)
    trial = copied(directory, [*kinds_of(description), *kinds, "CfgFolder"])
    apply(plan, Directory(trial), check_mode=False, secrets=context.secrets)
    return _of(trial, context)
