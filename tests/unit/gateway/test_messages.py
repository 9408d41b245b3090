# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an error says when the libraries below fail: the cause in plain words, and no secret."""

from __future__ import annotations

import pytest
import requests
import urllib3
from unit.gateway.server import HTML, LOGIN_PAGE, PASSWORD, USERNAME, Answer, Client, Server

from ansible_collections.genesys_engage.chat.plugins.module_utils._common.text import one_line, printable
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.gax import Gax, Settings
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.transport import innermost


class Failing(requests.adapters.BaseAdapter):
    """Raises instead of sending, as requests would."""

    def __init__(self, error):
        super().__init__()
        self.error = error

    def send(self, *_args, **_options):
        raise self.error

    def close(self):
        pass


@pytest.mark.parametrize(
    ("validate", "ca_path", "verify"), [(True, None, True), (True, "/etc/ca.pem", "/etc/ca.pem"), (False, None, False), (False, "/etc/ca.pem", False)])
def test_certificates_are_checked_unless_the_user_says_otherwise(validate, ca_path, verify):
    seen = []

    class Noting(Failing):
        def send(self, *_args, **options):
            seen.append((options["verify"], options["timeout"]))
            raise self.error

    gax = Gax(Settings("https://gax.example.com", USERNAME, PASSWORD, validate, ca_path, timeout=7, retries=0))
    gax._transport.session.mount("https://", Noting(requests.exceptions.ReadTimeout("x")))
    with pytest.raises(GatewayError):
        gax.list("CfgHost")
    assert seen == [(verify, 7)]


def fail_with(error, call=lambda gax: gax.list("CfgHost"), **options):
    gax = Gax(Settings("https://gax.example.com:8443", USERNAME, PASSWORD, retries=0, **options), sleep=lambda seconds: None)
    gax._transport.session.mount("https://", Failing(error))
    gax._login_number = 1  # as if logged in: the failure meets the call itself
    with pytest.raises(GatewayError) as caught:
        call(gax)
    return caught.value


def write(gax):
    gax.create({"type": "CfgHost", "name": "x", "password": PASSWORD})


def wrapped(reason):
    """A failure as urllib3 and requests wrap it: three layers deep."""
    pool = urllib3.HTTPSConnectionPool("gax.example.com", 8443)
    return requests.exceptions.ConnectionError(urllib3.exceptions.MaxRetryError(pool, "/gax/api/cfg/objects", reason))


UNTRUSTED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate"
CONNECTION = urllib3.connection.HTTPConnection("gax.example.com")


@pytest.mark.parametrize(
    ("error", "words", "uncertain"),
    [
        (requests.exceptions.SSLError(urllib3.exceptions.MaxRetryError(urllib3.HTTPSConnectionPool("x"), "/", urllib3.exceptions.SSLError(UNTRUSTED))),
         ["certificate", "not accepted", "self-signed", "ca_path"], False),
        (requests.exceptions.ConnectTimeout("x"), ["did not accept a connection within 30 seconds"], False),
        (requests.exceptions.ReadTimeout("x"), ["did not answer within 30 seconds"], True),
        (requests.exceptions.ProxyError(urllib3.exceptions.ProxyError("Cannot connect to proxy", OSError("407 wanted"))), ["proxy", "407 wanted"], False),
        (wrapped(urllib3.exceptions.NewConnectionError(CONNECTION, "[Errno 111] Connection refused")), ["could not be reached", "Connection refused"], False),
        (wrapped(urllib3.exceptions.NewConnectionError(CONNECTION, "[Errno -2] Name or service not known")),
         ["could not be reached", "Name or service not known"], False),
        (requests.exceptions.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))),
         ["broke", "Connection reset by peer"], True),
        (requests.exceptions.ChunkedEncodingError("half an answer"), ["broke", "half an answer"], True),
    ],
    ids=["certificate", "connect", "answer", "proxy", "refused", "name", "reset", "half"],
)
def test_the_cause_is_named(error, words, uncertain):
    for call, expected in ((lambda gax: gax.list("CfgHost"), False), (write, uncertain)):
        failed = fail_with(error, call)
        assert [word for word in words if word not in str(failed)] == []
        assert failed.uncertain is expected, "whether a write may have been carried out"
        assert "Traceback" not in str(failed)
        assert " object at 0x" not in str(failed)
        assert PASSWORD not in str(failed) + repr(failed.failure())


