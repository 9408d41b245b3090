# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Key performance indicators (KPI) of a Chat Server in its log. The port over which they are exposed is a rule of its own.  Source: SIZE"""

from __future__ import annotations

from .._config.desired import Desired
from . import ranges
from .context import Context
from .field import Field

_CONTENT = ("options", "health-service", "log-output-content")

#: What is written to the section health-service. The ranges are in ranges.py.
METRICS = (
    Field("kpi_log_interval", "int", "Seconds between two outputs of the KPI to the log, 0 to 86400; V(0) switches them off.",
          path=("options", "health-service", "log-output-timeout"), adopted=True, source="SIZE"),
    Field("kpi_log_proviso", "str", "V(always) writes the KPI each time, V(update) only if they have changed.",
          path=("options", "health-service", "log-output-proviso"), adopted=True, source="SIZE"),
    Field("kpi_log_content", "str", "Which KPI are written: V(all), V(new) or V(set). It must never be empty or missing: then Chat Server sets all "
          "cumulative KPI to zero.", path=_CONTENT, adopted=True, source="SIZE"),
)


def check_metrics(context: Context, desired: Desired, where: str) -> None:
    """Warn about (strict_ranges: refuse) an option that is taken away, or emptied, and zeroes what was counted.  Source: SIZE"""
    if _CONTENT in desired.absent or desired.leaves.get(_CONTENT) == "":
        ranges.tell(context, [f"{where}: option health-service/log-output-content must not be empty or removed: Chat Server then sets all cumulative KPI "
                              "to zero; give all, new or set"])
