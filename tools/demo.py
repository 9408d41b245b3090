# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: deploy a whole chat solution into the sandbox, prove it, print a summary (``make demo``).

Figures on writes and requests are taken from the sandbox's request log. The result is ``build/demo/summary.json``, and the last
line says passed or failed.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import ansible_runner  # noqa: E402  the path to the sandbox comes first
import demo_agents as agents  # noqa: E402  the path to the sandbox comes first
import demo_web_engagement as engagement  # noqa: E402  the path to the sandbox comes first

from sandbox.testing import Sandbox  # noqa: E402

BUILD = ROOT / "build" / "demo"
#: Snapshots and the journal of all runs, and the plan that the preview keeps.
KEPT, PLAN = BUILD / "kept", BUILD / "plan.json"
VARIABLES = ROOT / "tools" / "demo" / "chat_solution.yml"
WEB_ENGAGEMENT = ROOT / "tools" / "demo" / "web_engagement.yml"
LOOK = ROOT / "tools" / "demo" / "look.yml"

#: Seconds that one run of a playbook may take.
RUN_SECONDS = 240

#: What the load generator does: chats held open at once, messages per second and chat, seconds.
LOAD = ("--chats", "24", "--rate", "2", "--seconds", "6")
#: The same for the upgrade: at most so many seconds, should nobody end it.
LOAD_OF_UPGRADE = ("--chats", "40", "--rate", "1", "--seconds", "600")
#: Seconds until the chats are open, and until the load generator has ended.
OPEN_SECONDS, LOAD_SECONDS = 60, 120
#: Those of the description, and the one that stands for the Configuration Server.
HOSTS = 11
#: What the Universal Contact Servers are upgraded to.
NEW_PACKAGE, NEW_VERSION = "IP_eSContSrv_9100107b1_ENU_linux.tar.gz", "9.1.001.07"
#: What tools/demo/look.yml changes.
CHANGED_BY_HAND = "chat_servers/ChatServer_2/options/settings/limit-for-sessions"


class Failed(Exception):
    """A step of the demo did not do what it must."""


def say(text: str) -> None:
    """Print a line of progress at once."""
    print(text, flush=True)


def require(condition: bool, text: str) -> None:
    """Raise Failed with the text unless the condition holds."""
    if not condition:
        raise Failed(text)


def unpack_templates(packages: Path, target: Path) -> None:
    """Take the application templates out of the installation packages, as an administrator would."""
    target.mkdir(parents=True, exist_ok=True)
    for archive in sorted(packages.glob("*.tar.gz")):
        with tarfile.open(archive) as content:
            for member in content.getmembers():
                if member.name.endswith(".apd"):
                    stream = content.extractfile(member)
                    assert stream is not None
                    (target / Path(member.name).name).write_bytes(stream.read())


class Playbook:
    """One run of a playbook, with what it changed and what it cost."""

    def __init__(self, sandbox: Sandbox, name: str, title: str, *options: str, from_gax: bool = False) -> None:
        sandbox.clear()
        say(f"\n== {title}")
        started = time.monotonic()
        self.tasks: list[dict[str, Any]] = []
        directory = BUILD / "artifacts" / title.replace(" ", "_")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        arguments = ["-e", f"@{VARIABLES}", "-e", f"demo_templates={BUILD / 'templates'}", *options]
        runner = ansible_runner.run(
            private_data_dir=str(directory),
            playbook=name,
            inventory=str(sandbox.inventory_from_gax if from_gax else sandbox.inventory),
            cmdline=" ".join(arguments),
            envvars={
                "ANSIBLE_FORKS": "10",
                # Not below the home directory, which an account need not have.
                "ANSIBLE_HOME": str(BUILD / "ansible"),
                "ANSIBLE_REMOTE_TMP": str(BUILD / "ansible" / "tmp"),
                "GAX_SNAPSHOT_DIR": str(KEPT),
                "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
                "ANSIBLE_NOCOLOR": "0" if sys.stdout.isatty() else "1",
                "ANSIBLE_FORCE_COLOR": "0",
                **({"GAX_PASSWORD": sandbox.password, "CONFSERV_PASSWORD": sandbox.password} if from_gax else {}),
            },
            settings={"job_timeout": RUN_SECONDS, "suppress_env_files": True},
            event_handler=self._take,
        )
        self.seconds = round(time.monotonic() - started, 1)
        self.log = sandbox.requests("gax")
        self.writes = [entry for entry in self.log if entry["write"]]
        stats = runner.stats or {}
        self.changed = sum((stats.get("changed") or {}).values())
        self.hosts = set(stats.get("ok") or {}) - {"localhost"}
        require(runner.status == "successful", f"{title}: {name} ended as {runner.status}")

    def _take(self, event: dict[str, Any]) -> bool:
        if event.get("event") == "runner_on_ok":
            self.tasks.append(event["event_data"])
        return True

    def result_of(self, action: str) -> dict[str, Any]:
        """Return the first result of a module."""
        for task in self.tasks:
            if task.get("resolved_action") == action or task.get("task_action") == action:
                result: dict[str, Any] = task["res"]
                return result
        raise Failed(f"no result of {action}")

    def figures(self) -> dict[str, Any]:
        """Return the part of the summary that describes this run."""
        return {"changed": self.changed, "writes": len(self.writes), "requests": len(self.log), "seconds": self.seconds}


