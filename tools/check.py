# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every check of the repository, or some: ``tools/check.py --only lint,unit``.

Parts that use different things run at the same time, see ``Queue``. Each line of their output begins with the part's name.

Ends with one line ``N passed, N failed, N skipped``: pytest's figures, plus one for each other part. The exit code is 0 if
nothing failed, else 1. Output of each command: build/check/. All parts together must not take more than 45 minutes.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from importlib import util
from pathlib import Path

import venv_pip
from generated import modules
from runner import INTERRUPTED, LOOK, ROOT, Counts, Interrupted, Part, is_root, repository_files, tell, times_of_tests

sys.path.append(str(ROOT / "tests"))
from sandbox.testing import compiled_once, packed_once
from sandbox.warm import WarmPython

NAMESPACE, NAME = "genesys_engage", "chat"
PYTHON = str(ROOT / ".venv" / "bin" / "python")
CACHE = ROOT / ".cache"

# command -> Debian package
# the last for the picture of a chat solution: about 25 s on a new machine
SYSTEM_PACKAGES = {"git": "git", "shellcheck": "shellcheck", "chromium-headless-shell": "chromium-headless-shell"}
# for real hosts (docs/hosts.md)
HOSTS_PACKAGES = {
    "ip": "iproute2",
    "mke2fs": "e2fsprogs",
    "mmdebstrap": "mmdebstrap",
    "ssh": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
# Begins the names that the tests' hosts have on this machine: not those of somebody's own hosts.
HOSTS_PREFIX = "gxcheck"

# The supported versions of ansible-core, each with a Python that it takes; all parts but `versions` run under that of requirements-dev.txt, 2.19.
CORES = {"2.16": "3.11", "2.17": "3.11", "2.18": "3.11", "2.20": "3.12", "2.21": "3.12"}

# Tests of ansible-test sanity whose verdict depends on the core.
SANITY_OF_EACH_CORE = ("action-plugin-docs", "ansible-doc", "compile", "empty-init", "import", "pylint", "runtime-metadata", "validate-modules")

# Unit tests that ansible-test runs under the oldest and the newest core: those of the plugins that run in the controller's own process. The rules stand on
# the standard library alone, and the part `unit` runs all of them.
UNITS_OF_EACH_CORE = tuple(
    f"tests/unit/test_{name}.py"
    for name in (
        *("answers", "comparison_filters", "day_two_filters", "failure_filters", "filters", "job_filter", "overlay_filters", "renamed", "rollback_filter"),
        *("run_summary", "solution_page", "upgrade_decision", "verification_filters"),
    )
)
# Its integration targets cost ten seconds of processor time each, so each runs under one of the two; the workflow on GitHub runs all under each core.
TARGETS = {min(CORES): ("chat_server_app", "wes_chat_channel"), max(CORES): ("chat_endpoint", "chat_solution", "ucs_pair")}
OF_ANSIBLE_TEST = ("pytest", "pytest-mock", "pytest-xdist", "-r", "tests/unit/requirements.txt", "-r", "tests/integration/requirements.txt")

# A file's tests stay with one worker, so that a site which they share is built once.
TWO_WORKERS = ("-n", "2", "--dist", "loadfile")

# In an installed collection these must be complete; the sandbox and the contract suite too, since users run them.
IN_THE_ARCHIVE = ("plugins", "roles", "playbooks", "meta", "docs", "tests/sandbox", "tests/contract", "README.md", "LICENSE", "CHANGELOG.md")
# Only a checkout needs these; fewer files also let the importer's ansible-lint end within the three minutes that it gives it.
NOT_IN_THE_ARCHIVE = (
    "tools", "extensions", "tests/benchmarks", "tests/hosts", "tests/integration", "tests/unit", "Makefile", "pyproject.toml", "requirements-dev.txt",
)
MADE_BY_THE_BUILD = {Path("MANIFEST.json"), Path("FILES.json")}


def packages(part: Part) -> None:
    """System packages: installed if root, else listed."""
    wanted = SYSTEM_PACKAGES | HOSTS_PACKAGES
    missing = not_installed(wanted)
    if not missing:
        part.say(f"present: {', '.join(wanted)}")
    elif is_root() and shutil.which("apt-get"):
        part.say(f"installing {' '.join(missing)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        if part.run("apt-get update", ["apt-get", "update", "-qq"], limit=300, env=quiet) is not None:
            part.run("apt-get install", ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], limit=600, env=quiet)
    else:
        part.skipped = f"missing: {' '.join(missing)} (install them, or run as root on a Debian-like system)"


def not_installed(wanted: Mapping[str, str]) -> list[str]:
    """Packages whose command is not there; some are only on root's path."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return [package for command, package in wanted.items() if not shutil.which(command, path=path)]


def lint(part: Part) -> None:
    """All linters, types, and the files that are generated."""
    link_for_mypy()
    part.run("ansible-lint", [PYTHON, "tools/ansible_lint.py", "--offline", "-q"], limit=600)
    part.run("yamllint", ["yamllint", "--strict", "."], limit=120)
    part.run("ruff", ["ruff", "check", "--no-cache", "--output-format", "concise", "."], limit=60)
    part.run("mypy", ["mypy", f".cache/collections/ansible_collections/{NAMESPACE}/{NAME}/plugins", "tests", "tools"], limit=600)
    part.run(
        "antsibull-docs", ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs", "self", "."], limit=300
    )
    part.run("reuse", ["reuse", "lint", "--lines"], limit=120)
    part.run("antsibull-changelog", ["antsibull-changelog", "lint"], limit=120)
    part.run("action group", [PYTHON, "tools/action_group.py", "--check"], limit=60)
    part.run("variables", [PYTHON, "tools/variables.py", "--check"], limit=60)
    part.run("surveys", [PYTHON, "tools/surveys.py", "--check"], limit=60)
    part.run("module table", [PYTHON, "tools/module_table.py", "--check"], limit=60)
    part.run("description tables", [PYTHON, "tools/description_tables.py", "--check"], limit=60)
    part.run("rules of the audit", [PYTHON, "tools/audit_rules.py", "--check"], limit=60)
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in repository_files() if path.suffix == ".py")
    part.say(f"suppressions: {len(re.findall(r'# noqa', text))} noqa, {len(re.findall(r'# type: ignore', text))} type: ignore")


def link_for_mypy() -> None:
    """Plugins import each other by the collection's name, and mypy takes no sources from site-packages."""
    link = CACHE / "collections" / "ansible_collections" / NAMESPACE / NAME
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.readlink() != ROOT:
        link.unlink(missing_ok=True)
        link.symlink_to(ROOT)


def sanity(part: Part) -> None:
    """ansible-test sanity, on a copy.

    Its home stays in .cache, so that its virtual environments serve the next run.
    """
    home = CACHE / "home"
    tree = tree_of_ansible_test(part)
    if tree is None:
        return
    write_pip_bootstrap(home)
    ansible_test = ["ansible-test", "sanity", "--venv", "--python", "3.11", "--color", "no"]
    # Nobody gets the tests that the archive leaves out: there pylint, which alone takes longer than all others together, is left to ruff and mypy.
    # The workflow's job `sanity` runs it on them, too.
    shipped = shipped_python()
    for title, further in (("", ["--skip-test=pylint"]), (" pylint", ["--test=pylint", *shipped])):
        part.run(f"ansible-test sanity{title}", [*ansible_test, *further], limit=1200, cwd=tree, env={"HOME": str(home)}, show=r"ERROR|FATAL|WARNING")
    # What depends on the core, on what the archive ships to it. The rest is the same programs on the same files.
    tests = [f"--test={name}" for name in SANITY_OF_EACH_CORE]
    for core in (min(CORES), max(CORES)):
        place = core_environment(part, core)
        if place is None:
            continue
        write_pip_bootstrap(home, next(place.glob("lib/python3*/site-packages/ansible_test")))
        own = {"HOME": str(home), "PATH": os.pathsep.join((str(place / "bin"), os.environ.get("PATH", os.defpath)))}
        command = [str(place / "bin" / "ansible-test"), "sanity", "--venv", "--python", CORES[core], "--color", "no", *tests, "plugins/", "meta/"]
        part.run(f"ansible-test sanity {core}", command, limit=1200, cwd=tree, env=own, show=r"ERROR|FATAL|WARNING")


def tree_of_ansible_test(part: Part) -> Path | None:
    """The copy for ansible-test, which wants a directory named ansible_collections/namespace/name with git; None if it can't be made."""
    tree = CACHE / "sanity" / "ansible_collections" / NAMESPACE / NAME
    copy_repository(tree)
    made = all(part.run(" ".join(command[:2]), command, limit=60, cwd=tree) is not None for command in (["git", "init", "-q"], ["git", "add", "-A"]))
    return tree if made else None


def shipped_python() -> list[str]:
    """The directories with Python code that the archive ships, in the way that ansible-test takes them."""
    left_out = tuple(f"{path}/" for path in NOT_IN_THE_ARCHIVE)
    files = [str(path) for path in repository_files() if path.suffix == ".py"]
    tops = {"/".join(file.split("/")[: 2 if file.startswith("tests/") else 1]) for file in files if not f"{file}/".startswith(left_out)}
    return sorted(f"{top}/" for top in tops if (ROOT / top).is_dir())


def copy_repository(target: Path) -> None:
    """A fresh copy of the repository's own files. What ansible-test keeps in tests/output serves again."""
    output, aside = target / "tests" / "output", target.parent / "output"
    if output.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
        output.rename(aside)
    shutil.rmtree(target, ignore_errors=True)
    if aside.is_dir():
        output.parent.mkdir(parents=True)
        aside.rename(output)
    for path in repository_files():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, target / path, follow_symlinks=False)


