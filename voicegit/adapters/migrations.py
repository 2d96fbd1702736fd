"""The schema, as an append-only list of small steps. A step that has been released is never edited; the next one is added below.

All tables are STRICT. Times are UTC, ISO 8601 with microseconds, so that text order is time order. Structures are JSON text.
"""

from sqlite_utils import Database, Migrations

migrations = Migrations("voicegit")


def _run(db: Database, *statements: str) -> None:
    for statement in statements:
        db.execute(statement)


@migrations()
def people_and_conversations(db: Database) -> None:
    _run(
        db,
        "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, created_at TEXT NOT NULL) STRICT",
        "CREATE UNIQUE INDEX people_name ON people (name COLLATE NOCASE)",
        """CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, contacts TEXT NOT NULL, notes TEXT NOT NULL,
           fields TEXT NOT NULL) STRICT""",
        "CREATE UNIQUE INDEX customers_name ON customers (name COLLATE NOCASE)",
        """CREATE TABLE conversations (id TEXT PRIMARY KEY, opened_at TEXT NOT NULL, customer TEXT REFERENCES customers (id), channel TEXT NOT NULL,
           floor TEXT NOT NULL CHECK (floor IN ('model', 'summoned', 'person')), holder TEXT REFERENCES people (id), last_seq INTEGER NOT NULL,
           settled_seq INTEGER NOT NULL,
           handed_back_at TEXT, resolved_at TEXT, source TEXT UNIQUE) STRICT""",
        """CREATE TABLE turns (id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id), upto_seq INTEGER NOT NULL, outcome TEXT NOT NULL,
           confidence REAL NOT NULL, threshold REAL NOT NULL, revision TEXT NOT NULL, directives TEXT NOT NULL, at TEXT NOT NULL, message TEXT,
           assessment TEXT, reasons TEXT NOT NULL, draft TEXT NOT NULL, model TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
           cached_tokens INTEGER NOT NULL, cost REAL NOT NULL, latency_ms REAL NOT NULL) STRICT""",
        "CREATE INDEX turns_conversation ON turns (conversation, id)",
        "CREATE INDEX turns_message ON turns (message)",
        """CREATE TABLE messages (id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id), seq INTEGER NOT NULL, author TEXT NOT NULL,
           text TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, person TEXT REFERENCES people (id), turn TEXT REFERENCES turns (id), key TEXT,
           withdrawn_at TEXT, UNIQUE (conversation, seq), CHECK ((author = 'person') = (person IS NOT NULL))) STRICT""",
        "CREATE UNIQUE INDEX messages_key ON messages (conversation, key) WHERE key IS NOT NULL",
    )


@migrations()
def summons_and_signals(db: Database) -> None:
    _run(
        db,
        """CREATE TABLE summons (id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id), turn TEXT REFERENCES turns (id),
           reasons TEXT NOT NULL, opened_at TEXT NOT NULL, status TEXT NOT NULL, person TEXT REFERENCES people (id), lease_until TEXT, claimed_at TEXT,
           answered_at TEXT, ended_at TEXT) STRICT""",
        "CREATE UNIQUE INDEX summons_one_live ON summons (conversation) WHERE ended_at IS NULL",
        """CREATE TABLE signals (id TEXT PRIMARY KEY, kind TEXT NOT NULL, conversation TEXT NOT NULL REFERENCES conversations (id),
           message TEXT REFERENCES messages (id), person TEXT NOT NULL REFERENCES people (id), at TEXT NOT NULL, weight REAL NOT NULL,
           customer_text TEXT NOT NULL, text TEXT, ours TEXT, reason TEXT, teaches TEXT, set_aside INTEGER NOT NULL, distillation TEXT) STRICT""",
        "CREATE INDEX signals_waiting ON signals (id) WHERE distillation IS NULL",
        "CREATE INDEX signals_conversation ON signals (conversation)",
        "CREATE INDEX signals_message ON signals (message)",
        """CREATE TABLE distillations (id TEXT PRIMARY KEY, at TEXT NOT NULL, model TEXT NOT NULL, signals INTEGER NOT NULL, summary TEXT NOT NULL,
           title TEXT NOT NULL, proposal TEXT, operations TEXT NOT NULL, dropped TEXT NOT NULL, cost REAL NOT NULL) STRICT""",
        """CREATE TABLE decisions (id TEXT PRIMARY KEY, kind TEXT NOT NULL, person TEXT REFERENCES people (id), at TEXT NOT NULL, ref TEXT NOT NULL,
           oid TEXT NOT NULL, old TEXT, state TEXT NOT NULL, proposal TEXT, head TEXT, base TEXT, release TEXT, reason TEXT NOT NULL) STRICT""",
        "CREATE INDEX decisions_pending ON decisions (id) WHERE state = 'pending'",
        "CREATE INDEX decisions_oid ON decisions (oid)",
        "CREATE INDEX decisions_proposal ON decisions (proposal)",
    )


