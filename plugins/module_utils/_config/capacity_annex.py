# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The annex of a capacity rule as GAX shows it.

How GAX writes binary values is not known. It is learnt from a rule that is there, or told by the user; nothing is guessed.  Source: PSDK
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree.ElementTree import Element, tostring

from . import fields
from .capacity import NO_BEGINNING, Rule, Unreadable, compiled, decompiled, document, parsed, rule_of, set_maximum
from .errors import DoesNotFit, InvalidInput
from .shapes import Leaves, Path, Raw

if TYPE_CHECKING:
    from .directory import ConfigObject, Directory

#: The type of the script that a capacity rule is.  Source: CAPWIZ, PSENUM
CAPACITY_RULE = "CFGCapacityRule"

#: Where the annex has the two presentations, and where a wizard lists the media. The numbers there contradict each other in
#: the sources: they are written for new media, and never read.  Source: PSDK, CSCAP
DOCUMENT = ("_WIZARD_", "_CRWizardGUIPresentation_")
COMPILED = ("_WIZARD_", "_CRWizardBinaryPresentation_")
MEDIA_LIST = "_CRWizardMediaCapacityList_"

#: How binary values may be written; what the option of the user takes.
FORMS = ("hex", "base64", "text")

_ANNEX = fields.Options("userproperties")


class Form(NamedTuple):
    """How a binary value is written. sample: a value in that form, from which upper case is taken, and whether a text ends with a zero byte."""

    name: str
    sample: str

    def read(self, value: str) -> bytes:
        """Return the bytes of a value; raises ValueError."""
        if self.name == "hex":
            return bytes.fromhex(value)
        if self.name == "base64":
            return base64.b64decode(re.sub(r"\s", "", value), validate=True)
        return value.encode("latin-1")

    def written(self, data: bytes) -> str:
        """Return bytes in this form."""
        if self.name == "hex":
            return data.hex().upper() if re.search("[A-F]", self.sample) else data.hex()
        return base64.b64encode(data).decode("ascii") if self.name == "base64" else data.decode("latin-1")

    def read_text(self, value: str) -> str:
        """Return the text of a document; raises ValueError."""
        return (value if self.name == "text" else self.read(value).decode("utf-8")).rstrip("\0")

    def written_text(self, text: str) -> str:
        """Return a document in this form, with a zero byte at its end unless the sample shows it without one.  Source: PSDK (the zero byte)"""
        if self.name == "text":
            return text + ("" if self.sample and not self.sample.endswith("\0") else "\0")
        return self.written(text.encode("utf-8") + b"\0")


class Annex(NamedTuple):
    """A capacity rule's annex, understood."""

    root: Element
    head: str
    forms: tuple[Form, Form]

    @property
    def rule(self) -> Rule:
        """The rule that it describes."""
        return rule_of(self.root)


def annex_of(raw: Raw) -> Annex | None:
    """Return the annex of a script, None if it holds no rule; raises Unreadable, also where document and compiled form disagree."""
    values = _ANNEX.decode(raw, None)
    shown, made = values.get(DOCUMENT, ""), values.get(COMPILED, "")
    if not shown and not made:
        return None
    rule: Rule | None = None
    form = text_form = root = None
    head = ""
    if made:
        form, rule = _recognised(made, lambda known: decompiled(known.read(made)), "compiled form")
    if shown:
        text_form, text = _recognised(shown, lambda known: _document_text(known, shown), "document")
        root = parsed(text)
        head = text[:text.index("?>") + 2] if text.startswith("<?xml") else ""
        if rule is not None and rule_of(root).meaning != rule.meaning:
            raise Unreadable("its document and its compiled form disagree")
    found = root if root is not None else document(rule or Rule((), ()))
    return Annex(found, head, (form or text_form or Form("", ""), text_form or form or Form("", "")))


def _document_text(form: Form, value: str) -> str:
    text = form.read_text(value).strip()
    if not text.startswith("<"):
        raise ValueError("no document")
    return text


def _recognised(value: str, read: Callable[[Form], Any], what: str) -> tuple[Form, Any]:
    """Return the form in which a value makes sense, and what it says then; raises Unreadable."""
    reason = f"its {what} is written in a form that is not known"
    for name in FORMS:
        try:
            return Form(name, value), read(Form(name, value))
        except (ValueError, binascii.Error):
            continue
        except Unreadable as error:
            reason = reason if str(error) == NO_BEGINNING else str(error)
    raise Unreadable(reason)


class CapacityField(fields.Field):
    """The numbers at which media are full: a leaf per medium. Encoding writes the document and the compiled form anew, from the former."""

    depth = 1

    def decode(self, raw: Raw, directory: Directory) -> Leaves:
        annex = self._annex(raw)
        return {(media,): number for media, number in annex.rule.maximums().items()} if annex else {}

    def encode(self, raw: Raw, edits: Leaves, directory: Directory) -> None:
        annex = self._annex(raw)
        if annex is None:
            raise DoesNotFit(f"script '{raw.get('name')}': its annex holds no capacity rule, so it does not show how one is written: remove the script, and "
                             "let it be made anew")
        before = annex.rule.media
        for leaf, maximum in edits.items():
            set_maximum(annex.root, leaf[0], maximum)
        rule = annex.rule
        binary, text = annex.forms
        shown = annex.head + tostring(annex.root, encoding="unicode")
        new: Leaves = {(MEDIA_LIST, media): str(number) for number, media in enumerate(rule.media) if media not in before}
        new.update({DOCUMENT: text.written_text(shown), COMPILED: binary.written(compiled(rule))})
        _ANNEX.encode(raw, new, None)

    def coerce(self, value: Any, where: str) -> Any:
        number = fields.whole_number(value)
        if number is None or not 1 <= number <= 255:
            raise InvalidInput(f"{where} must be a whole number from 1 to 255, got {value}: a capacity rule counts in one byte, and what is full at 0 is "
                               "never offered")
        return number

    @staticmethod
    def _annex(raw: Raw) -> Annex | None:
        try:
            return annex_of(raw)
        except Unreadable as error:
            raise DoesNotFit(f"script '{raw.get('name')}': the capacity rule can't be read: {error}. Repair it with the tool it was made with, or remove it "
                             "and let it be made anew") from None


def new_annex(directory: Directory, form: str | None) -> Raw | None:
    """Return the properties from which a new rule starts: an empty rule, written as the rules that are there are, or in the user's form.

    None if nobody tells how one is written.
    """
    entries: dict[Path, Raw] = {}
    forms = (Form(form, ""), Form(form, "")) if form else None
    for script in sorted(directory.of_type("CfgScript", CAPACITY_RULE), key=lambda script: script.dbid):
        annex = _readable(script)
        if annex is not None:
            forms = annex.forms
            entries = {(fields.text(entry.get("section")), fields.text(entry.get("key"))): entry for entry in script.list_items("userproperties", "property")}
            break
    if forms is None:
        return None
    empty = Rule((), ())
    values = {DOCUMENT: forms[1].written_text(tostring(document(empty), encoding="unicode")), COMPILED: forms[0].written(compiled(empty))}
    return {"userproperties": {"property": [{**entries.get(path, {}), "section": path[0], "key": path[1], "value": value} for path, value in values.items()]}}


def _readable(script: ConfigObject) -> Annex | None:
    try:
        return annex_of(script.raw)
    except Unreadable:
        return None


def rule_in(script: ConfigObject) -> Rule | None:
    """Return the rule of a script, None if it has none; raises Unreadable."""
    annex = annex_of(script.raw)
    return annex.rule if annex else None
