# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""install.sh of the stand-in packages, run as an administrator runs it, against a fake confserv port."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from unit.sandbox.fake_confserv import PASSWORD, USERNAME, FakeConfserv

from sandbox.packages import build_all

HOST = "chat1"
VERSION = "8.5.311.06"
ARCHIVE = "IP_eSChatSrv_8531106b1_ENU_linux.tar.gz"
MANUALLY = "Unable to write to the Configuration Server. The following information must be added to it manually: "


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("archives")
    build_all(directory, sys.executable)
    return directory / "packages"


class Installer:
    """One unpacked package, one response file, one target."""

    def __init__(self, directory: Path, archive: Path, confserv: FakeConfserv) -> None:
        self.confserv, self.directory = confserv, directory
        with tarfile.open(archive) as packed:
            packed.extractall(directory / "package", filter="tar")
        self.ip = directory / "package" / "ip"
        self.target = directory / "opt" / "chat_1"
        self.log = directory / "result.log"
        self.answers: dict[str, dict[str, str]] = {
            "ConfigServer": {"Host": "127.0.0.1", "Port": str(confserv.port), "User": USERNAME, "Password": PASSWORD, "ApplicationName": "Chat 1"},
            "IPCommon": {"InstallPath": str(self.target), "DataModel": "64"},
        }

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "SANDBOX_HOSTNAME": HOST, "SANDBOX_DIR": str(self.directory), **more}

    def write_answers(self) -> Path:
        path = self.directory / "answers.ini"
        lines = [f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items()) for section, keys in self.answers.items()]
        path.write_text("".join(lines), encoding="utf-8")
        return path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        words = arguments or ("-s", "-fr", str(self.write_answers()), "-fl", str(self.log))
        # A terminal would hang here if anything were asked: the pipe never ends and never delivers.
        reading, writing = os.pipe()
        try:
            return subprocess.run(
                ["./install.sh", *words],
                cwd=self.ip,
                env=self.environment(**environment),
                stdin=reading,
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
        finally:
            os.close(reading)
            os.close(writing)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        command = ["./install.sh", "-s", "-fr", str(self.write_answers()), "-fl", str(self.log)]
        return subprocess.Popen(
            command, cwd=self.ip, env=self.environment(**environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
        )

    def result(self) -> tuple[str, str]:
        """ResultCode and Error of the result log."""
        found = re.search(r"^\[Result\]\nResultCode=(\d)\nError=(.*)\nReboot=N\n\Z", self.log.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        assert found is not None
        return found.group(1), found.group(2)

    def fails(self, text: str) -> None:
        done = self.run()
        assert (done.returncode, self.result()) == (1, ("1", text))

    def backups(self) -> list[Path]:
        return sorted(self.target.glob("backup_*"))

    def application(self, name: str = "Chat 1") -> dict[str, Any]:
        return self.confserv.find("CfgApplication", name=name)[0]


@pytest.fixture
def installer(tmp_path: Path, archives: Path) -> Iterator[Installer]:
    with FakeConfserv() as confserv:
        confserv.add("CfgHost", name=HOST, dbid="201")
        confserv.add("CfgHost", name="chat2", dbid="202")
        confserv.add("CfgApplication", name="ITCUtility", subtype="CFGITCUtility", hostdbid="0")
        confserv.add("CfgApplication", name="Chat 1", subtype="CFGChatServer", hostdbid="201", workdirectory=".", commandlinearguments=".")
        yield Installer(tmp_path, archives / ARCHIVE, confserv)


def test_success(installer: Installer) -> None:
    done = installer.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert installer.log.read_text(encoding="utf-8") == (
        "[GenesysProductInfo]\nFile=ResultFile\nIPName=Chat Server\nIPVersion=8.5.311.06\nIPBuildNumber=1\n"
        "IPLanguage=English (United States)\n[Result]\nResultCode=0\nError=\nReboot=N\n"
    )
    assert installer.log.stat().st_mode & 0o777 == 0o640
    names = {path.name for path in installer.target.iterdir()}
    assert {"ip_description.xml", "read_me.html", "ospatchlist.txt", "genesys_license_agreement.txt", "run.sh", "ChatServer.lms"} <= names
    assert "genesys_silent.ini" not in names
    assert os.readlink(installer.target / "ChatServer") == "ChatServer_64"
    port = installer.confserv.port
    script = installer.target / "run.sh"
    assert script.read_text(encoding="utf-8") == f'./ChatServer -host 127.0.0.1 -port {port} -app "Chat 1" '
    assert script.stat().st_mode & 0o777 == 0o750
    application = installer.application()
    assert application["workdirectory"] == str(installer.target)
    assert application["commandline"] == "./ChatServer"
    assert application["commandlinearguments"] == f'-host 127.0.0.1 -port {port} -app "Chat 1"'
    assert (application["state"], application["version"]) == ("CFGEnabled", VERSION)
    assert application["userproperties"]["property"] == [{"section": "sml", "key": "uninstall", "value": f"rm -rf {installer.target}"}]
    assert PASSWORD not in done.stdout + done.stderr


def test_fields_are_written_in_three_steps(installer: Installer) -> None:
    installer.run()
    assert [sorted({**item["fields"], **item["annex"]}) for item in installer.confserv.updates] == [
        ["commandline", "commandlinearguments", "state", "workdirectory"],
        ["version"],
        ["sml"],
    ]


def test_again_moves_everything_into_a_nested_backup(installer: Installer) -> None:
    installer.run()
    (installer.target / ".hidden").write_text("edited", encoding="utf-8")
    time.sleep(1.1)
    assert installer.run().returncode == 0
    (first,) = installer.backups()
    assert re.fullmatch(r"backup_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", first.name)
    assert first.stat().st_mode & 0o777 == 0o700
    assert (first / ".hidden").read_text(encoding="utf-8") == "edited"
    assert (first / "run.sh").exists() and (first / "ChatServer").is_symlink()
    time.sleep(1.1)
    assert installer.run().returncode == 0
    (second,) = installer.backups()
    assert (second / first.name / ".hidden").exists()


def test_older_package_is_installed_over_a_newer_one(installer: Installer, archives: Path, tmp_path: Path) -> None:
    newer = Installer(tmp_path / "newer", archives / "IP_eSChatSrv_8531602b1_ENU_linux.tar.gz", installer.confserv)
    newer.target, newer.answers = installer.target, installer.answers
    assert newer.run().returncode == 0
    assert installer.application()["version"] == "8.5.316.02"
    time.sleep(1.1)
    assert installer.run().returncode == 0
    assert installer.application()["version"] == VERSION


@pytest.mark.parametrize(
    ("section", "key", "value", "text"),
    [
        ("ConfigServer", "Host", None, "Key Host in section ConfigServer was not found."),
        ("ConfigServer", "Port", None, "Key Port in section ConfigServer was not found."),
        ("ConfigServer", "Password", None, "Key Password or xPassword in section ConfigServer was not found."),
        ("ConfigServer", None, None, "Section ConfigServer was not found."),
        ("ConfigServer", "User", "nobody", "Invalid login for Configuration Server. Please verify user name (nobody) and password."),
        ("ConfigServer", "Port", "1", "Invalid host (127.0.0.1) or port (1) for Configuration Server connection."),
        ("ConfigServer", "Password", f"{PASSWORD} ", f"Invalid login for Configuration Server. Please verify user name ({USERNAME}) and password."),
        ("License", "LicenseAgreement", "NotAccepted", "Key LicenseAgreement value is not equal to Accepted."),
        ("License", "UseLicense", "NotRequired", "Key LicenseAgreement in section License was not found."),
        ("IPCommon", "InstallPath", "relative/path", "Key InstallPath in section IPCommon is missing or it has invalid value."),
        ("IPCommon", "InstallPath", "/opt/~me", "Key InstallPath in section IPCommon is missing or it has invalid value."),
        ("IPCommon", "InstallPath", "/opt/.g", "Key InstallPath in section IPCommon is missing or it has invalid value."),
        ("IPCommon", "InstallPath", "/opt/g./x", "Key InstallPath in section IPCommon is missing or it has invalid value."),
        ("IPCommon", "InstallPath", None, "Key InstallPath in section IPCommon is missing or it has invalid value."),
        ("IPCommon", None, None, "Section IPCommon was not found."),
    ],
)
def test_refused_before_the_target_is_touched(installer: Installer, section: str, key: str | None, value: str | None, text: str) -> None:
    installer.target.mkdir(parents=True)
    (installer.target / "old").touch()
    if key is None:
        del installer.answers[section]
    elif value is None:
        del installer.answers[section][key]
    else:
        installer.answers.setdefault(section, {})[key] = value
    installer.fails(text)
    assert [path.name for path in installer.target.iterdir()] == ["old"]
    assert installer.confserv.updates == []


def test_missing_response_file(installer: Installer) -> None:
    absent = installer.directory / "absent.ini"
    assert installer.run("-s", "-fr", str(absent), "-fl", str(installer.log)).returncode == 1
    assert installer.result() == ("1", f"File {absent} was not found.")


def test_host_that_is_not_configured(installer: Installer) -> None:
    done = installer.run(SANDBOX_HOSTNAME="chat9.example.com", SANDBOX_ADDRESS="192.0.2.9")
    # The command line's own response file and log are those of run().
    assert done.returncode == 1
    assert installer.result()[1] == (
        "The hostname was not found in Configuration Server configuration using all following names:\n"
        "\thostname - chat9\n\tFully Qualified Domain Name - chat9.example.com\n\tIP address - 192.0.2.9"
    )


def test_utility_application_must_exist(installer: Installer) -> None:
    installer.confserv.objects["CfgApplication"].pop(0)
    installer.fails("Unable to read information from the Configuration Server.")


def test_an_old_configuration_server_keeps_no_version(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unit.sandbox.fake_confserv.VERSION", "7.2.000.01")
    done = installer.run()
    assert (done.returncode, installer.result()) == (0, ("0", ""))
    assert installer.application().get("version") is None
    assert installer.application()["commandline"] == "./ChatServer"


def test_port_of_something_else(installer: Installer) -> None:
    program = "import socket; s=socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\nwhile 1: s.accept()[0].close()"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        port = other.stdout.readline().strip()
        installer.answers["ConfigServer"]["Port"] = port
        installer.fails(f"Invalid port ({port}) for Configuration Server connection.")
        other.kill()


def test_only_application_of_the_type_on_the_host_takes_the_place(installer: Installer) -> None:
    installer.confserv.add("CfgApplication", name="Chat 2", subtype="CFGChatServer", hostdbid="202", workdirectory=".")
    installer.answers["ConfigServer"]["ApplicationName"] = "Chat 2"
    assert installer.run().returncode == 0
    assert installer.application("Chat 2")["workdirectory"] == "."
    assert installer.application("Chat 1")["workdirectory"] == str(installer.target)
    assert '-app "Chat 1"' in (installer.target / "run.sh").read_text(encoding="utf-8")


def test_with_several_applications_the_name_decides_unchecked(installer: Installer) -> None:
    installer.confserv.add("CfgApplication", name="Chat 2", subtype="CFGChatServer", hostdbid="201", workdirectory=".")
    installer.confserv.add("CfgApplication", name="Elsewhere", subtype="CFGContactServer", hostdbid="202", workdirectory=".")
    installer.answers["ConfigServer"]["ApplicationName"] = "Elsewhere"
    assert installer.run().returncode == 0
    assert installer.application("Elsewhere")["version"] == VERSION


def test_name_needed_with_several_applications(installer: Installer) -> None:
    installer.confserv.add("CfgApplication", name="Chat 2", subtype="CFGChatServer", hostdbid="201", workdirectory=".")
    del installer.answers["ConfigServer"]["ApplicationName"]
    installer.fails("Key ApplicationName in section ConfigServer was not found.")


def test_wrong_name_shows_up_after_backup_and_extraction(installer: Installer) -> None:
    installer.target.mkdir(parents=True)
    (installer.target / "old").touch()
    installer.confserv.add("CfgApplication", name="Chat 2", subtype="CFGChatServer", hostdbid="201", workdirectory=".")
    installer.answers["ConfigServer"]["ApplicationName"] = "Nobody"
    installer.fails(f"{MANUALLY}Working Directory, Command line, Command line arguments")
    assert (installer.backups()[0] / "old").exists()
    assert (installer.target / "ip_description.xml").exists() and not (installer.target / "run.sh").exists()


def test_refused_write(installer: Installer) -> None:
    installer.confserv.refuse_updates = True
    installer.fails(f"{MANUALLY}Working Directory, Command line, Command line arguments")


def test_working_directory_of_the_application_serves_without_a_path(installer: Installer) -> None:
    installer.application()["workdirectory"] = str(installer.target)
    del installer.answers["IPCommon"]["InstallPath"]
    assert installer.run().returncode == 0
    assert (installer.target / "run.sh").exists()


def test_data_model(installer: Installer) -> None:
    installer.answers["IPCommon"]["DataModel"] = "32"
    assert installer.run().returncode == 0
    assert os.readlink(installer.target / "ChatServer") == "ChatServer_32"
    shutil.rmtree(installer.target)
    installer.answers["IPCommon"]["DataModel"] = "96"
    assert installer.run().returncode == 0
    assert not (installer.target / "ChatServer").exists()
    shutil.rmtree(installer.target)
    del installer.answers["IPCommon"]["DataModel"]
    installer.fails("Key DataModel in section IPCommon was not found.")
    assert (installer.target / "ChatServer_64").exists() and not (installer.target / "run.sh").exists()


def test_target_must_not_be_the_package(installer: Installer) -> None:
    installer.answers["IPCommon"]["InstallPath"] = str(installer.ip)
    installer.fails("The destination directory cannot be the same as the directory from which this script is being run.")
    installer.answers["IPCommon"]["InstallPath"] = str(installer.target)
    installer.target.mkdir(parents=True)
    (installer.target / "install.lock").touch()
    installer.fails("The destination directory cannot be the same as the directory from which this script is being run.")
    assert (installer.target / "install.lock").exists()


def test_target_that_is_a_file_or_below_one(installer: Installer) -> None:
    installer.target.parent.mkdir()
    installer.target.touch()
    installer.fails(f"{installer.target} already exists and isn't a directory.")
    installer.answers["IPCommon"]["InstallPath"] = f"{installer.target}/below"
    installer.fails(f"Unable to create {installer.target}/below")


def test_corrupt_data(installer: Installer) -> None:
    (installer.ip / "data.tar.gz").write_bytes(b"not an archive")
    installer.fails("Failed to extract data.tar.gz")


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"UseLicense": "Perhaps"}, "Invalid value of key UseLicense in section License."),
        ({"UseLicense": "Required"}, "Key AccessType in section License was not found."),
        ({"UseLicense": "Required", "AccessType": "Other"}, "Invalid value for key AccessType in section License."),
        ({"UseLicense": "Required", "AccessType": "LicenseFile", "File": "/absent"}, "License file /absent was not found."),
        (
            {"UseLicense": "Required", "AccessType": "LicenseManager", "Host": "a b", "Port": "7260"},
            "Key Host value: entered data is not in valid host name format (only [0-9,a-z,A-Z,-,.,_] symbols are allowed)",
        ),
        (
            {"UseLicense": "Required", "AccessType": "LicenseManager", "Host": "lic", "Port": "x"},
            "Key Port value: entered data is not in valid port number format (should be a number)",
        ),
    ],
)
def test_license_argument_is_looked_at_after_extraction(installer: Installer, keys: dict[str, str], text: str) -> None:
    installer.answers["License"] = {"LicenseAgreement": "Accepted", **keys}
    installer.fails(text)
    assert (installer.target / "ChatServer").is_symlink()


