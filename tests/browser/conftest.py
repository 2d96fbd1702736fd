"""A real service and signed-in browsers: Debian's chromium against `voicegit serve` on a copy of a workspace that was made once."""

import atexit
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser import chromium
from tests.browser.filled import Filled, fill, make
from tests.browser.serving import Serving
from tests.browser.watch import Watch

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}, "narrow": {"width": 320, "height": 640}}
PATIENCE = 30_000
"""Milliseconds after which what a test expects of a page has not come."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], _pw_artifacts_folder: "TemporaryDirectory[str]") -> dict[str, Any]:
    # pytest-playwright leaves this to a hook that xdist's workers never call.
    atexit.register(_pw_artifacts_folder.cleanup)
    found = chromium.found()
    if found is None:
        pytest.fail("The browser tests need chromium, and it is not here. Install it: apt-get install chromium-headless-shell ('make test' does so by itself).")
    expect.set_options(timeout=PATIENCE)
    return {**browser_type_launch_args, "executable_path": found, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each service has its own. (pytest-playwright's fixture of this name brings a warning of pytest 9 with it.)"""


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty shop with an owner, a lead and an operator."""
    folder = tmp_path_factory.mktemp("browser-made")
    make(folder / "shop")
    return folder / "shop"


@pytest.fixture(scope="session")
def made_full(tmp_path_factory: pytest.TempPathFactory, made: Path) -> tuple[Path, Filled]:
    """The same after some weeks of work."""
    root = tmp_path_factory.mktemp("browser-full") / "shop"
    shutil.copytree(made, root)
    return root, fill(root)


class Serve(Protocol):
    def __call__(self, root: Path, **settings: str) -> Serving: ...


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts the service on a copy of a workspace; ended with the module."""
    running: list[Serving] = []

    def start(root: Path, **settings: str) -> Serving:
        folder = tmp_path_factory.mktemp("serving")
        shutil.copytree(root, folder / "shop")
        (folder / "home").mkdir()
        running.append(Serving(folder / "shop", folder / "home", settings))
        running[-1].start()
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture(scope="module")
def shop(made: Path, serve: Serve) -> Serving:
    """The service on the empty shop."""
    return serve(made)


@pytest.fixture(scope="module")
def full(made_full: tuple[Path, Filled], serve: Serve) -> Serving:
    """The service on the full shop."""
    return serve(made_full[0])


@pytest.fixture(scope="session")
def filled(made_full: tuple[Path, Filled]) -> Filled:
    return made_full[1]


class Visit(Protocol):
    """A page of the service, for one person in a browser of their own."""

    def __call__(self, serving: Serving, who: str = "Maria", *, size: str = "desk", theme: str = "light", scripts: bool = True) -> Page: ...


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Over all pages of the test; at its end nothing unexpected may have been seen."""
    watching = Watch("http://127.0.0.1")
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def visit(watch: Watch, browser: Browser, new_context: Callable[..., BrowserContext]) -> Visit:
    def come(serving: Serving, who: str = "Maria", *, size: str = "desk", theme: str = "light", scripts: bool = True) -> Page:
        context = new_context(
            base_url=serving.address,
            viewport=SIZES[size],
            color_scheme=theme,
            java_script_enabled=scripts,
            reduced_motion="reduce",
            storage_state=serving.session(browser, who),
        )
        context.set_default_timeout(PATIENCE)
        watch.over(context, scripts=scripts)
        return context.new_page()

    return come
