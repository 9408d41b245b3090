# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Application templates, imported from an installation package.  Source: G2"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.errors import InvalidInput
from ..context import Context
from ..described_once import require_name, require_once
from ..field import Field, argument_spec, state
from ..part import Draft, Part

if TYPE_CHECKING:
    from ..removal import Removal

_FOLDER = Field("folder", "str", "Folder in which a new template is put, by name or by path from the root.")

#: One template of a description.
TEMPLATE = (
    Field("name", "str", "Name of the template. If there is a template of that name, the file is not looked at.", required=True),
    Field("src", "path", "Path of the C(.apd) file on the host that runs the module.", required=True),
    _FOLDER,
)

#: The options of the module application_template.
MODULE = (
    Field("src", "path", "Path of the C(.apd) file on the host that runs the module. Needed for O(state=present) unless the template exists."),
    Field("name", "str", "Name of the template. If not given, the name in the file is used, and GAX has to parse the file on every run."),
    _FOLDER,
    state("makes sure that the template exists.", "makes sure that it does not."),
)
ARGUMENTS = argument_spec(MODULE)


def application_template(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """Return the Desired of the template in the file params["src"]; GAX parses the file.

    With params["name"] given, a template of that name that exists is left alone, and GAX is not asked to parse.
    Raises InvalidInput when the file can't be read or is not a template.
    """
    directory = context.directory
    name = params["name"]
    if name:
        require_name(name, "name", "the template")
    if params.get("state") == "absent":
        if not name:
            raise InvalidInput("name: needed to remove a template")
        return [Desired("CfgAppPrototype", name, present=False)]
    if name and directory.find("CfgAppPrototype", name) is not None:
        return []
    source = params["src"]
    if not source or not os.path.isfile(source) or not os.access(source, os.R_OK):
        raise InvalidInput(f"src: the file '{source or ''}' does not exist or can't be read")
    parsed = directory.parsed_template(source)
    if parsed is None:
        raise InvalidInput(f"src: GAX found no application template in '{source}'")
    desired = Desired("CfgAppPrototype", name or parsed.name)
    existing = directory.find("CfgAppPrototype", desired.name)
    if existing is not None:
        have, file_has = (f"{found.subtype} {found.value('version')}" for found in (existing, parsed))
        if have != file_has:
            raise InvalidInput(f"src: the template '{desired.name}' exists as {have}, and the file has {file_has}; give it another name")
        return []
    desired.base = parsed.copied()
    for path, value in parsed.leaves(directory, ("type", "version", "options", "annex")).items():
        desired.leaves[path] = value
    if params.get("folder"):
        desired.want_on_create("folder", directory.folder(params["folder"]))
    directory.expect("CfgAppPrototype", desired.name, desired.base)
    return [desired]


def _rule(draft: Draft) -> list[Desired]:
    require_once("application_templates", [f"template '{item['name']}'" for item in draft.given("application_templates")])
    return [template for item in draft.given("application_templates") for template in application_template(draft.context, item)]


def _removal(removal: Removal) -> list[Desired]:
    """A template from which applications were made stays as long as these do.  Source: G5"""
    wanted = []
    for item in removal.given("application_templates"):
        found = removal.directory.find("CfgAppPrototype", item["name"])
        users = [app.name for app in removal.staying() if found is not None and app.template_dbid == found.dbid]
        if users:
            removal.stay("CfgAppPrototype", item["name"], f"applications were made from it: {', '.join(users)}")
        else:
            wanted.append(Desired("CfgAppPrototype", item["name"], present=False))
    return wanted


PART = Part(
    "application_templates",
    fields=(Field("application_templates", "list", "Application templates that must exist, and the files they come from; see "
                  "M(genesys_engage.chat.application_template).", elements="dict", fields=TEMPLATE),),
    place=10,
    rules={"objects": _rule},
    removal=_removal,
)
