# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a server's log: which they are, in which order they were written, and their complete lines.

A file is called "<name>.<YYYYMMDD>_<HHMMSS>_<mmm>.log" after the name in the application's options and the time of its beginning
(Source: IP: run.sh). Each begins with a header that names the application and the local time (Source: G11).
"""

import os
import re
from typing import Any, BinaryIO, Iterator, List, NamedTuple, Optional, Tuple

from ..._common.files import NotRegular, open_regular
from ..._common.text import printable
from ..system.errors import HostError

#: Bytes at the beginning of a file within which the header is looked for, and of the longest line that is read.
HEADER_LIMIT = 8 * 1024
LINE_LIMIT = 8 * 1024

SEGMENT = re.compile(r"(?P<name>.+)\.(?P<stamp>[0-9]{8}_[0-9]{6}_[0-9]{3})\.log", re.DOTALL)
APPLICATION = re.compile(rb"^Application name:[ \t]*(\S[^\r\n]*?)[ \t]*\r?$", re.MULTILINE)
LOCAL_TIME = re.compile(rb"^Local time:[ \t]*(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d\.\d{3})", re.MULTILINE)
#: Where a header ends: the first line that begins with a time.
FIRST_LINE = re.compile(rb"^\0*(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d{3}(?:Z|[+-]\d\d:?\d\d)? ", re.MULTILINE)


class LogFile(NamedTuple):
    """One file; "day" and "time" are when it begins, if its header says so."""

    path: str
    name: str
    application: Optional[str]
    day: Optional[str]
    time: str


class Part(NamedTuple):
    """What is to be read of a file: the bytes from "start" to "end"."""

    file: LogFile
    start: int
    end: int


def find_files(directory: Optional[str], name: Optional[str], paths: Optional[List[str]], encoding: str) -> List[LogFile]:
    """Return the files of a log, the oldest first.

    Args:
        directory: the application's working directory.
        name: file name as the application's options have it, relative to the directory or absolute; None for all files there.
        paths: the files themselves, instead of both. Names with a time are put in order; others must be in order.
        encoding: of the names of applications.

    Raises:
        HostError: there is no such file or directory, or it must not be read.
    """
    if paths is not None:
        stamps = [SEGMENT.fullmatch(os.path.basename(path)) for path in paths]
        if all(stamps):
            paths = [path for _stamp, path in sorted((match.group("stamp"), path) for match, path in zip(stamps, paths) if match)]
        found = [_describe(path, encoding) for path in paths]
        for path, file in zip(paths, found):
            if file is None:
                raise HostError(f"files: {path} is not a regular file, or does not exist.")
    else:
        segments = _segments(directory or "", name)
        # a server may delete its oldest file at any moment
        found = [_describe(path, encoding) for path in segments]
    return [file for file in found if file is not None]


def _segments(directory: str, name: Optional[str]) -> List[str]:
    folder, base = os.path.split(os.path.join(directory, name or ""))
    try:
        entries = os.listdir(folder)
    except OSError as error:
        raise HostError(f"directory: {folder} can't be read: {error.strerror}.", "Check directory and name, and use become if need be.") from None
    matches = [match for match in map(SEGMENT.fullmatch, entries) if match and base in ("", match.group("name"))]
    if not matches:
        raise HostError(
            f"No log file '{base or '<name>'}.<date>_<time>_<milliseconds>.log' in {folder}.",
            "Check directory and name against the log options of the application. A server that never started has no log.",
        )
    return [os.path.join(folder, match.group()) for match in sorted(matches, key=lambda match: (match.group("stamp"), match.group("name")))]


def _describe(path: str, encoding: str) -> Optional[LogFile]:
    """Read a file's header; None if it is gone or is not a regular file."""
    stream = open_file(path)
    if stream is None:
        return None
    with stream:
        beginning = stream.read(HEADER_LIMIT) or b""  # nothing of what claims to be a file and would have to be waited for
    line = FIRST_LINE.search(beginning)
    header = beginning[: line.start()] if line else beginning
    application, begun = APPLICATION.search(header), LOCAL_TIME.search(header)
    segment = SEGMENT.fullmatch(os.path.basename(path))
    return LogFile(
        path=path,
        name=segment.group("name") if segment else "",
        application=printable(application.group(1).decode(encoding, "replace")) if application else None,
        day=begun.group(1).decode("ascii") if begun else None,
        time=begun.group(2).decode("ascii") if begun else "",
    )


def open_file(path: str) -> Optional[BinaryIO]:
    """Open a regular file without waiting for anything; None if it is gone or something else.

    Raises:
        HostError: it must not be read.
    """
    try:
        descriptor = open_regular(path)
    except (FileNotFoundError, NotRegular):
        return None
    except OSError as error:
        raise HostError(f"{path} can't be read: {error.strerror}.", "Use become, or run as the user that the server runs as.") from None
    return os.fdopen(descriptor, "rb")


def choose(files: List[LogFile], application: Optional[str]) -> List[LogFile]:
    """Return the files that may hold lines of an application, or of the only one.

    Raises:
        HostError: there are none, or they are several logs.
    """
    owners = sorted({file.application for file in files if file.application is not None})
    if application is None and len(owners) > 1:
        raise HostError(f"The files belong to several applications: {', '.join(owners)}.", "Set application to one of them.")
    chosen = [file for file in files if application is None or file.application in (None, application)]
    if not files:
        raise HostError("There is no log file.", "Check files.")
    if not chosen:
        raise HostError(f"application: no log file of '{application}'; the files belong to: {', '.join(owners) or 'nobody'}.")
    names = sorted({file.name for file in chosen})
    if len(names) > 1:
        # several outputs of one server hold the same events, which would then count twice
        raise HostError(f"The files belong to several logs: {', '.join(names)}.", "Set name to one of them.")
    return chosen


def plan(files: List[LogFile], max_bytes: int) -> Tuple[List[Part], bool]:
    """Divide a number of bytes over files, from the end of the newest one backwards.

    Returns:
        What to read, the oldest first, and whether that is everything.
    """
    parts: List[Part] = []
    complete = True
    for file in reversed(files):
        try:
            size = os.stat(file.path).st_size
        except FileNotFoundError:
            continue
        start = max(size - max_bytes, 0)
        complete = complete and start == 0
        if start < size:
            parts.append(Part(file, start, size))
        max_bytes -= size - start
    return parts[::-1], complete


def complete_lines(stream: Any, start: int, end: int) -> Iterator[bytes]:
    """Yield the lines between two places of a file, without their ends.

    A line that is cut at the start is left out. For one that is cut at the end, since the server is writing it, or longer than
    LINE_LIMIT, an empty line comes instead: half a line may say something else than the whole one.

    Zero bytes are a hole: the file was truncated under the server, or the machine lost its power. A new line begins behind them; what
    stands before them comes with one zero byte at its end, for it is torn.
    """
    stream.seek(max(start - 1, 0))
    skipping = start > 0 and stream.read(1) not in (b"\n", b"\0")
    line = b""
    while start < end:
        piece = stream.readline(min(LINE_LIMIT - len(line), end - start))
        if not piece:
            break
        start += len(piece)
        torn, hole, rest = piece.rpartition(b"\0")
        if hole:
            torn = line + torn.partition(b"\0")[0]
            if torn and not skipping:
                yield torn + b"\0"
            line, skipping, piece = b"", False, rest
        line += piece
        if line.endswith(b"\n") or len(line) >= LINE_LIMIT:
            complete = line.endswith(b"\n")
            if not skipping:
                yield line.rstrip(b"\r\n") if complete else b""
            line, skipping = b"", not complete
    if line and not skipping:
        yield b""