@migrations()
def work_and_events(db: Database) -> None:
    _run(
        db,
        """CREATE TABLE jobs (id TEXT PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, due_at TEXT NOT NULL, lease_until TEXT,
           attempts INTEGER NOT NULL) STRICT""",
        "CREATE INDEX jobs_due ON jobs (due_at)",
        """CREATE TABLE outbox (id TEXT PRIMARY KEY REFERENCES messages (id), conversation TEXT NOT NULL REFERENCES conversations (id),
           channel TEXT NOT NULL, due_at TEXT NOT NULL, state TEXT NOT NULL, delivered_at TEXT) STRICT""",
        "CREATE INDEX outbox_waiting ON outbox (due_at) WHERE state = 'waiting'",
        "CREATE INDEX outbox_conversation ON outbox (conversation)",
        "CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, at TEXT NOT NULL, conversation TEXT, body TEXT NOT NULL) STRICT",
        """CREATE TABLE tokens (id TEXT PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, created_at TEXT NOT NULL,
           person TEXT REFERENCES people (id), revoked_at TEXT) STRICT""",
        "CREATE TABLE remembered (id TEXT PRIMARY KEY, digest TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL) STRICT",
    )


@migrations()
def summons_by_turn(db: Database) -> None:
    """A turn's own summon is looked for in the turn's request."""
    _run(db, "CREATE INDEX summons_turn ON summons (turn)")


@migrations()
def replies_looked_at(db: Database) -> None:
    """Replies that wait for a look, and what happened in a stretch of days, are found without reading the tables."""
    _run(
        db,
        "ALTER TABLE turns ADD COLUMN looked_at TEXT",
        "UPDATE turns SET looked_at = (SELECT min(at) FROM signals WHERE signals.message = turns.message) WHERE message IN (SELECT message FROM signals)",
        "CREATE INDEX turns_unseen ON turns (outcome, looked_at, at) WHERE outcome = 'reply' AND looked_at IS NULL",
        "CREATE INDEX turns_at ON turns (outcome, at, cost)",
        "CREATE INDEX summons_opened ON summons (opened_at)",
        "CREATE INDEX signals_given ON signals (kind, at)",
    )


@migrations()
def sites_and_ratings(db: Database) -> None:
    """Where customers write, and their thumbs."""
    _run(
        db,
        """CREATE TABLE sites (id TEXT PRIMARY KEY, name TEXT NOT NULL, token TEXT NOT NULL UNIQUE, secret TEXT NOT NULL, created_at TEXT NOT NULL,
           origins TEXT NOT NULL, revoked_at TEXT) STRICT""",
        "CREATE UNIQUE INDEX sites_name ON sites (name COLLATE NOCASE) WHERE revoked_at IS NULL",
        """CREATE TABLE ratings (id TEXT PRIMARY KEY REFERENCES messages (id), conversation TEXT NOT NULL REFERENCES conversations (id),
           up INTEGER NOT NULL, at TEXT NOT NULL) STRICT""",
        "CREATE INDEX ratings_conversation ON ratings (conversation)",
        "CREATE INDEX IF NOT EXISTS conversations_customer ON conversations (customer, id)",
    )


