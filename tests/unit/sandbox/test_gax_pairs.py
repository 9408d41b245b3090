# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Primary/backup pairs: what may be paired, what is copied, what becomes read-only."""

from __future__ import annotations

from typing import Any

import pytest

UCS = "Universal Contact Server 9.1"


def options(**values: str) -> dict[str, Any]:
    """Return a flat option list with one section."""
    return {"property": [{"section": "settings", "key": key, "value": value} for key, value in values.items()]}


@pytest.fixture
def pair(gax: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Primary and backup, freshly paired; the primary has an option, a connection and two tenants, the backup had none."""
    tenants = {"id": [{"dbid": "1"}, {"dbid": "101"}]}
    link = {"conninfo": [{"id": "default", "appserverdbid": "99", "connprotocol": "addp", "timoutlocal": "10", "timoutremote": "10", "mode": "CFGTMBoth"}]}
    gax.application("U2", UCS, options=options(own="1"), portinfos={"portinfo": [{"id": "default", "port": "7001"}]})
    backup = gax.sandbox.object("CfgApplication", "U2")
    gax.application("U1", UCS, backupserverdbid=backup["dbid"], options=options(a="1"), appservers=link, tenantdbids=tenants)
    return gax.sandbox.object("CfgApplication", "U1"), gax.sandbox.object("CfgApplication", "U2")


def refusal(answer: Any) -> str:
    """Return the error of a refused request."""
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["error"])


def test_pairing_copies_to_the_backup(pair: Any) -> None:
    primary, backup = pair
    for key in ("options", "appservers", "tenantdbids"):
        assert backup[key] == primary[key]
    assert (primary["isprimary"], backup["isprimary"]) == ("CFGTrue", "CFGFalse")
    assert backup["port"] == "7001", "ports are the backup's own"


def test_a_change_of_the_primary_reaches_the_backup(gax: Any, pair: Any) -> None:
    primary, _unused = pair
    assert gax.put({**primary, "options": options(a="2", b="3"), "appservers": {"conninfo": []}}).status_code == 200
    assert gax.sandbox.options("CfgApplication", "U2") == {"settings": {"a": "2", "b": "3"}}
    assert gax.named("CfgApplication", "U2")["appservers"] == {"conninfo": []}


@pytest.mark.parametrize(
    ("field", "value"),
    [("options", options(a="9")), ("appservers", {"conninfo": []}), ("tenantdbids", {"id": [{"dbid": "1"}]}), ("hostdbid", "102")],
)
def test_copied_properties_are_read_only_on_the_backup(gax: Any, pair: Any, field: str, value: Any) -> None:
    _unused, backup = pair
    answer = gax.put({**backup, field: value})
    assert refusal(answer) == "CFGUnchangeableInfo"
    assert field in answer.json()["message"]
    assert gax.sandbox.object("CfgApplication", "U2") == backup


def test_the_rest_of_the_backup_can_be_written(gax: Any, pair: Any) -> None:
    _unused, backup = pair
    assert gax.put({**backup, "commandline": "./ContactServer", "userproperties": options(x="1")}).status_code == 200


def test_unpairing_sets_the_backup_free(gax: Any, pair: Any) -> None:
    primary, backup = pair
    assert gax.put({**primary, "backupserverdbid": "0"}).status_code == 200
    freed = gax.named("CfgApplication", "U2")
    assert (freed["isprimary"], freed["options"]) == ("CFGTrue", backup["options"])
    assert gax.put({**freed, "options": options(mine="1")}).status_code == 200


def test_another_backup_frees_the_former(gax: Any, pair: Any) -> None:
    primary, _unused = pair
    third = gax.application("U3", UCS)
    assert gax.put({**primary, "backupserverdbid": third["dbid"]}).status_code == 200
    assert gax.named("CfgApplication", "U2")["isprimary"] == "CFGTrue"
    assert gax.sandbox.options("CfgApplication", "U3") == {"settings": {"a": "1"}}


def test_wrong_pairs_are_refused(gax: Any, pair: Any) -> None:
    primary, backup = pair
    third, chat = gax.application("U3", UCS), gax.application("Chat")
    own = gax.put({**primary, "backupserverdbid": primary["dbid"]})
    assert refusal(own) == "CFGIncorrectReferences"
    assert "its own backup" in own.json()["message"]
    assert refusal(gax.put({**primary, "backupserverdbid": chat["dbid"]})) == "CFGIncorrectReferences", "another type"
    assert refusal(gax.put({**third, "backupserverdbid": backup["dbid"]})) == "CFGIncorrectReferences", "a backup twice"
    assert refusal(gax.put({**third, "backupserverdbid": primary["dbid"]})) == "CFGIncorrectReferences", "a primary as backup"
    assert refusal(gax.put({**backup, "backupserverdbid": third["dbid"]})) == "CFGIncorrectReferences", "a backup as primary"


def test_deleting_a_member_ends_the_pair(gax: Any, pair: Any) -> None:
    primary, backup = pair
    assert gax.delete(backup).status_code == 204
    assert gax.named("CfgApplication", "U1")["backupserverdbid"] == "0"
    other = gax.application("U4", UCS)
    gax.put({**gax.named("CfgApplication", "U1"), "backupserverdbid": other["dbid"]})
    assert gax.delete(primary).status_code == 204
    assert gax.named("CfgApplication", "U4")["isprimary"] == "CFGTrue"
