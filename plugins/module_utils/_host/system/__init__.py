# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine itself: accounts, programs, processes, ports, files, systemd, and the error that every room raises. Nothing here knows what an
installation package or an application's state is."""
