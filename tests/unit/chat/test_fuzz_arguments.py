# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: whatever arguments a module gets, it ends with a sentence or with what it did, and a refusal has written nothing.

The modules run within this process; some more run as processes in the integration tests.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzzing import SNAPSHOT, VALID, arguments_of, examples, gax_modules, spoiled
from unit.in_process import Ended, Objects, Site, ends_well, furnished, run


@pytest.fixture(scope="module")
def site() -> tuple[Objects, str]:
    """The objects of a configured site, and a snapshot."""
    return furnished()


@pytest.mark.parametrize("module", gax_modules())
def test_any_arguments(site: tuple[Objects, str], module: str) -> None:
    assert module in VALID, f"give valid arguments of {module} in unit/fuzzing.py"
    for arguments in VALID[module]:
        assert not check(module, arguments, *site).failed

    @given(arguments_of(module))
    @examples(40)
    def anything(arguments: dict[str, Any]) -> None:
        check(module, arguments, *site)

    anything()


def check(module: str, arguments: dict[str, Any], objects: Objects, snapshot: str) -> Ended:
    """Run a module in check mode, for real, and again: what is previewed is written, and then nothing is left to do."""
    gateway = Site(objects)
    gateway.snapshot = snapshot
    preview = run(module, arguments, gateway, check=True)
    ends_well(preview)
    assert gateway.writes() == [], "check mode writes"
    real = run(module, arguments, gateway, check=False)
    ends_well(real)
    if real.failed:
        assert gateway.effects == [] or "Written before" in real.result["msg"]
        # Whether a file can be written is seen only when it is; and a preview keeps a plan where the run wants one.
        promised = module != "config_snapshot" and not re.match("plan_file|plan_action|production", real.result["msg"])
        assert preview.failed or not promised, f"check mode promised what can't be done: {real.result['msg']}"
        return real
    assert not preview.failed, preview.result["msg"]
    if module == "upgrade_lock":
        return real  # it tells no changes, and renews what it holds
    if module in ("deployment_info", "removal_plan_info"):
        assert gateway.effects == [], "it tells what another module would write"
        return real
    assert real.result.get("changes") == preview.result.get("changes"), "the preview differs from what was done"
    done = {(change["type"], change["name"]) for change in real.result.get("changes", [])}
    assert {(kind, name) for _verb, kind, name in gateway.effects} == done
    gateway.effects.clear()
    again = run(module, arguments, gateway, check=False)
    ends_well(again)
    assert not again.failed and gateway.effects == [] and not again.result.get("changes"), (
        f"not the second time: {again.result.get('msg') or again.result['changes']}"
    )
    return real


def test_any_snapshot(site: tuple[Objects, str]) -> None:
    """A snapshot is a file that anybody may have edited, or that is a file of something else."""
    objects, snapshot = site

    @given(spoiled(json.loads(snapshot)), st.sampled_from(["refuse", "keep", "overwrite"]))
    @examples(60)
    def anything(content: Any, later_edits: str) -> None:
        check("config_restore", {"path": SNAPSHOT, "later_edits": later_edits}, objects, json.dumps(content))

    anything()


DEEP: dict[str, Any] = {"interaction_servers": ["IXN_1"], "chat_servers": ["ChatServer_1"]}
FOUND: list[tuple[str, dict[str, Any], list[str]]] = [
    ("esp_link", {**DEEP, "addp": ""}, ["addp must be a mapping, got text"]),
    ("esp_link", {**DEEP, "addp": {"local_timeout": True}}, ["addp.local_timeout must be a whole number (18 digits at most), got 'True'"]),
    ("esp_link", {**DEEP, "addp": {"local_timeout": "1e999999999"}}, ["addp.local_timeout must be a whole number"]),
    ("chat_server_groups", {"pairs": "local"}, ["pairs[0] must be a mapping, got text"]),
    ("chat_server_groups", {"pairs": [None]}, ["pairs[0] must be a mapping, got NoneType"]),
    ("chat_server_app", {"name": "x", "reconnect_attempts": float("inf")}, ["reconnect_attempts must be a whole number (18 digits at most), got 'inf'"]),
    ("chat_server_app", {"name": "ChatServer_1", "ports": {"health": "9" * 5000}}, ["must be a port number"]),
    ("chat_server_app", {"name": "x", "options": '{"db": {"password": "s3cret-value"}', "host": []}, ["options must be a mapping, got text"]),
    ("chat_server_app", {"name": "x", "options": '{"db": {"password": "s3cret-value"}}', "no_such_option": 1}, ["no_such_option"]),
    ("chat_server_app", {"name": "x", "annex": "password=s3cret-value", "no_such_option": 1}, ["no_such_option"]),
    ("chat_solution", {"solution": '{"chat_servers": [{"options": {"db": {"password": "s3cret-value"}}}], "tenant": 1}'}, ["name"]),
]


@pytest.mark.parametrize(("module", "arguments", "words"), FOUND, ids=[f"{module}-{number}" for number, (module, _arguments, _words) in enumerate(FOUND)])
def test_what_fuzzing_found(site: tuple[Objects, str], module: str, arguments: dict[str, Any], words: list[str]) -> None:
    ended = run(module, arguments, Site(site[0]), check=False)
    ends_well(ended)
    assert ended.failed and all(word in ended.result["msg"] for word in words), ended.result["msg"]
    assert "s3cret-value" not in ended.text


@pytest.mark.parametrize("text", ['{"settings": {"a": "b"}}', "{'settings': {'a': 'b'}}"])
def test_text_that_stands_for_a_mapping_is_taken(site: tuple[Objects, str], text: str) -> None:
    ended = run("chat_server_app", {"name": "ChatServer_1", "options": text}, Site(site[0]), check=False)
    assert ended.result["changes"][0]["after"] == {"options": {"settings": {"a": "b"}}}
