# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sandbox can't know, and where it knowingly differs from a real installation."""

from __future__ import annotations

from .gax import dialects

DEVIATIONS = """\
No public manual describes GAX's REST interface. The dialects above stand for the answers that it may give. Beside them:

Inferred (a real GAX may differ)
- A list without brief=false is brief: identifying properties only. A search by a property that the class lacks is refused.
- In filters, AND binds tighter than OR.
- A property that the class does not have is ignored on a write; the request log names it (ignored_fields).
- A scalar that a PUT leaves out is kept. The request log names all properties that a PUT lost (lost_fields).
- A new object without folderid goes to the root folder of its class and tenant, or is refused (dialect). Only the DBIDs of the folders for
  application templates (101), applications (102) and hosts (103) are known.
- A new connection must name a port id that the target has. A port removed later leaves existing connections alone.
- References to a deleted object are cleared, unless the deletion is refused. The backup of a deleted primary becomes a primary.
- Types of content in a folder's objectids are spelled CFGHost, CFGApplication and so on.
- Which application types are interfaces and not servers.
- JSON of CfgScript, CfgTenant, CfgEnumerator, CfgEnumeratorValue, CfgService: keys predicted from the Platform SDK.
- How a role names its members (members/rolemember with objectdbid and objecttype), and that its names are unique in its tenant.
- How GAX shows binary values of an annex: the sandbox keeps whatever text it gets.
- Content of version/, cfg/appmetadata and of the answer to an imported metadata file.
- A login over the limit of sessions is refused with CFGAccessDenied.
- How the Backend Server of Web Engagement finds the members of an Application Cluster, to which port of a Chat Server it connects, what
  it does without the options of a chat session, and which of its options count only from its next start on. The sandbox takes the
  cluster's connections, webapi, 1 second (refreshPeriod), 10 (requestPoolSize), 30 seconds (session restore time-out), and what release
  8.5 documents.
- How the privilege to use the chat channel is written in a role. The sandbox takes section sandbox-workspace, option
  chat.can-use-chat-channel, value 1 or true; and interaction-workspace/privilege.chat.can-use of Web Edition.
- Whose capacity rule counts first: in the sandbox the person's, a group's of agents, the place's, the tenant's. Conditions of all
  priorities of a rule count, and only its compiled form is read. An agent needs no place to log in.
- Which option of a chat service of GMS names its endpoint (the sandbox takes the one with "endpoint" in its name, else that of section
  chat, else Environment:default), and whether GMS uses the backup of a Chat Server (not for a service of Chat API v2).
- What becomes of a session that was held without transcript-auto-save: in the sandbox no other Chat Server restores it.
- By what UCS identifies a contact, and what becomes of a visitor of whom nothing is known: in the sandbox by EmailAddress within the
  tenant; without one there is no contact.

Not modelled
- Routing strategies: the oldest chat goes to the agent of its tenant who has the fewest in hand, among those who may have it. No other
  media than chat; of Workspace only whether and where an agent takes part; groups of places.
- Run modes of a pair of Chat Servers: the backup would serve whoever asks it.
- Web Engagement beside its chat channel: visits, rules, invitations, pacing (and so the default channel of engagement), callbacks.
- Change of a password, and the demand to change it. Passwords of persons and tenants are neither kept nor shown.
- Permissions below "everything" (user default) and "read everything" (user readonly).
- Propagation of a state to the objects below; tenantdbids.mode; a name locked by a logged-in client; accounts of servers.
- Set-up mode of GAX, Audio Resource Management, scs/..., tree, dependency and search calls: 404.

Deviations by design
- The Configuration Server's and Solution Control Server's own protocols are private HTTP with JSON, that of the Local Control Agents
  on real hosts is lines of JSON.
- Hosts are directories with loopback addresses, unless real ones are made; the host name of an installation in a directory comes from
  SANDBOX_HOSTNAME.
- The nickname of the Backend Server's installation package (GWEBackend), and the stand-in servers' executable names, are the sandbox's own.
- Application templates (.apd) hold JSON; the real format is not public, and opaque to clients.
- confserv, MessageServer and SolutionControlServer are reported running without processes of their own."""


def text() -> str:
    """Return both as text for people."""
    return f"{dialects.__doc__}\n{DEVIATIONS}"
