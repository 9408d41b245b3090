# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer: connection, TLS, proxy, deadline; and each failure of the library as an error of ours."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Callable
from urllib.parse import urlsplit

from .._common.text import one_line
from . import tls
from .address import base_url, proxy_url
from .deadline import Deadline, watch
from .errors import GatewayError

if TYPE_CHECKING:
    from .gax import Settings

requests: Any = None
try:
    import requests
except ImportError:
    pass  # reported by the module bridge, with the interpreter's path

#: Seconds for the question which protocol a server speaks, after a failure.
PROBE = 3


class Transport:
    """Sends requests to GAX and keeps its cookies; knows nothing of logins.

    Safe to use from several threads.

    Args:
        settings: gax.Settings.
        clean: function (text, what was sent) -> the text without secrets.
    """

    def __init__(self, settings: Settings, clean: Callable[[str, Any], str]) -> None:
        self.settings = settings
        self._clean = clean
        self.base = base_url(settings.url)
        self._answered = False
        self.session = requests.Session()
        # A netrc file or proxy variable of the user's shell must not change where the password goes.
        self.session.trust_env = False
        self.session.verify = (settings.ca_path or True) if settings.validate_certs else False
        if settings.proxy:
            self.session.proxies = dict.fromkeys(("http", "https"), proxy_url(settings.proxy))
        size = max(settings.parallel_reads, settings.parallel_writes)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, _adapter(size))

    def forget_session(self) -> None:
        """Drop the cookies."""
        self.session.cookies.clear()

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def send(self, method: str, path: str, query: dict[str, Any] | None = None, json_body: Any = None, files: Any = None) -> Any:
        """Send one request; return the response, whatever its status. Raises GatewayError when there is none.

        It ends within settings.timeout seconds, whatever arrives.
        """
        headers = {"Accept": "application/json"}
        data = None
        if json_body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(json_body).encode("utf-8")
        with Deadline(self.settings.timeout) as deadline:
            try:
                response = self.session.request(method, self.base + path, params=query, data=data, files=files, headers=headers,
                                                timeout=self.settings.timeout, allow_redirects=False)
            except (requests.exceptions.RequestException, ValueError) as error:
                failed = error
            else:
                failed = None
        # A cut connection looks like the end of an answer that has no length.
        if failed is not None or deadline.over:
            raise self._failure(failed, deadline.over, method, path, json_body)
        self._answered = True
        if "charset" not in response.headers.get("Content-Type", ""):
            response.encoding = "utf-8"  # instead of the Latin-1 that requests takes for any text  Source: G1
        return response

    def _failure(self, error: Exception | None, over: bool, method: str, path: str, sent: Any) -> GatewayError:
        """Return the GatewayError for an exception of the library, or for a request whose time was over."""
        library = requests.exceptions
        unsure = method != "GET"
        if isinstance(error, library.ConnectTimeout) and not over:
            return GatewayError(f"GAX at {self.base} did not accept a connection within {self.settings.timeout} seconds: is it running, and is gax_url "
                                "right?", method, path, transient=True)
        if over or isinstance(error, library.Timeout):
            return GatewayError(self._wrong_protocol() or f"GAX at {self.base} did not answer within {self.settings.timeout} seconds, or only in part "
                                                          "(option timeout)", method, path, uncertain=unsure, transient=True)
        said = one_line(self._clean(innermost(error) if error is not None else "", sent))
        if isinstance(error, library.SSLError):
            wrong = "" if "certificate" in said.lower() else self._wrong_protocol()
            return GatewayError(wrong or tls.explain(said, self.base, urlsplit(self.base).hostname or "", self._authorities()), method, path)
        if isinstance(error, (library.ProxyError, library.InvalidProxyURL)):
            return GatewayError(f"the proxy could not be used (option proxy): {said}", method, path)
        if isinstance(error, (library.InvalidURL, library.InvalidSchema, library.InvalidHeader)):
            return GatewayError(f"gax_url: GAX at {self.base} can't be asked: {said}", method, path)
        if not isinstance(error, library.RequestException):  # from the address of a redirect, though it is not followed
            return GatewayError(f"the answer of GAX at {self.base} can't be understood: {said}", method, path, uncertain=unsure)
        if never_connected(error):
            return GatewayError(f"GAX at {self.base} could not be reached: {said}: is it running, and is gax_url right?",
                                method, path, transient=True)
        wrong = self._wrong_protocol()
        return GatewayError(wrong or f"the connection to GAX at {self.base} broke: {said}", method, path,
                            uncertain=unsure and not wrong, transient=not wrong)

    def _authorities(self) -> str | None:
        return self.settings.ca_path if self.settings.validate_certs else None

    def _wrong_protocol(self) -> str:
        """Return that the server speaks the other one of http and https, as a sentence; '' if it does not, or has answered before."""
        return "" if self._answered else self.wrong_protocol()

    def wrong_protocol(self) -> str:
        """Ask the server which protocol it speaks; return as _wrong_protocol does."""
        if self.settings.proxy:
            return ""
        parts = urlsplit(self.base)
        host = parts.hostname or ""
        seconds = min(PROBE, self.settings.timeout)
        if parts.scheme == "http" and tls.speaks_tls(host, parts.port or 80, seconds):
            return f"GAX at {self.base} speaks TLS there: gax_url must begin with https://"
        if parts.scheme == "https" and tls.speaks_http(host, parts.port or 443, seconds):
            return f"GAX at {self.base} does not speak TLS there: gax_url must begin with http://, or name the port of HTTPS"
        return ""


def _adapter(size: int) -> Any:
    class Adapter(requests.adapters.HTTPAdapter):
        """The library's own, with connections that a Deadline can cut."""

        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            watch(self.poolmanager)

        def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
            known = proxy in self.proxy_manager
            manager = super().proxy_manager_for(proxy, **kwargs)
            if not known:
                watch(manager)
            return manager

    return Adapter(pool_connections=1, pool_maxsize=size)


def never_connected(error: BaseException) -> bool:
    """Return whether a requests exception says that no connection came about, so that nothing was sent."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return any(base.__name__ == "NewConnectionError" for base in type(reason).__mro__)


def innermost(error: BaseException) -> str:
    """Return the text of the first cause of a requests exception, which wraps several layers."""
    while True:
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        inner = inner or getattr(error, "reason", None) or error.__context__
        if not isinstance(inner, BaseException):
            return str(error)
        error = inner
