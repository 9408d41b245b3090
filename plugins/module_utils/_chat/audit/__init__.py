# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit: rules of the documents against which a configuration is judged, a file for each part of a description, and what is made of their faults.

Here belongs what looks at objects and tells what is wrong. What makes a configuration right is in the parts.
"""
