# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: whatever the connection options are, a module ends with a sentence, in time, and shows no password."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from unit.fuzzing import ODD, TEXTS, examples
from unit.in_process import ends_well, run

#: Beginnings of the passwords of account and proxy: no part of them may be shown.
ACCOUNT, PROXY = "acc0unt-", "pr0xy-"
OBJECT = {"type": "CfgHost", "name": "x"}


@pytest.fixture(scope="module")
def closed() -> Iterator[str]:
    """Address of a port on which nobody listens."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield "127.0.0.1:%d" % reserved.getsockname()[1]


#: %s stands for the address. None of them may lead anywhere else.
URLS = [
    "http://%s",
    "https://%s",
    "HTTP://%s/gax/",
    " http://%s ",
    "http://user:word@%s",
    "http://[%s",
    "http://%s:1",
    "http://[::1",
    "http://%s/ä?x=1#y",
    "http://%s/\0",
]
WRONG_URLS = [
    "http://",
    "http:///gax",
    "file:///etc/passwd",
    "http://.",
    "http://..",
    "http://%%",
    "http://a b",
    "http://\x7f",
    "http://127.0.0.1:99999",
    "http://127.0.0.1:x",
]
PROXIES = [
    f"http://user:{PROXY}1@%s",
    f"https://user:{PROXY}%%41@%s",
    f"socks5://user:{PROXY}1@%s",
    f"user:{PROXY}1@%s",
    f"http://user:{PROXY}1@[%s",
    f"ftp://u:{PROXY}@%s",
    "%s",
    "http://",
    "a b",
    "\n",
    "http://\x7f",
    "\u2028",
]
PATTERNS = ["(", "[[a]", "a{99999999999}", "(" * 3000, "(?P<a>x)(?P<a>x)", "", ".*", "\\", "(?i", "*"]
NUMBERS = [0, 1, -1, 2**31, 10**10, 2**63, 10**30, "1", "x", 1.5, None, True, [1]]

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "gax_url": st.sampled_from([*URLS, *WRONG_URLS]),
        "gax_username": st.sampled_from([*TEXTS, *ODD]),
        "gax_password": st.sampled_from(TEXTS).map(lambda text: ACCOUNT + text),
        "validate_certs": st.sampled_from([False, "no", "maybe", 5, None]),
        "ca_path": st.sampled_from([*TEXTS, "/dev/null", __file__]),
        "timeout": st.sampled_from(NUMBERS),
        "proxy": st.sampled_from(PROXIES),
        "logout_path": st.sampled_from([*TEXTS, "http://[", "a?b#c"]),
        "retries": st.sampled_from([0, -1, "x", 1.5]),
        "parallel_reads": st.sampled_from([*NUMBERS[:5], 2000, "x"]),
        "parallel_writes": st.sampled_from([*NUMBERS[:5], 2000, "x"]),
        "snapshot_dir": st.sampled_from([*TEXTS, "/dev/null/x"]),
        "secret_option_names": st.lists(st.sampled_from([*PATTERNS, *TEXTS]), max_size=2) | st.sampled_from([*PATTERNS, *ODD]),
    },
)


def test_any_settings(closed: str) -> None:
    @given(OPTIONS)
    @example({"proxy": PROXIES[0]})
    @example({"proxy": PROXIES[4]})
    @example({"timeout": 2**63})
    @example({"ca_path": "a\0b"})
    @example({"secret_option_names": ["a{99999999999}"]})
    @example({"secret_option_names": ["(" * 3000]})
    @examples(100)
    def anything(options: dict[str, Any]) -> None:
        for name in ("gax_url", "proxy"):
            if "%s" in str(options.get(name)):
                options = {**options, name: options[name] % closed}
        began = time.monotonic()
        ended = run("config_object", {"gax_url": f"http://{closed}", "gax_password": f"{ACCOUNT}x", "retries": 0, **OBJECT, **options}, None, check=False)
        assert time.monotonic() - began < 5
        ends_well(ended)
        assert ended.failed
        assert ACCOUNT not in ended.text and PROXY not in ended.text, ended.text

    anything()
