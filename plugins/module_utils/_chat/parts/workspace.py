# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workspace, the agents' desktop: its options of chat, and chat among the channels that it handles.

Source: CHAT for what is to be set, ASYNCWDE for the section and the levels; the order of the levels is inferred from WWEOVR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..._config.desired import Desired
from ..._config.errors import DoesNotFit, InvalidInput
from ..._config.nearest import nearest
from .. import ranges
from ..channel_list import SEPARATORS, ChannelList
from ..context import INTERACTION_QUEUE
from ..described_once import require_once
from ..field import Field, argument_spec, state
from ..part import Part
from ..workspace_levels import ON_HOLD_QUEUE, PLACES, SECTION, values_of, why_no_workspace, workspace_applications
from .endpoints import require_queue

if TYPE_CHECKING:
    from ..._config.directory import ConfigObject
    from ..context import Context
    from ..removal import Removal

#: The list of channels, and the value that it must have.  Source: CHAT
CHANNELS = "openmedia.workitem-channels"
CHAT = "chat"
#: Further options that documents name.  Source: WWECHAT
_DOCUMENTED = frozenset({ON_HOLD_QUEUE, "chat.auto-answer", "chat.nickname", "chat.pending-response-to-customer", "chat.typing-timeout"})
_OF_CHAT = re.compile(r"chat(server)?\.\S+")

#: How alike an unknown option and a known one must be: many begin with the same word.
_ALIKE = 0.85

#: One level in a description.
LEVEL = (
    Field("level", "str", "Where the options are set: on a Workspace application, a tenant, an agent group, or a person. For a person, what is set there "
          "counts before that of an agent group, that before that of the tenant, and that before that of the application.",
          "On an application they are options; on the others they stand in the annex. The section is C(interaction-workspace).",
          required=True, choices=list(PLACES), adopted=True, source="ASYNCWDE, WWEOVR"),
    Field("name", "str", "Name of the application or of the agent group, or user name of the person. Not needed for O(level=tenant).", adopted=True),
    Field("options", "dict", "Options whose names begin with C(chat.) or C(chatserver.), as a mapping of option to value. An option set to V(null) is "
          "removed; options that are not mentioned stay.",
          "C(chat.on-hold-queue) must name an Interaction Queue of the tenant.", adopted=True, source="CHAT, ASYNCWDE"),
    Field("chat_channel", "bool", "Whether V(chat) must be one of the values of C(openmedia.workitem-channels). The other values stay.",
          "Where the option is not set at that level, the list of the next level above that has it is taken, and nothing is written if it "
          "has V(chat) already.", "V(false) leaves the option as it is.", default=True, adopted=True, source="CHAT"),
    Field("other_channels", "raw", "The list of the values beside V(chat), where the option is not set at that level; V([]) for none. It goes before the "
          "list of a level above. An option that is set keeps its values.",
          "Needed where no level has the option, since its default is not known.", source="CHAT"),
    Field("separator", "str", "What separates the values of the option. Needed only where none of the existing lists shows it."),
    Field("inherits_from", "str", "Name of the Workspace application that the agents of this level use. Needed only where several Workspace applications "
          "of the tenant have different lists."),
)

#: The options of the module workspace_chat_options.
MODULE = (
    *LEVEL,
    Field("tenant", "str", "Name of the tenant whose agents use Workspace.", required=True),
    state("makes sure that the options are set, and that chat is among the channels.",
          "removes the options that are named, whatever their values, and takes V(chat) out of C(openmedia.workitem-channels) unless "
          "O(chat_channel=false). Where the rest is what the next level above has, the option is removed from this level."),
)
ARGUMENTS = argument_spec(MODULE)

# -- the rule ------------------------------------------------------------------------------------------------------------


