"""Missing draws are found and divided so that each is computed exactly once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model.luck import BLOCK
from sim.runs.run_plan import LARGEST, LARGEST_WITH_PATHS, SMALLEST, batches, missing, size_for


@st.composite
def done_ranges(draw: st.DrawFn) -> list[range]:
    """Ranges that are done, in any order, apart from each other or side by side, perhaps beyond what is wanted."""
    cuts = sorted(draw(st.sets(st.integers(0, 400), max_size=14)))
    pieces = [range(first, last) for first, last in pairwise(cuts)]
    return draw(st.permutations([piece for piece in pieces if draw(st.booleans())]))


@given(done_ranges(), st.integers(1, 2000), st.integers(1, 1000), st.integers(0, 2000))
def test_every_missing_draw_is_in_exactly_one_batch_and_no_other_is(done, draws, size, with_paths):
    found = list(batches(missing(done, draws), size, with_paths))
    computed = [draw for batch in found for draw in batch]
    held = {draw for piece in done for draw in piece}
    assert computed == [draw for draw in range(draws) if draw not in held]
    assert all(0 < len(batch) <= size for batch in found)
    assert all(len(batch) <= LARGEST_WITH_PATHS for batch in found if batch.start < with_paths)


def test_nothing_is_missing_where_all_is_done():
    assert list(missing([range(5, 10), range(5)], 10)) == []
    assert list(missing([range(20)], 10)) == []


@given(st.integers(1, 10**7), st.integers(1, 1000))
def test_batches_are_whole_blocks_of_random_numbers_and_fit_the_cache(draws, workers):
    size = size_for(draws, workers)
    assert size % BLOCK == 0
    assert SMALLEST <= size <= LARGEST


@given(st.integers(1, 10**6), st.integers(1, 64))
def test_no_worker_waits_for_others_where_there_is_enough_work(draws, workers):
    """Rounds of batches are as even as whole blocks allow, unless batches would become too small."""
    size = size_for(draws, workers)
    if size > 2 * SMALLEST:
        rounds = -(-draws // (size * workers))
        assert draws > (rounds - 1) * size * workers
        assert rounds * workers * (size - BLOCK) < draws


@pytest.mark.parametrize(("draws", "workers"), [(1, 1), (200, 2), (10_000, 2), (100_000, 3), (1_000_000, 64)])
def test_every_draw_is_in_a_batch_of_the_size_chosen(draws, workers):
    found = list(batches(missing([], draws), size_for(draws, workers)))
    assert found[0].start == 0
    assert found[-1].stop == draws
    assert all(one.stop == other.start for one, other in pairwise(found))
