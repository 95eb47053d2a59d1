"""Gives a process its places: rows from left to right, branches below each other, ways back above.

Nothing overlaps: every block is measured first and takes the room that it needs. All numbers are whole pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workflows.plans.compiler.blocks import Back, Beside, Block, Branch, Frame, Node, Process, Row, Split

Point = tuple[int, int]

GAP, BETWEEN_ROWS, PADDING, TITLE, CHANNEL = 56, 26, 34, 34, 26
LABEL_LINE, CHARACTER, LABEL_WIDTH = 14, 12, 96
MARGIN = 80


@dataclass(frozen=True, slots=True)
class Extent:
    """The room of a block: its width, and how far it reaches above and below the line that its row runs on."""

    width: int
    up: int
    down: int


@dataclass(frozen=True, slots=True)
class Shape:
    """A node with its place; ``label`` is the box of a name that stands outside."""

    node: Node
    x: int
    y: int
    width: int
    height: int
    label: tuple[int, int, int, int] | None = None
    expanded: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow with its way. ``scope`` is the subprocess that it lies in, empty for the process."""

    id: str
    source: str
    target: str
    name: str
    condition: str
    default: bool
    points: tuple[Point, ...]
    scope: str
    label: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A flow that has left its source and has not arrived yet."""

    source: str
    points: tuple[Point, ...]
    name: str = ""
    condition: str = ""
    default: bool = False


@dataclass
class Drawing:
    """What was drawn, in drawing order."""

    shapes: list[Shape] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    scopes: dict[str, str] = field(default_factory=dict)
    attached: dict[str, tuple[str, bool]] = field(default_factory=dict)
    _ids: set[str] = field(default_factory=set)

    def shape_of(self, node_id: str) -> Shape:
        """Return the place of a node that is drawn already."""
        return next(shape for shape in reversed(self.shapes) if shape.node.id == node_id)

    def flow_id(self, source: str, target: str) -> str:
        """Return an id for a flow; a second one between the same nodes gets a number."""
        name, number = f"flow_{source}_{target}", 1
        while name in self._ids:
            number += 1
            name = f"flow_{source}_{target}_{number}"
        self._ids.add(name)
        return name


def draw(process: Process) -> Drawing:
    """Place a whole process."""
    drawing = Drawing()
    extent = measure_row(process.row)
    _Pen(drawing, "").row(process.row, MARGIN * 2, MARGIN + extent.up, None)
    return drawing


def measure_row(row: Row) -> Extent:
    """Measure a row with the channels of its ways back."""
    parts = [measure(block) for block in row.blocks]
    if not parts:
        return Extent(GAP, 22, 22)
    backs = sum(_goes_back(block) for block in row.blocks)
    width = sum(part.width for part in parts) + GAP * (len(parts) - 1)
    return Extent(width, max(part.up for part in parts) + CHANNEL * backs, max(part.down for part in parts))


def measure(block: Block) -> Extent:
    """Measure a block."""
    match block:
        case Node():
            return _with_beside(_node(block), block.beside)
        case Split():
            return _split(block)
        case Frame():
            inner = measure_row(block.row)
            extent = Extent(inner.width + 2 * PADDING, inner.up + TITLE, inner.down + PADDING)
            return _with_beside(extent, block.node.beside)
        case Back():
            return Extent(0, 0, 0)


def _node(node: Node) -> Extent:
    width, height = node.size
    label = label_size(node.name) if node.is_event or node.is_gateway else (0, 0)
    below = label[1] + 8 if node.is_event else 0
    above = label[1] + 6 if node.is_gateway else 0
    return Extent(max(width, label[0]), height // 2 + above, height // 2 + below)


def _with_beside(extent: Extent, beside: Sequence[Beside]) -> Extent:
    width, down = extent.width, extent.down
    for number, one in enumerate(beside):
        inner = measure_row(one.row)
        width = max(width, 60 + 50 * number + GAP + inner.width)
        down += BETWEEN_ROWS + 20 + inner.up + inner.down
    return Extent(width, extent.up, down)


def _split(block: Split) -> Extent:
    rows = [measure_row(branch.row) for branch in block.branches if not _is_back(branch)]
    width = 50 + _way(block) + max((row.width for row in rows), default=0)
    if block.join is not None:
        width += GAP + 50
    up = max(_node(block.gateway).up, rows[0].up if rows else 0)
    down = max(25, rows[0].down if rows else 0)
    for row in rows[1:]:
        down += BETWEEN_ROWS + row.up + row.down
    return Extent(width, up, down)


def _way(block: Split) -> int:
    longest = max((label_size(branch.name)[0] for branch in block.branches), default=0)
    return max(GAP, longest + 24)


def _is_back(branch: Branch) -> bool:
    return len(branch.row.blocks) == 1 and isinstance(branch.row.blocks[0], Back)


def _goes_back(block: Block) -> bool:
    return isinstance(block, Split) and any(_is_back(branch) for branch in block.branches)


def label_size(text: str) -> tuple[int, int]:
    """Return width and height of a text outside its shape, broken into lines."""
    if not text:
        return 0, 0
    full = sum(CHARACTER if ord(letter) > 255 else CHARACTER * 6 // 10 for letter in text)
    width = min(full, LABEL_WIDTH)
    return max(width, CHARACTER), -(-full // LABEL_WIDTH) * LABEL_LINE


class _Pen:
    """Draws rows inside one scope."""

    def __init__(self, drawing: Drawing, scope: str) -> None:
        self.drawing = drawing
        self.scope = scope

    def row(self, row: Row, x: int, y: int, coming: Leaving | None) -> Leaving | None:
        """Draw a row that begins at ``x`` on the line ``y``; returns the flow that leaves it, if one does."""
        top = y - max((measure(block).up for block in row.blocks), default=0)
        channel = top - CHANNEL // 2
        for block in row.blocks:
            if _goes_back(block) and isinstance(block, Split):
                coming = self._split(block, x, y, coming, channel)
                channel -= CHANNEL
            else:
                coming = self._block(block, x, y, coming)
            x += measure(block).width + GAP
        return coming

    def _block(self, block: Block, x: int, y: int, coming: Leaving | None) -> Leaving | None:
        match block:
            case Node():
                return self._node(block, x, y, coming)
            case Split():
                return self._split(block, x, y, coming, y)
            case Frame():
                return self._frame(block, x, y, coming)
            case Back():
                return None

    def _node(self, node: Node, x: int, y: int, coming: Leaving | None) -> Leaving | None:
        width, height = node.size
        own = _node(node).width
        left = x + (own - width) // 2
        shape = Shape(node, left, y - height // 2, width, height, _label(node, left + width // 2, y))
        self._place(shape)
        if coming is not None:
            self._arrive(coming, node.id, (left, y))
        self._hang(node, shape)
        return None if node.tag == "endEvent" else Leaving(node.id, ((left + width, y),))

    def _frame(self, frame: Frame, x: int, y: int, coming: Leaving | None) -> Leaving:
        inner = measure_row(frame.row)
        width, height = inner.width + 2 * PADDING, inner.up + inner.down + TITLE + PADDING
        shape = Shape(frame.node, x, y - inner.up - TITLE, width, height, expanded=True)
        self._place(shape)
        if coming is not None:
            self._arrive(coming, frame.node.id, (x, y))
        _Pen(self.drawing, frame.node.id).row(frame.row, x + PADDING, y, None)
        self._hang(frame.node, shape)
        return Leaving(frame.node.id, ((x + width, y),))

    def _split(self, block: Split, x: int, y: int, coming: Leaving | None, channel: int) -> Leaving | None:
        gateway = block.gateway
        self._place(Shape(gateway, x, y - 25, 50, 50, _label(gateway, x + 25, y)))
        if coming is not None:
            self._arrive(coming, gateway.id, (x, y))
        inside = x + 50 + _way(block)
        rows = [branch for branch in block.branches if not _is_back(branch)]
        width = max((measure_row(branch.row).width for branch in rows), default=0)
        leaving: list[tuple[Leaving, int]] = []
        line, below = y, y
        for number, branch in enumerate(rows):
            extent = measure_row(branch.row)
            if number:
                line = below + BETWEEN_ROWS + extent.up
            below = line + max(extent.down, 25 if not number else 0)
            out = self.row(branch.row, inside, line, self._leave(gateway, branch, x, y, line))
            if out is not None:
                leaving.append((out, line))
        for branch in block.branches:
            if _is_back(branch):
                self._back(gateway, branch, x, y, channel)
        if block.join is None:
            return leaving[0][0] if leaving else None
        return self._join(block.join, leaving, inside + width + GAP, y)

    def _leave(self, gateway: Node, branch: Branch, x: int, y: int, line: int) -> Leaving:
        points = ((x + 50, y),) if line == y else ((x + 25, y + 25), (x + 25, line))
        default = gateway.tag != "parallelGateway" and not branch.condition
        return Leaving(gateway.id, points, branch.name, branch.condition, default)

    def _join(self, join: Node, leaving: Sequence[tuple[Leaving, int]], x: int, y: int) -> Leaving:
        self._place(Shape(join, x, y - 25, 50, 50))
        for out, line in leaving:
            if line == y:
                self._arrive(out, join.id, (x, y))
            else:
                self._arrive(out, join.id, (x + 25, line), (x + 25, y + 25))
        return Leaving(join.id, ((x + 50, y),))

    def _back(self, gateway: Node, branch: Branch, x: int, y: int, channel: int) -> None:
        target = branch.row.blocks[0]
        if not isinstance(target, Back):
            return
        shape = self.drawing.shape_of(target.target)
        over = shape.x + shape.width // 2
        start: tuple[Point, ...] = ((x + 25, y - 25), (x + 25, channel), (over, channel))
        coming = Leaving(gateway.id, start, branch.name, branch.condition, not branch.condition)
        self._arrive(coming, target.target, (over, shape.y))

    def _hang(self, node: Node, shape: Shape) -> None:
        """Draw the timers on the lower border and what they lead to."""
        below = shape.y + shape.height
        for number, beside in enumerate(node.beside):
            extent = measure_row(beside.row)
            left = shape.x + 12 + 50 * number
            event = beside.event
            width, height = label_size(event.name)
            label = (left + 40, shape.y + shape.height + 4, width, height) if event.name else None
            self._place(Shape(event, left, shape.y + shape.height - 18, 36, 36, label))
            self.drawing.attached[event.id] = (node.id, beside.stop)
            line = below + BETWEEN_ROWS + 20 + extent.up
            start = ((left + 18, shape.y + shape.height + 18), (left + 18, line))
            _Pen(self.drawing, self.scope).row(beside.row, left + 18 + GAP, line, Leaving(event.id, start))
            below = line + extent.down

    def _place(self, shape: Shape) -> None:
        self.drawing.shapes.append(shape)
        self.drawing.scopes[shape.node.id] = self.scope

    def _arrive(self, coming: Leaving, target: str, *points: Point) -> None:
        way = _tidy((*coming.points, *points))
        label = _flow_label(coming.name, way) if coming.name else None
        identifier = self.drawing.flow_id(coming.source, target)
        flow = Flow(
            identifier, coming.source, target, coming.name, coming.condition, coming.default, way, self.scope, label
        )
        self.drawing.flows.append(flow)


def _tidy(points: Sequence[Point]) -> tuple[Point, ...]:
    """Leave out points that repeat, and those in the middle of a straight line."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)


def _label(node: Node, centre: int, y: int) -> tuple[int, int, int, int] | None:
    if not node.name or not (node.is_event or node.is_gateway):
        return None
    width, height = label_size(node.name)
    if node.is_event:
        return centre - width // 2, y + 18 + 6, width, height
    return centre - width // 2 - (width // 2 + 6), y - 25 - height - 2, width, height


def _flow_label(name: str, way: Sequence[Point]) -> tuple[int, int, int, int]:
    """Put a flow's name above its first level stretch."""
    width, height = label_size(name)
    for (x1, y1), (x2, y2) in pairwise(way):
        if y1 == y2:
            left = min(x1, x2) + 6 if x2 > x1 else max(x1, x2) - 6 - width
            return left, y1 - height - 4, width, height
    return way[0][0] + 4, way[0][1] + 4, width, height
