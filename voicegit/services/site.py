"""The customers' side: sites, and what a visitor may do there. A visitor reaches the one conversation that their key names, and nothing else."""

import re
import secrets
from dataclasses import dataclass, replace

from voicegit.domain import site as sites
from voicegit.domain.conversation import Author, Conversation, Floor, Message, MessageKind, clean
from voicegit.domain.ids import ConversationId, CustomerId, MessageId
from voicegit.domain.people import Customer
from voicegit.domain.site import MOST_ORIGINS, Rating, Site, Visit
from voicegit.domain.work import Event, Job, JobKind
from voicegit.errors import Conflict, Forbidden, Invalid, NotFound
from voicegit.ports import Transaction, Workspace
from voicegit.services import conversation as conversations
from voicegit.services import people
from voicegit.services.conversation import Taken

FIRST = "web"
"""The name of the site that a workspace has without anybody having made one."""

MAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,130}")


# ---- sites


def add(workspace: Workspace, name: str, *, origins: tuple[str, ...] = ()) -> Site:
    """A new site. Raises `Conflict` when one of that name is in use."""
    made = Site(
        id=workspace.clock.new_id(),
        name=sites.fit_name(name),
        token=secrets.token_urlsafe(15),
        secret=secrets.token_hex(32),
        created_at=workspace.clock.now(),
        origins=_fit(origins),
    )

    def step(tx: Transaction) -> Site:
        if _of_name(tx, made.name) is not None:
            raise Conflict(f"There is a site called {made.name} already. 'voicegit site list' shows it; 'voicegit site allow' says where it may be shown.")
        tx.sites.add(made)
        return made

    return workspace.store.write(step)


def allow(workspace: Workspace, name: str, *, origins: tuple[str, ...]) -> Site:
    """Says anew which pages may show a site in a frame; none of those named before, unless it is named again."""
    fit = _fit(origins)

    def step(tx: Transaction) -> Site:
        old = _of_name(tx, name)
        if old is None:
            raise _unknown(name)
        new = replace(old, origins=fit)
        tx.sites.replace(old, new)
        return new

    return workspace.store.write(step)


def revoke(workspace: Workspace, name: str) -> Site:
    """From now on its page, its widget and its visitors' keys open nothing; what was said stays. Raises `NotFound`."""

    def step(tx: Transaction) -> Site:
        old = _of_name(tx, name)
        if old is None:
            raise _unknown(name)
        new = replace(old, revoked_at=workspace.clock.now())
        tx.sites.replace(old, new)
        return new

    return workspace.store.write(step)


def in_use(workspace: Workspace) -> list[Site]:
    """The sites that were not revoked, oldest first."""
    return workspace.store.read.sites.find(revoked_at=None)


def named(workspace: Workspace, name: str) -> Site:
    """Raises `NotFound`."""
    found = _of_name(workspace.store.read, name)
    if found is None:
        raise _unknown(name)
    return found


def by_token(workspace: Workspace, token: str) -> Site:
    """Raises `NotFound` for a token that opens nothing."""
    found = workspace.store.read.sites.first(token=token, revoked_at=None)
    if found is None:
        raise NotFound("There is no chat at this address. It was closed, or the link is not whole.")
    return found


def first(workspace: Workspace) -> Site:
    """The oldest site in use; made when there is none."""
    found = workspace.store.read.sites.first(revoked_at=None)
    if found is not None:
        return found
    try:
        return add(workspace, FIRST)
    except Conflict:
        # Somebody else's request made it meanwhile.
        return named(workspace, FIRST)


def _fit(origins: tuple[str, ...]) -> tuple[str, ...]:
    if len(origins) > MOST_ORIGINS:
        raise Invalid(f"A site may be shown by at most {MOST_ORIGINS} origins. Nothing was written; make a second site for the others.")
    return tuple(dict.fromkeys(sites.fit_origin(one) for one in origins))


def _of_name(tx: Transaction, name: str) -> Site | None:
    wanted = name.strip().casefold()
    return next((one for one in tx.sites.find(revoked_at=None) if one.name.casefold() == wanted), None)


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no site called {name[:60]!r} in use. 'voicegit site list' shows them.")


# ---- what a visitor does


def fresh(workspace: Workspace, site: Site, customer: CustomerId | None = None) -> Visit:
    """A visit whose conversation begins with the first message. Nothing is stored until then."""
    return Visit(site.id, ConversationId(workspace.clock.new_id()), customer)


def talk(workspace: Workspace, site: Site, visit: Visit) -> Conversation | None:
    """The visit's conversation, once it has begun."""
    return workspace.store.read.conversations.first(id=visit.talk, channel=site.channel) if visit.site == site.id else None


def say(workspace: Workspace, site: Site, visit: Visit, text: str, *, key: str | None, run_at_once: bool = False) -> Taken:
    """The visitor's next message, which is also the first when there was none. The same `key` again is the same message."""
    said = clean(text)

    def begin(tx: Transaction) -> None:
        if tx.conversations.first(id=visit.talk) is None:
            tx.conversations.add(Conversation(visit.talk, workspace.clock.now(), customer=visit.customer, channel=site.channel))

    if talk(workspace, site, visit) is None:
        workspace.store.write(begin)
    taken = conversations.take_in(workspace, visit.talk, said, key=key, run_at_once=run_at_once)
    if taken.repeated and taken.message.text != said:
        raise Invalid("This form was sent before, with other words. These ones were not sent yet: send them again.")
    return taken


