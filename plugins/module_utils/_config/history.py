# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was written, when, by whom: the journal and the snapshots of a directory, read together, and searched."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

from .._common.files import open_regular
from .._common.text import printable
from .errors import InvalidInput
from .journal import BEGIN, ENDING, OUTCOMES, PREFIX, WRITE
from .moments import moment, stamp, utc_now
from .snapshot import content_of
from .snapshot_list import DEEDS, listed
from .types import is_kind, object_type

#: Bytes of a line that is read; one write has a few thousand.
LINE_LIMIT = 16 * 1024 * 1024

#: What is known of a write that only a snapshot tells: it was about to be made.
PLANNED = "planned"

_TEXTS = ("run", "time", "server", "account", "person", "module", "title", "snapshot")
_AGO = re.compile(r"(\d{1,6}) ?(m|h|d|w)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Question(NamedTuple):
    """What is looked for; what is empty is not asked.

    Args:
        object: name of an object, with * and ? for any letters.
        type: its class.
        option: a section, an option, or another field, as settings/limit-for-sessions or host.
        person: who started the run, or the account of GAX.
        server: address of GAX, its host, or its host with the port; with * and ? as well.
        since, until: times in UTC as they are written, both included.
    """

    object: str = ""
    type: str = ""
    option: str = ""
    person: str = ""
    server: str = ""
    since: str = ""
    until: str = ""

    def of_run(self, run: Mapping[str, Any]) -> bool:
        """Return whether a run is asked for by its person, its server and its time."""
        if self.server and not any(fnmatch.fnmatchcase(name, self.server.casefold().rstrip("/")) for name in _names_of(run["server"])):
            return False
        return (not self.person or self.person.casefold() in (run["person"].casefold(), run["account"].casefold())) and (
            (not self.since or run["time"] >= self.since) and (not self.until or run["time"] <= self.until))

    def of_write(self, write: Mapping[str, Any]) -> bool:
        """Return whether a write is asked for by its object and its fields."""
        if self.type and write["type"] != self.type or self.object and not fnmatch.fnmatchcase(write["name"], self.object):
            return False
        return not self.option or any(names(field["path"], self.option) for field in write["fields"])

    @property
    def about_writes(self) -> bool:
        """Whether it asks for more than a person and a time."""
        return bool(self.object or self.type or self.option)


def _names_of(server: str) -> set[str]:
    """Return what an address of GAX may be called: as it is, its host, and its host with the port."""
    address = server.casefold().rstrip("/")
    place = address.partition("://")[2].partition("/")[0]
    return {address, place, re.sub(r":\d*$", "", place)}


def names(path: Iterable[str], wanted: str) -> bool:
    """Return whether a text such as settings/limit-for-sessions names a path, or a part of it."""
    return f"/{wanted.strip('/')}/" in f"/{'/'.join(path)}/"


def question(params: Mapping[str, Any], now: datetime | None = None) -> Question:
    """Return the Question of a module's arguments; raises InvalidInput."""
    if params["type"]:
        object_type(params["type"])
    since, until = (_time(option, params[option] or "", now or utc_now()) for option in ("since", "until"))
    if since and until and since > until:
        raise InvalidInput(f"since is {since}, and until is {until}, which is earlier")
    return Question(params["object"] or "", params["type"] or "", params["option"] or "", params["person"] or "", params["server"] or "", since, until)


def _time(option: str, text: str, now: datetime) -> str:
    """Return a time as it is written; it may be given as a day or as a time ago."""
    ago = _AGO.fullmatch(text)
    if ago:
        return stamp(now - int(ago[1]) * _UNITS[ago[2]]) if int(ago[1]) * _UNITS[ago[2]] < timedelta(days=36500) else "0001-01-01T00:00:00Z"
    if not text or moment(text) is not None:
        return text
    for form, more in (("%Y-%m-%d", timedelta(days=1) - timedelta(seconds=1)), ("%Y-%m-%d %H:%M", timedelta(seconds=59)), ("%Y-%m-%d %H:%M:%S", timedelta())):
        try:
            found = datetime.strptime(text, form).replace(tzinfo=timezone.utc)
        except ValueError:
            continue
        return stamp(found + more if option == "until" else found)
    raise InvalidInput(f"{option}: '{text}' is no time: write 2026-01-31, 2026-01-31 12:00 (in UTC), 2026-01-31T12:00:00Z, or how long ago, such as 90m, 12h, "
                       "7d or 4w")


def history(place: str, asked: Question, newest: int) -> dict[str, Any]:
    """Return {"runs", "problems"}: the newest runs that are asked for, the newest first, and sentences on what could not be read.

    A run is {run, time, server, account, person, module, title, snapshot, planned, without_plan, complete, writes, text}; planned: how many writes it was
    about to make; without_plan: whether it needed a kept plan, and was allowed to go without; complete: whether each write is told; writes: those that are
    asked for, as the journal has them. Runs from before the journal are read from their snapshots.  Raises InvalidInput.
    """
    try:
        with os.scandir(place) as entries:
            files = sorted(entry.name for entry in entries)
    except FileNotFoundError:
        return {"runs": [], "problems": []}
    except (OSError, ValueError) as error:
        raise InvalidInput(f"snapshot_dir: '{place}' can't be read: {getattr(error, 'strerror', None) or error}") from None
    problems: list[str] = []
    runs = _runs(_lines([os.path.join(os.path.abspath(place), name) for name in files if name.startswith(PREFIX) and name.endswith(ENDING)], problems))
    told = {run["snapshot"] for run in runs}
    for name in files:
        path = os.path.join(os.path.abspath(place), name)
        if name.endswith(".json") and path not in told and _is_file(path):
            runs += _of_a_snapshot(path, problems)
    several = len({run["server"] for run in runs}) > 1
    found = []
    for run in sorted(runs, key=lambda one: one["time"], reverse=True):
        writes = [write for write in run["writes"] if asked.of_write(write)]
        if asked.of_run(run) and (writes or not asked.about_writes):
            found.append(dict(run, writes=writes, text=_text(run, writes, path_is_there=_is_file(run["snapshot"]), several=several)))
    return {"runs": found[:newest], "problems": problems}


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


# --- the journal --------------------------------------------------------------------------------------------------------


def _lines(paths: Iterable[str], problems: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of the journal's files; tell what can't be read, and go on."""
    for path in paths:
        damaged = []
        try:
            with os.fdopen(open_regular(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
                for number, line in enumerate(iter(lambda: stream.readline(LINE_LIMIT), b""), 1):
                    read = _line(line)
                    if read is None:
                        damaged.append(number)
                    else:
                        yield read
        except OSError as error:
            problems.append(f"the journal '{path}' can't be read: {error.strerror or error}")
        if damaged:
            which = f"line {damaged[0]}" if len(damaged) == 1 else f"{len(damaged)} lines, the first of them line {damaged[0]},"
            problems.append(f"the journal '{path}' is damaged: {which} can't be understood; the rest was read")


def _line(line: bytes) -> dict[str, Any] | None:
    """Return a line of the journal, None if it is none."""
    try:
        read = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict) or not all(isinstance(read.get(key), str) for key in _TEXTS) or moment(read["time"]) is None:
        return None
    if read.get("event") == BEGIN:
        return read if isinstance(read.get("planned"), int) else None
    whole = (read.get("event") == WRITE and read.get("action") in tuple(DEEDS) and read.get("outcome") in OUTCOMES
             and isinstance(read.get("fields"), list) and isinstance(read.get("beside"), bool)
             and all(isinstance(read.get(key), str) for key in ("type", "name", "tenant", "reason")) and is_kind(read["type"])
             and all(isinstance(field, dict) and {"path", "before", "after"} <= set(field) and isinstance(field["path"], list)
                     and all(isinstance(part, str) for part in field["path"]) for field in read["fields"]))
    return read if whole else None


def _runs(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs of the journal's lines. What was written past the engine, such as a lock, has no beginning."""
    runs: dict[str, dict[str, Any]] = {}
    for line in lines:
        run = runs.setdefault(line["run"], {**{key: line[key] for key in _TEXTS}, "planned": None, "without_plan": False, "writes": []})
        if line["event"] == BEGIN:
            run["planned"], run["without_plan"] = line["planned"], line.get("without_plan") is True
        else:
            run["writes"].append({key: line[key] for key in ("time", "action", "type", "name", "tenant", "fields", "outcome", "reason", "beside")})
    for run in runs.values():
        run["writes"].sort(key=lambda write: write["time"])  # lines of a run may stand in two files
        done = sum(write["outcome"] == "written" and not write["beside"] for write in run["writes"])
        faults = any(write["outcome"] != "written" for write in run["writes"])
        for write in run["writes"]:
            del write["beside"]
        run["complete"] = run["planned"] is None or done >= run["planned"] and not faults
    return list(runs.values())


def _of_a_snapshot(path: str, problems: list[str]) -> list[dict[str, Any]]:
    """Return the run of a snapshot that no line of the journal names; [] for a file of somebody else, and for saved objects."""
    try:
        content = content_of(path, "snapshot_dir")
    except InvalidInput as error:
        problems.append(str(error))
        return []
    if content is None or moment(str(content.get("time"))) is None:
        return []
    writes = [{"time": content["time"], "action": entry["action"], "type": entry["type"], "name": entry["name"], "tenant": entry["tenant"] or "",
               "fields": entry["fields"], "outcome": PLANNED, "reason": ""} for entry in content["objects"] if entry["action"] != "keep"]
    if not writes:
        return []
    return [{"run": "", "time": content["time"], "server": str(content.get("server")), "account": "", "person": "", "module": str(content.get("made_by")),
             "title": "", "snapshot": path, "planned": len(writes), "without_plan": False, "complete": None, "writes": writes}]


# --- for a person -------------------------------------------------------------------------------------------------------


def _text(run: Mapping[str, Any], writes: Iterable[Mapping[str, Any]], path_is_there: bool, several: bool) -> str:
    who = " with the account ".join(filter(None, [run["person"], run["account"]])) or "account not known"
    what = f"{run['title']} ({run['module']})" if run["title"] else run["module"]
    # Where the runs of several servers are kept in one directory, each says which it was.
    through = f" through {run['server']}" if several else ""
    text = f"{run['time']}, {who}{through}, {what}: {listed([_sentence(write) for write in writes], '; ')}."
    if run["without_plan"]:
        text += " It is a production environment, and no plan was kept: without_plan."
    if run["complete"] is False:
        text += f" Not all of the {run['planned']} planned writes were carried out." if run["planned"] is not None else " Not all was carried out."
    if run["snapshot"]:
        text += f" {run['snapshot']}" if path_is_there else f" The snapshot {run['snapshot']} is not there any more."
    return printable(text)


def _sentence(write: Mapping[str, Any]) -> str:
    what = f"{DEEDS[write['action']]} {object_type(write['type']).word} '{write['name']}'"
    if write["action"] == "update" and write["fields"]:
        what += f" ({listed([_change(field) for field in write['fields']], ', ')})"
    return what + {PLANNED: " (planned; the journal does not tell of it)", "failed": ": failed", "uncertain": ": not known whether it was carried out",
                   "unconfirmed": ": not there when read back"}.get(write["outcome"], "")


def _change(field: Mapping[str, Any]) -> str:
    before, after = ("nothing" if value is None else f"'{value}'" for value in (field["before"], field["after"]))
    return f"{'/'.join(field['path'])}: {before} -> {after}"