def write_pip_bootstrap(home: Path, ansible_test: Path | None = None) -> None:
    """Spare ansible-test the download of its get-pip script: put one of our own where it would be cached, see venv_pip.py.

    Each sanity test makes a virtual environment of its own, and installing pip and packages there took a third of the whole time.
    The file's name holds the version of pip that this ansible-test asks for; without a directory it is that of .venv.
    """
    if ansible_test is None:
        spec = util.find_spec("ansible_test")
        ansible_test = Path(spec.origin).parent if spec and spec.origin else Path()
    source = ansible_test / "_internal" / "python_requirements.py"
    asked = re.search(r"^ {8}pip='([0-9.]+)'", source.read_text(encoding="utf-8"), re.MULTILINE) if source.is_file() else None
    if not asked:
        return  # another ansible-test: it downloads, or says what it lacks
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{asked.group(1).replace('.', '_')}.py").write_text(venv_pip.script(os.environ), encoding="utf-8")


def unit(part: Part) -> None:
    """pytest tests/unit."""
    pytest(part, "tests/unit", *TWO_WORKERS, limit=1200)


def integration(part: Part) -> None:
    """pytest tests/integration, against the sandbox."""
    # The longest files begin first, in the order of its conftest.py; otherwise those with the most tests would.
    pytest(part, "tests/integration", *TWO_WORKERS, "--no-loadscope-reorder", limit=3000)