def test_license_and_client_side_port_in_the_command_line(installer: Installer) -> None:
    installer.answers["License"] = {"LicenseAgreement": "Accepted", "UseLicense": "Required", "AccessType": "LicenseManager", "Host": "lic", "Port": "7260"}
    installer.answers["ConfigServer"].update({"transport-port": " 7000 ", "transport-address": '"10.0.0.1"'})
    assert installer.run().returncode == 0
    expected = f'-host 127.0.0.1 -port {installer.confserv.port} -app "Chat 1" -l "7260@lic" -transport-port 7000 -transport-address 10.0.0.1'
    assert installer.application()["commandlinearguments"] == expected
    assert (installer.target / "run.sh").read_text(encoding="utf-8") == f"./ChatServer {expected}"


def test_client_side_port_without_license_doubles_the_blank(installer: Installer) -> None:
    installer.answers["ConfigServer"]["transport-port"] = "7000"
    assert installer.run().returncode == 0
    assert (installer.target / "run.sh").read_text(encoding="utf-8").endswith('-app "Chat 1"  -transport-port 7000')


def wizard_file(installer: Installer, version: str | None, application: str = "Chat 1", dbid: str | None = None) -> None:
    general = f"[___general___]\nhost=127.0.0.1\nport={installer.confserv.port}\nuser={USERNAME}\npassword={PASSWORD}\n"
    general += f"Version={version}\n" if version else ""
    entry = f"[{application}]\nhost={HOST}\ndbid={dbid or installer.application()['dbid']}\ndir=/opt\n"
    (installer.ip / "GCTISetup.ini").write_text(general + entry, encoding="utf-8")


