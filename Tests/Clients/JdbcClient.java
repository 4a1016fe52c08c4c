import java.io.StringReader;
import java.io.StringWriter;
import java.sql.*;
import org.postgresql.PGConnection;

/** Works a server over with JDBC and prints what it saw: extended protocol, batches, cursors, COPY, cancel. */
public class JdbcClient {
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            values(connection);
            batches(connection);
            cursors(connection);
            transactions(connection);
            copies(connection);
            cancellation(connection, arguments[0]);
            show("valid", connection.isValid(5));
        }
        try (Connection simple = DriverManager.getConnection(arguments[0] + "&preferQueryMode=simple")) {
            batches(simple);
        }
    }

    static void show(String title, Object value) {
        System.out.println(title + ": " + value);
    }

    /** From the fifth execution on the driver uses a named server-side statement and binary results. */
    static void values(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?::int + 1, ?::text, ?::bytea")) {
            for (int i = 0; i < 10; i++) {
                statement.setInt(1, i);
                statement.setString(2, "text ☃ " + i);
                statement.setBytes(3, new byte[] {0, 1, (byte) 255});
                try (ResultSet rows = statement.executeQuery()) {
                    rows.next();
                    show("row", rows.getInt(1) + " " + rows.getString(2) + " " + rows.getBytes(3).length);
                }
            }
        }
    }

    static void batches(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMP TABLE item (id int PRIMARY KEY, name text)");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item VALUES (?, ?)")) {
            for (int i = 0; i < 1000; i++) {
                insert.setInt(1, i);
                insert.setString(2, "name " + i);
                insert.addBatch();
            }
            show("batch", insert.executeBatch().length);
            insert.setInt(1, 7);
            insert.setString(2, "twice");
            insert.addBatch();
            insert.executeBatch();
        } catch (BatchUpdateException error) {
            show("batch error", error.getSQLState());
        }
    }

    static void cursors(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        long sum = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(37);
            try (ResultSet rows = statement.executeQuery("SELECT id FROM item ORDER BY id")) {
                while (rows.next()) sum += rows.getLong(1);
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        show("cursor", sum);
    }

    static void transactions(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            Savepoint savepoint = connection.setSavepoint();
            try {
                statement.execute("SELECT 1/0");
            } catch (SQLException error) {
                show("error", error.getSQLState());
            }
            connection.rollback(savepoint);
            statement.execute("DELETE FROM item WHERE id < 10");
            show("deleted", statement.getUpdateCount());
        }
        connection.rollback();
        connection.setAutoCommit(true);
    }

    static void copies(Connection connection) throws Exception {
        var copy = connection.unwrap(PGConnection.class).getCopyAPI();
        show("copied in", copy.copyIn("COPY item FROM STDIN", new StringReader("5001\tfive\n5002\ttwo\n")));
        StringWriter out = new StringWriter();
        show("copied out", copy.copyOut("COPY (SELECT * FROM item WHERE id > 5000) TO STDOUT", out));
        show("text", out.toString().replace("\n", "|"));
    }

    /** A request that comes before the statement has begun would be for nothing, and the driver sends only one. */
    static void cancellation(Connection connection, String address) throws Exception {
        try (Statement statement = connection.createStatement()) {
            Thread canceller = new Thread(() -> {
                try (Connection watcher = DriverManager.getConnection(address)) {
                    while (!isAsleep(watcher)) { }
                    statement.cancel();
                } catch (SQLException error) {
                    show("cancel", error);
                }
            });
            canceller.start();
            try {
                statement.execute("SELECT pg_sleep(60)");
            } catch (SQLException error) {
                show("cancelled", error.getSQLState());
            }
            canceller.join();
        }
    }

    static boolean isAsleep(Connection watcher) throws SQLException {
        String sql = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)' AND state = 'active'";
        try (Statement statement = watcher.createStatement(); ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1) > 0;
        }
    }
}
