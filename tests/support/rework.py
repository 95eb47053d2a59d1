"""A two-node rework loop: a task, and a gateway that leads back to it."""

from collections.abc import Sequence

from tests.support.drawing import ENDS, Played, draw, flows, node, user


def snapshot_sizes(rounds: Sequence[int]) -> dict[int, int]:
    """Go round the loop through stored snapshots; return the snapshot's bytes after each of these numbers of rounds."""
    gateway = node("exclusiveGateway", "again", default="again-e")
    played = Played(draw(ENDS + user("work") + gateway + flows("s > work > again > e", "again [redo]> work")))
    sizes = {}
    for number in range(1, max(rounds) + 1):
        played.complete("work", redo=True)
        played.all.clear()
        if number in rounds:
            sizes[number] = len(played.snapshot)
    return sizes
