"""What a disk holds after a power failure, decided page by page: the kernel may have written any page since the last sync, or none."""

import random
import shutil
import subprocess
from pathlib import Path

PAGE = 4096
SOURCE = Path(__file__).with_name("disk.c")


class Disk:
    """The files below `root`, of a process that runs under `prefix`, and what of them is durable."""

    def __init__(self, root, shadow, generator):
        self.root, self.shadow, self.random = root, shadow, generator
        for folder in ("data", "names"):
            (shadow / folder).mkdir(parents=True)
        library = shadow / "disk.so"
        subprocess.run(["clang", "-Wall", "-Wextra", "-Werror", "-O2", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self.prefix = ("env", f"LD_PRELOAD={library}", f"POWERLOSS_ROOT={root}", f"POWERLOSS_SHADOW={shadow}")
        self.lost_pages = self.lost_names = 0

    def fail(self):
        """Replaces the files by what a power failure might have left of them. Nobody may be using them."""
        files = {path for path in self.root.rglob("*") if path.is_file()}
        kept = {self.root / path.relative_to(self.shadow / "names"): int(path.read_text())
                for path in (self.shadow / "names").rglob("*") if path.is_file()}
        for path in sorted(files | kept.keys()):
            now = path.stat().st_ino if path in files else None
            inode = self.random.choice((now, kept.get(path))) if now != kept.get(path) else now
            if inode is None:
                path.unlink(missing_ok=True)
                self.lost_names += path in files
            else:
                old = self.bytes_of(inode)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(0o600)
                path.write_bytes(self.mix(old, path.read_bytes() if inode == now else old))
        self.settle()

    def bytes_of(self, inode):
        data = self.shadow / "data" / str(inode)
        return data.read_bytes() if data.exists() else b""

    def mix(self, old, new):
        """Each page the durable or the newest one, which beyond the durable end may be zeroes; any length in between."""
        if old == new:
            return new
        ends = (len(old), len(new), self.random.randrange(min(len(old), len(new)), max(len(old), len(new)) + 1))
        end, mixed = self.random.choice(ends), bytearray()
        likely = self.random.random()
        for start in range(0, end, PAGE):
            page = new[start:start + PAGE]
            if self.random.random() < likely:
                page, before = old[start:start + PAGE], page
                self.lost_pages += page != before
            mixed += page.ljust(PAGE, b"\0")
        return bytes(mixed[:end])

    def settle(self):
        """What is there now is durable: the machine has started again."""
        for folder in ("data", "names"):
            shutil.rmtree(self.shadow / folder)
            (self.shadow / folder).mkdir()
        for path in self.root.rglob("*"):
            if path.is_file():
                inode = path.stat().st_ino
                shutil.copyfile(path, self.shadow / "data" / str(inode))
                name = self.shadow / "names" / path.relative_to(self.root)
                name.parent.mkdir(parents=True, exist_ok=True)
                name.write_text(str(inode))