class _Level:
    """One object that holds options of Workspace.

    planned: (class, name) -> text of the list of channels that the same run gives to other levels, None where it takes the list away.
    """

    def __init__(self, context: Context, spec: dict[str, Any], tenant: str, where: str, planned: dict[tuple[str, str], str | None]) -> None:
        self.context = context
        self.directory = context.directory
        self.spec = spec
        self.tenant = tenant
        self.where = where
        self.planned = planned
        self.level = spec["level"]
        self.kind, self.field = PLACES[self.level]
        self.name = spec.get("name") or ""
        if self.level == "tenant":
            if self.name not in ("", tenant):
                raise InvalidInput(f"{where}: name: with level tenant it is the tenant's own, '{tenant}', and need not be given; got '{self.name}'")
            self.name = tenant
        if not self.name.strip():
            raise InvalidInput(f"{where}: name: the {self.level} must be named")
        self.own_tenant = tenant if self.level == "group" else None

    def present(self) -> Desired:
        """Return what must be true of the object; raises InvalidInput."""
        found = self.directory.require(self.kind, self.name, f"{self.where}: name", self.own_tenant)
        self._check(found)
        self._check_tenant(found)
        # Also where its list is not needed: a wrong name would be believed.
        if self.spec.get("inherits_from"):
            self._check(self.directory.require("CfgApplication", self.spec["inherits_from"], f"{self.where}: inherits_from"), "inherits_from")
        desired = Desired(self.kind, self.name, self.own_tenant)
        self._want_options(desired, found)
        if self.spec.get("chat_channel", True):
            self._want_chat(desired, found)
        return desired

    def absent(self) -> list[Desired]:
        """Return what takes chat and the options that are named away; raises InvalidInput."""
        found = self.directory.find(self.kind, self.name, self.own_tenant)
        if found is None:
            self.context.warn(f"{self.where}: name: there is no {Desired(self.kind, self.name).label}, so there is nothing to remove from it"
                              f"{self.directory.similar(self.kind, self.name, self.own_tenant)}")
            return []
        self._check_tenant(found)
        # What was set by mistake goes from any application.
        reason = why_no_workspace(found) if found.kind == "CfgApplication" and not values_of(self.directory, found) else ""
        if reason:
            self.context.warn(f"{self.where}: name: application '{found.name}' {reason}, and there is nothing to remove from it")
            return []
        desired = Desired(self.kind, self.name, self.own_tenant)
        for option in self._options():
            desired.forbid(self._path(option))
        if self.spec.get("chat_channel", True):
            self._forbid_chat(desired, found)
        return [desired]

    def _check(self, found: ConfigObject, option: str = "name") -> None:
        reason = why_no_workspace(found) if found.kind == "CfgApplication" else ""
        if reason:
            raise DoesNotFit(f"{self.where}: {option}: application '{found.name}' {reason}; name the application with which the agents start Workspace")

    def _check_tenant(self, found: ConfigObject) -> None:
        belongs = self.directory.name("CfgTenant", found.tenant_dbid)
        if self.level == "person" and belongs != self.tenant:
            raise DoesNotFit(f"{self.where}: name: person '{self.name}' belongs to tenant '{belongs}', not to '{self.tenant}'")

    def _path(self, option: str) -> tuple[str, str, str]:
        return (self.field, SECTION, option)

    # -- options of chat

    def _options(self) -> dict[str, Any]:
        """Return option -> value of those that are given; raises InvalidInput for one that is none of chat's."""
        given = {str(option): value for option, value in (self.spec.get("options") or {}).items()}
        for option in given:
            if option == CHANNELS:
                raise InvalidInput(f"{self.where}: options: '{CHANNELS}' is a list, to which chat_channel adds chat; it is not given here")
            if not _OF_CHAT.fullmatch(option):
                raise InvalidInput(f"{self.where}: options: '{option}' does not begin with 'chat.' or 'chatserver.'; the module config_object sets "
                                   "options of other kinds")
        return given

    def _want_options(self, desired: Desired, found: ConfigObject) -> None:
        options = self._options()
        self._tell_misspelt(options, found)
        for option, value in options.items():
            place = f"{self.where}: options: {option}"
            if value is None:
                desired.forbid(self._path(option))
                continue
            desired.want(self._path(option), value, place)
            if option == ON_HOLD_QUEUE and str(value).strip():
                require_queue(self.context, str(value), self.tenant, place)

    def _tell_misspelt(self, options: dict[str, Any], found: ConfigObject) -> None:
        """Tell which options look like misspelt ones: known are documented ones, and those that the object and the Workspace applications have."""
        if set(options) <= _DOCUMENTED.union(values_of(self.directory, found)):
            return
        known = _DOCUMENTED.union(*(values_of(self.directory, item) for item in [found, *self._applications()]))
        nearly = {option: nearest(option, known, _ALIKE) for option in options if option not in known}
        texts = [f"{self.where}: options: neither the {self.level}, a Workspace application nor a document knows '{option}'; did you mean '{meant}'?"
                 for option, meant in nearly.items() if meant]
        if texts:
            ranges.tell(self.context, texts)

    # -- the list of channels

    def _applications(self) -> list[ConfigObject]:
        """Return the Workspace application that is named, or all of the tenant."""
        name = self.spec.get("inherits_from")
        if name:
            return [self.directory.require("CfgApplication", name, f"{self.where}: inherits_from")]
        return workspace_applications(self.directory, self.tenant)

    def _above(self, found: ConfigObject) -> list[list[ConfigObject]]:
        """Return the objects of each level above, the nearest level first."""
        levels = []
        if self.level == "person":
            levels.append([group for group in self.directory.all("CfgAgentGroup") if found.dbid in group.agent_dbids])
        if self.level in ("person", "group"):
            levels.append([self.directory.require("CfgTenant", self.tenant, "tenant")])
        return levels if self.level == "application" else [*levels, self._applications()]

    def _text(self, item: ConfigObject) -> str | None:
        """Return the text of an object's list, existing or planned, or None if it has none."""
        return self.planned.get((item.kind, item.name), values_of(self.directory, item).get(CHANNELS))

    def _inherited(self, found: ConfigObject) -> tuple[str, str] | None:
        """Return (text, label of the object) of the list that counts where this level has none, or None; raises InvalidInput if that is not clear."""
        for objects in self._above(found):
            there = [(text, Desired(item.kind, item.name).label) for item in objects for text in [self._text(item)] if text is not None]
            some_without = there and objects[0].kind == "CfgApplication" and len(there) < len(objects)
            if some_without or len({text for text, _label in there}) > 1:
                told = ", ".join(f"'{text}' at {label}" for text, label in there)
                raise DoesNotFit(f"{self.where}: {CHANNELS} is not set at {Desired(self.kind, self.name).label}, and which list it inherits is not clear: "
                                 f"{told}{', and none at others' if some_without else ''}; give the values beside chat as other_channels"
                                 f"{', or the Workspace application in inherits_from' if objects[0].kind == 'CfgApplication' else ''}")
            if there:
                return there[0]
        return None

    def _want_chat(self, desired: Desired, found: ConfigObject) -> None:
        """Demand chat in the list that counts at this level.  Source: CHAT"""
        label, said = Desired(self.kind, self.name).label, self._said()
        others = self._others()
        text = self._text(found)
        if text is None and others is not None:
            text = self._joined(others, said or self._learned())
        elif text is None:
            inherited = self._inherited(found)
            if inherited is None:
                raise DoesNotFit(f"{self.where}: {CHANNELS} is set neither at {label} nor at a level above, and its default is not known; "
                                 "give the values beside chat as other_channels, [] for none")
            text, label = inherited
            if CHAT in ChannelList(text, said, f"{self.where}: {CHANNELS} at {label}").values:
                return
        listed = ChannelList(text, said, f"{self.where}: {CHANNELS} at {label}")
        if CHAT not in listed.values:
            text = listed.plus(CHAT, self._separator(listed.separator or said or self._learned()) if listed.values else "")
        desired.want(self._path(CHANNELS), text)
        self.planned[self.kind, self.name] = text

    def _forbid_chat(self, desired: Desired, found: ConfigObject) -> None:
        """Demand that chat is not in the list of this level; what is then as above is not said here."""
        text = values_of(self.directory, found).get(CHANNELS)
        listed = ChannelList(text or "", self._said(), f"{self.where}: {CHANNELS} at {desired.label}")
        if CHAT not in listed.values:
            return
        rest = listed.minus(CHAT)
        try:
            inherited = self._inherited(found)
            same = inherited is not None and ChannelList(inherited[0], self._said()).values == ChannelList(rest, self._said()).values
        except InvalidInput:
            same = False  # whose list would count is not clear, so this one stays
        if same:
            desired.forbid(self._path(CHANNELS))
        else:
            desired.want(self._path(CHANNELS), rest)
        self.planned[self.kind, self.name] = None if same else rest

    def _others(self) -> list[str] | None:
        """Return the values beside chat that are given; raises InvalidInput for what is no list of names."""
        others = self.spec.get("other_channels")
        if others is None:
            return None
        if not isinstance(others, list):
            raise InvalidInput(f"{self.where}: other_channels must be a list, got {'text' if isinstance(others, str) else type(others).__name__}")
        for value in others:
            if not isinstance(value, str) or not re.fullmatch(r"[^\s,;|]+", value):
                raise InvalidInput(f"{self.where}: other_channels must be names of media types, without blanks and separators, got '{value}'")
        return others

    def _joined(self, others: list[str], separator: str) -> str:
        return (self._separator(separator) if others[1:] else "").join(others)

    def _said(self) -> str:
        """Return the separator that is given, '' for none; raises InvalidInput for what can't be one."""
        said = self.spec.get("separator") or ""
        if said and (said.strip() not in ("", *SEPARATORS)):
            raise InvalidInput(f"{self.where}: separator must be one of {' '.join(SEPARATORS)} or a blank, got '{said}'")
        return said

    def _learned(self) -> str:
        """Return how the values are separated in a list of the tenant or of a Workspace application, '' if none of them shows it."""
        tenant = self.directory.require("CfgTenant", self.tenant, "tenant")
        for item in [tenant, *workspace_applications(self.directory, self.tenant)]:
            try:
                separator = ChannelList(values_of(self.directory, item).get(CHANNELS, "")).separator
            except InvalidInput:
                continue
            if separator:
                return separator
        return ""

    def _separator(self, separator: str) -> str:
        if not separator:
            raise DoesNotFit(f"{self.where}: separator: no list of the tenant or of a Workspace application shows how the values of {CHANNELS} are "
                             "separated; say it here, as the documentation of your release has it")
        return separator


