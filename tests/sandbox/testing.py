# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox inside a test: ``with Sandbox(scs=False) as sandbox: ...``."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests

#: Holds what each Python runs when it starts.
STARTUP = Path(__file__).resolve().parent / "startup"
CALLBACKS = Path(__file__).resolve().parent / "callbacks"
CONFIG = Path(__file__).resolve().parent / "ansible.cfg"
COLLECTION = Path(__file__).resolve().parents[2]
COMPILED = COLLECTION / ".cache" / "compiled"
ARCHIVES = COLLECTION / ".cache" / "archives"
#: How long archives are kept that no test uses.
KEPT_SECONDS = 86400.0
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def compiled_once(*paths: Path) -> dict[str, str]:
    """Return environment variables for ansible-playbook: what its modules import is compiled once, not in every run of a module.

    paths: further directories from which Python may import.
    """
    COMPILED.mkdir(parents=True, exist_ok=True)
    return {"PYTHONPATH": os.pathsep.join(map(str, (STARTUP, *paths))), "SANDBOX_COMPILED": str(COMPILED)}


def packed_once() -> dict[str, str]:
    """Return environment variables for ansible-playbook: modules are packed once, not in every run, and its waiting costs less. See callbacks/.

    For runs that use this checkout, and as long as its files stay as they are now.
    """
    digest = hashlib.sha256()
    for path in sorted(COLLECTION.joinpath("plugins").rglob("*.py")):
        digest.update(f"{path}\0".encode() + path.read_bytes())
    place = ARCHIVES / digest.hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    os.utime(place)
    for other in ARCHIVES.iterdir():
        if time.time() - other.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
    return packed_in(place)


