# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever the password is: a module returns the same as with an ordinary one, or refuses before it does anything.

Every module that takes a secret runs in this process with each password of a list, and what it returns and logs is compared with what
it returned with an ordinary password. Where the password itself stood, there is a mask.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from unit.fuzzing import VALID, code_of, gax_modules
from unit.host.fake_package import parameters, write_archive
from unit.in_process import Ended, Objects, Site, ends_well, furnished, run

from ansible_collections.genesys_engage.chat.plugins.module_utils._base_module import BaseModule
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import GatewayError

ORDINARY = "zq-0rdinary-Pa55word"
MASK = "********"
#: They are part of names, paths, states, numbers and sentences, or are written in another way here and there.
WORDS = ["a", "1", "e", "chat", "genesys", "Environment", "/opt", "true", "105", "ChatServer_1", "RUNNING", "password"]
PLAIN = [*WORDS, "it's", "-x", "-help", "{{ x }}", "%s", "*"]
#: What the response file or the installer's shell cannot carry.
NOT_FOR_INSTALLERS = ["p$HOME", 'p"q', "p`q`", "p\\q", "p\nq", "p\rq", " pw9", "pw9 "]
#: What no command line can carry.
NOT_FOR_COMMANDS = ["p\0q"]
PASSWORDS = PLAIN + NOT_FOR_INSTALLERS + NOT_FOR_COMMANDS


@pytest.fixture(scope="module")
def site() -> tuple[Objects, str]:
    """The objects of a configured site, and a snapshot."""
    return furnished()


def told(ended: Ended, secret: str) -> Any:
    """Return all that a module said, without its arguments, where the secret must be masked, and without what differs for each run."""
    arguments = ended.result.get("invocation", {}).get("module_args", {})
    if secret in arguments:
        assert arguments[secret] == MASK
    text = re.sub(r'/tmp/tmp\w+[^" ]*|\d{4}-\d\d-\d\d[T_ ]?\d\d[:-]?\d\d[:-]?\d\d(\.\d+)?(\+\d\d:\d\d|Z)?', "~", ended.text)
    return re.sub(r"ansible-tmp-[\d.]+|in \d+\.\d s", "~", text)


# --- modules that talk to GAX -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", gax_modules())
def test_results_do_not_depend_on_the_password_of_gax(site: tuple[Objects, str], module: str) -> None:
    def outcomes(password: str) -> list[Any]:
        found = []
        for check in (True, False):
            gateway = Site(site[0])
            gateway.snapshot = site[1]
            ended = run(module, {**VALID[module][0], "gax_password": password}, gateway, check)
            assert not ended.failed, ended.text
            found.append((told(ended, "gax_password"), gateway.effects))
        return found

    expected = outcomes(ORDINARY)
    assert ORDINARY not in str(expected)
    for password in PASSWORDS:
        assert outcomes(password) == expected, password


@pytest.mark.parametrize("password", PASSWORDS)
def test_failures_do_not_depend_on_it_either(site: tuple[Objects, str], password: str) -> None:
    """What the rules, the Configuration Server and the interpreter complain about. Names and paths in it are data."""

    class Refusing(Site):
        """A Configuration Server that takes no update, or a gateway that breaks."""

        def update(self, *_arguments: Any) -> None:
            raise GatewayError("GAX refused", "PUT", "cfg/objects/CfgApplication/105", 409, "CFGIncorrectReferences")

    def outcomes(given: str) -> list[Any]:
        found = []
        for arguments in ({"host": "nowhere"}, {"startup_timeout": 17}):
            ended = run("chat_server_app", {"name": "ChatServer_1", "gax_password": given, **arguments}, Refusing(site[0]), False)
            assert ended.failed
            failure = ended.result["failure"]
            assert not failure.get("path") or (failure["path"], failure["object"]) == ("cfg/objects/CfgApplication/105", "application 'ChatServer_1'")
            found.append(told(ended, "gax_password"))
        return found

    assert outcomes(password) == outcomes(ORDINARY)


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_defect_is_told_without_the_password(site: tuple[Objects, str], password: str) -> None:
    class Broken(Site):
        def list(self, *_arguments: Any, **_properties: Any) -> Any:
            raise KeyError(f"<{password}>")

    ended = run("application_info", {"gax_password": password}, Broken(site[0]), False)
    assert ended.failed and f"<{MASK}>" in ended.result["msg"] and "defect of the collection" in ended.result["msg"]
    assert ended.result["msg"].count("<") == 1