@migrations()
def notices(db: Database) -> None:
    """Who is told outside the pages. What is still to be done is found without reading what was."""
    _run(
        db,
        """CREATE TABLE notices (id TEXT PRIMARY KEY, kind TEXT NOT NULL, channel TEXT NOT NULL, at TEXT NOT NULL, step INTEGER NOT NULL, state TEXT NOT NULL,
           summon TEXT REFERENCES summons (id), conversation TEXT REFERENCES conversations (id), due_at TEXT, tried_at TEXT, sent_at TEXT, opened_at TEXT,
           attempts INTEGER NOT NULL, problem TEXT NOT NULL) STRICT""",
        "CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL",
        "CREATE INDEX notices_summon ON notices (summon)",
        "CREATE INDEX notices_tried ON notices (channel, tried_at)",
    )


@migrations()
def judgements(db: Database) -> None:
    """A person's choices on the changes of a proposal, one by one."""
    _run(
        db,
        """CREATE TABLE judgements (id TEXT PRIMARY KEY, proposal TEXT NOT NULL, head TEXT NOT NULL, person TEXT NOT NULL REFERENCES people (id),
           path TEXT NOT NULL, choice TEXT NOT NULL CHECK (choice IN ('accept', 'edit', 'decline')), at TEXT NOT NULL, reason TEXT NOT NULL, text TEXT,
           UNIQUE (proposal, head, person, path)) STRICT""",
    )


@migrations()
def ratings_by_time(db: Database) -> None:
    """What customers were unhappy with lately is looked at first."""
    _run(db, "CREATE INDEX ratings_given ON ratings (up, at)")


@migrations()
def replies_by_directive(db: Database) -> None:
    """The replies that a directive shaped, newest first."""
    _run(
        db,
        "ALTER TABLE turns ADD COLUMN covered_by TEXT",
        "UPDATE turns SET covered_by = json_extract(assessment, '$.covered_by') WHERE assessment IS NOT NULL",
        "CREATE INDEX turns_covered ON turns (covered_by, id) WHERE covered_by IS NOT NULL",
    )


@migrations()
def composing(db: Database) -> None:
    """What people are writing, kept until it is sent; what comes after a reply has left; conversations that rest."""
    _run(
        db,
        "ALTER TABLE conversations ADD COLUMN snoozed_until TEXT",
        """CREATE TABLE composings (id TEXT PRIMARY KEY, conversation TEXT NOT NULL REFERENCES conversations (id), person TEXT NOT NULL REFERENCES people (id),
           text TEXT NOT NULL, note INTEGER NOT NULL, draft TEXT NOT NULL CHECK (draft IN ('unopened', 'opened', 'used')), seen INTEGER NOT NULL,
           at TEXT NOT NULL) STRICT""",
        "CREATE INDEX composings_conversation ON composings (conversation)",
        "ALTER TABLE signals ADD COLUMN draft TEXT",
        "ALTER TABLE signals ADD COLUMN distance REAL",
        "ALTER TABLE outbox ADD COLUMN 'then' TEXT",
        "CREATE INDEX events_conversation ON events (conversation, id) WHERE conversation IS NOT NULL",
    )


