# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-lint with its own arguments, but one syntax check for all playbooks and roles together.

ansible-lint starts ``ansible-playbook --syntax-check`` anew for each of them, and loading Ansible was half of its whole time. One run with the same
options reads them all. Where that run fails, ansible-lint looks at each on its own as ever, so that its messages are the same.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ansiblelint.runner
from ansiblelint.__main__ import main as lint
from ansiblelint.file_utils import Lintable

ROLE = "---\n- name: Syntax of a role\n  hosts: localhost\n  tasks:\n    - ansible.builtin.import_role:\n        name: {path}\n"


class Runner(ansiblelint.runner.Runner):
    """The runner of ansible-lint, with one look at all playbooks and roles before it would look at each."""

    #: Whether that look was taken: another version may no longer ask for it.
    looked = False
    passed = False

    def _collect_syntax_check_files(self) -> list[Lintable]:
        files: list[Lintable] = super()._collect_syntax_check_files()
        environment = {**self.app.runtime.environ, "PYTHONWARNINGS": "ignore", "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "False"}
        self.passed = syntax_is_right(files, environment)
        type(self).looked = True
        if self.passed:
            self._trust({str(file.path.resolve()) for file in files})
        return files

    def _get_ansible_syntax_check_matches(self, lintable: Lintable, app: Any) -> list[Any]:
        return [] if self.passed else super()._get_ansible_syntax_check_matches(lintable, app)

    def _trust(self, right: set[str]) -> None:
        """Spare the syntax check of a playbook that another one imports."""
        runtime = self.app.runtime
        ask = runtime.has_playbook

        def has_playbook(playbook: str, *, basedir: Path | None = None) -> bool:
            return str(Path(basedir or Path(), playbook).resolve()) in right or ask(playbook, basedir=basedir)

        runtime.has_playbook = has_playbook  # type: ignore[method-assign]


def syntax_is_right(files: list[Lintable], environment: dict[str, str]) -> bool:
    """Check the syntax of all these playbooks and roles with one run."""
    with TemporaryDirectory(prefix="syntax-") as place:
        paths = []
        for number, file in enumerate(sorted(files, key=lambda file: str(file.path))):
            path = Path(file.path).expanduser()
            if file.kind == "role":
                play = Path(place, f"{number}.yml")
                play.write_text(ROLE.format(path=path), encoding="utf-8")
                path = play
            paths.append(str(path))
        command = ["ansible-playbook", "--syntax-check", "-vv", *paths]
        return not paths or subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment).returncode == 0


def main() -> int:
    """Run ansible-lint; its exit code."""
    ansiblelint.runner.Runner = Runner  # type: ignore[misc]
    code = lint(sys.argv)
    if not Runner.looked:
        print("tools/ansible_lint.py: this version of ansible-lint checks the syntax in another way: the program must follow it", file=sys.stderr)
    return code or int(not Runner.looked)


if __name__ == "__main__":
    sys.exit(main())
