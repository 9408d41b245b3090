# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a new object for which none is given. Both public clients of GAX send one with each create.  Source: G1, G2"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import fields
from .errors import InvalidInput
from .types import object_type

if TYPE_CHECKING:
    from .desired import Desired
    from .directory import ConfigObject, Directory

#: DBIDs of folders in a new database, by class. Of other classes they are not known.  Source: G2
KNOWN = {"CfgAppPrototype": 101, "CfgApplication": 102, "CfgHost": 103}


def give_folder(directory: Directory, item: Desired) -> None:
    """Have a new object (a Desired) put into the folder in which such objects lie, unless one is given; raises InvalidInput if none is found."""
    if any(path in leaves for leaves in (item.leaves, item.on_create) for path in (("folder",), ("properties", "folderid"))) or "folderid" in item.base:
        return
    dbid = _folder_of_likes(directory, item) or default_folder(directory, item.kind, item.label, _subtype(directory, item), _tenant(directory, item))
    if dbid:
        item.base = dict(item.base, folderid=str(dbid))  # each tenant may have a folder of the same path
        item.on_create["folder",] = directory.folder_path(dbid)


def default_folder(directory: Directory, kind: str, label: str, subtype: str = "", tenant: int = 0) -> int:
    """Return the DBID of the folder for all objects of a class, 0 if the class has none; raises InvalidInput if none is found.

    That is the one of the known DBID, or the topmost one of the class; where there are several, the tenant's, or the most used one.

    Args:
        tenant: DBID, 0 if not known.
    """
    content = subtype if kind == "CfgFolder" else "CFG" + kind[3:]  # as in "CFGApplication"  Source: G1
    known = directory.by_dbid("CfgFolder", KNOWN.get(kind, 0))
    if known is not None and known.subtype in ("", content):
        return known.dbid
    fitting = {folder.dbid: folder for folder in directory.all("CfgFolder") if folder.subtype == content and content}
    top = [folder for folder in fitting.values() if fields.number(folder.raw.get("folderid")) not in fitting]
    owned = [folder for folder in top if fields.number(folder.raw.get("ownerdbid")) == (tenant or 1)]
    for found in (owned, top):
        if len(found) == 1:
            return found[0].dbid
    if kind == "CfgFolder":
        return 0  # a folder can be at the top
    others = directory.all(kind)
    used = _most_used(others, tenant if object_type(kind).in_tenant else 0)
    if not used and (not others or top):
        raise InvalidInput(f"folder: no folder can be found in which {label} belongs, since {'several are' if top else 'none is'} for {content}: give one, "
                           "by its path from the root")
    return used


def _folder_of_likes(directory: Directory, item: Desired) -> int:
    """Return the DBID of the folder in which most objects of the same class, type and tenant lie, or 0."""
    subtype = _subtype(directory, item)
    if not subtype or item.kind == "CfgFolder":
        return 0
    return _most_used(directory.of_type(item.kind, subtype), _tenant(directory, item) if item.type.in_tenant else 0)


def _most_used(objects: Iterable[ConfigObject], tenant: int) -> int:
    """Return the DBID of the folder that holds most of the objects (tenant: only those of that DBID), the oldest of several; 0 if they have none."""
    used = Counter(fields.number(found.raw.get("folderid")) for found in objects if not tenant or found.tenant_dbid == tenant)
    used.pop(0, None)
    return min(used, key=lambda dbid: (-used[dbid], dbid)) if used else 0


def _subtype(directory: Directory, item: Desired) -> str:
    """Return a new object's own type, as CFGChatServer; '' if nobody says."""
    for path in (("type",), ("properties", "subtype")):
        for leaves in (item.leaves, item.on_create):
            if leaves.get(path):
                return leaves[path]
    name = item.leaves.get(("application_template",)) or item.on_create.get(("application_template",))
    template = directory.find("CfgAppPrototype", name) if name else None
    return template.subtype if template is not None else fields.text(item.base.get("subtype"))


def _tenant(directory: Directory, item: Desired) -> int:
    """Return the DBID of a new object's tenant; 0 if it has none, or none yet."""
    name = item.tenant or item.leaves.get(("tenant",))
    found = directory.find("CfgTenant", name) if name else None
    return found.dbid if found is not None else fields.number(item.leaves.get(("properties", "tenantdbid")))
