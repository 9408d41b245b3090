# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-test finds as pip in the virtual environments that it makes: uv installs the same packages, in a tenth of the processor time.

Each sanity test has an environment of its own, under each core. ansible-test fills it in three steps: it puts pip there (here: ``put``), has it
install what the test needs, and has it remove itself. What uv cannot do there, the pip of .venv does.

And Python compiles a source once in a process there, see compile_once.py: the import test unloads the collection after each of its files, and
loads it again for the next one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
PROGRAMS = TOOLS.parent / ".venv" / "bin"
#: What of the caller's environment tells where settings, downloads and certificates are. ansible-test does not pass it on.
PASSED_ON = ("HOME", "XDG_CACHE_HOME", "UV_CACHE_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


def script(environment: Mapping[str, str]) -> str:
    """Return the script that stands for the one which ansible-test downloads to put pip into an environment."""
    kept = {name: environment[name] for name in PASSED_ON if name in environment}
    return f"import sys\nsys.path.insert(0, {str(TOOLS)!r})\nimport venv_pip\nvenv_pip.put({kept!r})\n"


def put(environment: Mapping[str, str]) -> None:
    """Put this program where the Python that runs it looks for pip."""
    place = Path(sysconfig.get_path("purelib")) / "pip"
    place.mkdir(exist_ok=True)
    (place / "__init__.py").touch()
    program = f"import sys\nsys.path.insert(0, {str(TOOLS)!r})\nimport venv_pip\nsys.exit(venv_pip.main(sys.argv[1:], {environment!r}))\n"
    (place / "__main__.py").write_text(program, encoding="utf-8")
    # Nothing is ever installed into the environment of tests without requirements, so it is seen to from here.
    name = sysconfig.get_config_var("py_version_short")
    for packages in Path(sys.prefix).parents[2].glob(f"sanity*/{name}/*/lib/python{name}/site-packages"):
        shutil.copyfile(TOOLS / "compile_once.py", packages / "compile_once.py")
        (packages / "compile_once.pth").write_text("import compile_once; compile_once.begin()\n", encoding="utf-8")


def main(words: list[str], environment: Mapping[str, str]) -> int:
    """Do what ansible-test asks pip for; the exit code."""
    if words[:1] == ["uninstall"]:  # of pip, and of its companions, which were never there
        shutil.rmtree(Path(sysconfig.get_path("purelib")) / "pip")
        return 0
    env = {**os.environ, **environment}
    if words[:1] == ["install"]:
        further = [word for word in words[1:] if word != "--disable-pip-version-check"]
        if subprocess.run([str(PROGRAMS / "uv"), "pip", "install", "--quiet", "--python", sys.executable, *further], env=env, check=False).returncode == 0:
            return 0
    return subprocess.run([str(PROGRAMS / "python"), "-m", "pip", "--python", sys.executable, *words], env=env, check=False).returncode
