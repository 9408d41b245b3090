# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GAX's REST interface: the only code of the collection that opens a connection to the configuration.

GAX has no public manual for this interface; what is relied on was seen in three independent clients, and every
plausible variant of an answer is accepted (Sources: G1, G2, G3; docs/unknowns.md lists what is not known).

A gateway is anything with `list`, `get`, `create`, `update`, `delete`, `import_template` and `close`, speaking of objects
in GAX's form: dicts with lower-case keys, symbolic enumeration names, and `type` naming the class (`CfgApplication`).
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Callable

from .._common.masking import mask
from .answers import login_advice, looks_expired, parse_json, refusal, said_by, unwrap_callback
from .errors import EngageError, GatewayError, LoginRefused, SessionRenewed, WriteInReadOnlyMode
from .password import obfuscate
from .retry import TRANSIENT_STATUS, Patience, parse_retry_after, wait_before
from .transport import Transport

#: How many sessions in a row may end before they have answered anything.
FRUITLESS = 2


class Settings:
    """How to reach GAX; the attributes are the connection options of the modules (units: seconds)."""

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        validate_certs: bool = True,
        ca_path: str | None = None,
        timeout: int = 30,
        proxy: str | None = None,
        logout_path: str | None = None,
        retries: int = 4,
        parallel_reads: int = 4,
        parallel_writes: int = 1,
    ) -> None:
        self.url = url
        self.username = username
        self.password = password
        self.validate_certs = validate_certs
        self.ca_path = ca_path
        self.timeout = timeout
        self.proxy = proxy
        self.logout_path = logout_path
        self.retries = retries
        self.parallel_reads = parallel_reads
        self.parallel_writes = parallel_writes


