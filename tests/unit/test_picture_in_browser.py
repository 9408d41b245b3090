# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a chat solution in a real browser: it is drawn, folds, is searched and used by keyboard, and names are only shown."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from unit.test_solution_page import GRAPH, NASTY

from ansible_collections.genesys_engage.chat.plugins.plugin_utils.solution_page import page as page_of

#: The first of these programs that is there; tools/check.py installs the first.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")

STATES = ("RUNNING", "RUNNING", "STOPPED", "")
#: Of how many Chat Servers one group is folded at the beginning.
MANY = 200


def solution(chat_servers: int, groups: int) -> dict[str, Any]:
    """A graph with groups of Chat Servers on UCS, an Interaction Server, a queue of each of two tenants, and a finding of each severity."""
    lanes = {"chat_server": "Chat Servers", "contact_server": "Universal Contact Servers", "interaction_server": "Interaction Servers",
             "queue": "Interaction Queues", "other": "Other servers"}
    words = {"chat_server": "Chat Server", "contact_server": "Universal Contact Server", "interaction_server": "Interaction Server",
             "queue": "Interaction Queue", "other": "server"}
    nodes: list[dict[str, Any]] = []
    boxes: list[dict[str, Any]] = []

    def box(kind: str, title: str, names: list[str], tenants: list[str], **more: Any) -> None:
        ids = [f"{kind}/{name}" for name in names]
        boxes.append({"id": f"{kind}/{title}", "lane": kind, "title": title, "nodes": ids})
        nodes.extend({"id": key, "kind": kind, "word": words[kind], "name": name, "host": f"host-of-{name}", "version": "8.5.1", "state": STATES[number % 4],
                      "ports": {"default": 4580, "ESP": 4582}, "tenants": tenants, "pair": "", "facts": [], **more}
                     for number, (key, name) in enumerate(zip(ids, names)))

    def link(client: str, servers: list[str], port: str, protocol: str = "addp") -> dict[str, Any]:
        times = {"local_timeout": 10, "remote_timeout": 12, "trace": "both"} if protocol == "addp" else dict.fromkeys(
            ("local_timeout", "remote_timeout", "trace"))
        return {"from": client, "to": servers, "port": port, "protocol": protocol, **times}

    names = [f"Chat_{number:03d}" for number in range(chat_servers)]
    links = []
    for group in range(groups):
        own = names[group::groups]
        box("chat_server", f"Group of UCS_{group}", own, ["Environment", "Sales"])
        box("contact_server", f"Pair UCS_{group}", [f"UCS_{group}"], ["Environment", "Sales"])
        links += [link(f"chat_server/{name}", [f"contact_server/UCS_{group}", "interaction_server/IXN"], "default") for name in own]
    box("interaction_server", "Interaction Servers", ["IXN"], ["Environment", "Sales"])
    box("queue", "Interaction Queues", ["Chat_In"], ["Environment"])
    nodes.append({**nodes[-1], "id": "queue/Sales_In", "name": "Sales_In", "tenants": ["Sales"]})
    boxes[-1]["nodes"].append("queue/Sales_In")
    box("other", "Other servers", ["MessageServer"], [])
    links += [link("interaction_server/IXN", [f"chat_server/{name}" for name in names[1:]], "ESP", ""),
              *(link(f"chat_server/{name}", [f"queue/{queue}"], "default", "endpoint") for name in names for queue in ("Chat_In", "Sales_In"))]
    findings = [{"rule": f"L0{number}", "severity": severity, "type": "CfgApplication", "name": names[number], "text": f"It is wrong on {names[number]}.",
                 "why": "It hurts.", "cure": "Mend it.", "source": "CHAT", "waived": "", "nodes": [f"chat_server/{names[number]}"]}
                for number, severity in enumerate(("error", "warning", "info"))]
    return {"of": "live", "snapshot": "", "made": "2026-04-01 12:00 UTC", "tenants": ["Environment", "Sales"],
            "lanes": [{"id": kind, "title": title} for kind, title in lanes.items()], "boxes": boxes, "nodes": nodes, "links": links, "findings": findings,
            "counts": {"error": 1, "warning": 1, "info": 1, "waived": 0}, "not_judged": []}


