# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One installation from its options to its result: what the machine and the directory must be like, the response file, the installer's run and
its verdict. What a package or an installation is, is read in product; how to get back is in recover."""
