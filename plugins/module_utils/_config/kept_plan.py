# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan kept in a file, for a person to approve: what is then written must be exactly that.

The file holds the changes as they are shown (plan.describe), so no secrets. Whether the secret values are the same is told by a seal, a slow hash with
a salt. A digest tells whether somebody changed the file by hand; it is no signature, so who may write the file must be trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets as random_bytes
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .._common.files import read_regular, replace_regular
from .errors import InvalidInput
from .moments import stamp, utc_now
from .plan import describe
from .secrets import HIDDEN
from .snapshot import SIZE_LIMIT, make_directory
from .types import object_type

if TYPE_CHECKING:
    from .plan import Plan
    from .secrets import Secrets

#: What the file says of itself.
FORMAT = "genesys_engage.chat plan"
VERSION = 1

KEEP, REQUIRE = "keep", "require"

#: Rounds of the hash over secret values: a tenth of a second for who knows them, and long for who guesses.
_ROUNDS = 200_000

#: So many differences are told.
_SHOWN = 12


def about(*options: str) -> Callable[[Mapping[str, Any]], tuple[dict[str, str], bool]]:
    """Return the function (params) that tells what a kept plan of a module's arguments is about, which is the value of these options, and whether nothing
    may be written without one: in production, unless without_plan says so."""
    def told(params: Mapping[str, Any]) -> tuple[dict[str, str], bool]:
        return {option: params[option] or "" for option in options}, params["production"] and not params.get("without_plan")
    return told


