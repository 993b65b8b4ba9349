"""The page about the API, made from openapi.json: no scripts, nothing loaded from elsewhere."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bot.api.problems import STATUS, Problems


class ApiPage:
    """Renders the page."""

    headers = {  # noqa: RUF012  never changed
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
        "x-content-type-options": "nosniff",
    }

    def __init__(self, templates: Path, problems: Problems) -> None:
        """Keep where the template is."""
        self._templates = templates
        self._problems = problems

    def html(self, openapi: dict[str, Any]) -> str:
        """Render the page for a description of the API."""
        calls = [
            {
                "method": method.upper(),
                "path": path,
                "summary": operation["description"],
                "scope": _scope(operation),
                "parameters": operation.get("parameters", ()),
                "examples": _examples(operation, openapi),
            }
            for path, operations in openapi["paths"].items()
            for method, operation in operations.items()
            if "security" in operation
        ]
        problems = [
            {"code": str(code), "status": status, "title": self._problems.title(status)}
            for code, status in STATUS.items()
        ]
        return self._template.render(calls=calls, problems=problems)

    @cached_property
    def _template(self) -> Template:
        environment = Environment(
            loader=FileSystemLoader(self._templates),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        return environment.get_template("pages/api.html.j2")


def _scope(operation: dict[str, Any]) -> str:
    ((scopes,),) = (needed.values() for needed in operation["security"])
    (scope,) = scopes
    return str(scope)


def _examples(operation: dict[str, Any], openapi: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    given = [example["value"] for example in content.get("examples", {}).values()]
    if "$ref" in content.get("schema", {}):
        name = content["schema"]["$ref"].rpartition("/")[2]
        given += openapi["components"]["schemas"][name]["examples"]
    return [json.dumps(value, ensure_ascii=False, indent=2) for value in given]
