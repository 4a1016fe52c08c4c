// Works a server over with pgx and prints what it saw; the same transcript is due directly and through Wiretrail.
// Where to connect is in the environment, as for libpq.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
)

var ctx = context.Background()

func show(title string, values ...interface{}) {
	fmt.Printf("%s: %q\n", title, fmt.Sprint(values...))
}

func check(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(1)
	}
}

func sqlState(err error) string {
	var failure *pgconn.PgError
	if errors.As(err, &failure) {
		return failure.Code
	}
	return fmt.Sprintf("%T", err)
}

// Binary parameters and results, prepared under a name and described first.
func types(connection *pgx.Conn) {
	var number int64
	var text string
	var list []int32
	var moment time.Time
	const query = "SELECT $1::bigint, $2::text, $3::int[], $4::timestamptz"
	row := connection.QueryRow(ctx, query, int64(1)<<62, "naïve ☃ text", []int32{1, 2, 3}, time.Unix(1, 0))
	check(row.Scan(&number, &text, &list, &moment))
	show("types", number, " ", text, " ", list, " ", moment.UTC())
	row = connection.QueryRow(ctx, "SELECT $1::int + 1", pgx.QuerySimpleProtocol(true), 41)
	check(row.Scan(&number))
	show("simple protocol", number)
}

// One pipeline with an error in its middle, and the state behind it.
func batches(connection *pgx.Conn) {
	_, err := connection.Exec(ctx, "CREATE TEMP TABLE item (id int PRIMARY KEY, name text)")
	check(err)
	batch := &pgx.Batch{}
	for id := 0; id < 100; id++ {
		batch.Queue("INSERT INTO item VALUES ($1, $2)", id, fmt.Sprintf("item %d", id))
	}
	show("batch", connection.SendBatch(ctx, batch).Close())
	broken := &pgx.Batch{}
	broken.Queue("INSERT INTO item VALUES ($1, 'new')", 1000)
	broken.Queue("INSERT INTO item VALUES ($1, 'again')", 1)
	broken.Queue("INSERT INTO item VALUES ($1, 'never')", 1001)
	show("broken batch", sqlState(connection.SendBatch(ctx, broken).Close()))
	var count int
	check(connection.QueryRow(ctx, "SELECT count(*) FROM item").Scan(&count))
	show("left", count)
}

func copies(connection *pgx.Conn) {
	rows := make([][]interface{}, 1000)
	for i := range rows {
		rows[i] = []interface{}{2000 + i, strings.Repeat("x", i)}
	}
	count, err := connection.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id", "name"}, pgx.CopyFromRows(rows))
	check(err)
	show("copied in", count)
	var out strings.Builder
	tag, err := connection.PgConn().CopyTo(ctx, &out, "COPY item TO STDOUT")
	check(err)
	show("copied out", tag, " ", out.Len())
}

func transactions(connection *pgx.Conn) {
	outer, err := connection.Begin(ctx)
	check(err)
	inner, err := outer.Begin(ctx)
	check(err)
	_, err = inner.Exec(ctx, "SELECT 1/0")
	show("in a savepoint", sqlState(err))
	check(inner.Rollback(ctx))
	_, err = outer.Exec(ctx, "DELETE FROM item WHERE id >= 2000")
	check(err)
	check(outer.Commit(ctx))
	show("status", string(connection.PgConn().TxStatus()))
}

// A context that ends breaks the connection off; CancelRequest ends the statement alone.
func cancels(connection *pgx.Conn) {
	go func() {
		watcher, err := pgx.Connect(ctx, "")
		check(err)
		defer watcher.Close(ctx)
		asleep := 0
		for asleep == 0 {
			const query = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"
			check(watcher.QueryRow(ctx, query).Scan(&asleep))
		}
		check(connection.PgConn().CancelRequest(ctx))
	}()
	_, err := connection.Exec(ctx, "SELECT pg_sleep(60)")
	show("cancelled", sqlState(err))
}

func notifications(connection *pgx.Conn) {
	_, err := connection.Exec(ctx, "LISTEN news")
	check(err)
	_, err = connection.Exec(ctx, "NOTIFY news, 'hello'")
	check(err)
	news, err := connection.WaitForNotification(ctx)
	check(err)
	show("notified", news.Channel, " ", news.Payload)
}

func main() {
	connection, err := pgx.Connect(ctx, "")
	check(err)
	defer connection.Close(ctx)
	types(connection)
	batches(connection)
	copies(connection)
	transactions(connection)
	cancels(connection)
	notifications(connection)
}
