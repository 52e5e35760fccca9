"""The tests of packpress, and commands that write what they know into its pages: `python -m tests.documents`."""

import sys
from pathlib import Path

# Commands find `invented` where pytest finds it.
sys.path.append(str(Path(__file__).parent))
