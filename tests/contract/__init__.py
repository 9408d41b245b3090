# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract suite: finds out how a GAX answers where no public source says it (``python -m contract``, docs/contract.md)."""