@pytest.mark.parametrize(
    ("login", "advice"),
    [
        (Answer(401, "no", "text/plain"), "that the account may log in now"),
        (Answer(500, "oops", "text/plain"), "look into GAX's log"),
        (LOGIN_PAGE, "that gax_url leads to GAX"),
        (Answer(204), "the new session was not kept"),
    ],
    ids=["refused", "error", "page", "no session"],
)
def test_what_to_check_after_a_login_that_failed(login, advice):
    with Server() as server:
        server.accepts = lambda form: False
        server.refused_login = login
        with pytest.raises(GatewayError) as caught:
            Client(server).gax.list("CfgHost")
        assert "check gax_username and gax_password" in str(caught.value)
        assert advice in str(caught.value)


def test_a_damaged_answer_is_not_shown():
    """It is a piece of the site's configuration."""
    with Server() as server:
        server.answers = [Answer(200, '[{"key": "db-password", "value": "s3cret"')] * 2
        with pytest.raises(GatewayError, match="damaged: its 41 bytes") as caught:
            Client(server, retries=1).gax.list("CfgHost")
        assert "s3cret" not in str(caught.value) + repr(caught.value.failure())


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(302, headers={"Location": "//["}), "can't be understood"),
        (Answer(200, "[" * 100_000), "damaged"),
        (Answer(200, "[null]"), "not a list of objects"),
        (Answer(503, "<html>starting</html>", HTML), "GAX is not ready"),
    ],
    ids=["address", "depth", "nothing", "starting"],
)
def test_an_answer_that_nobody_expects(answer, words):
    with Server() as server:
        server.answers = [answer] * 2
        with pytest.raises(GatewayError, match=words):
            Client(server, retries=0).gax.list("CfgHost")


EVIL = "no \x1b[2J\x1b]0;title\x07\r\n\x9b31mTASK\u2028[ok]\u202e\ud800 ümlaut \u4e2d \u200d"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(409, {"message": EVIL, "code": "CFG\x1b[2J"}),
        Answer(409, EVIL.encode("utf-8", "replace"), "text/plain;charset=UTF-8"),
        Answer(302, headers={"Location": "//[\x1b[2J"}),
        Answer(200, "{}", headers={"Transfer-Encoding": "\x1b[2J"}),
    ],
    ids=["json", "text", "header", "broken"],
)
@pytest.mark.parametrize("login", [False, True])
def test_control_characters_do_not_reach_a_terminal(answer, login):
    """Of what GAX says, and of what a library repeats of it; letters of any language do."""
    with Server() as server:
        if login:
            server.accepts = lambda form: False
            server.refused_login = answer
        server.answers = [answer]
        with pytest.raises(GatewayError) as caught:
            Client(server, retries=0).gax.list("CfgHost")
    shown = str(caught.value) + "".join(str(value) for value in caught.value.failure().values())
    assert not [character for character in shown if not character.isprintable() and character != "\u200d"], repr(shown)
    if answer.status == 409:
        assert "ümlaut" in shown


def test_a_message_of_ours_keeps_its_lines():
    assert printable("one\n\ttwo \x1b[31m'name\x00\x00'") == "one\n\ttwo \\x1b[31m'name\\x00\\x00'"
    assert one_line("one\n\ttwo") == "one two"


def test_the_innermost_cause_of_a_chain():
    with pytest.raises(urllib3.exceptions.ProtocolError) as chained:
        try:
            raise OSError("the cause")
        except OSError as cause:
            raise urllib3.exceptions.ProtocolError("outer") from cause
    assert innermost(chained.value) == "the cause"
    assert innermost(ValueError("alone")) == "alone"
    assert innermost(ValueError(OSError("inside"))) == "inside"
