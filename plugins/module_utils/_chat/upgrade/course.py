# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The course of an upgrade from step to step: what its tasks have to know, and what is made of what they leave.

A course is data that all hosts of the run share: what is done now and by whom, what has happened so far, and what stands in the way of
going on.  The rules that it asks are in rolling.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import rolling
from .beginning import was_refused
from .hosts import Hosts, look_result

SWITCH = "switch"
Course = dict[str, Any]


class Upgrade:
    """What the functions of a course need to know of the upgrade.

    plan: of upgrade_plan_info.  judgement: of rolling.judge, {} as long as there is none.  hosts: those of the run.  present: inventory names of
    all that can still be reached.
    configuration_host: inventory name of the one that stands for the Configuration Server.  states: what it has registered of its look at Solution
    Control Server, None if it has not looked.  back: the upgrade goes back to a former version.
    """

    def __init__(self, plan: Mapping[str, Any], judgement: Mapping[str, Any], hosts: Hosts, present: Collection[str], configuration_host: str, states: Any,
                 back: bool) -> None:
        self.plan, self.judgement, self.hosts, self.present = plan, judgement, hosts, present
        self.configuration_host, self.states, self.back = configuration_host, states, back

    @property
    def lost(self) -> list[str]:
        """The Host objects that can't be reached any more."""
        return self.hosts.lost(self.plan)

    @property
    def configuration_host_is_there(self) -> bool:
        """Whether the configuration host takes part, and can be reached."""
        return self.configuration_host in self.present

    def looks(self, course: Course) -> list[dict[str, Any]]:
        """Return what was seen last, by all hosts that were to look."""
        states = [look_result(self.states, "the configuration host at Solution Control Server")] if course["asked"] else []
        return self.hosts.looks(course["looks"]) + states

    def asked(self) -> list[str]:
        """Return the names of the applications whose states Solution Control Server tells."""
        systemd = self.hosts.of_systemd()
        return [item["name"] for item in self.plan["members"] + self.plan["chat_servers"] if item["host"] not in systemd]


def to_begin_with(upgrade: Upgrade) -> Course:
    """Return the course before anything was looked at: every host looks at all that it can see."""
    plan = upgrade.plan
    names = [item["name"] for item in plan["members"] + plan["chat_servers"]]
    return {
        "asked": list(dict.fromkeys(upgrade.asked())),
        "looks": upgrade.hosts.to_look(plan, names, connections=True),
        "members": upgrade.hosts.members(plan, names),
        "expected": "any",
        "problems": [], "going": True, "stopped": False, "phases": [], "outcomes": {}, "takes_back": False,
    }


def judgement_of(upgrade: Upgrade, course: Course, locked: Mapping[str, Any], ended_owner: str | None) -> dict[str, Any]:
    """Return whether and how the upgrade may begin, see rolling.judge; with continued, and ended_owner as it was given.

    locked: result of the task that has looked at the lock; {} before.  ended_owner: the owner of the lock, if that was a run that has ended.
    """
    continued = ended_owner is not None or rolling.begins_again(locked, upgrade.back)
    looks = upgrade.hosts.packages(upgrade.back) + upgrade.looks(course)
    found = rolling.judge(upgrade.plan, looks, upgrade.lost, continued, upgrade.back)
    if was_refused(locked) and ended_owner is None:
        found["problems"].append(rolling.error_of(locked))
    return dict(found, continued=bool(locked.get("continued")) or ended_owner is not None, ended_owner=ended_owner or "")


def begun(course: Course, now: str) -> Course:
    """Return the course when the lock is held, and the first step is next. now: ISO 8601."""
    return dict(course, began=now)


def at_step(upgrade: Upgrade, course: Course, step: Mapping[str, Any], now: str) -> Course:
    """Return the course at the beginning of a step: who looks at what, so that it can be judged whether the step may be done.

    Once the primaries are stopped there is nothing left to be careful about: they must come back, whatever can't be seen.
    """
    # Without the configuration host nobody judges, so nothing more is done.
    going = not course["problems"] and upgrade.configuration_host_is_there
    careful = going and not course["stopped"]
    since = {name: item["until"] for name, item in upgrade.judgement["chat_servers"].items()}
    return dict(
        course, step=dict(step), attempt=f"{step['name']} ({now})", step_began=now, going=going, careful=careful,
        asked=upgrade.asked() if careful else [],
        looks=upgrade.hosts.to_look(upgrade.plan, step["relies_on"]) if careful else {},
        members=upgrade.hosts.members(upgrade.plan, step["members"], upgrade.judgement),
        watches=upgrade.hosts.to_watch(upgrade.plan, step["members"], since) if step["kind"] == SWITCH else {},
        takes_back=False, gathered=False,
    )


