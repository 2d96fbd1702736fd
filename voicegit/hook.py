"""What git runs when somebody pushes: the receiving side, with the customers' names that must not come in."""

import sys
from collections.abc import Sequence
from pathlib import Path

from voicegit.adapters import git_push
from voicegit.adapters.database import Database
from voicegit.bootstrap import DATABASE


def names(repository: Path) -> Sequence[str]:
    """Every customer's name; none where the repository stands without its database."""
    path = repository.parent / DATABASE
    if not path.is_file():
        return ()
    database = Database(path)
    try:
        return [customer.name for customer in database.read.customers.find()]
    finally:
        database.close()


if __name__ == "__main__":
    sys.exit(git_push.main(sys.argv[1:], names))
