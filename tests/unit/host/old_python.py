# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host-side code without pytest and without Ansible, for interpreters that have neither: run by test_old_python.py.

Arguments: the directory plugins, and a directory to work in. Prints one word per step done.
"""

import importlib
import os
import sys

if __name__ == "__main__":
    source, place = sys.argv[1:]
    sys.path[:0] = [source, os.path.dirname(os.path.abspath(__file__))]
    files = [
        os.path.relpath(os.path.join(place_of, name), source)
        for part in ("_common", "_host")
        for place_of, _folders, names in sorted(os.walk(os.path.join(source, "module_utils", part)))
        for name in sorted(names)
        if name.endswith(".py")
    ]
    host = {os.path.basename(name)[:-3]: importlib.import_module(name[:-3].replace(os.sep, ".")) for name in files}
    package = importlib.import_module("fake_package")
    print("imported")

    def run(src, mode=None, check_mode=False, **changes):
        """Install as the module does."""
        params = package.parameters(src, os.path.join(place, "opt", "Chat"), mode, **changes)
        return host["installation"].install(params, check_mode, lambda: place, print)

    def refusal(*arguments, **changes):
        """Return the message of an installation that must fail."""
        try:
            run(*arguments, **changes)
        except host["errors"].HostError as error:
            return str(error)
        return ""

    def back():
        """Go back as the module does."""
        params = {"path": os.path.join(place, "opt", "Chat"), "application": "Chat Server 1", "version": None, "user": None, "start_script": "run.sh"}
        return host["rollback"].roll_back(params, False)

    described = ("a b", "u", "g", "/opt", "run.sh", {"default": 1}, {"NOFILE": 5}, True, 1.0, 2, 3.0, 4.0)
    unit = host["units"].unit_text(host["units"].Unit(*described))
    older = package.write_archive(os.path.join(place, "older.tar.gz"), version="8.5.311.06")
    newer = package.write_archive(os.path.join(place, "newer.tar.gz"))
    login = refusal(newer, "login")
    steps = [
        ("refused", "Invalid login" in login and package.PASSWORD not in login),
        ("predicted", run(older, check_mode=True)["changed"] and not os.path.exists(os.path.join(place, "opt"))),
        ("installed", run(older)["installed"]["complete"]),
        ("unchanged", not run(older)["changed"]),
        ("interrupted", "did not end within 1 s" in refusal(newer, "hang_late", timeout=1)),
        ("finished", run(newer)["before"]["flaws"] and run(newer)["installed"]["complete"]),
        ("protected", "older than the installed" in refusal(older)),
        ("rolled_back", back()["installed"]["version"] == "8.5.311.06" and not back()["changed"]),
        ("stayed", not run(older)["changed"]),
        ("carried_over", run(newer, carry_over=["**/some.*"], carry_over_replace=True)["carried_over"] == ["lib/some.lib"]),
        ("pruned", len(run(newer, keep_backups=1)["pruned"]) > 0),
        ("listed", [item["version"] for item in host["installations"].installations([], os.path.join(place, "opt"), "run.sh")] == ["8.5.316.02"]),
        ("clean", sorted(os.listdir(place)) == ["newer.tar.gz", "older.tar.gz", "opt"]),
        ("read", host["status"].parse_statuses("Application: a b\nDBID: 5\nStatus: RUNNING\n")["a b"].dbid == 5),
        ("escaped", host["units"].unit_name("a b") == "genesys-a\\x20b.service" and "run.sh" in unit),
        ("seen", host["listening"].sockets_of([os.getpid()]) is not None and host["listening"].processes_of("no.service") == []),
        ("found", host["mlcmd"].find_switches("-startapp <dbid>", ["start"]) == {"start": "-startapp"}),
    ]
    for step, done in steps:
        print(step if done else "NOT " + step)
