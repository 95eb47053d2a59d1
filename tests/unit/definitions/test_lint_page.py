"""The page about the lint is what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_every_rule_stands_on_the_page_as_the_code_has_it() -> None:
    told = subprocess.run(
        [sys.executable, ROOT / "scripts" / "lint_rules.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, "")
