# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the stand-in installation packages and the command-line tools of the sandbox.

The same sources and interpreter always give the same bytes, and nothing is built twice.

The bundled interpreter ``Perl`` of a package is a Python script whose interpreter line names the given Python (real packages
bundle a 32-bit Perl, and need 32-bit libraries for it). Which of the two installer archives holds which part is not known.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import documents
from .products import PACKAGES, Package
from .templates import TEMPLATES

_HERE = Path(__file__).resolve().parent
_SANDBOX = _HERE.parent
_TIME = 1_700_000_000
_MAIN_SCRIPT = "product.pl"
_STAMP = ".built"

_PERL = """#!{python} -ISB
import os, runpy, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
_PRODUCT = """import sys
from installer.main import main
from installer.sequence import Product
sys.exit(main(sys.argv[1:], Product({executable!r}, {app_type!r})))
"""
_SERVER = """#!{python} -IS
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))
from servers.{module} import main
sys.exit(main(sys.argv[1:], product={name!r}, version={version!r}))
"""
_CLEAN_UP = "#!/bin/sh\nrm -rf Perl cfgutility lib\n"
_GUNZIP = '#!/bin/sh\nexec /bin/gzip -d "$@"\n'

_Files = list[tuple[str, bytes, int]]


def build_all(directory: Path, python: str, tools_python: str = "") -> None:
    """Write ``packages/*.tar.gz`` and ``bin/mlcmd_64`` below a directory, unless they are up to date.

    Args:
        directory: the sandbox's directory.
        python: path of the interpreter that packages run with; its standard library is enough.
        tools_python: the same for the tools, if they run on another machine.
    """
    packages, tools = directory / "packages", directory / "bin"
    packages.mkdir(parents=True, exist_ok=True)
    tools.mkdir(parents=True, exist_ok=True)
    stamp = packages / _STAMP
    fingerprint = _fingerprint(f"{python} {tools_python}")
    outputs = [packages / package.file_name for package in PACKAGES] + [tools / "mlcmd_64"]
    if stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint and all(path.exists() for path in outputs):
        return
    for package in PACKAGES:
        (packages / package.file_name).write_bytes(package_archive(package, python))
    mlcmd = tools / "mlcmd_64"
    mlcmd.write_bytes(_script(_SANDBOX / "scs" / "mlcmd.py", tools_python or python))
    mlcmd.chmod(0o755)
    stamp.write_text(fingerprint, encoding="utf-8")


def _sources() -> Iterator[Path]:
    for folder in (_HERE, _HERE / "installer", _HERE / "wrapper", _SANDBOX / "servers"):
        yield from sorted(path for path in folder.iterdir() if path.suffix in (".py", ".sh"))
    yield _SANDBOX / "scs" / "mlcmd.py"


def _fingerprint(interpreters: str) -> str:
    digest = hashlib.sha256(interpreters.encode())
    for path in _sources():
        digest.update(f"\0{path.relative_to(_SANDBOX)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def package_archive(package: Package, python: str, spoiled: Mapping[str, bytes] | None = None) -> bytes:
    """Return a package.

    Args:
        package: its product and version.
        python: path of the interpreter that it runs with.
        spoiled: product files that are other than they should be, or more than there should be, for tests.
    """
    data = {name: (content, mode) for name, content, mode in _data_files(package, python)}
    data.update({name: (content, 0o750) for name, content in (spoiled or {}).items()})
    return _archive(_package_files(package, python, _archive([(name, *rest) for name, rest in data.items()])))


def _package_files(package: Package, python: str, data: bytes) -> _Files:
    files: _Files = [
        ("ip/install.sh", (_HERE / "wrapper" / "install.sh").read_bytes(), 0o755),
        ("ip/data.tar.gz", data, 0o644),
        ("ip/installer.tar.gz", _archive(_installer_files(python)), 0o644),
        ("ip/iscript.tar.gz", _archive([(_MAIN_SCRIPT, _PRODUCT.format(executable=package.executable, app_type=package.app_type).encode(), 0o644)]), 0o644),
        ("ip/gunzip", _GUNZIP.encode(), 0o755),
        ("ip/ospatchlist.txt", documents.OS_PATCH_LIST.encode(), 0o644),
        ("ip/ip_description.xml", documents.description(package).encode(), 0o644),
        ("ip/read_me.html", documents.read_me(package).encode(), 0o644),
        ("ip/genesys_license_agreement.txt", documents.LICENSE_AGREEMENT.encode(), 0o644),
        ("ip/genesys_silent.ini", documents.silent_template(package).encode(), 0o644),
        (f"templates/{package.template}.apd", json.dumps(TEMPLATES[package.template], indent=1).encode(), 0o644),
        (f"templates/{package.template}.xml", documents.template_metadata(package).encode(), 0o644),
    ]
    return files


def _installer_files(python: str) -> _Files:
    files: _Files = [
        ("Perl", _PERL.format(python=python).encode(), 0o755),
        ("cfgutility", _script(_HERE / "installer" / "cfgutility.py", python), 0o755),
        ("cleanup.sh", _CLEAN_UP.encode(), 0o755),
    ]
    for path in sorted((_HERE / "installer").glob("*.py")):
        if path.name != "cfgutility.py":
            files.append((f"lib/installer/{path.name}", path.read_bytes(), 0o644))
    return files


def _data_files(package: Package, python: str) -> _Files:
    server = _SERVER.format(python=python, module=package.module, name=package.name, version=package.version).encode()
    files: _Files = [(f"{package.executable}_{bits}", server, 0o750) for bits in ("32", "64")]
    files.append((f"{package.executable}.lms", _messages(package).encode(), 0o640))
    files += [(f"lib/servers/{path.name}", path.read_bytes(), 0o640) for path in sorted((_SANDBOX / "servers").glob("*.py"))]
    return files


def _messages(package: Package) -> str:
    """The list of log events beside a server. The first field and the names are the stand-in's own."""
    from ..servers.log import EVENTS

    lines = [f"00000000|LMS|1.0|{package.executable}.lms|{package.version}|*"]
    lines += [f"{number}|STANDARD|EVENT_{number}|{text}" for number, text in sorted(EVENTS.items())]
    return "\n".join(lines) + "\n"


def _script(path: Path, python: str) -> bytes:
    return f"#!{python} -ISB\n".encode() + path.read_bytes()


def _archive(files: _Files) -> bytes:
    """A compressed tar archive that depends on nothing but its content."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
        folders = {parent.as_posix() for name, _content, _mode in files for parent in Path(name).parents if parent.as_posix() != "."}
        for folder in sorted(folders):
            tar.addfile(_entry(folder, 0o755, tarfile.DIRTYPE))
        for name, content, mode in files:
            entry = _entry(name, mode, tarfile.REGTYPE)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=_TIME) as stream:
        stream.write(raw.getvalue())
    return packed.getvalue()


def _entry(name: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.mtime = kind, mode, _TIME
    return entry