def prediction_is_exact(predicted: list[dict[str, Any]], writes: list[dict[str, Any]]) -> bool:
    """Return whether the writes of a real run are those that check mode announced: the same objects, in the same order, to the option."""
    methods = {"create": "POST", "update": "PUT", "delete": "DELETE"}
    announced = [(methods[item["action"]], item["type"], item["name"]) for item in predicted]
    if announced != [(entry["method"], entry["type"], entry["name"]) for entry in writes]:
        return False
    for item, entry in zip(predicted, writes):
        body = entry.get("body") or {}
        held = {(part["section"], part["key"]): part["value"] for part in (body.get("options") or {}).get("property", [])}
        wanted = {(section, key): value for section, keys in item["after"].get("options", {}).items() for key, value in keys.items()}
        if item["action"] == "create" and held != wanted:
            return False
        if not wanted.items() <= held.items():
            return False
        ports = {part["id"]: str(part["port"]) for part in (body.get("portinfos") or {}).get("portinfo", [])}
        if not {key: str(value) for key, value in item["after"].get("ports", {}).items()}.items() <= ports.items():
            return False
        links = len((body.get("appservers") or {}).get("conninfo", []))
        if item["action"] == "create" and links != sum(len(by_port) for by_port in item["after"].get("connections", {}).values()):
            return False
    return True


class Chats:
    """The load generator: it holds chats open through all Chat Servers until told to end, and reports what became of the messages."""

    def __init__(self, sandbox: Sandbox, name: str, *options: str) -> None:
        self._report, self._end, log = BUILD / f"{name}.json", BUILD / f"{name}.end", BUILD / f"{name}.log"
        where = f"{sandbox.environment['confserv_host']}:{sandbox.environment['confserv_port']}"
        command = [sys.executable, "-m", "sandbox.load", "--dir", str(sandbox.directory), "--confserv", where, *options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
        with log.open("w") as sink:
            self._process = subprocess.Popen(
                [*command, "--hold-until", str(self._end), "--report", str(self._report)],
                env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sink,
            )  # fmt: skip
        deadline = time.monotonic() + OPEN_SECONDS
        while "chats are open" not in log.read_text() and self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)

    def end(self) -> dict[str, Any]:
        """Let the chats end and return the report."""
        self._end.touch()
        return self.wait()

    def wait(self) -> dict[str, Any]:
        """Wait until the chats have ended and return the report."""
        try:
            code = self._process.wait(LOAD_SECONDS)
        finally:
            self._process.kill()
        require(code == 0 and self._report.exists(), f"the load generator ended with {code}")
        content: dict[str, Any] = json.loads(self._report.read_text())
        return content


def upgrade(sandbox: Sandbox) -> dict[str, Any]:
    """Upgrade all Universal Contact Servers while chats go on, and return the figures."""
    chats = Chats(sandbox, "chats_during_upgrade", *LOAD_OF_UPGRADE)
    reports = BUILD / "upgrade"
    package = Path(sandbox.environment["packages"]) / NEW_PACKAGE
    variables = json.dumps({"genesys_packages": {"contact_server": str(package)}, "upgrade_report_dir": str(reports)})
    try:
        Playbook(sandbox, "genesys_engage.chat.upgrade_contact_servers", "upgrade under load", "-e", shlex.quote(variables))
    finally:
        load = chats.end()
    report = json.loads(next(reports.glob("*.json")).read_text())
    for item in report["members"]:
        say(f"{item['name']} on {item['host']} ({item['place']}): {item['before']} -> {item['version']}, {item['seconds']} s")
    figures = {
        "members_upgraded": report["members_upgraded"],
        **{key: load[key] for key in ("messages_sent", "messages_lost", "messages_doubled", "longest_pause_seconds")},
        "reconnects": report["reconnects"],
    }
    say("members upgraded: {members_upgraded}, messages sent: {messages_sent}, lost: {messages_lost}, doubled: {messages_doubled}, "
        "longest pause: {longest_pause_seconds} s, reconnects: {reconnects}".format(**figures))  # fmt: skip
    require(load["opened"] > 0 == load["sessions_ended_by_server"], "sessions were ended by a server")
    require(figures["messages_lost"] == 0 and figures["messages_doubled"] == 0 < figures["messages_sent"], "messages were lost or doubled in the upgrade")
    return figures


