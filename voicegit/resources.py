"""Where the starter directives lie: inside the installed wheel, or beside the package in a checkout."""

from importlib.resources import files
from pathlib import Path


def starter() -> Path:
    packed = Path(str(files("voicegit") / "starter"))
    return packed if packed.is_dir() else Path(__file__).parent.parent / "directives-repo"
