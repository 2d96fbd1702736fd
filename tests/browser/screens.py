"""The pictures of docs/screens: every page of the full shop on a phone, the main ones on a desk and in the dark too, and lists while they are empty.

python -m tests.browser.screens [--only NAME …] [--into FOLDER] [--every-look]
"""

import argparse
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.filled import Filled, fill, make
from tests.browser.pages import PAGES, Shown
from tests.browser.serving import Serving

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
Looks = tuple[tuple[str, str], ...]
MOST = 60_000
"""Bytes that a picture may have."""


def take(into: Path, only: list[str], looks: Callable[[Shown], Looks]) -> None:
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="voicegit-screens-") as folder, _browser() as browser:
        empty, full = Path(folder) / "empty", Path(folder) / "full"
        make(empty)
        shutil.copytree(empty, full)
        filled = fill(full)
        with _served(full) as serving:
            for shown in PAGES:
                for size, theme in looks(shown):
                    _picture(browser, serving, shown, filled, size, theme, into / f"{shown.name}-{size}-{theme}.png", only)
        with _served(empty) as serving:
            for shown in PAGES:
                if shown.empty:
                    _picture(browser, serving, shown, filled, "phone", "light", into / f"{shown.name}-empty.png", only)


def kept(shown: Shown) -> Looks:
    """What is committed."""
    return every(shown) if shown.main else (("phone", "light"),)


def every(shown: Shown) -> Looks:
    """What is looked at before that."""
    return tuple((size, theme) for size in SIZES for theme in ("light", "dark"))


def _picture(browser: Browser, serving: Serving, shown: Shown, filled: Filled, size: str, theme: str, path: Path, only: list[str]) -> None:
    if only and not any(shown.name.startswith(name) for name in only):
        return
    context = browser.new_context(
        base_url=serving.address,
        viewport=SIZES[size],  # type: ignore[arg-type]
        color_scheme=theme,  # type: ignore[arg-type]
        storage_state=serving.session(browser, shown.who),
        reduced_motion="reduce",
    )
    try:
        page = context.new_page()
        page.goto(shown.path(filled))
        page.evaluate("document.fonts.ready")
        path.write_bytes(_small(page.screenshot(animations="disabled", caret="hide")))
    finally:
        context.close()
    print(f"{path.stat().st_size / 1000:6.1f} kB  {path.name}")


def _small(png: bytes) -> bytes:
    """The same picture in as many colours as its size leaves room for."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (128, 64, 32, 16):
        kept = io.BytesIO()
        picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(kept, "PNG", optimize=True)
        if kept.tell() <= MOST:
            return kept.getvalue()
    raise SystemExit(f"A picture of {picture.width}×{picture.height} does not fit into {MOST} bytes.")


@contextmanager
def _served(root: Path) -> Iterator[Serving]:
    serving = Serving(root, root.parent)
    serving.start()
    try:
        yield serving
    finally:
        serving.stop()


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.found(), args=["--no-sandbox"])
        yield browser
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="a page's name, or how it begins")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--every-look", action="store_true", help="every page on both screens and in both themes")
    given = parser.parse_args()
    take(given.into, given.only, every if given.every_look else kept)


if __name__ == "__main__":
    main()
