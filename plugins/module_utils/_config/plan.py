# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From wanted states to an ordered list of writes, each with before and after in the user's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable

from . import rules
from .change import Change
from .compare import below_any, edits
from .desired import merged
from .errors import InvalidInput
from .folders import give_folder
from .order import in_order
from .outlook import Outlook, existing, leave_copies_to_the_primary

if TYPE_CHECKING:
    from .desired import Desired
    from .directory import ConfigObject, Directory


class Plan:
    """The ordered writes of a run: creates, then updates, then deletes, except where a rule asks for another order."""

    def __init__(self, changes: list[Change], kinds: list[str]) -> None:
        self.changes = changes
        self.kinds = kinds

    def __bool__(self) -> bool:
        return bool(self.changes)


def make_plan(directory: Directory, desired: Iterable[Desired]) -> Plan:
    """Return the Plan that takes the Configuration Server from what "directory" shows to what is desired.

    Raises InvalidInput when a rule of the Configuration Server forbids it; nothing has been written then.
    """
    wanted = merged(desired)
    leave_copies_to_the_primary(directory, wanted)
    outlook = Outlook(directory, wanted)
    drafts = []
    for item in wanted:
        found = directory.find(item.kind, item.name, item.tenant)
        if item.present:
            draft = _update(directory, item, found) if existing(found) else _create(directory, item)
        else:
            draft = _delete(item, found, directory) if existing(found) else None
        if draft:
            drafts.append(draft)
    rules.check(outlook, drafts)
    changes = in_order(outlook, drafts)
    return Plan(changes, list(dict.fromkeys(change.kind for change in changes)))


def _create(directory: Directory, item: Desired) -> Change:
    give_folder(directory, item)
    leaves = {path: value for path, value in item.on_create.items() if not below_any(path, item.absent)}
    leaves.update(item.leaves)
    return Change("create", item, {path: (None, value) for path, value in leaves.items()})


def _update(directory: Directory, item: Desired, found: ConfigObject) -> Change | None:
    names = {path[0] for path in item.leaves} | {path[0] for path in item.absent}
    current = item.type.decode(found.raw, directory, names)
    changed = edits(current, item.leaves, item.absent)
    for path in changed:
        if path[0] in item.type.immutable:
            old, new = changed[path]
            raise InvalidInput(f"{item.label}: {'/'.join(path)} is '{old}' and can't be changed to '{new}': the Configuration Server takes it only "
                               "when the object is created")
    return Change("update", item, changed, found) if changed else None


def _delete(item: Desired, found: ConfigObject, directory: Directory) -> Change:
    current = item.type.decode(found.raw, directory, [name for name in item.type.fields if name != "folder"])
    # An empty property says nothing; an empty option, or a connection without a protocol, is there all the same.
    return Change("delete", item, {path: (value, None) for path, value in current.items() if value != "" or len(path) > 1}, found)


def describe(plan: Plan, mask: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Return the plan as data: list of {action, type, name, tenant, before, after, copied_to}; mask hides secrets."""
    return [{"action": change.action, "type": change.kind, "name": change.name, "tenant": change.tenant or "",
             "before": mask(change.before()), "after": mask(change.after()), "copied_to": change.copied_to}
            for change in plan.changes]


def diff(plan: Plan, mask: Callable[[Any], Any], whole: bool = True) -> list[dict[str, Any]]:
    """Return the plan in the form of Ansible's diff: a list with one entry per write, in the order of the writes.

    Args:
        plan: the plan.
        mask: hides secrets.
        whole: whether the options that a new application has from its template are shown one by one, and not as one line.
    """
    shown = []
    for change in plan.changes:
        note = f" (the Configuration Server copies this to its backup '{change.copied_to}')" if change.copied_to else ""
        header = f"{change.label}{note}"
        entry: dict[str, Any] = {"before_header": header, "after_header": header, "before": {}, "after": {}}
        if change.action != "create":
            entry["before"] = mask(change.before())
        if change.action != "delete":
            inheritance = "" if whole else change.inheritance()
            entry["after"] = mask(change.after(change.inherited if inheritance else ()))
            if inheritance:
                entry["after"]["options of the template"] = inheritance
        entry["after_header"] = change.label + {"create": ", to be created", "delete": ", to be removed"}.get(change.action, "") + note
        shown.append(entry)
    return shown
