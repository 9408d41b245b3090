# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# /// script
# dependencies = ["nox>=2025.02.09", "antsibull-nox"]
# ///
"""Sessions of nox, as antsibull-nox makes them from antsibull-nox.toml. They fetch what they need; ``make test`` does not need them."""

import sys

import nox

try:
    import antsibull_nox
except ImportError:
    print("antsibull-nox is missing: make setup, or pip install antsibull-nox")
    sys.exit(1)

antsibull_nox.load_antsibull_nox_toml()

if __name__ == "__main__":
    nox.main()
