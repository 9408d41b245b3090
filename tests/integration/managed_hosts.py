# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of a sandbox as the host-side modules meet them: packages to install, servers to start, a Configuration Server behind."""

from __future__ import annotations

import contextlib
import copy
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import requests
from integration.configured_site import Site
from integration.module_runner import ModuleRunner, Outcome

from sandbox.testing import Sandbox

#: So peculiar that finding it anywhere is a leak; no character that a shell would change within double quotes.
PASSWORD = "Pa55 w=rd;#secret"

CHAT_OLD = "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz"
CHAT_NEW = "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz"
CONTACT = "IP_eSContSrv_9100012b1_ENU_linux.tar.gz"
INTERACTION = "IP_eSInteractSrv_8520105b1_ENU_linux.tar.gz"


class Hosts:
    """A sandbox with a furnished configuration, whose hosts have nothing installed yet."""

    def __init__(self, sandbox: Sandbox, runner: ModuleRunner) -> None:
        self.sandbox = sandbox
        self.runner = runner
        self.site = Site(sandbox, runner)
        self.site.furnish()
        self._configured = sandbox.database()
        self._addresses = {host["name"]: host["ipaddress"] for host in sandbox.objects("CfgHost")}

    def renew(self) -> None:
        """Put the configuration back and empty the hosts."""
        self.sandbox.restore(self._configured)
        for host in self._addresses:
            shutil.rmtree(self.root(host), ignore_errors=True)

    def beside(self, runner: ModuleRunner) -> Hosts:
        """Return the same hosts with another runner, to run two modules at the same time."""
        found = copy.copy(self)
        found.runner = runner
        return found

    # places

    def root(self, host: str) -> Path:
        """Return the directory of a host below which everything is installed."""
        return self.sandbox.directory / "hosts" / host / "opt"

    def target(self, application: str = "ChatServer_1", host: str = "chat1") -> Path:
        """Return the installation directory of an application."""
        return self.root(host) / "genesys" / application

    def package(self, name: str) -> Path:
        """Return the path of one of the sandbox's packages."""
        return Path(self.sandbox.environment["packages"]) / name

    def environment(self, host: str, **more: str) -> dict[str, str]:
        """Return the variables that make a process believe it is on that host."""
        return {"SANDBOX_HOSTNAME": host, "SANDBOX_ADDRESS": self._addresses.get(host, ""), "SANDBOX_DIR": str(self.sandbox.directory), **more}

    # arguments

    def login(self) -> dict[str, Any]:
        """Return the options by which the Configuration Server is reached."""
        found = self.sandbox.environment
        server = {f"confserv_{key}": found[f"confserv_{key}"] for key in ("host", "port")}
        return {**server, "confserv_username": found["username"], "confserv_password": found["password"]}

    def installation(self, application: str = "ChatServer_1", host: str = "chat1", package: str = CHAT_NEW, **changes: Any) -> dict[str, Any]:
        """Return the arguments of installation_package; an option that is None is left out."""
        arguments = {
            **self.login(),
            "src": str(self.package(package)),
            "path": str(self.target(application, host)),
            "application": application,
            "accept_license": True,
            "skip_os_check": True,
            "host_name": host,
            **changes,
        }
        return {key: value for key, value in arguments.items() if value is not None}

    def control(self, state: str | None, *applications: str, **changes: Any) -> dict[str, Any]:
        """Return the arguments of application_control, or without a state those of application_status_info."""
        found = self.sandbox.environment
        servers = {"mlcmd": found["mlcmd"], "scs_host": found["scs_host"], "scs_port": found["scs_port"]}
        if state is None:
            return {**self.login(), **servers, **({"applications": list(applications)} if applications else {}), **changes}
        times = {"startup_timeout": 20, "shutdown_timeout": 20}
        wanted = [{"name": name, **times} for name in applications]
        return {**self.login(), **servers, "applications": wanted, "state": state, "poll_interval": 0.2, **changes}

    def facts(self, application: str = "ChatServer_1", **changes: Any) -> dict[str, Any]:
        """Return what a role would hand over, read past the product."""
        names = {str(host["dbid"]): host["name"] for host in self.sandbox.objects("CfgHost")}
        applications = self.sandbox.objects("CfgApplication")
        found = next((item for item in applications if item["name"] == application), None)
        host = names.get(str(found["hostdbid"])) if found else None
        own = found and {"name": application, "type": found["subtype"], "host": host, "working_directory": found["workdirectory"]}
        near = [{"name": item["name"], "type": item["subtype"]} for item in applications if found and item.get("hostdbid") == found["hostdbid"]]
        tool = any(item["name"] == "ITCUtility" for item in applications)
        return {"application": own, "applications_on_host": near, "host": host, "itcutility": tool, **changes}

    # running

    def start(self, module: str, arguments: dict[str, Any], environment: dict[str, str] | None = None, check: bool = False) -> int:
        """Start a module and return its process id; end with ``finish``."""
        self.sandbox.clear()
        own = {"_ansible_check_mode": check, "_ansible_diff": True, "_ansible_verbosity": 4, "_ansible_remote_tmp": str(self.runner.directory)}
        return self.runner.start(module, {**arguments, **own}, environment)

    def finish(self) -> Outcome:
        """Wait for the module; nothing that it says may hold the password."""
        outcome = self.runner.finish()
        assert PASSWORD not in outcome.everything
        return outcome

    def run(self, module: str, arguments: dict[str, Any], environment: dict[str, str] | None = None, check: bool = False) -> Outcome:
        """Run a module, whatever comes of it."""
        self.start(module, arguments, environment, check)
        return self.finish()

    def install(self, *, check: bool = False, variables: dict[str, str] | None = None, **changes: Any) -> Outcome:
        """Install a package, whatever comes of it; nothing may stay in the temporary directory."""
        host = changes.get("host", "chat1")
        outcome = self.run("installation_package", self.installation(**changes), {**self.environment(host), **(variables or {})}, check)
        assert self.leftovers() == []
        return outcome

    def installed(self, **changes: Any) -> Outcome:
        """Install a package, which must succeed."""
        return succeeds(self.install(**changes))

    def leftovers(self) -> list[Path]:
        """Return what installations left in the temporary directory."""
        return list(self.runner.directory.rglob("genesys_installation_*"))

    # looking past the product

    def configured(self, application: str = "ChatServer_1") -> dict[str, Any]:
        """Return what an installer writes, as the Configuration Server has it, in the words of ``expected_configuration``."""
        found = self.sandbox.object("CfgApplication", application)
        assert found is not None
        return {
            "working_directory": found["workdirectory"],
            "command_line": found["commandline"],
            "command_line_arguments": found["commandlinearguments"],
            "version": found["version"],
            "state": {"CFGEnabled": "enabled"}.get(found["state"], found["state"]),
            "annex": {"sml": {"uninstall": self.sandbox.options("CfgApplication", application, "userproperties").get("sml", {}).get("uninstall")}},
        }

    def installer_calls(self) -> int:
        """Return how often an installer has logged in to the Configuration Server since the last module began; servers only read."""
        return sum(entry["path"] == "/login" for entry in self.sandbox.requests("confserv"))

    def scs(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Solution Control Server itself."""
        found = self.sandbox.environment
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"http://{found['scs_host']}:{found['scs_port']}{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def status(self, application: str) -> str:
        """Return the status of an application."""
        return next(item["status"] for item in self.scs("GET", "/applications") if item["name"] == application)

    def serve(self, *applications: str) -> None:
        """Start applications, and wait until they serve."""
        succeeds(self.run("application_control", self.control("started", *applications, accept_service_unavailable=True)))
        wait_until(lambda: all(self.status(application) == "RUNNING" for application in applications), 60)


def deployed(sandbox: Sandbox, runner: ModuleRunner, solution: dict[str, Any], packages: dict[str, str]) -> Hosts:
    """Bring a new sandbox to where the playbook deploy brings it, by running modules, which takes a fraction of the time.

    packages: file by role.
    """
    hosts = Hosts(sandbox, runner)
    sandbox.reset()
    hosts.site.ok("chat_solution", solution=solution)
    applications = hosts.site.ok("deployment_info", solution=solution).result["applications"]
    for item in applications:
        hosts.installed(application=item["name"], host=item["host"], package=packages[item["role"]])
    chat_servers = [item["name"] for item in applications if item["role"] == "chat_server"]
    hosts.serve(*(item["name"] for item in applications if item["name"] not in chat_servers))
    hosts.serve(*chat_servers)
    return hosts


class Hold:
    """An installer that stops at a point until it is told to go on."""

    def __init__(self, directory: Path, point: str) -> None:
        self.directory = directory
        self.point = point
        directory.mkdir(exist_ok=True)
        (directory / point).touch()

    @property
    def variables(self) -> dict[str, str]:
        """The variables that the installer needs for that."""
        return {"SANDBOX_INSTALL_HOLD": str(self.directory)}

    def wait(self) -> None:
        """Wait until it is there."""
        wait_until((self.directory / f"{self.point}.reached").exists, 55.0)

    def release(self) -> None:
        """Let it go on."""
        (self.directory / self.point).unlink(missing_ok=True)


@contextlib.contextmanager
def hold(directory: Path, point: str) -> Iterator[Hold]:
    """Hold an installer at a point until the context ends."""
    held = Hold(directory, point)
    try:
        yield held
    finally:
        held.release()


def succeeds(outcome: Outcome) -> Outcome:
    """Assert a success without a word on standard error."""
    assert outcome.returncode == 0 and not outcome.result.get("failed"), outcome.everything
    assert not outcome.stderr, outcome.stderr
    return outcome


def tree(directory: Path) -> dict[str, tuple[int, int]]:
    """Return what changes when anything below a directory does."""
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns) for path in directory.rglob("*")} if directory.exists() else {}


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for a condition, at most so long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
