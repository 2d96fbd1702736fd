"""People of the business, and customer records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from voicegit.domain.conversation import clean
from voicegit.domain.ids import CustomerId, PersonId
from voicegit.domain.people import Customer, Person, Role
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Transaction, Workspace

MAX_NAME = 120


def add(workspace: Workspace, name: str, *, role: Role) -> Person:
    """A new person of the business. Raises `Conflict` when the name is taken."""
    person = Person(PersonId(workspace.clock.new_id()), fit_name(name), role, workspace.clock.now())

    def step(tx: Transaction) -> Person:
        if any(known.name.casefold() == person.name.casefold() for known in tx.people.find()):
            raise Conflict(f"There is somebody called {person.name} already. Choose another name.")
        tx.people.add(person)
        return person

    return workspace.store.write(step)


def named(workspace: Workspace, name: str | None) -> Person:
    """The person of that name or id; without a name, the first owner. Raises `NotFound` with the names that exist."""
    people = workspace.store.read.people.find()
    if name is None:
        owner = next((person for person in people if person.role is Role.OWNER), None)
        if owner is None:
            raise NotFound("This workspace has no owner. Run 'voicegit doctor'.")
        return owner
    found = next((person for person in people if name == person.id or name.casefold() == person.name.casefold()), None)
    if found is None:
        raise NotFound(f"Nobody here is called {name[:60]!r}. There are: {', '.join(person.name for person in people)}.")
    return found


def customer(workspace: Workspace, name: str) -> Customer:
    """The customer record of that name or id. Raises `NotFound`."""
    found = find_customer(workspace.store.read, name)
    if found is None:
        raise NotFound(f"There is no customer called {name[:60]!r}. 'voicegit customer set {name[:60]!r} …' makes a record.")
    return found


def find_customer(tx: Transaction, name: str) -> Customer | None:
    wanted = name.strip().casefold()
    exact = tx.customers.first(id=name.strip()) or tx.customers.first(name=name.strip())
    return exact or next((one for one in tx.customers.find() if one.name.casefold() == wanted), None)


def record(tx: Transaction, workspace: Workspace, name: str) -> Customer:
    """The customer of that name, made if there is none yet."""
    known = find_customer(tx, name)
    if known is None:
        known = Customer(CustomerId(workspace.clock.new_id()), fit_name(name), workspace.clock.now())
        tx.customers.add(known)
    return known


def set_customer(
    workspace: Workspace, name: str, *, fields: Mapping[str, str] | None = None, contacts: Sequence[str] | None = None, notes: str | None = None
) -> Customer:
    """Writes into a customer record, making it if there is none; an empty value takes a field out."""
    check_fields(fields or {})

    def step(tx: Transaction) -> Customer:
        old = record(tx, workspace, name)
        merged = {key: value.strip() for key, value in {**old.fields, **(fields or {})}.items() if value.strip()}
        new = replace(
            old,
            fields=merged,
            contacts=old.contacts if contacts is None else tuple(contacts),
            notes=old.notes if notes is None else (clean(notes, field="notes") if notes.strip() else ""),
        )
        tx.customers.replace(old, new)
        return new

    return workspace.store.write(step)


def check_fields(fields: Mapping[str, str]) -> None:
    """Raises `Invalid` for a name that could not stand in an answer as `{name}`, or a value too long for one."""
    for key, value in fields.items():
        if not key.isidentifier() or len(key) > 40 or key == "name":
            raise Invalid(f"{key[:60]!r} cannot be a field's name. Use letters, digits and _, beginning with a letter ('name' is the record's own).")
        if len(value) > 400:
            raise Invalid(f"The field {key!r} has {len(value)} characters; at most 400 are kept.")


def fit_name(name: str) -> str:
    """A name as it is kept: one line of 1 to 120 characters. Raises `Invalid`."""
    kept = " ".join(clean(name, field="name").split())
    if len(kept) > MAX_NAME:
        raise Invalid(f"A name has at most {MAX_NAME} characters; this one has {len(kept)}.")
    return kept
