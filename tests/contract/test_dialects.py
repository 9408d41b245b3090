# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The suite finds out, for every dialect of the sandbox, exactly what that dialect declares, and leaves nothing behind."""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import permutations

import pytest

from contract.conftest import Run, Suite
from contract.place import PREFIX
from contract.questions import QUESTIONS
from sandbox.gax.dialects import DIALECTS, Dialect

#: HTTP status of the refusals that the suite provokes, where the dialect leaves it to the kind of the refusal.
BY_KIND = {"ObjectNotFound": 404, "UniquenessViolation": 409, "DependentObjects": 409, "IncorrectReferences": 409}
#: Which questions each feature of a dialect decides.
REFUSALS = ["missing_object", "unknown_class", "duplicate_name", "missing_mandatory", "wrong_reference", "delete_in_use", "delete_again"]
FEATURES = {
    "create": ["create", "folder"],
    "replace": ["replace"],
    "delete": ["delete"],
    "empty_lists": ["empty_lists"],
    "numbers": ["numbers"],
    "extra_fields": ["extra_fields"],
    "name_match": ["name_match"],
    "cookie": ["cookie"],
    "passwords": ["password_form", "second_password_form"],
    "expired": ["no_session", "ended_session"],
    "login_failure": ["failed_login"],
    "template_options": ["template_options"],
    "missing_list": ["missing_list"],
    "error_body": REFUSALS,
    "error_status": REFUSALS,
}
#: What no question decides: an object is put back as it was read either way; where an object without a folder goes would lie outside of the suite's own.
UNASKED = ["empty_scalars", "tenant_mode", "folder"]


def expected(dialect: Dialect) -> dict[str, str]:
    """Return the answer to every question, as a regular expression, by what the dialect declares."""

    def refused(kind: str) -> str:
        status = dialect.error_status or BY_KIND.get(kind, 400)
        body = {"code": "JSON: code, error, message", "text": "text", "html": "page", "errors": "JSON: errors"}[dialect.error_body]
        return f"{status} {body}; CFG{kind}"

    def written(form: str) -> str:
        return form.replace("empty", "nothing") if " " in form else f"{form} nothing"

    absent = {"302": "302 redirect", "html": "200 page"}.get(dialect.expired, f"{dialect.expired} page")
    other = {"both": "plain accepted", "plain": "obfuscated refused", "obfuscated": "plain refused"}[dialect.passwords]
    same = {
        "version": r"9\.0\.000\.15",
        "login": "204 nothing",
        "forgery_protection": "none",
        "lists": "200 list",
        "read": "200 object",
        "version_check": "no",
        "contact_server_pairs": "none found",
        "brief": "dbid, folderid, name, state, subtype, type",
        "empty_list": "cleared",
        "missing_property": "kept",
        "modules": "create, repeat, change, remove",
    }
    yes = "user_info parallel complete same_alone dbid_match filters enumerations known_fields create_folder text put_back connection left_behind".split()
    return {
        **same,
        **dict.fromkeys(yes, "yes"),
        "create": written(dialect.create),
        "folder": written(dialect.create),
        "replace": written(dialect.replace),
        "delete": written(dialect.delete),
        "empty_lists": {"annex": "absent, present"}.get(dialect.empty_lists, dialect.empty_lists),
        "numbers": "numbers" if dialect.numbers else "strings",
        "extra_fields": r"origin, portinfos\.linkid, replicationid, retired" if dialect.extra_fields else "none",
        "name_match": {"nocase": "other case"}.get(dialect.name_match, dialect.name_match),
        "cookie": dialect.cookie,
        "password_form": "plain" if dialect.passwords == "plain" else "obfuscated",
        "second_password_form": other,
        "failed_login": f"{dialect.login_failure} .*; no session",
        "no_session": absent,
        "ended_session": absent,
        "template_options": dialect.template_options,
        "missing_list": "cleared" if dialect.missing_list == "clears" else "kept",
        "missing_object": refused("ObjectNotFound"),
        "unknown_class": refused("UnsupportedObject"),
        "duplicate_name": refused("UniquenessViolation"),
        "missing_mandatory": refused("IncompleteObjectData"),
        "wrong_reference": refused("IncorrectReferences"),
        "delete_in_use": refused("DependentObjects"),
        "delete_again": refused("ObjectNotFound"),
    }


def differences(wanted: dict[str, str], answers: dict[str, str]) -> set[str]:
    """Return the keys whose answer is not the one wanted."""
    return {key for key in wanted.keys() | answers.keys() if not re.fullmatch(wanted.get(key, "(?!)"), answers.get(key, ""))}


@pytest.fixture(scope="module")
def runs(suite: Suite) -> dict[str, Run]:
    """The runs so far, by dialect: each dialect is asked once."""
    return {}


def run(suite: Suite, runs: dict[str, Run], dialect: str) -> Run:
    """Return the run in a dialect; it must not have changed the database."""
    if dialect not in runs:
        suite.sandbox.reset()
        suite.sandbox.dialect(dialect)
        before = suite.objects()
        runs[dialect] = suite.run("--yes", "--failed-logins")
        assert suite.objects() == before
    return runs[dialect]


def test_every_feature_of_the_dialects_has_its_question() -> None:
    assert list(FEATURES) == [field.name for field in fields(Dialect) if field.name not in ("name", *UNASKED)]
    assert set(expected(DIALECTS["plain"])) == set(QUESTIONS) - {"logout"}


# In one test each for the sake of the workers of pytest, which share no runs.
@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_the_table_says_what_the_dialect_declares(suite: Suite, runs: dict[str, Run], dialect: str) -> None:
    done = run(suite, runs, dialect)
    assert differences(expected(DIALECTS[dialect]), done.answers) == set(), done.screen
    assert done.verdicts("not asked") == {"logout"} and done.verdicts("differs") == set()
    assert done.code == 0
    for answer in done.answers.values():
        assert answer.split()[0] in done.screen
    for secret in (suite.sandbox.password, suite.sandbox.password.replace("\\", "\\\\").replace('"', '\\"'), PREFIX, "127.0.0.1"):
        assert secret not in done.text
    other = next(name for name in DIALECTS if name != dialect)
    assert differences(expected(DIALECTS[other]), done.answers) != set()


@pytest.mark.parametrize(("declared", "spoken"), list(permutations(sorted(DIALECTS), 2)), ids="-".join)
def test_declarations_of_two_dialects_differ_where_their_features_do(declared: str, spoken: str) -> None:
    """So a server that changes its dialect is told from what it declared, feature by feature."""
    first, second = expected(DIALECTS[declared]), expected(DIALECTS[spoken])
    told = {key for key in first if first[key] != second[key]}
    changed = [name for name in FEATURES if getattr(DIALECTS[declared], name) != getattr(DIALECTS[spoken], name)]
    for name in changed:
        assert told & set(FEATURES[name]), name
    assert told <= {key for name in changed for key in FEATURES[name]}


def test_a_server_that_changes_its_dialect_is_noticed(site: Suite) -> None:
    site.sandbox.dialect("typed")
    found = differences(expected(DIALECTS["plain"]), site.run("--read-only", "--failed-logins").answers)
    asked = {key for key, question in QUESTIONS.items() if question.needs in ("reads", "--failed-logins")} - {"logout"}
    features = ["empty_lists", "numbers", "extra_fields", "cookie", "passwords", "login_failure", "error_body"]
    not_asked = set(expected(DIALECTS["plain"])) - asked
    assert found - not_asked == {key for name in features for key in FEATURES[name] if key in asked} - {"password_form"}
