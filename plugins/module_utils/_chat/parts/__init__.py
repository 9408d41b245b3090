# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file for each part of the description of a chat solution: its fields, its rule, the way back, what is to be looked at, its places.

What several parts share, and what reads or writes a whole solution, stands one level above. No part knows the list of parts (all_parts).
"""