def workspace_chat_options(context: Context, params: Mapping[str, Any]) -> list[Desired]:
    """The options of Workspace at one level, or their removal.  Source: CHAT"""
    context.directory.require("CfgTenant", params["tenant"], "tenant")
    level = _Level(context, dict(params), params["tenant"], "workspace_chat_options", {})
    return level.absent() if params["state"] == "absent" else [level.present()]


def _levels(context: Context, items: Sequence[dict[str, Any]], tenant: str) -> list[_Level]:
    """Return the levels of a description in their order, so that one can inherit what the same run writes above it."""
    order = list(PLACES)
    planned: dict[tuple[str, str], str | None] = {}
    return [_Level(context, spec, tenant, f"workspace[{number}]", planned)
            for number, spec in sorted(enumerate(items), key=lambda item: order.index(item[1]["level"]))]


def _rule(draft: Any) -> list[Desired]:
    items = draft.given("workspace")
    names = [draft.tenant if item["level"] == "tenant" else (item.get("name") or "") for item in items]
    require_once("workspace", [Desired(PLACES[item["level"]][0], name).label if name.strip() else "" for item, name in zip(items, names)])
    return [level.present() for level in _levels(draft.context, items, draft.tenant)]


def _removal(removal: Removal) -> list[Desired]:
    """What is described goes; the objects stay."""
    return [desired for level in _levels(removal.context, removal.given("workspace"), removal.tenant) for desired in level.absent()]


