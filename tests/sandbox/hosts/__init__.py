# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real hosts on one machine: each with a network, a disk, systemd and sshd of its own. See docs/hosts.md."""