class KeptPlan:
    """The file of one run.

    Args:
        path: the file, '' for none.
        needed: whether nothing may be written without one.
        server: address of GAX.
        subject: what else the plan is about, word -> text, as {"tenant": "Environment"}.
        author: who keeps it, for the file.
        secrets: hides values.
        action: keep, require, or '' for keep in check mode and require otherwise.
        way_out: option that lets a run write without a plan all the same, '' for none.

    Attributes:
        kept: the digest of the file that was kept, '' if none was.
    """

    def __init__(self, path: str, needed: bool, server: str, subject: Mapping[str, str], author: Mapping[str, str], secrets: Secrets,
                 action: str = "", way_out: str = "") -> None:
        self.path = os.path.abspath(path) if path else ""
        self.kept = ""
        self._needed = needed
        self._server = server
        self._subject = dict(subject)
        self._author = dict(author)
        self._secrets = secrets
        self._action = action
        self._way_out = way_out

    def settle(self, plan: Plan, check_mode: bool) -> None:
        """Keep the plan, or refuse one that is not as the kept one; raises InvalidInput. Called before anything is written."""
        if self._action == REQUIRE or not check_mode:
            if self._action == KEEP:
                raise InvalidInput("plan_action: a plan is kept in check mode (--check), and this run would write; nothing was written")
            self._require(plan)
        elif self.path:
            self._keep(plan)

    def _keep(self, plan: Plan) -> None:
        salt = random_bytes.token_hex(16)
        content = {"format": FORMAT, "version": VERSION, "server": self._server, "subject": self._subject, "time": stamp(utc_now()), **self._author,
                   "changes": _plain(describe(plan, self._secrets.mask)), "salt": salt, "seal": self._seal(plan, salt)}
        content["digest"] = _digest(content)
        try:
            make_directory(os.path.dirname(self.path))
            replace_regular(self.path, json.dumps(content, indent=1) + "\n", 0o600, replace_link=True)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"plan_file: '{self.path}' could not be written: {getattr(error, 'strerror', None) or error}") from None
        self.kept = content["digest"]

    def _require(self, plan: Plan) -> None:
        if not self.path:
            if self._needed:
                urgent = f"; for what can't wait for that, set {self._way_out} to true" if self._way_out else ""
                raise InvalidInput("production: this is a production environment, so that only a plan that was kept is applied. Keep one with --check and "
                                   f"plan_file, have it approved, and give the same plan_file without --check{urgent}")
            return
        content = self._content()
        if content["server"] != self._server:
            raise InvalidInput(f"plan_file: '{self.path}' was kept for {content['server']}, and gax_url leads to {self._server}")
        for word in dict.fromkeys([*self._subject, *content["subject"]]):
            kept, ours = (subject.get(word, "") for subject in (content["subject"], self._subject))
            if kept != ours:
                raise InvalidInput(f"plan_file: '{self.path}' was kept for {word} '{kept}', and this run is for {word} '{ours}'")
        if not plan:
            return  # nothing is left to do
        told = differences(content["changes"], _plain(describe(plan, self._secrets.mask)))
        if not told and content["seal"] != self._seal(plan, content["salt"]):
            told = ["the value of a secret option is another one"]
        if told:
            more = [f"and {len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
            raise InvalidInput(f"plan_file: what would be written is not what '{self.path}' holds, which was kept at {content['time']}: "
                               f"{'; '.join(told[:_SHOWN] + more)}. Nothing was written: keep a new plan with --check, and have it approved")

    def _content(self) -> dict[str, Any]:
        """Return the file's content; raises InvalidInput."""
        try:
            found = read_regular(self.path, SIZE_LIMIT)
        except (OSError, ValueError) as error:
            raise InvalidInput(f"plan_file: '{self.path}' can't be read: {getattr(error, 'strerror', None) or error}") from None
        if found is None:
            raise InvalidInput(f"plan_file: there is no plan '{self.path}'; --check with the same plan_file keeps one")
        try:
            content = json.loads(found)
        except (ValueError, RecursionError):
            raise InvalidInput(f"plan_file: '{self.path}' is not a plan: it holds no JSON") from None
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise InvalidInput(f"plan_file: '{self.path}' is not a plan of this collection")
        if content.get("version") != VERSION:
            raise InvalidInput(f"plan_file: '{self.path}' is of version {content.get('version')}, and this collection reads version {VERSION}")
        if content.pop("digest", None) != _digest(content):
            raise InvalidInput(f"plan_file: '{self.path}' was changed after it was kept, so nobody knows what was approved: keep a new one with --check")
        return content

    def _seal(self, plan: Plan, salt: str) -> str:
        """Return a hash over the secret values of a plan, '' if it has none."""
        values = [[change.kind, change.name, list(path), str(old), str(new)] for change in plan.changes
                  for path, (old, new) in change.edits.items() if HIDDEN in (self._secrets.shown(path, old), self._secrets.shown(path, new))]
        return hashlib.pbkdf2_hmac("sha256", json.dumps(values).encode(), salt.encode(), _ROUNDS).hex() if values else ""


def _plain(changes: list[dict[str, Any]]) -> Any:
    """Return data as they are after they have been in a file."""
    return json.loads(json.dumps(changes, sort_keys=True))


def _digest(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def differences(kept: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """Return sentences on how two lists of changes (plan.describe) differ, [] if they are the same."""
    if kept == now:
        return []
    told = []
    left, right = _by_object(kept), _by_object(now)
    for key in dict.fromkeys([*left, *right]):
        label = f"{key[0]} {object_type(key[1]).word} '{key[2]}'"
        if key not in right:
            told.append(f"{label} is in the plan, and would not be done now")
        elif key not in left:
            told.append(f"{label} would be done now, and is not in the plan")
        elif left[key] != right[key]:
            told += [f"{label}: {text}" for text in _other_values(left[key], right[key])] or [f"{label}: it is made in other steps"]
    return told or ["the order of the writes is another one"]


def _by_object(changes: list[dict[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for change in changes:
        found.setdefault((change["action"], change["type"], change["name"], change["tenant"]), []).append(change)
    return found


def _other_values(kept: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[str]:
    left, right = _values(kept), _values(now)
    for path in sorted({*left, *right}):
        if left.get(path) != right.get(path):
            yield f"{path}: in the plan {_step(left.get(path))}, now {_step(right.get(path))}"


def _step(values: tuple[Any, Any] | None) -> str:
    if values is None:
        return "left as it is"
    old, new = ("nothing" if value is None else f"'{value}'" for value in values)
    return f"{old} -> {new}"


def _values(changes: list[dict[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Return path -> (before, after) of all writes to an object."""
    before, after = ({path: value for change in changes for path, value in _leaves(change[word])} for word in ("before", "after"))
    return {path: (before.get(path), after.get(path)) for path in {**before, **after}}


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _leaves(value, f"{path}/{key}" if path else str(key))
    else:
        yield path, tree
