# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decides about a rolling upgrade on the controller: reads what the hosts have registered, asks the rules of _chat/upgrade, and returns their answer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.genesys_engage.chat.plugins.filter.job import job_of
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade import course, report, rolling
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.beginning import lock_id, refusal, was_refused
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.control import result_of, stopped
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.holder import Machine
from ansible_collections.genesys_engage.chat.plugins.module_utils._chat.upgrade.hosts import MARK, Hosts, belonging


class ActionModule(ActionBase):
    """See plugins/modules/upgrade_decision.py."""

    TRANSFERS_FILES = False
    _VALID_ARGS = frozenset(("about", "configuration_host", "role", "back", "version", "data_compatible", "owner", "confserv", "step", "task", "result",
                             "command", "leader", "members"))

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Answer one question."""
        result = super().run(tmp, task_vars)
        self._variables: dict[str, Any] = task_vars or {}
        self._hostvars: Mapping[str, Any] = self._variables["hostvars"]
        args = dict(self._task.args)
        args.update({name: boolean(args.get(name, False), strict=False) for name in ("back", "data_compatible")})
        answer = getattr(self, f"_{args['about']}")(args)
        return {**result, "changed": False, **_plain(answer)}

    # -- the questions ---------------------------------------------------------------------------------------------------

    def _hosts(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return who takes part, or fail."""
        here, groups = args["configuration_host"], self._variables["groups"]
        in_play = list(self._variables["ansible_play_hosts_all"])
        servers, default = groups.get("genesys_hosts") or [], (groups.get("genesys_configuration") or [here])[0]
        everybody = belonging(servers, self._hostvars, here, default)
        job = job_of(self._variables)
        owner = f"{args['owner']}, job {job} of AWX" if job else str(args["owner"])
        problem = refusal(here, in_play, [name for name in servers if name in in_play and name not in everybody], args)
        return {
            "failed": bool(problem), "msg": problem,
            "objects": {name: host for name, host in everybody.items() if name in in_play},
            "known": list(everybody.values()),
            "owner": Machine().name_of(owner, os.getppid()),
        }

    def _looks(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the course at first: what each host looks at."""
        return course.to_begin_with(self._upgrade(args))

    def _beginning(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return whether and how the upgrade may begin; after the lock was looked at, whether it is continued."""
        locked = args.get("result") or {}
        upgrade, now = self._upgrade(args), self._variables["rolling_upgrade_course"]
        found = course.judgement_of(upgrade, now, {}, None)
        target = lock_id(args, found["target"])
        if locked:
            lock = (locked.get("failure") or {}).get("lock") or {}
            ended = was_refused(locked) and lock.get("upgrade_id") == target and Machine().has_ended(lock.get("owner") or "")
            found = course.judgement_of(upgrade, now, locked, lock["owner"] if ended else None)
        return {"judgement": found, "lock_id": target}

    def _start(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return course.begun(self._variables["rolling_upgrade_course"], _now())

    def _step(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return course.at_step(self._upgrade(args), self._variables["rolling_upgrade_course"], args["step"], _now())

    def _gate(self, args: Mapping[str, Any]) -> dict[str, Any]:
        now = self._variables["rolling_upgrade_course"]
        failure = self._hostvars[args["configuration_host"]].get("rolling_upgrade_gate_failure") or {}
        text = failure.get("text", "") if failure.get("attempt") == now["attempt"] else ""
        return course.may_be_done(self._upgrade(args), now, text, _now())

    def _after(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return course.after_step(self._upgrade(args), self._variables["rolling_upgrade_course"], _now())

    def _end(self, args: Mapping[str, Any]) -> dict[str, Any]:
        return course.in_the_end(self._upgrade(args), self._variables["rolling_upgrade_course"])

    def _failure(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return what has failed on this host in the present step, and how its members are brought back."""
        attempt = self._variables["rolling_upgrade_course"]["attempt"]
        mark = self._variables.get(MARK) or {}
        stage = mark["stage"] if mark.get("attempt") == attempt else rolling.BEGUN
        role = self._hostvars[args["configuration_host"]]["rolling_upgrade_plan"]["role"]
        text = f"{args['task']}: {rolling.error_of(args['result'])}"
        return {"attempt": attempt, "stage": stage, "text": text, "at": _now(), **rolling.to_bring_back(role, stage, args["back"])}

    def _hard_stop(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Fail with the reason for which a graceful stop has failed, unless the servers may be stopped with their sessions."""
        allowed = rolling.may_stop_hard(args["role"], args["result"])
        return {} if allowed else {"failed": True, "msg": rolling.error_of(args["result"])}

    def _starts(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return who gives the commands to start."""
        return course.to_start(self._upgrade(args), self._variables["rolling_upgrade_course"])

    def _stopped(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return whether the members of this host have stopped, or may be stopped with their sessions; fail if neither."""
        return stopped(args["role"], self._control(args, "application_stopped", "application_stopped_by_systemd"))

    def _started(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the call that has started the members of this host says of them."""
        result = self._control(args, "application_started")
        return {"serves": "applications" in result, "result": {**result, "failed": False}}

    def _remark(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Show what a failed task says, after a sentence of the role's own."""
        return {"msg": f"{args['task']} {rolling.error_of(args['result'])}", "_ansible_verbose_always": True}

    def _corrections(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return which versions the Configuration Server has to be told."""
        upgrade, outcomes = self._upgrade(args), self._variables["rolling_upgrade_course"]["outcomes"]
        return {"members": report.corrections(upgrade.plan, upgrade.judgement, outcomes, upgrade.lost, self._versions())}

    def _report(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the report as data and as Markdown, and what a failed run says."""
        upgrade, now = self._upgrade(args), self._variables["rolling_upgrade_course"]
        flow = {"began": now["began"], "ended": _now(), "back": upgrade.back, "command": args["command"], "phases": now["phases"],
                "problems": now["problems"], "versions": self._versions()}
        found = report.report_data(upgrade.plan, upgrade.judgement, now["outcomes"], upgrade.looks(now), upgrade.lost, flow)
        return {"report": found, "markdown": report.markdown(found), "failure": report.failure(found)}

    # -- what they are about ---------------------------------------------------------------------------------------------

    def _upgrade(self, args: Mapping[str, Any]) -> course.Upgrade:
        here = args["configuration_host"]
        registered = self._hostvars[here]
        judgement = (registered.get("rolling_upgrade_decision") or {}).get("judgement") or {}
        present = list(self._variables["ansible_play_hosts"])
        hosts = Hosts(self._hostvars, self._variables["rolling_upgrade_hosts"]["objects"], present)
        return course.Upgrade(registered["rolling_upgrade_plan"], judgement, hosts, present, here, registered.get("rolling_upgrade_states"),
                              args["back"])

    def _control(self, args: Mapping[str, Any], *variables: str) -> dict[str, Any]:
        """Return what this host's leader has registered about the members of this host. variables: one of which holds it."""
        leader, registered = args["leader"], None
        if leader in self._variables["ansible_play_hosts"]:
            registered = next((found for found in map(self._hostvars[leader].get, variables) if found and not found.get("skipped")), None)
        return result_of(_plain(registered), leader, {item["name"] for item in args["members"]})

    def _versions(self) -> dict[str, Any]:
        found = self._variables.get("rolling_upgrade_configured") or {}
        return {item["name"]: item["version"] for item in found.get("applications") or ()}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def _plain(value: Any) -> Any:
    """Return nested data as dicts and lists of Python itself: variables come in types of Ansible's own, which are no results."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
