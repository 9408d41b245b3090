# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documented names and ranges of options: a misspelt name, or a value outside, is warned about, or refused with strict_ranges.

The ranges are those of the latest release's pages, so an older Chat Server may differ: that is why they do not refuse.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._config.desired import Desired
from .._config.errors import InvalidInput
from .._config.fields import whole_number
from .._config.nearest import nearest, sentences, suggestion
from .._config.shapes import Path
from .context import Context

#: The words that are allowed, or the lowest and the highest number.
Allowed = tuple[Any, ...]

_SWITCH = ("true", "false")

#: (section, option) -> (lowest, highest) or the words allowed.
RANGES: dict[tuple[str, str], Allowed] = {
    ("settings", "hide-attached-data"): _SWITCH,  # Source: CHAT
    ("settings", "message-log-print-size"): (0, 7000),  # Source: CHAT, SRV850
    ("settings", "session-restoration-mode"): ("none", "simple"),  # Source: WAPP, HA81
    ("settings", "transcript-auto-save"): ("0", "1", "2"),  # Source: WAPP, HA81
    ("settings", "flex-disconnect-timeout"): (1, 1728000),  # Source: GMSV1
    ("settings", "limits-control-enabled"): _SWITCH,  # Source: SRV850
    ("settings", "limit-for-sessions"): (0, 1000000),  # Source: SIZE
    ("settings", "limit-for-flex-users"): (0, 1000000),  # Source: SIZE
    ("settings", "limits-restore-threshold"): (0, 100),  # Source: SIZE
    ("settings", "limits-reached-report-scs"): _SWITCH,  # Source: SIZE
    ("settings", "attach-session-statistics"): ("all", "fired", "none"),  # Source: REPORT
    ("settings", "session-restore-extend-by"): ("none", "agent", "esp", "both"),  # Source: ASYNC, HALAT
    ("log-filter-data", "Transcript"): ("copy", "skip", "hide"),  # Source: SRV850
    ("log-filter-data", "StructuredText"): ("copy", "skip", "hide"),  # Source: SRV850
    ("inactivity-control", "enabled"): _SWITCH,  # Source: INACT
    ("inactivity-control", "timeout-alert"): (1, 86400),  # Source: WFLOW
    ("inactivity-control", "timeout-alert2"): (0, 86400),  # Source: WFLOW
    ("inactivity-control", "timeout-close"): (1, 86400),  # Source: WFLOW
    ("health-service", "log-output-timeout"): (0, 86400),  # Source: SIZE
    ("health-service", "log-output-proviso"): ("always", "update"),  # Source: SIZE
    ("health-service", "log-output-content"): ("all", "new", "set"),  # Source: SIZE
}

#: Names of further options of Chat Server, whose values have no documented range, or none that can be told.
NAMES = frozenset({
    ("settings", "transcript-save-on-error"), ("settings", "transcript-resend-attempts"), ("settings", "transcript-resend-delay"),
    ("settings", "transcript-save-notices"),  # Source: HA81
    ("settings", "use-contact-server"),  # Source: WAPP
    ("settings", "flex-push-timeout"), ("settings", "flex-push-on-join"), ("settings", "session-restore-push-send"),
    ("settings", "async-idle-notices"), ("settings", "async-idle-close"),  # Source: ASYNC
    ("settings", "session-restore-do-purge"),  # Source: HALAT
    ("settings", "limit-average-interval"),  # Source: SIZE
    ("inactivity-control", "include-notices"), ("inactivity-control", "message-alert"), ("inactivity-control", "message-alert2"),
    ("inactivity-control", "message-close"),  # Source: INACT
    ("transcript-cleanup", "default-repchar"), ("transcript-cleanup", "typing-preview"),  # Source: SENS
})

#: How alike an unknown option and a known one must be: options are many, and often made of the same words.
_ALIKE = 0.85


def fits(allowed: Allowed, value: str) -> bool:
    """Return whether an option's value (str) is within its range or among its words."""
    if isinstance(allowed[0], str):
        return value in allowed
    number = whole_number(value)
    return number is not None and allowed[0] <= number <= allowed[1]


def check(context: Context, desired: Desired, where: str, documented: Mapping[tuple[str, str], Allowed] | None = None) -> None:
    """Warn about (strict_ranges: refuse) each option of "desired" outside its range; documented: the ranges, RANGES if not given."""
    for (section, key), allowed in (documented or RANGES).items():
        value = desired.leaves.get(("options", section, key))
        if value is None or fits(allowed, value):
            continue
        is_words = isinstance(allowed[0], str)
        words = " or ".join(allowed) if is_words else f"{allowed[0]} to {allowed[1]}"
        tell(context, [f"{where}: option {section}/{key} is documented as {words}, got '{value}'{suggestion(value, allowed) if is_words else ''}"])


def check_names(context: Context, name: str, options: Mapping[Any, Any] | None, template: str | None, where: str,
                documented: Collection[tuple[str, str]] = ()) -> None:
    """Warn about (strict_ranges: refuse) each described option that looks like a misspelt one.

    Known is what the application has, what its template has, and what is documented. Anything else is allowed, since nobody knows all options of all
    releases; there is a message only where a known name is nearly the same.

    Args:
        name: of the application, which may exist.
        options: section -> option -> value, as described.
        template: its name, '' for that of the application.
        documented: (section, option) of the options that documents name.
    """
    found = context.directory.find("CfgApplication", name)
    existing = found if found is not None and not found.planned else None
    known: set[Path] = set(documented).union(existing.options() if existing else ())
    wanted = [(str(section), str(key)) for section, keys in (options or {}).items() if isinstance(keys, dict) for key in keys]
    if not set(wanted) - known:
        return
    if template or existing is None:
        shipped = context.directory.find("CfgAppPrototype", template or "")
    else:
        shipped = context.directory.by_dbid("CfgAppPrototype", existing.template_dbid)
    known |= set(shipped.options()) if shipped is not None else set()
    sections = {section for section, _key in known}
    texts = {}
    for section, key in [option for option in wanted if option not in known]:
        if section not in sections:
            meant = nearest(section, sections)
            what, unknown = "section", section
        else:
            meant = nearest(key, [other for its_section, other in known if its_section == section], _ALIKE)
            what, unknown = "option", f"{section}/{key}"
        if meant:
            texts[f"{where}: options: the {what} '{unknown}' is neither in the application, nor in its template, nor documented; did you mean "
                  f"'{meant}'?"] = True
    if texts:
        tell(context, list(texts))


def tell(context: Context, texts: Iterable[str]) -> None:
    """Refuse with these texts if strict_ranges is set, and warn otherwise."""
    if context.strict_ranges:
        raise InvalidInput(sentences(texts))
    for text in texts:
        context.warn(text)
