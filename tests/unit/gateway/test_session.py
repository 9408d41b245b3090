# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in, staying logged in, and what the session does not do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from unit.gateway.server import HTML, LOGIN_PAGE, PASSWORD, USERNAME, Answer, Client, Server
from unit.gateway.test_password import reveal

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import (
    GatewayError,
    LoginRefused,
    SessionRenewed,
    WriteInReadOnlyMode,
)


def logins(server):
    return [request.json() for request in server.requests if request.path == "session/login"]


# --- login --------------------------------------------------------------------------------------------------------------


def test_the_first_login_is_obfuscated_and_confirmed():
    with Server() as server:
        Client(server).gax.list("CfgHost")
        (form,) = logins(server)
        assert (form["username"], form["isPasswordEncrypted"], reveal(form["password"])) == (USERNAME, True, PASSWORD)
        assert server.asked("user/info") == ["GET user/info"]


def test_one_login_serves_all_requests():
    with Server() as server:
        gax = Client(server).gax
        gax.list("CfgHost")
        gax.create({"type": "CfgHost"})
        assert len(logins(server)) == 1


def test_a_server_that_wants_the_plain_password():
    with Server() as server:
        server.accepts = lambda form: form["isPasswordEncrypted"] is False
        Client(server).gax.list("CfgHost")
        assert [form["isPasswordEncrypted"] for form in logins(server)] == [True, False]
        assert logins(server)[1]["password"] == PASSWORD


def test_a_login_that_succeeds_in_name_only_is_not_believed():
    """A GAX may answer 200 with its login page: user/info has to know the user."""
    with Server() as server:
        server.accepts = lambda form: form["isPasswordEncrypted"] is False
        server.refused_login = LOGIN_PAGE
        Client(server).gax.list("CfgHost")
        assert [form["isPasswordEncrypted"] for form in logins(server)] == [True, False]


@pytest.mark.parametrize(
    "answer",
    [Answer(401, "no", "text/plain"), Answer(403), Answer(200, {"error": "CFGLoginIncorrect"}), LOGIN_PAGE, Answer(302, headers={"Location": "/gax/"})],
)
def test_a_wrong_password(answer):
    with Server() as server:
        server.accepts = lambda form: False
        server.refused_login = answer
        with pytest.raises(LoginRefused, match="GAX refused the login of user 'default'.*check gax_username and gax_password") as caught:
            Client(server).gax.list("CfgHost")
        assert len(logins(server)) == 2, "two forms, each once: more attempts lock accounts"
        assert caught.value.failure()["path"] == "session/login"
        assert server.asked() == []


@pytest.mark.parametrize(("answer", "most"), [(Answer(401), 2), (Answer(cut=True), 3)], ids=["wrong password", "GAX is gone"])
def test_threads_that_read_at_the_same_time_try_the_first_login_once(answer, most):
    """Each would wait as long as the first one, and send a wrong password as often."""
    with Server() as server:
        server.accepts = lambda form: False
        server.refused_login = answer
        gax = Client(server, parallel_reads=4, retries=2).gax
        with ThreadPoolExecutor(4) as pool:
            errors = [one.exception() for one in [pool.submit(gax.list, "CfgHost") for _number in range(8)]]
        assert {type(error) for error in errors} == {LoginRefused if answer.status == 401 and not answer.cut else GatewayError}
        assert len(logins(server)) == most


def test_a_user_info_of_somebody_unknown_is_no_session():
    with Server() as server:
        server.who = Answer(200, {"isAnonymous": True})
        with pytest.raises(LoginRefused):
            Client(server).gax.list("CfgHost")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_starting_is_not_a_wrong_password(status):
    with Server() as server:
        server.accepts = lambda form: False
        server.refused_login = Answer(status, "<html>starting</html>", HTML)
        client = Client(server, retries=2)
        with pytest.raises(GatewayError) as caught:
            client.gax.list("CfgHost")
        assert not isinstance(caught.value, LoginRefused)
        assert "password" not in str(caught.value)
        assert caught.value.status == status
        assert len(client.waits) == 2


