"""Puts a wheel together: wheel.py BINARY SHARE ROOT OUT. The same files give the same bytes."""

import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path


def tag(binary):
    """The oldest system that the binary runs on, as PEP 600 and 656 name it."""
    if named := os.environ.get("PLATFORM"):
        return named
    machine = platform.machine()
    symbols = subprocess.run(["readelf", "-dV", binary], capture_output=True, text=True, check=True).stdout
    versions = {tuple(map(int, found)) for found in re.findall(r"GLIBC_(\d+)\.(\d+)", symbols)}
    if versions:
        return "manylinux_{}_{}_{}".format(*max(versions), machine)
    # Static: it needs nothing of the system, so it is of the oldest of both kinds.
    return f"manylinux2014_{machine}.musllinux_1_1_{machine}"


def main():
    binary, share, root, out = sys.argv[1:]
    root, share = Path(root), Path(share)
    version = os.environ["VERSION"]
    info = f"passdown-{version}.dist-info"
    data = f"passdown-{version}.data"
    platform_tag = tag(binary)
    metadata = "\n".join(
        [
            "Metadata-Version: 2.4",
            "Name: passdown",
            f"Version: {version}",
            "Summary: Reads the log a Claude Code session leaves behind and writes the handoff the next session needs",
            "License-Expression: MIT OR Apache-2.0",
            "License-File: LICENSE-MIT",
            "License-File: LICENSE-APACHE",
            "Keywords: claude-code,handoff,transcript,agents,cli",
            "Requires-Python: >=3.8",
            "Description-Content-Type: text/markdown",
            "",
            (root / "README.md").read_text(),
        ]
    )
    tags = "\n".join(f"Tag: py3-none-{each}" for each in platform_tag.split("."))
    files = {
        f"{data}/scripts/passdown": (Path(binary).read_bytes(), 0o755),
        f"{info}/METADATA": (metadata.encode(), 0o644),
        f"{info}/WHEEL": (f"Wheel-Version: 1.0\nGenerator: passdown\nRoot-Is-Purelib: false\n{tags}\n".encode(), 0o644),
    }
    for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
        files[f"{info}/licenses/{licence}"] = ((root / licence).read_bytes(), 0o644)
    for path in sorted(share.rglob("*")):
        if path.is_file():
            files[f"{data}/data/share/{path.relative_to(share)}"] = (path.read_bytes(), 0o644)
    record = ""
    for name, (content, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(content)}\n"
    files[f"{info}/RECORD"] = (f"{record}{info}/RECORD,,\n".encode(), 0o644)
    wheel = Path(out) / f"passdown-{version}-py3-none-{platform_tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (content, mode) in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    print(wheel)


main()
