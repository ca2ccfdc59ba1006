"""The mutation gate takes minutes; that its rows still fit the code is told at once."""

from __future__ import annotations

import pytest

import mutation_gate as gate


@pytest.mark.parametrize("mutant", gate.MUTANTS, ids=lambda mutant: mutant.what)
def test_a_mutant_can_be_made_and_has_its_tests(mutant: gate.Mutant) -> None:
    """Its text is in the file, changes it, and the tests that must fail are there."""
    assert mutant.old in (gate.ROOT / gate.PACKAGE / mutant.file).read_text()
    assert mutant.old != mutant.new
    assert [] == [test for test in mutant.tests if not (gate.ROOT / "tests" / test.partition("::")[0]).is_file()]
