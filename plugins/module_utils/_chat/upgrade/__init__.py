# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rolling upgrade: its plan from the Configuration Server, and what is made of what the hosts of a run have seen and done.

Here belong pure functions; who looks, stops, installs and starts is in the role rolling_upgrade, and how that is done on a host is in _host.
"""
