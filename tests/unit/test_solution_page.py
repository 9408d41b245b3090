# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page that shows a chat solution: what is bundled, what is in it, that names can't become markup, and the file that the action writes."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.genesys_engage.chat.plugins.action.chat_solution_report import ActionModule
from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import LIBRARIES, PLACE, differs, page
from ansible_collections.genesys_engage.chat.plugins.plugin_utils.summary import add_picture

NASTY = "</script><img src=x onerror=document.title='hit'>&amp;<!--@data@"
GRAPH: dict[str, Any] = {
    "of": "live", "snapshot": "", "made": "2026-04-01 12:00 UTC", "tenants": [NASTY], "lanes": [{"id": "chat_server", "title": "Chat Servers"}],
    "boxes": [{"id": "chat_server", "lane": "chat_server", "title": NASTY, "nodes": ["application/" + NASTY]}],
    "nodes": [{"id": "application/" + NASTY, "kind": "chat_server", "word": "Chat Server", "name": NASTY, "host": NASTY, "version": NASTY, "state": NASTY,
               "ports": {NASTY: 1}, "tenants": [NASTY], "pair": "", "facts": [[NASTY, NASTY]]}],
    "links": [], "findings": [], "counts": {"error": 0, "warning": 0, "info": 0, "waived": 0}, "not_judged": [],
}


class Reader(HTMLParser):
    """What a page consists of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag in ("script", "style")
        if self.inside:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data


@pytest.mark.parametrize("name", sorted(LIBRARIES))
def test_libraries_are_those_that_their_makers_publish(name: str) -> None:
    """Version, digest and licence of each: a file that was edited, or exchanged without a word, is noticed."""
    version, file, licence, digest = LIBRARIES[name]
    content = (PLACE / file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == digest
    assert f'"{version}"' in content.decode()
    assert {"ISC": "with or without fee", "MIT": "Permission is hereby granted, free of charge"}[licence] in (PLACE / f"{name}.LICENSE").read_text()
    assert (Path(__file__).parents[2] / "LICENSES" / f"{licence}.txt").is_file()


def test_names_cant_become_markup() -> None:
    text, plain = page(GRAPH), page({**GRAPH, "nodes": [], "boxes": [], "tenants": []})
    assert [tag for tag, _attributes in Reader(text).tags] == [tag for tag, _attributes in Reader(plain).tags]
    data = Reader(text).scripts[1]
    assert json.loads(data) == GRAPH and not re.search("[<>&]", data)


def test_nothing_is_loaded_and_no_other_script_runs() -> None:
    """The policy names the digests of all that stands in the page, and of nothing else; no address is in what is not the libraries' own."""
    found = Reader(page(GRAPH))
    (policy,) = [attributes["content"] for tag, attributes in found.tags if tag == "meta" and "http-equiv" in attributes]
    style, _data, *scripts = found.scripts
    digests = ["'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'" for text in (style, *scripts)]
    assert len(scripts) == 3
    assert policy == f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src {digests[0]}; script-src {' '.join(digests[1:])}"
    assert all(not {"src", "srcset", "action"} & set(attributes) for _tag, attributes in found.tags)
    assert [attributes["href"] for _tag, attributes in found.tags if "href" in attributes] == ["data:,"]
    assert "sourceMappingURL" not in "".join(scripts)


def test_notices_of_the_libraries_are_in_the_page() -> None:
    text = page(GRAPH)
    assert "Permission to use, copy, modify, and/or distribute" in text and "Copyright (c) 2012-2014 Chris Pettitt" in text
    assert "d3 7.9.2 (ISC) and dagre 3.1.3 (MIT)" in text


def action(result: dict[str, Any], check_mode: bool = False, **arguments: Any) -> dict[str, Any]:
    """Run the action with what its module returns."""
    plugin = ActionModule.__new__(ActionModule)
    plugin._task = SimpleNamespace(args=arguments, check_mode=check_mode, async_val=0, diff=False)
    plugin._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir=None))
    given: dict[str, Any] = {}

    def run_module(**call: Any) -> dict[str, Any]:
        given.update(call["module_args"])
        return dict(result)

    plugin._execute_module = run_module
    plugin._early_needs_tmp_path = lambda: False
    found: dict[str, Any] = plugin.run(task_vars={})
    assert "dest" not in given
    return found


