# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan would take away from applications that run: refused unless it is allowed by name.

The Configuration Server does not say what runs. So an application that was installed counts as running, unless somebody has seen
it stopped. This is the collection's own caution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._config import fields
from .._config.change import Change
from .._config.directory import ConfigObject
from .._config.errors import InvalidInput
from .._config.outlook import COPIED_TO_BACKUP, backup_now
from .._config.plan import Plan
from .._config.shapes import Edits, Path
from .chat_services import SECTION, service_sections
from .client_links import NO_GMS_NODE
from .context import CHAT_SERVER, INTERACTION_QUEUE, Context
from .engagement_options import OPTIONS

#: Sections of endpoints; the template's placeholder is none.  Source: CHAT
_ENDPOINTS = re.compile(r"^endpoints:(\d+)$")

#: Options without which Web Engagement has no chat channel.  Source: GWE812, GWECH
_CHANNEL = {("options", *known[point]) for known in OPTIONS.values() for point in ("queue_key", "queue")}

#: The number of an application's default port, as a plain property.  Source: G5
_PORT = ("properties", "port")

#: What a host is reached by, and whether it is in use.
_OF_A_HOST = {("address",), ("lca_port",), ("enabled",)}

#: Longest list in a message.
_MOST = 8


class Loss(NamedTuple):
    """What is taken away.

    Attributes:
        what: the sentence.
        names: whoever names one of these allows it.
        running: who uses it, as far as is known.
        of_chat_server: whether allow_disconnect allows it, too.
    """

    what: str
    names: tuple
    running: tuple
    of_chat_server: bool = False


def refuse_losses(context: Context, plan: Plan) -> None:
    """Raise InvalidInput if the plan takes away something that is in use, and that nobody has allowed by name."""
    losses = [loss for loss in _Losses(context, plan).all()
              if not context.allow_disruption.intersection(loss.names) and not (loss.of_chat_server and context.allow_disconnect)]
    if not losses:
        return
    running = sorted({name for loss in losses for name in loss.running})
    shown = [loss.what for loss in losses[:_MOST]] + ([f"and {len(losses) - _MOST} more"] if len(losses) > _MOST else [])
    allowed = list(dict.fromkeys(loss.names[0] for loss in losses))
    raise InvalidInput(
        f"this would take away what is in use: {'; '.join(shown)}. These count as running, since they are installed and nobody has seen them "
        f"stopped: {', '.join(running)}. Stop them (module application_control, state stopped) and name them in stopped_applications; or, to accept the "
        f"loss, set allow_disruption (in the playbooks chat_allow_disruption) to [{', '.join(allowed)}]")


