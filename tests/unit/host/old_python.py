# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host-side code without pytest and without Ansible, for interpreters that have neither: run by test_old_python.py.

Arguments: the directory plugins/module_utils, and a directory to work in. Prints one word per step done.
"""

import importlib
import os
import sys

if __name__ == "__main__":
    modules, place = sys.argv[1:]
    sys.path[:0] = [modules, os.path.dirname(os.path.abspath(__file__))]
    for name in sorted(os.listdir(os.path.join(modules, "_host"))):
        if name.endswith(".py"):
            importlib.import_module("_host." + name[:-3])
    print("imported")

    from _host.errors import HostError
    from _host.installation import install
    from _host.mlcmd import find_switches
    from _host.status import parse_statuses
    from fake_package import PASSWORD, parameters, write_archive

    def run(src, mode=None, check_mode=False, **changes):
        """Install as the module does."""
        params = parameters(src, os.path.join(place, "opt", "Chat"), mode, **changes)
        return install(params, check_mode, lambda: place, print)

    def refusal(*arguments, **changes):
        """Return the message of an installation that must fail."""
        try:
            run(*arguments, **changes)
        except HostError as error:
            return str(error)
        return ""

    older = write_archive(os.path.join(place, "older.tar.gz"), version="8.5.311.06")
    newer = write_archive(os.path.join(place, "newer.tar.gz"))
    steps = [
        ("predicted", run(older, check_mode=True)["changed"] and not os.path.exists(os.path.join(place, "opt"))),
        ("installed", run(older)["installed"]["complete"]),
        ("unchanged", not run(older)["changed"]),
        ("failed", "Invalid login" in refusal(newer, "login") and PASSWORD not in refusal(newer, "login")),
        ("interrupted", "did not end within 1 s" in refusal(newer, "hang_late", timeout=1)),
        ("finished", run(newer)["before"]["flaws"] and run(newer)["installed"]["complete"]),
        ("refused", "older than the installed" in refusal(older)),
        ("clean", sorted(os.listdir(place)) == ["newer.tar.gz", "older.tar.gz", "opt"]),
        ("read", parse_statuses("Application: a b\nDBID: 5\nStatus: RUNNING\n")["a b"].dbid == 5),
        ("found", find_switches("-startapp <dbid>", ["start"]) == {"start": "-startapp"}),
    ]
    for name, done in steps:
        print(name if done else "NOT " + name)
