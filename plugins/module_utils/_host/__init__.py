# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens on a managed host and on the host that has mlcmd, in rooms: observe, control, install, recover, product, system. A room imports
itself and those after it (control and install know nothing of each other); standard library and Python 3.6 only, never the Configuration Server."""