class _Losses:
    def __init__(self, context: Context, plan: Plan) -> None:
        self.context = context
        self.directory = context.directory
        self.plan = plan
        self.removed = {change.name for change in plan.changes if change.kind == "CfgApplication" and change.action == "delete"}

    def all(self) -> list[Loss]:
        """Return every Loss, in the order of the writes, each once."""
        losses = []
        for change in self.plan.changes:
            if change.found is None:
                continue
            if change.kind == "CfgApplication":
                losses += self._of_application(change)
            elif change.action == "delete" or self._disables(change):
                losses += self._of_another(change)
        return list(dict.fromkeys(losses))

    def _running(self, *names: str) -> tuple[str, ...]:
        """Return those of the names that count as running, sorted."""
        return tuple(name for name in sorted(names) if self.context.may_run(self.directory.find("CfgApplication", name)))

    # -- applications --------------------------------------------------------------------------------------------

    def _of_application(self, change: Change) -> list[Loss]:
        if change.name in self.removed:
            if change.action != "delete" or not self._running(change.name):
                return []
            return [Loss(f"{change.label} would be removed", (change.name,), (change.name,))]
        losses = []
        for app, edits in self._edits(change):
            for path, (old, new) in edits.items():
                # An empty property says nothing; a connection without a protocol is one all the same.
                there = old is not None and (old != "" or len(path) > 1 and path != _PORT)
                loss = self._of_field(app, path, old, new) if there else None
                if loss is not None:
                    losses.append(loss)
            losses += self._of_chat_services(app, edits)
        return losses

    def _edits(self, change: Change) -> Iterator[tuple[ConfigObject, Edits]]:
        """Yield (application, edits): what is written, and what the Configuration Server then copies to a backup."""
        yield change.target, {change.type.field_of(path): edit for path, edit in change.edits.items()}
        backup = self.directory.find("CfgApplication", change.copied_to) if change.copied_to else None
        if backup is not None and not backup.planned and backup.name not in self.removed:
            theirs = backup.leaves(self.directory, COPIED_TO_BACKUP)
            ours = change.target.leaves(self.directory, COPIED_TO_BACKUP)
            ours.update({path: new for other in self.plan.changes if (other.kind, other.name) == (change.kind, change.name)
                         for path, (_old, new) in other.edits.items() if path[0] in COPIED_TO_BACKUP})
            yield backup, {path: (old, None) for path, old in theirs.items() if ours.get(path) is None}

    def _of_field(self, app: ConfigObject, path: Path, old: Any, new: Any) -> Loss | None:
        """Return the Loss that a changed value means for an application, or None."""
        label = f"application '{app.name}'"
        if path[0] == "connections":
            return self._of_connection(app, label, path, new)
        if path[0] == "backup":
            running = self._running(app.name, backup_now(self.directory, app))
            pair = (app.name, backup_now(self.directory, app))
            return Loss(f"{label} would lose its backup '{pair[1]}'", pair, pair) if len(running) == 2 else None
        what = self._what(app, path, old, new)
        if what is None or not self._running(app.name):
            return None
        moves = path[0] in ("ports", "host") or path == _PORT
        clients = self._running(*({client.name for client in self.directory.clients(app)} - {app.name})) if moves else ()
        used = f", which {', '.join(clients)} {'is' if len(clients) == 1 else 'are'} connected to" if clients else ""
        return Loss(f"{label} would {what}{used}", (app.name,), (app.name, *clients))

    @staticmethod
    def _what(app: ConfigObject, path: Path, old: Any, new: Any) -> str | None:
        if path[0] == "ports":
            return (f"lose its port '{path[1]}' ({old})") if new is None else f"have {new} in place of {old} as its port '{path[1]}'"
        if path == _PORT:
            return f"have {new} in place of {old} as its port"
        if path[0] == "host":
            return "leave its host"
        if path[0] == "tenants" and new is None:
            return f"no longer serve tenant '{path[1]}'"
        if path[0] == "enabled" and new in ("disabled", "CFGDisabled"):
            return "be disabled"
        if path in _CHANNEL and not new:
            return "lose its chat channel of Web Engagement"
        if path[0] == "options" and app.subtype == CHAT_SERVER and _ENDPOINTS.match(path[1]) and not new:
            return f"lose its endpoint '{path[2]}'"
        return None

    def _of_chat_services(self, app: ConfigObject, edits: Edits) -> list[Loss]:
        """The chat services that GMS would no longer offer, since no option of their section is left.  Source: CHAT"""
        sections = {section for section, _option in service_sections(app)} if app.subtype not in NO_GMS_NODE and self._running(app.name) else set()
        left = {option[0] for option in app.options() if edits.get(("options", *option), ("", ""))[1] is not None}
        left |= {path[1] for path, (_old, new) in edits.items() if path[0] == "options" and new is not None}
        return [Loss("application '%s' would lose its chat service '%s'" % (app.name, section[len(SECTION):]), (app.name,), (app.name,))
                for section in sorted(sections - left)]

    def _of_connection(self, app: ConfigObject, label: str, path: Path, new: Any) -> Loss | None:
        server = self.directory.find("CfgApplication", path[1])
        if path[3] != "protocol" or new is not None or server is None or server.planned or path[2] not in server.port_ids:
            return None
        pair = (server.name, app.name)
        if len(self._running(*pair)) < 2 or server.name in self.removed and app.name == server.name:
            return None
        return Loss(f"{label} would lose its connection to '{server.name}' (port '{path[2]}')", pair, pair, app.subtype == CHAT_SERVER)

    # -- other objects -------------------------------------------------------------------------------------------

    @staticmethod
    def _disables(change: Change) -> bool:
        return any(new in ("disabled", "CFGDisabled") for path, (_old, new) in change.edits.items() if path in (("enabled",), ("properties", "state"))) or (
            change.kind == "CfgHost" and any(path[0] == "properties" and change.type.field_of(path) in _OF_A_HOST for path in change.edits))

    def _of_another(self, change: Change) -> list[Loss]:
        known = {"CfgScript": self._of_queue, "CfgTenant": self._of_tenant, "CfgHost": self._of_host}
        return known[change.kind](change) if change.kind in known else []

    def _of_queue(self, change: Change) -> list[Loss]:
        """An Interaction Queue to which endpoints lead."""
        if change.target.subtype != INTERACTION_QUEUE:
            return []
        users = []
        for app in self.directory.all("CfgApplication"):
            options = dict(app.options())
            for other in self.plan.changes:
                if (other.kind, other.name) == (app.kind, app.name):
                    options.update({path[1:]: new for path, (_old, new) in other.edits.items() if path[0] == "options"})
            leads = [section for (section, _key), queue in options.items() if queue == change.name and _ENDPOINTS.match(section)
                     and fields.number(section.split(":")[1]) == change.target.tenant_dbid]
            if app.subtype == CHAT_SERVER and app.name not in self.removed and leads:
                users += self._running(app.name)
        return [Loss(f"Interaction Queue '{change.name}' would be removed, to which endpoints of {', '.join(users)} lead",
                     (change.name,), tuple(users))] if users else []

    def _of_tenant(self, change: Change) -> list[Loss]:
        users = self._running(*(app.name for app in self.directory.all("CfgApplication") if app.name not in self.removed
                                and change.target.dbid in app.tenant_dbids))
        return [Loss(f"{change.label} would be removed, which {', '.join(users)} serve", (change.name,), users)] if users else []

    def _of_host(self, change: Change) -> list[Loss]:
        users = self._running(*(app.name for app in self.directory.all("CfgApplication") if app.name not in self.removed
                                and app.host_dbid == change.target.dbid))
        return [Loss(f"{change.label} would be changed or removed, on which {', '.join(users)} run", (change.name,), users)] if users else []
