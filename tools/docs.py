# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation site: build/docs/html/index.html. Offline; every warning is an error.

The pages of docs/ and the reference of all modules, plugins and roles (by antsibull-docs) are put together in build/docs/source. Links that leave
the site (to examples, code) lead to the project's home there. What Sphinx does not look at is checked at the end: every link within the HTML.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from generated import ROOT

HOME = "https://github.com/genesys-engage-ansible/genesys_engage.chat"
COLLECTION = "genesys_engage.chat"
PLACE = ROOT / "build" / "docs"
SOURCE, HTML = PLACE / "source", PLACE / "html"
#: Pages that do not lie in docs/, and their names in the site.
FURTHER = {
    "CONTRIBUTING.md": "contributing.md",
    "CODE_OF_CONDUCT.md": "code_of_conduct.md",
    "CHANGELOG.md": "changelog.md",
    "docs/examples/site/README.md": "example_site.md",
}
LINK = re.compile(r"(?<=\]\()([^)\s]+)(?=\))")


def pages() -> dict[Path, str]:
    """The pages of the site: paths relative to the repository, and the names that they have in the site."""
    found = {path.relative_to(ROOT): path.name for path in sorted((ROOT / "docs").glob("*.md"))}
    return found | {Path(path): name for path, name in FURTHER.items() if (ROOT / path).is_file()}


def link_in_the_site(link: str, page: Path, names: dict[Path, str]) -> str:
    """Where a link of a page (relative to the repository) leads from within the site."""
    target, anchor = urldefrag(link)
    if not target:
        return link
    home = re.match(rf"{re.escape(HOME)}/(blob|tree)/main/", target)
    if "://" in target and not home:
        return link
    path = Path(os.path.normpath(target[home.end() :] if home else page.parent / target))
    behind = f"#{anchor}" if anchor else ""
    if path in names:
        return names[path] + behind
    if path.is_relative_to("docs/images"):
        return str(path.relative_to("docs"))
    return f"{HOME}/{'tree' if (ROOT / path).is_dir() else 'blob'}/main/{path}{behind}"


def for_the_site(text: str, page: Path, names: dict[Path, str]) -> str:
    """A page's text with its links turned; those within blocks of code stay."""
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else LINK.sub(lambda match: link_in_the_site(match[1], page, names), part) for part in parts)


def without_missing_pages(text: str, names: dict[Path, str]) -> str:
    """The index without the entries of pages that do not exist; a page that exists and has no entry is an error of Sphinx's."""
    there = {Path(name).stem for name in names.values()} | {"reference/index"}
    parts = re.split(r"(^```{toctree}$.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    for number, part in enumerate(parts):
        if part.startswith("```{toctree}"):
            parts[number] = "\n".join(line for line in part.split("\n") if not re.match(r"[\w/]+$", line) or line in there)
    return "".join(parts)


def put_together() -> None:
    """Lay out the source of the site, without the reference."""
    shutil.rmtree(PLACE, ignore_errors=True)
    (SOURCE / "reference").mkdir(parents=True, mode=0o755)
    (SOURCE / "reference").chmod(0o755)  # antsibull-docs writes only into directories that nobody else can write to
    names = pages()
    for path, name in names.items():
        text = for_the_site((ROOT / path).read_text(encoding="utf-8"), path, names)
        (SOURCE / name).write_text(without_missing_pages(text, names), encoding="utf-8")
    for directory in ("images", "docsite/static"):
        shutil.copytree(ROOT / "docs" / directory, SOURCE / Path(directory).name)
    shutil.copy2(ROOT / "docs" / "docsite" / "conf.py", SOURCE)


class Links(HTMLParser):
    """The links of one HTML page, and the places in it that links can name."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what leads somewhere, and what can be led to."""
        for name, value in attrs:
            if value and (name, tag) in {("href", "a"), ("href", "link"), ("src", "img"), ("src", "script")}:
                self.links.add(value)
            elif value and name == "id":
                self.places.add(value)


def broken_links(html: Path) -> Iterator[str]:
    """The links between the pages of a directory that lead nowhere."""
    found: dict[Path, Links] = {}
    for path in sorted(html.rglob("*.html")):
        found[path] = Links()
        found[path].feed(path.read_text(encoding="utf-8"))
    for page, parsed in found.items():
        for link in sorted(parsed.links):
            target, anchor = urldefrag(link)
            if re.match(r"[a-z]+:|//", target):
                continue
            path = Path(os.path.normpath(page.parent / unquote(target.partition("?")[0]))) if target else page
            if not path.is_file() or (anchor and path in found and unquote(anchor) not in found[path].places):
                yield f"{page.relative_to(html)}: {link}"


def run(*command: str) -> None:
    """Run a program of the virtual environment; ends this one if it fails."""
    environment = {**os.environ, "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    done = subprocess.run(command, cwd=PLACE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}docs: {command[0]} failed")


def main() -> int:
    """Build the site; the exit code."""
    put_together()
    print("docs: the reference of modules, plugins and roles", flush=True)
    run("antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "--dest-dir", str(SOURCE / "reference"), COLLECTION)
    # The theme shows a table of contents beside each page, and complains about another one.
    for page in (SOURCE / "reference").glob("*.rst"):
        page.write_text(re.sub(r"^\.\. contents::\n( +:.*\n)+", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")
    print("docs: HTML", flush=True)
    run("sphinx-build", "-b", "html", "-q", "-W", "--keep-going", "-n", "-j", "2", str(SOURCE), str(HTML))
    broken = list(broken_links(HTML))
    if broken:
        print("docs: links that lead nowhere", *broken, sep="\n  ")
        return 1
    print(f"docs: {(HTML / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
