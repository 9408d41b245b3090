# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Argument specifications that several host-side modules share; documented in the doc fragment ``control``.

Every option has a fall-back in the environment: that is how credentials of an automation controller reach a module.
"""

from typing import Any, Callable, Dict

from .backend import SOLUTION_CONTROL_SERVER, SYSTEMD


def given_in(env_fallback: Callable[..., Any]) -> Callable[..., Any]:
    """Return a fall-back to the environment for which an empty variable counts as not given: AWX sets those of a credential's empty fields to that.

    Args:
        env_fallback: of ansible.module_utils.basic; it ends without a name as it does for a variable that is not there.
    """
    def fallback(name: str) -> Any:
        return env_fallback(name) or env_fallback()

    return fallback


def configuration_server_options(env_fallback: Callable[..., Any]) -> Dict[str, Any]:
    """Return the options by which the Configuration Server is reached.

    Args:
        env_fallback: of ansible.module_utils.basic; this package itself does not depend on Ansible.
    """
    return {
        "confserv_host": {"type": "str", "required": True, "fallback": (given_in(env_fallback), ["CONFSERV_HOST"])},
        "confserv_port": {"type": "int", "default": 2020, "fallback": (given_in(env_fallback), ["CONFSERV_PORT"])},
        "confserv_username": {"type": "str", "required": True, "fallback": (given_in(env_fallback), ["CONFSERV_USERNAME"])},
        # A password may be empty.
        "confserv_password": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["CONFSERV_PASSWORD"])},
    }


def control_options(env_fallback: Callable[..., Any]) -> Dict[str, Any]:
    """Return the options of everything that asks or commands Solution Control Server, through mlcmd, or systemd.

    Args:
        env_fallback: of ansible.module_utils.basic.
    """
    server = configuration_server_options(env_fallback)
    return dict(
        {name: dict(option, required=False) for name, option in server.items()},
        control={"type": "str", "choices": [SOLUTION_CONTROL_SERVER, SYSTEMD], "default": SOLUTION_CONTROL_SERVER},
        mlcmd={"type": "path"},
        scs_host={"type": "str", "fallback": (given_in(env_fallback), ["SCS_HOST"])},
        scs_port={"type": "int", "fallback": (given_in(env_fallback), ["SCS_PORT"])},
        client_application={"type": "str", "default": "default"},
        timeout={"type": "float", "default": 30},
        patience={"type": "float"},
    )


#: Which of them mlcmd needs, as the argument required_if.
NEEDED_BY_MLCMD = [("control", SOLUTION_CONTROL_SERVER, ["mlcmd", "confserv_host", "confserv_username", "confserv_password"])]

_NAME_AND_TYPE = {"name": {"type": "str", "required": True}, "type": {"type": "str", "required": True}}

_APPLICATION = dict(
    _NAME_AND_TYPE,
    host={"type": "str"},
    dbid={"type": "int"},
    version={"type": "str"},
    working_directory={"type": "str"},
)

_FACTS = {
    "application": {"type": "dict", "options": _APPLICATION},
    "applications_on_host": {"type": "list", "elements": "dict", "default": [], "options": _NAME_AND_TYPE},
    "host": {"type": "str"},
    "itcutility": {"type": "bool", "required": True},
}

_LICENSE = {"file": {"type": "path"}, "host": {"type": "str"}, "port": {"type": "int"}}


def installation_options(env_fallback: Callable[..., Any]) -> Dict[str, Any]:
    """Return the options of an installation.

    Args:
        env_fallback: of ansible.module_utils.basic.
    """
    return dict(
        configuration_server_options(env_fallback),
        src={"type": "path", "required": True},
        path={"type": "str", "required": True},
        install_roots={"type": "list", "elements": "str"},
        application={"type": "str", "required": True},
        nickname={"type": "str"},
        accept_license={"type": "bool", "default": False},
        license={
            "type": "dict",
            "options": _LICENSE,
            "mutually_exclusive": [("file", "host")],
            "required_together": [("host", "port")],
            "required_one_of": [("file", "host")],
        },
        data_model={"type": "int", "choices": [32, 64], "default": 64},
        response={"type": "dict"},
        secret_response={"type": "dict", "no_log": True},
        user={"type": "str"},
        allow_downgrade={"type": "bool", "default": False},
        allow_gctisetup={"type": "bool", "default": False},
        skip_os_check={"type": "bool", "default": False},
        start_script={"type": "str", "default": "run.sh"},
        temp_path={"type": "path"},
        timeout={"type": "int", "default": 900},
        keep_backups={"type": "int"},
        carry_over={"type": "list", "elements": "str"},
        carry_over_replace={"type": "bool", "default": False},
        host_name={"type": "str"},
        facts={"type": "dict", "options": _FACTS},
    )
