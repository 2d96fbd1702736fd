"""One outside library or service per module. Only `bootstrap` chooses among them."""
