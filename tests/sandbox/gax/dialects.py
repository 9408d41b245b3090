# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dialects: ways in which a real GAX may answer, where no public source says which.

Every value of every feature occurs in at least one dialect; together the six cover 792 of the 1368 pairs of values (876 is
the most that six could cover). ``plain``, the default, is what two public clients and their structures suggest (G1, G2): a
create answers with the object, scalars are strings, an empty scalar or annex is absent while other empty lists are there,
tenantdbids has a mode. The others are less likely.

================  ==========  =============  =========  ==========  ==========  ==========
feature           plain       portal         terse      silent      guarded     typed
================  ==========  =============  =========  ==========  ==========  ==========
create            201 object  200 object     201 dbid   204         201 empty   201 object
replace           200 object  204            200 object 204         200 empty   200 empty
delete            204         200 empty      204        200 object  200 empty   200 object
empty_lists       annex       present        null       absent      null        absent
empty_scalars     absent      present        absent     present     present     absent
tenant_mode       yes         yes            no         no          no          yes
numbers           strings     numbers        numbers    strings     strings     numbers
extra_fields      no          yes            yes        no          no          yes
name_match        exact       prefix         nocase     nocase      prefix      exact
cookie            JSESSIONID  GAXSESSIONID   GAX        SESSION     JSESSIONID  gax-session
passwords         both        both           plain      plain       obfuscated  obfuscated
expired           401         302            200 HTML   200 HTML    403         401
login_failure     401         403            401        403         200         200
template_options  client      server         server     client      client      server
missing_list      clears      kept           kept       clears      clears      kept
error_body        code        text           HTML       text        HTML        errors
error_status      by kind     by kind        500        400         500         400
folder            optional    optional       optional   optional    required    optional
================  ==========  =============  =========  ==========  ==========  ==========
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """One set of answers to the questions that the sources leave open.

    - create, replace, delete: HTTP status, and the body: the object, its DBID alone, or nothing.
    - empty_lists: a list property without entries is present, null or absent; "annex": only an empty annex is absent.
    - empty_scalars: a scalar property that is empty text is present or absent.
    - tenant_mode: tenantdbids has the member mode. Its values are not known; that one is the sandbox's own.
    - numbers: DBIDs, ports and time-outs are JSON numbers.
    - extra_fields: objects, ports and connections carry properties that no client knows.
    - name_match: how the name parameter of a list matches: exact, prefix or nocase.
    - passwords: which form a login takes: plain, obfuscated or both.
    - expired: answer to a request without a session: 401, 403, 302 to the login page, or the login page itself.
    - login_failure: HTTP status of a wrong password; 200 sets no cookie.
    - template_options: who copies the options of the template to a new application: the client or the server.
    - missing_list: a list that a PUT leaves out is cleared or kept.
    - error_body, error_status: form of a refusal.
    - folder: a new object must name its folder, or may.
    """

    name: str
    create: str = "201 object"
    replace: str = "200 object"
    delete: str = "204"
    empty_lists: str = "annex"
    empty_scalars: str = "absent"
    tenant_mode: bool = True
    numbers: bool = False
    extra_fields: bool = False
    name_match: str = "exact"
    cookie: str = "JSESSIONID"
    passwords: str = "both"
    expired: str = "401"
    login_failure: int = 401
    template_options: str = "client"
    missing_list: str = "clears"
    error_body: str = "code"
    error_status: int = 0
    folder: str = "optional"

    @property
    def as_kept(self) -> bool:
        """Tell whether objects are shown exactly in the form in which they are kept."""
        return not (self.numbers or self.extra_fields or self.tenant_mode) and (self.empty_lists, self.empty_scalars) == ("present", "present")


PLAIN = Dialect("plain")

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        PLAIN,
        Dialect(
            "portal",
            create="200 object",
            replace="204",
            empty_lists="present",
            empty_scalars="present",
            delete="200 empty",
            numbers=True,
            extra_fields=True,
            name_match="prefix",
            cookie="GAXSESSIONID",
            expired="302",
            login_failure=403,
            template_options="server",
            missing_list="kept",
            error_body="text",
        ),
        Dialect(
            "terse",
            create="201 dbid",
            empty_lists="null",
            tenant_mode=False,
            numbers=True,
            extra_fields=True,
            name_match="nocase",
            cookie="GAX",
            passwords="plain",
            expired="html",
            template_options="server",
            missing_list="kept",
            error_body="html",
            error_status=500,
        ),
        Dialect(
            "silent",
            create="204",
            replace="204",
            delete="200 object",
            empty_lists="absent",
            empty_scalars="present",
            tenant_mode=False,
            name_match="nocase",
            cookie="SESSION",
            passwords="plain",
            expired="html",
            login_failure=403,
            error_body="text",
            error_status=400,
        ),
        Dialect(
            "guarded",
            create="201 empty",
            replace="200 empty",
            delete="200 empty",
            empty_lists="null",
            empty_scalars="present",
            tenant_mode=False,
            name_match="prefix",
            passwords="obfuscated",
            expired="403",
            login_failure=200,
            error_body="html",
            error_status=500,
            folder="required",
        ),
        Dialect(
            "typed",
            create="201 object",
            replace="200 empty",
            delete="200 object",
            empty_lists="absent",
            numbers=True,
            extra_fields=True,
            cookie="gax-session",
            passwords="obfuscated",
            login_failure=200,
            template_options="server",
            missing_list="kept",
            error_body="errors",
            error_status=400,
        ),
    )
}
