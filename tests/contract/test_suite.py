# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suite is safe in a lab: it asks before it writes, stays in its folder, cleans up, and tells no secret."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from contract.client import Client, Connection, Unusable
from contract.conftest import Suite
from contract.place import PREFIX, remove
from contract.questions import QUESTIONS, Findings
from sandbox.gax.sessions import reveal

WRITE = {"write": True}


def names(suite: Suite) -> list[str]:
    """Return the names of applications and folders that carry the prefix."""
    found = [value["name"] for name in ("CfgApplication", "CfgFolder") for value in suite.sandbox.objects(name)]
    return sorted(name for name in found if name.startswith(PREFIX))


def wait_for(condition: Any) -> None:
    """Wait until the condition holds, at most half a minute."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


# agreement


def test_without_agreement_it_says_what_it_would_write_and_where(site: Suite) -> None:
    site.sandbox.clear()
    done = site.run()
    assert done.code == 2 and not done.document
    assert "Nothing was written" in done.screen and f"'Applications/{PREFIX}" in done.screen and "at most six applications" in done.screen
    assert site.sandbox.writes() == []


def test_what_it_announces_is_all_that_it_writes(site: Suite) -> None:
    site.sandbox.clear()
    screen = site.run("--yes").screen
    token = re.search(rf"{PREFIX}\w+", screen)
    assert token
    writes = site.sandbox.writes()
    assert {entry["type"] for entry in writes} == {"CfgFolder", "CfgApplication"}
    assert all(str(entry["name"] or token[0]).startswith(token[0]) for entry in writes)
    created = [entry for entry in writes if entry["method"] == "POST" and entry["applied"]]
    assert len([entry for entry in created if entry["type"] == "CfgFolder"]) == 1
    assert 1 < len([entry for entry in created if entry["type"] == "CfgApplication"]) <= 6
    bodies = [entry["body"] for entry in created if entry["type"] == "CfgApplication"]
    assert {(body["state"], body.get("hostdbid", "0")) for body in bodies} == {("CFGDisabled", "0")}
    templates = {value["dbid"]: value["subtype"] for value in site.sandbox.objects("CfgAppPrototype")}
    assert {templates[body["appprototypedbid"]] for body in bodies} & {"CFGITCUtility", "CFGConfigServer", "CFGSCE"} == set()


def test_read_only(site: Suite) -> None:
    site.sandbox.clear()
    done = site.run("--read-only", "--yes")
    assert done.code == 0 and done.document["mode"] == "read-only"
    assert done.verdicts("not asked") == {key for key, question in QUESTIONS.items() if question.needs != "reads"}
    assert {entry["method"] for entry in site.sandbox.requests("gax") if "session/login" not in entry["path"]} == {"GET"}


def test_failed_logins_only_on_request(site: Suite) -> None:
    def logins() -> list[int]:
        found = [entry["status"] for entry in site.sandbox.requests("gax") if entry["path"].endswith("session/login")]
        site.sandbox.clear()
        return found

    site.sandbox.dialect("typed")
    site.sandbox.clear()
    site.run("--read-only")
    assert logins() == [204]
    site.run("--read-only", "--failed-logins")
    assert logins() == [204, 200, 204, 200, 204]  # a failed one is answered with a page, and a good one comes in between


def test_account_that_may_only_read(site: Suite) -> None:
    before = site.objects()
    done = site.run("--yes", GAX_USERNAME="readonly", GAX_PASSWORD=site.sandbox.password + "-ro")
    assert done.code == 1 and done.verdicts("differs") == {"folder"}
    assert done.answers["folder"] == "refused: 403 JSON: code, error, message; CFGNoPermission"
    assert done.answers["left_behind"] == "yes" and "Name an existing empty folder" in done.screen
    assert site.objects() == before


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"GAX_PASSWORD": "wrong"}, "contract: GAX refused the login"),
        ({"GAX_URL": ""}, "contract: set GAX_URL"),
        ({"GAX_URL": "gax.example.com"}, "contract: GAX_URL must begin with http"),
        ({"GAX_URL": "http://a:b@127.0.0.1"}, "contract: GAX_URL must not hold a user name"),
        ({"GAX_URL": "http://127.0.0.1:9"}, "contract: no answer (ConnectionError)"),
        ({"GAX_TIMEOUT": "soon"}, "contract: GAX_TIMEOUT must be"),
        ({"CONTRACT_TEMPLATE": "none"}, "contract: no application template 'none'"),
        ({"CONTRACT_FOLDER": "none"}, "contract: no folder for applications is named 'none'"),
        ({"CONTRACT_FOLDER": "Hosts"}, "contract: no folder for applications is named 'Hosts'"),
        ({"CONTRACT_FOLDER": "Applications"}, "contract: the folder 'Applications' is not empty"),
    ],
    ids=[
        "password",
        "no-url",
        "bad-url",
        "url-with-user",
        "no-server",
        "time-out",
        "template",
        "folder",
        "folder-of-hosts",
        "folder-with-content",
    ],
)
def test_what_it_can_not_begin_with(site: Suite, variables: dict[str, str], message: str) -> None:
    site.sandbox.clear()
    done = site.run("--yes", **variables)
    assert done.code == 2 and message in done.screen and "Traceback" not in done.screen
    assert site.sandbox.writes() == []


def test_an_existing_folder(site: Suite) -> None:
    site.sandbox.create("CfgFolder", name="Lab", subtype="CFGApplication", folderid="102")
    before = site.objects()
    site.sandbox.clear()
    done = site.run("--yes", "--folder", "Applications/Lab")
    assert done.code == 0 and done.verdicts("not asked") >= {"folder"} and done.answers["create_folder"] == "yes"
    assert site.objects() == before
    assert {entry["type"] for entry in site.sandbox.writes()} == {"CfgApplication"}


# cleaning up


def test_interrupted_it_cleans_up(site: Suite) -> None:
    before = site.objects()
    site.sandbox.fault("delay", {**WRITE, "nth": 5}, seconds=0.7)
    process = site.start("--yes")
    wait_for(lambda: len(site.sandbox.writes()) >= 5)
    process.send_signal(signal.SIGINT)
    done = site.finish(process)
    assert done.code == 130 and "ending after this request" in done.screen
    assert done.answers["left_behind"] == "yes" and "connection" not in done.answers
    assert site.objects() == before


def test_interrupted_while_it_cleans_up(site: Suite) -> None:
    before = site.objects()
    site.sandbox.fault("reset_before", {**WRITE, "nth": 4})
    site.sandbox.fault("delay", {"method": "DELETE", "path_regex": "CfgFolder"}, seconds=1)
    process = site.start("--yes")
    wait_for(lambda: any(entry["method"] == "DELETE" and "CfgFolder" in entry["path"] for entry in site.sandbox.writes()))
    process.send_signal(signal.SIGTERM)
    done = site.finish(process)
    assert done.code == 2 and "ending after this request" in done.screen and done.answers["left_behind"] == "yes"
    assert site.objects() == before


def test_cleaning_up_is_tried_again(site: Suite) -> None:
    before = site.objects()
    site.sandbox.fault("reset_before", {**WRITE, "nth": 4})
    site.sandbox.fault("reset_before", {"path_regex": "session/login", "nth": 2})
    site.sandbox.fault("no_permission", {"method": "DELETE"})
    assert site.run("--yes").answers["left_behind"] == "yes"
    assert site.objects() == before


def test_a_server_that_goes_away(site: Suite) -> None:
    """It can't clean up then, and says so. When the server is back, --clean can."""
    before = site.objects()
    site.sandbox.fault("reset_before", {**WRITE, "nth": 4})
    site.sandbox.fault("reset_before", {"path_regex": "session/login", "nth": 2}, times=0)
    done = site.run("--yes")
    assert done.code == 3 and "removed with --clean" in done.screen and done.answers["left_behind"] == "not known"
    site.sandbox.clear_faults()
    assert names(site)
    assert site.run("--clean", "--yes").code == 0
    assert site.objects() == before


