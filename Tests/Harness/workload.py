"""Random but repeatable work with psycopg: text, binary, pipelines, COPY, cursors, errors, notifications, large values."""

import contextlib
import random

import psycopg

SMALL = 3000


class Workload:
    """`largest` is the size of the one big value that goes each way, in bytes; 0 for none."""

    def __init__(self, seed, steps=40, largest=0):
        self.random = random.Random(seed)
        self.steps, self.largest = steps, largest

    def run(self, dsn, name):
        """`name` is the application's, and the channel's on which it and others of this name hear of each other."""
        self.channel = name
        with psycopg.connect(dsn, autocommit=True, application_name=name) as connection:
            connection.execute("CREATE TEMP TABLE thing (id int, payload bytea)")
            choices = (self.text, self.binary, self.pipeline, self.copy_in, self.copy_out, self.cursor, self.error,
                       self.broken_pipeline, self.notify, self.batch)
            for _ in range(self.steps):
                self.random.choice(choices)(connection)
            if self.largest:
                self.large(connection)

    def noise(self, most=SMALL):
        return self.random.randbytes(self.random.randrange(most))

    def text(self, connection):
        connection.execute("SELECT %s::text, %s::int", ["☃" * self.random.randrange(500), self.random.randrange(10**6)])

    def binary(self, connection):
        connection.execute("SELECT %b::bytea, %b::int8", [self.noise(), 2**40], binary=True).fetchall()

    def pipeline(self, connection):
        with connection.pipeline():
            for _ in range(self.random.randrange(1, 60)):
                connection.execute("SELECT %s::bytea", [self.noise(200)])

    def copy_in(self, connection):
        with connection.cursor().copy("COPY thing FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "bytea"])
            for i in range(self.random.randrange(300)):
                copy.write_row((i, self.noise(400)))

    def copy_out(self, connection):
        form = self.random.choice(("text", "csv", "binary"))
        with connection.cursor().copy(f"COPY thing TO STDOUT (FORMAT {form})") as copy:
            for _ in copy:
                pass

    def cursor(self, connection):
        with connection.transaction(), connection.cursor("walk") as cursor:
            cursor.itersize = self.random.randrange(1, 50)
            cursor.execute("SELECT generate_series(1, 200), repeat('z', 99)")
            cursor.fetchall()

    def error(self, connection):
        with contextlib.suppress(psycopg.Error):
            connection.execute(self.random.choice(("SELECT 1/0", "SELEC", "SELECT * FROM nowhere", "SELECT 'x'::int")))

    def broken_pipeline(self, connection):
        """What follows the error is skipped up to the Sync."""
        with contextlib.suppress(psycopg.Error), connection.pipeline():
            connection.execute("SELECT 1")
            connection.execute("SELECT 1/0")
            connection.execute("SELECT 2")

    def notify(self, connection):
        connection.execute(f'LISTEN "{self.channel}"')
        connection.execute("SELECT pg_notify(%s, %s)", [self.channel, str(self.random.random())])

    def batch(self, connection):
        connection.cursor().executemany(
            "INSERT INTO thing VALUES (%s, %s)", [(i, self.noise(100)) for i in range(self.random.randrange(1, 40))])

    def large(self, connection):
        """One value of `largest` bytes each way. The server's limit for a value is 1 GiB with its header."""
        size = self.largest
        piece = self.random.randbytes(1 << 20)
        value = (piece * (size // len(piece) + 1))[:size]
        connection.execute("SELECT length(%b::bytea)", [value])
        connection.execute("SELECT repeat('0123456789abcdef', %s)", [size // 16])
