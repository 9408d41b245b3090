# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to GAX: addresses, certificates, accounts, time-outs, proxies; what goes wrong is said, and nothing is written."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from integration.configured_site import Site, fails_well
from integration.module_runner import ModuleRunner

from sandbox.testing import Sandbox

#: A module that would write, and one that only reads.
WRITE: dict[str, Any] = {"type": "CfgHost", "name": "chat1", "annex": {"a": {"b": "c"}}}
HURRY: dict[str, Any] = {"retries": 0, "timeout": 5}


@pytest.fixture(scope="module")
def tls_site(runner: ModuleRunner) -> Iterator[Site]:
    """A sandbox that serves HTTPS with a certificate that nobody knows."""
    with Sandbox(scs=False, tls=True) as sandbox:
        yield Site(sandbox, runner)


@pytest.mark.parametrize("wrong", [{"gax_password": "gu3ss"}, {"gax_username": "nobody"}, {"gax_password": "", "gax_username": "default"}])
def test_wrong_account(site: Site, wrong: dict[str, Any]) -> None:
    outcome = site.refuses("config_object", "login", wrong.get("gax_username", "default"), "gax_password", **WRITE, **wrong)
    assert "gu3ss" not in outcome.everything
    assert outcome.result["failure"]["path"] == "session/login"


def test_account_that_may_only_read(site: Site) -> None:
    account: dict[str, Any] = {"gax_username": "readonly", "gax_password": site.sandbox.password + "-ro"}
    refused = site.refuses("config_object", "host 'chat1'", "denies", "readonly", **WRITE, **account)
    assert refused.result["failure"]["status"] == 403 and refused.result["failure"]["object"] == "host 'chat1'"
    assert site.ok("application_info", **account).result["applications"]


def test_too_many_sessions(site: Site) -> None:
    site.sandbox.sessions(limit=1)
    site.sandbox.fault("login_limit", times=0)
    site.refuses("config_object", "login", "too many sessions", **WRITE)


def test_untrusted_certificate(tls_site: Site) -> None:
    tls_site.refuses("config_object", "certificate", "ca_path", **WRITE)
    assert tls_site.ok("application_info", ca_path=tls_site.sandbox.environment["ca_path"]).result["applications"]
    # The library warns of each unverified request, which is its way of saying the same as the option.
    unverified = tls_site.run("application_info", validate_certs=False)
    assert unverified.returncode == 0 and unverified.result["applications"]


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_can_not_be_read(tls_site: Site, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content, encoding="utf-8")
    tls_site.refuses("config_object", "ca_path", str(path), ca_path=str(path), **WRITE)


def test_tls_where_there_is_none_and_none_where_there_is(site: Site, tls_site: Site) -> None:
    for here, scheme in ((site, "https://"), (tls_site, "http://")):
        address = scheme + here.connection["gax_url"].split("://")[1]
        here.refuses("config_object", address, gax_url=address, **HURRY, **WRITE)


def test_server_down(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        site.refuses("config_object", address, "could not be reached", gax_url=address, **HURRY, **WRITE)


def test_host_name_that_is_none(site: Site) -> None:
    site.refuses("config_object", "gax.invalid", gax_url="http://gax.invalid:8080", **HURRY, **WRITE)


def test_slow_server(site: Site) -> None:
    site.sandbox.fault("delay", seconds=6, times=0)
    began = time.monotonic()
    outcome = site.run("config_object", timeout=1, retries=1, **WRITE)
    assert time.monotonic() - began < 5
    fails_well(outcome, "did not answer within 1 second", site.sandbox.url)
    assert site.writes() == []


def test_slow_write_is_looked_for_before_it_is_repeated(site: Site) -> None:
    """The answer comes too late, the write was done: the module finds that out and is content."""
    site.sandbox.fault("delay", {"write": True}, seconds=1.5)
    site.ok("config_object", timeout=1, **WRITE)
    assert site.sandbox.options("CfgHost", "chat1", "userproperties") == {"a": {"b": "c"}}


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "reset_during", "truncate"])
def test_resetting_server(site: Site, fault: str) -> None:
    site.sandbox.fault(fault, {"method": "GET"}, times=0)
    site.refuses("config_object", "connection", site.sandbox.url, retries=1, **WRITE)


def test_server_that_answers_web_pages(site: Site) -> None:
    site.sandbox.fault("html", times=0)
    site.refuses("config_object", "web page", retries=1, **WRITE)