def record(workspace: Workspace, name: str) -> CustomerId:
    """For somebody of the business who tries it: the customer record of that name, made if there is none."""
    return workspace.store.write(lambda tx: people.record(tx, workspace, name)).id


def identify(workspace: Workspace, site: Site, visit: Visit, user: str, digest: str, *, name: str = "", email: str = "") -> Visit:
    """The visit of a user for whom the shop's server vouches: this conversation becomes theirs, or else they go on with their last one here.

    A conversation that is another customer's already is never shown to them. Raises `Forbidden` when nobody vouches.
    """
    if not site.vouches(user, digest):
        raise Forbidden("The hash does not fit this user's id. It is the hex HMAC-SHA256 of the id, under the site's secret, made on your server.")

    def step(tx: Transaction) -> Visit:
        known = tx.customers.first(contacts__has=site.contact(user)) or _record(tx, workspace, site, user, name=name, email=email)
        now = tx.conversations.first(id=visit.talk, channel=site.channel)
        if now is not None and now.customer in {None, known.id}:
            if now.customer is None:
                tx.conversations.replace(now, replace(now, customer=known.id))
                tx.events.add(Event("customer", workspace.clock.now(), now.id, {"customer": known.id}))
            return replace(visit, customer=known.id)
        last = tx.conversations.first(customer=known.id, channel=site.channel, order="-id")
        return Visit(site.id, last.id, known.id) if last is not None else fresh(workspace, site, known.id)

    return workspace.store.write(step)


def _record(tx: Transaction, workspace: Workspace, site: Site, user: str, *, name: str, email: str) -> Customer:
    """A record of their own. The hash is of the id alone, so a name never leads to another customer's record."""
    try:
        wanted = people.fit_name(name)[:80]
    except Invalid:
        wanted = f"User {user[:40]}"
    free = next(one for one in (wanted, f"{wanted} ({user[:30]})", f"{wanted} ({workspace.clock.new_id()})") if people.find_customer(tx, one) is None)
    contacts = (site.contact(user), *([email] if MAIL.fullmatch(email) else []))
    made = Customer(CustomerId(workspace.clock.new_id()), free, workspace.clock.now(), contacts)
    tx.customers.add(made)
    return made


def rate(workspace: Workspace, site: Site, visit: Visit, message: str, *, up: bool) -> Rating:
    """A thumb on a reply of the model in the visit's own conversation; the newest one counts. Raises `NotFound` for anything else."""
    seen = conversations.seen_by_customer(workspace, visit.talk) if talk(workspace, site, visit) is not None else []
    reply = next((one for one in seen if one.id == message and rateable(one)), None)
    if reply is None:
        raise NotFound("There is no reply like that in this conversation.")
    rating = Rating(reply.id, reply.conversation, up, workspace.clock.now())

    def step(tx: Transaction) -> Rating:
        old = tx.ratings.first(id=rating.id)
        if old is None:
            tx.ratings.add(rating)
        elif old.up != up:
            tx.ratings.replace(old, rating)
        else:
            return old
        tx.events.add(Event("rating", rating.at, rating.conversation, {"message": rating.id, "up": up}))
        return rating

    return workspace.store.write(step)


def rateable(message: Message) -> bool:
    return message.author is Author.MODEL and message.kind is MessageKind.SPOKEN


# ---- what a visitor sees


@dataclass(frozen=True)
class News:
    """What a visitor's page has to show. `after` is where the next look goes on; `names` are given names of the people who spoke."""

    messages: list[Message]
    after: int
    names: dict[str, str]
    thumbs: dict[MessageId, bool]
    floor: Floor = Floor.MODEL
    holder: str | None = None
    thinking: bool = False
    """A turn is due: the model is about to answer, or to call a person."""


def newest(workspace: Workspace) -> int:
    last = workspace.store.read.events.first(order="-id")
    return last.id if last is not None else 0


def news(workspace: Workspace, conversation: ConversationId, *, after: int | None = None) -> News:
    """What the customer may see of their conversation, whole or what came to light since `after`. No notes, nothing withdrawn, nothing that still waits."""
    tx = workspace.store.read
    now = newest(workspace)
    talk = tx.conversations.get(conversation)
    seen = conversations.seen_by_customer(workspace, conversation)
    if after is not None:
        told = {event.body.get("message") for event in tx.events.find(conversation=conversation, id__gt=after, id__le=now)}
        seen = [one for one in seen if one.id in told]
    names = {person.id: given(person.name) for person in tx.people.find(id__in={one.person for one in seen if one.person} | {talk.holder or ""})}
    return News(
        messages=seen,
        after=now,
        names={str(id): name for id, name in names.items()},
        thumbs={one.id: one.up for one in tx.ratings.find(conversation=conversation)},
        floor=talk.floor,
        holder=names.get(talk.holder) if talk.holder else None,
        thinking=tx.jobs.first(id=Job.key(JobKind.TURN, conversation)) is not None,
    )


def given(name: str) -> str:
    """Customers read a person's given name, no more."""
    return name.split(maxsplit=1)[0] if name.split() else "A person"
