# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory plugin asks GAX and Solution Control Server, on the controller. Nothing here knows Ansible's inventory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.context import Context
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.inventory import SERVERS, inventory, with_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._common.text import printable
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.directory import Directory
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.errors import InvalidInput
from ansible_collections.genesys_engage.chat.plugins.module_utils._config.secrets import Secrets
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway import gax, transport
from ansible_collections.genesys_engage.chat.plugins.module_utils._gateway.errors import EngageError
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.control.statuses import read_statuses
from ansible_collections.genesys_engage.chat.plugins.module_utils._host.system.errors import HostError
from ansible_collections.genesys_engage.chat.plugins.module_utils._module import settings

#: What must be known, with the variable of the environment that may say it.
NEEDED = {"gax_url": "GAX_URL", "gax_username": "GAX_USERNAME", "gax_password": "GAX_PASSWORD"}
NEEDED_BY_MLCMD = {"confserv_host": "CONFSERV_HOST", "confserv_username": "CONFSERV_USERNAME", "confserv_password": "CONFSERV_PASSWORD"}


#: The options that decide what is read.
ASKED = ("gax_url", "gax_username", "tenant", "further_hosts", "mlcmd", "scs_host", "scs_port")

__all__ = ["ASKED", "SERVERS", "SiteUnread", "read_site"]


class SiteUnread(Exception):
    """The site could not be read; the text is a sentence for people, without secrets."""


def read_site(options: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, Any]:
    """Return Host object's name -> {"groups", "variables"}, see inventory; plain data without a secret.

    Args:
        options: of the inventory plugin.
        warn: is told what can be done without: the statuses, unless the option strict is set.

    Raises:
        SiteUnread: GAX is away, refuses, or does not know what was asked for.
    """
    secrets = [str(options[name]) for name in ("gax_password", "confserv_password") if options.get(name)]
    secrets += [part for part in [(options.get("proxy") or "").rpartition("@")[0].rpartition(":")[2]] if part]

    def clean(text: str, sent: Any = None) -> str:
        return Secrets().cleaned(text, sent, secrets)

    try:
        _require(options, NEEDED)
        if transport.requests is None:
            raise InvalidInput("the Python library requests is needed by the Python that runs Ansible: install it there")
        hosts = _hosts(options, clean)
        if options.get("mlcmd"):
            _require(options, NEEDED_BY_MLCMD)
            with_statuses(hosts, _statuses(options, warn))
    except (EngageError, HostError) as error:
        raise SiteUnread(printable(str(error))) from None
    return hosts


def _require(options: Mapping[str, Any], needed: Mapping[str, str]) -> None:
    # An empty environment variable, as AWX may set it, says nothing. The Configuration Server allows an empty password.
    missing = [name for name in needed if options.get(name) is None or (not options[name] and name != "confserv_password")]
    if missing:
        places = ", ".join(f"{name} (or {needed[name]} in the environment)" for name in missing)
        raise InvalidInput(f"Not set: {places}")


def _hosts(options: Mapping[str, Any], clean: Callable[[str, Any], str]) -> dict[str, Any]:
    gateway = gax.Gax(settings(options), read_only=True, clean=clean)
    try:
        return inventory(Context(Directory(gateway)), options.get("tenant") or None, options.get("further_hosts") or ())
    finally:
        gateway.close()


def _statuses(options: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, str]:
    """Return the status of each application; {} if it can't be known and need not be."""
    control = {"control": "solution_control_server", "applications": None, "scs_host": None, "scs_port": None}
    names = ("mlcmd", "confserv_host", "confserv_port", "confserv_username", "confserv_password", "scs_host", "scs_port", "client_application", "timeout")
    try:
        found = read_statuses({**control, **{name: options[name] for name in names}})
    except HostError as error:
        if options.get("strict"):
            raise
        warn(f"The states of the applications are not known. {error}")
        return {}
    return {item["name"]: item["status"] for item in found["applications"]}