def test_a_lost_answer_leaves_nothing(site: Suite) -> None:
    before = site.objects()
    for nth in (1, 2, 5):
        site.sandbox.clear_faults()
        site.sandbox.fault("reset_after", {**WRITE, "nth": nth})
        done = site.run("--yes")
        assert done.code == 2 and "contract: no answer" in done.screen and done.answers["left_behind"] == "yes"
        assert site.objects() == before


def test_what_a_killed_run_left_is_removed_and_nothing_else(site: Suite) -> None:
    empty = site.objects()
    site.sandbox.fault("delay", {"method": "DELETE"}, seconds=1.5)
    process = site.start("--yes")
    wait_for(lambda: any(entry["method"] == "DELETE" for entry in site.sandbox.requests("gax")))
    process.kill()
    site.finish(process)
    site.sandbox.clear_faults()
    wait_for(lambda: all(entry["seconds"] is not None for entry in site.sandbox.requests("gax")))
    left = names(site)
    assert len(left) == 3  # the folder and two applications, one connected to the other

    folder = next(value for value in site.sandbox.objects("CfgFolder") if value["name"] in left)
    template = next(value for value in site.sandbox.objects("CfgAppPrototype") if value["name"] == "Interaction Server 8.5.2")
    more = {"appprototypedbid": template["dbid"], "autorestart": "CFGFalse", "workdirectory": ".", "commandline": "."}
    site.sandbox.create("CfgApplication", name=f"{PREFIX}of-somebody", folderid="102", **more)
    site.sandbox.create("CfgApplication", name="Precious", folderid=folder["dbid"], **more)
    before = site.objects()

    listed = site.run("--clean")
    assert listed.code == 0 and site.objects() == before
    assert (
        all(name in listed.screen for name in left)
        and f"{PREFIX}of-somebody: lies elsewhere" in listed.screen
        and "Precious" not in listed.screen
    )

    site.sandbox.clear()
    done = site.run("--clean", "--yes")
    assert {entry["type"] for entry in site.sandbox.writes()} == {"CfgApplication"}
    assert done.code == 3 and f"{folder['name']}: still there" in done.screen  # the folder is not empty
    assert names(site) == sorted([f"{PREFIX}of-somebody", folder["name"]])
    site.sandbox.delete("CfgApplication", "Precious")
    assert site.run("--clean", "--yes").code == 0
    assert names(site) == [f"{PREFIX}of-somebody"]
    site.sandbox.delete("CfgApplication", f"{PREFIX}of-somebody")
    assert site.objects() == empty
    assert "nothing to remove" in site.run("--clean", "--yes").screen


