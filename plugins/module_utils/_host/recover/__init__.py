# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back to a complete installation: what was cut short is finished or undone, and a backup becomes the installation again. Installing something
new belongs to install."""
