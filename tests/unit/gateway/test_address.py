# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The addresses that a user gives: of the interface, as gax_url, and of a proxy."""

from __future__ import annotations

import pytest

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.address import base_url, proxy_url
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://server:8080", "http://server:8080/gax/api/"),
        ("http://server:8080/", "http://server:8080/gax/api/"),
        ("http://server:8080/gax", "http://server:8080/gax/api/"),
        ("http://server:8080/gax/", "http://server:8080/gax/api/"),
        ("http://server:8080/gax/api", "http://server:8080/gax/api/"),
        ("http://server:8080/gax/api/", "http://server:8080/gax/api/"),
        ("  https://server/  ", "https://server/gax/api/"),
        ("HTTPS://Server", "HTTPS://Server/gax/api/"),
        ("https://[::1]:8443", "https://[::1]:8443/gax/api/"),
        ("https://bastion/site-a", "https://bastion/site-a/gax/api/"),
        ("https://bastion/site-a/gax", "https://bastion/site-a/gax/api/"),
        # servers whose own name is that of a part of the path
        ("https://gax", "https://gax/gax/api/"),
        ("https://gax/", "https://gax/gax/api/"),
        ("https://gax/gax", "https://gax/gax/api/"),
        ("http://api", "http://api/gax/api/"),
        ("http://api/gax/api/", "http://api/gax/api/"),
    ],
)
def test_address(url, expected):
    assert base_url(url) == expected


@pytest.mark.parametrize("url", ["", "server:8080", "ftp://server", "//server/gax", "http://", "https:///gax"])
def test_an_address_without_scheme_or_server_is_refused(url):
    with pytest.raises(GatewayError, match="gax_url must begin with http:// or https://"):
        base_url(url)


@pytest.mark.parametrize("url", ["http://user:s3cret@server", "user:s3cret@server", "ftp://user:s3cret@server"])
def test_a_user_in_the_address_is_refused_and_not_repeated(url):
    with pytest.raises(GatewayError, match="use gax_username and gax_password") as refused:
        base_url(url)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["http://proxy:3128", "https://user:word@proxy", " http://[::1]:8080/ ", "HTTP://proxy"])
def test_proxy(url):
    assert proxy_url(url) == url.strip()


NO_PROXIES = "proxy:3128 user:s3cret@proxy:1 socks5://proxy http:// http://[::1 http://proxy:x http://proxy:0 http://\x7f".split()


@pytest.mark.parametrize("url", [*NO_PROXIES, "http://a b", "\n"])
def test_a_proxy_that_is_none(url):
    with pytest.raises(GatewayError, match="^proxy must begin with http:// or https:// and name a server$"):
        proxy_url(url)
