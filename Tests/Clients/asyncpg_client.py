"""Works a server over with asyncpg, which speaks the binary extended protocol only, and prints what it saw."""

import asyncio
import io
import sys

import asyncpg

DSN = sys.argv[1]


def show(title, value):
    print(f"{title}: {value!r}", flush=True)


async def values(connection):
    row = await connection.fetchrow(
        "SELECT $1::int8, $2::text, $3::bytea, $4::float8, $5::int[], $6::jsonb, $7::timestamptz IS NULL",
        2**60, "snow ☃", b"\x00\x01", 0.1, [1, 2, 3], '{"a": 1}', None)
    show("row", tuple(row))


async def statements(connection):
    statement = await connection.prepare("SELECT $1::int * 2")
    show("prepared", [await statement.fetchval(i) for i in range(5)])
    await connection.execute("CREATE TEMP TABLE item (id int, name text)")
    await connection.executemany("INSERT INTO item VALUES ($1, $2)", [(i, str(i)) for i in range(500)])
    show("many", await connection.fetchval("SELECT count(*) FROM item"))


async def cursors(connection):
    async with connection.transaction():
        total = 0
        async for record in connection.cursor("SELECT generate_series(1, 500)", prefetch=50):
            total += record[0]
        show("cursor", total)


async def copies(connection):
    rows = [(i, f"row {i}") for i in range(3000)]
    show("copied in", await connection.copy_records_to_table("item", records=rows))
    out = io.BytesIO()
    await connection.copy_from_query("SELECT * FROM item ORDER BY id", output=out, format="csv")
    show("copied out", len(out.getvalue()))


async def errors(connection):
    for statement in ("SELECT 1/0", "SELEC", "SELECT * FROM nowhere"):
        try:
            await connection.fetch(statement)
        except asyncpg.PostgresError as error:
            show("error", (error.sqlstate, str(error)))
    try:
        async with connection.transaction():
            await connection.execute("CREATE TEMP TABLE gone (x int)")
            await connection.fetch("SELECT 1/0")
    except asyncpg.DivisionByZeroError:
        show("rolled back", await connection.fetchval("SELECT to_regclass('gone') IS NULL"))


async def cancellation(connection):
    try:
        await connection.fetch("SELECT pg_sleep(60)", timeout=0.5)
    except asyncio.TimeoutError:
        show("after the cancel", await connection.fetchval("SELECT 'alive'"))


async def notifications(connection):
    heard = asyncio.get_running_loop().create_future()
    await connection.add_listener("asyncpg_news", lambda *arguments: heard.set_result(arguments[2:]))
    await connection.execute("SELECT pg_notify('asyncpg_news', 'payload')")
    show("notified", await asyncio.wait_for(heard, 60))


async def concurrency():
    async with asyncpg.create_pool(DSN, min_size=5, max_size=5) as pool:
        results = await asyncio.gather(*(pool.fetchval("SELECT $1::int", i) for i in range(100)))
        show("pool", sum(results))


async def main():
    connection = await asyncpg.connect(DSN)
    for part in (values, statements, cursors, copies, errors, cancellation, notifications):
        print(f"-- {part.__name__}")
        await part(connection)
    await connection.close()
    await concurrency()


asyncio.run(main())
