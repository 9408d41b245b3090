# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What GAX answers, and what is made of it.

GAX has no public manual for its interface, so every plausible variant of an answer is accepted (Sources: G1, G2, G3;
docs/unknowns.md lists what is not known). A response is one of the library requests.
"""

from __future__ import annotations

import json
from typing import Any, Callable

from .._common.text import one_line
from .errors import GatewayError
from .retry import TRANSIENT_STATUS, parse_retry_after

#: How many characters of a server's message are shown.
MOST_SAID = 300


def parse_json(response: Any) -> Any:
    """Return the JSON of a response, or None when it has none or carries another type."""
    try:
        return response.json()
    except (ValueError, RecursionError):
        return None


def looks_expired(response: Any, html_expected: bool = False) -> bool:
    """Return whether an answer may come from a session that has ended."""
    if response.status_code in (401, 403) or 300 <= response.status_code < 400:
        return True
    kind = response.headers.get("Content-Type", "")
    return response.status_code == 200 and "html" in kind and not html_expected


def login_advice(response: Any) -> str:
    """Return what to check after a login that did not lead to a session."""
    advice = "check gax_username and gax_password"
    if response.status_code >= 500:
        return "look into GAX's log, and " + advice
    if "html" in response.headers.get("Content-Type", ""):
        return advice + ", and that gax_url leads to GAX"
    if 200 <= response.status_code < 300:
        return advice + "; if they are right, the new session was not kept: look at GAX and at what stands before it"
    return advice + ", and that the account may log in now"


def refusal(method: str, path: str, response: Any, clean: Callable[[str], str] = lambda text: text) -> GatewayError:
    """Return the GatewayError for an answer outside 2xx, or for a page instead of data, as GAX or a proxy shows while it is not ready.

    Args:
        clean: takes secrets from what the server says, which may repeat what it was sent.
    """
    status = response.status_code
    answer = parse_json(response)
    code = None
    if isinstance(answer, dict):
        said = answer.get("error") or answer.get("errorCode") or answer.get("code")
        code = one_line(clean(said))[:MOST_SAID] if isinstance(said, str) else said if isinstance(said, int) else None
    transient = status in TRANSIENT_STATUS or status == 200
    reason = {401: "GAX wants a login", 403: "GAX denies the account access", 404: "not found"}.get(
        status, "GAX is not ready" if transient else "GAX refused")
    return GatewayError(reason + said_by(response, clean), method, path, status, code,
                        uncertain=method != "GET" and (transient or status >= 500),
                        transient=transient or (status >= 500 and method == "GET"),
                        retry_after=parse_retry_after(response.headers.get("Retry-After")))


def said_by(response: Any, clean: Callable[[str], str] = lambda text: text) -> str:
    """Return ': <what the server said>' in at most MOST_SAID characters, or ''. Cleaned before it is cut: half a secret is one too.

    Secrets go before control characters do, which may be part of them.
    """
    answer = parse_json(response)
    if isinstance(answer, dict):
        for key in ("message", "errorMessage", "error", "reason", "detail", "statusMessage"):
            if isinstance(answer.get(key), str) and answer[key].strip():
                return ": " + one_line(clean(answer[key].strip()))[:MOST_SAID]
    if "html" in response.headers.get("Content-Type", ""):
        return ": a web page instead of data"
    text = response.text.strip()
    return ": " + one_line(clean(text))[:MOST_SAID] if text and answer is None else ""


def unwrap_callback(text: str, path: str) -> Any:
    """Return the JSON that an import answers inside `<script>callback("...")</script>`.

    Raises GatewayError when the answer has another form.  Source: G2.
    """
    start, end = text.find('("'), text.rfind('")')
    try:
        wrapped = 0 <= start < end and not text.lstrip().startswith("{")
        return json.loads(json.loads('"' + text[start + 2:end] + '"')) if wrapped else json.loads(text)
    except (ValueError, RecursionError):
        raise GatewayError("the imported template came back in an unknown form", "POST", path) from None