def may_be_done(upgrade: Upgrade, course: Course, failure: str, now: str) -> Course:
    """Return the course after the look before a step: going, or with the problems that stand in the way.

    failure: why the lock could not be kept, or ''.
    """
    problems = list(course["problems"])
    if course["careful"]:
        if not upgrade.configuration_host_is_there:
            problems = [f"'{upgrade.configuration_host}', which stands for the Configuration Server, can't be reached any more."]
        elif failure:
            problems = [failure]
        else:
            problems = rolling.gate(upgrade.plan, upgrade.judgement, course["step"], upgrade.looks(course), upgrade.lost, course["outcomes"])
    going = course["going"] and not problems
    return dict(course, problems=problems, going=going, members_began=now, control=upgrade.hosts.together(course["members"]),
                stopped=course["stopped"] or (going and course["step"]["kind"] == SWITCH))


def to_start(upgrade: Upgrade, course: Course) -> dict[str, Any]:
    """Return who gives the commands to start, see Hosts.together: for the hosts whose files have changed in this step, and no others."""
    attempts = upgrade.hosts.attempts(course["attempt"], course["members"])
    ready = {name: mine for name, mine in course["members"].items()
             if all(attempts.get(item["name"], {}).get("stage") == rolling.CHANGED and not attempts[item["name"]]["failure"] for item in mine)}
    return upgrade.hosts.together(ready)


def after_step(upgrade: Upgrade, course: Course, now: str) -> Course:
    """Return the course when all hosts have done their part of a step: what came of it, and whether the primaries must serve again."""
    if not course["going"] or course["gathered"]:
        return course
    step = course["step"]
    outcomes = dict(course["outcomes"])
    if step["kind"] == SWITCH:
        looks = upgrade.hosts.looks(course["watches"]) + [{"complaints": upgrade.hosts.failures(course["attempt"])}]
        problems = rolling.switched(upgrade.plan, upgrade.judgement, step, looks, upgrade.lost)
    else:
        outcomes.update(_outcomes(upgrade, course))
        problems = rolling.collected(step, outcomes, upgrade.lost, upgrade.plan)
    return dict(course, outcomes=outcomes, problems=problems, going=not problems, takes_back=bool(problems) and step["kind"] == SWITCH,
                gathered=True,
                phases=[*course["phases"], {"name": step["name"], "began": course["step_began"], "ended": now}])


def _outcomes(upgrade: Upgrade, course: Course) -> dict[str, Any]:
    """Return name -> outcome of the members of a step whose hosts have said what came of them."""
    found: dict[str, Any] = {}
    for name, attempt in upgrade.hosts.attempts(course["attempt"], course["members"]).items():
        came = rolling.came_of(attempt, upgrade.back)
        if came is not None:
            found.update(rolling.outcome_of([{"name": name}], upgrade.judgement, came[0], course["members_began"], attempt["at"], came[1]))
    return found


def in_the_end(upgrade: Upgrade, course: Course) -> Course:
    """Return the course after the last step: every host looks at its members once more."""
    outcomes = dict(course["outcomes"])
    if course["takes_back"]:
        for name, attempt in upgrade.hosts.attempts(course["attempt"], course["members"]).items():
            if attempt["second_failure"]:
                text, began = attempt["second_failure"]["text"], course["members_began"]
                outcomes.update(rolling.outcome_of([{"name": name}], upgrade.judgement, rolling.BROKEN, began, attempt["at"], text))
    names = [item["name"] for item in upgrade.plan["members"]]
    since = {name: item["until"] for name, item in upgrade.judgement["chat_servers"].items()}
    return dict(course, outcomes=outcomes, asked=upgrade.asked(), expected="any",
                looks=upgrade.hosts.to_look(upgrade.plan, names, since, connections=True, installed=True))
