# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that the interfaces of one running sandbox share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .environment import Environment
from .gax.api import GaxApi
from .gax.dialects import DIALECTS
from .gax.errors import ConfigurationError
from .gax.faults import FaultyGax
from .gax.requestlog import RequestLog
from .gax.rules import ConfigurationServer, class_of
from .gax.seed import plant
from .gax.sessions import Accounts, Sessions
from .gax.store import Store


class SandboxState:
    """The store, the rules over it, GAX's interface, the request log, and the switches of the control interface."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.store = Store(environment.directory / "gax.db")
        self.server = ConfigurationServer(self.store)
        self.accounts = Accounts(environment.password)
        self.sessions = Sessions(environment.session_timeout, environment.session_limit)
        self.api = GaxApi(self.server, self.accounts, self.sessions, DIALECTS[environment.dialect])
        self.log = RequestLog()
        self.gax = FaultyGax(self.api, self.log, self.edit)
        self.restart_scs: Callable[[], Awaitable[bool]] | None = None
        if not self.store.counts():
            plant(self.server, environment, environment.seed)

    def reset(self, seed: str) -> None:
        """Return to a freshly planted database; the request log, faults and sessions go too. Raises ValueError."""
        self.gax.faults.clear()
        self.sessions.expire_all()
        self.log.clear()
        self.store.clear()
        plant(self.server, self.environment, seed)

    def use_dialect(self, name: str) -> None:
        """Answer in another dialect from now on; sessions end. Raises KeyError."""
        self.api.dialect = DIALECTS[name]
        self.sessions.expire_all()

    def edit(self, edit: dict[str, Any]) -> dict[str, Any]:
        """Carry out one edit of a concurrent editor, past the wire but by the rules. Raises ConfigurationError.

        ``{"create": {object}}``, or ``type`` with ``dbid`` or ``name``, and ``fields``, ``options``, ``annex`` or ``delete``.
        """
        if "create" in edit:
            return self.server.create(edit["create"])[0]
        definition = class_of(edit.get("type"))
        dbid = str(edit.get("dbid", ""))
        if not dbid:
            found = self.store.find(definition.name, str(edit.get("name")))
            if found is None:
                raise ConfigurationError("CFGObjectNotFound", f"{definition.name} '{edit.get('name')}' does not exist")
            dbid = found["dbid"]
        if edit.get("delete"):
            return self.server.delete(definition.name, dbid)
        return self.server.edit(definition.name, dbid, edit.get("fields"), edit.get("options"), edit.get("annex"))
