# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox: a stand-in for everything of Genesys that the collection talks to. Run it with ``python -m sandbox run``."""
