# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner behind ``make test``: a failure is never counted as a pass, and nothing outlives its time limit."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import check
import pytest
import runner
from runner import Counts, Part

REPORT = (
    '<testsuites><testsuite name="a" tests="7" failures="1" errors="1" skipped="2"/>'
    '<testsuite name="b" tests="1" failures="0" errors="0" skipped="0"/></testsuites>'
)

#: A program that keeps a processor busy for a moment.
BURN = "import time\nwhile time.process_time() < 0.4: pass"


@pytest.fixture
def part(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    monkeypatch.setattr(runner, "LOGS", tmp_path / "logs")
    return Part("part")


@pytest.fixture
def checks(tmp_path, monkeypatch):
    """Let the program have other parts, given by name in order. Results go to the temporary directory."""

    def use(*arguments, **parts):
        for name, run in parts.items():
            run.__doc__ = f"The part {name}."
        monkeypatch.setattr(check, "ROOT", tmp_path)
        monkeypatch.setattr(check, "PARTS", parts)
        monkeypatch.setattr("sys.argv", ["check.py", *arguments])

    return use


def gone(pid: int) -> bool:
    """Whether a process has ended; an orphan that nobody reaps counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_every_target_of_ansible_test_is_run_and_is_named_for_a_module():
    places = {path for path in (check.ROOT / "tests" / "integration" / "targets").iterdir() if not path.name.startswith("setup_")}
    assert {name for chosen in check.TARGETS.values() for name in chosen} == {place.name for place in places}
    assert [place.name for place in places if not (check.ROOT / "plugins" / "modules" / f"{place.name}.py").is_file()] == []
    assert [name for name in check.UNITS_OF_EACH_CORE if not (check.ROOT / name).is_file()] == []


def test_a_command_that_succeeds_counts_once(part):
    assert part.run("echo", ["sh", "-c", "echo out; echo err >&2"], limit=10, cwd=runner.LOGS.parent) == "out\nerr\n"
    assert part.result() == Counts(passed=1)


def test_a_command_that_fails_is_a_failure_and_is_shown(part, capsys):
    assert part.run("false", ["sh", "-c", "echo noise; echo ERROR reason; exit 3"], limit=10, cwd=runner.LOGS.parent, show="ERROR") is None
    assert part.result() == Counts(failed=1)
    shown = capsys.readouterr().out
    assert "ERROR reason" in shown and "exit code 3" in shown and "noise" not in shown


def test_a_command_that_does_not_exist_is_a_failure(part):
    assert part.run("missing", ["no-such-command-here"], limit=10, cwd=runner.LOGS.parent) is None
    assert part.result() == Counts(failed=1)


def test_a_command_that_takes_too_long_is_ended_with_its_children(part, tmp_path):
    began = time.monotonic()
    script = f"sleep 300 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/parent; wait"
    assert part.run("slow", ["sh", "-c", script], limit=1, cwd=tmp_path) is None
    assert time.monotonic() - began < 20
    assert "not done after 1 s" in part.failures[0]
    for name in ("parent", "child"):
        pid = int((tmp_path / name).read_text())
        deadline = time.monotonic() + 5
        while not gone(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert gone(pid), name


def test_commands_see_neither_the_callers_ansible_settings_nor_its_credentials(monkeypatch):
    foreign = ("ANSIBLE_CONFIG", "GAX_PASSWORD", "PYTHONPATH", "CONFSERV_HOST", "PYTHONDONTWRITEBYTECODE")
    for name in foreign:
        monkeypatch.setenv(name, "x")
    env = runner.environment({"ANSIBLE_COLLECTIONS_PATH": "given"})
    assert not set(foreign) & set(env)
    assert env["ANSIBLE_COLLECTIONS_PATH"] == "given"
    assert env["PATH"].split(os.pathsep)[0].endswith("/.venv/bin")


def test_counts_of_pytest_are_summed_over_its_suites(part, tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    part.take_pytest_report(tmp_path / "report.xml")
    assert part.result() == Counts(passed=4, failed=2, skipped=2)


def test_a_run_of_pytest_without_a_report_is_a_failure(part, tmp_path):
    part.take_pytest_report(tmp_path / "report.xml")
    assert part.result() == Counts(failed=1)


def test_a_failure_that_pytest_did_not_count_is_counted(part):
    """As when it is killed after its last test, or finds no tests at all."""
    part.counts = Counts(passed=3)
    part.fail("exit code 5")
    assert part.result() == Counts(passed=3, failed=1)


def test_a_part_that_raises_fails_and_the_total_shows_it(monkeypatch, tmp_path, capsys):
    def broken(part):
        """Broken."""
        raise RuntimeError("no git")

    def absent(part):
        """Absent."""
        part.skipped = "nothing there"

    monkeypatch.setattr(check, "ROOT", tmp_path)
    monkeypatch.setattr(check, "PARTS", {"broken": broken, "absent": absent})
    monkeypatch.setattr("sys.argv", ["check.py", "--only", "broken,absent"])
    assert check.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "0 passed, 1 failed, 1 skipped"
    assert any("no git" in line for line in lines)


def test_the_time_of_each_part_and_the_slowest_tests_are_told(checks, tmp_path, capsys):
    def tested(part):
        cases = "".join(f'<testcase classname="t" name="n{number}" time="{number}"/>' for number in range(1, 13))
        (tmp_path / "build" / "check").mkdir(parents=True)
        (tmp_path / "build" / "check" / "tested.xml").write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")

    checks(tested=tested, quick=lambda part: part.say("nothing"))
    assert check.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in lines if "::" in line] == [f"t::n{number}" for number in range(12, 2, -1)]
    times = json.loads((tmp_path / "build" / "test" / "times.json").read_text())
    assert set(times) == {"tested", "quick", "total", "processor", "busy"}
    assert times["total"] >= times["tested"] >= 0


def test_the_processor_time_of_a_part_is_told_and_not_that_of_the_other(checks, monkeypatch, tmp_path, capsys):
    """Of all processes of a command; and what a part only waits for is none."""
    monkeypatch.setattr(runner, "LOGS", tmp_path / "logs")
    burn = f"{BURN}\nimport subprocess\nsubprocess.run([{sys.executable!r}, '-c', {BURN!r}])"

    checks(
        hosts=lambda part: part.run("sleep", ["sleep", "1"], limit=60, cwd=tmp_path),
        unit=lambda part: part.run("work", [sys.executable, "-c", burn], limit=60, cwd=tmp_path),
    )
    assert check.main() == 0
    times = json.loads((tmp_path / "build" / "test" / "times.json").read_text())
    assert times["processor"]["unit"] >= 0.8 and times["processor"]["hosts"] < 0.3
    assert times["processor"]["total"] == pytest.approx(times["processor"]["unit"] + times["processor"]["hosts"], abs=0.11)
    lines = capsys.readouterr().out.splitlines()
    (line,) = [line for line in lines if line.startswith("processor minutes: ")]
    assert re.fullmatch(r"processor minutes: hosts 0\.0, unit 0\.\d; total 0\.\d", line)
    (line,) = [line for line in lines if line.startswith("processors busy: ")]
    assert re.fullmatch(r"processors busy: hosts \d+%, unit \d+%", line)
    # One processor of them was, all the time.
    assert 0.8 / (os.cpu_count() or 1) <= times["busy"]["unit"] <= 1


# --- parts that run at the same time ------------------------------------------------------------------------------------


def test_what_a_part_has_alone_is_not_given_to_two_at_a_time():
    """The real hosts are not made twice at the same time, and whoever has to wait for them lets others go first."""
    assert {name for name, thing in check.ALONE.items() if thing == check.ALONE["hosts"]} == {"hosts", "molecule"}
    assert check.ALONE["sanity"] == check.ALONE["versions"]
    queue = check.Queue(["hosts", "molecule", "unit"])
    assert (queue.next(), queue.next()) == ("hosts", "unit")
    queue.ended("unit")
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(queue.next()))
    waiting.start()
    waiting.join(0.2)
    assert taken == [], "molecule has begun while hosts has the real hosts"
    queue.ended("hosts")
    waiting.join(10)
    assert taken == ["molecule"]
    assert queue.next() is None


def test_the_programs_come_first_and_each_part_runs_once(checks, capsys):
    began = []
    checks(**{name: lambda part: began.append(part.name) for name in check.PARTS})
    assert check.main() == 0
    assert began[0] == "packages" and sorted(began) == sorted(check.PARTS)
    assert capsys.readouterr().out.splitlines()[-1] == f"{len(check.PARTS)} passed, 0 failed, 0 skipped"


def test_two_run_at_the_same_time_and_their_lines_tell_whose_they_are(checks, tmp_path, capsys):
    """Each waits for the other one, so they can't have run one after the other."""
    here, there = threading.Event(), threading.Event()

    def meet(mine, others):
        def run(part):
            mine.set()
            assert others.wait(10)
            part.say("one\ntwo")

        return run

    checks(packages=lambda part: part.say("first"), hosts=meet(here, there), unit=meet(there, here), integration=lambda part: part.say("last"))
    assert check.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.index("[1/4] packages passed, 0.0 s") < min(lines.index("[2/4] hosts: The part hosts."), lines.index("[3/4] unit: The part unit."))
    # It begins when one of the two has ended, whichever that is.
    assert lines.index("      integration: last") > [line.startswith(("[2/4] hosts passed", "[3/4] unit passed")) for line in lines].index(True)
    for name in ("hosts", "unit"):
        first = lines.index(f"      {name}: one")
        assert lines[first + 1] == f"      {name}: two"
    assert lines[-1] == "4 passed, 0 failed, 0 skipped"
    times = json.loads((tmp_path / "build" / "test" / "times.json").read_text())
    assert list(times) == ["packages", "hosts", "unit", "integration", "total", "processor", "busy"]


def test_the_total_is_that_of_the_whole_and_not_the_sum(checks, tmp_path):
    checks(hosts=lambda part: time.sleep(0.5), unit=lambda part: time.sleep(0.5))
    assert check.main() == 0
    times = json.loads((tmp_path / "build" / "test" / "times.json").read_text())
    assert 0.5 <= times["total"] < times["hosts"] + times["unit"]


def test_a_part_that_fails_in_an_unexpected_way_stops_no_other(checks, capsys):
    def wrong(part):
        raise KeyError("no such thing")

    def bad(part):
        part.fail("exit code 3")

    checks(hosts=wrong, molecule=lambda part: None, unit=bad, integration=lambda part: None)
    assert check.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["failed: hosts, unit", "2 passed, 2 failed, 0 skipped"]
    assert "      hosts: KeyError: 'no such thing'" in lines
    assert any(line.startswith("hosts: ") and "raise KeyError" in line for line in lines), "where it was raised is told in the end"


@pytest.mark.parametrize(("arguments", "code"), [([], 1), (["--only", "unit"], 0)], ids=["all", "some"])
def test_all_parts_together_must_not_take_too_long(checks, monkeypatch, capsys, arguments, code):
    monkeypatch.setattr(check, "MOST_MINUTES", -1.0)
    checks(*arguments, unit=lambda part: None, integration=lambda part: None)
    assert check.main() == code
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("time: all parts together took ") for line in lines) == bool(code)
    assert lines[-1] == ("2 passed, 1 failed, 0 skipped" if code else "1 passed, 0 failed, 0 skipped")


