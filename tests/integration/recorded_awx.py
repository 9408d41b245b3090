# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small AWX for tests: it keeps what is created, answers as the API of AWX 24.6.1 does where the modules of awx.awx look, and records every write.

It runs nothing. What it refuses is what the API refuses and what a mistake of ours would run into: names twice, references that lead nowhere, playbooks
that the project does not have, questions of a survey without what AWX demands, links between nodes of two workflows.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

VERSION = "24.6.1"
ENCRYPTED = "$encrypted$"
#: The collections of the API -> type of their objects.
TYPES = {
    "organizations": "organization", "credential_types": "credential_type", "credentials": "credential", "execution_environments": "execution_environment",
    "projects": "project", "inventories": "inventory", "inventory_sources": "inventory_source", "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template", "workflow_job_template_nodes": "workflow_job_template_node", "schedules": "schedule",
    "notification_templates": "notification_template", "workflow_approval_templates": "workflow_approval_template",
}
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
#: Field -> the collection that its number leads to.
REFERENCES = {
    "organization": ("organizations",), "credential_type": ("credential_types",), "credential": ("credentials",), "project": ("projects",),
    "source_project": ("projects",), "inventory": ("inventories",), "execution_environment": ("execution_environments",),
    "default_environment": ("execution_environments",), "workflow_job_template": ("workflow_job_templates",), "unified_job_template": UNIFIED,
}
#: What must be unique, beside the type.
UNIQUE = {"workflow_job_template_nodes": ("identifier", "workflow_job_template"), "inventory_sources": ("name", "inventory"),
          "credential_types": ("name",), "schedules": ("name", "unified_job_template")}  # fmt: skip
#: Collection -> what can be associated with its objects -> where that is found.
NOTIFICATIONS = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}
LISTS = {
    "job_templates": {"credentials": "credentials", **NOTIFICATIONS}, "inventory_sources": NOTIFICATIONS,
    "workflow_job_templates": {**NOTIFICATIONS, "notification_templates_approvals": "notification_templates"},
    "workflow_job_template_nodes": dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
}  # fmt: skip
#: What goes with an object that is deleted: the fields that name it.
OWNERS = ("organization", "inventory", "workflow_job_template", "unified_job_template")


class Refused(Exception):
    """A 400 with its reason."""


