# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in products: what their packages are called and what they install (IP: archive and name)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """One installation package.

    Executable names are the stand-ins' own; nicknames, long names and application types are the real ones, unless said otherwise.
    """

    nickname: str
    name: str
    version: str
    build: str
    build_date: str
    executable: str
    module: str
    app_type: str
    template: str

    @property
    def file_name(self) -> str:
        """Name of the archive: the version without dots, then build, language and operating system."""
        return f"IP_{self.nickname}_{self.version.replace('.', '')}b{self.build}_ENU_linux.tar.gz"


_CHAT = {"nickname": "eSChatSrv", "name": "Chat Server", "executable": "ChatServer", "module": "chat_server", "app_type": "59", "template": "Chat Server 8.5.3"}
_CONTACT = {
    "nickname": "eSContSrv",
    "name": "Universal Contact Server",
    "executable": "ContactServer",
    "module": "contact_server",
    "app_type": "63",
    "template": "Universal Contact Server 9.1",
}
_INTERACTION = {
    "nickname": "eSInteractSrv",
    "name": "Interaction Server",
    "executable": "InteractionServer",
    "module": "interaction_server",
    "app_type": "111",
    "template": "Interaction Server 8.5.2",
}
_GMS = {
    "nickname": "GMS",
    "name": "Genesys Mobile Services",
    "executable": "GMS",
    "module": "gms",
    "app_type": "107",
    "template": "Genesys Mobile Services 8.5.2",
}
# Of this one not even the nickname is public.
_WEB_ENGAGEMENT = {
    "nickname": "GWEBackend",
    "name": "Web Engagement Backend Server",
    "executable": "WebEngagement",
    "module": "web_engagement",
    "app_type": "185",
    "template": "Web Engagement Backend Server 8.1.2",
}

PACKAGES: tuple[Package, ...] = (
    Package(version="8.5.311.06", build="1", build_date="2024-03-05", **_CHAT),
    Package(version="8.5.316.02", build="1", build_date="2025-02-11", **_CHAT),
    Package(version="9.1.000.12", build="1", build_date="2024-04-16", **_CONTACT),
    Package(version="9.1.001.07", build="1", build_date="2025-03-18", **_CONTACT),
    Package(version="8.5.201.05", build="1", build_date="2024-02-20", **_INTERACTION),
    Package(version="8.5.210.02", build="1", build_date="2024-05-14", **_GMS),
    Package(version="8.1.200.10", build="1", build_date="2014-06-24", **_WEB_ENGAGEMENT),
)
