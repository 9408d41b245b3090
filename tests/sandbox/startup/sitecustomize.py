# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Python runs this when it starts, if it finds it. Here: compile the files of a zip archive once, and not in every process.

Ansible sends a module and the hundred files that it imports in an archive, and Python keeps no compiled files of an archive. Compiling takes
as long as all the rest of a short module. The code is the same: what was compiled is found by the whole source, and by the version of Python.

And look for garbage seldom: what a run of Ansible makes is nearly all in use until its end, and looking through it takes a tenth of its time.

It also runs under Python 3.6, the oldest of managed hosts, and compiles nothing there.

The directory is named by the environment variable SANDBOX_COMPILED; without it there must be COMPILED, which the tests' hosts have.

With the environment variable SANDBOX_WARM a module's process does not even begin: a Python that has imported all of that runs it, see ../warm.py.
"""

import gc
import os
import sys

COMPILED = "/run/compiled"
#: New objects after which Python looks for garbage.
NEW_OBJECTS = 100000


def _begin(directory: str) -> None:
    import _imp
    import marshal
    import zipimport
    from types import CodeType

    compile_source = getattr(zipimport, "_compile_source", None)
    fix_filename = getattr(_imp, "_fix_co_filename", None)
    if compile_source is None or fix_filename is None:
        return  # before Python 3.8

    def compiled(pathname: str, source: bytes) -> CodeType:
        within = pathname.rpartition(".zip")[2].replace("/", "_")
        name = "%s-%x-%s-%s" % (within, sys.hexversion, len(source), _imp.source_hash(0, source).hex())
        file = os.path.join(directory, name)
        try:
            with open(file, "rb") as kept:
                code: CodeType = marshal.loads(kept.read())
            fix_filename(code, pathname)
            return code
        except (OSError, ValueError, EOFError, TypeError):
            pass  # the first time, or not ours to read
        code = compile_source(pathname, source)
        unfinished = "%s.%s" % (file, os.getpid())
        try:
            with open(unfinished, "wb") as kept:
                kept.write(marshal.dumps(code))
            os.chmod(unfinished, 0o644)
            os.rename(unfinished, file)
        except OSError:
            pass  # another account's, or no space: it is compiled again the next time
        return code

    setattr(zipimport, "_compile_source", compiled)  # noqa: B010  private, and not there in every version


def _hand_over(place: str, script: str) -> None:
    """Let the warm Python run a script, wait for it, and end as it does."""
    import array
    import json
    import socket

    umask = os.umask(0o077)
    os.umask(umask)
    request = {"arguments": [script], "directory": os.getcwd(), "umask": umask, "environment": dict(os.environ)}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as warm:
        warm.connect(place)
        streams = array.array("i", [0, 1, 2])
        warm.sendmsg([json.dumps(request).encode()], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
        code = int(warm.recv(16) or 255)
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


def _script() -> str:
    """The module that this process is to run, if a warm Python may do so: one with the same packages. Else nothing."""
    words = getattr(sys, "orig_argv", [])  # not before Python 3.10
    if os.environ.get("SANDBOX_WARM_PYTHON") == sys.prefix and len(words) == 2 and os.path.basename(words[1]).startswith("AnsiballZ_"):
        return str(words[1])
    return ""


gc.set_threshold(NEW_OBJECTS)
if _script():
    _hand_over(os.environ["SANDBOX_WARM"], _script())
if os.path.isdir(os.environ.get("SANDBOX_COMPILED", COMPILED)):
    _begin(os.environ.get("SANDBOX_COMPILED", COMPILED))