@dataclass
class RecordedAwx:
    """The server, as a context: ``with RecordedAwx(playbooks) as awx: ... awx.url``."""

    #: The playbooks of the project.
    playbooks: frozenset[str]
    token: str = "a-token"
    objects: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {name: {} for name in TYPES})
    lists: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    surveys: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    #: Method, path and body of each write.
    writes: list[tuple[str, str, Any]] = field(default_factory=list)
    url: str = ""
    _last: int = 0

    # --- the server ---

    def __enter__(self) -> RecordedAwx:
        routes = [Route("/api/v2/{path:path}", self._answer, methods=["GET", "POST", "PATCH", "DELETE"])]
        self._server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=0, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 20
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.should_exit = True
        self._thread.join(20)

    async def _answer(self, request: Request) -> Response:
        headers = {"X-API-Product-Name": "AWX", "X-API-Product-Version": VERSION}
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return JSONResponse({"detail": "Authentication credentials were not provided."}, 401, headers)
        content = await request.body()
        body = json.loads(content) if content else {}
        if request.method != "GET":
            self.writes.append((request.method, request.url.path, body))
        try:
            status, answer = self._do(request.method, request.path_params["path"].strip("/").split("/"), dict(request.query_params), body)
        except Refused as refused:
            status, answer = 400, {"__all__": [str(refused)]}
        return Response(status_code=status, headers=headers) if answer is None else JSONResponse(answer, status, headers)

    def _do(self, method: str, path: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        kind, number, below = path[0], int(path[1]) if len(path) > 1 else 0, path[2] if len(path) > 2 else ""
        if kind == "project_updates":
            return 200, {"id": number, "status": "successful"}
        if kind == "unified_job_templates" and method == "GET":
            return 200, self._listed([self.shown(name, key) for name in UNIFIED for key in self.objects[name]], query)
        if kind not in TYPES or (number and number not in self.objects[kind]):
            return 404, {"detail": "Not found."}
        if not number:
            if method == "GET":
                return 200, self._listed([self.shown(kind, key) for key in self.objects[kind]], query)
            return 201, self.shown(kind, self._create(kind, body))
        if below:
            return self._below(method, kind, number, below, body)
        if method == "PATCH":
            self._check(kind, {**self.objects[kind][number], **body}, number)
            self.objects[kind][number].update(body)
        elif method == "DELETE":
            self._delete(kind, number)
            return 202 if kind == "inventories" else 204, None
        return 200, self.shown(kind, number)

    def _below(self, method: str, kind: str, number: int, below: str, body: dict[str, Any]) -> tuple[int, Any]:
        if below == "survey_spec" and kind in ("job_templates", "workflow_job_templates"):
            if method == "POST":
                check_survey(body)
                self.surveys[kind, number] = body
            elif method == "DELETE":
                self.surveys.pop((kind, number), None)
            return 200, self.surveys.get((kind, number), {})
        if below == "create_approval_template" and kind == "workflow_job_template_nodes" and method == "POST":
            made = self._create("workflow_approval_templates", body)
            self.objects[kind][number]["unified_job_template"] = made
            return 201, self.shown("workflow_approval_templates", made)
        if below not in LISTS.get(kind, {}):
            return 404, {"detail": "Not found."}
        target, members = LISTS[kind][below], self.lists.setdefault((kind, number, below), [])
        if method == "GET":
            return 200, self._listed([self.shown(target, key) for key in members], {})
        if body["id"] not in self.objects[target]:
            raise Refused(f"{below}: there is no {body['id']}")
        if target == kind and self.objects[kind][number]["workflow_job_template"] != self.objects[kind][body["id"]]["workflow_job_template"]:
            raise Refused("nodes of two workflows")
        if body.get("disassociate"):
            members.remove(body["id"])
        else:
            members.append(body["id"])
        return 204, None

    # --- the objects ---

    def _create(self, kind: str, body: dict[str, Any]) -> int:
        self._check(kind, body, 0)
        self._last += 1
        self.objects[kind][self._last] = dict(body)
        return self._last

    def _check(self, kind: str, body: dict[str, Any], number: int) -> None:
        for name, targets in REFERENCES.items():
            if body.get(name) is not None and not any(body[name] in self.objects[target] for target in targets):
                raise Refused(f"{name}: there is no {body[name]}")
        keys = UNIQUE.get(kind, ("name", "organization"))
        for other, its in self.objects[kind].items():
            if other != number and kind != "workflow_approval_templates" and all(its.get(key) == body.get(key) for key in keys):
                raise Refused(f"{kind}: {' and '.join(keys)} are taken")
        if kind == "job_templates" and body["playbook"] not in self.playbooks:
            raise Refused(f"Playbook not found for project: {body['playbook']}")
        if kind == "schedules" and not body["rrule"].startswith("DTSTART"):
            raise Refused("Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
        if kind == "credentials":
            known = {item["id"] for item in self.objects["credential_types"][body["credential_type"]]["inputs"]["fields"]}
            if set(body["inputs"]) - known:
                raise Refused(f"inputs: unknown {sorted(set(body['inputs']) - known)}")

    def _delete(self, kind: str, number: int) -> None:
        its = self.objects[kind].pop(number)
        self.surveys.pop((kind, number), None)
        # An approval belongs to its node.
        self.objects["workflow_approval_templates"].pop(its.get("unified_job_template", 0) if kind == "workflow_job_template_nodes" else 0, None)
        for other, objects in self.objects.items():
            for key in [key for key, its in objects.items() if any(its.get(name) == number and kind in REFERENCES[name] for name in OWNERS)]:
                if key in objects:
                    self._delete(other, key)

    def shown(self, kind: str, number: int) -> dict[str, Any]:
        """An object as the API shows it."""
        its = dict(self.objects[kind][number])
        url = f"/api/v2/{kind}/{number}/"
        related: dict[str, Any] = {}
        if kind in ("job_templates", "workflow_job_templates"):
            related["survey_spec"] = f"{url}survey_spec/"
        if kind == "job_templates":
            its["organization"] = self.objects["projects"][its["project"]]["organization"]
        if kind == "credentials":
            fields = self.objects["credential_types"][its["credential_type"]]["inputs"]["fields"]
            secret = {item["id"] for item in fields if item.get("secret")}
            its["inputs"] = {name: ENCRYPTED if name in secret else value for name, value in its["inputs"].items()}
        summary = {"current_update": {"id": 1}} if kind == "projects" else {}
        if target := its.get("unified_job_template"):
            owner = next(name for name in UNIFIED if target in self.objects[name])
            related["unified_job_template"] = f"/api/v2/{owner}/{target}/"
        return {**its, "id": number, "url": url, "type": TYPES[kind], "related": related, "summary_fields": summary, "scm_revision": ""}

    @staticmethod
    def _listed(objects: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        found = [its for its in objects if all(str(its.get(name)) == value for name, value in query.items())]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    # --- for tests ---

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a collection by their names."""
        return {its["name"]: {**its, "id": number} for number, its in self.objects[kind].items()}

    def survey(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The questions of a template."""
        questions: list[dict[str, Any]] = self.surveys.get((kind, self.named(kind)[name]["id"]), {}).get("spec", [])
        return questions

    def count(self) -> int:
        """How many objects there are."""
        return sum(len(objects) for objects in self.objects.values())


def check_survey(spec: dict[str, Any]) -> None:
    """Refuse what AWX refuses."""
    if set(spec) != {"name", "description", "spec"} or not isinstance(spec["spec"], list):
        raise Refused("a survey has a name, a description and a spec")
    names = [question["variable"] for question in spec["spec"]]
    if len(set(names)) != len(names):
        raise Refused("variable twice in the survey")
    for question in spec["spec"]:
        if {type(question[key]) for key in ("type", "question_name", "variable")} != {str} or not isinstance(question["required"], bool):
            raise Refused(f"wrong types in {question}")
        if question["type"] not in ("text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"):
            raise Refused(f"unknown type in {question}")
        if question["type"] == "multiplechoice" and not (question["choices"] and question["default"] in ("", *question["choices"])):
            raise Refused(f"choices in {question}")