@migrations()
def lists_of_conversations(db: Database) -> None:
    """The inbox lists conversations without reading their messages. What there is counts as read."""
    _run(
        db,
        "ALTER TABLE conversations ADD COLUMN newest TEXT",
        "ALTER TABLE conversations ADD COLUMN asked TEXT",
        "ALTER TABLE conversations ADD COLUMN waits_from TEXT",
        "ALTER TABLE conversations ADD COLUMN seen_seq INTEGER NOT NULL DEFAULT 0",
        """UPDATE conversations SET seen_seq = last_seq,
           newest = (SELECT id FROM messages m WHERE m.conversation = conversations.id ORDER BY seq DESC LIMIT 1),
           asked = (SELECT id FROM messages m WHERE m.conversation = conversations.id AND m.author = 'customer' ORDER BY seq DESC LIMIT 1),
           waits_from = (SELECT id FROM messages m WHERE m.conversation = conversations.id AND m.author = 'customer' AND m.seq > max(settled_seq,
             coalesce((SELECT max(seq) FROM messages a WHERE a.conversation = conversations.id AND a.author != 'customer' AND a.kind = 'spoken'
             AND a.withdrawn_at IS NULL), 0)) ORDER BY seq LIMIT 1)""",
        "UPDATE conversations SET waits_from = NULL WHERE resolved_at IS NOT NULL",
        "CREATE INDEX conversations_newest ON conversations (newest)",
        "CREATE INDEX conversations_floor ON conversations (floor, resolved_at, newest)",
        "CREATE INDEX conversations_waiting ON conversations (waits_from) WHERE waits_from IS NOT NULL",
        "CREATE INDEX conversations_away ON conversations (newest) WHERE floor IS NOT 'model'",
        "CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL",
        "CREATE INDEX conversations_holder ON conversations (holder) WHERE holder IS NOT NULL",
        "CREATE INDEX summons_person ON summons (person) WHERE ended_at IS NULL",
    )


@migrations()
def people_sign_in(db: Database) -> None:
    """Links and passphrases to sign in with, and who may not any more."""
    _run(
        db,
        "ALTER TABLE people ADD COLUMN seen_at TEXT",
        "ALTER TABLE people ADD COLUMN signed_out_at TEXT",
        "ALTER TABLE people ADD COLUMN left_at TEXT",
        """CREATE TABLE links (id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES people (id), made_at TEXT NOT NULL, until TEXT NOT NULL,
           used_at TEXT) STRICT""",
        "CREATE INDEX links_until ON links (until)",
        "CREATE TABLE passphrases (id TEXT PRIMARY KEY REFERENCES people (id), salt TEXT NOT NULL, hash TEXT NOT NULL, set_at TEXT NOT NULL) STRICT",
    )


@migrations()
def replies_by_revision(db: Database) -> None:
    """How many replies were given under one revision is counted without reading them."""
    _run(db, "CREATE INDEX turns_revision ON turns (revision) WHERE outcome = 'reply'")


@migrations()
def erasures(db: Database) -> None:
    """Who was erased, by opaque ids; conversations whose texts are gone, and those that still have theirs, oldest first."""
    _run(
        db,
        "ALTER TABLE conversations ADD COLUMN erased_at TEXT",
        "ALTER TABLE conversations ADD COLUMN erased_seq INTEGER NOT NULL DEFAULT 0",
        """CREATE TABLE erasures (id TEXT PRIMARY KEY, at TEXT NOT NULL, conversations INTEGER NOT NULL, customer TEXT, conversation TEXT,
           person TEXT REFERENCES people (id), wiped_at TEXT) STRICT""",
        "CREATE INDEX erasures_unwiped ON erasures (id) WHERE wiped_at IS NULL",
        "CREATE INDEX conversations_kept ON conversations (opened_at) WHERE erased_at IS NULL",
    )


@migrations()
def replays(db: Database) -> None:
    """Proposals tried on past questions."""
    _run(
        db,
        """CREATE TABLE replays (id TEXT PRIMARY KEY, head TEXT NOT NULL, base TEXT NOT NULL, tried TEXT NOT NULL, at TEXT NOT NULL, cases TEXT NOT NULL,
           tries INTEGER NOT NULL, proposal TEXT, person TEXT REFERENCES people (id), state TEXT NOT NULL, estimate REAL, left_out INTEGER NOT NULL,
           lease_until TEXT, ended_at TEXT, problem TEXT NOT NULL) STRICT""",
        "CREATE INDEX replays_proposal ON replays (proposal, id)",
        "CREATE INDEX replays_head ON replays (head, id)",
        "CREATE INDEX replays_open ON replays (id) WHERE state IN ('waiting', 'running')",
        """CREATE TABLE replayed (id TEXT PRIMARY KEY, replay TEXT NOT NULL REFERENCES replays (id), signal TEXT NOT NULL,
           conversation TEXT NOT NULL REFERENCES conversations (id), kind TEXT NOT NULL, taught INTEGER NOT NULL, verdict TEXT NOT NULL,
           before TEXT NOT NULL, after TEXT NOT NULL, about TEXT, cost REAL NOT NULL, UNIQUE (replay, signal)) STRICT""",
        "CREATE INDEX replayed_conversation ON replayed (conversation)",
    )


