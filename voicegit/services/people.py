"""People of the business, and customer records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from voicegit.domain.conversation import clean
from voicegit.domain.ids import CustomerId, PersonId
from voicegit.domain.people import Customer, Person, Role, must_keep_an_owner
from voicegit.errors import Conflict, Invalid, NotFound
from voicegit.ports import Transaction, Workspace

MAX_NAME = 120


def add(workspace: Workspace, name: str, *, role: Role) -> Person:
    """A new person of the business. Raises `Conflict` when the name is taken, be it by somebody who left: the history names them."""
    person = Person(PersonId(workspace.clock.new_id()), fit_name(name), role, workspace.clock.now())

    def step(tx: Transaction) -> Person:
        same = next((known for known in tx.people.find() if known.name.casefold() == person.name.casefold()), None)
        if same is not None:
            before = "worked here before, and the history calls them so" if same.left_at is not None else "works here already"
            raise Conflict(f"Somebody called {same.name} {before}. Choose another name, such as '{same.name} 2'; nobody was added.")
        tx.people.add(person)
        return person

    return workspace.store.write(step)


def working(workspace: Workspace) -> list[Person]:
    """Everybody who works here, by name."""
    return sorted(workspace.store.read.people.find(left_at=None), key=lambda person: person.name.casefold())


def named(workspace: Workspace, name: str | None) -> Person:
    """The person of that name or id; without a name, the first owner. Raises `NotFound` with the names that exist."""
    people = workspace.store.read.people.find(left_at=None)
    if name is None:
        owner = next((person for person in people if person.role is Role.OWNER), None)
        if owner is None:
            raise NotFound("This workspace has no owner. Run 'voicegit doctor'.")
        return owner
    found = next((person for person in people if name == person.id or name.casefold() == person.name.casefold()), None)
    if found is None:
        raise NotFound(f"Nobody here is called {name[:60]!r}. There are: {', '.join(person.name for person in people)}.")
    return found


# ---- who may what, from now on


def change_role(workspace: Workspace, person: PersonId, role: Role) -> Person:
    """Signs them out everywhere, so that no page goes on as before. Raises `Conflict` for the only owner."""

    def step(tx: Transaction) -> Person:
        old = _here(tx, person)
        if role is old.role:
            return old
        if role is not Role.OWNER:
            must_keep_an_owner(tx.people.find(), old)
        return _written(tx, old, old.with_role(role, workspace.clock.now()))

    return workspace.store.write(step)


def remove(workspace: Workspace, person: PersonId) -> Person:
    """They cannot sign in any more, and their tokens open nothing; what they did stays under their name. Raises `Conflict` for the only owner."""

    def step(tx: Transaction) -> Person:
        old, now = _here(tx, person), workspace.clock.now()
        must_keep_an_owner(tx.people.find(), old)
        for token in tx.tokens.find(person=old.id, revoked_at=None):
            tx.tokens.replace(token, replace(token, revoked_at=now))
        for passphrase in tx.passphrases.find(id=old.id):
            tx.passphrases.remove(passphrase)
        return _written(tx, old, old.left(now))

    return workspace.store.write(step)


def sign_out_everywhere(workspace: Workspace, person: PersonId) -> Person:
    """On every device, at once; links that were not used open nothing either."""

    def step(tx: Transaction) -> Person:
        old = _here(tx, person)
        return _written(tx, old, old.signed_out(workspace.clock.now()))

    return workspace.store.write(step)


def _here(tx: Transaction, person: PersonId) -> Person:
    found = tx.people.first(id=person, left_at=None)
    if found is None:
        raise NotFound("Nobody like that works here any more. Look at the list again.")
    return found


def _written(tx: Transaction, old: Person, new: Person) -> Person:
    tx.people.replace(old, new)
    return new


# ---- customers


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