@pytest.mark.parametrize("arguments", [{"timeout": "soon"}, {"names": 5, "types": {}}, {"gax_pasword": "x"}, {"timeout": {}}])
@pytest.mark.parametrize("password", [ORDINARY, "genesys", "gax"])
def test_wrong_arguments_show_no_password(site: tuple[Objects, str], password: str, arguments: dict[str, Any]) -> None:
    """Of a misspelt option nothing is known, so that its value may be a password too."""
    ended = run("application_info", {"gax_password": password, "gax_pasword": password, **arguments}, Site(site[0]), False)
    assert ended.failed
    shown = ended.result["invocation"]["module_args"]
    assert password not in str(list(shown.values()))
    assert f"{password}'" not in ended.text and f'"{password}"' not in ended.text


# --- modules of the hosts -----------------------------------------------------------------------------------------------

MLCMD = """#!{python}
import sys
words = sys.argv[1:]
if {repeats}:
    print("bad words: " + " ".join("[%s]" % word for word in words))
else:
    for number, name in (("105", "ChatServer_1"), ("1", "chat"), ("7", "genesys"), ("8", "Environment"), ("9", "/opt"), ("10", "true")):
        print("Application: %s\\nDBID: %s\\nStatus: APP_STATUS_RUNNING\\nRunmode: PRIMARY\\n" % (name, number))
"""


def mlcmd(directory: Path, repeats: bool) -> dict[str, Any]:
    """Return the arguments of a module that calls an mlcmd which knows some applications, or only repeats its arguments."""
    program = directory / "genesys-chat-mlcmd"
    program.write_text(MLCMD.format(python=sys.executable, repeats=repeats))
    program.chmod(0o755)
    return {"mlcmd": str(program), "confserv_host": "a", "confserv_username": "e", "commands": {"status": "-getallappstatus"}}


@pytest.mark.parametrize("password", PLAIN + NOT_FOR_INSTALLERS)
def test_statuses_do_not_depend_on_the_password_of_the_configuration_server(tmp_path: Path, password: str) -> None:
    arguments = mlcmd(tmp_path, repeats=False)

    def outcome(given: str) -> Any:
        found = []
        for more in ({}, {"applications": ["chat"]}, {"applications": ["nobody"]}):
            found.append(told(run("application_status_info", {**arguments, **more, "confserv_password": given}, None, True, {}), "confserv_password"))
        return found

    expected = outcome(ORDINARY)
    assert "ChatServer_1" in str(expected) and "none with the name" in str(expected)
    assert outcome(password) == expected


@pytest.mark.parametrize("password", PLAIN + NOT_FOR_INSTALLERS)
def test_mlcmd_may_repeat_its_arguments(tmp_path: Path, password: str) -> None:
    """What else it says stays, as far as the password is not in it as a word."""
    ended = run("application_status_info", {**mlcmd(tmp_path, repeats=True), "confserv_password": password}, None, True, {})
    assert ended.failed
    for text in (ended.result["msg"], "\n".join(ended.result["failure"]["output"])):
        assert f"[{MASK}]" in text and f"[{password}]" not in text
    ordinary = run("application_status_info", {**mlcmd(tmp_path, repeats=True), "confserv_password": ORDINARY}, None, True, {})
    assert f"[-cspassword] [{MASK}] [-csappname] [default]" in ordinary.result["msg"] and ORDINARY not in ordinary.text


@pytest.mark.parametrize("password", NOT_FOR_COMMANDS)
def test_what_a_command_line_cannot_carry_is_refused(tmp_path: Path, password: str) -> None:
    for module, more in (("application_status_info", {}), ("application_control", {"state": "started", "applications": [{"name": "chat"}]})):
        ended = run(module, {**mlcmd(tmp_path, repeats=False), **more, "confserv_password": password}, None, False, {})
        ends_well(ended)
        assert ended.failed and ended.result["msg"].startswith("confserv_password: it contains ")


def installation(directory: Path, password: str, mode: str | None = None, **changes: Any) -> dict[str, Any]:
    """Return the arguments of installation_package for a path with such words."""
    package = directory / "genesys-chat.tar.gz"
    if not package.exists():
        write_archive(package)
    given = parameters(package, directory / "opt" / "genesys" / "chat", mode, confserv_password=password, temp_path=str(directory), **changes)
    return {key: value for key, value in given.items() if value is not None}


def install(directory: Path, password: str, check: bool, mode: str | None = None, **changes: Any) -> Ended:
    return run("installation_package", installation(directory, password, mode, **changes), None, check, {})


