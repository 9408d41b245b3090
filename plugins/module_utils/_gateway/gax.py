# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GAX's REST interface: the only code of the collection that opens a connection to the configuration.

GAX has no public manual for this interface; what is relied on was seen in three independent clients, and every
plausible variant of an answer is accepted (Sources: G1, G2, G3; docs/unknowns.md lists what is not known).

A gateway is anything with `list`, `get`, `create`, `update`, `delete`, `import_template` and `close`, speaking of objects
in GAX's form: dicts with lower-case keys, symbolic enumeration names, and `type` naming the class (`CfgApplication`).
"""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from .._host.masking import mask
from .answers import login_advice, looks_expired, parse_json, refusal, said_by, unwrap_callback
from .errors import GatewayError, LoginRefused, WriteInReadOnlyMode
from .password import obfuscate
from .retry import TRANSIENT_STATUS, parse_retry_after, wait_before

requests: Any = None
try:
    import requests
except ImportError:
    pass  # reported by the module bridge, with the interpreter's path


#: The longest time for a whole answer, in time-outs: a long list over a slow line is no failure.
SLOWEST = 20


class Settings:
    """How to reach GAX; the attributes are the connection options of the modules (units: seconds)."""

    def __init__(self, url, username, password, validate_certs=True, ca_path=None, timeout=30, proxy=None,
                 logout_path=None, retries=4, parallel_reads=4, parallel_writes=1):
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


def base_url(url):
    """Return the address of the interface below the server's address, which may be given with or without /gax.

    Raises GatewayError when the scheme is not http or https, or no server is named, or a user is.
    """
    if "@" in url:  # not repeated: a password may stand before it
        raise GatewayError("gax_url must not hold a user name or a password: use gax_username and gax_password")
    scheme, _mark, place = url.strip().rstrip("/").partition("://")
    server, slash, path = place.partition("/")
    if scheme.lower() not in ("http", "https") or not server:
        raise GatewayError("gax_url must begin with http:// or https:// and name a server, got '%s'" % url.strip())
    path = slash + path
    for suffix in ("/api", "/gax"):
        if path.endswith(suffix):
            path = path[:-len(suffix)]
    return "%s://%s%s/gax/api/" % (scheme, server, path)


def proxy_url(proxy):
    """Return the address of a proxy; raises GatewayError, without repeating it, when it is none: a password may be in it."""
    url = proxy.strip()
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable() and " " not in url:
            return url
    except ValueError:
        pass
    raise GatewayError("proxy must begin with http:// or https:// and name a server")


class Gax:
    """A logged-in session with GAX.

    settings: Settings.  read_only: refuse every write, whatever the caller believes (check mode).
    clean: function (text, object that was sent or None) -> the text without secrets, for what a server says.
    Logs in on first use and once more when the session has expired. Safe to use from several threads.
    """

    def __init__(self, settings, read_only=False, sleep=time.sleep, clean=lambda text, sent: text):
        self.settings = settings
        self.read_only = read_only
        self._sleep = sleep
        self._clean = clean
        self._base = base_url(settings.url)
        self._login_lock = threading.Lock()
        self._login_number = 0
        self._session = requests.Session()
        # A netrc file or proxy variable of the user's shell must not change where the password goes.
        self._session.trust_env = False
        self._session.verify = (settings.ca_path or True) if settings.validate_certs else False
        if settings.proxy:
            self._session.proxies = dict.fromkeys(("http", "https"), proxy_url(settings.proxy))
        size = max(settings.parallel_reads, settings.parallel_writes)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=size))

    # -- objects -------------------------------------------------------------------------------------------------

    def list(self, kind, **properties):
        """Return all objects of class `kind` (e.g. CfgApplication), whole, as a list of dicts.

        properties narrow the list at the server (name=..., for instance). The server may match more loosely than
        by equality, so the caller compares again.  Source: G1.
        """
        query = dict(properties, brief="false", type=kind)
        answer = self._read("cfg/objects", query)
        if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
            raise GatewayError("the list of %s is not a list of objects" % kind, "GET", "cfg/objects", 200)
        return answer

    def get(self, kind, dbid):
        """Return one object as a dict, or None when it does not exist.  Source: G1."""
        path = "cfg/objects/%s/%s" % (kind, dbid)
        answer = self._read(path, gone=lambda: self._is_unlisted(kind, dbid))
        if isinstance(answer, list):
            answer = answer[0] if answer else None
        if answer is not None and not isinstance(answer, dict):
            raise GatewayError("the answer is not an object", "GET", path, 200)
        return answer

    def _is_unlisted(self, kind, dbid):
        """Ask the list whether an object exists: how a read of one that does not is refused is not known."""
        return not any(str(found.get("dbid")) == str(dbid) for found in self.list(kind, dbid=dbid))

    def create(self, obj):
        """Create `obj` (a dict with `type` and without `dbid`); return its DBID as int, or None if not told.

        Accepts 200, 201 and 204, with the object, only its dbid, or no body.  Source: G1, G2.
        Never repeated here: an uncertain end is raised with `uncertain` set, and the caller looks first.
        """
        answer = self._write("POST", "cfg/objects", obj)
        dbid = str(answer.get("dbid") or "") if isinstance(answer, dict) else ""
        return int(dbid) if dbid.isdecimal() and len(dbid) < 20 else None

    def update(self, kind, dbid, obj):
        """Replace the object by `obj`, the whole of it.  Source: G1, G2."""
        self._write("PUT", "cfg/objects/%s/%s" % (kind, dbid), obj)

    def delete(self, kind, dbid):
        """Delete the object.  Source: G2."""
        self._write("DELETE", "cfg/objects/%s/%s" % (kind, dbid), None)

    def import_template(self, path):
        """Let GAX parse the application template file at `path` (.apd); return the template as a dict, not yet created.

        The answer is a script wrapped in HTML that hands the JSON to a callback.  Source: G2.
        """
        url = "cfg/option/CfgAppPrototype/import/apd"
        with open(path, "rb") as stream:
            files = {"mpcontent": (os.path.basename(path), stream.read())}
        response = self._checked("POST", url, {"callback": "callback"}, files=files)
        return unwrap_callback(response.text, url)

    def close(self):
        """End the session. No logout call of GAX is known: the cookie is dropped, and logout_path called if configured."""
        if self.settings.logout_path and self._login_number:
            try:
                self._send("GET", self.settings.logout_path.lstrip("/"))
            except GatewayError:
                pass  # the work is done; a session that was not closed expires by itself
        self._session.close()

    # -- session -------------------------------------------------------------------------------------------------

    def _login(self):
        """Log in, obfuscated password first and plain as fall-back, and confirm by asking who is logged in.

        Raises LoginRefused, or GatewayError when the server can't be reached.  Source: G1, G3.
        """
        self._session.cookies.clear()
        forms = ((True, obfuscate(self.settings.password)), (False, self.settings.password))
        last: Any = None
        for encrypted, password in forms:
            body = {"username": self.settings.username, "password": password, "isPasswordEncrypted": encrypted}
            response = self._with_retries(lambda form=body: self._send("POST", "session/login", json_body=form))
            if 200 <= response.status_code < 300 and self._who() is not None:
                self._login_number += 1
                return
            if response.status_code in TRANSIENT_STATUS:  # a server that is starting or overloaded says nothing on the password
                said = said_by(response, lambda text, sent=body: self._clean(text, sent))
                raise GatewayError("GAX can't take a login now%s" % said, "POST", "session/login", response.status_code)
            last = response
        said = said_by(last)
        told = "%s %s" % (said, last.text)
        if "isPasswordEncrypted" in said or any(mask(told, [password]) != told for _encrypted, password in forms):
            said = ""  # a server that repeats what it can't read would make us show the password
        raise LoginRefused("GAX refused the login of user '%s'%s: %s" % (self.settings.username, said, login_advice(last)),
                           "POST", "session/login", last.status_code)

    def _who(self):
        """Return the logged-in user's information, or None when no session is alive.  Source: G1."""
        response = self._with_retries(lambda: self._send("GET", "user/info"))
        answer = parse_json(response)
        return answer if response.status_code == 200 and isinstance(answer, dict) and "username" in answer else None

    def _login_first(self):
        with self._login_lock:
            if not self._login_number:
                self._login()

    def _renew_after(self, login_number):
        """Log in again unless another thread has done so since `login_number`; return False if the session is alive."""
        with self._login_lock:
            if self._login_number != login_number:
                return True
            if self._who() is not None:
                return False
            self._login()
            return True

    # -- requests ------------------------------------------------------------------------------------------------

    def _read(self, path, query=None, gone=None):
        """GET with retries; return the parsed JSON. Reading is harmless, so every transient failure is tried again.

        gone: function that tells whether a refused read asked for what does not exist; then None is returned.
        """
        def attempt():
            try:
                response = self._checked("GET", path, query)
            except GatewayError as error:
                if gone is not None and (error.status == 404 or error.status in (400, 500) and gone()):
                    return None
                raise
            answer = parse_json(response)
            if answer is None:  # what came is not shown: options of the site are in it, passwords too
                raise GatewayError("the answer of GAX is damaged: its %d bytes are not whole JSON" % len(response.content),
                                   "GET", path, response.status_code, transient=True)
            return answer
        return self._with_retries(attempt)

    def _write(self, method, path, obj):
        response = self._checked(method, path, None, json_body=obj)
        return parse_json(response)

    def _checked(self, method, path, query=None, json_body=None, files=None):
        """Send within a session; renew the session once if the answer looks like an expired one; raise on refusal.

        How GAX answers an expired session is not known: 401, 403, a redirect to the login page, or the page itself
        are all checked against `user/info` before they are believed.
        """
        # Importing a template only parses a file: it changes nothing in the configuration.
        if self.read_only and method != "GET" and files is None:
            raise WriteInReadOnlyMode("a write was attempted in check mode", method, path)
        self._login_first()
        number = self._login_number
        response = self._send(method, path, query, json_body, files)
        if looks_expired(response, files is not None) and self._renew_after(number):
            response = self._send(method, path, query, json_body, files)
        if 200 <= response.status_code < 300 and not looks_expired(response, files is not None):
            return response
        raise refusal(method, path, response, lambda text: self._clean(text, json_body))

    def _send(self, method, path, query=None, json_body=None, files=None):
        """Send one request; return the response, whatever its status. Raises GatewayError when there is none."""
        def why(error):
            """Return what a library says, without secrets."""
            return self._clean(innermost(error), json_body)

        headers = {"Accept": "application/json"}
        data = None
        if json_body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(json_body).encode("utf-8")
        try:
            response = self._session.request(method, self._base + path, params=query, data=data, files=files, headers=headers,
                                             timeout=self.settings.timeout, allow_redirects=False, stream=True)
            self._receive(response)
            if "charset" not in response.headers.get("Content-Type", ""):
                response.encoding = "utf-8"  # instead of the Latin-1 that requests takes for any text  Source: G1
            return response
        except requests.exceptions.SSLError as error:
            path_of_authorities = self.settings.ca_path
            hint = ("ca_path '%s' must hold the authority's certificate" % path_of_authorities if path_of_authorities
                    else "give the authority's certificate with ca_path")
            raise GatewayError("the certificate of %s was not accepted: %s; %s"
                               % (self._base, why(error), hint), method, path) from None
        except requests.exceptions.ConnectTimeout:
            raise GatewayError("GAX at %s did not accept a connection within %s seconds: is it running, and is gax_url right?"
                               % (self._base, self.settings.timeout), method, path, transient=True) from None
        except requests.exceptions.Timeout:
            raise GatewayError("GAX at %s did not answer within %s seconds (option timeout)" % (self._base, self.settings.timeout),
                               method, path, uncertain=method != "GET", transient=True) from None
        except (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL) as error:
            raise GatewayError("the proxy could not be used (option proxy): %s" % why(error), method, path) from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, requests.exceptions.InvalidHeader) as error:
            raise GatewayError("gax_url: GAX at %s can't be asked: %s" % (self._base, why(error)), method, path) from None
        except requests.exceptions.RequestException as error:
            reached = not never_connected(error)
            reason = ("the connection to GAX at %s broke: %s" if reached
                      else "GAX at %s could not be reached: %s: is it running, and is gax_url right?")
            raise GatewayError(reason % (self._base, why(error)), method, path,
                               uncertain=method != "GET" and reached, transient=True) from None
        except ValueError as error:  # from the address of a redirect, though it is not followed
            raise GatewayError("the answer of GAX at %s can't be understood: %s" % (self._base, why(error)),
                               method, path, uncertain=method != "GET") from None

    def _receive(self, response):
        """Read the body within a bounded time. The library's own time-out is for each part of it, so an answer that drips would never end."""
        deadline = time.monotonic() + SLOWEST * self.settings.timeout
        chunks = []
        for chunk in response.iter_content(65536):
            chunks.append(chunk)
            if time.monotonic() > deadline:
                response.close()
                raise requests.exceptions.ReadTimeout
        response._content = b"".join(chunks)  # where the library itself keeps it

    def _with_retries(self, attempt):
        """Call `attempt` until it gives an answer that is not transient, at most 1 + retries times.

        An error raised in the end is final: whoever had to log in first neither starts over nor wonders what was written.
        """
        for number in range(1, self.settings.retries + 2):
            last = number > self.settings.retries
            wait = None
            try:
                answer = attempt()
                status = getattr(answer, "status_code", 200)
                if status not in TRANSIENT_STATUS or last:
                    return answer
                wait = parse_retry_after(answer.headers.get("Retry-After"))
            except GatewayError as error:
                if not error.transient or last:
                    error.transient = error.uncertain = False
                    raise
                wait = error.retry_after
            self._sleep(wait_before(number, wait))
        raise AssertionError("unreachable")


def never_connected(error):
    """Return whether a requests exception says that no connection came about, so that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return any(base.__name__ == "NewConnectionError" for base in type(reason).__mro__)


def innermost(error):
    """Return the text of the first cause of a requests exception, which wraps several layers."""
    while True:
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        inner = inner or getattr(error, "reason", None) or error.__context__
        if not isinstance(inner, BaseException):
            return str(error)
        error = inner
