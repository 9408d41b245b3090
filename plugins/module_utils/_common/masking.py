# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets in texts that others wrote: programs, servers, libraries, the system.

Only such a text is searched for the value of a secret, where it comes in. A result is not: a password may also be part of a
name, a path or a state, and what is used as data must arrive as it is.
"""

import json
import re
import shlex
from html import escape
from typing import Iterable, Set
from urllib.parse import quote, quote_plus

MASK = "********"

# A secret of so few characters is part of other words everywhere; it is replaced only where it stands by itself.
SHORT = 2

# Stands for a mask while there are further secrets to be sought: they may consist of asterisks.
_PLACE = "\ue000"


def mask(text: str, secrets: Iterable[str]) -> str:
    """Replace every secret in a text, however it is written; longer ones first, so that no part of one stays visible behind a shorter one."""
    written = {form for secret in secrets if secret for form in forms(secret)}
    for form in sorted(written, key=len, reverse=True):
        if len(form) > SHORT:
            text = text.replace(form, _PLACE)
        else:
            text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", _PLACE, text)
    return text.replace(_PLACE, MASK)


def forms(secret: str) -> Set[str]:
    """Return a secret as it is, and as it is written in JSON, Python, shells, URLs and HTML."""
    encodable = secret.encode("utf-8", "replace").decode("utf-8")
    escaped = json.dumps(secret)[1:-1]
    return {
        secret,
        escaped,
        json.dumps(escaped)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        shlex.quote(secret).strip("'"),
        secret.replace("'", "'\\''"),
        quote(encodable),
        quote(encodable, ""),
        quote_plus(encodable),
        escape(secret),
    }
