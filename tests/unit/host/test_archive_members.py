# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Members of archives in the order in which they stand there, each judged by where it would be written at that moment."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.host.fake_package import package_files, write_archive
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install import installation
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product import archive
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.accounts import Account
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

DIR, FILE, SYM, HARD = tarfile.DIRTYPE, tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def write(path: Path, members) -> str:
    """Write an archive of (name, type, target or content), in that order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, text in members:
            member = tarfile.TarInfo(name)
            member.type = kind
            content = text.encode("utf-8") if kind == FILE else b""
            member.size = len(content)
            member.linkname = "" if kind in (DIR, FILE) else text
            tar.addfile(member, io.BytesIO(content))
    path.write_bytes(buffer.getvalue())
    return str(path)


@pytest.fixture(params=["own judgement", "and this Python's"])
def judged(request, monkeypatch):
    """Old versions of Python have no filter: the judgement is the same."""
    if request.param == "own judgement":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


@pytest.fixture
def out(tmp_path):
    place = tmp_path / "above" / "out"
    place.mkdir(parents=True)
    return place


def unpack(out: Path, members) -> None:
    archive.unpack(write(out.parent.parent / "a.tar.gz", members), str(out))


@pytest.mark.parametrize(
    ("members", "message"),
    [
        # the link is harmless, and so is the one that takes its place; the second leads out through the first
        ([("d1/d2/x", FILE, ""), ("a", SYM, "d1/d2"), ("out", SYM, "a/../.."), ("a", SYM, "d1")], "'out', which points outside"),
        # a link that is replaced, and a directory behind it
        ([("s", SYM, "."), ("s/e", SYM, "s/../x")], "outside of the package"),
        ([("s/a", SYM, "."), ("s/e", SYM, "a/../../x/y"), ("s/e/z", FILE, "")], "points outside"),
        ([("l", SYM, "d"), ("l/../../x", DIR, "")], "outside of the package"),
        ([("l", SYM, "/etc"), ("l", SYM, "d")], "points outside"),
        ([("/abs", DIR, "")], "a path that leads outside"),
        ([("d/..", DIR, "")], "a path that leads outside"),
        ([("hard", HARD, "nothing")], "'hard', a hard link to 'nothing', but no such file comes before it"),
        ([("hard", HARD, "hard")], "but no such file"),
        ([("d", DIR, ""), ("hard", HARD, "d")], "but no such file"),
        ([("hard", HARD, "/etc/passwd")], "points outside"),
        ([("l", SYM, "x"), ("d/l", HARD, "../l")], "points outside"),
        # another name of a link that is harmless where it stands
        ([("d/l", SYM, "../x"), ("l", HARD, "d/l")], "points outside"),
        ([("x", FILE, ""), ("x", DIR, "")], "first as something else and later as a directory"),
        ([("x", FILE, ""), ("x/y", FILE, "")], "below 'x', which is no directory"),
        ([("x/y", FILE, ""), ("x", FILE, "")], "first as a directory and later as something else"),
        ([("x/y", FILE, ""), ("x", SYM, "z")], "first as a directory and later"),
        ([("l", SYM, "nowhere"), ("l", DIR, "")], "later as a directory"),
        ([("a", SYM, "b"), ("b", SYM, "a")], "in a circle"),
        ([("dev", tarfile.BLKTYPE, "")], "neither file, directory nor link"),
        ([(".", FILE, "")], "nothing but the package itself"),
        ([("new\x1b[2Jline", HARD, "x")], r"'new\\x1b\[2Jline'"),
    ],
)
@pytest.mark.usefixtures("judged")
def test_what_is_refused_before_anything_is_made(out, members, message):
    with pytest.raises(HostError, match=message):
        unpack(out, [("first", FILE, "x"), *members])
    assert sorted(path.name for path in out.parent.rglob("*")) == ["out"]


@pytest.mark.parametrize(
    ("members", "content"),
    [
        ([("l", SYM, "."), ("x", FILE, "1")], {"l/l/x": "1"}),
        ([("d/l", SYM, ".."), ("d/l/x", FILE, "1")], {"x": "1"}),
        ([("lib64/x", FILE, "1"), ("lib", SYM, "lib64"), ("lib", DIR, ""), ("lib/y", FILE, "2")], {"lib64/y": "2", "lib/x": "1"}),
        ([("lib", SYM, "lib64"), ("lib/y", FILE, "2")], {"lib64/y": "2"}),
        ([("l", SYM, "later"), ("later", FILE, "1")], {"l": "1"}),
        # the last one of a name counts, and the second name of the first one stays what it was
        ([("x", FILE, "1"), ("hard", HARD, "x"), ("x", FILE, "2")], {"x": "2", "hard": "1"}),
        ([("x", FILE, "1"), ("l", SYM, "x"), ("l", FILE, "2")], {"x": "1", "l": "2"}),
        ([("x", FILE, "1"), ("l", SYM, "x"), ("k", HARD, "l")], {"k": "1"}),
        ([("./", DIR, ""), ("./ip/", DIR, ""), ("./ip/../ip/x", FILE, "1")], {"ip/x": "1"}),
        ([("ümlaut", FILE, "1")], {"ümlaut": "1"}),
    ],
)
@pytest.mark.usefixtures("judged")
def test_what_is_accepted(out, members, content):
    unpack(out, members)
    assert {name: (out / name).read_text(encoding="utf-8") for name in content} == content


NAMES = st.lists(st.sampled_from(["a", "b", "..", "."]), min_size=1, max_size=4).map("/".join)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(NAMES, st.sampled_from([DIR, FILE, SYM, HARD]), NAMES), max_size=6))
def test_no_order_of_members_leads_outside(members):
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory, "above", "out")
        out.mkdir(parents=True)
        verdicts = []
        judge = tarfile.data_filter
        for own in (True, False):
            place = out / str(own)
            place.mkdir()
            try:
                if own:
                    del tarfile.data_filter
                archive.unpack(write(Path(directory, "a.tar.gz"), members), str(place))
                verdicts.append("accepted")
            except HostError:
                verdicts.append("refused")
                assert list(place.iterdir()) == []
            finally:
                tarfile.data_filter = judge
            assert all(os.path.realpath(path).startswith(os.path.realpath(place)) for path in place.rglob("*"))
        assert verdicts[0] == verdicts[1], "this Python's filter refuses what we accept"
        assert [path.name for path in Path(directory, "above").iterdir()] == ["out"]


def test_the_description_that_is_judged_is_the_one_that_is_installed(tmp_path):
    """Two members of one name: the first one is read without unpacking, the last one is what remains."""
    files = {f"ip/{name}": content for name, content in package_files().items()}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in [*files.items(), ("ip/ip_description.xml", package_files(version="8.5.399.99")["ip_description.xml"])]:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    (tmp_path / "a.tar.gz").write_bytes(buffer.getvalue())
    place = Place(tmp_path)
    error = place.refused(src=tmp_path / "a.tar.gz")
    assert "several descriptions: eSChatSrv 8.5.316.02 build 1 and eSChatSrv 8.5.399.99" in error.message
    assert not place.target.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="changes owners")
def test_nobody_can_move_the_directory_away_while_root_unpacks(tmp_path, monkeypatch):
    """The workspace belongs to the service user only when all is unpacked."""

    def provide(_source: str, directory: str, _account: Account) -> str:
        raise RuntimeError(f"unpacked below a directory of {os.stat(os.path.dirname(directory)).st_uid}")

    monkeypatch.setattr(installation, "provide", provide)
    with pytest.raises(RuntimeError, match="a directory of 0$"):
        Place(tmp_path).install(user="nobody", temp_path=str(tmp_path))


def test_a_package_that_is_no_regular_file_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "a.tar.gz")
    for read in (archive.inspect, lambda path: archive.find_file(path, "x", 1)):
        with pytest.raises(HostError, match="is a named pipe, not a regular file"):
            read(str(tmp_path / "a.tar.gz"))


@pytest.mark.skipif(os.geteuid() != 0, reason="changes owners")
def test_everything_belongs_to_the_account(out):
    source = write_archive(out.parent.parent / "p.tar.gz")
    archive.unpack(source, str(out), Account("nobody", 65534, 65534, "/"))
    assert {path.lstat().st_uid for path in [out, *out.rglob("*")]} == {65534}
    assert stat.S_IMODE((out / "ip" / "install.sh").stat().st_mode) == 0o755