def test_wizard_file_overrides_login_and_application(installer: Installer) -> None:
    wizard_file(installer, VERSION)
    installer.answers["ConfigServer"] = {"Host": "nowhere", "Port": "1", "User": "x", "Password": "x", "ApplicationName": "Nobody"}
    assert installer.run().returncode == 0
    assert installer.application()["version"] == VERSION


def test_wizard_file_of_another_version_or_application(installer: Installer) -> None:
    wizard_file(installer, "8.5.000.00")
    installer.fails(f"Version 8.5.000.00 specified in GCTISetup.ini\nfile doesn't match the IP version {VERSION}.")
    wizard_file(installer, None)
    installer.fails("Version value is not specified in GCTISetup.ini file.")
    wizard_file(installer, VERSION, dbid="999")
    installer.fails("Key ApplicationName in section ConfigServer was not found.")


@pytest.mark.parametrize(
    ("release", "good"),
    [
        ("Red Hat Enterprise Linux release 8.4 (Ootpa)\n", True),
        ("AlmaLinux release 9.5 (Teal Serval)\n", True),
        ("Red Hat Enterprise Linux Server release 6.10 (Santiago)\n", False),
    ],
)
def test_operating_system(installer: Installer, release: str, good: bool) -> None:
    etc = installer.directory / "hosts" / HOST / "etc"
    etc.mkdir(parents=True)
    (etc / "redhat-release").write_text(release, encoding="utf-8")
    done = installer.run()
    assert done.returncode == (0 if good else 1)
    if not good:
        assert installer.result()[1] == "OS version 6.10 is not supported.\nPlease check ip_description.xml file for list of supported versions."
        assert not installer.target.exists()


