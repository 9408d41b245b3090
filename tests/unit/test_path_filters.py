# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a path begins that does not begin at the root."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.genesys_engage.chat.plugins.filter.paths import controller_path, unclear_places


def test_a_path_of_the_controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative one counts from the current directory, ~ is the home directory, and what is empty stays so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/kim")
    assert controller_path("a/../b.yml") == f"{tmp_path}/b.yml"
    assert controller_path("~/b.yml") == "/home/kim/b.yml"
    assert controller_path("/srv/b.yml") == "/srv/b.yml"
    assert controller_path("") == controller_path(None) == ""


def test_a_path_of_another_host() -> None:
    """Only what begins at the root, at a home directory, or with a variable is clear."""
    clear = {"a": "/srv/x", "b": "~/x", "c": "$HOME/x", "d": "", "e": None}
    assert unclear_places(clear) == []
    told = unclear_places({**clear, "chat_snapshot_dir": "kept", "chat_plan_file": "./plan.json"})
    assert [text.partition(",")[0] for text in told] == ["chat_snapshot_dir is 'kept'", "chat_plan_file is './plan.json'"]
