# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule of the audit is, and a fault that it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from .site import Site

ERROR, WARNING, INFO = "error", "warning", "info"

#: From the worst to the mildest.
SEVERITIES = (ERROR, WARNING, INFO)


class Fault(NamedTuple):
    """One thing that is wrong.

    Attributes:
        kind, name: class and name of the object that is to be corrected.
        text: what is wrong with it, a sentence without its full stop.
        severity: one of SEVERITIES, '' for that of the rule.
    """

    kind: str
    name: str
    text: str
    severity: str = ""


class Rule(NamedTuple):
    """One rule.

    Attributes:
        id: for people and waivers, such as L01.
        severity: one of SEVERITIES.
        title: what must be true, in a few words.
        why: what happens otherwise.
        cure: what to do.
        source: keys of docs/sources.md.
        look: function (site) -> faults.
        kinds: classes that it reads beside those that every rule may use.
    """

    id: str
    severity: str
    title: str
    why: str
    cure: str
    source: str
    look: Callable[[Site], Iterable[Fault]]
    kinds: tuple[str, ...] = ()


def on(name: str, text: str, severity: str = "") -> Fault:
    """Return a fault of an application."""
    return Fault("CfgApplication", name, text, severity)
