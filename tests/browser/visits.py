"""One signed-in browser window, and what a person does in it."""

from pathlib import Path

from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"
AXE = ROOT / "node_modules/axe-core/axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 15_000  # milliseconds: the machine may be busy with other work
SMALL = """least => [...document.querySelectorAll('main :is(a, button, summary, select, textarea, input)')]
  .filter(one => one.checkVisibility({visibilityProperty: true}) && !one.matches('.visually-hidden, .form-check-input'))
  .map(one => [one.outerHTML.slice(0, 120), one.getBoundingClientRect().height])
  .filter(([, height]) => height > 0 && height < least)
  .map(([html, height]) => `${height} ${html}`)"""


class Visit:
    """A person at a window; any error of a script fails the test at ``close``."""

    def __init__(self, browser: Browser, address: str, login: str, **options: object) -> None:
        self.context = browser.new_context(locale="zh-CN", **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.address = address
        self.page.goto(f"{address}/sign-in")
        self.page.click(f"button[name=login][value={login}]")
        self.page.wait_for_url("**/inbox")

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(f"{self.address}{path}")

    def speak(self, language: str) -> None:
        """Choose the language of every page from now on, ``zh`` or ``en``."""
        self.context.add_cookies([{"name": "lang", "value": language, "url": self.address}])

    def go_until(self, address: str, words: str) -> None:
        """Open a page again and again until it says what the workers are still at."""
        for _ in range(40):
            self.page.goto(address)
            if self.page.locator("main").get_by_text(words, exact=True).count():
                return
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{address} never said {words}")

    def row(self, words: str) -> Locator:
        """Return the row of the list that says this."""
        return self.page.locator("[data-row]", has_text=words).first

    def open(self, words: str = "") -> None:
        """Click a row of the inbox, waiting for work that is still on its way, and see its task."""
        for _ in range(20):
            self.go("/inbox")
            if self.row(words).count():
                break
            self.page.wait_for_timeout(250)
        self.row(words).click()
        self.page.wait_for_selector("#pane .detail")

    def confirm(self, action: str, opinion: str = "") -> None:
        """Decide by the key of the inbox: the dialog asks, the second press decides."""
        if opinion:
            self.page.fill("[name=opinion]", opinion)
            self.page.locator(".detail h1").focus()
        self.page.keyboard.press(action)
        self.page.locator("#confirm [data-yes]").click()
        self.page.wait_for_selector(".toast-line")

    def press(self, operation: str) -> None:
        """Press a button of the action bar and see what came of it."""
        self.page.locator(f".actionbar button[value={operation}]").click()
        self.page.wait_for_selector(".toast-line")

    def undo_within(self, seconds: float) -> None:
        """Let decisions wait so long on every page from now on."""
        script = f"document.addEventListener('DOMContentLoaded', () => (document.body.dataset.undo = '{seconds}'))"
        self.context.add_init_script(script)
        self.page.reload()

    def wait_until_done(self, words: str) -> None:
        """Wait until 已办 lists what was sent while a page was left."""
        for _ in range(20):
            if self.done(words):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{words} was never decided")

    def done(self, words: str) -> bool:
        """Say whether 已办 lists it."""
        self.go("/inbox?box=done")
        return self.row(words).count() > 0

    def board(self, words: str = "") -> None:
        """Open a campaign's board."""
        self.go("/campaigns")
        self.page.locator("a.tile", has_text=words).first.click()
        self.page.wait_for_selector(".pagehead, .phases")

    def picture(self, name: str) -> None:
        """Keep a picture for the documentation, at the top of the page and with nothing cut off at the side."""
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= self.page.viewport_size["width"], (name, width)  # type: ignore[index]
        path = IMAGES / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        assert path.stat().st_size <= 200_000

    def small_targets(self) -> list[str]:
        """Return what somebody presses on this page that is lower than a finger needs, with its height in pixels."""
        return list(self.page.evaluate(SMALL, 44))

    def serious_faults(self) -> list[str]:
        """Return what axe finds serious on this page; the window must have been opened with ``bypass_csp``."""
        self.page.add_script_tag(path=AXE)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{self.page.url} {one['id']} {one['nodes'][0]['target']} {one['nodes'][0]['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    def close(self) -> None:
        """Leave; no script may have failed."""
        self.context.close()
        assert self.errors == [], self.errors
