# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long to wait before a request is repeated, and which requests are: reads, a bounded number of times."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.gateway.server import HTML, Answer, Client, Server

from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.retry import LONGEST_WAIT, parse_retry_after, wait_before


def test_the_wait_doubles():
    assert [wait_before(attempt, spread=lambda: 0.0) for attempt in (1, 2, 3, 4)] == pytest.approx([0.3, 0.6, 1.2, 2.4])


def test_the_wait_is_spread_by_up_to_a_quarter():
    assert wait_before(2, spread=lambda: 1.0) == pytest.approx(0.75)


def test_the_server_may_ask_for_a_wait():
    assert wait_before(4, 1.5) == 1.5


@given(st.integers(1, 60), st.none() | st.floats(allow_nan=True, allow_infinity=True))
@settings(database=None, deadline=None, derandomize=True)
def test_every_wait_is_bounded(attempt, asked):
    assert 0 <= wait_before(attempt, asked) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("0.5", 0.5), (None, None), ("", None), ("Wed, 21 Oct 2015 07:28:00 GMT", None)]
)
def test_retry_after_is_read_in_seconds(text, seconds):
    assert parse_retry_after(text) == seconds


@pytest.mark.parametrize(
    "passing",
    [*(Answer(status) for status in (429, 502, 503, 504, 500)), Answer(cut=True), Answer(200, "{", "text/plain"), Answer(200, "<html>busy</html>", HTML)],
)
def test_a_read_is_repeated_until_it_succeeds(passing):
    with Server() as server:
        client = Client(server)
        server.answers = [passing, passing, Answer(200, [{"dbid": "7"}])]
        assert client.gax.list("CfgHost") == [{"dbid": "7"}]
        assert server.asked() == ["GET cfg/objects"] * 3
        assert len(client.waits) == 2


def test_a_read_is_repeated_a_bounded_number_of_times():
    with Server() as server:
        client = Client(server, retries=3)
        server.answers = [Answer(503, "starting", "text/plain")] * 9
        with pytest.raises(GatewayError, match=r"GAX is not ready: starting \(HTTP 503\)"):
            client.gax.list("CfgHost")
        assert server.asked() == ["GET cfg/objects"] * 4
        assert len(client.waits) == 3


def test_no_retries_means_one_attempt():
    with Server() as server:
        client = Client(server, retries=0)
        server.answers = [Answer(503)] * 3
        with pytest.raises(GatewayError):
            client.gax.get("CfgHost", 7)
        assert (server.asked(), client.waits) == (["GET cfg/objects/CfgHost/7"], [])


def test_retry_after_is_honoured_within_bounds():
    with Server() as server:
        client = Client(server)
        server.answers = [Answer(503, headers={"Retry-After": "2"}), Answer(429, headers={"Retry-After": "3600"}), Answer(200, [])]
        client.gax.list("CfgHost")
        assert client.waits == [2.0, LONGEST_WAIT]


@pytest.mark.parametrize("final", [Answer(400, "no", "text/plain"), Answer(409, {"message": "no"})])
def test_a_refused_read_is_not_repeated(final):
    with Server() as server:
        client = Client(server)
        server.answers = [final]
        with pytest.raises(GatewayError, match="GAX refused: no") as caught:
            client.gax.list("CfgHost")
        assert (server.asked(), client.waits) == (["GET cfg/objects"], [])
        assert not caught.value.transient


WRITES = {
    "create": lambda gax: gax.create({"type": "CfgHost", "name": "x"}),
    "update": lambda gax: gax.update("CfgHost", 7, {"dbid": "7"}),
    "delete": lambda gax: gax.delete("CfgHost", 7),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    ("answer", "uncertain", "transient"),
    [
        (Answer(503), True, True),
        (Answer(429), True, True),
        (Answer(500), True, False),
        (Answer(409), False, False),
        (Answer(400), False, False),
        (Answer(cut=True), True, True),
        (Answer(200, "<html>oops</html>", HTML), True, True),
    ],
    ids=["503", "429", "500", "409", "400", "reset", "page"],
)
def test_a_write_is_never_repeated(write, answer, uncertain, transient):
    """The caller looks first; so it must be told whether the write may have been carried out, or may succeed later."""
    with Server() as server:
        client = Client(server)
        server.answers = [answer]
        with pytest.raises(GatewayError) as caught:
            write(client.gax)
        assert len(server.asked()) == 1
        assert client.waits == []
        assert (caught.value.uncertain, caught.value.transient) == (uncertain, transient)


def test_a_write_without_an_answer_in_time_is_uncertain():
    with Server() as server:
        client = Client(server, timeout=0.15)
        server.answers = [Answer(delay=0.4)]
        with pytest.raises(GatewayError, match="did not answer within 0.15 seconds") as caught:
            client.gax.update("CfgHost", 7, {"dbid": "7"})
        assert (caught.value.uncertain, caught.value.transient) == (True, True)
        assert len(server.asked()) == 1


def test_a_server_that_is_not_there():
    with Server() as server:
        client = Client(server, retries=2)
    with pytest.raises(GatewayError, match=r"GAX at http://127\.0\.0\.1:\d+/gax/api/ could not be reached: .*refused") as caught:
        client.gax.list("CfgHost")
    assert len(client.waits) == 2
    assert not caught.value.uncertain


def test_an_address_that_can_not_be_one_is_not_tried_again():
    with Server() as server:
        client = Client(server, url="http://server:port")
        with pytest.raises(GatewayError, match="server:port"):
            client.gax.list("CfgHost")
        assert client.waits == []
