# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a server: its standard events, and what they say about its version, its state and its connections.

What has not the form of a line (see log_lines) is skipped and counted: headers, bodies of messages. Only events of level Standard are
looked at, so nothing of what customers and agents write is ever returned. Where an event of a connection may be lost, in a damaged line or
behind a time that can't be read, what was known of the connections is not known any more.
"""

import codecs
import datetime
import re
import time
from collections import deque
from typing import Any, Deque, Dict, List, NamedTuple, Optional, Set, Tuple

from ..._common.text import printable
from ..system.errors import HostError
from .log_files import LogFile, choose, complete_lines, find_files, open_file, plan
from .log_lines import LINE, OTHER_TIME, glued_to, is_standard, number_of, shape, torn_number

#: What the module can return (Source: LMS).
DEFAULT_EVENTS = ["04502", "04503", "04504", "04505", "04581", "05060", "05061", "05062", "05063", "05064", "05065", "05200"]
EVENTS = sorted([*DEFAULT_EVENTS, "04525", "04526", "04580", "05150", "05151", "05160", "05161", "06053", "07040"])

#: Seconds between two looks at a log, at least.
PAUSE = 0.5

FAILED, CONNECTED, LOST, CLOSED = "04502", "04503", "04504", "04505"
CHECK_POINT, STARTED, PRODUCT = "04120", "05060", "05200"
STATES = {STARTED: "started", "05061": "initialized", "05062": "failed", "05063": "stopped", "05064": "terminated", "05065": "stopped"}

CHECK_POINT_DAY = re.compile(rb"Check point (\d{4}-\d\d-\d\d)T")
VERSION = re.compile(r"(?P<product>.+)\. Version (?P<version>\S+)", re.DOTALL)

# Quotes, commas and case may differ from product to product; a name without quotes is only found if it is known (Source: ALARMS).
_WHERE = r",?\s+at\s+host\s+['\"\[]?(?P<host>[^'\"\[\],\s]+)['\"\]]?,?\s+port\s+['\"\[]?(?P<port>\d{1,5})['\"\]]?"
_QUOTED = r"(?P<type>[^'\"\[\]]*?)\s*['\"\[](?P<name>.+?)['\"\]]"
_BARE = r"(?P<bare>.+?)"
_PHRASES = {
    FAILED: (r"Cannot\s+connect\s+to\s+", _WHERE + r",?\s+reason\b.*"),
    CONNECTED: (r"Connected\s+to\s+", _WHERE),
    LOST: (r"Connection\s+to\s+", _WHERE + r",?\s+lost"),
    CLOSED: (r"Disconnected\s+from\s+", ""),
}
CONNECTIONS = {number: [re.compile(begin + what + end, re.IGNORECASE) for what in (_QUOTED, _BARE)] for number, (begin, end) in _PHRASES.items()}


class Event(NamedTuple):
    """A standard event; "moment" is None if only the time of the day is known."""

    moment: Optional[str]
    time: str
    number: str
    text: str
    host: Optional[str]
    application: Optional[str]

    def data(self) -> Dict[str, Any]:
        """Return the event as the module returns it."""
        return dict(time=self.moment or self.time, id=self.number, severity="standard", text=self.text, host=self.host, application=self.application)


class Clock:
    """Completes times of the day to moments.

    The day is that of the file's header, and of each check point (event 04120); a time that lies more than an hour before the last
    one belongs to the next day. A log that is silent for longer than a day can't be dated so: inferred.
    """

    def __init__(self, day: Optional[str], time: str) -> None:
        self.day, self._last = day, time

    def moment(self, day: Optional[bytes], time: str) -> Optional[str]:
        """Return the moment of a line, None if its day is not known."""
        if day is not None:
            self.day = day.decode("ascii")
        elif self.day is not None and self._last and _seconds(self._last) - _seconds(time) > 3600:
            self.day = _next_day(self.day)
        self._last = time
        return f"{self.day}T{time}" if self.day else None


def _seconds(time: str) -> int:
    return int(time[:2]) * 3600 + int(time[3:5]) * 60 + int(time[6:8])


def _next_day(day: str) -> Optional[str]:
    try:
        return str(datetime.date(int(day[:4]), int(day[5:7]), int(day[8:])) + datetime.timedelta(days=1))
    except (ValueError, OverflowError):
        return None


class History:
    """What the events of one server's log say, told in the order in which they were written.

    Args:
        known: names of servers, to find them where a product writes them without quotes.
        since: a moment; reconnects before it, or at it, do not count.
    """

    def __init__(self, known: Set[str], since: Optional[str]) -> None:
        self._known, self._since = sorted(known, key=len, reverse=True), since
        self._start = 0
        self._changes: List[Tuple[int, str, str, Optional[str]]] = []
        self._connections: Dict[Tuple[str, str], Dict[str, Any]] = {}
        self._doubted = False
        self.facts: Dict[str, Any] = {"state": None, "product": None, "version": None}

    def tell(self, event: Event) -> bool:
        """Take in an event. Returns False if its text is not the one that belongs to its number; it then has no effect."""
        if event.number in STATES:
            self.facts["state"] = STATES[event.number]
            self._start += event.number == STARTED
            self._doubted = self._doubted and event.number == "05061"
            if event.number != "05061":
                # no connection outlives the process that had it; inferred
                for connection in self._connections.values():
                    connection["connected"] = False
        elif event.number == PRODUCT:
            match = VERSION.fullmatch(event.text)
            self.facts.update(match.groupdict() if match else {})
            return bool(match)
        elif event.number in CONNECTIONS:
            return self._tell_connection(event)
        return True

    def doubt(self, number: str) -> bool:
        """Take in that an event may be lost. Only a newer event tells again what is connected.

        Args:
            number: of the event; empty if it is not known.

        Returns:
            Whether an event of that number would have changed anything.
        """
        if number and number not in STATES and number not in CONNECTIONS:
            return False
        if number not in CONNECTIONS:
            self.facts["state"] = None
        self._doubted = True
        for connection in self._connections.values():
            connection["connected"] = None
        return True

    def _tell_connection(self, event: Event) -> bool:
        found = self._server(event)
        if found is None:
            return False
        key, place = found
        new: Dict[str, Any] = {"type": key[0], "name": key[1], "host": None, "port": None, "failures": 0}
        connection = self._connections.setdefault(key, new)
        connection.update(place, connected=event.number == CONNECTED, last_event=event.number, time=event.moment or event.time)
        if event.number == FAILED:
            connection["failures"] += 1
        else:
            self._changes.append((self._start, event.number, key[1], event.moment))
        return True

    def _server(self, event: Event) -> Optional[Tuple[Tuple[str, str], Dict[str, Any]]]:
        """Return type and name of the server that an event is about, and its host and port if the event names them."""
        for pattern in CONNECTIONS[event.number]:
            match = pattern.fullmatch(event.text)
            groups = match.groupdict() if match else {}
            place = {"host": groups["host"], "port": int(groups["port"])} if groups.get("host") else {}
            if "name" in groups:
                return (groups["type"], groups["name"]), place
            bare = groups.get("bare", "")
            for name in self._known:
                if bare == name or bare.endswith(" " + name):
                    return (bare[: len(bare) - len(name)].strip(), name), place
        return None

    def connections(self) -> List[Dict[str, Any]]:
        """Return the connections by type and name."""
        return [dict(item, reconnects=self._reconnects({key[1]})) for key, item in sorted(self._connections.items())]

    def pair(self, primary: str, backup: Optional[str]) -> Dict[str, Any]:
        """Return to which member of a pair the server is connected: "member" is primary, backup, none, both or unknown."""
        names = {"primary": primary, "backup": backup}
        told = {item["name"]: False for item in self._connections.values()}
        told.update({item["name"]: True for item in self._connections.values() if item["connected"]})
        members = [member for member, name in names.items() if name is not None and told.get(name)]
        silent = {item["name"] for item in self._connections.values() if item["connected"] is None}
        named = {name for name in names.values() if name is not None}
        known = named <= told.keys() - silent if self._doubted else named & told.keys()
        return dict(
            names,
            member=members[0] if len(members) == 1 else "both" if members else "none" if known else "unknown",
            connected_to=names[members[0]] if len(members) == 1 else None,
            reconnects=self._reconnects(named),
        )

    def _reconnects(self, names: Set[str]) -> Optional[int]:
        """Count the connections to one of these servers after the first one of each start; None if one has no date to compare."""
        count, known_in = 0, -1
        for start, number, name, moment in self._changes:
            if name not in names:
                continue
            if number == CONNECTED and start == known_in:
                if self._since and moment is None:
                    return None
                count += not self._since or (moment or "") > self._since
            known_in = start
        return count


class Reader:
    """Takes lines in; keeps the newest events and counts.

    Args:
        history: is told every event.
        wanted: numbers of the events to keep, at most "limit" of them.
        application: whose lines are read; None for those of the only one.
    """

    def __init__(self, history: History, wanted: List[str], limit: int, application: Optional[str], encoding: str) -> None:
        self._history, self._wanted, self._encoding = history, set(wanted), encoding
        self._asked, self.application = application, application
        self.events: Deque[Dict[str, Any]] = deque(maxlen=limit)
        self.found = 0
        self.lines = {"read": 0, "understood": 0, "skipped": 0, "not_understood": 0, "other_time": 0, "damaged": 0}
        self._shape = ""
        self.until: Optional[str] = None
        self.dates: Set[str] = set()

    def read(self, file: LogFile, start: int, end: int) -> None:
        """Read a part of a file; raises HostError if it holds lines of several applications and none was named."""
        stream = open_file(file.path)
        if stream is None:
            return
        clock = Clock(None, "") if start else Clock(file.day, file.time)
        with stream:
            for line in complete_lines(stream, start, end):
                if line.endswith(b"\0"):
                    self._doubt(torn_number(line[:-1]))
                    continue
                self.lines["read"] += 1
                match = LINE.fullmatch(line)
                if match and self._ours(match, file):
                    self._take(match, clock, file)
                else:
                    self.lines["skipped"] += 1
                if (match is None or is_standard(match)) and not self._is_damaged(line) and match is None:
                    self._look_for_other_time(line, file)

    def _look_for_other_time(self, line: bytes, file: LogFile) -> None:
        match = OTHER_TIME.match(line)
        if match and self._ours(match, file):
            self.lines["other_time"] += 1
            self._shape = self._shape or shape(match.group("other"))
            if is_standard(match):
                self._history.doubt(number_of(match))

    def _is_damaged(self, line: bytes) -> bool:
        glued = glued_to(line)
        if glued is not None:
            self._doubt(torn_number(line[: glued.start()]))
            self._doubt(number_of(glued))
        return glued is not None

    def _doubt(self, number: Optional[str]) -> None:
        """Take in that an event is lost in a damaged line; None if it was none."""
        if number is not None:
            self.lines["damaged"] += self._history.doubt(number)

    def problem(self) -> Optional[str]:
        """Say what could not be read, None if nothing is lost."""
        if self.lines["other_time"]:
            return (
                f"{self.lines['other_time']} lines of the log begin with a time of another form ('{self._shape}', with 9 for a digit and x for a"
                " letter), so they can't be read. Set the option time-format in section log of the application to time or ISO8601."
            )
        if self.lines["damaged"]:
            return "Lines of the log are damaged (torn, or glued to each other), and an event may be lost there."
        return None

    def _ours(self, match: Any, file: LogFile) -> bool:
        owner = match.group("application")
        owner = file.application if owner is None else owner.decode(self._encoding, "replace")
        if self._asked is not None:
            return bool(owner == self._asked)
        if owner is not None and self.application not in (None, owner):
            raise HostError(f"{file.path} holds lines of several applications: {self.application}, {owner}.", "Set application to one of them.")
        self.application = owner or self.application
        return True

    def _take(self, match: Any, clock: Clock, file: LogFile) -> None:
        number = number_of(match)
        text, time = match.group("text") or b"", match.group("time").decode("ascii")
        check_point = CHECK_POINT_DAY.match(text) if number == CHECK_POINT else None
        moment = clock.moment(match.group("day") or (check_point.group(1) if check_point else None), time)
        self.dates.add("written" if match.group("day") else "derived" if moment else "unknown")
        self.until = moment or self.until
        if not is_standard(match):
            self.lines["understood"] += 1
            return
        host, owner = match.group("host"), match.group("application")
        event = Event(
            moment,
            time,
            number,
            printable(text.decode(self._encoding, "replace").strip()),
            printable(host.decode(self._encoding, "replace")) if host else None,
            printable(owner.decode(self._encoding, "replace")) if owner else file.application,
        )
        self.lines["understood" if self._history.tell(event) else "not_understood"] += 1
        if number in self._wanted:
            self.found += 1
            self.events.append(event.data())


def check_options(params: Dict[str, Any]) -> Tuple[str, Optional[str]]:
    """Return the encoding of a log, and the moment after which reconnects count as the log would write it.

    Raises:
        HostError: one of the options encoding, since, max_bytes and limit is wrong.
    """
    encoding, since = _encoding(params["encoding"]), _since(params["since"])
    for option in ("max_bytes", "limit"):
        if params[option] < 1:
            raise HostError(f"{option}: must be at least 1.")
    return encoding, since


def read_server_log(params: Dict[str, Any]) -> Dict[str, Any]:
    """Return what the module server_log_info returns.

    Args:
        params: its options.

    Raises:
        HostError: no such log, it must not be read, it is not the log of one server, or an option is wrong.
    """
    encoding, since = check_options(params)
    pairs = params["pairs"] or []
    history = History({name for pair in pairs for name in pair.values() if name is not None}, since)
    reader = Reader(history, params["events"], params["limit"], params["application"], encoding)
    files = choose(find_files(params["directory"], params["name"], params["files"], encoding), params["application"])
    parts, complete = plan(files, params["max_bytes"])
    for part in parts:
        reader.read(part.file, part.start, part.end)
    return dict(
        history.facts,
        application=reader.application,
        files=[part.file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for part in parts],
        complete=complete,
        problem=reader.problem(),
        lines=reader.lines,
        dates=next((word for word in ("unknown", "derived", "written") if word in reader.dates), None),
        until=reader.until,
        events=list(reader.events),
        events_found=reader.found,
        connections=history.connections(),
        pairs=[history.pair(pair["primary"], pair["backup"]) for pair in pairs],
    )


def wait_for_connections(params: Dict[str, Any]) -> Dict[str, Any]:
    """Return what read_server_log returns, once the server is connected to each pair, at the latest after "timeout" seconds.

    It is waited only for a pair that the server is known to have no connection to: what a log never speaks of, it will not say soon.
    """
    end = time.monotonic() + params["timeout"]
    while True:
        begun = time.monotonic()
        result = read_server_log(params)
        now = time.monotonic()
        if now >= end or all(pair["member"] != "none" for pair in result["pairs"]):
            return result
        # a long log is not read all the time
        time.sleep(min(max(PAUSE, now - begun), end - now))


def _encoding(name: str) -> str:
    try:
        if "\n0aZ".encode(codecs.lookup(name).name) == b"\n0aZ":
            return name
    except (LookupError, UnicodeError):
        pass
    raise HostError(f"encoding: '{name}' is not an encoding that contains ASCII.", "For example utf-8, iso-8859-1 or windows-1252.")


def _since(text: Optional[str]) -> Optional[str]:
    """Return a moment as the log has it: YYYY-MM-DDTHH:MM:SS.mmm."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?", text)
    try:
        if match:
            datetime.datetime.strptime(" ".join(match.group(1, 2)), "%Y-%m-%d %H:%M:%S")
            return f"{match.group(1)}T{match.group(2)}.{(match.group(3) or '').ljust(3, '0')[:3]}"
    except ValueError:
        pass
    raise HostError(
        f"since: '{text}' is not a local time of the form YYYY-MM-DDTHH:MM:SS.mmm.", "It is compared with the times in the log, which have no time zone."
    )
