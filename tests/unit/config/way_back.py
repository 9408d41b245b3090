# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For tests of snapshots: runs that keep one, the way back, and databases told so that DBIDs do not matter."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from unit.config.fake_gateway import Gateway

from ansible_collections.genesys_engage.chat.plugins.module_utils._config.apply import apply
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.plan import Plan, make_plan
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.restore import REFUSE, WayBack
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.snapshot import Keeper, read
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError

SERVER = "https://gax.example.com/gax/api/"


class Run:
    """A run that keeps a snapshot. wanted: the list of Desired, or a function (directory) that returns it.

    plan: what it was about to do.  file: its snapshot, None if nothing was to be written.
    """

    def __init__(self, gateway: Gateway, wanted: Any, place: Path, secrets: Secrets | None = None) -> None:
        self.gateway = gateway
        self.secrets = secrets or Secrets()
        self.directory = Directory(gateway)
        self.plan: Plan = make_plan(self.directory, wanted(self.directory) if callable(wanted) else wanted)
        self.keeper = Keeper(str(place), SERVER, "test", self.secrets)

    def carry_out(self) -> None:
        """Write."""
        apply(self.plan, self.directory, False, self.secrets, self.keeper)

    @property
    def file(self) -> str | None:
        """The snapshot's path, None until it was written."""
        path: str | None = self.keeper.path
        return path


class Restore(Run):
    """The way back from a snapshot file, as a run. kept, not_restored: see WayBack."""

    def __init__(self, gateway: Gateway, file: str | None, place: Path, later_edits: str = REFUSE, secrets: Secrets | None = None) -> None:
        assert file is not None, "the run kept no snapshot"
        back: list[WayBack] = []

        def wanted(directory: Directory) -> Any:
            back.append(WayBack(directory, secrets or Secrets(), later_edits))
            return back[0].wanted(read(file, SERVER))

        super().__init__(gateway, wanted, place, secrets)
        self.kept = back[0].kept
        self.not_restored = back[0].not_restored


_REFERENCES = {"hostdbid": "CfgHost", "appprototypedbid": "CfgAppPrototype", "backupserverdbid": "CfgApplication", "folderid": "CfgFolder",
               "tenantdbid": "CfgTenant"}


def told(gateway: Gateway) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return every object whole, with names in place of DBIDs and its lists in an order of their own."""
    def name(kind: str, dbid: object) -> str:
        return str(gateway.objects[kind][int(str(dbid))]["name"]) if str(dbid) != "0" else ""

    shown: dict[tuple[str, str, str], dict[str, Any]] = {}
    for kind, objects in gateway.objects.items():
        for raw in objects.values():
            value = copy.deepcopy(raw)
            del value["dbid"]
            for key, target in _REFERENCES.items():
                if key in value:
                    value[key] = name(target, value[key])
            for entry in value.get("appservers", {}).get("conninfo", []):
                entry["appserverdbid"] = name("CfgApplication", entry["appserverdbid"])
                if not entry["connprotocol"]:  # these count only with addp
                    entry.update(timoutlocal="0", timoutremote="0", mode="CFGTMNoTraceMode")
            for box in value.values():
                if isinstance(box, dict):
                    for inner in box:
                        # A spare field of 0 says nothing.
                        box[inner] = sorted(({key: item for key, item in entry.items() if (key[:-1], item) != ("longfield", "0")} for entry in box[inner]),
                                            key=lambda entry: sorted(entry.items()))
            which = (kind, raw["name"], str(value.get("tenantdbid", "")))
            assert which not in shown, f"there are two of {which}"
            shown[which] = value
    return shown


class Strict(Gateway):
    """Refuses more, as the Configuration Server does: pairs that overlap, connections that lead nowhere, DBIDs of one's own.  Source: G5"""

    def _create(self, raw):
        if raw.get("dbid"):
            raise GatewayError("dbid is assigned by the server", "POST", "cfg/objects", 400)
        self._check(raw, {})
        return super()._create(raw)

    def _update(self, kind, dbid, raw):
        self._check(raw, self.objects[kind].get(dbid, {}))
        super()._update(kind, dbid, raw)

    def _delete(self, kind, dbid):
        super()._delete(kind, dbid)
        self._settle()  # a backup whose primary is gone is a primary itself

    def _check(self, raw, before):
        if raw["type"] != "CfgApplication":
            return
        apps = self.objects.get("CfgApplication", {})
        dbid, backup = int(raw.get("dbid", 0)), int(raw["backupserverdbid"])
        if backup and backup != int(before.get("backupserverdbid", 0)):
            owner = self.primary_of(backup)
            if owner and int(owner["dbid"]) != dbid or dbid and self.primary_of(dbid) or int(apps[backup]["backupserverdbid"]) or backup == dbid:
                raise GatewayError(f"'{apps[backup]['name']}' or '{raw['name']}' is part of another pair", "PUT", "cfg/objects", 409)
        for entry in raw["appservers"]["conninfo"]:
            server = int(entry["appserverdbid"])
            if server != dbid and server not in apps:
                raise GatewayError(f"CfgApplication {server} does not exist", "PUT", "cfg/objects", 409, "CFGIncorrectReferences")
