# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in texts that other programs wrote."""

from typing import Iterable

MASK = "********"


def mask(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text; longer ones first, so that no part of one stays visible behind a shorter one."""
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text