def contract(part: Part) -> None:
    """The contract suite, against the sandbox in every dialect."""
    pytest(part, "tests/contract", *TWO_WORKERS, limit=600)


def hosts(part: Part) -> None:
    """pytest tests/hosts: the example site over SSH on real hosts (root)."""
    if not hosts_are_possible(part):
        return
    command = [PYTHON, "-m", "sandbox", "hosts"]
    down = [*command, "down", "--prefix", HOSTS_PREFIX]
    own = {"PYTHONPATH": "tests", "TESTED_HOSTS_PREFIX": HOSTS_PREFIX}
    try:
        # On a new machine this builds the hosts' operating system, once.
        one = [*command, "up", "--prefix", HOSTS_PREFIX, "--dir", "build/check/hosts", "--names", "chat1"]
        if all(part.run(title, line, limit=1200, env=own) is not None for title, line in (("one host", one), ("and none", down))):
            pytest(part, "tests/hosts", limit=3600, env=own)
    finally:
        # Those of tests with hosts of their own, too.
        for prefix in (HOSTS_PREFIX, f"{HOSTS_PREFIX}2", f"{HOSTS_PREFIX}p"):
            part.run(f"no {prefix}", [*down[:-1], prefix], limit=180, env=own, clears_up=True)


def hosts_are_possible(part: Part) -> bool:
    """Whether this machine can have real hosts. If not, the part says why, and is skipped only for somebody who is not root."""
    missing = ([] if is_root() else ["root"]) + not_installed(HOSTS_PACKAGES)
    reason = f"real hosts need {', '.join(missing)} (docs/hosts.md)"
    if missing and (is_root() or os.environ.get("CI")):
        part.fail(reason)
    elif missing:
        part.skipped = reason
    return not missing