def test_what_lacks_the_prefix_is_never_removed(site: Suite) -> None:
    sandbox = site.sandbox
    client = Client(
        Connection.from_environment({"GAX_URL": sandbox.url, "GAX_USERNAME": sandbox.username, "GAX_PASSWORD": sandbox.password})
    )
    client.enter()
    sandbox.clear()
    with pytest.raises(Unusable):
        remove(client, client.listed("CfgApplication"))
    assert sandbox.writes() == []


# verdicts


def test_answers_that_the_collection_does_not_cope_with(site: Suite) -> None:
    site.sandbox.fault("status", {"path_regex": r"CfgApplication/\d{7}"}, status=403, times=0)
    site.sandbox.fault("html", {"path_regex": "type=CfgScript"}, times=0)
    done = site.run("--read-only")
    assert done.code == 1 and done.verdicts("differs") == {"missing_object", "lists"}
    assert done.answers["missing_object"] == "403 text" and done.answers["lists"] == "200 list, 200 page"
    assert done.screen.count("What to do: ") == 2 and "others: 2" in done.screen


JUDGED = {
    "create": (["200 object", "201 dbid", "204 nothing", "201 text"], ["200 page", "200 object; not created", "302 redirect"]),
    "replace": (["204 nothing", "200 JSON: result"], ["200 page", "409 text"]),
    "delete": (["200 object"], ["204 nothing; not deleted", "200 page"]),
    "no_session": (["401 text", "403 page", "302 redirect", "200 page"], ["200 list", "200 JSON: error", "404 page", "500 text"]),
    "missing_object": (["404 nothing", "400 JSON: code", "500 page"], ["403 text", "200 page", "200 nothing", "302 redirect"]),
    "duplicate_name": (["409 text", "500 page", "200 page"], ["200 object", "201 dbid", "204 nothing"]),
    "name_match": (["exact", "prefix", "prefix; other case"], ["nothing", "refused: 400 text"]),
    "failed_login": (["200 page; no session", "401 text; no session"], ["204 nothing; a session"]),
    "cookie": (["JSESSIONID", "a, b"], ["none"]),
    "empty_list": (["cleared"], ["kept", "400 text"]),
    "put_back": (["yes"], ["no: options", "400 text"]),
    "modules": (["create, repeat, change, remove"], ["create; not: repeat"]),
    "contact_server_pairs": (["none found", "CFGHTWarmStanby"], ["CFGHTHotStanby", "CFGHTColdStanby, CFGHTWarmStanby"]),
}


@pytest.mark.parametrize("key", sorted(JUDGED))
def test_judgement(key: str) -> None:
    for verdict, answers in zip(("copes", "differs"), JUDGED[key], strict=True):
        for answer in answers:
            findings = Findings()
            findings.say(key, answer)
            assert findings.found[key].verdict == verdict, answer