def test_release_with_three_numbers_is_not_recognised(installer: Installer) -> None:
    etc = installer.directory / "hosts" / HOST / "etc"
    etc.mkdir(parents=True)
    (etc / "redhat-release").write_text("CentOS Linux release 7.9.2009 (Core)\n", encoding="utf-8")
    kernel = re.match(r"\d+\.\d+", os.uname().release)
    assert kernel is not None
    done = installer.run()
    if Path("/etc/lsb-release").exists() or float(kernel.group()) >= 7:
        assert done.returncode == 0
    else:
        assert installer.result()[1].startswith(f"OS version {kernel.group()} is not supported.")


# -- command line, working copy, signals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["-s", "-fr"], ["-s", "-fl"], [], ["-r"]])
def test_interactive_run_ends_without_asking(installer: Installer, words: list[str]) -> None:
    done = installer.run(*words or ["-unknown"])
    assert done.returncode == 1 and "interactively" in done.stdout
    assert not installer.log.exists()


def test_unknown_options_are_ignored_and_order_is_free(installer: Installer) -> None:
    done = installer.run("-fl", str(installer.log), "-x", "-fr", str(installer.write_answers()), "-s")
    assert (done.returncode, installer.result()) == (0, ("0", ""))


def test_default_response_file_is_the_copied_one(installer: Installer) -> None:
    shutil.copyfile(installer.write_answers(), installer.ip / "genesys_silent.ini")
    assert installer.run("-s", "-fl", str(installer.log)).returncode == 0
    shutil.rmtree(installer.target)
    assert installer.run("-s", "-fr", "genesys_silent.ini", "-fl", str(installer.log)).returncode == 0
    assert installer.run("-s", "-fr", "answers.ini", "-fl", str(installer.log)).returncode == 1
    assert installer.result()[1] == "File answers.ini was not found."


