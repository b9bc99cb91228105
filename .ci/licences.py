"""Lists the licences of what `make run` installs, in the table of SECURITY.md; `make licences` runs this."""

from __future__ import annotations

import re
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
LOCK = HERE / "requirements.txt"
PAGE = HERE.parent / "SECURITY.md"
BLOCK = re.compile(r"(?<=<!-- make licences -->\n).*?(?=<!-- end -->)", re.DOTALL)
OTHER_NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "BSD license": "BSD",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MIT, BSD": "MIT AND BSD",
}
"""What packages call a licence, and its SPDX name; `BSD` where a package does not say which."""


def locked(path: Path = LOCK) -> list[Requirement]:
    """The requirements of a lock file that hold on this machine, without their hashes."""
    lines = re.findall(r"^[a-z0-9][^\\\n]*", path.read_text(encoding="utf-8"), re.MULTILINE)
    requirements = [Requirement(line) for line in lines]
    return [one for one in requirements if one.marker is None or one.marker.evaluate()]


def licence(name: str) -> str:
    """The licence that an installed package says it has; empty where it says none."""
    told = distribution(name).metadata
    named = told.get("License-Expression") or told.get("License") or ""
    if not named or len(named.splitlines()) > 1:
        classified = [
            one.rsplit(" :: ", 1)[-1] for one in told.get_all("Classifier") or [] if one.startswith("License")
        ]
        named = " AND ".join(OTHER_NAMES.get(one, one) for one in classified)
    return OTHER_NAMES.get(named, named)


def licences() -> dict[str, str]:
    """The licence of each locked package that is installed, by its name."""
    found = {}
    for requirement in locked():
        try:
            found[requirement.name] = licence(requirement.name)
        except PackageNotFoundError:
            continue
    return found


def table(found: dict[str, str]) -> str:
    """Packages by licence, the most frequent first."""
    packages = defaultdict(list)
    for name, said in sorted(found.items()):
        packages[said or "not stated"].append(name)
    rows = sorted(packages.items(), key=lambda row: (-len(row[1]), row[0]))
    lines = [f"| {said} | {', '.join(names)} |" for said, names in rows]
    return "\n".join(["| licence | packages |", "| --- | --- |", *lines]) + "\n"


def main() -> None:
    """Write the table."""
    written = table(licences())
    PAGE.write_text(BLOCK.sub(lambda _: written, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
