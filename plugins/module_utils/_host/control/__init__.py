# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and stopping applications, and their states: through Solution Control Server (mlcmd) or through systemd with units of our own.
What an application's log, ports and connections tell belongs to observe."""