def test_the_login_waits_for_a_server_that_is_starting():
    with Server() as server:
        answers = iter([False, True])
        server.accepts = lambda form: next(answers)
        server.refused_login = Answer(503)
        client = Client(server)
        client.gax.list("CfgHost")
        assert len(client.waits) == 1
        assert [form["isPasswordEncrypted"] for form in logins(server)] == [True, True]


@pytest.mark.parametrize("echo", ["plain", "obfuscated", "json"])
def test_a_server_that_repeats_the_login_does_not_make_us_show_it(echo):
    seen = []

    def accepts(form):
        seen.append(form["password"])
        shown = {"plain": PASSWORD, "obfuscated": seen[0], "json": '"%s" in %s' % (form["password"], form)}[echo]
        server.refused_login = Answer(400, "can not read: password is %s, sorry" % shown, "text/plain;charset=UTF-8")
        return False

    with Server() as server:
        server.accepts = accepts
        with pytest.raises(LoginRefused) as caught:
            Client(server).gax.list("CfgHost")
    for text in (str(caught.value), repr(caught.value.failure())):
        assert not any(password in text for password in [PASSWORD, *seen])


@pytest.mark.parametrize("name", ["JSESSIONID", "GAX", "gax-session", "X"])
def test_any_cookie_is_kept(name):
    with Server() as server:
        server.cookie_name = name
        assert Client(server).gax.list("CfgHost") == []
        assert server.requests[-1].headers["Cookie"] == "%s=session-1" % name


# --- expiry -------------------------------------------------------------------------------------------------------------

EXPIRED = {
    "401": Answer(401),
    "403": Answer(403, "<html>forbidden</html>", HTML),
    "302": Answer(302, headers={"Location": "/gax/"}),
    "page": LOGIN_PAGE,
}


@pytest.mark.parametrize("answer", EXPIRED.values(), ids=EXPIRED)
def test_an_expired_session_is_renewed_once_and_the_read_repeated(answer):
    with Server() as server:
        server.expired = answer
        gax = Client(server).gax
        gax.list("CfgHost")
        server.expire()
        server.answers = [Answer(200, [{"dbid": "7"}])]
        assert gax.list("CfgHost") == [{"dbid": "7"}]
        assert len(logins(server)) == 2


@pytest.mark.parametrize("answer", EXPIRED.values(), ids=EXPIRED)
@pytest.mark.parametrize("verb", ["create", "update", "delete"])
def test_an_expired_session_is_renewed_and_the_write_is_not_repeated(answer, verb):
    """What the write would replace may have changed: whoever wrote has to read first."""
    with Server() as server:
        server.expired = answer
        gax = Client(server).gax
        gax.list("CfgHost")
        server.expire()
        with pytest.raises(SessionRenewed) as caught:
            WRITES[verb](gax)
        assert (caught.value.transient, caught.value.uncertain) == (True, answer is LOGIN_PAGE)
        assert len(server.asked()) == 2, "the list, and the write once"
        assert WRITES[verb](gax) is None and len(logins(server)) == 2


@pytest.mark.parametrize("lasts", [1, 2, 3])
@pytest.mark.parametrize("answer", EXPIRED.values(), ids=EXPIRED)
def test_sessions_that_end_after_a_few_requests(answer, lasts):
    """As long as each session answers something, a new login is worth its while; its confirmation is not one of the few."""
    with Server() as server:
        gax = Client(server, retries=0).gax
        gax.list("CfgHost")
        server.expired, server.lasts = answer, lasts
        server.expire()
        for number in range(12):
            server.answers = [Answer(200, [{"dbid": str(number)}])]
            assert gax.list("CfgHost") == [{"dbid": str(number)}]
        assert len(logins(server)) >= 12 // lasts


@pytest.mark.parametrize("answer", EXPIRED.values(), ids=EXPIRED)
def test_sessions_that_end_before_they_answer(answer):
    """It ends with a message, after few logins, all of them with the password in the form that was accepted."""
    with Server() as server:
        server.expired, server.lasts = answer, 1
        with pytest.raises(GatewayError, match="GAX ends each session before it answers anything"):
            Client(server).gax.list("CfgHost")
        assert [form["isPasswordEncrypted"] for form in logins(server)] == [True] * 3