def test_path_with_a_blank_falls_apart(installer: Installer) -> None:
    blank = installer.directory / "an swers.ini"
    shutil.copyfile(installer.write_answers(), blank)
    assert installer.run("-s", "-fr", str(blank), "-fl", str(installer.log)).returncode == 1
    assert installer.result()[1] == f"File {installer.directory}/an was not found."


def test_log_with_a_dash_in_its_name_is_not_written(installer: Installer) -> None:
    answers, bad = str(installer.write_answers()), installer.directory / "result-1.log"
    done = installer.run("-s", "-fr", answers, "-fl", str(bad))
    assert done.returncode == 0 and not bad.exists()
    assert f"Unable to create file in {bad} directory because of insufficient permissions." in done.stdout
    bad.touch()
    shutil.rmtree(installer.target)
    assert installer.run("-s", "-fr", answers, "-fl", str(bad)).returncode == 0
    assert "ResultCode=0" in bad.read_text(encoding="utf-8")


def test_dash_in_a_directory_is_fine_and_a_missing_directory_is_not(installer: Installer) -> None:
    answers = str(installer.write_answers())
    directory = installer.directory / "with-dash"
    directory.mkdir()
    assert installer.run("-s", "-fr", answers, "-fl", str(directory / "result_1.log")).returncode == 0
    assert (directory / "result_1.log").exists()
    shutil.rmtree(installer.target)
    done = installer.run("-s", "-fr", answers, "-fl", str(installer.directory / "absent" / "result.log"))
    assert done.returncode == 0 and f"Unable to create file in {installer.directory}/absent directory" in done.stdout


