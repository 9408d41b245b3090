# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The questions: what no public source says about GAX, which answers the collection copes with, and what to do about others.

docs/unknowns.md tells how the collection treats each. An answer is a short line without names of hosts, accounts or objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

READS, WRITES, FAILED_LOGINS, LOGOUT = "reads", "writes", "--failed-logins", "--logout-path"
COPES, DIFFERS, NOT_ASKED = "copes", "differs", "not asked"
REPORT = "Please report it, with the JSON report."


@dataclass(frozen=True)
class Question:
    """One unknown. ``accepted`` is a regular expression for the answers that the collection copes with; ``needs`` says when it is asked."""

    key: str
    text: str
    accepted: str = ".+"
    advice: str = REPORT
    needs: str = READS


_DONE = r"2\d\d (?!page)[^;]+"
_REFUSED = r"([45]\d\d|200 page).*"
_NO_SESSION = r"(401|403|3\d\d|200 page).*"

QUESTIONS = {
    question.key: question
    for question in (
        # session
        Question("version", "Which version does GAX tell?"),
        Question("login", "What does a login answer?"),
        Question("password_form", "Which form of the password is accepted?"),
        Question("second_password_form", "And the other form?", needs=FAILED_LOGINS),
        Question(
            "failed_login",
            "What does a login with a wrong password answer?",
            r".*; no session",
            "A wrong password would not be noticed. " + REPORT,
            FAILED_LOGINS,
        ),
        Question("cookie", "Which cookie is the session?", r"(?!none$).+", "Sessions without a cookie are not supported. " + REPORT),
        Question("user_info", "Does user/info name the user?", "yes", "The collection can't see whether it is logged in. " + REPORT),
        Question(
            "no_session",
            "What is answered without a session?",
            _NO_SESSION,
            "An ended session would not be noticed: keep runs shorter than it. " + REPORT,
        ),
        Question(
            "ended_session", "What is answered to a session that ended?", _NO_SESSION, "An ended session would not be noticed. " + REPORT
        ),
        Question("logout", "Does the logout path end the session?", "yes", "Leave the option logout_path unset.", LOGOUT),
        Question(
            "forgery_protection",
            "Are there tokens against request forgery?",
            "none",
            "If writes are refused, switch the protection off. " + REPORT,
        ),
        Question("parallel", "Does one session take four reads at once?", "yes", "Set parallel_reads to 1."),
        # lists
        Question("lists", "What does a list answer?", "200 list", "The collection can't read this server. " + REPORT),
        Question(
            "complete",
            "Are lists whole, not pages?",
            "yes|nothing to compare",
            "Give the account the right to read everything; if it has it: " + REPORT,
        ),
        Question(
            "same_alone", "Is an object the same in a list and alone?", "yes", "Changes may be planned wrongly: do not use it. " + REPORT
        ),
        Question(
            "name_match",
            "How does the name of a list match?",
            r"(?!nothing|refused).+",
            "Only chat_solution works, which lists whole classes. " + REPORT,
        ),
        Question(
            "dbid_match", "Can a list be narrowed by dbid?", "yes", "A deletion by somebody else may be reported as an error. " + REPORT
        ),
        Question("filters", "Does a list take a filter expression?"),
        Question("brief", "What does a list without brief=false show?"),
        # objects
        Question("read", "What does a read answer?", "200 (object|list)"),
        Question(
            "missing_object",
            "What does a read of a missing object answer?",
            r"(404|400|500).*|200 list",
            "A repeated removal may fail. " + REPORT,
        ),
        Question("unknown_class", "What does a list of an unknown class answer?"),
        Question("numbers", "Are numbers strings or numbers?", "(strings|numbers|, )+"),
        Question("enumerations", "Are enumerations shown by name?", "yes", "Settings can't be recognised: do not use it. " + REPORT),
        Question(
            "empty_lists",
            "How is an empty list shown?",
            "(present|null|absent|none seen|, )+",
            "The collection can't read this server. " + REPORT,
        ),
        Question("extra_fields", "Which properties does no known client know?"),
        Question("known_fields", "Are the properties there that the collection needs?", "yes", "It can't read this server. " + REPORT),
        Question("version_check", "Do objects carry a version (ETag)?"),
        Question(
            "contact_server_pairs",
            "Redundancy type of the pairs of UCS that exist?",
            "none found|CFGHTWarmStanby",
            "Set redundancy_type in the description to what the pairs have.",
        ),
        # writes
        Question("folder", "Can a folder be created?", r"2\d\d.*", "Name an existing empty folder: --folder.", WRITES),
        Question("create", "What does a create answer?", _DONE, needs=WRITES),
        Question("create_folder", "Does a new object go to its folder?", "yes", "New objects have to be moved by hand. " + REPORT, WRITES),
        Question("template_options", "Who copies the options of the template?", "client|server|mixed", needs=WRITES),
        Question("text", "Is text beyond ASCII kept?", "yes", "Use ASCII only in options. " + REPORT, WRITES),
        Question("replace", "What does a replace answer?", _DONE, needs=WRITES),
        Question(
            "put_back",
            "Is an object unchanged when it is put back as read?",
            "yes",
            "A change may touch more than it says: do not use it. " + REPORT,
            WRITES,
        ),
        Question("missing_list", "A list that a replace leaves out is ...?", needs=WRITES),
        Question(
            "empty_list",
            "A list that a replace empties is ...?",
            "cleared",
            "The last option or connection of an object can't be removed. " + REPORT,
            WRITES,
        ),
        Question("missing_property", "A property that a replace leaves out is ...?", needs=WRITES),
        Question("connection", "Is a connection kept as written?", "yes", needs=WRITES),
        Question(
            "duplicate_name",
            "How is a second object of the same name refused?",
            _REFUSED,
            "Two runs at once may make duplicates. " + REPORT,
            WRITES,
        ),
        Question("missing_mandatory", "How is a missing mandatory property refused?", _REFUSED, needs=WRITES),
        Question("wrong_reference", "How is a reference to nothing refused?", _REFUSED, needs=WRITES),
        Question("delete_in_use", "How is the removal of a server with clients refused?", needs=WRITES),
        Question("delete", "What does a delete answer?", _DONE, needs=WRITES),
        Question("delete_again", "What does a delete of a missing object answer?", needs=WRITES),
        Question("modules", "Do the collection's modules work?", "create, repeat, change, remove", "Look at the note. " + REPORT, WRITES),
        Question("left_behind", "Is everything removed again?", "yes", "Run the suite with --clean.", WRITES),
    )
}


@dataclass
class Finding:
    """The answer to one question. ``note`` may hold names; it is for the screen."""

    question: Question
    answer: str
    verdict: str
    note: str = ""


@dataclass
class Findings:
    """What was found so far, by the key of the question."""

    found: dict[str, Finding] = field(default_factory=dict)

    def say(self, key: str, answer: str, note: str = "") -> None:
        """Take an answer and judge it."""
        question = QUESTIONS[key]
        self.found[key] = Finding(question, answer, COPES if re.fullmatch(question.accepted, answer) else DIFFERS, note)

    def skip(self, reason: str, keys: Iterable[str] = QUESTIONS) -> None:
        """Give the reason for those of the questions that have no answer yet."""
        for key in keys:
            if key not in self.found:
                self.found[key] = Finding(QUESTIONS[key], reason, NOT_ASKED)

    def of(self, verdict: str) -> list[Finding]:
        """Return the findings with a verdict, in the order of the questions."""
        return [self.found[key] for key in QUESTIONS if key in self.found and self.found[key].verdict == verdict]


def keys(needs: str) -> list[str]:
    """Return the keys of the questions with these needs."""
    return [key for key, question in QUESTIONS.items() if question.needs == needs]