def packed_in(place: Path) -> dict[str, str]:
    """Return the same for runs of another copy of the collection, whose archives are kept in this directory."""
    callback = {"ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS), "ANSIBLE_CALLBACKS_ENABLED": "shared_archives", "SANDBOX_ARCHIVES": str(place)}
    return {**callback, "ANSIBLE_CONFIG": str(CONFIG)}


def usual_signals() -> None:
    """Let signals end this process and what it starts. In the background, or by ``nohup``, a shell has it ignore them, and the tests send them."""
    for number in (signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


class Sandbox:
    """Runs ``python -m sandbox run`` as a process in a directory of its own, on a free block of ports, until the context ends.

    ``scs=False`` leaves out Solution Control Server and the packages, for speed. Further keywords are the command's options:
    ``Sandbox(dialect="typed", tls=True, session_timeout=1)``. With ``directory`` the directory is the caller's, and stays.
    """

    def __init__(self, scs: bool = True, directory: Path | None = None, **options: Any) -> None:
        self._scs = scs
        self._own_directory = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self._session = requests.Session()
        self._session.trust_env = False
        self.environment: dict[str, Any] = {}

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        self._session.close()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    # the process

    def start(self) -> None:
        """Start the process and wait for its first line. After a stop or a crash: continue the same database on the same ports.

        Raises RuntimeError with the process's message if it does not come up.
        """
        command = [sys.executable, "-m", "sandbox", "run", "--gax-port", "0", "--dir", str(self.directory)]
        for name, value in self._options.items():
            switch = "--" + name.replace("_", "-")
            command += [switch] if value is True else [switch, str(value)]
        if not self._scs:
            command += ["--no-scs", "--no-packages"]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=environment)
        # A process that hangs is killed, which ends the reading of its output.
        timer = threading.Timer(START_SECONDS, self._process.kill)
        timer.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        if not line:
            _unused, message = self._process.communicate(timeout=STOP_SECONDS)
            raise RuntimeError(f"the sandbox did not start: {message.strip()}")
        self.environment = json.loads(line)

    def stop(self) -> None:
        """End the process; kill it if it does not end in time."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """Kill the process (SIGKILL)."""
        assert self._process is not None
        self._process.kill()
        self.wait()

    def wait(self) -> int:
        """Wait until the process has ended by itself, as after the fault crash_after; return its exit code."""
        assert self._process is not None
        self._process.communicate(timeout=STOP_SECONDS)
        code = self._process.returncode
        self._process = None
        return code

    # where it is

    @property
    def url(self) -> str:
        """Address of GAX, without the path."""
        return str(self.environment["gax_url"])

    @property
    def username(self) -> str:
        """The administrator."""
        return str(self.environment["username"])

    @property
    def password(self) -> str:
        """The administrator's password."""
        return str(self.environment["password"])

    @property
    def inventory(self) -> Path:
        """The Ansible inventory."""
        return Path(self.environment["inventory"])

    @property
    def inventory_from_gax(self) -> Path:
        """The inventory that takes the hosts from the Configuration Server; it needs GAX_PASSWORD and CONFSERV_PASSWORD."""
        return self.directory / "from_gax" / "site.gax.yml"

    # the control interface

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control interface; return the decoded answer, None if it is empty. Raises AssertionError on a refusal."""
        answer = self._session.request(method, self.environment["control_url"] + path, json=body, timeout=30)
        if answer.status_code >= 400:
            raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def requests(self, source: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Return the request log, by choice of one source: gax or confserv."""
        entries: list[dict[str, Any]] = self.control("GET", f"/requests?since={since}")
        return [entry for entry in entries if source in (None, entry["source"])]

    def writes(self) -> list[dict[str, Any]]:
        """Return the requests through GAX that meant to change the configuration, also the refused ones (``applied`` is False)."""
        return [entry for entry in self.requests("gax") if entry["write"]]

    def clear(self) -> None:
        """Empty the request log."""
        self.control("POST", "/requests/clear")

    def counts(self) -> dict[str, int]:
        """Return the number of objects by class."""
        counts: dict[str, int] = self.control("GET", "/counts")
        return counts

    def objects(self, class_name: str) -> list[dict[str, Any]]:
        """Return all objects of a class."""
        objects: list[dict[str, Any]] = self.control("GET", f"/objects/{class_name}")
        return objects

    def object(self, class_name: str, name: str) -> dict[str, Any] | None:
        """Return the first object of this name, or None."""
        label = {"CfgPerson": "username", "CfgAgentLogin": "logincode", "CfgDN": "number"}.get(class_name, "name")
        return next((value for value in self.objects(class_name) if value[label] == name), None)

    def options(self, class_name: str, name: str, properties: str = "options") -> dict[str, dict[str, str]]:
        """Return the options (or with ``userproperties`` the annex) of an object as section -> key -> value."""
        value = self.object(class_name, name)
        assert value is not None, f"there is no {class_name} '{name}'"
        sections: dict[str, dict[str, str]] = {}
        for entry in value[properties]["property"]:
            sections.setdefault(entry["section"], {})[entry["key"]] = entry["value"]
        return sections

    def create(self, class_name: str, **fields: Any) -> dict[str, Any]:
        """Create an object past the wire, by the rules."""
        created: dict[str, Any] = self.control("POST", "/objects", {"type": class_name, **fields})
        return created

    def edit(self, class_name: str, name: str, options: Any = None, annex: Any = None, **fields: Any) -> dict[str, Any]:
        """Change an object past the wire, as a concurrent editor; an option that is None is removed."""
        value = self.object(class_name, name)
        assert value is not None, f"there is no {class_name} '{name}'"
        body = {"fields": fields, "options": options, "annex": annex}
        edited: dict[str, Any] = self.control("PUT", f"/objects/{class_name}/{value['dbid']}", body)
        return edited

    def delete(self, class_name: str, name: str) -> None:
        """Delete an object past the wire, by the rules."""
        value = self.object(class_name, name)
        assert value is not None, f"there is no {class_name} '{name}'"
        self.control("DELETE", f"/objects/{class_name}/{value['dbid']}")

    def fault(self, action: str, match: dict[str, Any] | None = None, **details: Any) -> None:
        """Add a fault; see ``sandbox.gax.faults``."""
        self.control("POST", "/faults", {"action": action, "match": match or {}, **details})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self.control("DELETE", "/faults")

    def reset(self, seed: str | None = None) -> None:
        """Return to a new database; log, faults and sessions go too."""
        self.control("POST", "/reset", {"seed": seed} if seed else {})

    def database(self) -> dict[str, Any]:
        """Return the whole database."""
        snapshot: dict[str, Any] = self.control("GET", "/database")
        return snapshot

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Replace the whole database."""
        self.control("PUT", "/database", snapshot)

    def dialect(self, name: str) -> None:
        """Have GAX answer in another dialect."""
        self.control("POST", "/dialect", {"name": name})

    def sessions(self, **settings: Any) -> None:
        """Set ``timeout``, ``limit`` or ``requests`` (after how many one ends) of GAX's sessions, or with ``expire=True`` end all of them."""
        self.control("POST", "/sessions", settings)
