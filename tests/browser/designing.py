"""What a designer does in the editors: draws, chooses, types, tries and publishes."""

from playwright.sync_api import Browser, Locator, expect

from tests.browser.visits import DESKTOP, Visit


class Designer(Visit):
    """Somebody at the process designer."""

    def __init__(self, browser: Browser, address: str, login: str = "admin", **options: object) -> None:
        super().__init__(browser, address, login, **{"viewport": DESKTOP, **options})

    def create(self, key: str, name: str) -> None:
        """Make a package with an empty canvas."""
        self.go("/designer/new")
        self.page.fill("#package-name", name)
        self.page.fill("#package-key", key)
        self.page.click("main button.btn-primary")
        self.ready()

    def open_package(self, key: str, query: str = "") -> None:
        """Open a package's editor."""
        self.go(f"/designer/{key}/{query}")
        self.ready()

    def ready(self) -> None:
        """See the editor of the shown file."""
        self.page.wait_for_selector(".designer[data-ready]")
        self.page.wait_for_selector(".sheet:not([hidden])[data-ready]")

    def tab(self, path: str) -> None:
        """Show a file of the package."""
        self.page.locator("[role=tab]", has_text=path).click()
        self.page.wait_for_selector(".sheet:not([hidden])[data-ready]")

    def add_file(self, kind: str, name: str) -> None:
        """Add a file of a kind: ``form``, ``dmn``, ``bpmn``, ``yaml``, ``md``."""
        self.page.locator(".designer-strip .add").first.click()
        dialog = self.page.locator("dialog[open]")
        dialog.locator("select").select_option(kind)
        dialog.locator("input").fill(name)
        dialog.locator("button[value=add]").click()
        self.page.wait_for_selector(f"[role=tab][aria-selected=true]:has-text('{name}.{kind}')")
        self.page.wait_for_selector(".sheet:not([hidden])[data-ready]")

    @property
    def sheet(self) -> Locator:
        """The editor that is shown."""
        return self.page.locator(".sheet:not([hidden])")

    def select(self, element: str) -> None:
        """Click an element of the diagram."""
        self.sheet.locator(f".djs-element[data-element-id='{element}'] > .djs-hit").first.click()

    def select_flow(self, flow: str) -> None:
        """Click the middle of a sequence flow; a level one has no height that Playwright could see."""
        x, y = self.sheet.locator(f".djs-connection[data-element-id='{flow}'] .djs-visual > path").evaluate(
            "path => { const p = path.getPointAtLength(path.getTotalLength() / 2).matrixTransform(path.getScreenCTM());"
            " return [p.x, p.y]; }"
        )
        self.page.mouse.click(x, y)

    def selected(self) -> str:
        """Return the id of the selected shape."""
        found = self.sheet.locator(".djs-shape.selected").first.get_attribute("data-element-id")
        assert found is not None
        return found

    def append(self, entry: str, name: str) -> str:
        """Append a house template or an element to the selected one, by its context pad, and name it. Return its id."""
        before = self.selected()
        self.page.click(".djs-context-pad [data-action=append]")
        self.page.click(f".djs-popup .entry[data-id='{entry}']")
        self.page.wait_for_function(
            "before => { const s = document.querySelector('.sheet:not([hidden]) .djs-shape.selected');"
            " return s && s.dataset.elementId !== before; }",
            arg=before,
        )
        if self.page.locator(".djs-direct-editing-content").count():
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(name)
            self.page.keyboard.press("Enter")
        else:
            self.unfold("general")
            self.text("name", name)
        return self.selected()

    def connect(self, source: str, target: str) -> None:
        """Draw a sequence flow between two elements that are there."""
        self.select(source)
        self.page.click(".djs-context-pad [data-action=connect]")
        self.select(target)

    def entry(self, name: str) -> Locator:
        """An entry of the properties panel."""
        return self.sheet.locator(f"[data-entry-id='{name}']")

    def unfold(self, group: str) -> None:
        """Open a group of the properties panel."""
        header = self.sheet.locator(f"[data-group-id='group-{group}'] .bio-properties-panel-group-header")
        if "open" not in (header.get_attribute("class") or "").split():
            header.click()

    def choose(self, name: str, value: str) -> None:
        """Choose a value in the panel."""
        self.entry(name).locator("select").select_option(value)

    def text(self, name: str, value: str) -> None:
        """Type a value in the panel; leaving the field writes it at once."""
        field = self.entry(name).locator("input, textarea").first
        field.fill(value)
        field.press("Tab")

    def people(self, name: str, rule: str) -> None:
        """Choose who does it."""
        field = self.entry(name).locator("input")
        field.fill(rule)
        field.press("Tab")

    def feel(self, name: str, expression: str) -> None:
        """Type FEEL, after the ``=`` that the panel shows."""
        editor = self.entry(name).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(expression)
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Tab")

    def saved(self) -> None:
        """Wait until the draft is saved."""
        expect(self.page.locator(".save-state")).to_have_attribute("data-state", "saved")
        expect(self.page.locator(".save-state")).to_have_text("已保存")

    def press(self, operation: str) -> None:
        """Press a button of the designer's bar."""
        self.page.click(f".designer-bar [data-act={operation}]")

    def findings(self) -> Locator:
        """The list of what the check found, opened."""
        dock = self.page.locator("[data-dock=check]")
        if not dock.is_visible():
            self.press("check")
        return dock.locator(".findings li")