def molecule(part: Part) -> None:
    """The Molecule scenarios of the roles, on real hosts (root)."""
    if not hosts_are_possible(part):
        return
    try:
        part.run("scenarios", [PYTHON, "tools/scenarios.py"], limit=2700)
    finally:
        part.run("none left", [PYTHON, "tools/scenarios.py", "--clear"], limit=300, clears_up=True)


def pytest(part: Part, directory: str, *arguments: str, limit: float, env: Mapping[str, str] | None = None) -> None:
    """Run a directory's tests and take their counts."""
    if not (ROOT / directory).is_dir():
        part.fail(f"there is no {directory}")
        return
    report = ROOT / "build" / "check" / f"{part.name}.xml"
    report.unlink(missing_ok=True)
    # What runs on managed hosts is also tested under the oldest Python that they have.
    variables = {"PYTHON36": find_python("3.6") or "", **(env or {})}
    part.run("pytest", [PYTHON, "-m", "pytest", "-q", directory, *arguments, f"--junitxml={report}"], limit=limit, env=variables)
    part.take_pytest_report(report)


def versions(part: Part) -> None:
    """The playbooks under every ansible-core that is supported; under the oldest and the newest also ansible-test, and the hosts' modules by their Pythons."""
    tree = tree_of_ansible_test(part)
    for core in CORES:
        fully = core in (min(CORES), max(CORES))
        place = core_environment(part, core)
        if place is not None:
            link_into(place)
            # Whether a module packs all that it needs is seen under the oldest and the newest, where each begins in a new Python.
            warm = {} if fully else {"TESTED_WARM_PREFIX": str(place)}
            playbook = {"TESTED_ANSIBLE_PLAYBOOK": str(place / "bin" / "ansible-playbook"), **warm}
            upgrades = [f"{NAMESPACE}.{NAME}.upgrade_{servers}_servers" for servers in ("contact", "chat")]
            part.run(f"ansible-core {core} upgrades", [str(place / "bin" / "ansible-playbook"), "--syntax-check", "-i", "localhost,", *upgrades], limit=120)
            files = [f"tests/integration/test_{name}.py" for name in (("deploy", "interpreters") if fully else ("deploy",))]
            chosen = " or ".join(("installed_and_running", "servers_are_upgraded", *(("no_secret", "all_interpreters") if fully else ())))
            part.run(f"ansible-core {core}", [PYTHON, "-m", "pytest", "-q", *files, "-k", chosen], limit=900, env=playbook)
            if fully and tree is not None:
                tests_of_ansible_test(part, core, place, tree)


