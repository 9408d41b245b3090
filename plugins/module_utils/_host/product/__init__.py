# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies on disk: installation packages, installation directories with their backups and markers, and where those may lie. Read and
described here, and written only as notes; what runs the installer or moves an installation belongs to install and recover."""
