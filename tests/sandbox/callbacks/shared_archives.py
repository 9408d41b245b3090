# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets the runs of ansible-playbook in a test session use the same archives of modules.

Each run packs every module with all files that it imports, once, in a directory of its own below its temporary one. That takes as long as
the rest of a short run. Here the directory is a link to one that the runs share, named by the environment variable SANDBOX_ARCHIVES.
It must be a new one for each ansible-core and each state of the collection's files: Ansible does not look whether they have changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: shared_archives
type: notification
short_description: Share the archives of modules between runs, for tests
description:
  - See the file.
"""
#: Ansible's own name, below its temporary directory.
DIRECTORY = "ansiballz_cache"


class CallbackModule(CallbackBase):
    """See the file."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "shared_archives"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, _playbook: Any) -> None:
        """Make the link, before there is a directory."""
        (Path(constants.DEFAULT_LOCAL_TMP) / DIRECTORY).symlink_to(os.environ["SANDBOX_ARCHIVES"])
