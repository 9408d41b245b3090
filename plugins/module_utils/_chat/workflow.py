# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which strategy takes the interactions from a queue, as far as the objects tell.

The tools that make workflows (IRD, Composer) write into the annexes of scripts, and their layout is not public. So nothing is read by
place: it counts that an annex has the name of another object. What that shows is inferred, and never makes a verification fail.
Source: PSENUM (types of scripts), GWE812 (one strategy for a queue)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .context import INTERACTION_QUEUE

if TYPE_CHECKING:
    from .._config.directory import ConfigObject, Directory

#: What stands between a queue and its strategy, and what can be one.  Source: PSENUM
_BETWEEN = ("CFGInteractionQueueView", "CFGInteractionSubmitter")
_STRATEGIES = ("CFGSimpleRouting", "CFGEnhancedRouting")


def strategies(directory: Directory, queues: Iterable[str], tenant: str) -> dict[str, list[str]]:
    """Return queue -> names of the strategies that take from it, as far as the objects tell; [] where they tell none.

    A strategy counts if the queue's annex names it, or that of a view or a submitter that leads to the queue by names. That a strategy names
    the queue says nothing: it may put interactions into it.
    """
    tenant_dbid = directory.dbid("CfgTenant", tenant)
    scripts = [script for script in directory.all("CfgScript") if script.tenant_dbid == tenant_dbid]
    between = [(script, _words(directory, script)) for script in scripts if script.subtype in _BETWEEN]
    routing = [script.name for script in scripts if script.subtype in _STRATEGIES]
    own = {script.name: _words(directory, script) for script in scripts if script.subtype == INTERACTION_QUEUE}
    found = {}
    for queue in queues:
        names, texts = [queue], [own.get(queue, "")]
        rest = list(between)
        while near := [(script, text) for script, text in rest if _has(text, names) or any(_has(known, [script.name]) for known in texts)]:
            rest = [item for item in rest if item not in near]
            names += [script.name for script, _text in near]
            texts += [text for _script, text in near]
        found[queue] = sorted(name for name in routing if any(_has(text, [name]) for text in texts))
    return found


def _words(directory: Directory, script: ConfigObject) -> str:
    """Return the options and values of a script's annex, a line for each."""
    return "\n".join(f"{path[2]}\n{value}" for path, value in script.leaves(directory, ("annex",)).items())


def _has(text: str, names: Iterable[str]) -> bool:
    """Return whether one of the names stands in a text as a whole."""
    return any(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text) for name in names)
