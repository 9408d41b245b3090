# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The snapshot file: objects as they were before a run, and what the run was about to make of them.

An entry is a dict: action (create, update, delete, or "keep" for an object that was only saved), type, name, tenant,
object (the raw object, null for a create), and fields, a list of {path, before, after} in the user's words. An entry with
"whole", a list of field names, holds every value below these fields; one with "part", the beginning of a path, is
brought back there alone (selection.py; it is in no file). The values of secret options are not in it.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets as random_names
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .._common.files import read_regular, replace_regular
from .errors import InvalidInput, SnapshotFailed
from .outlook import COPIED_TO_BACKUP
from .secrets import HIDDEN
from .shapes import Edits, Entry, Key, Raw
from .types import ObjectType, is_described, is_kind, object_type

if TYPE_CHECKING:
    from .directory import ConfigObject, Directory
    from .plan import Plan
    from .secrets import Secrets

#: What the file says of itself.
FORMAT = "genesys_engage.chat snapshot"
VERSION = 1

#: Bytes that are read; a snapshot of a large site has a few million.
SIZE_LIMIT = 256 * 1024 * 1024

_ACTIONS = ("create", "update", "delete", "keep")


class Keeper:
    """Writes the snapshot of one run.

    Args:
        place: directory, made if need be.
        server, made_by: for the head of the file.

    Attributes:
        path: the file, None until it was written.
    """

    def __init__(self, place: str, server: str, made_by: str, secrets: Secrets) -> None:
        self.place = place
        self.server = server
        self.made_by = made_by
        self.secrets = secrets
        self.path: str | None = None

    def keep(self, plan: Plan, directory: Directory) -> None:
        """Write what the plan is about to change; raises SnapshotFailed. Called before the first write of a run."""
        self.write(entries_of(plan, directory, self.secrets))

    def write(self, entries: list[Entry], path: str | None = None) -> None:
        """Write entries to a file of that path, or to a new one; it appears whole or not at all.  Raises SnapshotFailed."""
        option = "path" if path else "snapshot_dir"
        path = os.path.abspath(path or self._new_path())
        head = {"format": FORMAT, "version": VERSION, "server": self.server, "made_by": self.made_by,
                "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        lines = ",\n".join(json.dumps(entry, sort_keys=True) for entry in entries)
        text = json.dumps(head)[:-1] + ', "objects": [\n' + lines + "\n]}\n"
        try:
            make_directory(os.path.dirname(path))
            replace_regular(path, text, 0o600, replace_link=True)
        except (OSError, ValueError) as error:
            raise SnapshotFailed(
                f"the snapshot '{path}' could not be written: {getattr(error, 'strerror', None) or error}. Nothing was written to the Configuration Server: "
                f"make room there, or choose another place with {option}") from None
        self.path = path

    def discard(self) -> None:
        """Remove the file again: the run has not written anything after all, so that nothing could be brought back."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.path)
            self.path = None

    def _new_path(self) -> str:
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        return os.path.join(self.place, f"{stamp}-{self.made_by}-{random_names.token_hex(4)}.json")


def make_directory(path: str) -> None:
    """Make a directory, and those above it, for the owner alone; raises OSError."""
    try:
        os.makedirs(path, mode=0o700, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path) from None


def entries_of(plan: Plan, directory: Directory, secrets: Secrets) -> list[Entry]:
    """Return the entries of a run: its changes in their order, and the backups that a new pairing will overwrite."""
    entries = []
    by_object: dict[Key, Entry] = {}
    for change in plan.changes:
        key = (change.kind, change.name, change.tenant)
        found = change.found or directory.find(*key)
        raw = found.raw if found is not None and not found.planned else None
        if key in by_object:  # created and linked later, or untied and removed later
            _add_fields(by_object[key]["fields"], field_list(change.edits, secrets))
            if change.action == "delete":
                by_object[key]["action"] = change.action
            continue
        by_object[key] = _entry(change.action, key, raw, field_list(change.edits, secrets), directory, secrets)
        entries.append(by_object[key])
    for name in dict.fromkeys(change.edits["backup",][1] for change in plan.changes if ("backup",) in change.edits):
        backup = directory.find("CfgApplication", name) if name else None
        if backup is not None and not backup.planned:
            entries.append(entry_of(backup, None, directory, secrets, COPIED_TO_BACKUP))
        for entry in entries:
            if (entry["action"], entry["type"], entry["name"]) == ("create", "CfgApplication", name):
                # Made in this run, and overwritten in this run: what it began with is nothing to compare with.
                entry["fields"] = [field for field in entry["fields"] if field["path"][0] not in COPIED_TO_BACKUP]
    return entries


def _add_fields(fields: list[dict[str, Any]], later: list[dict[str, Any]]) -> None:
    """Add the fields of a later write to those of the same object; what both write began with the earlier one's value."""
    known = {tuple(field["path"]): field for field in fields}
    for field in later:
        if tuple(field["path"]) in known:
            known[tuple(field["path"])]["after"] = field["after"]
        else:
            fields.append(field)


def entry_of(found: ConfigObject, tenant: str | None, directory: Directory, secrets: Secrets, names: Iterable[str] | None = None) -> Entry:
    """Return the entry of an object that is only saved.

    Args:
        found: ConfigObject.
        names: the fields to save, None for all.
    """
    known = object_type(found.kind)
    if names is None:
        names = list(known.fields) + ([] if is_described(found.kind) else ["properties"])
    edits = {path: (value, value) for path, value in known.decode(found.raw, directory, names).items()}
    entry = _entry("keep", (found.kind, found.name, tenant), found.raw, field_list(edits, secrets), directory, secrets)
    entry["whole"] = list(names)
    return entry


def _entry(action: str, key: Key, raw: Raw | None, fields: list[dict[str, Any]], directory: Directory, secrets: Secrets) -> Entry:
    kind, name, tenant = key
    if tenant is None and raw is not None and object_type(kind).in_tenant:
        tenant = directory.name("CfgTenant", int(raw.get("tenantdbid") or 0)) or None
    return {"action": action, "type": kind, "name": name, "tenant": tenant, "object": _without_secrets(raw, secrets), "fields": fields}


def field_list(edits: Edits, secrets: Secrets) -> list[dict[str, Any]]:
    return [{"path": list(path), "before": secrets.shown(path, old), "after": secrets.shown(path, new)}
            for path, (old, new) in edits.items()]


def _without_secrets(value: Any, secrets: Secrets, key: str = "") -> Any:
    """Return a raw object with secret values hidden, in its lists of options as well as among its plain properties."""
    if isinstance(value, list):
        return [_without_secrets(item, secrets, key) for item in value]
    if isinstance(value, dict):
        inner = str(value.get("key")) if "value" in value and "key" in value else None
        return {name: item if name == "key" else _without_secrets(item, secrets, inner if name == "value" and inner else name)
                for name, item in value.items()}
    harmless = value in (None, "", "CFGTrue", "CFGFalse")
    return HIDDEN if not harmless and secrets.is_secret(key) else value


def read(path: str, server: str) -> list[Entry]:
    """Return the entries of a snapshot file; raises InvalidInput when it is none, or was taken on another server."""
    content = content_of(path)
    if content is None:
        raise InvalidInput(f"path: '{path}' is not a snapshot of this collection")
    if content.get("server") != server:
        raise InvalidInput(f"path: '{path}' was taken through {content.get('server')}, and gax_url leads to {server}. If that is the same Configuration "
                           "Server under another address, change \"server\" in the file")
    return content["objects"]


def content_of(path: str, option: str = "path") -> dict[str, Any] | None:
    """Return a snapshot file with its head, None when it is a file of somebody else; raises InvalidInput when it can't be read.

    option: of the module, for the message.
    """
    try:
        found = read_regular(path, SIZE_LIMIT + 1)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        if len(found) > SIZE_LIMIT:
            raise OSError(errno.EFBIG, f"it is larger than {SIZE_LIMIT} bytes", path)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{option}: '{path}' can't be read: {getattr(error, 'strerror', None) or error}") from None
    try:
        content = json.loads(found.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InvalidInput(f"{option}: '{path}' is not a snapshot: it holds no JSON") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    if content.get("version") != VERSION:
        raise InvalidInput(f"{option}: '{path}' is of version {content.get('version')}, and this collection reads version {VERSION}")
    entries = content.get("objects")
    if not isinstance(entries, list):
        raise InvalidInput(f"{option}: '{path}' is a damaged snapshot: it holds no list of objects")
    for number, entry in enumerate(entries):
        if not _is_entry(entry) or not all(_is_field(field, object_type(entry["type"])) for field in entry["fields"]):
            raise InvalidInput(f"{option}: '{path}' is a damaged snapshot: object {number + 1} of its list can't be understood")
    return content


def left_out(value: Any) -> set[str]:
    """Return the names of the options whose values were left out of entries, or of a part of them."""
    if isinstance(value, list):
        return set().union(*map(left_out, value))
    if not isinstance(value, dict):
        return set()
    names = {key for key, item in value.items() if item == HIDDEN and key not in ("value", "before", "after")}
    if value.get("value") == HIDDEN:
        names.add(str(value.get("key")))
    if HIDDEN in (value.get("before"), value.get("after")):
        names.add(value["path"][-1])
    return names.union(*map(left_out, value.values()))


def kinds_of(entries: list[Entry]) -> list[str]:
    """Return the classes of the entries."""
    return [entry["type"] for entry in entries]


def _is_entry(entry: Any) -> bool:
    return (isinstance(entry, dict) and entry.get("action") in _ACTIONS and isinstance(entry.get("name"), str) and entry["name"].strip()
            and isinstance(entry.get("type"), str) and is_kind(entry["type"]) and isinstance(entry.get("tenant"), (str, type(None)))
            and isinstance(entry.get("object"), (dict, type(None))) and (entry["action"] == "create" or entry["object"] is not None)
            and isinstance(entry.get("fields"), list) and isinstance(entry.get("whole", []), list)
            and all(name in object_type(entry["type"]).field_names for name in entry.get("whole", [])))


def _is_field(field: Any, known: ObjectType) -> bool:
    return (isinstance(field, dict) and {"path", "before", "after"} <= set(field) and isinstance(field["path"], list)
            and all(isinstance(part, str) for part in field["path"])
            and field["path"][:1] in [[name] for name in known.field_names]
            and len(field["path"]) == 1 + known.field(field["path"][0]).depth
            and not any(isinstance(field[word], (dict, list)) for word in ("before", "after")))