@pytest.mark.parametrize("password", PLAIN)
def test_installations_do_not_depend_on_it(tmp_path: Path, password: str) -> None:
    """Nor on the secrets of the response file. The second run finds nothing to do."""

    def outcomes(given: str) -> list[Any]:
        found = []
        for check in (True, False, False):
            ended = install(tmp_path, given, check, secret_response={"Database": {"User": given, "Number": 105}})
            assert ended.result.get("invocation", {}).get("module_args", {}).get("secret_response", {"Database": {"User": MASK, "Number": MASK}}) == {
                "Database": {"User": MASK, "Number": MASK}
            }
            found.append((told(ended, "confserv_password"), ended.result["changed"]))
        shutil.rmtree(tmp_path / "opt")
        return found

    expected = outcomes(ORDINARY)
    assert [changed for _text, changed in expected] == [True, True, False]
    assert outcomes(password) == expected


@pytest.mark.parametrize("password", NOT_FOR_INSTALLERS + NOT_FOR_COMMANDS)
def test_what_an_installer_cannot_carry_is_refused_before_anything_is_done(tmp_path: Path, password: str) -> None:
    for check in (True, False):
        ended = install(tmp_path, password, check)
        ends_well(ended)
        assert ended.failed and re.match("On host '[^']*': confserv_password: it (contains|begins or ends with) ", ended.result["msg"])
        assert password.strip() not in ended.result["msg"]
        assert not (tmp_path / "opt").exists()


@pytest.mark.parametrize("password", ["p$HOME", 'p"q'])
def test_what_is_installed_already_needs_no_installer(tmp_path: Path, password: str) -> None:
    assert install(tmp_path, ORDINARY, False).result["changed"]
    ended = install(tmp_path, password, False)
    assert not ended.failed and not ended.result["changed"]


@pytest.mark.parametrize("mode", ["login", "leak"])
@pytest.mark.parametrize("password", PLAIN)
def test_an_installer_may_repeat_what_it_was_given(tmp_path: Path, password: str, mode: str) -> None:
    ended = install(tmp_path, password, False, mode)
    failure = ended.result["failure"]
    said = "\n".join(failure["output"]) if mode == "login" else failure["error"]
    assert said.endswith(f"-pw {MASK}" if mode == "login" else f"{MASK} is bad"), said
    assert f": Installation of eSChatSrv 8.5.316.02 build 1 into {tmp_path}/opt/genesys/chat failed: " in ended.result["msg"]


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("application_status_info", {"control": "systemd", "applications": {"x": 1}, "timeout": "soon"}),
        ("application_control", {"applications": ["x"], "state": "started"}),
        ("installation_package", {"facts": "x", "secret_response": {"Database": {"Password": "zq-0ther"}}}),
        ("installation_package", {"secret_response": "zq-0ther"}),
        ("installation_package", {"secret_respones": {"Database": {"Password": "zq-0ther"}}}),
    ],
)
def test_wrong_arguments_show_no_secret(module: str, arguments: dict[str, Any]) -> None:
    """Ansible knows no secret at all when another argument is of a wrong type."""
    ended = run(module, {"confserv_password": ORDINARY, **arguments}, None, True, {})
    assert ended.failed
    assert ORDINARY not in ended.text and "zq-0ther" not in ended.text


# --- all alike ----------------------------------------------------------------------------------------------------------


def specification(module: str) -> tuple[type, dict[str, Any]]:
    """Return the class and the argument specification with which a module begins."""
    seen: list[Any] = []

    class Begun(BaseException):
        pass

    def begin(self: Any, argument_spec: dict[str, Any], **_more: Any) -> None:
        seen.append((type(self), argument_spec))
        raise Begun

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Begun):
        patch.setattr(AnsibleModule, "__init__", begin)
        code_of(module).main()
    return seen[0]


def names(kind: str) -> set[str]:
    """Return the names of the plugins of a kind."""
    return {path.stem for path in (Path(__file__).parents[2] / "plugins" / kind).glob("*.py")}


# An action has no more than its documentation among the modules.
@pytest.mark.parametrize("module", sorted(names("modules") - names("action")))
def test_every_module_stands_on_the_same_base(module: str) -> None:
    """Without it a password damages the results. All do, whether they take a secret or not."""
    kind, spec = specification(module)
    assert issubclass(kind, BaseModule)
    assert [name for name, option in spec.items() if "password" in name and not option.get("no_log")] == []
    assert [name for name, option in spec.items() for inner in suboptions(option) if inner.get("no_log")] == [], "secrets are sought at the top only"


def suboptions(option: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the options inside of an option, at any depth."""
    inner = list((option.get("options") or {}).values())
    return inner + [deeper for each in inner for deeper in suboptions(each)]
