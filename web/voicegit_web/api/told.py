"""What a view of the API returns."""

from typing import Any

from flask import Response

Told = Response | dict[str, Any] | tuple[dict[str, Any], int] | tuple[dict[str, Any], int, dict[str, str]]
"""What a view of the API returns. flask-openapi3 evaluates the hints of views, so Flask's own alias, with its names in quotes, cannot stand there."""
