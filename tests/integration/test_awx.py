# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook awx_setup, with the modules of awx.awx, against a small AWX that records what it is sent: made, made again, taken away, taken away again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awx_collection
import pytest
import yaml
from integration.recorded_awx import RecordedAwx

from sandbox.testing import packed_once

ROOT = Path(__file__).resolve().parents[2]
#: The project has the playbooks that the page lists.
LISTED = re.search(r"for name in (.*?); do", (ROOT / "docs" / "awx.md").read_text(encoding="utf-8"), re.DOTALL)
PLAYBOOKS = sorted(LISTED[1].replace("\\", " ").split()) if LISTED else []
PREFIX = "Our chat"
SECRETS = {"gax_password": "Sesame-1", "confserv_password": "Sesame-2"}
GIVEN: dict[str, Any] = {
    "awx_prefix": PREFIX, "awx_project_url": "https://git.example.com/chat.git", "awx_project_branch": "main", "awx_image": "registry.example.com/chat:1",
    "awx_credential": {"gax_url": "https://gax.example.com", "gax_username": "automation", **SECRETS}, "awx_credentials": ["Machine"],
    "awx_notifications": ["Mail"],
}  # fmt: skip


@dataclass
class Run:
    """What one run of the playbook did."""

    code: int
    output: str
    writes: list[tuple[str, str, Any]]

    @property
    def recap(self) -> dict[str, int]:
        """The figures of the last line."""
        last = next(line for line in reversed(self.output.splitlines()) if line.startswith("localhost "))
        return {name: int(value) for name, value in (word.split("=") for word in last.split() if "=" in word)}


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """awx.awx with action plugins that run its modules without processes of their own."""
    source, place = awx_collection.fetched(), tmp_path_factory.mktemp("collections")
    copy = place / "ansible_collections" / "awx" / "awx"
    (copy / "plugins" / "action").mkdir(parents=True)
    for name in ("MANIFEST.json", "meta", "plugins/modules", "plugins/module_utils", "plugins/doc_fragments"):
        (copy / name).symlink_to(source / name)
    for module in source.glob("plugins/modules/*.py"):
        if module.stem != "__init__":
            (copy / "plugins" / "action" / module.name).symlink_to(ROOT / "tests" / "integration" / "awx_in_process.py")
    return place


@pytest.fixture(scope="module")
def awx() -> Iterator[RecordedAwx]:
    """The recording server, with what somebody else has made there."""
    with RecordedAwx(frozenset(f"playbooks/{name}.yml" for name in PLAYBOOKS)) as server:
        server.objects["organizations"][901] = {"name": "Default"}
        server.objects["credential_types"][902] = {"name": "Machine", "inputs": {"fields": []}}
        server.objects["credentials"][903] = {"name": "Machine", "credential_type": 902, "organization": 901, "inputs": {}}
        server.objects["notification_templates"][904] = {"name": "Mail", "organization": 901}
        yield server


