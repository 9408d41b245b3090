# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What both sides need, the controller and the managed host: texts made safe to show, secrets masked, files read and replaced, the names of
the playbooks' variables. Nothing of the Configuration Server, of installation packages or of Ansible; standard library and Python 3.6 only."""
