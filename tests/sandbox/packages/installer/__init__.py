# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer that a stand-in package carries: what happens after install.sh has unpacked it (standard library only).

Follows what is known of the generic installation sequence of real packages (IP: response file, result log, order of the
sequence, existing target directory, run.sh). Where the real text or number is not known, the module says so.
"""
