# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found, as a table for people and as JSON for a bug report."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from typing import Any

from .client import Client, Object
from .questions import COPES, DIFFERS, NOT_ASKED, QUESTIONS, Findings

HEADINGS = ("Question", "This server", "Collection")


def table(findings: Findings) -> str:
    """Return the table, what to do about answers that the collection does not cope with, and the sum."""
    room = max(80, min(shutil.get_terminal_size((120, 24)).columns, 140)) - len(HEADINGS[2]) - 4
    widths = (room // 2, room - room // 2, len(HEADINGS[2]))
    ruler = "  ".join("-" * width for width in widths)
    lines = [_row(HEADINGS, widths), ruler]
    for key in QUESTIONS:
        if key in findings.found:
            finding = findings.found[key]
            lines += [_row((finding.question.text, finding.answer, finding.verdict), widths)]
    lines.append(ruler)
    for finding in findings.of(DIFFERS):
        lines += ["", f"{finding.question.text}", *textwrap.wrap(f"  {finding.answer}", 110, subsequent_indent="  ")]
        lines += textwrap.wrap(f"What to do: {finding.question.advice}", 110, initial_indent="  ", subsequent_indent="  ")
        if finding.note:
            lines += textwrap.wrap(f"Note: {finding.note}", 110, initial_indent="  ", subsequent_indent="  ")
    lines += [
        "",
        f"answers that the collection copes with: {len(findings.of(COPES))}, others: {len(findings.of(DIFFERS))}, not asked: {len(findings.of(NOT_ASKED))}",
    ]
    return "\n".join(lines)


def _row(cells: tuple[str, str, str], widths: tuple[int, int, int]) -> str:
    wrapped = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths)]
    height = max(len(lines) for lines in wrapped)
    rows = [[lines[number] if number < len(lines) else "" for lines in wrapped] for number in range(height)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def document(findings: Findings, mode: str, client: Client, details: bool) -> Object:
    """Return the report as JSON data. Only with ``details`` it holds names, addresses and texts of refusals; never a password, nor an object."""
    rows: list[dict[str, Any]] = []
    for key in QUESTIONS:
        if key in findings.found:
            finding = findings.found[key]
            row = {"key": key, "question": finding.question.text, "answer": finding.answer, "collection": finding.verdict}
            rows.append({**row, "note": finding.note} if details and finding.note else row)
    result: Object = {
        "report": "genesys_engage.chat contract",
        "format": 1,
        "collection": collection_version(),
        "mode": mode,
        "findings": rows,
    }
    if details:
        result.update(base=client.connection.base, username=client.connection.username, exchanges=client.exchanges)
    hidden: Object = client.hide(result)
    return hidden


def collection_version() -> str:
    """Return the version of the collection that this file belongs to, '' if it can't be told."""
    for name, pattern in (("MANIFEST.json", r'"version": "([^"]+)"'), ("galaxy.yml", r"(?m)^version: (\S+)")):
        path = Path(__file__).resolve().parents[2] / name
        found = re.search(pattern, path.read_text(encoding="utf-8")) if path.is_file() else None
        if found:
            return found[1]
    return ""