MADE: dict[str, Any] = {"graph": GRAPH, "counts": GRAPH["counts"], "changed": False}


def test_the_file_is_written_once(tmp_path: Path) -> None:
    """First it is new, then only its time is; in check mode it is left alone."""
    place = tmp_path / "solution.html"
    assert action(MADE, check_mode=True, dest=str(place))["changed"] and not place.exists()
    first = action(MADE, dest=str(place))
    assert (first["changed"], first["dest"], "graph" in first) == (True, str(place), False)
    assert place.read_text() == page(GRAPH) and place.stat().st_mode & 0o777 == 0o644
    later = {**MADE, "graph": {**GRAPH, "made": "2026-04-02 12:00 UTC"}}
    assert action(later, dest=str(place))["changed"] is False and "2026-04-02" in place.read_text()
    other = {**MADE, "graph": {**GRAPH, "tenants": ["x"]}}
    assert action(other, check_mode=True, dest=str(place))["changed"] and place.read_text() == page(later["graph"])
    assert action(other, dest=str(place))["changed"]
    assert list(tmp_path.iterdir()) == [place]


def test_without_a_file_the_data_are_returned() -> None:
    assert action(MADE)["graph"] == GRAPH


@pytest.mark.parametrize("where", ["nowhere/solution.html", "", "pipe"])
def test_a_place_that_cant_be_written_to(tmp_path: Path, where: str) -> None:
    """No directory, a directory, something else."""
    if where == "pipe":
        os.mkfifo(tmp_path / where)
    found = action(MADE, dest=str(tmp_path / where) if where else str(tmp_path))
    assert found["failed"] and found["msg"].startswith("dest: the picture can't be written to '") and "Name a file in a directory" in found["msg"]


def test_a_module_that_fails_is_told(tmp_path: Path) -> None:
    place = tmp_path / "solution.html"
    found = action({"failed": True, "msg": "no"}, dest=str(place))
    assert found["failed"] and found["msg"] == "no" and not place.exists()


def test_only_the_time_does_not_count() -> None:
    assert not differs(page(GRAPH), page({**GRAPH, "made": "2027-01-01 00:00 UTC"}))
    assert differs(page(GRAPH), page({**GRAPH, "not_judged": ["L01"]})) and differs("", page(GRAPH))


LOOKED = {"name": NASTY, "looked_at": True, "version": "8.5.2", "status": "RUNNING"}
SEEN: dict[str, Any] = {"applications": [LOOKED], "findings": [], "next": [], "picture": ""}


def own(place: Path, **more: Any) -> dict[str, Any]:
    return {"verification_picture": MADE, "verification_picture_place": str(place), "verification_deployment": {"applications": []}, **more}


def test_the_summary_of_a_run_draws_it(tmp_path: Path) -> None:
    """With what the hosts have told, unless nobody has looked after the start; and never in check mode."""
    place = tmp_path / "solution.html"
    for variables, shown in ((own(place), ("RUNNING", "8.5.2")), (own(place, verification_deployment=None), (NASTY, NASTY))):
        result = {**SEEN, "next": [], "findings": []}
        add_picture(result, variables, False)
        node = json.loads(Reader(place.read_text()).scripts[1])["nodes"][0]
        assert (node["state"], node["version"]) == shown
        assert result["picture"] == str(place) and result["next"] == [f"The picture of the chat solution is {place}."] and result["findings"] == []
        place.unlink()
    add_picture({**SEEN}, own(place), True)
    assert not place.exists()


def test_a_run_ends_well_without_its_picture(tmp_path: Path) -> None:
    unread = own(tmp_path / "x", verification_picture={"msg": "no login"})
    for variables, words in ((own(tmp_path / "nowhere" / "x"), "there is no directory"), (unread, "no login")):
        result = {**SEEN, "next": [], "findings": []}
        add_picture(result, variables, False)
        (finding,) = result["findings"]
        assert words in finding and finding.startswith("There is no picture of the chat solution: ")
        assert result["picture"] == "" and result["next"] == []
