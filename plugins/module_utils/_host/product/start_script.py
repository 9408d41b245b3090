# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The start script, read as the shell reads it.

The installer writes it as its last step: one line without an interpreter (Source: IP: run.sh). Administrators add comments,
variables of the environment and lines before it, and quote as they like.
"""

import re
import shlex
from typing import Any, Iterator, List, NamedTuple, Optional

from ..._common.files import NotRegular, read_regular
from ..system.errors import HostError

SIZE_LIMIT = 64 * 1024

# One piece of a script: a line that goes on, blanks, a redirection, the end of a command, or a part of a word. What it does not match
# is a quote that is not closed.
_PIECE = re.compile(
    r"""(?P<joined>\\\n)|(?P<blank>[ \t]+)
    |(?P<redirect>\d*(?:<<|>>|>&|<&|<>|>\||&>|>|<)-?)
    |(?P<end>\n|;|&&?|\|\|?|[()])
    |(?P<part>\\.|'[^']*'|"(?:[^"\\]|\\.)*"|[^ \t\n;&|()<>'"\\]+)""",
    re.DOTALL | re.VERBOSE,
)
_ASSIGNMENT = re.compile(r"\w+=")
# What may stand before the command itself.
_BEFORE = ("exec", "nohup", "env", "setsid", "nice", "time", "if", "then", "else", "do", "!", "{")


class StartScript(NamedTuple):
    """The command ``./<executable>``, its arguments, and the application that they name.

    ``problem`` says why no application is known; empty if one is.
    """

    command: str
    arguments: str
    application: Optional[str]
    problem: str = ""


class _Word(NamedTuple):
    """A word as it is written, as the shell hands it on, and its line."""

    raw: str
    value: str
    line: int


class _Unreadable(Exception):
    """The shell could not read on either, or we can't."""


def parse_start_script(text: str) -> StartScript:
    """Find the command that starts the application: the one with the argument ``-app``."""
    if "\0" in text:
        return StartScript("", "", None, "it is no text")
    found: List[StartScript] = []
    last, problem = StartScript("", "", None), ""
    try:
        for words in _commands(text):
            script = _read_command(words)
            if script is not None:
                last = script
                found += [script] if script.application is not None or script.problem else []
    except _Unreadable as error:
        problem = str(error)
    if not found:
        return last._replace(problem=problem or "it starts no application: no command has the argument -app")
    names = sorted({script.application for script in found if script.application is not None})
    if len(names) > 1:
        listed = ", ".join(f"'{name}'" for name in names)
        return found[0]._replace(application=None, problem=f"it starts several applications: {listed}")
    return next((script for script in found if script.problem), found[0])


def _commands(text: str) -> Iterator[List[_Word]]:
    """Yield the words of each command, without comments and redirections."""
    words: List[_Word] = []
    raw, line, place, goal = "", 1, 0, False
    text += "\n\n"  # so that the last command ends, also behind a line that goes on
    while place < len(text):
        piece: Any = _PIECE.match(text, place)
        if text[place] == "#" and not raw:
            place = text.index("\n", place)
            continue
        if piece is None:
            raise _Unreadable(f"line {line} can't be read: no closing quote")
        place = piece.end()
        if piece.group("part") is not None:
            raw += piece.group()
        elif piece.group("joined") is None:
            if raw and not goal:
                words.append(_Word(raw, _value(raw), line))
            goal = goal and not raw
            raw = ""
            if piece.group("redirect") is not None:
                if "<<" in piece.group():
                    raise _Unreadable(f"line {line} can't be read: it begins a here-document")
                goal = True
            elif piece.group("end") is not None:
                yield words
                words, goal = [], False
        line += piece.group().count("\n")


def _value(raw: str) -> str:
    """Return a word without its quotes."""
    raw = raw.replace("\\\n", "")
    return "".join(shlex.split(raw if "'" in raw else re.sub(r"\\(?=[$`])", "", raw)))


def _read_command(words: List[_Word]) -> Optional[StartScript]:
    """Return a command; None if there is none, as behind an assignment."""
    start, prefixed = 0, False
    while start < len(words) and (_ASSIGNMENT.match(words[start].raw) or words[start].value in _BEFORE):
        prefixed = prefixed or words[start].value in _BEFORE
        start += 1
    switch = next((index for index in range(start + 1, len(words)) if words[index].value == "-app"), len(words))
    if prefixed:  # what stands before may have options of its own, such as nice -n 5
        start = next((index for index in range(start, switch) if "/" in words[index].value), start)
    if start >= len(words):
        return None
    arguments = " ".join(_written(word) for word in words[start + 1 :])
    script = StartScript(words[start].value, arguments, None)
    if switch == len(words):
        return script
    line = words[switch].line
    if any("\r" in word.raw for word in words):
        return script._replace(problem=f"line {line} has a Windows line end, which the shell takes for a part of the last word")
    if switch + 1 == len(words):
        return script._replace(problem=f"line {line} names no application behind -app")
    name = words[switch + 1]
    if re.search(r"[$`]", re.sub(r"\\.|'[^']*'", "", name.raw, flags=re.DOTALL)):
        return script._replace(problem=f"line {name.line} takes the name of the application from {name.raw}, which only the shell knows")
    return script._replace(application=name.value)


def _written(word: _Word) -> str:
    """Return a word as the installer would write it."""
    plain = word.raw in (word.value, f'"{word.value}"') or re.search(r'[$`"\\]', word.value)
    return word.raw if plain else f'"{word.value}"'


def read_start_script(path: str) -> Optional[StartScript]:
    """Read a start script; None if there is none."""
    try:
        content = read_regular(path, SIZE_LIMIT + 1)
    except NotRegular as error:
        return StartScript("", "", None, str(error))
    except OSError as error:
        raise HostError(f"{path} can't be read: {error.strerror}.", "Use become, or the account that the installation belongs to.") from None
    if content is None:
        return None
    if len(content) > SIZE_LIMIT:
        return StartScript("", "", None, f"it is larger than {SIZE_LIMIT} bytes")
    return parse_start_script(content.decode("utf-8", "replace"))
