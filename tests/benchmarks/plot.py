# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw seconds by contestant, a panel for each scenario, on a logarithmic scale; write a PNG file."""
    scenarios = sorted({row["scenario"] for row in rows})
    figure = Figure(figsize=(10, 2.5 + 1.6 * len(scenarios)), layout="constrained")
    for axes, scenario in zip(figure.subplots(len(scenarios), 1, sharex=True), scenarios):
        chosen = [row for row in rows if row["scenario"] == scenario]
        names = [row["contestant"] + (" (scaled)" if row["measured_objects"] < row["objects"] else "") for row in chosen]
        seconds = [row["seconds_median"] for row in chosen]
        whole = [row["playbook_seconds"] for row in chosen]
        axes.barh(names, seconds, color="#4477aa", label="process")
        known = [(value, name) for value, name in zip(whole, names) if value]
        axes.scatter(*zip(*known), color="#ee6677", zorder=3, label="whole playbook")
        for name, value, end in zip(names, seconds, whole):
            axes.annotate(f"{value:.2f} s", (max(value, end or 0), name), xytext=(8, 0), textcoords="offset points", va="center")
        axes.set(xscale="log", title=f"{scenario} run, {chosen[0]['objects']} objects")
        axes.invert_yaxis()
        axes.margins(x=0.15)
    axes.legend(loc="upper right")
    axes.set_xlabel("seconds (logarithmic)")
    figure.savefig(path, dpi=110)
