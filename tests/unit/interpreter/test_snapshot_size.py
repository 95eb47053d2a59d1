"""What an instance costs to store does not depend on how long it has been running."""

from tests.support.rework import snapshot_sizes


def test_the_snapshot_of_a_rework_loop_is_flat_over_ten_thousand_rounds() -> None:
    sizes = snapshot_sizes((10, 10_000))
    # The numbers of tokens have more digits; nothing else may grow.
    assert sizes[10_000] <= sizes[10] + 20
