# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP towards GAX, on its own: it shares nothing with the collection's gateway, so that a mistake isn't made twice.

Sources of paths and bodies: G1, G2, G3 (docs/sources.md).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
import urllib3

Object = dict[str, Any]
OBFUSCATED, PLAIN = "obfuscated", "plain"
#: Names under which a Configuration Server refuses a request on objects.  Source: G5
ERROR_NAMES = re.compile(
    r"\bCFG(LoginIncorrect|AccessDenied|NoPermission|ObjectNotFound|UniquenessViolation|DependentObjects|IncompleteObjectData"
    r"|IncorrectReferences|UnchangeableInfo|ValueOutOfRange|WrongAPIParameters|UnsupportedProperty|UnsupportedObject)\b"
)


class Unusable(Exception):
    """The suite can't go on; the message says why, for the person who started it."""


class NoAnswer(Exception):
    """A request got no answer. The message holds no address."""


class Interrupted(Exception):
    """Somebody wants the run to end; raised between two requests, never in the middle of one."""


@dataclass(frozen=True)
class Connection:
    """How to reach GAX: the variables that the modules read, too. Seconds for the time-out."""

    base: str
    username: str
    password: str
    verify: bool | str
    timeout: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Connection:
        """Read GAX_URL, GAX_USERNAME, GAX_PASSWORD, GAX_VALIDATE_CERTS, GAX_CA_PATH and GAX_TIMEOUT. Raises Unusable."""
        missing = [name for name in ("GAX_URL", "GAX_USERNAME", "GAX_PASSWORD") if not environment.get(name)]
        if missing:
            raise Unusable(f"set {', '.join(missing)}")
        url = environment["GAX_URL"].strip().rstrip("/")
        if "@" in url:  # not repeated: a password may stand before it
            raise Unusable("GAX_URL must not hold a user name or a password")
        if not re.match(r"https?://[^/]", url):
            raise Unusable("GAX_URL must begin with http:// or https:// and name a server")
        try:
            timeout = float(environment.get("GAX_TIMEOUT") or 30)
        except ValueError:
            raise Unusable("GAX_TIMEOUT must be a number of seconds") from None
        verify: bool | str = environment.get("GAX_CA_PATH") or True
        if environment.get("GAX_VALIDATE_CERTS", "").lower() in ("0", "n", "no", "f", "false", "off"):
            verify = False
            urllib3.disable_warnings()
        base = re.sub(r"(/gax(/api)?)?$", "", url) + "/gax/api/"
        return cls(base, environment["GAX_USERNAME"], environment["GAX_PASSWORD"], verify, timeout)


@dataclass
class Answer:
    """One answer of the server."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Whether the status says success."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """The JSON of the body; None if it has none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def form(self) -> str:
        """The status and what the body holds: nothing, object, dbid, list, page, text, or JSON with the names of its keys."""
        if 300 <= self.status < 400:
            return f"{self.status} redirect"
        return f"{self.status} {self._body()}"

    def _body(self) -> str:
        data = self.data
        if not self.text.strip():
            return "nothing"
        if isinstance(data, dict):
            if "dbid" in data:
                return "dbid" if set(data) == {"dbid"} else "object"
            return "JSON: " + ", ".join(sorted(data))
        if isinstance(data, list):
            return "list"
        return "page" if "html" in self.headers.get("Content-Type", "") else "text" if data is None else "JSON"

    @property
    def refusal(self) -> str:
        """The form, and the Configuration Server's name of the refusal if the body has it."""
        named = ERROR_NAMES.search(self.text)
        return self.form + (f"; {named[0]}" if named else "")


def obfuscated(password: str) -> str:
    """Return a password as GAX's login page sends it: for each UTF-16 unit c + r, then r.  Source: G3"""
    units = password.encode("utf-16-le", "surrogatepass")
    result = ""
    for position in range(0, len(units), 2):
        shift = random.randint(68, 122)
        result += chr((int.from_bytes(units[position : position + 2], "little") + shift) & 0xFFFF) + chr(shift)
    return result


