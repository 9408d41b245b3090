# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: whatever objects the server shows, a module ends with a sentence, writes nothing it did not preview, and loses nothing.

Objects lack parts, refer to nothing or to themselves, carry numbers where lists are due, share DBIDs, and have more than we know.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.fuzzing import ODD, VALID, examples, gax_modules, holder, places, spoiled
from unit.in_process import Objects, Site, ends_well, furnished, run

#: Members that no version of GAX is known to have, in every object and every entry of a list.
UNKNOWN = {"zz-more": {"a": [1, None, {"b": ""}]}}
#: What tells the entries of a list apart.
IDENTITY = {"property": ("section", "key"), "portinfo": ("id",), "conninfo": ("appserverdbid", "id"), "id": ("dbid",)}

#: Properties that refer to other objects.
REFERENCES = ["backupserverdbid", "folderid", "hostdbid", "appprototypedbid", "tenantdbid", "dbid"]

Raw = dict[str, Any]


class Mirror(Site):
    """A gateway that shows any objects, keeps what is written as it comes, and holds no rules."""

    def __init__(self, objects: dict[str, list[Raw]]) -> None:
        super().__init__({})
        self.shown = copy.deepcopy(objects)

    def list(self, kind: str, **_properties: str) -> list[Raw]:
        return copy.deepcopy(self.shown.get(kind, []))

    def get(self, kind: str, dbid: int) -> Raw | None:
        return next((copy.deepcopy(raw) for raw in self.shown.get(kind, []) if str(raw.get("dbid")) == str(dbid)), None)

    def create(self, obj: Raw) -> int:
        self._next += 1
        self.shown.setdefault(obj["type"], []).append({**copy.deepcopy(obj), "dbid": self._next})
        self.effects.append(("create", obj["type"], str(self._next)))
        return self._next

    def update(self, kind: str, dbid: int, obj: Raw) -> None:
        self.shown[kind] = [copy.deepcopy(obj) if str(raw.get("dbid")) == str(dbid) else raw for raw in self.shown[kind]]
        self.effects.append(("update", kind, str(dbid)))

    def delete(self, kind: str, dbid: int) -> None:
        self.shown[kind] = [raw for raw in self.shown[kind] if str(raw.get("dbid")) != str(dbid)]
        self.effects.append(("delete", kind, str(dbid)))

    def writes(self) -> Any:
        return self.effects


def with_unknown_parts(objects: Objects) -> dict[str, list[Raw]]:
    """Return the objects, each with members that nobody knows."""
    found = {kind: list(copy.deepcopy(raws).values()) for kind, raws in objects.items()}
    for raws in found.values():
        for raw in raws:
            raw.update(UNKNOWN)
            for box in raw.values():
                for inner in IDENTITY:
                    for entry in box.get(inner, []) if isinstance(box, dict) else []:
                        entry.update(UNKNOWN)
    return found


@pytest.fixture(scope="module")
def objects() -> dict[str, list[Raw]]:
    """The objects of a configured site."""
    return with_unknown_parts(furnished()[0])


def by_entry(raw: Raw) -> Iterator[tuple[tuple[str, ...], Raw]]:
    """Yield each entry of each list of an object, with what tells it apart."""
    for key, box in raw.items():
        for inner, names in IDENTITY.items():
            entries = box.get(inner) if isinstance(box, dict) else None
            for entry in entries if isinstance(entries, list) else []:
                if isinstance(entry, dict):
                    yield (key, *(str(entry.get(name)) for name in names)), entry


def loses_nothing(before: Raw, after: Raw) -> None:
    """Assert that an object kept its unknown members, at the top and in every entry that is still there, and its odd lists."""
    for key, value in before.items():
        if key not in after:
            raise AssertionError(f"{key} is gone")
        if key.startswith("zz"):
            assert after[key] == value
    olds: dict[tuple[str, ...], list[Raw]] = {}
    for identity, entry in by_entry(before):
        olds.setdefault(identity, []).append(entry)
    for identity, entry in by_entry(after):
        candidates = olds.get(identity)
        if candidates and all("zz-more" in old for old in candidates):
            assert "zz-more" in entry, f"{identity} lost what was not understood"


def check(module: str, arguments: dict[str, Any], objects: dict[str, list[Raw]]) -> None:
    """Run a module in check mode and for real on these objects."""
    gateway = Mirror(objects)
    preview = run(module, arguments, gateway, check=True)
    ends_well(preview)
    assert gateway.effects == [] and gateway.shown == objects, "check mode writes"
    real = run(module, arguments, gateway, check=False)
    ends_well(real)
    if preview.failed:
        assert real.failed and gateway.effects == [], "it wrote what check mode refused"
        return
    if real.failed:
        assert gateway.effects == [] or "Written before" in real.result["msg"], real.result["msg"]
    else:
        assert real.result.get("changes") == preview.result.get("changes")
    written = {(kind, dbid) for _verb, kind, dbid in gateway.effects}
    for kind, raws in objects.items():
        for before in raws:
            dbid = str(before.get("dbid"))
            afters = [raw for raw in gateway.shown[kind] if str(raw.get("dbid")) == dbid]
            if (kind, dbid) not in written:
                assert before in afters, f"{kind} {dbid} changed without a write"
            elif len(afters) == 1 and sum(str(raw.get("dbid")) == dbid for raw in raws) == 1:
                loses_nothing(before, afters[0])


@st.composite
def odd(draw: st.DrawFn, objects: dict[str, list[Raw]]) -> dict[str, list[Raw]]:
    """Return a copy of the objects with some of them spoiled."""
    found: dict[str, list[Raw]] = json.loads(json.dumps(objects))
    numbers = [raw["dbid"] for raws in objects.values() for raw in raws]
    for _unused in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([*objects, *["CfgApplication"] * 5]))
        place = draw(st.integers(0, len(objects[kind]) - 1))
        raw = found[kind][place]
        deed = draw(st.sampled_from(["mistype", "mistype", "mistype", "spoil", "point", "point", "double", "drop"]))
        if deed == "mistype":
            path = draw(st.sampled_from([path for path in places(raw) if len(path) <= 2] or [("name",)]))
            box, value = holder(raw, path), draw(st.sampled_from([*ODD, "\ud800"]))
            if isinstance(box, dict):
                box[path[-1]] = value
        elif deed == "spoil":
            found[kind][place] = draw(spoiled(raw, 2))
        elif deed == "double":
            found[kind].append(copy.deepcopy(raw))
        elif deed == "drop":
            found[kind][place] = {"dbid": raw.get("dbid")}
        else:
            raw[draw(st.sampled_from(REFERENCES))] = draw(st.sampled_from([raw.get("dbid"), "0", "99999", 1.5, "x", *numbers]))
    return found


@pytest.mark.parametrize("module", gax_modules())
def test_any_objects(objects: dict[str, list[Raw]], module: str) -> None:
    check(module, VALID[module][0], objects)

    @given(st.sampled_from(VALID[module]), odd(objects))
    @examples(30)
    def anything(arguments: dict[str, Any], found: dict[str, list[Raw]]) -> None:
        check(module, arguments, found)

    anything()
