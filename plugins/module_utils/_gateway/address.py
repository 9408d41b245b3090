# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of GAX and of a proxy, as the user gives them."""

from __future__ import annotations

from urllib.parse import urlsplit

from .errors import GatewayError


def base_url(url: str) -> str:
    """Return the address of the interface below the server's address, which may be given with or without /gax.

    Raises GatewayError when the scheme is not http or https, or no server is named, or a user is.
    """
    if "@" in url:  # not repeated: a password may stand before it
        raise GatewayError("gax_url must not hold a user name or a password: use gax_username and gax_password")
    scheme, _mark, place = url.strip().rstrip("/").partition("://")
    server, slash, path = place.partition("/")
    if scheme.lower() not in ("http", "https") or not server:
        raise GatewayError(f"gax_url must begin with http:// or https:// and name a server, got '{url.strip()}'")
    path = slash + path
    for suffix in ("/api", "/gax"):
        if path.endswith(suffix):
            path = path[:-len(suffix)]
    return f"{scheme}://{server}{path}/gax/api/"


def proxy_url(proxy: str) -> str:
    """Return the address of a proxy; raises GatewayError, without repeating it, when it is none: a password may be in it."""
    url = proxy.strip()
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable() and " " not in url:
            return url
    except ValueError:
        pass
    raise GatewayError("proxy must begin with http:// or https:// and name a server")