def engage(sandbox: Sandbox) -> dict[str, Any]:
    """Bring a Backend Server of Web Engagement, configure its chat channel, install and start it, and have visitors chat through it."""
    engagement.bring_backend_server(sandbox, BUILD / "templates")
    Playbook(sandbox, str(WEB_ENGAGEMENT), "web engagement")
    figures = engagement.visits(sandbox)
    say(f"{figures['chats_in_queue']} chats of visitors arrived in the queue {figures['queue']}, {figures['contacts_created']} contacts are new")
    return figures


def look(sandbox: Sandbox) -> dict[str, Any]:
    """Judge what runs, compare it with what was described, draw it; return the figures. The files are beside the summary."""
    kinds = ("CFGChatServer", "CFGContactServer", "CFGInteractionServer", "CFGWebEngagementBackendServer")
    variables = {
        "chat_adopt_file": str(BUILD / "adopted.yml"), "chat_compare_left": str(BUILD / "adopted.yml"), "chat_compare_right": "live",
        "chat_compare_file": str(BUILD / "compare.json"), "chat_audit_dir": str(BUILD), "chat_audit_formats": "markdown,sarif",
        "chat_audit_fail_on": "never", "demo_picture": str(BUILD / "solution.html"),
        "demo_applications": [item["name"] for item in sandbox.objects("CfgApplication") if item["subtype"] in kinds or item["name"] == "GMS_1"],
    }  # fmt: skip
    looked = Playbook(sandbox, str(LOOK), "audit, comparison and picture", "-e", shlex.quote(json.dumps(variables)))
    rules = json.loads((BUILD / "audit.sarif").read_text())["runs"][0]["results"]
    differences = json.loads((BUILD / "compare.json").read_text())["differences"]
    for item in differences:
        say(f"{item['path']}: {item['left']} was described, {item['right']} is there")
    page = (BUILD / "solution.html").read_text()
    drawn = json.loads(page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0])
    running = [node["name"] for node in drawn["nodes"] if node["state"] == "RUNNING"]
    say(f"the picture {(BUILD / 'solution.html').relative_to(ROOT)} shows {len(drawn['nodes'])} objects, {len(running)} of them running")
    told = tell_history(looked.result_of("genesys_engage.chat.config_history_info"))
    require(drawn["compared"]["objects"] == {"application/ChatServer_2": "differs"}, f"the picture shows other differences: {drawn['compared']['objects']}")
    require((BUILD / "audit.md").exists(), "there is no report of the audit")
    require([item["path"] for item in differences] == [CHANGED_BY_HAND], f"the comparison told something else: {differences}")
    require(sorted(running) == sorted(variables["demo_applications"]), f"not everything is shown as running: {running}")
    return {"findings": len(rules), "differences": len(differences), "objects_drawn": len(drawn["nodes"]), **told}


