"""PostgreSQL's own regression suite, with the server, the psql and the pg_regress that belong to it.

A minor version changes what tests expect, and a mirror may not have the sources of the one that is installed. So all of it is of
one version, from Debian's archive, unpacked and not installed: the newest one whose sources are to be had.
"""

import shutil
import subprocess
from pathlib import Path

KEPT = Path(__file__).resolve().parents[2] / ".build" / "regress"
ARCHIVES = ("http://deb.debian.org/debian {name} main", "http://deb.debian.org/debian {name}-updates main",
            "http://deb.debian.org/debian-security {name}-security main")
PACKAGES = ("postgresql-15", "postgresql-client-15", "postgresql-server-dev-15")
MODULES = ("src/test/regress/regress.c", "contrib/spi/autoinc.c", "contrib/spi/refint.c")


class Suite:
    """`tests` has sql, expected, data and the modules that they load; `programs` has psql and the server's."""

    def __init__(self, directory):
        self.directory = directory
        self.tests = directory / "tests"
        self.programs = directory / "packages/usr/lib/postgresql/15/bin"
        self.pg_regress = self.programs.parent / "lib/pgxs/src/test/regress/pg_regress"

    def schedule(self):
        """All tests by name."""
        lines = (self.tests / "parallel_schedule").read_text().splitlines()
        return [name for line in lines if line.startswith("test:") for name in line.split()[1:]]

    def copy(self, destination):
        """For a server that may not look into this repository's folder."""
        return Suite(shutil.copytree(self.directory, destination, symlinks=True))


def suite():
    """Kept in the build folder, once it was fetched and built."""
    if not KEPT.exists():
        place = KEPT.with_name("regress.new")
        shutil.rmtree(place, ignore_errors=True)
        build(place)
        (place / "suite").rename(KEPT)
        shutil.rmtree(place)
    return Suite(KEPT)


def build(place):
    archive = Archive(place)
    version = archive.source()
    archive.packages(version)
    source = next(place.glob("postgresql-15-*/"))
    usr = place / "suite/packages/usr"
    for module in MODULES:
        built = source / "src/test/regress" / Path(module).with_suffix(".so").name
        subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-DREFINT_VERBOSE", "-I", usr / "include/postgresql/15/server",
                        "-I", "/usr/include/postgresql", "-o", built, source / module], check=True)
    (source / "src/test/regress").rename(place / "suite/tests")
    shutil.rmtree(usr / "lib/postgresql/15/lib/bitcode")


class Archive:
    """Debian's archive with its sources, through apt-get with lists of its own: the system's are left as they are."""

    def __init__(self, place):
        self.place = place
        (place / "lists/partial").mkdir(parents=True)
        release = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines())
        archives = [archive.format(name=release["VERSION_CODENAME"]) for archive in ARCHIVES]
        (place / "sources.list").write_text(
            "".join(f"{kind} {archive}\n" for archive in archives for kind in ("deb", "deb-src")))
        self.options = [f"-o{name}={value}" for name, value in {
            "Dir::Etc::sourcelist": place / "sources.list", "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": place / "lists", "Dir::Cache": place, "APT::Sandbox::User": "root",
            "Acquire::Languages": "none"}.items()]
        self.get("update")

    def source(self):
        """Unpacks the newest source that can be had, with Debian's patches; returns its version."""
        words = ["apt-cache", *self.options, "showsrc", "--only-source", "postgresql-15"]
        records = subprocess.run(words, check=True, text=True, capture_output=True).stdout
        versions = {line.split()[1] for line in records.splitlines() if line.startswith("Version:")}
        for version in sorted(versions, reverse=True):
            try:
                self.get("source", f"postgresql-15={version}")
                return version
            except subprocess.CalledProcessError as refused:
                print(f"no source of {version}: {refused.stderr.splitlines()[-1]}", flush=True)
        raise LookupError("no source of postgresql-15 in Debian's archive")

    def packages(self, version):
        self.get("download", *(f"{package}={version}" for package in PACKAGES))
        (self.place / "suite").mkdir()
        for package in self.place.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", package, self.place / "suite/packages"], check=True)

    def get(self, *words):
        subprocess.run(["apt-get", "-q", *self.options, *words], cwd=self.place, check=True, text=True, capture_output=True)
