# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that the installer handles: its text becomes ``Error=`` of the result log, the exit code is 1."""

from __future__ import annotations


class InstallError(Exception):
    """An error with the text that the result log shows (may span several lines)."""