def tests_of_ansible_test(part: Part, core: str, place: Path, tree: Path) -> None:
    """Unit tests and integration targets as ansible-test runs them, in the environment of a core. The targets start the embedded environment themselves."""
    own = {"HOME": str(CACHE / "home"), "PATH": os.pathsep.join((str(place / "bin"), os.environ.get("PATH", os.defpath)))}
    configuration = tree / "tests" / "integration" / "integration_config.yml"
    configuration.write_text(json.dumps({"setup_gax_compiled": compiled_once()["SANDBOX_COMPILED"]}), encoding="utf-8")
    options = ["--local", "--python", CORES[core], "--color", "no"]
    # One worker: to import Ansible takes as long as all these tests.
    for command, chosen in (("units", ("--num-workers", "1", *UNITS_OF_EACH_CORE)), ("integration", TARGETS[core])):
        title = f"ansible-test {command} {core}"
        line = [str(place / "bin" / "ansible-test"), command, *options, *chosen]
        part.run(title, line, limit=900, cwd=tree, env=own, show="ERROR|FATAL|FAILED|fatal:")


def core_environment(part: Part, core: str) -> Path | None:
    """The virtual environment of another ansible-core, made anew once in a run; None if there is no Python for it, or it can't be made."""
    python = CORES[core]
    interpreter = find_python(python)
    if interpreter is None:
        missing = f"no Python {python} that runs was found, and ansible-core {core} is tested with it"
        if os.environ.get("CI"):
            part.fail(missing)
        else:
            part.skipped = missing
        return None
    place = CACHE / f"core-{core}"
    if core in CORES_MADE:
        return place
    more = OF_ANSIBLE_TEST if core in (min(CORES), max(CORES)) else ()
    target = ["--python", str(place / "bin" / "python")]
    steps = [
        ["uv", "venv", "--quiet", "--clear", "--python", interpreter, str(place)],
        ["uv", "pip", "install", "--quiet", *target, f"ansible-core=={core}.*", "requests", *more],
    ]
    made = all(part.run(f"ansible-core {core} {step[1]}", step, limit=300) is not None for step in steps)
    if made:
        CORES_MADE.add(core)
    return place if made else None


def find_python(version: str) -> str | None:
    """An interpreter of that version that really runs: version managers' shims may not."""
    candidates = [shutil.which(f"python{version}"), *map(str, sorted(Path.home().glob(f".pyenv/versions/{version}*/bin/python{version}")))]
    probe = "import sys; print(getattr(sys, '_base_executable', sys.executable) if sys.version_info[:2] == %r else '')" % (tuple(map(int, version.split("."))),)
    for candidate in filter(None, candidates):
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            found = subprocess.run([candidate, "-c", probe], capture_output=True, text=True, timeout=20, check=False)
            if found.returncode == 0 and found.stdout.strip():
                return found.stdout.strip()
    return None


def link_into(environment: Path) -> None:
    """Let the ansible-core of a virtual environment find the checkout, as tools/setup.sh does for .venv."""
    place = next(environment.glob("lib/python3*/site-packages")) / "ansible_collections" / NAMESPACE
    place.mkdir(parents=True, exist_ok=True)
    (place / NAME).unlink(missing_ok=True)
    (place / NAME).symlink_to(ROOT)


