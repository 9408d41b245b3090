# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each Python of the environments that ansible-test makes begins with this: whole files are compiled once in a process, not whenever they are imported again.

It has no future imports: what is compiled without ``dont_inherit`` would get them.
"""

import builtins
from typing import Any


def begin() -> None:
    """From now on keep what was compiled. Nobody can change it."""
    compiled: dict[tuple[Any, ...], Any] = {}
    compile_again = builtins.compile

    def kept(source: Any, filename: Any, mode: str, flags: int = 0, dont_inherit: bool = False, optimize: int = -1, **private: Any) -> Any:
        if mode != "exec" or flags or not dont_inherit or not isinstance(source, (bytes, str)):
            return compile_again(source, filename, mode, flags, dont_inherit, optimize, **private)
        key = (source, filename, optimize)
        if key not in compiled:
            compiled[key] = compile_again(source, filename, mode, flags, dont_inherit, optimize, **private)
        return compiled[key]

    setattr(builtins, "compile", kept)  # noqa: B010  to mypy it is another type
