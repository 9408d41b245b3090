# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AnsibleModule under all modules of this collection: it hides secrets by their place, so that data arrive as they are.

Ansible itself looks for the value of each option with no_log in all that a module returns, and replaces it wherever it is part
of a text: with the password "genesys" the path /opt/genesys becomes /opt/********, and that is what the next task works with.
So here Ansible's search ends as soon as the arguments are valid. From then on secrets are hidden where they stand (arguments
here, options by their names in _config/secrets.py) and where texts of others come in (_common/masking.py).
"""

from typing import Any, Dict, List, Set

from ansible.module_utils.basic import AnsibleModule

from ._common.masking import MASK, mask


class BaseModule(AnsibleModule):
    """An AnsibleModule whose results no password can damage, and whose arguments are shown and logged without secrets."""

    params: Dict[str, Any]
    no_log_values: Set[str]

    def __init__(self, argument_spec: Dict[str, Any], **kwargs: Any) -> None:
        super().__init__(argument_spec=argument_spec, supports_check_mode=True, **kwargs)
        self._check_paths()
        self.check_arguments()
        self.no_log_values = set()

    def _check_paths(self) -> None:
        """Refuse paths that the system takes for a mistake of the program, and not for one of who wrote them."""
        for name, option in self.argument_spec.items():
            if "path" in (option.get("type"), option.get("elements")) and any("\0" in text for text in _texts(self.params.get(name))):
                self.fail_json(msg=f"{name}: a path can't hold a null byte; write it anew")

    def check_arguments(self) -> None:
        """Refuse, with fail_json, what Ansible itself takes. Messages still pass Ansible's search for secrets, as its own about arguments do."""

    def secret_arguments(self) -> List[str]:
        """Return the values of the options with no_log, also those inside of a mapping or a list."""
        return [text for name in self._secret_names() for text in _texts(self.params.get(name))]

    def without_secrets(self, text: str) -> str:
        """Return a text of others, as that of an exception, without the values of those options."""
        return mask(text, self.secret_arguments())

    def shown_arguments(self) -> Dict[str, Any]:
        """Return the arguments without secrets. Of an option that does not exist nothing is known, so its value is not shown either."""
        known = set(self.argument_spec).union(*(option.get("aliases") or () for option in self.argument_spec.values()))
        secret = self._secret_names()
        return {name: _hidden(value) if name in secret or name not in known else value for name, value in self.params.items()}

    def _secret_names(self) -> List[str]:
        return [name for name, option in self.argument_spec.items() if option.get("no_log")]

    def _load_params(self) -> None:
        super()._load_params()
        # Ansible's own list of them is empty when some other argument is of a wrong type.
        self.no_log_values.update(self.secret_arguments())

    def _log_invocation(self) -> None:
        """Log the arguments as they are shown: what is blanked out in a known path would tell the password."""
        params, values = self.params, self.no_log_values
        self.params, self.no_log_values = self.shown_arguments(), set()
        super()._log_invocation()
        self.params, self.no_log_values = params, values

    def _return_formatted(self, kwargs: Dict[str, Any]) -> None:
        kwargs.setdefault("invocation", {"module_args": self.shown_arguments()})
        super()._return_formatted(kwargs)


def _texts(value: Any) -> List[str]:
    """Return the texts in nested data, numbers as they are written."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in _texts(item)]
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _texts(item)]
    return [] if value is None or isinstance(value, bool) or value == "" else [str(value)]


def _hidden(value: Any) -> Any:
    """Return nested data with each value hidden; the names of keys stay."""
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_hidden(item) for item in value]
    return value if value is None or value == "" else MASK
