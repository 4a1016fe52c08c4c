"""Works a server over with psycopg 3 and prints what it saw; the same transcript is due directly and through Wiretrail."""

import logging
import sys
import threading

import psycopg
from psycopg.types.json import Jsonb

DSN = sys.argv[1]
logging.disable()  # psycopg logs what it ignores when it leaves a broken pipeline, and only sometimes


def show(title, value):
    print(f"{title}: {value!r}", flush=True)


def types(connection):
    """Text and binary, both as parameters and as results."""
    values = [None, True, -1, 2**62, 1.5, "naïve ☃ text", b"\x00\xff", [1, None, 3], Jsonb({"a": [1, 2]})]
    for binary in (False, True):
        cursor = connection.cursor(binary=binary)
        marker = "%b" if binary else "%s"
        for value in values:
            show(f"binary={binary}", cursor.execute(f"SELECT {marker}", [value]).fetchone())
    others = "SELECT date '2026-02-28', interval '1 day', numeric '1.10', uuid '00000000-0000-0000-0000-000000000000'"
    show("others", connection.execute(others).fetchone())


def prepared(connection):
    connection.execute("CREATE TEMP TABLE item (id int PRIMARY KEY, name text)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO item VALUES (%s, %s)", [(i, f"item {i}") for i in range(200)])
        show("inserted", cursor.rowcount)
    for i in range(10):  # the sixth time psycopg prepares it by name
        row = connection.execute("SELECT name FROM item WHERE id = %s", [i], prepare=True).fetchone()
    show("prepared", row)


def pipelines(connection):
    """Errors in mid-pipeline, and what is skipped up to the next Sync."""
    with connection.pipeline() as pipeline:
        cursors = [connection.execute("SELECT %s::int", [i]) for i in range(100)]
        pipeline.sync()
        show("pipeline", sum(cursor.fetchone()[0] for cursor in cursors))
    connection.rollback()
    try:
        with connection.pipeline():
            connection.execute("SELECT 1")
            connection.execute("SELECT 1/0")
            connection.execute("SELECT 2")
    except psycopg.Error as error:
        show("in pipeline", (type(error).__name__, error.sqlstate))
    connection.rollback()


def copies(connection):
    connection.execute("CREATE TEMP TABLE bulk (id int, payload text)")
    connection.commit()
    with connection.cursor() as cursor:
        with cursor.copy("COPY bulk FROM STDIN") as copy:
            for i in range(5000):
                copy.write_row((i, "x" * (i % 97)))
        with cursor.copy("COPY bulk TO STDOUT (FORMAT BINARY)") as copy:
            show("copied out", sum(len(piece) for piece in copy))
        try:
            with cursor.copy("COPY bulk FROM STDIN") as copy:
                copy.write("not a number\tx\n")
        except psycopg.Error as error:
            show("copy error", error.sqlstate)
    connection.rollback()
    try:
        with connection.cursor().copy("COPY pg_class FROM STDIN"):
            raise ValueError("changed our mind")
    except (ValueError, psycopg.Error) as error:
        show("copy given up", type(error).__name__)
    connection.rollback()


def server_cursors(connection):
    with connection.cursor("walker") as cursor:
        cursor.itersize = 100
        cursor.execute("SELECT generate_series(1, 1000)")
        show("server cursor", sum(row[0] for row in cursor))
    connection.rollback()


def notices_and_errors(connection):
    notices = []
    connection.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    connection.execute("DO $$ BEGIN RAISE NOTICE 'hello from the server'; END $$")
    show("notices", notices)
    for statement in ("SELEC 1", "SELECT * FROM missing_table", "SELECT 'x'::int", "SELECT 1; SELECT 2"):
        try:
            show("result", connection.execute(statement).fetchone())
        except psycopg.Error as error:
            show("error", (error.sqlstate, error.diag.message_primary, error.diag.statement_position))
        connection.rollback()


def cancellation(connection):
    """Again and again: a request that comes before the statement has begun is for nothing."""
    is_over = threading.Event()

    def cancel():
        while not is_over.wait(0.5):
            connection.cancel()

    canceller = threading.Thread(target=cancel)
    canceller.start()
    try:
        connection.execute("SELECT pg_sleep(60)")
    except psycopg.errors.QueryCanceled as error:
        show("cancelled", error.sqlstate)
    finally:
        is_over.set()
        canceller.join()
    connection.rollback()


def notifications(connection):
    connection.autocommit = True
    connection.execute("LISTEN psycopg_news")
    connection.execute("NOTIFY psycopg_news, 'extra'")
    for notification in connection.notifies(timeout=60, stop_after=1):
        show("notified", (notification.channel, notification.payload))
    connection.autocommit = False


def large_values(connection):
    row = connection.execute("SELECT repeat('ab', 2000000)").fetchone()
    show("large text", len(row[0]))
    row = connection.execute("SELECT length(%s::bytea)", [b"\x01" * 5_000_000]).fetchone()
    show("large parameter", row)


def main():
    with psycopg.connect(DSN) as connection:
        show("encoding", connection.info.parameter_status("server_encoding"))
        for part in (types, prepared, pipelines, copies, server_cursors, notices_and_errors, cancellation,
                     notifications, large_values):
            print(f"-- {part.__name__}")
            part(connection)
            connection.rollback()


main()
