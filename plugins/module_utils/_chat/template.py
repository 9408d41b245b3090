# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of application templates from an installation package.  Source: G2"""

from __future__ import annotations

import os

from .._config import fields
from .._config.desired import Desired
from .._config.errors import InvalidInput


def application_template(context, params):
    """Return the Desired of the template in the file params["src"]; GAX parses the file.

    With params["name"] given, a template of that name that exists is left alone, and GAX is not asked to parse.
    Raises InvalidInput when the file can't be read or is not a template.
    """
    directory = context.directory
    name = params["name"]
    if params.get("state") == "absent":
        if not name:
            raise InvalidInput("name: needed to remove a template")
        return [Desired("CfgAppPrototype", name, present=False)]
    if name and directory.find("CfgAppPrototype", name) is not None:
        return []
    source = params["src"]
    if not source or not os.path.isfile(source) or not os.access(source, os.R_OK):
        raise InvalidInput("src: the file '%s' does not exist or can't be read" % (source or ""))
    raw = directory.gateway.import_template(source)
    if not isinstance(raw, dict) or not raw.get("name") or not raw.get("subtype"):
        raise InvalidInput("src: GAX found no application template in '%s'" % source)
    desired = Desired("CfgAppPrototype", name or fields.text(raw["name"]))
    existing = directory.find("CfgAppPrototype", desired.name)
    if existing is not None:
        if (existing.subtype, existing.raw.get("version")) != (raw["subtype"], raw.get("version")):
            raise InvalidInput("src: the template '%s' exists as %s %s, and the file has %s %s; give it another name"
                               % (desired.name, existing.subtype, existing.raw.get("version"), raw["subtype"],
                                  raw.get("version")))
        return []
    desired.base = {key: value for key, value in raw.items() if key not in ("dbid", "folderid", "name", "type")}
    for path, value in desired.type.decode(raw, directory, ("type", "version", "options", "annex")).items():
        desired.leaves[path] = value
    if params.get("folder"):
        desired.want_on_create("folder", directory.folder(params["folder"]))
    directory.expect("CfgAppPrototype", desired.name, desired.base)
    return [desired]
