# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in servers that the packages install (standard library only: they run wherever a package is installed).

They speak JSON lines of their own among each other; nothing of it is a Genesys protocol. What is faithful: which ports are
opened, who connects to whom, what happens when a connection is lost, and the standard log events.
"""
