"""What git runs when somebody pushes: the receiving side, with the names that must not come in."""

import sys
from pathlib import Path

from voicegit.adapters import git_push
from voicegit.adapters.database import Database
from voicegit.adapters.git_push import Known
from voicegit.bootstrap import DATABASE


def names(repository: Path) -> Known:
    """Who works here, and every customer; nobody where the repository stands without its database."""
    path = repository.parent / DATABASE
    if not path.is_file():
        return Known()
    database = Database(path)
    try:
        rows = database.read
        return Known(tuple(person.name for person in rows.people.find()), tuple(customer.name for customer in rows.customers.find()))
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(git_push.main(sys.argv[1:], names))