def tell_history(found: dict[str, Any]) -> dict[str, Any]:
    """Write the plan that was kept and what the journal tells to history.json; return the figures."""
    plan, runs = json.loads(PLAN.read_text()), found["runs"]
    keys = ("time", "account", "person", "made_by", "subject", "digest")
    content = {"plan": {**{key: plan[key] for key in keys}, "path": str(PLAN.relative_to(ROOT)), "writes": len(plan["changes"])}, "runs": runs}
    (BUILD / "history.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    newest = runs[0]["text"].partition(" /")[0]
    say(f"the journal tells {len(runs)} runs, the newest of them: {newest}")
    require(found["problems"] == [] and runs[0]["module"] == "config_object", f"the journal does not tell what was changed by hand: {newest}")
    applied = [run for run in runs if run["module"] == "chat_solution" and run["planned"] == len(plan["changes"])]
    require(len(applied) == 1 and applied[0]["complete"], "the journal does not tell that the plan was applied")
    return {"plan_writes": len(plan["changes"]), "runs_told": len(runs)}


def serve(sandbox: Sandbox) -> agents.Scene:
    """Have visitors chat through GMS with an agent, among agents who may have chats and who may not, while a Chat Server is lost."""
    say("\n== agents")
    scene = agents.Scene(sandbox)
    scene.play()
    say("chats offered to an agent: {offered}, accepted: {accepted}, refused for access: {refused_for_access}, "
        "waited for capacity: {waiting_for_capacity}".format(**scene.figures()))  # fmt: skip
    say("{chat_server_lost} was killed in the middle of a chat, which went on at {continued_at}".format(**scene.restored))
    return scene


def demo(summary: dict[str, Any]) -> None:
    """Run all steps, filling the summary on the way; raises Failed at the first one that does not hold."""
    with Sandbox(directory=BUILD / "sandbox", seed="framework") as sandbox:
        say(f"sandbox: GAX at {sandbox.url}, hosts below {BUILD.relative_to(ROOT)}/sandbox/hosts")
        unpack_templates(Path(sandbox.environment["packages"]), BUILD / "templates")
        agents.bring_agents(sandbox)
        deploy = "genesys_engage.chat.deploy"

        plan = ("-e", f"chat_plan_file={PLAN}")
        check = Playbook(sandbox, deploy, "preview", "--check", "--diff", *plan)
        predicted = check.result_of("genesys_engage.chat.chat_solution")["changes"]
        summary["check_run"] = {"writes": len(check.writes), "prediction_exact": False}
        require(not check.writes, "check mode wrote to the configuration")

        first = Playbook(sandbox, deploy, "first run", *plan)
        summary["first_run"] = first.figures()
        exact = prediction_is_exact(predicted, first.writes)
        summary["check_run"]["prediction_exact"] = exact
        require(exact, "the first run did not write what the preview announced")

        agents.group_nodes(sandbox)
        second = Playbook(sandbox, deploy, "second run")
        summary["second_run"] = second.figures()
        require(second.changed == 0 and not second.writes, "the second run changed something")
        summary["cluster"] = cluster = agents.matrix(sandbox)
        say("{nodes} Interaction Servers of a cluster have {esp_connections} connections to the ports ESP of {chat_servers} Chat Servers".format(**cluster))
        require(cluster == {"nodes": 2, "chat_servers": 4, "esp_connections": 8}, "not every node is connected to every Chat Server")

        # The hosts come from the Configuration Server now, and not from a file.
        verified = Playbook(sandbox, "genesys_engage.chat.verify", "verification with the inventory from GAX", from_gax=True)
        summary["verified_from_gax"] = {"hosts": len(verified.hosts), **verified.figures()}
        require(verified.changed == 0 and not verified.writes, "the verification changed something")
        require(len(verified.hosts) == HOSTS, f"the verification did not look at all hosts: {sorted(verified.hosts)}")

        say("\n== chats")
        chats = Chats(sandbox, "chats", *LOAD).wait()
        keys = ("opened", "messages_sent", "messages_lost", "messages_doubled")
        summary["chats"] = {key: chats[key] for key in keys}
        for queue, count in sorted(chats["queues"].items()):
            say(f"{count} chats arrived in the queue {queue}")
        require(sum(chats["queues"].values()) == chats["opened"] > 0, "not every chat arrived in a queue")
        require(chats["messages_lost"] == 0 and chats["messages_doubled"] == 0, "messages were lost or doubled")

        scene = serve(sandbox)
        summary["agents"], summary["restored"] = scene.figures(), scene.restored
        served = {"offered": 3, "accepted": 3, "refused_for_access": 2, "waiting_for_capacity": 1}
        require(summary["agents"] == served, f"the chats did not go to agents as they must: {summary['agents']}")
        require(scene.restored["chat_server_lost"] != scene.restored["continued_at"], "the chat went on at a Chat Server that is gone")

        summary["web_engagement"] = visited = engage(sandbox)
        people = {visitor["EmailAddress"] for visitor in engagement.VISITORS}
        require(visited["chats_in_queue"] == visited["chats_opened"] == len(engagement.VISITORS), "not every visitor's chat arrived in the queue")
        require(visited["messages_lost"] == 0 < visited["messages_sent"], "messages of visitors were lost")
        require(visited["contacts_created"] == len(people), "not every visitor became one contact")

        summary["upgrade"] = upgraded = upgrade(sandbox)
        members = {item["name"]: item["version"] for item in sandbox.objects("CfgApplication") if item["subtype"] == "CFGContactServer"}
        require(upgraded["members_upgraded"] == len(members) == 4, "not every member was upgraded")
        require(set(members.values()) == {NEW_VERSION}, "the Configuration Server has other versions than those that were installed")

        summary["look"] = look(sandbox)


def main() -> int:
    """Run the demo; return the exit code."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    summary: dict[str, Any] = {"passed": False}
    started = time.monotonic()
    reason = ""
    try:
        demo(summary)
        summary["passed"] = True
    except (Failed, RuntimeError, AssertionError, subprocess.TimeoutExpired) as error:
        reason = f": {error}"
    (BUILD / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    say(f"\n{json.dumps(summary, indent=2)}")
    if summary["passed"]:
        say("in build/demo: summary.json; solution.html, the picture; audit.md and audit.sarif; compare.json; plan.json, the plan that was kept and applied; "
            "history.json, what was written, by whom and how to undo it")  # fmt: skip
    say(f"demo {'passed' if summary['passed'] else 'failed'} in {time.monotonic() - started:.0f} s{reason}")
    return 0 if summary["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
