# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fuzz: arguments of the modules as processes, against the sandbox; many more run in unit/chat/test_fuzz_arguments.py."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from integration.agents import furnish_agents
from integration.configured_site import Site
from integration.engagement import engage
from integration.module_runner import Outcome
from integration.vocabulary import Leaf, Leaves, Snapshot, explain
from unit.fuzzing import SNAPSHOT, VALID, arguments_of, examples, gax_modules

CASES = st.sampled_from(gax_modules()).flatmap(lambda module: st.tuples(st.just(module), arguments_of(module), st.booleans()))


def ends_well(outcome: Outcome) -> None:
    """Assert one line of JSON, the fitting exit code, and no word of the inside."""
    assert outcome.result, f"no result, exit code {outcome.returncode}: {outcome.everything}"
    assert outcome.returncode == (1 if outcome.result.get("failed") else 0)
    assert not outcome.stderr and "Traceback" not in outcome.everything, outcome.everything
    assert "defect of the collection" not in outcome.everything, outcome.message


def unmasked(tree: dict[str, Any], leaves: Leaves, start: Leaf = ()) -> dict[str, Any]:
    """Return nested values with those that are hidden filled in from the database."""
    found = {}
    for key, value in tree.items():
        shown = unmasked(value, leaves, (*start, key)) if isinstance(value, dict) else value
        found[key] = leaves.get((*start, key)) if shown == "********" else shown
    return found


def told(changes: list[dict[str, Any]], before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the writes as the module tells them, with the secrets that it does not tell."""
    found = []
    for change in changes:
        sides = {}
        for side, database in (("before", before), ("after", after)):
            state = Snapshot(database)
            raw = state.objects().get((change["type"], change["name"]))
            sides[side] = unmasked(change[side], state.words(raw) if raw else {})
        found.append({**change, **sides})
    return found


def run(site: Site, module: str, arguments: dict[str, Any], check: bool, database: dict[str, Any]) -> Outcome:
    """Run a module from a known state and judge what it wrote by what it says."""
    site.sandbox.restore(database)
    before = site.sandbox.database()
    outcome = site.run(module, check, **arguments)
    ends_well(outcome)
    if check or module in ("deployment_info", "removal_plan_info"):
        assert site.writes() == [], "check mode writes, or a module that only tells what another one would write"
    elif outcome.result.get("failed"):
        assert site.writes() == [] or "Written before" in outcome.message
    elif "changes" in outcome.result:
        after = site.sandbox.database()
        explain(told(outcome.changes, before, after), before, after)
    return outcome


def test_any_arguments(furnished: Site) -> None:
    site = furnished
    engage(site, "ChatServer_1")
    furnish_agents(site)
    database = site.sandbox.database()
    # What modules write to files by relative paths goes to the runner's directory; it is taken away at the end.
    taken = site.ok("chat_server_app", name="ChatServer_1", options={"settings": {"limit-for-sessions": 777}})
    changed = site.sandbox.database()
    existing = set(site.runner.directory.iterdir())

    @given(CASES)
    @examples(50)
    def anything(case: tuple[str, dict[str, Any], bool]) -> None:
        module, arguments, check = case
        if arguments.get("path") == SNAPSHOT:
            arguments = {**arguments, "path": taken.result["snapshot"]}
        run(site, module, arguments, check, changed)

    anything()
    site.sandbox.restore(database)
    for path in set(site.runner.directory.iterdir()) - existing:
        if path.is_file():
            path.unlink()


def test_valid_arguments_are_taken(furnished: Site) -> None:
    """The control: most of the arguments that are spoiled would be taken if they were not."""
    engage(furnished, "ChatServer_1")
    furnish_agents(furnished)
    for name in ("ChatServer_1", "ChatServer_2", "UCS_1", "UCS_2"):  # the others may be moved about
        furnished.sandbox.edit("CfgApplication", name, workdirectory=f"/opt/genesys/{name}")
    database = furnished.sandbox.database()
    failed = {}
    for module in sorted(set(gax_modules()) - {"application_template", "config_restore"}):
        outcome = run(furnished, module, VALID[module][0], False, database)
        failed.update({module: outcome.message} if outcome.result.get("failed") else {})
    assert failed == {}