def compared(graph: dict[str, Any]) -> dict[str, Any]:
    """The graph with a comparison: one Chat Server that differs, one that is additional, a queue that is missing, and what is not drawn."""
    graph["boxes"].append({"id": "missing/queue", "lane": "queue", "title": "On the other side", "nodes": ["missing/CfgScript/Night_In"]})
    graph["nodes"].append({**graph["nodes"][-1], "id": "missing/CfgScript/Night_In", "kind": "queue", "word": "Interaction Queue", "name": "Night_In",
                           "host": "", "version": "", "state": "", "ports": {}})
    found = [("Chat_001", "options/settings/limit", "2000", "<b>1000</b>", "differs", ["chat_server/Chat_001"]),
             ("Chat_001", "host", None, "other", "differs", ["chat_server/Chat_001"]),
             ("Chat_002", "host", "chat2", None, "additional", ["chat_server/Chat_002"]),
             ("Night_In", "folder", None, "Scripts", "missing", ["missing/CfgScript/Night_In"]), ("agents", "Chat/persons", None, "[]", "differs", [])]
    keys = ("name", "option", "here", "there", "sort", "nodes")
    objects = {"chat_server/Chat_001": "differs", "chat_server/Chat_002": "additional", "missing/CfgScript/Night_In": "missing"}
    return {**graph, "compared": {"with": "the description", "objects": objects, "differences": [dict(zip(keys, item)) for item in found]}}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        missing = f"no browser; one of {', '.join(BROWSERS)} is needed (Debian: apt-get install {BROWSERS[0]})"
        if os.geteuid() == 0 or os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program)
        yield found
        found.close()


class Looked:
    """A page that is shown in a browser, and all that it has said or asked for."""

    def __init__(self, browser: Browser, place: Path, graph: dict[str, Any], **more: Any) -> None:
        place.write_text(page_of(graph), encoding="utf-8")
        self.page: Page = browser.new_page(viewport={"width": 1400, "height": 1000}, **more)
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(place.as_uri())

    def names(self) -> list[str]:
        """The names of the chips."""
        return self.page.locator(".chip .name").all_text_contents()

    def titles(self) -> list[str]:
        """The titles of the boxes, with whether they are open."""
        return [f"{head.locator('.title').evaluate('node => node.firstChild.data')} {head.get_attribute('aria-expanded')}" for head in
                self.page.locator(".head").all()]

    def end(self) -> None:
        """Close the page, which may have said nothing and asked for nothing but itself."""
        assert self.said == [] and [url.partition(":")[0] for url in self.asked if not url.startswith("data:")] == ["file"]
        self.page.close()


def test_small_solution(browser: Browser, tmp_path: Path) -> None:
    """All is shown; groups fold by mouse and by keyboard; search, tenant, kinds and findings filter; the details tell what belongs to a server."""
    looked = Looked(browser, tmp_path / "small.html", solution(4, 2))
    page = looked.page
    assert looked.titles() == ["Group of UCS_0 true", "Group of UCS_1 true", "Pair UCS_0 true", "Pair UCS_1 true", "Interaction Servers true",
                               "Interaction Queues true"]
    assert sorted(looked.names()) == ["Chat_000", "Chat_001", "Chat_002", "Chat_003", "Chat_In", "IXN", "Sales_In", "UCS_0", "UCS_1"]
    lines = [" / ".join(wire.locator("text").all_text_contents()) for wire in page.locator(".wire").all()]
    assert "\u2192 default \u00b7 addp 10/12 s / \u2190 ESP \u00b7 no addp \u00b7 to 1 of 2" in lines and "\u2192 default \u00b7 addp 10/12 s" in lines
    assert page.locator(".chip.error").count() == 1 and "\u27161" in str(page.locator(".chip.error").text_content()).replace("\u2716 1", "\u27161")

    page.locator(".head").first.click()
    assert looked.titles()[0] == "Group of UCS_0 false" and "Chat_000" not in looked.names()
    page.keyboard.press("Enter")
    assert looked.titles()[0] == "Group of UCS_0 true"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#details h2").text_content() == "Chat_000"
    told = str(page.locator("#details").text_content())
    words = ("host-of-Chat_000", "RUNNING", "default 4580, ESP 4582", "L00", "It hurts. Mend it.", "UCS_0", "addp 10/12 s, trace both")
    assert all(word in told for word in words)
    assert page.locator(".chip.near .name").all_text_contents() == ["UCS_0", "IXN", "Chat_In", "Sales_In"]
    page.keyboard.press("Escape")
    assert not page.locator("#details").is_visible()

    page.fill("#search", "chat_003")
    assert page.locator("#found").text_content() == "1 object found" and page.locator(".chip.hit .name").all_text_contents() == ["Chat_003"]
    page.press("#search", "Enter")
    assert page.locator("#details h2").text_content() == "Chat_003"
    page.fill("#search", "")
    page.select_option("#tenant", "Sales")
    assert "Chat_In" not in looked.names() and "Sales_In" in looked.names()
    page.select_option("#severity", "error")
    assert looked.names() == ["Chat_000"]
    page.select_option("#severity", "")
    page.get_by_label("Other servers").check()
    page.get_by_label("Chat Servers", exact=True).uncheck()
    assert "MessageServer" in looked.names() and not any(name.startswith("Chat_0") for name in looked.names())
    looked.end()


