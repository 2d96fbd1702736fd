"""The site commands: where customers write, who may show it, and how it is closed."""

from pathlib import Path

from tests.cli.test_cli import run, shop_folder, told  # noqa: F401
from voicegit import bootstrap, config
from voicegit.services import site as sites


def test_a_site_is_made_with_its_page_and_the_line_for_the_business_s_own_pages(shop_folder: Path) -> None:  # noqa: F811
    config.announce(shop_folder, "http://127.0.0.1:9999")
    printed = run(shop_folder, "site", "add", "shop", "--origin", "https://shop.example").output
    with bootstrap.opened(shop_folder) as app:
        page = f"http://127.0.0.1:9999/w/{sites.named(app.workspace, 'shop').token}"
    assert page in printed
    assert f'<script src="{page}/widget.js" async></script>' in printed
    assert "https://shop.example" in run(shop_folder, "site", "list").output


def test_which_pages_may_show_it_is_said_anew(shop_folder: Path) -> None:  # noqa: F811
    run(shop_folder, "site", "add", "shop", "--origin", "https://shop.example")
    assert told(shop_folder, "site", "allow", "shop", "--origin", "https://new.example")["origins"] == ["https://new.example"]  # type: ignore[index]
    assert told(shop_folder, "site", "allow", "shop")["origins"] == []  # type: ignore[index]
    assert "no other page may show it" in run(shop_folder, "site", "list").output


def test_an_origin_that_is_none_is_refused_and_nothing_is_made(shop_folder: Path) -> None:  # noqa: F811
    assert run(shop_folder, "site", "add", "shop", "--origin", "shop.example/page").exit_code != 0
    assert "There is no site yet" in run(shop_folder, "site", "list").output


def test_the_secret_is_the_one_that_vouches_for_users(shop_folder: Path) -> None:  # noqa: F811
    run(shop_folder, "site", "add", "shop")
    with bootstrap.opened(shop_folder) as app:
        secret = sites.named(app.workspace, "shop").secret
    assert run(shop_folder, "site", "secret", "shop").output.strip() == secret


def test_a_closed_site_is_in_use_no_more_and_closed_once(shop_folder: Path) -> None:  # noqa: F811
    run(shop_folder, "site", "add", "shop")
    assert "What customers said there stays" in run(shop_folder, "site", "revoke", "shop").output
    assert told(shop_folder, "site", "list") == []
    assert run(shop_folder, "site", "revoke", "shop").exit_code != 0
