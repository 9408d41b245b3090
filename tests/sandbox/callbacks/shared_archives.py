# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the runs of ansible-playbook in tests use the same archives of modules.

Each run packs every module with all files that it imports, once, in a directory of its own below its temporary one. That takes as long as
the rest of a short run. Here a run begins with the archives of those before it, and leaves the ones that it has packed. Runs may do so at
the same time: only complete archives get a name.

The place is named by the environment variable SANDBOX_ARCHIVES. It must be another for each state of the collection's files: Ansible does
not look whether they have changed. For each ansible-core there is a directory in it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible.release import __version__ as core

DOCUMENTATION = """
name: shared_archives
type: notification
short_description: Share the archives of modules between runs, for tests
description:
  - See the file.
"""
#: Ansible's own name, below its temporary directory.
DIRECTORY = "ansiballz_cache"
#: How the names of other files end that Ansible makes there: an archive that is not finished, and a lock.
NO_ARCHIVES = ("-part", ".lock")


class CallbackModule(CallbackBase):
    """See the file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "shared_archives"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, _playbook: Any) -> None:
        """Take the archives that there are."""
        self._own = Path(constants.DEFAULT_LOCAL_TMP) / DIRECTORY
        self._shared = Path(os.environ["SANDBOX_ARCHIVES"]) / core
        self._own.mkdir()
        with contextlib.suppress(OSError):  # the first run
            for archive in self._shared.iterdir():
                shutil.copyfile(archive, self._own / archive.name)

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        """Leave what is new."""
        # An account that may not write there packs for itself.
        with contextlib.suppress(OSError):
            self._shared.mkdir(parents=True, exist_ok=True)
            for archive in self._own.iterdir():
                if not archive.name.endswith(NO_ARCHIVES) and not (self._shared / archive.name).exists():
                    unfinished = self._shared.parent / f"{archive.name}.{os.getpid()}"
                    shutil.copyfile(archive, unfinished)
                    unfinished.rename(self._shared / archive.name)
