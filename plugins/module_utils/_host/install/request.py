# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of an installation, checked as far as they can be without looking at the host."""

from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..product.roots import check_path
from ..system.accounts import Account, find_account
from ..system.errors import HostError
from ..system.password import check_for_response_file
from .carry_over import CarryOver, read_patterns
from .response_file import License, Sections, license_answers, merge, read_license, render


class Request(NamedTuple):
    """What is wanted. ``answers`` are the sections of the response file, ``secrets`` the values never to be shown."""

    src: str
    path: str
    install_roots: Optional[Sequence[str]]
    application: str
    nickname: Optional[str]
    answers: Sections
    secrets: Tuple[str, ...]
    license: Optional[License]
    start_script: str
    account: Optional[Account]
    temp_path: str
    timeout: int
    allow_downgrade: bool
    allow_gctisetup: bool
    skip_os_check: bool
    accept_license: bool
    host_name: Optional[str]
    facts: Optional[Dict[str, Any]]
    keep_backups: Optional[int]
    carry_over: CarryOver


def read_request(params: Mapping[str, Any], module_directory: Callable[[], str]) -> Request:
    """Make a request of a module's parameters.

    Args:
        params: the options of installation_package.
        module_directory: gives the module's own temporary directory, which other users cannot enter.

    Raises:
        HostError: an option breaks a rule.
    """
    path = check_path(params["path"], params.get("install_roots"), params["application"])
    if not params["application"] or '"' in params["application"]:
        raise HostError("application: the name must not be empty or contain a double quote; the start script puts it between double quotes.")
    check_for_response_file(params["confserv_password"])
    licensed = read_license(params["license"])
    account = find_account(params["user"])
    own = {
        "IPCommon": {"InstallPath": path, "DataModel": params["data_model"]},
        "ConfigServer": {
            "Host": params["confserv_host"],
            "Port": params["confserv_port"],
            "User": params["confserv_username"],
            "Password": params["confserv_password"],
            "ApplicationName": params["application"],
        },
        "License": license_answers(licensed),
    }
    secret = merge(params["secret_response"] or {}, option="secret_response")
    render(secret, "secret_response")
    answers = merge(own, params["response"] or {}, secret)
    if params["timeout"] < 1:
        raise HostError("timeout: must be at least 1 second.")
    if params["keep_backups"] is not None and params["keep_backups"] < 1:
        raise HostError("keep_backups: must be at least 1; one backup always stays, to go back to.")
    render(answers)  # what the grammar cannot carry is refused here, before anything is looked at
    return Request(
        src=params["src"],
        path=path,
        install_roots=params.get("install_roots"),
        application=params["application"],
        nickname=params["nickname"],
        answers=answers,
        secrets=(params["confserv_password"], *(value for keys in secret.values() for value in keys.values())),
        license=licensed,
        start_script=params["start_script"],
        account=account,
        temp_path=params["temp_path"] or (module_directory() if account is None else "/var/tmp"),
        timeout=params["timeout"],
        allow_downgrade=params["allow_downgrade"],
        allow_gctisetup=params["allow_gctisetup"],
        skip_os_check=params["skip_os_check"],
        accept_license=params["accept_license"],
        host_name=params["host_name"],
        facts=params["facts"],
        keep_backups=params["keep_backups"],
        carry_over=CarryOver(read_patterns(params["carry_over"] or []), params["carry_over_replace"], params["start_script"]),
    )
