# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m contract``: ask a GAX how it answers. The environment names it: GAX_URL, GAX_USERNAME, GAX_PASSWORD and so on.

Exit codes: 0 the collection copes with every answer, 1 it does not with some, 2 it could not be asked (or not agreed to),
3 something was left behind, 130 interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from . import engine, reading, report
from .client import Client, Connection, Interrupted, NoAnswer, Object, Unusable
from .place import PREFIX, Place, content, named_place, new_place, of_former_runs, of_this_run, remove
from .questions import DIFFERS, FAILED_LOGINS, LOGOUT, WRITES, Findings, keys
from .writing import Writer, choose_template

CLEAN_HINT = "what is left can be removed with --clean"
#: Seconds between attempts to clean up.
PAUSES = (0.5, 1.5)


def main(arguments: list[str] | None = None) -> int:
    """Run the suite and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        client = Client(Connection.from_environment(os.environ))
        _listen_for_signals(client)
        findings = Findings()
        reading.log_in(client, findings)
        if options.clean:
            return _clean(client, options)
        return _ask(client, findings, options)
    except (Unusable, NoAnswer) as error:
        print(f"contract: {error}", file=sys.stderr)
        return 2
    except Interrupted:
        print("contract: interrupted", file=sys.stderr)
        return 130
    except KeyboardInterrupt:
        print(f"contract: interrupted twice; {CLEAN_HINT}", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="contract", description="Ask a GAX how it answers, where no public source says it. See docs/contract.md."
    )
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--read-only", action="store_true", help="ask only what needs no write")
    mode.add_argument("--clean", action="store_true", help="list what runs that were killed have left; with --yes remove it")
    parser.add_argument("--yes", action="store_true", help="agree to the writes; without it they are only announced")
    parser.add_argument(
        "--folder",
        default=os.environ.get("CONTRACT_FOLDER"),
        metavar="PATH",
        help="an existing, empty folder for applications (CONTRACT_FOLDER)",
    )
    parser.add_argument(
        "--template",
        default=os.environ.get("CONTRACT_TEMPLATE"),
        metavar="NAME",
        help="application template of the applications that are made (CONTRACT_TEMPLATE)",
    )
    parser.add_argument(
        "--failed-logins", action="store_true", help="ask also what needs up to two failed logins; accounts may be locked after several"
    )
    parser.add_argument("--logout-path", metavar="PATH", help="a path below /gax/api/ that is said to log out, to try it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings, for a bug report")
    parser.add_argument("--details", action="store_true", help="put addresses, names, requests and texts of refusals into the JSON, too")
    return parser


def _listen_for_signals(client: Client) -> None:
    """Let a request that is under way come to its end, then stop. A second signal stops at once."""

    def stop(_number: int, _frame: object) -> None:
        if client.stopped:
            raise KeyboardInterrupt
        client.stopped = True
        print("contract: ending after this request", file=sys.stderr)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _ask(client: Client, findings: Findings, options: argparse.Namespace) -> int:
    place = None
    if not options.read_only:
        place = _place(client, options.folder)
        template = choose_template(client, options.template)
        _announce(client, place, template)
        if not options.yes:
            print("Nothing was written. Agree with --yes, or ask only what needs no write with --read-only.")
            return 2
    ended_early = 0
    try:
        reading.ask_all(client, findings)
        if options.failed_logins:
            reading.fail_logins(client, findings)
        if options.logout_path:
            reading.ask_logout(client, findings, options.logout_path)
        if place:
            _write(client, findings, place, template)
    except Interrupted:
        ended_early = 130
    except (Unusable, NoAnswer) as error:
        print(f"contract: {error}", file=sys.stderr)
        findings.skip(f"ended before: {error}")
        ended_early = 2
    if place is None:
        findings.skip("read-only", keys(WRITES))
    findings.skip("only with " + FAILED_LOGINS, keys(FAILED_LOGINS))
    findings.skip("only with " + LOGOUT, keys(LOGOUT))
    findings.skip("interrupted")
    print(report.table(findings))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        document = report.document(findings, "read-only" if options.read_only else "writing", client, options.details)
        options.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if findings.found["left_behind"].verdict == DIFFERS:
        print(f"contract: it could not clean up ({findings.found['left_behind'].note}); {CLEAN_HINT}", file=sys.stderr)
        return 3
    return ended_early or (1 if findings.of(DIFFERS) else 0)


def _place(client: Client, folder: str | None) -> Place:
    """Return where to write. Raises Unusable if a named folder is not empty."""
    if not folder:
        return new_place(client)
    place = named_place(client, folder)
    inside = content(client, place.dbid)
    if inside:
        hint = f"; {CLEAN_HINT}" if any(str(value.get("name", "")).startswith(PREFIX) for value in inside) else ""
        raise Unusable(f"the folder '{place.path}' is not empty: it holds {len(inside)} objects{hint}")
    return place


def _announce(client: Client, place: Place, template: Object) -> None:
    print(f"GAX at {client.connection.base}, account '{client.connection.username}'.")
    print(
        f"This run creates {'the folder' if place.own else 'in the folder'} '{place.path}'{' and in it' if place.own else ''} at most six applications,"
    )
    print(f"from the template '{template.get('name')}', disabled and without a host, named '{place.name('...')}'.")
    print("It changes only these, and removes all of them at the end. Nothing else is written.\n", flush=True)


def _write(client: Client, findings: Findings, place: Place, template: Object) -> None:
    """Ask the questions that write; whatever comes of it, remove everything."""
    try:
        Writer(client, findings, place, template).ask_all()
        if "modules" not in findings.found:
            engine.ask(client, findings, place, template)
    finally:
        client.cleaning = True
        for pause in (0.0, *PAUSES):
            time.sleep(pause)
            if _clean_up(client, findings, place):
                break


def _clean_up(client: Client, findings: Findings, place: Place) -> bool:
    """Remove what the run has made, in a new session, as the old one may have ended. Return whether nothing is left."""
    try:
        client.enter()
        left = remove(client, of_this_run(client, place))
    except (Unusable, NoAnswer) as error:
        findings.say("left_behind", "not known", str(error))
        return False
    findings.say("left_behind", f"no: {len(left)} objects" if left else "yes", ", ".join(str(value["name"]) for value in left))
    return not left


def _clean(client: Client, options: argparse.Namespace) -> int:
    place = named_place(client, options.folder) if options.folder else new_place(client)
    removable, elsewhere = of_former_runs(client, place)
    for value in removable:
        print(f"{value['type']} {value['name']}")
    for value in elsewhere:
        print(f"{value['type']} {value['name']}: lies elsewhere, and is left alone")
    if not removable:
        print("nothing to remove")
        return 0
    if not options.yes:
        print(f"{len(removable)} objects can be removed: agree with --yes")
        return 0
    left = remove(client, removable)
    for value in left:
        print(f"{value['type']} {value['name']}: still there")
    print(f"{len(removable) - len(left)} of {len(removable)} objects removed")
    return 3 if left else 0


if __name__ == "__main__":
    sys.exit(main())
