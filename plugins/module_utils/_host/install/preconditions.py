# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that data alone decides: the package against what is installed, the application against its Host and type."""

from typing import Any, Dict, Optional

from ..product.description import Description, version_numbers
from ..product.installed import Installed
from ..system.errors import HostError
from .machine import is_this_machine

# The installer takes InstallPath from the response file from this version on (Source: IP: description file).
OLDEST_VERSION = "8.0.000.00"

# Types of the applications for which packages are made, by nickname. Chat Server, Contact Server and Interaction Server
# carry the product's name; a Genesys Mobile Services node was seen as a generic server (Sources: IP: description file; G12).
APPLICATION_TYPES = {
    "eSChatSrv": "CFGChatServer",
    "eSContSrv": "CFGContactServer",
    "eSInteractSrv": "CFGInteractionServer",
    "GMS": "CFGGenericServer",
}

# What these products are called.
PRODUCTS = {
    "eSChatSrv": "Chat Server",
    "eSContSrv": "Universal Contact Server",
    "eSInteractSrv": "Interaction Server",
    "GMS": "Genesys Mobile Services",
}


def check_product(package: Description, nickname: Optional[str]) -> None:
    """Refuse a package of another product, or one from before silent installations worked as described.

    Raises:
        HostError: names both products, or the version.
    """
    if nickname and package.nickname != nickname:
        raise HostError(f"src holds {package}, but nickname asks for {nickname}.", "Choose the package of that product.")
    if version_numbers(package.version) < version_numbers(OLDEST_VERSION):
        raise HostError(f"src holds {package}; packages before {OLDEST_VERSION} do not take their directory from a response file.", "Give a newer one.")


def check_purpose(package: Description, application: str, facts: Optional[Dict[str, Any]]) -> None:
    """Refuse the package of one known product for an application of another one, whatever the directory holds.

    Args:
        package: what is going to be installed.
        application: name of the application that it is for.
        facts: see option ``facts``; without the application's type nothing is checked.

    Raises:
        HostError: names what the package is, and which one it should be.
    """
    found = (facts or {}).get("application") or {}
    wanted = next((nickname for nickname, kind in APPLICATION_TYPES.items() if kind == found.get("type")), None)
    if package.nickname in APPLICATION_TYPES and found.get("type") and APPLICATION_TYPES[package.nickname] != found["type"]:
        fitting = f"the package of {PRODUCTS[wanted]}" if wanted else f"a package for a {found['type']}"
        raise HostError(
            f"src is {package.nickname} ({PRODUCTS[package.nickname]}), but '{application}' is a {PRODUCTS[wanted] if wanted else found['type']}.",
            f"Give {fitting}.",
        )


def check_replacement(package: Description, before: Installed, allow_downgrade: bool, application: Optional[str] = None) -> None:
    """Refuse to replace another product, or a newer release.

    Raises:
        HostError: names what is installed and what would replace it.
    """
    if before.description is None:
        return
    if before.description.nickname != package.nickname:
        owner = before.start_script.application if before.start_script else None
        raise HostError(
            f"path: {before.path} holds {before.description}; {package} is another product.",
            f"'{application}' itself runs that product: give its package." if owner == application else "Give each application a directory of its own.",
        )
    if package.order < before.description.order and not allow_downgrade:
        raise HostError(f"src holds {package}, older than the installed {before.description}.", "Set allow_downgrade to install it nevertheless.")


def check_application(
    package: Description, application: str, facts: Optional[Dict[str, Any]], host_name: Optional[str], before: Installed
) -> None:
    """Check the application object as far as the configuration host has handed over facts about it.

    The installer takes an application that is the only one of the product's type on the host, whatever name the response
    file gives; and it checks neither type nor host of the one named (Source: IP: Configuration Server).

    Args:
        package: what is going to be installed.
        application: name of the application that it is for.
        facts: see option ``facts``; without them nothing is checked.
        host_name: the name of this machine's Host object; None to recognise it by the machine's own names.
        before: what the directory holds now.

    Raises:
        HostError: names the rule and the objects.
    """
    if facts is None:
        return
    if not facts.get("itcutility"):
        raise HostError(
            "The Configuration Server has no application 'ITCUtility', by which the installer logs in.",
            "Create it from the template 'Install-Time Configuration Utility' (type CFGITCUtility).",
        )
    found = facts.get("application")
    if found is None:
        raise HostError(f"application: '{application}' does not exist in the Configuration Server.", "Configure it before its package is installed.")
    wanted = APPLICATION_TYPES.get(package.nickname, found["type"])
    others = facts.get("applications_on_host") or []
    alike = [item["name"] for item in others if item["type"] == wanted]
    if len(alike) == 1 and alike[0] != application:
        raise HostError(
            f"application: '{alike[0]}' is the only {wanted} on this host, so the installer would take it in place of '{application}'.",
            f"Correct the host of '{application}' or of '{alike[0]}'.",
        )
    _check_host(application, found["host"], facts.get("host"), host_name)
    neighbour = before.start_script.application if before.start_script else None
    if neighbour and neighbour != application and any(item["name"] == neighbour for item in others):
        raise HostError(f"path: {before.path} belongs to the application '{neighbour}'.", "Give each application a directory of its own.")


def _check_host(application: str, configured: Optional[str], stated: Optional[str], host_name: Optional[str]) -> None:
    if not configured:
        raise HostError(f"application: '{application}' has no host.", "Configure its host first.")
    here = host_name or stated or ""
    if configured != here:
        raise HostError(
            f"application: '{application}' is configured on host '{configured}', not on " + (f"'{here}'." if here else "this one."),
            "Run the installation on that host, or correct the application.",
        )
    if not host_name and not is_this_machine(configured):
        raise HostError(
            f"Host '{configured}' of '{application}' is not this machine by its name or address.",
            "Set host_name if the Host object has another name than the machine.",
        )
