# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules of the collection support."""

from __future__ import annotations


class ModuleDocFragment:
    """Used as genesys_engage.chat.attributes (modules that change something), genesys_engage.chat.attributes.info (they ask GAX) and
    genesys_engage.chat.attributes.host_info (they look at a managed host).
    """

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  action_group:
    description: Use C(group/genesys_engage.chat.chat) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - genesys_engage.chat.chat
"""

    INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: This module does not modify anything.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not modify anything.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: This module does not modify anything.
  action_group:
    description: Use C(group/genesys_engage.chat.chat) in C(module_defaults) to set the connection options once.
    support: full
    membership:
      - genesys_engage.chat.chat
"""

    HOST_INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
    details: This module does not modify anything.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details: This module does not modify anything.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
    details: This module does not modify anything.
  platform:
    description: Target OS/families that can be operated against.
    support: full
    platforms: linux
"""
