# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: a server whose answers are not what they should be, met by modules as processes.

In memory, and with far more examples: unit/config/test_fuzz_objects.py (objects), unit/gateway/test_fuzz_answers.py (bytes).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from integration.configured_site import Site, solution
from integration.go_between import Exchange, GoBetween
from unit.fuzzing import ODD, examples, holder, places, spoiled

#: Members that no version of GAX is known to have.
UNKNOWN = {"zz-more": {"a": [1, None, {"b": ""}]}}
#: Seconds of a run: a few requests, each with a time-out of 1 s and one repetition.
BOUND = 20

RUNS: list[tuple[str, dict[str, Any]]] = [
    ("chat_solution", {"solution": solution(message_server=None), "allow_disconnect": True}),
    ("chat_server_app", {"name": "ChatServer_1", "options": {"settings": {"limit-for-sessions": 777}}, "ports": {"health": 4999}}),
    ("chat_server_groups", {"pairs": [{"primary": "UCS_1", "backup": "UCS_2"}], "allow_disconnect": True}),
    ("config_object", {"type": "CfgHost", "name": "chat1", "annex": {"a": {"b": "c"}}}),
    ("application_info", {}),
    ("chat_solution_info", {"tenant": "Environment"}),
    ("chat_audit", {}),
]


@dataclass
class Spoiling:
    """Which answer of a run is spoiled, counted among those that hold objects, and how."""

    number: int
    form: str
    data: st.DataObject

    def content(self, found: Any) -> bytes:
        """Return the spoiled answer."""
        if self.form == "damaged":
            whole = json.dumps(found).encode()
            return self.data.draw(
                st.sampled_from(
                    [b"", whole[: len(whole) // 2], whole + b"}", b"\xff" + whole, b"[" * 100_000, b"null", b"{}", b"5", b"[5]", b"[null]", b"<html>"]
                )
            )
        if self.form == "parts":
            for _unused in range(4):
                paths = [path for path in places(found) if isinstance(path[-1], str)]
                if paths:
                    path = self.data.draw(st.sampled_from(paths))
                    holder(found, path)[path[-1]] = self.data.draw(st.sampled_from(ODD))
            return json.dumps(found).encode()
        return json.dumps(self.data.draw(spoiled(found))).encode()


@pytest.fixture(scope="module")
def between(one_site: Site) -> Iterator[GoBetween]:
    """What stands before the sandbox."""
    with GoBetween(one_site.sandbox.url) as between:
        yield between


def holds_objects(exchange: Exchange) -> bool:
    return exchange.method == "GET" and exchange.path.startswith("cfg/objects") and exchange.status == 200


def test_spoiled_objects(furnished: Site, between: GoBetween) -> None:
    site, database = furnished, furnished.sandbox.database()

    @given(st.sampled_from(RUNS), st.integers(1, 6), st.sampled_from(["damaged", "parts", "parts", "any"]), st.booleans(), st.data())
    @examples(20)
    def anything(case: tuple[str, dict[str, Any]], number: int, form: str, check: bool, data: st.DataObject) -> None:
        module, arguments = case
        site.sandbox.restore(database)
        spoiling = Spoiling(number, form, data)
        seen = 0

        def spoil(exchange: Exchange) -> None:
            nonlocal seen
            if holds_objects(exchange):
                seen += 1
                if seen == spoiling.number:
                    exchange.content = spoiling.content(exchange.objects())

        between.answered = spoil
        between.clear()
        began = time.monotonic()
        outcome = site.run(module, check, gax_url=between.url, timeout=1, retries=1, parallel_reads=1, **arguments)
        assert time.monotonic() - began < BOUND
        assert outcome.result and outcome.returncode == int(bool(outcome.result.get("failed"))), outcome.everything
        assert not outcome.stderr and "Traceback" not in outcome.everything, outcome.everything
        assert "defect of the collection" not in outcome.everything, outcome.message
        writes = between.writes()
        assert not (check and writes), "check mode writes"
        if outcome.result.get("failed") and writes:
            assert "Written before" in outcome.message or "read back" in outcome.message, outcome.message

    anything()
    between.answered = lambda exchange: None
    site.sandbox.restore(database)


def enriched(tree: Any) -> Any:
    """Return objects, each of them and each entry of their lists with a member that nobody knows."""
    if isinstance(tree, dict):
        return {**{key: enriched(value) for key, value in tree.items()}, **UNKNOWN}
    return [enriched(item) for item in tree] if isinstance(tree, list) else tree


def poorer(tree: Any) -> Any:
    """Return the same without these members."""
    if isinstance(tree, dict):
        return {key: poorer(value) for key, value in tree.items() if key not in UNKNOWN}
    return [poorer(item) for item in tree] if isinstance(tree, list) else tree


@pytest.mark.parametrize(("module", "arguments"), RUNS[:4], ids=[module for module, _arguments in RUNS[:4]])
def test_what_is_not_understood_is_written_back(furnished: Site, between: GoBetween, module: str, arguments: dict[str, Any]) -> None:
    """Every object and every entry of a list has a member more than it has at the sandbox; a write must carry all of them."""
    site, second = furnished, furnished.dbid("CfgApplication", "UCS_3")
    site.sandbox.edit("CfgApplication", "ChatServer_2", options={"settings": {"limit-for-sessions": "1"}})
    site.sandbox.edit("CfgApplication", "UCS_1", redundancytype="CFGHTHotStanby")
    shown: dict[str, dict[str, Any]] = {}

    def enrich(exchange: Exchange) -> None:
        if not holds_objects(exchange):
            return
        content = enriched(exchange.objects())
        for found in content if isinstance(content, list) else [content]:
            path = f"cfg/objects/{found['type']}/{found['dbid']}"
            if path not in bodies:
                shown[path] = found
        exchange.show(content)

    def impoverish(exchange: Exchange) -> None:
        if exchange.write and exchange.method == "PUT":
            bodies[exchange.path] = json.loads(exchange.body)
            exchange.body = json.dumps(poorer(bodies[exchange.path])).encode()

    bodies: dict[str, dict[str, Any]] = {}
    between.asked, between.answered = impoverish, enrich
    outcome = site.run(module, gax_url=between.url, **arguments)
    between.asked, between.answered = lambda exchange: None, lambda exchange: None
    assert not outcome.result.get("failed"), outcome.message
    assert bodies, "nothing was written"
    for path, body in bodies.items():
        # Connections to the second pair go, where all Chat Servers get the first one.
        before = [place for place in entries(shown[path]) if not (module == "chat_server_groups" and place[-1] == second)]
        assert sorted(entries(body)) == sorted(before), path


def entries(tree: Any, start: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield where unknown members are, by the keys of options and the names of ports and servers, without what the runs above add."""
    if isinstance(tree, dict):
        own = tuple(str(tree[key]) for key in ("section", "key", "id", "appserverdbid", "dbid") if isinstance(tree.get(key), str))
        if "zz-more" in tree:
            yield (*start, *own)
        for key, value in tree.items():
            yield from entries(value, (*start, *own, key)) if key != "zz-more" else ()
    elif isinstance(tree, list):
        for item in tree:
            yield from entries(item, start)
