# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bridge between Ansible and the layers below: connection options, check mode, results, errors, secrets."""

from __future__ import annotations

import gc
import getpass
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ._base_module import BaseModule
from ._chat.arguments import replace_misfits
from ._chat.context import Context
from ._chat.in_use import refuse_losses
from ._common.text import printable
from ._common.variables import OPTIONS, told
from ._config.apply import apply
from ._config.desired import Desired
from ._config.directory import Directory
from ._config.errors import InvalidInput
from ._config.journal import Journal
from ._config.kept_plan import KEEP, REQUIRE, KeptPlan, about
from ._config.nearest import sentences
from ._config.pace import Pace
from ._config.plan import Plan, describe, diff, make_plan
from ._config.secrets import HIDDEN, Secrets
from ._config.selection import selected
from ._config.shapes import Entry
from ._config.snapshot import Keeper, kinds_of
from ._config.snapshot import read as read_snapshot
from ._gateway import gax, transport
from ._gateway.address import base_url
from ._gateway.errors import EngageError, GatewayError


def given_in_the_environment(name: str) -> Any:
    """The value of a variable; an empty one counts as not given, since AWX sets those of a credential's empty fields to that."""
    return env_fallback(name) or env_fallback()


#: The connection options of every module that talks to GAX; documented in the fragment genesys_engage.chat.gax.
GAX_OPTIONS = dict(
    gax_url=dict(type="str", required=True, fallback=(given_in_the_environment, ["GAX_URL"])),
    gax_username=dict(type="str", required=True, fallback=(given_in_the_environment, ["GAX_USERNAME"])),
    gax_password=dict(type="str", required=True, no_log=True, fallback=(given_in_the_environment, ["GAX_PASSWORD"])),
    validate_certs=dict(type="bool", default=True, fallback=(given_in_the_environment, ["GAX_VALIDATE_CERTS"])),
    ca_path=dict(type="path", fallback=(given_in_the_environment, ["GAX_CA_PATH"])),
    timeout=dict(type="int", default=30, fallback=(given_in_the_environment, ["GAX_TIMEOUT"])),
    proxy=dict(type="str"),
    logout_path=dict(type="str"),
    retries=dict(type="int", default=4),
    parallel_reads=dict(type="int", default=4),
    secret_option_names=dict(type="list", elements="str", default=[], no_log=False),
)

#: Where snapshots are kept if nothing else is said.
USUAL_PLACE = "~/.genesys_engage/snapshots"

SNAPSHOT_DIR = dict(
    snapshot_dir=dict(type="path", default=USUAL_PLACE, fallback=(given_in_the_environment, ["GAX_SNAPSHOT_DIR"])),
)

#: What the journal says of a run beside what it knows by itself; documented in the fragment genesys_engage.chat.gax.journal.
JOURNAL = dict(
    journal_person=dict(type="str", default=""),
    journal_title=dict(type="str", default=""),
)

#: What may be taken away though it is in use, and what is not in use; documented in the fragment genesys_engage.chat.gax.writing.
DISRUPTION = dict(
    allow_disruption=dict(type="list", elements="str", default=[]),
    stopped_applications=dict(type="list", elements="str", default=[]),
)

#: What only modules that write have.
WRITING = dict(
    parallel_writes=dict(type="int", default=1),
    write_interval=dict(type="float", default=0, fallback=(given_in_the_environment, ["GAX_WRITE_INTERVAL"])),
    **DISRUPTION,
    **SNAPSHOT_DIR,
    **JOURNAL,
)

#: What a module has that applies kept plans; documented in the fragment genesys_engage.chat.gax.plans.
PLANS = dict(
    plan_file=dict(type="path"),
    plan_action=dict(type="str", choices=[KEEP, REQUIRE]),
)

#: What is sensible: seconds, attempts, connections.
BOUNDS = {"timeout": (1, 3600), "retries": (0, 100), "parallel_reads": (1, 64), "parallel_writes": (1, 64), "write_interval": (0, 3600)}

#: What the rules on Chat Servers have.
PERMISSIONS = dict(
    allow_disconnect=dict(type="bool", default=False),
    strict_ranges=dict(type="bool", default=False),
)