@migrations()
def promises(db: Database) -> None:
    """Which replies were chosen for a look at random, what came of it, and what may be promised from that. No text of anybody's."""
    _run(
        db,
        "ALTER TABLE turns ADD COLUMN topic TEXT",
        "ALTER TABLE turns ADD COLUMN ground TEXT",
        "ALTER TABLE turns ADD COLUMN audit REAL",
        "ALTER TABLE turns ADD COLUMN audited INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX turns_audits ON turns (outcome, looked_at, audited, at) WHERE outcome = 'reply' AND looked_at IS NULL",
        """CREATE TABLE reviewed (id TEXT PRIMARY KEY, topic TEXT NOT NULL, ground TEXT NOT NULL, confidence REAL NOT NULL, wrong INTEGER NOT NULL,
           chance REAL NOT NULL, at TEXT NOT NULL, message TEXT) STRICT""",
        "CREATE INDEX reviewed_ground ON reviewed (ground, at)",
        "CREATE INDEX reviewed_at ON reviewed (at)",
        "CREATE INDEX reviewed_message ON reviewed (message)",
        """CREATE TABLE promises (id TEXT PRIMARY KEY, topic TEXT NOT NULL, at_most REAL NOT NULL, threshold REAL, reviewed INTEGER NOT NULL,
           'of' INTEGER NOT NULL, wrong INTEGER NOT NULL, bound REAL NOT NULL, missing INTEGER NOT NULL, at TEXT NOT NULL) STRICT""",
        """CREATE TABLE curves (id TEXT PRIMARY KEY, how TEXT NOT NULL, points TEXT NOT NULL, bins TEXT NOT NULL, reviewed INTEGER NOT NULL,
           share_wrong REAL, at TEXT NOT NULL) STRICT""",
    )


@migrations()
def mistakes(db: Database) -> None:
    """What people caught. The newest change is found at every turn, replies that repeat one are counted, without reading the tables."""
    _run(
        db,
        """CREATE TABLE mistakes (id TEXT PRIMARY KEY, at TEXT NOT NULL, signals TEXT NOT NULL, conversation TEXT NOT NULL REFERENCES conversations (id),
           kind TEXT NOT NULL, digest TEXT NOT NULL, question TEXT NOT NULL, wrong TEXT NOT NULL, changed INTEGER NOT NULL, reason TEXT, better TEXT,
           covered_by TEXT, again INTEGER NOT NULL, stopped INTEGER NOT NULL, last_at TEXT, closed_by TEXT, closed_at TEXT) STRICT""",
        "CREATE UNIQUE INDEX mistakes_changed ON mistakes (changed)",
        "CREATE INDEX mistakes_open ON mistakes (id) WHERE closed_at IS NULL",
        "CREATE INDEX mistakes_conversation ON mistakes (conversation)",
        "ALTER TABLE signals ADD COLUMN repeats TEXT",
        "CREATE INDEX signals_repeats ON signals (at) WHERE repeats IS NOT NULL",
    )


@migrations()
def notices_about(db: Database) -> None:
    """The directive that a message to people is about, where it is about no customer."""
    _run(db, "ALTER TABLE notices ADD COLUMN about TEXT")


@migrations()
def mistakes_put_aside(db: Database) -> None:
    """Who closed a mistake that no release addresses, and why."""
    _run(db, "ALTER TABLE mistakes ADD COLUMN closer TEXT", "ALTER TABLE mistakes ADD COLUMN because TEXT")


@migrations()
def mistakes_prevented(db: Database) -> None:
    """The guards, rules and answers that keep a mistake which a release addressed from coming back."""
    _run(db, "ALTER TABLE mistakes ADD COLUMN prevented_by TEXT NOT NULL DEFAULT '[]'")