INTERRUPTED = """
import sys
sys.path.insert(0, {tools!r})
import check, runner
from pathlib import Path
place = Path({place!r})
runner.LOGS = runner.ROOT = check.ROOT = place

def hosts(part):
    "Makes something, and removes it."
    try:
        part.run("long", ["sh", "-c", "echo $$ > made; exec sleep 300"], limit=600, cwd=place)
        part.run("never", ["touch", "never"], limit=10, cwd=place)
    finally:
        part.run("clear", ["sh", "-c", "sleep 1; rm made; touch cleared"], limit=60, cwd=place, clears_up=True)

def unit(part):
    "Waits."
    part.run("wait", ["sleep", "300"], limit=600, cwd=place)

def integration(part):
    "Comes later."
    (place / "later").touch()

check.PARTS = {{"hosts": hosts, "unit": unit, "integration": integration}}
check.run_from_the_shell()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl_c", "terminated"])
def test_an_interrupted_run_ends_its_commands_and_clears_up(tmp_path, number, code):
    script = INTERRUPTED.format(tools=str(Path(check.__file__).parent), place=str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        deadline = time.monotonic() + 60
        while not (made := tmp_path / "made").exists() or not made.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        pid = int(made.read_text())
        process.send_signal(number)
        output, _nothing = process.communicate(timeout=90)
    finally:
        process.kill()
    assert process.returncode == code, output
    assert gone(pid)
    assert (tmp_path / "cleared").exists() and not made.exists()
    assert not (tmp_path / "never").exists() and not (tmp_path / "later").exists()
    assert "Traceback" not in output and "passed" not in output


def test_a_user_is_told_which_packages_are_missing(monkeypatch, part):
    monkeypatch.setattr(check, "is_root", lambda: False)
    monkeypatch.setattr(check.shutil, "which", lambda command, path="": None if command == "shellcheck" else f"/usr/bin/{command}")
    check.packages(part)
    assert "shellcheck" in part.skipped and "git" not in part.skipped
    assert part.result() == Counts(skipped=1)


def test_root_installs_only_the_missing_packages(monkeypatch, part):
    commands = []

    def note(title, command, **options):
        commands.append(command)
        return ""

    monkeypatch.setattr(check, "is_root", lambda: True)
    monkeypatch.setattr(check.shutil, "which", lambda command, path="": None if command == "shellcheck" else f"/usr/bin/{command}")
    monkeypatch.setattr(part, "run", note)
    check.packages(part)
    assert [command[1] for command in commands] == ["update", "install"]
    assert "shellcheck" in commands[1] and "git" not in commands[1]


@pytest.mark.parametrize(
    ("root", "installed", "ci", "result", "said"),
    [
        (False, True, "", Counts(skipped=1), "real hosts need root ("),
        (False, False, "", Counts(skipped=1), "real hosts need root, mmdebstrap ("),
        (False, True, "1", Counts(failed=1), "real hosts need root ("),
        (True, False, "", Counts(failed=1), "real hosts need mmdebstrap ("),
    ],
    ids=["user", "user_without_program", "ci_without_root", "root_without_program"],
)
def test_real_hosts_are_skipped_for_a_user_alone(monkeypatch, part, root, installed, ci, result, said):
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(check, "is_root", lambda: root)
    monkeypatch.setattr(check.shutil, "which", lambda command, path="": None if command == "mmdebstrap" and not installed else f"/usr/bin/{command}")
    monkeypatch.setattr(part, "run", lambda *_arguments, **_options: pytest.fail("something was run"))
    check.hosts(part)
    assert (part.skipped or part.failures[0]).startswith(said)
    assert part.result() == result


@pytest.mark.parametrize("failing", ["one host", "and none", "pytest"])
def test_real_hosts_are_removed_whatever_failed(monkeypatch, part, failing):
    commands = []

    def note(title, command, **options):
        commands.append((title, command))
        return None if title == failing else ""

    monkeypatch.setattr(check, "is_root", lambda: True)
    monkeypatch.setattr(check.shutil, "which", lambda command, path="": f"/usr/bin/{command}")
    monkeypatch.setattr(part, "run", note)
    monkeypatch.setattr(part, "take_pytest_report", lambda _report: None)
    check.hosts(part)
    assert commands[-4][0] == failing
    assert [command[-3:] for _title, command in commands[-3:]] == [["down", "--prefix", f"gxcheck{word}"] for word in ("", "2", "p")]


def test_the_copy_for_ansible_test_is_fresh_and_keeps_its_output(monkeypatch, tmp_path):
    source, target = tmp_path / "source", tmp_path / "tree" / "chat"
    (source / "plugins").mkdir(parents=True)
    (source / "plugins" / "new.py").write_text("new")
    for stale in ("old.py", "tests/output/.tmp/venv"):
        (target / stale).parent.mkdir(parents=True, exist_ok=True)
        (target / stale).write_text("stale")
    monkeypatch.setattr(check, "ROOT", source)
    monkeypatch.setattr(check, "repository_files", lambda: [Path("plugins/new.py")])
    check.copy_repository(target)
    assert sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()) == ["plugins/new.py", "tests/output/.tmp/venv"]


def test_pylint_is_given_all_python_that_the_archive_ships():
    given = tuple(check.shipped_python())
    left_out = {path for path in check.repository_files() if path.suffix == ".py" and not str(path).startswith(given)}
    assert {"plugins/", "tests/sandbox/", "tests/contract/"} <= set(given)
    assert {path.parts[0] if len(path.parts) == 1 or path.parts[0] == "tools" else "/".join(path.parts[:2]) for path in left_out} == {
        "noxfile.py", "tests/benchmarks", "tests/hosts", "tests/integration", "tests/unit", "tools",
    }


def test_an_unknown_part_is_refused(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["check.py", "--only", "lnt"])
    with pytest.raises(SystemExit) as ended:
        check.main()
    assert ended.value.code == 2
    assert "no part 'lnt'" in capsys.readouterr().err