@pytest.mark.parametrize(("path", "works"), [("", True), ("/", True), ("/gax", True), ("/gax/", True), ("/gax/api/", True), ("/other", False)])
def test_address_with_and_without_path(site: Site, path: str, works: bool) -> None:
    arguments: dict[str, Any] = {"gax_url": site.sandbox.url + path, "retries": 0}
    if works:
        assert site.ok("application_info", **arguments).result["applications"]
    else:
        site.refuses("application_info", "GAX", **arguments)


@pytest.mark.parametrize("address", ["gax.example.com:8080", "ftp://gax.example.com", "", "http://", "http://[::1", "http://gax:port"])
def test_address_that_is_none(site: Site, address: str) -> None:
    began = time.monotonic()
    site.refuses("config_object", "gax_url", gax_url=address, **WRITE)
    assert time.monotonic() - began < 2, "it was tried again, in vain"


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"timeout": -1}, {"retries": -1}, {"parallel_reads": 0}, {"parallel_writes": 0}, {"parallel_writes": -2}])
def test_numbers_that_are_none(site: Site, wrong: dict[str, Any]) -> None:
    ((option, value),) = wrong.items()
    site.refuses("config_object", option, str(value), **WRITE, **wrong)


@pytest.mark.parametrize("option", ["gax_url", "gax_username", "gax_password"])
def test_missing_connection_option(site: Site, option: str) -> None:
    site.refuses("config_object", option, **{**WRITE, option: None})


def test_proxy_that_is_down(site: Site) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        site.refuses("config_object", "proxy", proxy=f"http://127.0.0.1:{free.getsockname()[1]}", **HURRY, **WRITE)


def test_environment_gives_the_connection(tls_site: Site) -> None:
    sandbox = tls_site.sandbox
    environment = {"GAX_URL": sandbox.url, "GAX_USERNAME": sandbox.username, "GAX_PASSWORD": sandbox.password, "GAX_CA_PATH": sandbox.environment["ca_path"]}
    own = {key: value for key, value in tls_site.arguments(False, {}).items() if key.startswith("_ansible")}
    for chosen in (environment, {**environment, "GAX_CA_PATH": "/nowhere", "GAX_VALIDATE_CERTS": "false", "GAX_TIMEOUT": "7"}):
        outcome = tls_site.runner.run("application_info", own, chosen)
        assert outcome.returncode == 0, outcome.message
    assert outcome.result["invocation"]["module_args"]["timeout"] == 7


def test_environment_of_the_shell_is_ignored(site: Site, tmp_path: Path) -> None:
    """Neither proxy variables nor a netrc file may change where the password goes."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password wrong\n", encoding="utf-8")
    environment = {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "NETRC": str(netrc)}
    outcome = site.run("application_info", environment=environment, retries=0)
    assert outcome.returncode == 0, outcome.message


def test_redirect_is_not_followed_with_the_password(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(0.2)
        target = f"http://127.0.0.1:{other.getsockname()[1]}/"
        site.sandbox.fault("status", {"path_regex": "session/login"}, status=307, headers={"Location": target}, times=0)
        site.refuses("config_object", "login", **HURRY, **WRITE)
        with pytest.raises(TimeoutError):
            other.accept()


@pytest.mark.parametrize("dialect", ["guarded", "terse"])
def test_unusual_password(runner: ModuleRunner, dialect: str) -> None:
    """One of these takes obfuscated passwords only, the other plain ones only."""
    with Sandbox(scs=False, dialect=dialect, password="pä$$ \"wörd\" '€' %s {{ x }}") as sandbox:
        site = Site(sandbox, runner)
        assert site.ok("application_info").result["applications"]
        assert sandbox.password not in site.run("config_object", **WRITE).everything


def test_logout_is_called_only_if_configured(site: Site) -> None:
    site.ok("application_info")
    assert not [entry for entry in site.sandbox.requests("gax") if "logout" in entry["path"]]
    site.ok("application_info", logout_path="/session/logout")
    assert site.sandbox.requests("gax")[-1]["path"] == "/gax/api/session/logout"


def test_second_look_is_cheap(furnished: Site) -> None:
    """One login, its confirmation, and one list a class."""
    furnished.ok("chat_server_groups", pairs=[{"primary": "UCS_1", "backup": "UCS_2"}, {"primary": "UCS_3", "backup": "UCS_4"}])
    asked = [(entry["method"], entry["path"].removeprefix("/gax/api/"), entry["type"]) for entry in furnished.sandbox.requests("gax")]
    assert asked == [("POST", "session/login", None), ("GET", "user/info", None), ("GET", "cfg/objects", "CfgApplication")]
