"""Pages for people: one module a noun. A view parses, calls one service, and shows a template of `templates/<noun>/`."""