def test_many_servers(browser: Browser, tmp_path: Path) -> None:
    """Groups are folded, and say what is in them; a search unfolds the one that is meant."""
    looked = Looked(browser, tmp_path / "many.html", solution(MANY, 8))
    assert looked.names() == [] and len(looked.titles()) == 18
    assert "25 Chat Servers" in str(looked.page.locator(".head").first.text_content())
    looked.page.fill("#search", "chat_077")
    looked.page.press("#search", "Enter")
    assert len(looked.names()) == MANY / 8 and looked.page.locator(".chip.chosen .name").all_text_contents() == ["Chat_077"]
    looked.page.click("#unfold")
    assert sum(name.startswith(("Chat_0", "Chat_1")) for name in looked.names()) == MANY
    looked.end()


def test_compared(browser: Browser, tmp_path: Path) -> None:
    """What differs, what is missing and what is additional are told by signs and words, in boxes that are folded too; values are only shown; a filter, a search
    and a table find them. Without a comparison there is nothing of it."""
    looked = Looked(browser, tmp_path / "compared.html", compared(solution(4, 2)))
    page = looked.page
    assert "Compared with the description: 1 differs, 1 only on the other side, 1 only here." in str(page.locator("#about").text_content())
    assert "4 Chat Servers" in str(page.locator("#about").text_content()) and "2 Interaction Queues" in str(page.locator("#about").text_content())
    signs = {str(chip.locator(".name").text_content()): chip.locator(".sign").text_content() for chip in page.locator(".chip:has(.sign)").all()}
    assert signs == {"Chat_001": "\u2260", "Chat_002": "+", "Night_In": "\u2212"}
    assert "differs in 2 values" in str(page.locator(".chip.differs").get_attribute("aria-label"))
    page.locator(".chip.differs").click()
    cells = [row.locator("td").all_text_contents() for row in page.locator("#details tbody tr").all()]
    assert cells == [["options/settings/limit", "2000", "<b>1000</b>"], ["host", "nothing", "other"]] and page.locator("#details td b").count() == 0
    page.keyboard.press("Escape")
    page.select_option("#difference", "missing")
    assert looked.names() == ["Night_In"] and "only on the other side" in str(page.locator(".chip .second").text_content())
    page.select_option("#difference", "any")
    assert sorted(looked.names()) == ["Chat_001", "Chat_002", "Night_In"]
    page.fill("#search", "settings/limit")
    assert page.locator("#found").text_content() == "1 object found"
    page.click("#fold")
    assert sorted(page.locator(".head .mark-text").all_text_contents()) == ["+1", "\u22121", "\u22601"]
    page.click("#differences summary")
    rows = page.locator("#differences tbody tr")
    rows.nth(4).wait_for()  # the browser tells the page some time after the click that the table is open
    assert rows.count() == 5 and rows.nth(4).locator("td").all_text_contents() == ["agents", "\u2260 differs", "Chat/persons", "nothing", "[]", "no"]
    looked.end()
    plain = Looked(browser, tmp_path / "plain.html", solution(4, 2))
    assert not plain.page.locator(".compared").first.is_visible() and not plain.page.locator("#differences").is_visible()
    plain.end()


def test_names_are_only_shown(browser: Browser, tmp_path: Path) -> None:
    looked = Looked(browser, tmp_path / "nasty.html", GRAPH)
    page = looked.page
    page.locator(".chip").click()
    page.click("#servers summary")
    assert page.locator("#details h2").text_content() == NASTY and page.locator("#servers td").first.text_content() == NASTY
    assert page.locator("img").count() == 0 and page.title() == "Chat solution"
    looked.end()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(browser: Browser, tmp_path: Path, scheme: Any) -> None:
    """axe-core finds nothing, with all that can be opened open; both schemes are as the system wants them, and as the reader chooses."""
    looked = Looked(browser, tmp_path / "small.html", compared(solution(4, 2)), color_scheme=scheme)
    page = looked.page
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 29)"
    assert dark == (scheme == "dark")
    page.locator(".chip.differs").click()
    for table in ("differences", "servers", "connections"):
        page.click(f"#{table} summary")
        page.locator(f"#{table} tbody tr").first.wait_for()
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    page.select_option("#theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 22, 29)"
    looked.end()


def test_printed(browser: Browser, tmp_path: Path) -> None:
    """The picture and the tables, and nothing to click; in light colours whatever the screen has."""
    looked = Looked(browser, tmp_path / "small.html", solution(4, 2), color_scheme="dark")
    page = looked.page
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#controls").is_visible() and not page.locator("#details").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert str(page.locator("#picture").get_attribute("viewBox")).startswith("0 0 ") and page.locator("#servers tbody tr").count() == 10
    assert page.locator("#servers td", has_text="host-of-Chat_003").is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#picture").get_attribute("viewBox") is None
    looked.end()