class Client:
    """A session with GAX. ``stopped`` ends it before the next request, unless it is cleaning up; what was asked is kept in ``exchanges``."""

    def __init__(self, connection: Connection, exchanges: list[Object] | None = None) -> None:
        self.connection = connection
        self.exchanges: list[Object] = [] if exchanges is None else exchanges
        self.stopped = self.cleaning = False
        self.form = ""
        self._sent = {connection.password}
        self._session = requests.Session()
        self._session.trust_env = False

    def another(self) -> Client:
        """Return a client without a session, whose exchanges are kept in the same place."""
        return Client(self.connection, self.exchanges)

    def call(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: Any = None, cookies: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return the answer, whatever it is. ``cookies`` stand in for those of the session.

        Raises NoAnswer, and Interrupted instead of sending when the run is to end.
        """
        if self.stopped and not self.cleaning:
            raise Interrupted
        headers = {"Accept": "application/json"}
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        try:
            response = self._session.request(
                method,
                self.connection.base + path,
                params=query,
                data=data,
                headers=headers,
                timeout=self.connection.timeout,
                verify=self.connection.verify,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.exchanges.append({"method": method, "path": path, "query": query, "error": type(error).__name__})
            raise NoAnswer(f"no answer ({type(error).__name__})") from error
        if "charset" not in response.headers.get("Content-Type", ""):
            response.encoding = "utf-8"
        answer = Answer(response.status_code, response.headers, response.text, dict(response.cookies))
        self._keep(method, path, query, answer)
        return answer

    def _keep(self, method: str, path: str, query: Mapping[str, str] | None, answer: Answer) -> None:
        """Note an exchange for the report. Objects are left out: the options of others may hold their secrets."""
        shown = {name: value for name, value in answer.headers.items() if name.lower() != "set-cookie"}
        exchange = {"method": method, "path": path, "query": query, "answer": answer.form, "headers": shown}
        self.exchanges.append(exchange if answer.good else {**exchange, "text": answer.text[:1000]})

    def hide(self, value: Any) -> Any:
        """Return texts, also those inside of lists and dicts, without the password, in whatever form it was sent."""
        if isinstance(value, dict):
            return {key: self.hide(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hide(item) for item in value]
        return self._hidden(value) if isinstance(value, str) else value

    def _hidden(self, text: str) -> str:
        for secret in self._sent:
            for written in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret)):
                text = text.replace(written, "***") if written else text
        return text

    # session

    def log_in(self, form: str, password: str | None = None) -> Answer:
        """Ask for a session with the password in one of its two forms.  Source: G3"""
        password = self.connection.password if password is None else password
        sent = obfuscated(password) if form == OBFUSCATED else password
        self._sent.add(sent)
        self._session.cookies.clear()
        return self.call(
            "POST",
            "session/login",
            body={"username": self.connection.username, "password": sent, "isPasswordEncrypted": form == OBFUSCATED},
        )

    def user(self) -> Object | None:
        """Return what GAX tells about the logged-in user, None without a session.  Source: G1"""
        answer = self.call("GET", "user/info")
        return answer.data if answer.good and isinstance(answer.data, dict) and "username" in answer.data else None

    def enter(self) -> Answer:
        """Log in, obfuscated first and plain as fall-back as the collection does, and remember the form. Raises Unusable."""
        answer = None
        for form in (self.form,) if self.form else (OBFUSCATED, PLAIN):
            answer = self.log_in(form)
            if answer.good and self.user():
                self.form = form
                return answer
        raise Unusable(f"GAX refused the login ({answer.form if answer else ''}): check GAX_USERNAME and GAX_PASSWORD")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies of the session."""
        return dict(self._session.cookies)

    # objects

    def listed(self, class_name: str, **properties: str) -> list[Object]:
        """Return the whole objects of a class, each with its type. Raises Unusable if the answer is no list.  Source: G1"""
        answer = self.call("GET", "cfg/objects", {"brief": "false", "type": class_name, **properties})
        if not isinstance(answer.data, list):
            raise Unusable(f"the list of {class_name} was answered with {answer.refusal}")
        return [{**value, "type": class_name} for value in answer.data if isinstance(value, dict) and "dbid" in value]

    def named(self, class_name: str, name: str) -> Object | None:
        """Return the object of exactly this name, looked up in the whole list, or None."""
        return next((value for value in self.listed(class_name) if value.get("name") == name), None)

    def read(self, class_name: str, dbid: Any) -> Object:
        """Return one object, {} if it can't be read.  Source: G1"""
        data = self.call("GET", f"cfg/objects/{class_name}/{dbid}").data
        if isinstance(data, list):
            data = data[0] if data else None
        return data if isinstance(data, dict) else {}