def _kinds(description: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the classes to read: persons only where some are described, since there are many."""
    items = description.get("workspace")
    levels = {item.get("level") for item in items if isinstance(item, dict)} if isinstance(items, list) else set()
    kinds = [kind for level, (kind, _field) in PLACES.items() if level in levels]
    return (*kinds, *(("CfgAgentGroup",) if "person" in levels else ()))


# -- the way back --------------------------------------------------------------------------------------------------------


def _adopt(adoption: Any) -> None:
    """Describe what is set on Workspace applications, the tenant and its agent groups; persons are thousands, and are not read."""
    directory, tenant = adoption.directory, adoption.directory.require("CfgTenant", adoption.tenant, "tenant")
    groups = sorted((group for group in directory.all("CfgAgentGroup") if group.tenant_dbid == tenant.dbid), key=lambda group: group.name)
    objects = {"application": workspace_applications(directory, adoption.tenant), "tenant": [tenant], "group": groups}
    found = [(item.name, spec) for level, items in objects.items() for item in items for spec in [_described(adoption, level, item)] if spec]
    specs = [spec for name, spec in found if adoption.unchanged({"workspace": [spec]}, name)]
    if specs:
        adoption.description["workspace"] = specs


def _described(adoption: Any, level: str, item: ConfigObject) -> dict[str, Any] | None:
    """Return one level's description, or None if it has nothing of chat; what the template says and secrets are left out."""
    values = values_of(adoption.directory, item)
    template = adoption.directory.by_dbid("CfgAppPrototype", item.template_dbid) if level == "application" else None
    shipped = template.options(SECTION) if template else {}
    options = {option: value for option, value in values.items() if _OF_CHAT.fullmatch(option) and not adoption.secrets.is_secret(option)
               and shipped.get((SECTION, option)) != value}
    queue = options.get(ON_HOLD_QUEUE, "").strip()
    script = adoption.directory.find("CfgScript", queue, adoption.tenant) if queue else None
    if queue and (script is None or script.subtype != INTERACTION_QUEUE):
        adoption.leave_out(item.name, f"{ON_HOLD_QUEUE} is '{options.pop(ON_HOLD_QUEUE)}', which is no Interaction Queue of the tenant", "workspace")
    try:
        has_chat = CHAT in ChannelList(values.get(CHANNELS, ""), "", f"{CHANNELS} at {level} '{item.name}'").values
    except InvalidInput as error:
        adoption.leave_out(item.name, str(error), "workspace")
        has_chat = False
    if not options and not has_chat:
        return None
    return {"level": level, **({} if level == "tenant" else {"name": item.name}), **({"options": options} if options else {}),
            **({} if has_chat else {"chat_channel": False})}


PART = Part(
    "workspace",
    fields=(Field("workspace", "list", "Options of chat in Workspace, the agents' desktop, at each level that is to have some; see "
                  "M(genesys_engage.chat.workspace_chat_options).", elements="dict", fields=LEVEL),),
    place=95,
    rules={"channels": _rule},
    kinds=_kinds,
    adopt=_adopt, adopt_place=95, removal=_removal,
)