def play(awx: RecordedAwx, collections: Path, *arguments: str, **variables: Any) -> Run:
    """Run the playbook."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONTROLLER_", "TOWER_"))}
    environment |= packed_once()
    environment |= {"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token, "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "genesys_engage.chat.awx_setup", *arguments]
    before = len(awx.writes)
    done = subprocess.run([*command, "-e", json.dumps({**GIVEN, **variables})], env=environment, capture_output=True, text=True, timeout=600, check=False)
    return Run(done.returncode, done.stdout + done.stderr, awx.writes[before:])


@pytest.fixture(scope="module")
def made(awx: RecordedAwx, collections: Path) -> Run:
    """The first run."""
    return play(awx, collections)


@pytest.fixture(scope="module")
def made_again(awx: RecordedAwx, collections: Path, made: Run) -> Run:
    """The second one."""
    assert made.code == 0, made.output
    return play(awx, collections)


def test_it_is_made(awx: RecordedAwx, made: Run) -> None:
    assert made.code == 0, made.output
    assert "WARNING" not in made.output
    assert [name for name in awx.named("organizations") if name != "Default"] == [PREFIX]
    project, inventory = awx.named("projects")[f"{PREFIX}: project"], awx.named("inventories")[f"{PREFIX}: inventory"]
    environment = awx.named("execution_environments")[f"{PREFIX}: execution environment"]
    assert (project["scm_type"], project["scm_url"], project["scm_branch"]) == ("git", GIVEN["awx_project_url"], "main")
    assert (environment["image"], project["default_environment"]) == (GIVEN["awx_image"], environment["id"])
    source = awx.named("inventory_sources")[f"{PREFIX}: inventory of the project"]
    assert (source["source"], source["source_path"], source["source_project"]) == ("scm", "inventory/genesys.gax.yml", project["id"])
    assert (source["inventory"], source["update_on_launch"], source["overwrite"]) == (inventory["id"], True, True)
    assert source["credential"] == awx.named("credentials")[f"{PREFIX}: Genesys Engage of the site"]["id"]
    schedule = awx.named("schedules")[f"{PREFIX}: nightly check for drift"]
    assert schedule["unified_job_template"] == awx.named("job_templates")[f"{PREFIX}: Verify"]["id"]
    assert schedule["rrule"] == "DTSTART:20260101T020000Z RRULE:FREQ=DAILY;INTERVAL=1"


def test_all_names_have_the_prefix(awx: RecordedAwx, made: Run) -> None:
    others = {"workflow_job_template_nodes", "workflow_approval_templates"}
    names = [its["name"] for kind, objects in awx.objects.items() if kind not in others for number, its in objects.items() if number < 900]
    assert len(names) > 30 and [name for name in names if not name.startswith(PREFIX)] == []


def test_the_type_of_credential_injects_the_environment(awx: RecordedAwx, made: Run) -> None:
    """All names that the modules read; secrets are encrypted; what is left empty gets what the collection would take."""
    its = awx.named("credential_types")[f"{PREFIX}: Genesys Engage"]
    fields = {entry["id"]: entry for entry in its["inputs"]["fields"]}
    assert {name.upper() for name in fields} == set(its["injectors"]["env"])
    assert set(its["injectors"]["env"]) == {
        "GAX_URL", "GAX_USERNAME", "GAX_PASSWORD", "GAX_VALIDATE_CERTS", "GAX_CA_PATH", "GAX_TIMEOUT", "CONFSERV_HOST", "CONFSERV_PORT",
        "CONFSERV_USERNAME", "CONFSERV_PASSWORD", "SCS_HOST", "SCS_PORT"}  # fmt: skip
    assert {name for name, entry in fields.items() if entry.get("secret")} == set(SECRETS)
    assert {entry["type"] for entry in fields.values()} == {"string"}, "AWX takes a truth value that is missing for 'no'"
    import jinja2

    empty = {variable: jinja2.Template(text).render(dict.fromkeys(fields, "")) for variable, text in its["injectors"]["env"].items()}
    assert {name: value for name, value in empty.items() if value} == {"GAX_VALIDATE_CERTS": "true", "GAX_TIMEOUT": "30", "CONFSERV_PORT": "2020"}
    given = {variable: jinja2.Template(text).render({name: name for name in fields}) for variable, text in its["injectors"]["env"].items()}
    assert given == {name.upper(): name for name in fields}


def test_the_credential_is_made_and_no_secret_is_told(awx: RecordedAwx, made: Run, made_again: Run) -> None:
    assert awx.named("credentials")[f"{PREFIX}: Genesys Engage of the site"]["inputs"] == GIVEN["awx_credential"]
    assert [secret for secret in SECRETS.values() if secret in made.output + made_again.output] == []


def test_each_playbook_has_a_template(awx: RecordedAwx, made: Run) -> None:
    templates = awx.named("job_templates")
    assert {its["playbook"] for its in templates.values()} == {f"playbooks/{name}.yml" for name in PLAYBOOKS}
    for name, its in templates.items():
        preview = name.endswith(": preview")
        assert (its["job_type"], its["diff_mode"]) == (("check", True) if preview else ("run", False)), name
        assert its["ask_limit_on_launch"] and its["ask_tags_on_launch"] and its["ask_verbosity_on_launch"] and not its["allow_simultaneous"]
        assert its["ask_variables_on_launch"] == name.startswith(f"{PREFIX}: Roll back packages")
        credentials = awx.lists["job_templates", its["id"], "credentials"]
        assert set(credentials) == {903, awx.named("credentials")[f"{PREFIX}: Genesys Engage of the site"]["id"]}
        assert awx.lists["job_templates", its["id"], "notification_templates_error"] == [904]
        if preview:
            run = templates[name.removesuffix(": preview")]
            assert (run["playbook"], run["job_type"]) == (its["playbook"], "run")
            assert awx.survey("job_templates", name) == awx.survey("job_templates", name.removesuffix(": preview"))
    back = json.loads(templates[f"{PREFIX}: Roll back Chat Servers"]["extra_vars"])
    assert back == {"genesys_rollback": [{"role": "chat_server"}], "chat_without_plan": True}


def test_surveys_ask_what_the_playbooks_read(awx: RecordedAwx, made: Run) -> None:
    remove = {question["variable"]: question for question in awx.survey("job_templates", f"{PREFIX}: Remove")}
    assert list(remove) == ["chat_remove", "chat_remove_confirm", "chat_remove_running", "chat_plan_file"]
    assert (remove["chat_remove"]["required"], remove["chat_remove_running"]["required"]) == (True, False)
    assert (remove["chat_remove_running"]["type"], remove["chat_remove_running"]["choices"]) == ("multiplechoice", ["true", "false"])
    stop = {question["variable"]: question for question in awx.survey("job_templates", f"{PREFIX}: Stop")}
    assert stop["chat_stop_state"]["choices"] == ["stopped_gracefully", "stopped"]
    assert (stop["chat_applications"]["type"], stop["chat_applications"]["question_name"]) == ("textarea", "Which applications")
    assert not awx.named("job_templates")[f"{PREFIX}: Verify"]["survey_enabled"]


def links(awx: RecordedAwx, workflow: str) -> dict[str, tuple[str, dict[str, list[str]]]]:
    """Node -> what it runs, and the nodes that follow, by the kind of link."""
    number = awx.named("workflow_job_templates")[f"{PREFIX}: {workflow}"]["id"]
    nodes = {key: its for key, its in awx.objects["workflow_job_template_nodes"].items() if its["workflow_job_template"] == number}
    names = {key: its["name"] for kind in ("job_templates", "workflow_approval_templates") for key, its in awx.objects[kind].items()}
    found = {}
    for key, its in nodes.items():
        after = {kind: awx.lists.get(("workflow_job_template_nodes", key, f"{kind}_nodes"), []) for kind in ("success", "failure", "always")}
        runs = names[its["unified_job_template"]].removeprefix(f"{PREFIX}: ")
        found[its["identifier"]] = (runs, {kind: [nodes[other]["identifier"] for other in others] for kind, others in after.items() if others})
    return found


def test_the_workflows(awx: RecordedAwx, made: Run) -> None:
    assert links(awx, "Deploy with approval") == {
        "preview": ("Deploy: preview", {"success": ["approval"]}),
        "approval": ("Deploy what the preview shows", {"success": ["deploy"]}),
        "deploy": ("Deploy", {}),
    }
    upgrade = links(awx, "Upgrade UCS with approval")
    assert upgrade == {
        "preflight": ("Preflight", {"success": ["preview"]}),
        "preview": ("Upgrade UCS: preview", {"success": ["approval"]}),
        "approval": ("Upgrade the Universal Contact Servers as the preview shows", {"success": ["upgrade"]}),
        "upgrade": ("Upgrade UCS", {"success": ["verify"], "failure": ["rollback"]}),
        "verify": ("Verify", {}),
        "rollback": ("Roll back UCS", {}),
    }
    chat_servers = links(awx, "Upgrade Chat Servers with approval")
    assert chat_servers["upgrade"] == ("Upgrade Chat Servers", {"success": ["verify"], "failure": ["approval-of-rollback"]})
    assert chat_servers["approval-of-rollback"][1] == {"success": ["rollback"]} and chat_servers["rollback"] == ("Roll back Chat Servers", {})
    for name, its in awx.named("workflow_job_templates").items():
        assert its["ask_limit_on_launch"] and not its["allow_simultaneous"], name
        assert awx.lists["workflow_job_templates", its["id"], "notification_templates_approvals"] == [904]


def test_a_workflow_asks_only_what_its_templates_ask(awx: RecordedAwx, made: Run) -> None:
    """An answer that no template asks for would go nowhere."""
    for workflow in awx.named("workflow_job_templates"):
        runs = {runs for runs, _links in links(awx, workflow.removeprefix(f"{PREFIX}: ")).values()}
        templates = [name for name in awx.named("job_templates") if name.removeprefix(f"{PREFIX}: ") in runs]
        known = {question["variable"] for name in templates for question in awx.survey("job_templates", name)}
        asked = {question["variable"] for question in awx.survey("workflow_job_templates", workflow)}
        assert asked and asked <= known, workflow


def test_a_second_run_writes_nothing(made_again: Run) -> None:
    assert (made_again.code, made_again.recap["changed"], made_again.writes) == (0, 0, []), made_again.output


def test_it_is_taken_away(awx: RecordedAwx, collections: Path, made_again: Run) -> None:
    """All that was made, and nothing else; the second time nothing is written."""
    first = play(awx, collections, awx_state="absent")
    assert first.code == 0, first.output
    assert {kind: sorted(objects) for kind, objects in awx.objects.items() if objects} == {
        "organizations": [901], "credential_types": [902], "credentials": [903], "notification_templates": [904]}  # fmt: skip
    second = play(awx, collections, awx_state="absent")
    assert (second.code, second.recap["changed"], second.writes) == (0, 0, []), second.output


def test_check_mode_writes_nothing(awx: RecordedAwx, collections: Path, made_again: Run) -> None:
    done = play(awx, collections, "--check", awx_prefix="Another")
    assert (done.code, done.writes) == (0, []), done.output
    assert "The organization 'Another' would be made." in done.output


def test_without_the_collection_it_is_said_what_to_install(awx: RecordedAwx, tmp_path: Path) -> None:
    done = play(awx, tmp_path)
    assert done.code == 2 and done.writes == []
    assert "The collection awx.awx is not installed. Install it: ansible-galaxy collection install awx.awx:24.6.1" in done.output


def test_the_page_names_the_version_that_is_tested() -> None:
    version = yaml.safe_load((awx_collection.fetched() / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"]
    assert f"awx.awx {version}" in (ROOT / "docs" / "awx.md").read_text(encoding="utf-8")
