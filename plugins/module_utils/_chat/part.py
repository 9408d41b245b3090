# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a part of a description is, and what the parts have of a solution while it is planned."""

from __future__ import annotations

from .._config.desired import Desired, merged
from .._config.errors import InvalidInput
from .application import APPLICATION, application, connect_listed
from .arguments import named, overlaid

#: What a rule makes, in the order in which an administrator would make it; within one of them the parts go by their places.
#: objects: what others refer to.  servers: pairs, and the Chat Servers.  connections: those that described servers name themselves.
#: clients: connections to the Chat Servers.  channels: what is built on all of these.
STAGES = ("objects", "servers", "connections", "clients", "channels")


class Part:
    """One part of a description.

    name: for people.  fields: those at the top of a description.
    place: in the order of creation; a removal goes the other way round.
    rules: stage -> function (draft) -> list of Desired: what must be true.
    kinds: function (description) -> classes of objects that planning reads beside those of every solution.
    adopt: function (adoption) that adds the part to adoption.description, or says what is left out; adopt_place: its place in that order.
    say_once: function (description) -> description, in which what is said several times is said once.
    role: of the applications that the part installs, '' for none; start: their place in the order of starting.
    installed: function (description) -> names of the applications to install.
    facts: what the running applications are compared with: name of the fact -> function (context, name, wanted) -> list; wanted: name -> Desired.
    around: function (directory) -> what the running system has beyond the description.
    types: of the applications that are the part's, () for any.

    When a whole description is removed (removal.py), these go without a word of the part: the applications in "installed", and the connections
    to them of every application that the description mentions by name.
    removal: function (removal) -> list of Desired: what else goes, options that the part has written into applications that stay, and objects
    that it describes. What stays though it is described is told by removal.stay.
    clients: function (removal) -> names of applications that the description does not mention, and whose connections the part has made.
    """

    def __init__(self, name, place, fields=(), rules=None, kinds=None, adopt=None, adopt_place=0, say_once=None, role="", start=0,
                 installed=None, facts=None, around=None, types=(), removal=None, clients=None):
        self.name = name
        self.place = place
        self.fields = fields
        self.rules = rules or {}
        self.kinds = kinds or (lambda description: ())
        self.adopt = adopt
        self.adopt_place = adopt_place
        self.say_once = say_once
        self.role = role
        self.start = start
        self.installed = installed
        self.facts = facts or {}
        self.around = around or (lambda directory: {})
        self.types = types
        self.removal = removal
        self.clients = clients


class Draft:
    """A solution while it is planned. known: what parts tell others, by a word of theirs (names of servers, for instance)."""

    def __init__(self, context, description):
        self.context = context
        self.description = description
        self.tenant = description["tenant"]
        self.wanted = []
        self.known = {}
        self._described = {}

    def given(self, key):
        """Return the list under a key of the description, [] if it is not there."""
        return self.description.get(key) or ()

    def merged(self):
        """Return what is planned so far, with one Desired for each object."""
        self.wanted = merged(self.wanted)
        return self.wanted

    def server(self, item, defaults, app_type, where, part):
        """Return (name, list of Desired) of a server that is named only, or described and then wanted; part: whose server it is."""
        own = named(item, APPLICATION, where)
        if not isinstance(item, dict):
            self.context.application(own["name"], where)
            return own["name"], []
        spec = overlaid(defaults, own)
        if not spec.get("tenants") and self.context.directory.find("CfgApplication", spec["name"]) is None:
            spec["tenants"] = [self.tenant]
        self._described.setdefault(part, []).append((spec, where))
        return spec["name"], [application(self.context, spec, where, app_type)]

    def servers(self, key, defaults_key, app_type):
        """Return (names, list of Desired) of the servers under a key; raises InvalidInput for one that is named twice."""
        names, wanted = [], []
        for number, item in enumerate(self.given(key)):
            name, desired = self.server(item, self.description.get(defaults_key), app_type, "%s[%d]" % (key, number), key)
            names.append(name)
            wanted += desired
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidInput("%s: '%s' is named twice" % (key, twice[0]))
        return names, wanted

    def own_connections(self, part):
        """Return the Desired with the connections that the described servers of a part name themselves."""
        wanted = []
        for spec, where in self._described.get(part, ()):
            if spec.get("connections"):
                desired = Desired("CfgApplication", spec["name"])
                connect_listed(self.context, desired, spec["connections"], where)
                wanted.append(desired)
        return wanted


def described(members):
    """Return the names of those members that are described and not only named: these are installed."""
    return [named(item, APPLICATION, "")["name"] for item in members if isinstance(item, dict)]