class Gax:
    """A logged-in session with GAX.

    It logs in on first use, and again whenever a session that had answered something has ended. A read is then sent again; a write never is.
    Safe to use from several threads.

    Args:
        settings: Settings.
        read_only: refuse every write, whatever the caller believes (check mode).
        clean: function (text, object that was sent or None) -> the text without secrets, for what a server says.
    """

    def __init__(
        self,
        settings: Settings,
        read_only: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clean: Callable[[str, Any], str] = lambda text, sent: text,
    ) -> None:
        self.settings = settings
        self.read_only = read_only
        self._sleep = sleep
        self._clean = clean
        self._transport = Transport(settings, self._clean)
        self._patience = Patience.of(settings)
        self._login_lock = threading.Lock()
        self._login_number = 0
        self._login_failure: EngageError | None = None  # of the first login, which is tried once for all threads
        self._answered_in = 0  # number of the last login in whose session something was answered
        self._fruitless = 0
        self._is_obfuscated = True  # the form of the password that GAX takes

    # -- objects -------------------------------------------------------------------------------------------------

    def list(self, kind: str, **properties: Any) -> list[dict[str, Any]]:
        """Return all objects of class `kind` (e.g. CfgApplication), whole, as a list of dicts.

        properties narrow the list at the server (name=..., for instance). The server may match more loosely than
        by equality, so the caller compares again.  Source: G1.
        """
        query = dict(properties, brief="false", type=kind)
        answer = self._read("cfg/objects", query)
        if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
            raise GatewayError(f"the list of {kind} is not a list of objects", "GET", "cfg/objects", 200)
        return answer

    def get(self, kind: str, dbid: int) -> dict[str, Any] | None:
        """Return one object as a dict, or None when it does not exist.  Source: G1."""
        path = f"cfg/objects/{kind}/{dbid}"
        answer = self._read(path, gone=lambda: self._is_unlisted(kind, dbid))
        if isinstance(answer, list):
            answer = answer[0] if answer else None
        if answer is not None and not isinstance(answer, dict):
            raise GatewayError("the answer is not an object", "GET", path, 200)
        return answer

    def _is_unlisted(self, kind: str, dbid: int) -> bool:
        """Ask the list whether an object exists: how a read of one that does not is refused is not known."""
        return not any(str(found.get("dbid")) == str(dbid) for found in self.list(kind, dbid=dbid))

    def create(self, obj: Mapping[str, Any]) -> int | None:
        """Create `obj` (a dict with `type` and without `dbid`); return its DBID as int, or None if not told.

        Accepts 200, 201 and 204, with the object, only its dbid, or no body.  Source: G1, G2.
        Never repeated here: an uncertain end is raised with `uncertain` set, and the caller looks first.
        """
        answer = self._write("POST", "cfg/objects", obj)
        dbid = str(answer.get("dbid") or "") if isinstance(answer, dict) else ""
        return int(dbid) if dbid.isdecimal() and len(dbid) < 20 else None

    def update(self, kind: str, dbid: int, obj: Mapping[str, Any]) -> None:
        """Replace the object by `obj`, the whole of it.  Source: G1, G2."""
        self._write("PUT", f"cfg/objects/{kind}/{dbid}", obj)

    def delete(self, kind: str, dbid: int) -> None:
        """Delete the object.  Source: G2."""
        self._write("DELETE", f"cfg/objects/{kind}/{dbid}", None)

    def import_template(self, path: str) -> dict[str, Any]:
        """Let GAX parse the application template file at `path` (.apd); return the template as a dict, not yet created.

        The answer is a script wrapped in HTML that hands the JSON to a callback.  Source: G2.
        """
        url = "cfg/option/CfgAppPrototype/import/apd"
        with open(path, "rb") as stream:
            files = {"mpcontent": (os.path.basename(path), stream.read())}
        response = self._checked("POST", url, {"callback": "callback"}, files=files)
        return unwrap_callback(response.text, url)

    def close(self) -> None:
        """End the session. No logout call of GAX is known: the cookie is dropped, and logout_path called if configured."""
        if self.settings.logout_path and self._login_number:
            try:
                self._transport.send("GET", self.settings.logout_path.lstrip("/"))
            except GatewayError:
                pass  # the work is done; a session that was not closed expires by itself
        self._transport.close()

    # -- session -------------------------------------------------------------------------------------------------

    def _login(self, confirm: bool = True) -> None:
        """Log in, obfuscated password first and plain as fall-back, and confirm by asking who is logged in.

        Raises LoginRefused, or GatewayError when the server can't be reached. Source: G1, G3.

        Args:
            confirm: False for a login that has worked before: the next request shows whether it has again.
        """
        self._transport.forget_session()
        obfuscated = (True, obfuscate(self.settings.password))
        plain = (False, self.settings.password)
        forms = (obfuscated, plain) if self._is_obfuscated else (plain, obfuscated)
        last: Any = None
        for encrypted, password in forms:
            body = {"username": self.settings.username, "password": password, "isPasswordEncrypted": encrypted}
            response = self._with_retries(partial(self._transport.send, "POST", "session/login", json_body=body))
            if 200 <= response.status_code < 300 and (not confirm and encrypted == self._is_obfuscated or self._who() is not None):
                self._is_obfuscated = encrypted
                self._login_number += 1
                return
            if response.status_code in TRANSIENT_STATUS:  # a server that is starting or overloaded says nothing on the password
                said = said_by(response, self._cleaner(body))
                raise GatewayError(f"GAX can't take a login now{said}", "POST", "session/login", response.status_code)
            last = response
        self._refused(last, forms)

    def _refused(self, last: Any, forms: tuple[tuple[bool, str], ...]) -> None:
        """Raise the error of a login that was refused in all forms."""
        wrong_protocol = self._transport.wrong_protocol() if parse_json(last) is None and last.status_code >= 400 else ""
        if wrong_protocol:
            raise GatewayError(wrong_protocol, "POST", "session/login", last.status_code)
        said = said_by(last)
        told = f"{said} {last.text}"
        if "isPasswordEncrypted" in said or any(mask(told, [password]) != told for _encrypted, password in forms):
            said = ""  # a server that repeats what it can't read would make us show the password
        raise LoginRefused(f"GAX refused the login of user '{self.settings.username}'{said}: {login_advice(last)}",
                           "POST", "session/login", last.status_code)

    def _who(self) -> Any:
        """Return the logged-in user's information, or None when no session is alive.  Source: G1."""
        response = self._with_retries(lambda: self._transport.send("GET", "user/info"))
        answer = parse_json(response)
        return answer if response.status_code == 200 and isinstance(answer, dict) and "username" in answer else None

    def _login_first(self) -> None:
        with self._login_lock:
            if self._login_failure is not None:
                raise self._login_failure
            if not self._login_number:
                try:
                    self._login()
                except EngageError as error:
                    self._login_failure = error
                    raise

    def _renew_after(self, login_number: int) -> bool:
        """Log in again unless another thread has done so since `login_number`; return False if the session is alive.

        Raises GatewayError when sessions end, one after the other, before they have answered anything.
        """
        with self._login_lock:
            if self._login_number != login_number:
                return True
            if self._who() is not None:
                return False
            answered = self._answered_in == login_number
            self._fruitless = 0 if answered else self._fruitless + 1
            if self._fruitless > FRUITLESS:
                raise GatewayError(f"GAX ends each session before it answers anything: {self._fruitless} logins in a row led to such a session. Look at GAX, "
                                   "and at what stands before it: several GAX servers need a balancer that keeps a session on one of them")
            self._login(confirm=not answered)
            return True

    # -- requests ------------------------------------------------------------------------------------------------

    def _read(self, path: str, query: dict[str, Any] | None = None, gone: Callable[[], bool] | None = None) -> Any:
        """GET with retries; return the parsed JSON. Reading is harmless, so every transient failure is tried again.

        Args:
            gone: function that tells whether a refused read asked for what does not exist; then None is returned.
        """
        def attempt() -> Any:
            try:
                response = self._checked("GET", path, query)
            except GatewayError as error:
                if gone is not None and (error.status == 404 or error.status in (400, 500) and gone()):
                    return None
                raise
            answer = parse_json(response)
            if answer is None:  # what came is not shown: options of the site are in it, passwords too
                raise GatewayError(f"the answer of GAX is damaged: its {len(response.content)} bytes are not complete JSON",
                                   "GET", path, response.status_code, transient=True)
            return answer
        return self._with_retries(attempt)

    def _write(self, method: str, path: str, obj: Mapping[str, Any] | None) -> Any:
        began = self._patience.begin()
        try:
            return parse_json(self._checked(method, path, None, json_body=obj))
        except GatewayError as error:
            if error.transient and not self._patience.spend(began):
                error.transient = False
            raise

    def _checked(self, method: str, path: str, query: dict[str, Any] | None = None, json_body: Any = None, files: Any = None) -> Any:
        """Send within a session, and renew the session if the answer looks like an ended one; raise on refusal.

        How GAX answers an ended session is not known: 401, 403, a redirect to the login page, or the page itself
        are all checked against `user/info` before they are believed. Reads are sent again in the new session. A write is not:
        what it would replace may have changed meanwhile. It raises SessionRenewed.
        """
        # Importing a template only parses a file: it changes nothing in the configuration.
        harmless = method == "GET" or files is not None
        if self.read_only and not harmless:
            raise WriteInReadOnlyMode("a write was attempted in check mode", method, path)
        self._login_first()
        while True:
            number = self._login_number
            response = self._transport.send(method, path, query, json_body, files)
            expired = looks_expired(response, files is not None)
            if not expired or not self._renew_after(number):
                break
            if not harmless:
                raise SessionRenewed(method, path, response.status_code)
        self._answered_in = max(number, self._answered_in)
        if 200 <= response.status_code < 300 and not expired:
            return response
        raise refusal(method, path, response, self._cleaner(json_body))

    def _cleaner(self, sent: Any) -> Callable[[str], str]:
        """Return the function that takes secrets, also those of what was sent, from what the server says."""
        return lambda text: self._clean(text, sent)

    def _with_retries(self, attempt: Callable[[], Any]) -> Any:
        """Call `attempt` until it gives an answer that is not transient, at most 1 + retries times.

        An error raised in the end is final: whoever had to log in first neither starts over nor wonders what was written.
        """
        began = self._patience.begin()
        for number in range(1, self.settings.retries + 2):
            wait = None
            try:
                answer = attempt()
                if getattr(answer, "status_code", 200) not in TRANSIENT_STATUS or self._is_last(number, began):
                    return answer
                wait = parse_retry_after(answer.headers.get("Retry-After"))
            except GatewayError as error:
                if not error.transient or self._is_last(number, began):
                    error.transient = error.uncertain = False
                    raise
                wait = error.retry_after
            began = self._patience.begin()
            self._sleep(wait_before(number, wait))
        raise AssertionError("unreachable")

    def _is_last(self, number: int, began: float) -> bool:
        """Note a failed attempt; return whether it was the last one, by its number or because failures have lasted too long in all."""
        return not self._patience.spend(began) or number > self.settings.retries
