# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result log of a silent installation (Source: IP: result log)."""

import os
import re
from typing import NamedTuple, Optional, Sequence, Tuple

from ..._common.files import read_regular
from ..._common.masking import mask

SIZE_LIMIT = 256 * 1024


class ResultLog(NamedTuple):
    """What the installer says about its run; ``code`` is None when it is missing or no number.

    ``error`` is for decisions; what a person sees of it is ``shown_error``.
    """

    version: str
    build: str
    code: Optional[int]
    error: str
    secrets: Tuple[str, ...] = ()

    @property
    def shown_error(self) -> str:
        """The error without the secrets of the response file, which it may repeat."""
        return mask(self.error, self.secrets)

    @property
    def shown_version(self) -> str:
        """Version and build, in the same way."""
        return mask(f"version {self.version} build {self.build}", self.secrets)


def parse_result_log(text: str) -> ResultLog:
    """Read the text of a result log.

    An error may span several lines; it ends where ``Reboot=`` begins.
    """
    head = re.split(r"^Error=", text, maxsplit=1, flags=re.MULTILINE)[0]  # an error may say anything, also what looks like a key
    values = dict(re.findall(r"^(IPVersion|IPBuildNumber|ResultCode)=(.*?)\r?$", head, re.MULTILINE))
    error = re.search(r"^Error=(.*?)(?:^Reboot=|\Z)", text, re.MULTILINE | re.DOTALL)
    code = values.get("ResultCode", "")
    return ResultLog(
        version=values.get("IPVersion", ""),
        build=values.get("IPBuildNumber", ""),
        code=int(code) if code.isdigit() else None,
        error=error.group(1).replace("\r\n", "\n").strip("\n") if error else "",
    )


def read_result_log(path: str, secrets: Sequence[str] = ()) -> Optional[ResultLog]:
    """Read a result log that another user may have written; None if there is none.

    Links are not followed: the directory belongs to the service user, and we may be root.
    """
    try:
        content = read_regular(path, SIZE_LIMIT, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    return None if content is None else parse_result_log(content.decode("utf-8", "replace"))._replace(secrets=tuple(secrets))
