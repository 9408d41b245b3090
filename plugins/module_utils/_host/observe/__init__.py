# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at what is installed and running on this host, by its directories, logs, ports and connections, without changing anything. What
changes something, and the states by which that is judged, belong to the other rooms."""
