"""Keeps personal data out of git: asked before anything is written, because what git has once it has for ever."""

from collections.abc import Mapping, Sequence

from voicegit.domain import checks
from voicegit.domain.ids import ConversationId, Revision
from voicegit.errors import Invalid
from voicegit.ports import Transaction, Workspace


def near(tx: Transaction, talks: Sequence[ConversationId] = ()) -> list[str]:
    """Names to look for in all their parts: everybody of the business, and the customers of these conversations."""
    customers = {c.customer for c in tx.conversations.find(id__in=set(talks)) if c.customer}
    return [*(p.name for p in tx.people.find()), *(c.name for c in tx.customers.find(id__in=customers))]


def everybody(tx: Transaction) -> frozenset[str]:
    """Every customer's name, to be looked for as a whole."""
    return frozenset(customer.name for customer in tx.customers.find())


def refuse(workspace: Workspace, base: Revision, texts: Mapping[str, str]) -> None:
    """Raises `Invalid` with each place where one of these texts surely holds personal data that the base does not."""
    tx = workspace.store.read
    sure, _ = checks.personal(workspace.directives.at(base), texts, names=near(tx), full_names=everybody(tx))
    if sure:
        raise Invalid("This holds personal data, which never goes into the repository. Nothing was written.", tuple(sure))
