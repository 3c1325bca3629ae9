"""Cutting messages into batches."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shared.aws.batches import batches


@given(st.lists(st.integers(0, 60)))
def test_batches_keep_the_order_and_both_limits(sizes: list[int]) -> None:
    cut = list(batches(sizes, lambda size: size, maximum_entries=3, maximum_bytes=100))

    assert [size for batch in cut for size in batch] == sizes
    assert all(1 <= len(batch) <= 3 and sum(batch) <= 100 for batch in cut)


@given(st.lists(st.integers(0, 60)))
def test_no_batch_ends_before_it_must(sizes: list[int]) -> None:
    cut = list(batches(sizes, lambda size: size, maximum_entries=3, maximum_bytes=100))

    assert all(len(batch) == 3 or sum(batch) + cut[i + 1][0] > 100 for i, batch in enumerate(cut[:-1]))


def test_an_entry_over_the_limit_stands_alone() -> None:
    assert list(batches([1, 200, 1], lambda size: size, maximum_entries=3, maximum_bytes=100)) == [[1], [200], [1]]