class EngageModule(BaseModule):
    """A module that talks to GAX. The values of secret options are hidden wherever Ansible shows or logs the arguments.

    Free-form options can't be marked no_log one by one; they are hidden by their names.
    """

    def __init__(self, argument_spec: dict[str, Any], **kwargs: Any) -> None:
        self.secrets = Secrets()
        self._complaints = []
        super().__init__(argument_spec, **kwargs)

    def check_arguments(self) -> None:
        """Refuse what Ansible's check can't stand, and patterns of names that are none."""
        if self._complaints:
            self.fail_json(msg="")
        complaint = self._learn_secrets(self.params["secret_option_names"])
        if complaint:
            self.fail_json(msg=complaint)

    def _learn_secrets(self, names: Iterable[object]) -> str:
        """Take over which names are secret; return what is wrong with them, or ''."""
        try:
            self.secrets = Secrets(names)
        except InvalidInput as error:
            self.secrets = Secrets([""])  # what is secret can't be known, so everything is
            return str(error)
        return ""

    def _load_params(self) -> None:
        super()._load_params()
        self._complaints = replace_misfits(self.params, self.argument_spec)
        # Wrong arguments are shown too, so this can't wait until they have been checked.
        names = self.params.get("secret_option_names")
        self._learn_secrets(names.split(",") if isinstance(names, str) else names if isinstance(names, list) else [])

    def shown_arguments(self) -> dict[str, Any]:
        """Return the arguments without secrets: passwords, secret options by their names, and users in addresses."""
        shown = self.secrets.mask(super().shown_arguments())
        for name in ("gax_url", "proxy"):
            if isinstance(shown.get(name), str):
                shown[name] = re.sub(r"^(\w+://)?.*@", rf"\1{HIDDEN}@", shown[name], flags=re.DOTALL)
        return shown

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """End the module with a message; Ansible's own first complaint about arguments may name no option, so all are told."""
        complaints = getattr(getattr(self, "validation_result", None), "error_messages", None) or []
        super().fail_json(printable(self._told(sentences(self._complaints or dict.fromkeys([msg] + complaints[1:])))), **kwargs)

    def warn(self, warning: str, **kwargs: Any) -> None:
        """Show a warning. Names of objects in it come from outside, as those in messages do."""
        super().warn(printable(self._told(warning)), **kwargs)

    def cleaned(self, text: str, sent: Any = None) -> str:
        """Return what a server or a library says without the account's password, that of the proxy, and the secrets of what was sent."""
        proxy = self.params.get("proxy") or ""
        before, at, _host = proxy.rpartition("@")
        return self.secrets.cleaned(text, sent, [*self.secret_arguments(), *([before.rpartition(":")[2]] if at else [])])

    def _told(self, text: str) -> str:
        """Return a message with the variables of the playbooks beside the options, since either may be what the user wrote."""
        return told(text, OPTIONS.get(short_name(self), {}))

    def scrubbed(self, text: str) -> str:
        """Return a message without the values of secret options among the arguments."""
        for value in sorted(self.secrets.values(self.params), key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text


def run_rules(
    argument_spec: dict[str, Any],
    rules: Callable[[Context, Mapping[str, Any]], list[Desired]],
    list_all: bool = True,
    kinds: Callable[[Mapping[str, Any]], Iterable[str]] | None = None,
    outcome: Callable[[Context, Mapping[str, Any], list[Desired]], dict[str, Any]] | None = None,
    foretold: Callable[[Context, Plan], dict[str, Any]] | None = None,
    approved: Callable[[Mapping[str, Any]], tuple[dict[str, str], bool]] | None = None,
    **kwargs: Any,
) -> None:
    """Run a module that plans and applies: the body of every module that writes to the configuration.

    Args:
        rules: function (context, params) -> list of Desired.
        list_all: see Directory.
        kinds: function (params) -> classes to read at once.
        outcome: function (context, params, list of Desired) -> further return values, called when everything is written, or would be.
        foretold: function (context, plan) -> further return values that follow from the plan; it may warn, and is called before anything is written.
        approved: function (params) -> what a kept plan is about, and whether nothing may be written without one; None for a module without PLANS.
        kwargs: go to AnsibleModule.
    """
    module = EngageModule(dict(GAX_OPTIONS, **dict(WRITING, **argument_spec)), **kwargs)
    params = module.params

    def body(gateway: Any) -> dict[str, Any]:
        directory = Directory(gateway, list_all)
        if kinds:
            directory.load(kinds(params))
        context = context_of(module, directory)
        wanted = rules(context, params)
        plan = make_plan(directory, wanted)
        refuse_losses(context, plan)
        told = foretold(context, plan) if foretold else {}
        for text in context.warnings:
            module.warn(text)
        result = {**told, "changed": bool(plan), "changes": describe(plan, module.secrets.mask),
                  "diff": diff(plan, module.secrets.mask, whole=module._verbosity > 0)}
        keeper = keeper_of(module)
        kept_plan = kept_plan_of(module, *approved(params)) if approved else None
        apply(plan, directory, module.check_mode, module.secrets, keeper, journal_of(module), kept_plan, Pace(params["write_interval"]))
        if keeper.path:
            result["snapshot"] = keeper.path
        if kept_plan and kept_plan.kept:
            result["plan"] = {"path": kept_plan.path, "digest": kept_plan.kept, "writes": len(plan.changes)}
        if outcome:
            result.update(module.secrets.mask(outcome(context, params, wanted)))
        return result

    run(module, params, body, read_only=module.check_mode, untouched=" Nothing was written.")


def context_of(module: EngageModule, directory: Directory) -> Context:
    """Return what the rules need beside the description: a view of the configuration, and what the user allows."""
    params = module.params
    return Context(directory, params.get("allow_disconnect", False), params.get("strict_ranges", False), module.secrets,
                   params.get("allow_disruption") or (), params.get("stopped_applications") or ())


def run_info(argument_spec: dict[str, Any], read: Callable[[Context, Mapping[str, Any]], dict[str, Any]]) -> None:
    """Run a module that only reads.

    Args:
        read: function (context, params) -> dict of return values.
    """
    module = EngageModule(dict(GAX_OPTIONS, **argument_spec))
    params = module.params

    def body(gateway: Any) -> dict[str, Any]:
        context = context_of(module, Directory(gateway))
        result = read(context, params)
        for text in context.warnings:
            module.warn(text)
        return dict(module.secrets.mask(result), changed=False)

    run(module, params, body, read_only=True)


def run_snapshot(argument_spec: dict[str, Any], select: Callable[[Context, Mapping[str, Any]], list[Entry]]) -> None:
    """Run a module that saves objects to a file and writes nothing else.

    Args:
        select: function (context, params) -> snapshot entries.
    """
    module = EngageModule(dict(GAX_OPTIONS, **dict(SNAPSHOT_DIR, **argument_spec)))
    params = module.params

    def body(gateway: Any) -> dict[str, Any]:
        entries = select(Context(Directory(gateway), secrets=module.secrets), params)
        keeper = keeper_of(module)
        if not module.check_mode:
            keeper.write(entries, params["path"])
        return {"changed": True, "snapshot": keeper.path or params["path"], "objects": len(entries)}

    run(module, params, body, read_only=True)


def run_restore(argument_spec: dict[str, Any], way_back: Callable[[Context, list[Entry], str], list[Desired]]) -> None:
    """Run the module that brings objects back.

    Args:
        way_back: function (context, entries, later_edits) -> list of Desired.
    """
    def entries_of(params: Mapping[str, Any]) -> list[Entry]:
        return selected(read_snapshot(params["path"], base_url(params["gax_url"])), params)

    run_rules(argument_spec, lambda context, params: way_back(context, entries_of(params), params["later_edits"]),
              kinds=lambda params: kinds_of(entries_of(params)), approved=about("path", "object", "type", "tenant", "option"))


def run_kept(argument_spec: dict[str, Any], read: Callable[[str, Mapping[str, Any]], dict[str, Any]]) -> None:
    """Run a module that looks at the kept snapshots and the journal, and needs no GAX.

    Args:
        read: function (directory, params) -> return values.
    """
    module = BaseModule(dict(SNAPSHOT_DIR, **argument_spec))
    place = place_of(module)
    try:
        module.exit_json(changed=False, directory=place, **read(place, module.params))
    except InvalidInput as error:
        module.fail_json(msg=told(str(error), OPTIONS.get(short_name(module), {})), failure={"message": str(error)})


def short_name(module: AnsibleModule) -> str:
    """Return a module's name without the collection's."""
    return module._name.rsplit(".", 1)[-1]


def keeper_of(module: EngageModule) -> Keeper:
    """Return the Keeper of a module's snapshot."""
    return Keeper(place_of(module), base_url(module.params["gax_url"]), short_name(module), module.secrets)


def kept_plan_of(module: EngageModule, subject: Mapping[str, str], needed: bool) -> KeptPlan:
    """Return the KeptPlan of a module's run; see KeptPlan."""
    params = module.params
    author = {"account": params["gax_username"], "person": params["journal_person"] or local_account(), "made_by": short_name(module)}
    way_out = "without_plan" if "without_plan" in params else ""
    return KeptPlan(params["plan_file"] or "", needed, base_url(params["gax_url"]), subject, author, module.secrets, params["plan_action"] or "", way_out)


def place_of(module: AnsibleModule) -> str:
    """Return the directory of the snapshots and the journal."""
    # An empty environment variable, as AWX may set it, says nothing.
    return module.params["snapshot_dir"] or os.path.expanduser(USUAL_PLACE)


def journal_of(module: EngageModule) -> Journal:
    """Return the Journal of a module's run."""
    params = module.params
    about = {"server": base_url(params["gax_url"]), "account": params["gax_username"], "person": params["journal_person"] or local_account(),
             "module": short_name(module), "title": params["journal_title"]}
    without_plan = bool(params.get("production") and params.get("without_plan") and not params.get("plan_file"))
    return Journal(place_of(module), about, module.secrets, lambda text: module.scrubbed(module.cleaned(text)), module.warn, without_plan)


def local_account() -> str:
    """Return the name of the account of the operating system, '' if it has none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def run(module: EngageModule, params: Mapping[str, Any], body: Callable[[Any], dict[str, Any]], read_only: bool, untouched: str = "") -> None:
    """Call "body" with an open gateway and end the module with its result, or with a message: never a traceback.

    Args:
        untouched: what to add when the gateway failed before anything was written.
    """
    if transport.requests is None:
        module.fail_json(msg=missing_required_lib("requests"))
    gateway = None
    result = {}
    failed = None
    # A run lasts seconds and leaves hardly any cycles; to walk through all that was read again and again costs more than it frees.
    gc.disable()
    try:
        gateway = gax.Gax(settings(params), read_only, clean=module.cleaned)
        result = body(gateway)
    except EngageError as error:
        failed = error
    except Exception as error:  # a defect of ours still has to reach the user as a sentence
        place = traceback.extract_tb(sys.exc_info()[2])[-1]
        failed = EngageError(f"unexpected {type(error).__name__} in {place.name}, line {place.lineno}: {module.cleaned(str(error))}. This is a defect of the "
                             "collection; please report it.")
    finally:
        if gateway is not None:
            gateway.close()
        gc.enable()
    # Not inside of "except": from there older versions of Ansible add a traceback.
    if failed is not None:
        fail(module, failed, untouched if isinstance(failed, GatewayError) else "")
    module.exit_json(**result)


def fail(module: EngageModule, error: EngageError, hint: str = "") -> None:
    """End the module with an error's sentence, a hint behind it, and its data."""
    failure = error.failure()
    failure["message"] = module.scrubbed(failure["message"])  # the rest is data
    failure = {key: printable(value) if isinstance(value, str) else value for key, value in failure.items()}
    message = module.scrubbed(str(error))
    module.fail_json(msg=f"{message.rstrip('.')}.{hint}" if hint else message, failure=failure)


def readable(path: str) -> bool:
    """Return whether a file can be read; False also for a text that cannot be a path."""
    try:
        return os.access(path, os.R_OK)
    except ValueError:
        return False


def settings(params: Mapping[str, Any]) -> gax.Settings:
    """Return the gateway's Settings from a module's arguments; raises InvalidInput for numbers and paths that can't be."""
    for key, (least, most) in BOUNDS.items():
        if not least <= params.get(key, least) <= most:
            raise InvalidInput(f"{key} must be from {least} to {most}, got {params[key]}")
    if params["validate_certs"] and params["ca_path"] and not readable(params["ca_path"]):
        raise InvalidInput(f"ca_path: '{params['ca_path']}' does not exist or can't be read")
    return gax.Settings(
        params["gax_url"], params["gax_username"], params["gax_password"], params["validate_certs"], params["ca_path"],
        params["timeout"], params["proxy"], params["logout_path"], params["retries"], params["parallel_reads"],
        params.get("parallel_writes", 1))