def test_a_module_that_fails_is_told(site: Suite) -> None:
    """The seventh create is that of the module, after a folder and five applications."""
    site.sandbox.fault("no_permission", {"method": "POST", "path_regex": "cfg/objects$", "nth": 7})
    done = site.run("--yes")
    assert done.code == 1 and done.verdicts("differs") == {"modules"} and done.answers["modules"] == "nothing; not: create"
    assert "the account may not change the configuration" in " ".join(done.screen.split()) and "the account may not" not in done.text
    assert done.answers["left_behind"] == "yes" and names(site) == []


def test_logout_path(site: Suite) -> None:
    done = site.run("--read-only", "--logout-path", "user/info")
    assert done.code == 1 and done.answers["logout"].startswith("no (200 ")
    assert done.answers["user_info"] == "yes"  # it was tried in a session of its own


# secrets


def test_no_secret_and_no_name_of_a_host_is_told(site: Suite) -> None:
    password, server = site.sandbox.password, urlsplit(site.sandbox.url)
    site.sandbox.edit("CfgApplication", "confserv", annex={"db": {"password": "s3cr3t-of-confserv"}})
    done = site.run("--read-only", "--failed-logins")
    detailed = site.run("--yes", "--failed-logins", "--details")
    assert not done.code and not detailed.code
    for text in (done.text, done.screen, detailed.text, detailed.screen):
        for form in (password, password.replace("\\", "\\\\").replace('"', '\\"'), quote(password), "s3cr3t-of-confserv"):
            assert form not in text
    assert not _obfuscated_in(detailed.text, password) and _obfuscated_in("x" + "".join(chr(ord(c) + 99) + "c" for c in password), password)
    assert str(server.hostname) not in done.text and str(server.port) not in done.text
    assert server.netloc in detailed.text and len(detailed.document["exchanges"]) > 50  # what was asked for is there


def _obfuscated_in(text: str, password: str) -> bool:
    """Tell whether the password stands in a text in the form of GAX's login page."""
    length = 2 * len(password)
    return any(
        reveal(text[start : start + length]) == password for start in range(len(text) - length + 1) if _is_pairs(text, start, password)
    )


def _is_pairs(text: str, start: int, password: str) -> bool:
    return ord(text[start]) - ord(text[start + 1]) == ord(password[0]) and ord(text[start + 2]) - ord(text[start + 3]) == ord(password[1])


def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    client = Client(Connection.from_environment({"GAX_URL": "http://gax/gax", "GAX_USERNAME": "u", "GAX_PASSWORD": 'a"b c'}))
    told = {"text": 'you said "a\\"b c"', "list": ['a"b c', "a%22b%20c", 7]}
    assert client.connection.base == "http://gax/gax/api/"
    assert client.hide(told) == {"text": 'you said "***"', "list": ["***", "***", 7]}


# the code and the page


def test_it_shares_no_code_with_the_collection_nor_with_the_sandbox() -> None:
    here = Path(__file__).resolve().parent
    program = {path.name: path.read_text(encoding="utf-8") for path in here.glob("*.py") if not path.name.startswith(("test_", "conftest"))}
    imports = {name: set(re.findall(r"(?m)^\s*(?:from|import) ([\w.]+)", text)) for name, text in program.items()}
    assert {"client.py", "writing.py"} <= set(imports) and "requests" in imports["client.py"]
    assert [
        name for name, found in imports.items() if any(re.match(r"(ansible|sandbox|plugins|integration)\b", used) for used in found)
    ] == []


def test_the_page_names_every_option_and_variable() -> None:
    here = Path(__file__).resolve().parent
    page = (here.parents[1] / "docs" / "contract.md").read_text(encoding="utf-8")
    program = "".join((here / name).read_text(encoding="utf-8") for name in ("__main__.py", "client.py"))
    options = set(re.findall(r'add_argument\(\s*"(--[\w-]+)"', program))
    assert len(options) == 9
    assert options == set(re.findall(r"`(--[a-z-]+)[ `]", page))
    variables = set(re.findall(r'"((?:GAX|CONTRACT)_\w+)"', program))
    assert len(variables) == 8
    assert variables == set(re.findall(r"^\| .*`((?:GAX|CONTRACT)_\w+)`", page, re.MULTILINE)) | set(
        re.findall(r"^\| `(\w+_\w+)`", page, re.MULTILINE)
    )
