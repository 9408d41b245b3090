# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge between Ansible and what happens on a managed host: results, errors, secrets."""

import sys
import traceback
from typing import Any, Callable, Dict

from ._base_module import BaseModule
from ._common.files import NotRegular
from ._host.system.errors import HostError, unexpected


def run_on_host(argument_spec: Dict[str, Any], action: str, work: Callable[[BaseModule], Dict[str, Any]], **kwargs: Any) -> None:
    """Run a module of the host side: call "work" and end with its result, or with a message; never a traceback.

    Args:
        argument_spec: the module's options.
        action: what the module does, for errors of the system that no rule foresees.
        work: takes the module and returns its result.
        kwargs: go to AnsibleModule.
    """
    module = BaseModule(argument_spec, **kwargs)
    ended: Dict[str, Any] = {}
    try:
        result = dict({"changed": False}, **work(module))
    except (HostError, NotRegular) as error:
        refused = error if isinstance(error, HostError) else HostError(str(error))
        ended = {"msg": str(refused), "failure": refused.failure()}
    except (OSError, UnicodeError) as error:
        ended = {"msg": unexpected(action, error, module.secret_arguments()), "failure": {}}
    except Exception as error:  # a defect of ours still has to reach the user as a sentence
        place = traceback.extract_tb(sys.exc_info()[2])[-1]
        ended = {
            # Paths of hosts are texts, so Ansible's own type does not tell which options are one.
            "msg": f"{action} failed: a path can't hold a null byte; write it anew." if isinstance(error, ValueError) and "null byte" in str(error) else
                   f"{action} failed: unexpected {type(error).__name__} in {place.name}, line {place.lineno}: {module.without_secrets(str(error))}. This is "
                   "a defect of the collection; please report it.",
            "failure": {},
        }
    else:
        module.exit_json(**result)
    # Not inside of "except": from there older versions of Ansible add a traceback.
    module.fail_json(**ended)
