# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the suite writes: one folder, and in it only objects whose names carry a prefix. And how all of it goes away again."""

from __future__ import annotations

import contextlib
import secrets
from dataclasses import dataclass, field

from .client import Client, NoAnswer, Object, Unusable

PREFIX = "ansible-contract-"
#: The root folder of applications.  Source: G2
APPLICATIONS = "102"
FOLDERS_OF_APPLICATIONS = ("CFGApplication", None)


@dataclass
class Place:
    """The folder of one run. Without a DBID it is still to be made, below ``parent``."""

    path: str
    parent: Object
    dbid: str = ""
    token: str = field(default_factory=lambda: PREFIX + secrets.token_hex(4))

    @property
    def own(self) -> bool:
        """Whether the folder is the run's own, and goes when it ends."""
        return self.path.rpartition("/")[2] == self.token

    def name(self, rest: str) -> str:
        """Return a name for an object of this run."""
        return f"{self.token}-{rest}"


def new_place(client: Client) -> Place:
    """Return the place of a new folder below the applications' root folder. Raises Unusable if that is not where it is expected."""
    folders = client.listed("CfgFolder")
    root = next((folder for folder in folders if str(folder.get("dbid")) == APPLICATIONS), None)
    if root is None or root.get("subtype") not in FOLDERS_OF_APPLICATIONS:
        raise Unusable(
            f"folder {APPLICATIONS} is not that of the applications here: name an existing empty folder for applications with --folder"
        )
    place = Place("", root)
    place.path = f"{path_of(root, folders)}/{place.token}"
    return place


def named_place(client: Client, path: str) -> Place:
    """Return the existing folder with that path, or with that end of its path. Raises Unusable unless there is exactly one."""
    folders = client.listed("CfgFolder")
    wanted = path.strip("/")
    found = [
        folder
        for folder in folders
        if f"/{path_of(folder, folders)}".endswith(f"/{wanted}") and folder.get("subtype") in FOLDERS_OF_APPLICATIONS
    ]
    found = [folder for folder in found if path_of(folder, folders) == wanted] or found
    if len(found) != 1:
        raise Unusable(f"{'no' if not found else 'more than one'} folder for applications is named '{path}'")
    return Place(path_of(found[0], folders), found[0], str(found[0]["dbid"]))


def path_of(folder: Object, folders: list[Object]) -> str:
    """Return the names from the root to the folder, with slashes between them."""
    by_dbid = {str(value.get("dbid")): value for value in folders}
    names: list[str] = []
    current: Object | None = folder
    while current is not None and len(names) < 50:
        names.insert(0, str(current.get("name", "")))
        current = by_dbid.get(str(current.get("folderid")))
    return "/".join(names)


def content(client: Client, dbid: str) -> list[Object]:
    """Return the applications and folders that lie in a folder."""
    return [value for name in ("CfgApplication", "CfgFolder") for value in client.listed(name) if str(value.get("folderid")) == dbid]


def make(client: Client, place: Place) -> str:
    """Create the folder as its parent is, and note its DBID; return the answer's form. Raises Unusable if it does not come about.

    No client was seen creating a folder: the body is inferred from what a folder shows.  Source: G1
    """
    kept = ("subtype", "folderclass", "ownertype", "ownerdbid", "customtype")
    body = {"type": "CfgFolder", "name": place.token, "folderid": str(place.parent["dbid"]), "state": "CFGEnabled"}
    body.update({key: str(place.parent[key]) for key in kept if place.parent.get(key) is not None})
    answer = client.call("POST", "cfg/objects", body=body)
    made = client.named("CfgFolder", place.token)
    if made is None or str(made.get("folderid")) != str(place.parent["dbid"]):
        raise Unusable(answer.refusal)
    place.dbid = str(made["dbid"])
    return answer.form


def of_this_run(client: Client, place: Place) -> list[Object]:
    """Return what this run has made, wherever it lies: its names carry a token that nothing else has."""
    return [
        value
        for name in ("CfgApplication", "CfgFolder")
        for value in client.listed(name)
        if str(value.get("name", "")).startswith(place.token)
    ]


def of_former_runs(client: Client, place: Place) -> tuple[list[Object], list[Object]]:
    """Return what runs that were killed have left: what may be removed, and what carries the prefix but lies elsewhere.

    ``place`` is a folder that the user named, or a new one, whose parent then holds the former runs' folders.
    """
    applications, folders = client.listed("CfgApplication"), client.listed("CfgFolder")
    ours = [value for value in applications + folders if str(value.get("name", "")).startswith(PREFIX)]
    mine = [value for value in folders if value in ours and not place.dbid and value.get("folderid") == place.parent["dbid"]]
    within = {str(value["dbid"]) for value in mine} | {place.dbid}
    removable = [value for value in ours if value.get("type") == "CfgApplication" and str(value.get("folderid")) in within] + mine
    return removable, [value for value in ours if value not in removable]


def remove(client: Client, values: list[Object]) -> list[Object]:
    """Delete objects; return those that are still there.

    An application goes after those that connect to it, so there are rounds; a folder goes last, and only when it is empty.
    """
    left = list(values)
    if any(not str(value.get("name", "")).startswith(PREFIX) for value in left):
        raise Unusable("refused to remove what does not carry the prefix")
    for class_name in ("CfgApplication", "CfgFolder"):
        progress = True
        while progress and any(value["type"] == class_name for value in left):
            for value in left:
                if value["type"] == class_name and not (class_name == "CfgFolder" and _holds_something(client, value)):
                    with contextlib.suppress(NoAnswer):  # the list tells whether it is gone
                        client.call("DELETE", f"cfg/objects/{class_name}/{value['dbid']}")
            there = {str(value.get("dbid")) for value in client.listed(class_name)}
            still = [value for value in left if value["type"] != class_name or str(value["dbid"]) in there]
            progress, left = len(still) < len(left), still
    return left


def _holds_something(client: Client, folder: Object) -> bool:
    """Tell whether a folder has content of any class, as far as it can be seen."""
    shown = client.read("CfgFolder", folder["dbid"]).get("objectids") or {}
    return bool(content(client, str(folder["dbid"])) or shown.get("idtype"))