def test_description_file_missing(installer: Installer) -> None:
    (installer.ip / "ip_description.xml").unlink()
    done = installer.run()
    assert done.returncode not in (0, 1)
    assert re.search(r"^File /tmp/\S+/ip_description.xml was not found\.\nInstallation has terminated\.$", done.stdout, re.MULTILINE)
    assert not installer.log.exists()


def test_only_known_files_are_copied_and_the_copy_is_removed(installer: Installer) -> None:
    (installer.ip / "extra.txt").touch()
    process = installer.start(SANDBOX_INSTALL_SECONDS="1.5")
    copy = wait_for_copy(process)
    wait_until((installer.target / "ip_description.xml").exists)
    assert not (copy / "extra.txt").exists()
    assert (copy / "launch_directory.txt").read_text(encoding="utf-8").strip() == str(installer.ip)
    assert process.wait(20) == 0
    assert not copy.exists()


def wait_until(condition: Any, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_copy(process: subprocess.Popen[str]) -> Path:
    """The working copy of an install.sh: /tmp/<stamp>_<pid>."""
    wait_until(lambda: any(Path("/tmp").glob(f"*_{process.pid}/launch_directory.txt")))
    (copy,) = (path.parent for path in Path("/tmp").glob(f"*_{process.pid}/launch_directory.txt"))
    assert re.fullmatch(r"\d{4}(_\d\d){5}_\d+", copy.name)
    return copy


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_signal(installer: Installer, number: signal.Signals) -> None:
    installer.log.write_text("an older log", encoding="utf-8")
    process = installer.start(SANDBOX_INSTALL_SECONDS="20")
    copy = wait_for_copy(process)
    wait_until((installer.target / "ip_description.xml").exists)
    process.send_signal(number)
    output, _unused = process.communicate(timeout=10)
    assert process.returncode == 1
    assert "Installation has terminated." in output
    assert installer.log.read_text(encoding="utf-8") == "an older log"
    assert not copy.exists()
    assert (installer.target / "ip_description.xml").exists() and not (installer.target / "run.sh").exists()


def test_sigkill_leaves_the_working_copy_with_the_password(installer: Installer) -> None:
    shutil.copyfile(installer.write_answers(), installer.ip / "genesys_silent.ini")
    process = installer.start(SANDBOX_INSTALL_SECONDS="20")
    copy = wait_for_copy(process)
    try:
        wait_until((installer.target / "ip_description.xml").exists)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)
        assert PASSWORD in (copy / "genesys_silent.ini").read_text(encoding="utf-8")
    finally:
        shutil.rmtree(copy)
