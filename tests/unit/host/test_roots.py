# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where installations may lie: whoever edits an application in the Configuration Server chooses no place on a host."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.host.place import Place

from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control import unit_files
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.install.target import prepared_directories
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.product.roots import check_place
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.accounts import Account
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="changes owners")


@pytest.fixture
def host(tmp_path):
    """A host with a root for installations, a directory elsewhere, and links between them."""
    for name in ("opt/genesys", "data", "etc/systemd/system", "gcti"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "opt" / "genesys" / "out").symlink_to(tmp_path / "etc")
    (tmp_path / "opt" / "linked").symlink_to(tmp_path / "data")
    (tmp_path / "everything").symlink_to("/")
    return tmp_path


@pytest.mark.parametrize("place", ["opt/genesys/Chat_1", "opt/genesys/Chat_1/", "opt/genesys/a/b", "opt/genesys", "opt/linked/Chat_1", "data/Chat_1"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_places_below_a_root(host, place, slash):
    roots = [f"{host}/opt/genesys{slash}", f"{host}/opt/linked{slash}", ""]
    assert check_place(f"{host}/{place}", roots) == os.path.realpath(host / place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("etc/systemd/system/sshd.service.d", r"outside of the directories in which installations may lie \(.*/opt/genesys\)"),
        ("opt/genesys/out/systemd/system", r"opt/genesys/out/systemd/system leads to .*/etc/systemd/system, which is outside"),
        ("opt/genesys-of-others/Chat_1", "outside of"),
        ("opt", "outside of"),
        ("opt/genesys/../../etc", r"contains '\.\.'"),
        ("opt/genesys/Chat\n_1", "control character"),
    ],
)
def test_places_elsewhere(host, place, message):
    with pytest.raises(HostError, match=f"^path: (?s:.*){message}"):
        check_place(f"{host}/{place}", [f"{host}/opt/genesys"])


def test_the_message_says_what_to_add(host):
    """A system that was installed elsewhere is adopted by adding just that."""
    place = f"{host}/gcti/Chat_1"
    with pytest.raises(HostError) as caught:
        check_place(place, [f"{host}/opt/genesys"], "Chat_1")
    real = os.path.realpath(host)
    assert f"add '{real}/gcti' to genesys_further_install_roots" in caught.value.cure
    assert "working directory of 'Chat_1'" in caught.value.cure
    check_place(place, [f"{host}/opt/genesys", f"{real}/gcti"], "Chat_1")


def test_an_installation_directly_below_the_root_directory_is_added_by_itself():
    with pytest.raises(HostError, match="add '/chat_1_of_nobody' to genesys_further_install_roots"):
        check_place("/chat_1_of_nobody", ["/opt/genesys"])
    check_place("/chat_1_of_nobody", ["/chat_1_of_nobody"])


@pytest.mark.parametrize(
    ("roots", "message"),
    [
        ([], "names no directory"),
        (["", " "], "names no directory"),
        (["/"], "'/' would allow every directory"),
        (["//"], "would allow every directory"),
        (["{host}/everything"], "would allow every directory"),
        (["opt/genesys"], "not absolute"),
        (["{host}/opt/../../.."], r"contains '\.\.'"),
    ],
)
def test_roots_that_allow_nothing_or_all(host, roots, message):
    with pytest.raises(HostError, match=f"^install_roots.*{message}"):
        check_place(f"{host}/opt/genesys/Chat_1", [root.format(host=host) for root in roots])


@pytest.mark.parametrize("name", ["a/b", "/a", "Chat_1/lib"])
def test_a_name_with_a_slash_is_no_directory(host, name):
    with pytest.raises(HostError, match=f"application: '{name}' can't be the name of a directory"):
        check_place(f"{host}/opt/genesys/{name}", [f"{host}/opt/genesys"], name)
    check_place(f"{host}/opt/genesys/other", [f"{host}/opt/genesys"], name)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_nothing_is_made_elsewhere(place):
    """The working directory of an application leads out of the root by a link: neither installation nor roll-back touches anything."""
    elsewhere = place.root / "etc"
    elsewhere.mkdir()
    (place.root / "opt").mkdir()
    (place.root / "opt" / "link").symlink_to(elsewhere)
    place.target = place.root / "opt" / "link" / "drop-in.d"
    before = place.tree()
    roots = [str(place.root / "opt")]
    assert "outside of the directories" in place.refused(install_roots=roots).message
    with pytest.raises(HostError, match="outside of the directories"):
        place.roll_back(install_roots=roots)
    assert place.tree() == before
    place.target = place.root / "opt" / "Chat"
    assert place.install(install_roots=roots)["changed"]


def test_a_unit_runs_nothing_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(unit_files, "UNITS", str(tmp_path / "units"))
    (tmp_path / "units").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "run.sh").write_text("id", encoding="utf-8")
    params = {"application": "Chat_1", "state": "present", "path": str(tmp_path / "elsewhere"), "install_roots": [str(tmp_path / "opt")]}
    with pytest.raises(HostError, match="^path: .* outside of the directories"):
        unit_files.manage_unit(params, False, print)
    assert list((tmp_path / "units").iterdir()) == []


@root_only
def test_a_link_that_comes_after_the_check_stops_root(host, monkeypatch):
    """The service user, who owns a directory on the way, puts a link in its place between check and work."""
    own = host / "opt" / "genesys" / "own"
    own.mkdir()
    monkeypatch.setattr(os.path, "realpath", str)  # as before the link came
    own.rmdir()
    own.symlink_to(host / "etc" / "systemd" / "system")
    with pytest.raises(OSError, match="own"), prepared_directories(str(own / "sshd.service.d"), Account("nobody", 65534, 65534, "/")):
        pytest.fail("went on")
    assert list((host / "etc" / "systemd" / "system").iterdir()) == []


@root_only
def test_who_can_replace_a_start_script_does_not_run_it_as_its_owner(tmp_path):
    """Without a named user the unit's account is the owner of the start script."""
    place = tmp_path / "Chat_1"
    place.mkdir()
    script = place / "run.sh"
    script.write_text("./Chat", encoding="utf-8")
    params = {"path": str(place), "start_script": "run.sh", "user": None, "group": None}
    account = unit_files._account
    assert account(params, False, print)[0] == "root"
    os.chown(place, 65534, 65534)
    with pytest.raises(HostError, match="belong to different accounts"):
        account(params, False, print)
    assert account({**params, "user": "nobody"}, False, print)[0] == "nobody"
    script.unlink()
    script.symlink_to("/bin/true")
    with pytest.raises(HostError, match="is not a regular file, so its owner does not show"):
        account(params, False, print)


def test_the_roles_pass_the_roots():
    """Each task of a role that changes something in an installation names where installations may lie."""
    roles = Path(__file__).resolve().parents[3] / "roles"
    tasks = [
        (path, chunk)
        for path in roles.glob("*/tasks/*.yml")
        for chunk in path.read_text(encoding="utf-8").split("\n- name:")
        if any(f"genesys_engage.chat.{module}:" in chunk for module in ("installation_package", "package_rollback", "package_removal", "application_unit"))
    ]
    assert len(tasks) >= 4
    assert [path for path, chunk in tasks if "install_roots:" not in chunk] == []