def galaxy(part: Part) -> None:
    """The archive: built, complete, without strangers, installed elsewhere, documented, accepted by galaxy-importer."""
    place = ROOT / "build" / "galaxy"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    if part.run("build", ["ansible-galaxy", "collection", "build", "--force", "--output-path", str(place)], limit=120) is None:
        return
    archive = next(place.glob("*.tar.gz"))
    check_contents(part, archive)

    clean = place / "clean"
    elsewhere = {"ANSIBLE_COLLECTIONS_PATH": str(clean), "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}  # not the link in .venv
    if part.run("install", ["ansible-galaxy", "collection", "install", "--offline", str(archive), "-p", str(clean)], limit=120, env=elsewhere) is not None:
        check_documentation(part, clean, elsewhere)

    # The parts sanity and lint have run these already: with the same programs, on all files of the archive (check_contents), and with more rules
    # than the importer, which leaves out some of ansible-lint's.
    options = {"RUN_ANSIBLE_TEST": "false", "RUN_ANSIBLE_LINT": "false", "CHECK_REQUIRED_TAGS": "true", "CHECK_CHANGELOG": "true"}
    importer = part.run(
        "galaxy-importer",
        [PYTHON, "-m", "galaxy_importer.main", str(archive)],
        limit=600,
        cwd=place,
        env={f"GALAXY_IMPORTER_{name}": value for name, value in options.items()},
    )
    if importer is not None:
        # its exit code says nothing
        complaints = [line for line in importer.splitlines() if re.match(r"(WARNING|ERROR|CRITICAL)\b", line)]
        if complaints or not (place / "importer_result.json").is_file():
            part.fail("galaxy-importer: " + ("\n".join(complaints) or "no result"))


def check_contents(part: Part, archive: Path) -> None:
    """Only the repository's files, and all of those that an installed collection needs."""
    with tarfile.open(archive) as tar:
        packed = {Path(member.name) for member in tar.getmembers() if not member.isdir()}
    own = set(repository_files())
    needed = {path for path in own if str(path) in IN_THE_ARCHIVE or any(path.is_relative_to(top) for top in IN_THE_ARCHIVE)}
    unwanted = {path for path in packed if any(path.is_relative_to(top) for top in NOT_IN_THE_ARCHIVE)}
    found = {"not in the archive": needed - packed, "a stranger in the archive": packed - own - MADE_BY_THE_BUILD, "only for a checkout": unwanted}
    for title, paths in found.items():
        for path in sorted(paths):
            part.fail(f"{title}: {path}")
    part.say(f"{len(packed)} files, {archive.stat().st_size // 1024} KiB")


def check_documentation(part: Part, clean: Path, env: Mapping[str, str]) -> None:
    """ansible-doc shows every module of the installed collection, and takes it from there."""
    names = [f"{NAMESPACE}.{NAME}.{path.stem}" for path in modules()]
    if not names:
        part.fail("the collection has no module")
        return
    output = part.run("ansible-doc", ["ansible-doc", "--json", *names], limit=120, env=env)
    if output is None:
        return
    shown = json.loads(output[output.index("{") :])
    for module in names:
        source = shown.get(module, {}).get("doc", {}).get("filename", "")
        if not source.startswith(str(clean)):
            part.fail(f"ansible-doc does not show {module} from the installed archive")


def docs(part: Part) -> None:
    """The documentation site: built without a warning, and no link in it leads nowhere."""
    part.run("site", [PYTHON, "tools/docs.py"], limit=600)


def demo(part: Part) -> None:
    """The demo, as a user runs it."""
    if not (ROOT / "tools" / "demo.py").is_file():
        part.skipped = "there is no demo yet"
        return
    with tempfile.TemporaryDirectory() as directory, WarmPython(Path(directory)) as warm:
        part.run("demo", [PYTHON, "tools/demo.py"], limit=900, env={**compiled_once(), **packed_once(), **warm})


#: In the order in which they begin: what tells most at once, then the longest, so that the last ones end together.
PARTS: dict[str, Callable[[Part], None]] = {
    "packages": packages,
    "lint": lint,
    "hosts": hosts,
    "integration": integration,
    "molecule": molecule,
    "sanity": sanity,
    "unit": unit,
    "versions": versions,
    "demo": demo,
    "docs": docs,
    "contract": contract,
    "galaxy": galaxy,
}
#: Before all others: they need the programs.
FIRST = {"packages"}
#: Two on two cores are a load of three to four; those with real hosts wait for them a third of the time.
AT_ONCE = 2
#: What only one part at a time can have: the real hosts, whose operating system is built once, and the environments of other cores, which are made anew.
#: No others write to the same place.
ALONE = {"hosts": "real hosts", "molecule": "real hosts", "sanity": "cores", "versions": "cores"}

#: The cores whose environment this run has made.
CORES_MADE: set[str] = set()

#: What shows best why a part failed.
EVIDENCE: dict[str, list[str]] = {}
#: Seconds that each part took, and seconds of processor time that its commands took.
SECONDS: dict[str, float] = {}
PROCESSOR: dict[str, float] = {}
#: How busy this machine's processors were meanwhile, whoever used them, from 0 to 1.
BUSY: dict[str, float] = {}
SLOWEST_TESTS = 10
#: All parts together, on two cores in a clean clone.
MOST_MINUTES = 45.0


class Queue:
    """Parts that wait for their turn. Each thread asks for the next one until there is none."""

    def __init__(self, names: list[str]) -> None:
        self._waiting = list(names)
        self._in_use: set[str] = set()
        self._changed = threading.Condition()

    def next(self) -> str | None:
        """The first part that can begin, as soon as there is one; None when none is left, or the whole was interrupted."""
        with self._changed:
            while self._waiting and not INTERRUPTED:
                for name in self._waiting:
                    if ALONE.get(name) not in self._in_use:
                        self._waiting.remove(name)
                        self._in_use |= {ALONE[name]} if name in ALONE else set()
                        return name
                self._changed.wait()
            return None

    def ended(self, name: str) -> None:
        """What the part had alone is free."""
        with self._changed:
            self._in_use.discard(ALONE.get(name, ""))
            self._changed.notify_all()


def check(name: str, position: str) -> Counts:
    """Run one part and print how it went."""
    part = Part(name)
    tell(f"[{position}] {name}: {(PARTS[name].__doc__ or '').splitlines()[0]}")
    began, ticks = time.monotonic(), processor_ticks()
    try:
        PARTS[name](part)
    except (OSError, RuntimeError, ValueError) as error:
        part.fail(f"{type(error).__name__}: {error}")
    except Exception as error:
        # A mistake in this program, or a file that nobody expected: the other parts still run.
        part.evidence = traceback.format_exc().splitlines()[-4:]
        part.fail(f"{type(error).__name__}: {error}")
    counts = part.result()
    EVIDENCE[name] = part.evidence
    SECONDS[name] = time.monotonic() - began
    PROCESSOR[name] = part.processor
    BUSY[name] = busy_since(ticks)
    verdict = "FAILED" if counts.failed else f"skipped, {part.skipped}" if part.skipped else "passed"
    figures = f" ({counts})" if part.counts else ""
    tell(f"[{position}] {name} {verdict}{figures}, {SECONDS[name]:.1f} s")
    return counts


def processor_ticks() -> tuple[int, int]:
    """Return for how many ticks all processors together have been busy since the machine was started, and idle; zeros where nobody tells."""
    try:
        ticks = [int(word) for word in Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    except OSError:
        return 0, 0
    idle = ticks[3] + ticks[4]  # the second are those that wait for a disk
    return sum(ticks) - idle, idle


def busy_since(ticks: tuple[int, int]) -> float:
    """Return the share of the time since then in which the processors were busy."""
    busy, idle = (now - then for now, then in zip(processor_ticks(), ticks, strict=True))
    return busy / (busy + idle) if busy + idle else 0.0


def check_all(names: list[str]) -> dict[str, Counts]:
    """Run the parts, some at the same time; the counts of each. Not of all, if it is interrupted: it returns when commands are ended and all is cleared up."""
    found: dict[str, Counts] = {}

    def in_turn(queue: Queue) -> None:
        while not INTERRUPTED and (name := queue.next()):
            try:
                with contextlib.suppress(Interrupted):
                    found[name] = check(name, f"{names.index(name) + 1}/{len(names)}")
            finally:
                queue.ended(name)

    for stage in ([name for name in names if name in FIRST], [name for name in names if name not in FIRST]):
        queue = Queue(stage)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(in_turn, queue) for _worker in range(AT_ONCE)]
            while not INTERRUPTED and wait(running, LOOK).not_done:
                pass
            if INTERRUPTED:
                tell("interrupted: what was made is cleared up ...")
        for worker in running:
            worker.result()
    return {name: found[name] for name in names if name in found}


def tell_times(names: list[str], total: float) -> None:
    """Print the minutes of each part and the slowest tests, and keep the seconds in build/test/times.json.

    The file holds {part: seconds}, and as "total" those of the whole, which are fewer than the sum: parts run at the same time.
    "processor" holds the seconds of processor time in the same way; there the total is the sum, without what the real hosts' own systems
    take. "busy" holds how busy all processors were during each part: where that is little, more could run at the same time.
    """
    seconds = {name: round(SECONDS[name], 1) for name in names}
    processor = {name: round(PROCESSOR[name], 1) for name in names}
    processor["total"] = round(sum(PROCESSOR[name] for name in names), 1)
    print("minutes: " + ", ".join(f"{name} {spent / 60:.1f}" for name, spent in seconds.items()) + f"; total {total / 60:.1f}")
    print("processor minutes: " + ", ".join(f"{name} {processor[name] / 60:.1f}" for name in seconds) + f"; total {processor['total'] / 60:.1f}")
    print("processors busy: " + ", ".join(f"{name} {BUSY[name]:.0%}" for name in seconds))
    slowest = heapq.nlargest(SLOWEST_TESTS, (test for name in seconds for test in times_of_tests(ROOT / "build" / "check" / f"{name}.xml")))
    for spent, test in slowest:
        print(f"  {spent:6.1f} s  {test}")
    times = ROOT / "build" / "test" / "times.json"
    times.parent.mkdir(parents=True, exist_ok=True)
    busy = {name: round(BUSY[name], 2) for name in names}
    kept = {**seconds, "total": round(total, 1), "processor": processor, "busy": busy}
    times.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def main() -> int:
    """Run the parts; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="PART[,PART]", default=",".join(PARTS), help=f"parts to run, of: {', '.join(PARTS)}")
    wanted = parser.parse_args().only.split(",")
    for name in wanted:
        if name not in PARTS:
            parser.error(f"no part '{name}'; there are: {', '.join(PARTS)}")
    for report in (ROOT / "build" / "check").glob("*.xml"):  # of a former run
        report.unlink()
    names = [name for name in PARTS if name in wanted]
    began = time.monotonic()
    found = check_all(names)
    if INTERRUPTED:
        return 128 + INTERRUPTED.number
    spent = time.monotonic() - began
    total = Counts()
    for counts in found.values():
        total.add(counts)
    failed = [name for name, counts in found.items() if counts.failed]
    for name in failed:
        print(*(f"{name}: {line}" for line in EVIDENCE[name]), sep="\n")
    tell_times(names, spent)
    if len(names) == len(PARTS) and spent > MOST_MINUTES * 60:
        total.add(Counts(failed=1))
        failed.append("time")
        print(f"time: all parts together took {spent / 60:.1f} minutes. They may take {MOST_MINUTES:.0f}: make the slowest parts and tests above cheaper.")
    if failed:
        print(f"failed: {', '.join(failed)}")
    print(total)
    return 1 if total.failed else 0


def run_from_the_shell() -> None:
    """Run the parts and exit. Whoever ends the program, with Ctrl-C or with the signal of `timeout`, lets it clear up first."""
    INTERRUPTED.listen()
    sys.exit(main())


if __name__ == "__main__":
    run_from_the_shell()
