"""JSON for programs under `/api/v1`: one module a noun."""