def test_a_session_that_is_renewed_in_vain_is_confirmed_the_next_time():
    """The password was changed meanwhile, at a server that answers 200 to any login."""
    with Server() as server:
        gax = Client(server).gax
        gax.list("CfgHost")
        server.expire()
        server.accepts = lambda form: False
        server.refused_login = LOGIN_PAGE
        with pytest.raises(LoginRefused):
            gax.list("CfgHost")
        assert len(logins(server)) == 1 + 1 + 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_within_a_live_session_is_not_an_expired_one(status):
    with Server() as server:
        gax = Client(server).gax
        server.answers = [Answer(status, {"error": "CFGNoPermission", "message": "you may not"})]
        with pytest.raises(GatewayError, match="you may not") as caught:
            gax.update("CfgHost", 7, {"dbid": "7"})
        assert len(logins(server)) == 1
        assert server.asked() == ["PUT cfg/objects/CfgHost/7"]
        assert (caught.value.status, caught.value.code, caught.value.uncertain) == (status, "CFGNoPermission", False)


def test_threads_renew_a_session_together():
    with Server() as server:
        gax = Client(server, parallel_reads=4).gax
        gax.list("CfgHost")
        server.expire()
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(gax.list, ["CfgHost"] * 8)) == [[]] * 8
        assert len(logins(server)) == 2


# --- what the session does not do ---------------------------------------------------------------------------------------


def test_redirects_are_not_followed():
    with Server() as server, Server() as elsewhere:
        gax = Client(server, retries=0).gax
        server.answers = [Answer(302, headers={"Location": elsewhere.url + "/gax/api/cfg/objects"})]
        with pytest.raises(GatewayError, match="HTTP 302"):
            gax.list("CfgHost")
        assert elsewhere.requests == []


def test_the_users_shell_does_not_decide_where_the_password_goes(monkeypatch, tmp_path):
    with Server() as server, Server() as proxy:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        Client(server).gax.list("CfgHost")
        assert proxy.requests == []
        assert not any("Authorization" in request.headers for request in server.requests)


def test_an_explicit_proxy_is_used():
    with Server() as proxy:
        Client(proxy, url="http://gax.example.com", proxy=proxy.url).gax.list("CfgHost")
        assert len(logins(proxy)) == 1


WRITES = {
    "create": lambda gax: gax.create({"type": "CfgHost"}),
    "update": lambda gax: gax.update("CfgHost", 7, {"dbid": "7"}),
    "delete": lambda gax: gax.delete("CfgHost", 7),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_read_only_refuses_every_write_before_it_is_sent(write):
    with Server() as server:
        gax = Client(server, read_only=True).gax
        gax.list("CfgHost")
        with pytest.raises(WriteInReadOnlyMode):
            write(gax)
        assert server.asked() == ["GET cfg/objects"]


def test_read_only_still_parses_templates(tmp_path):
    """Parsing an .apd changes nothing in the configuration."""
    (tmp_path / "x.apd").write_text("x")
    with Server() as server:
        server.answers = [Answer(200, {"name": "T", "subtype": "CFGChatServer"})]
        assert Client(server, read_only=True).gax.import_template(str(tmp_path / "x.apd"))["name"] == "T"


@pytest.mark.parametrize(("path", "asked"), [(None, []), ("session/logout", ["GET session/logout"]), ("/session/logout", ["GET session/logout"])])
def test_logout_only_if_a_path_is_known(path, asked):
    with Server() as server:
        gax = Client(server, logout_path=path).gax
        gax.list("CfgHost")
        before = len(server.asked())
        gax.close()
        assert server.asked()[before:] == asked


def test_closing_without_a_login_asks_nothing():
    with Server() as server:
        Client(server, logout_path="session/logout").gax.close()
        assert server.requests == []


@pytest.mark.parametrize("answer", [Answer(cut=True), Answer(500), LOGIN_PAGE])
def test_closing_never_fails(answer):
    with Server() as server:
        gax = Client(server, logout_path="session/logout").gax
        gax.list("CfgHost")
        server.answers = [answer]
        gax.close()
        assert server.asked() == ["GET cfg/objects", "GET session/logout"]
