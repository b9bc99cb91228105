"""Asks what weaknesses are known in the locked dependencies; `make audit` runs it. It needs the internet.

Exit code 0: all were asked for and nothing is known; 1: something is known; 2: not all could be asked for. pip-audit by
itself ends well where PyPI does not answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCKS = ("requirements.txt", "requirements-build.txt", "requirements-dev.txt", "requirements-tools.txt")


def main() -> int:
    """Ask, and say what came back."""
    files = [option for name in LOCKS for option in ("--requirement", str(HERE / name))]
    flags = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    command = [sys.executable, "-m", "pip_audit", *files, *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        answers = json.loads(done.stdout)["dependencies"]
    except (json.JSONDecodeError, KeyError, TypeError):
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return _say(f"Nothing could be asked for: this says nothing about any dependency. pip-audit: {reason}", 2)
    skipped = sorted({one["name"] for one in answers if "skip_reason" in one})
    asked = [one for one in answers if "skip_reason" not in one]
    known = {(one["name"], one["version"], weak["id"], *weak["fix_versions"]) for one in asked for weak in one["vulns"]}
    for name, version, what, *mended in sorted(known):
        _say(f"{name} {version}: {what}; mended in {', '.join(mended) or 'no version'}", 1)
    if skipped:
        shown = ", ".join(skipped[:8]) + (" ..." if len(skipped) > 8 else "")
        _say(f"{len(skipped)} packages could not be asked for, so this says nothing about them: {shown}", 2)
    packages = {one["name"] for one in asked}
    _say(f"{len(packages)} packages were asked for: {len(known)} known weaknesses.", 0)
    return 1 if known else 2 if skipped else 0


def _say(line: str, code: int) -> int:
    (sys.stderr if code else sys.stdout).write(f"{line}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
