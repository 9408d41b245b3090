# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an archive would make, member by member, without making anything.

A name alone does not tell where a member is written: it may lead through a link that an earlier member has made, and a later member may
replace that link. So the tree is kept as it would be on disk at that moment, and each member is judged by where it would really go.
"""

import posixpath
import tarfile
from typing import Dict, List, NamedTuple, Optional, Tuple

from ..system.errors import HostError

DIRECTORY, FILE, LINK, HARD_LINK = "directory", "file", "link", "hard link"

# As the kernel: so many links on one way are a circle.
LINK_LIMIT = 40


class Step(NamedTuple):
    """What a member makes: "place" leads through no link; "target" is a link's text, or the place of the file that a hard link names."""

    kind: str
    place: str
    target: str


class Tree:
    """The tree as far as it is made.

    Args:
        archive: what the members come from, for messages.
    """

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._entries: Dict[str, Tuple[str, str]] = {"": (DIRECTORY, "")}

    def add(self, member: tarfile.TarInfo) -> Optional[Step]:
        """Judge a member and take it in; None if there is nothing to make for it.

        Raises:
            HostError: it leads or points outside, is neither file, directory nor link, or can't be made.
        """
        if "\0" in member.name + member.linkname:
            raise self._refused(member, "whose name holds a zero byte")
        parts = self._parts(member, member.name)
        if not parts:
            if member.isdir():
                return None
            raise self._refused(member, "a name for nothing but the package itself")
        parent = self._make_parent(member, parts[:-1])
        place = posixpath.join(parent, parts[-1])
        if member.isdir():
            return self._directory(member, place)
        if self._kind(place) == DIRECTORY:
            raise self._refused(member, "first as a directory and later as something else")
        if member.isfile():
            step = Step(FILE, place, "")
        elif member.issym():
            step = self._link(member, place, member.linkname)
        elif member.islnk():
            step = self._hard_link(member, place)
        else:
            raise self._refused(member, "which is neither file, directory nor link")
        self._entries[place] = (FILE if step.kind == HARD_LINK else step.kind, step.target)
        return step

    def check_links(self) -> None:
        """Judge every link again, now that all is there: what was on its way may have been replaced.

        Raises:
            HostError: one of them points outside.
        """
        for place, (kind, target) in self._entries.items():
            if kind == LINK:
                self._follow(f"the link '{place}', which points", posixpath.dirname(place), target.split("/"))

    def _directory(self, member: tarfile.TarInfo, place: str) -> Optional[Step]:
        kind = self._kind(place)
        if kind == LINK:
            kind = self._kind(self._follow(f"'{member.name}', a path that leads", "", place.split("/")))
        if kind == DIRECTORY:
            return None
        if kind is not None or self._kind(place) is not None:
            raise self._refused(member, "first as something else and later as a directory")
        self._entries[place] = (DIRECTORY, "")
        return Step(DIRECTORY, place, "")

    def _link(self, member: tarfile.TarInfo, place: str, target: str) -> Step:
        if not target or target.startswith("/"):
            raise HostError(f"{self._archive} holds the link '{member.name}', which points outside of the package.")
        self._follow(f"the link '{member.name}', which points", posixpath.dirname(place), target.split("/"))
        return Step(LINK, place, target)

    def _hard_link(self, member: tarfile.TarInfo, place: str) -> Step:
        if member.linkname.startswith("/"):
            raise HostError(f"{self._archive} holds the link '{member.name}', which points outside of the package.")
        parts = self._parts(member, member.linkname)
        above = self._follow(f"the link '{member.name}', which points", "", parts[:-1])
        source = posixpath.join(above, parts[-1]) if parts else ""
        kind, target = self._entries.get(source, (None, ""))
        if kind == LINK:  # another name of a link is a link of the same text, which may lead elsewhere from here
            return self._link(member, place, target)
        if kind != FILE or source == place:
            raise self._refused(member, f"a hard link to '{member.linkname}', but no such file comes before it")
        return Step(HARD_LINK, place, source)

    def _make_parent(self, member: tarfile.TarInfo, parts: List[str]) -> str:
        parent = self._follow(f"'{member.name}', a path that leads", "", parts)
        names = parent.split("/") if parent else []
        for end in range(1, len(names) + 1):
            above = "/".join(names[:end])
            if self._entries.setdefault(above, (DIRECTORY, ""))[0] != DIRECTORY:
                raise self._refused(member, f"below '{above}', which is no directory")
        return parent

    def _follow(self, what: str, start: str, parts: List[str]) -> str:
        """Return where a path leads from a directory, through all links; what does not exist counts as a name like any other.

        Args:
            what: the path, for the message.
            start: a place.
            parts: the names of the path.
        """
        place = start.split("/") if start else []
        ahead, links = parts[::-1], 0
        while ahead:
            name = ahead.pop()
            if name == "..":
                if not place:
                    raise HostError(f"{self._archive} holds {what} outside of the package.")
                place.pop()
            elif name not in ("", "."):
                kind, target = self._entries.get("/".join([*place, name]), (None, ""))
                if kind != LINK:
                    place.append(name)
                    continue
                links += 1
                if links > LINK_LIMIT:
                    raise HostError(f"{self._archive} holds {what} in a circle.")
                ahead.extend(target.split("/")[::-1])
        return "/".join(place)

    def _parts(self, member: tarfile.TarInfo, path: str) -> List[str]:
        parts = [part for part in path.split("/") if part not in ("", ".")]
        if path.startswith("/") or parts[-1:] == [".."]:
            raise HostError(f"{self._archive} holds '{member.name}', a path that leads outside of the package.")
        return parts

    def _kind(self, place: str) -> Optional[str]:
        return self._entries.get(place, (None, ""))[0]

    def _refused(self, member: tarfile.TarInfo, what: str) -> HostError:
        return HostError(f"{self._archive} holds '{member.name}', {what}.", "Fetch the package again, from where its vendor offers it.")
