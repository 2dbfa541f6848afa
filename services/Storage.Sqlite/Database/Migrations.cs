namespace TaggingPipeline.Storage.Sqlite.Database;

/// <summary>What brings a file from each version of its format to the next. Applied by <see cref="Schema"/>.</summary>
internal static class Migrations
{
    /// <summary>Each is run once, in order, in a transaction of its own. Released ones never change.</summary>
    public static readonly string[] All =
    [
        """
        CREATE TABLE customers (
            id           TEXT    NOT NULL PRIMARY KEY,
            version      INTEGER NOT NULL,
            evaluated_at INTEGER NOT NULL,
            wakes_at     INTEGER,
            rulebook     TEXT    NOT NULL,
            tags         TEXT    NOT NULL,
            applied      TEXT    NOT NULL,
            facts        BLOB    NOT NULL
        ) STRICT;
        CREATE INDEX customers_due ON customers (wakes_at, id) WHERE wakes_at IS NOT NULL;
        CREATE INDEX customers_by_rulebook ON customers (rulebook, id);

        -- Apart from the customers, so that clearing an outbox does not write the whole document again.
        CREATE TABLE outboxes (
            customer TEXT    NOT NULL PRIMARY KEY,
            revision INTEGER NOT NULL,
            body     TEXT    NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE journal (
            sequence    INTEGER PRIMARY KEY,
            customer    TEXT    NOT NULL,
            event_id    TEXT    NOT NULL,
            occurred_at INTEGER NOT NULL,
            body        BLOB    NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX journal_by_event ON journal (customer, event_id);

        CREATE TABLE views (
            customer TEXT    NOT NULL PRIMARY KEY,
            version  INTEGER NOT NULL,
            rulebook TEXT    NOT NULL,
            body     TEXT    NOT NULL
        ) STRICT;
        CREATE INDEX views_by_rulebook ON views (rulebook, customer);

        CREATE TABLE members (
            segment  TEXT    NOT NULL,
            customer TEXT    NOT NULL,
            since    INTEGER NOT NULL,
            PRIMARY KEY (segment, customer)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE feed (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id       TEXT    NOT NULL UNIQUE,
            customer TEXT    NOT NULL,
            type     TEXT    NOT NULL,
            key      TEXT    NOT NULL,
            body     BLOB    NOT NULL
        ) STRICT;
        CREATE INDEX feed_by_customer ON feed (customer, position);

        CREATE TABLE rejected (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id       TEXT    NOT NULL UNIQUE,
            body     TEXT    NOT NULL
        ) STRICT;

        -- Kept up to date by every write, because counting rows means reading them all.
        CREATE TABLE segment_counts (
            segment TEXT    NOT NULL PRIMARY KEY,
            members INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tag_counts (
            key       TEXT    NOT NULL,
            value     TEXT    NOT NULL,
            customers INTEGER NOT NULL,
            PRIMARY KEY (key, value)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE row_counts (
            name TEXT    NOT NULL PRIMARY KEY,
            rows INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO row_counts VALUES ('journal', 0), ('rejected', 0);
        """,

        // JSON is kept as the bytes that it is written in: to hand it over as text meant to encode it twice more.
        """
        CREATE TABLE new_customers (
            id           TEXT    NOT NULL PRIMARY KEY,
            version      INTEGER NOT NULL,
            evaluated_at INTEGER NOT NULL,
            wakes_at     INTEGER,
            rulebook     TEXT    NOT NULL,
            tags         BLOB    NOT NULL,
            applied      BLOB    NOT NULL,
            facts        BLOB    NOT NULL
        ) STRICT;
        INSERT INTO new_customers
            SELECT id, version, evaluated_at, wakes_at, rulebook, CAST(tags AS BLOB), CAST(applied AS BLOB), facts FROM customers ORDER BY id;
        DROP TABLE customers;
        ALTER TABLE new_customers RENAME TO customers;
        CREATE INDEX customers_due ON customers (wakes_at, id) WHERE wakes_at IS NOT NULL;
        CREATE INDEX customers_by_rulebook ON customers (rulebook, id);

        -- With row ids: an outbox is longer than an index takes in one piece.
        CREATE TABLE new_outboxes (
            customer TEXT    NOT NULL PRIMARY KEY,
            revision INTEGER NOT NULL,
            body     BLOB    NOT NULL
        ) STRICT;
        INSERT INTO new_outboxes SELECT customer, revision, CAST(body AS BLOB) FROM outboxes ORDER BY customer;
        DROP TABLE outboxes;
        ALTER TABLE new_outboxes RENAME TO outboxes;

        CREATE TABLE new_views (
            customer TEXT    NOT NULL PRIMARY KEY,
            version  INTEGER NOT NULL,
            rulebook TEXT    NOT NULL,
            body     BLOB    NOT NULL
        ) STRICT;
        INSERT INTO new_views SELECT customer, version, rulebook, CAST(body AS BLOB) FROM views ORDER BY customer;
        DROP TABLE views;
        ALTER TABLE new_views RENAME TO views;
        CREATE INDEX views_by_rulebook ON views (rulebook, customer);

        -- One index instead of two: each costs a page or so for every change.
        CREATE TABLE new_feed (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id       TEXT    NOT NULL,
            customer TEXT    NOT NULL,
            type     TEXT    NOT NULL,
            key      TEXT    NOT NULL,
            body     BLOB    NOT NULL
        ) STRICT;
        INSERT INTO new_feed SELECT position, id, customer, type, key, body FROM feed ORDER BY position;
        DELETE FROM sqlite_sequence WHERE name = 'new_feed';
        INSERT INTO sqlite_sequence SELECT 'new_feed', seq FROM sqlite_sequence WHERE name = 'feed';
        DROP TABLE feed;
        ALTER TABLE new_feed RENAME TO feed;
        CREATE UNIQUE INDEX feed_by_customer ON feed (customer, id);
        """,

        """
        CREATE TABLE evaluators (
            id          TEXT    NOT NULL PRIMARY KEY,
            stays_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,

        """
        CREATE TABLE populations (
            number   INTEGER PRIMARY KEY,
            taken_at INTEGER NOT NULL,
            figures  BLOB    NOT NULL
        ) STRICT;
        """,
        // Null for nothing, as nearly always.
        "ALTER TABLE customers ADD COLUMN unjournaled BLOB",

        // What is known of the past are the memberships that stand: they began with the change that their number names.
        """
        CREATE TABLE crossings (
            segment  TEXT    NOT NULL,
            customer TEXT    NOT NULL,
            number   INTEGER NOT NULL,
            at       INTEGER NOT NULL,
            entered  INTEGER NOT NULL,
            PRIMARY KEY (segment, customer, number)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO crossings
            SELECT membership.value ->> '$[0]', customer, membership.value ->> '$[3]', membership.value ->> '$[2]', 1
            FROM views, json_each(CAST(body AS TEXT), '$.memberships') AS membership
            WHERE membership.value ->> '$[1]'
            ORDER BY 1, 2;
        CREATE UNIQUE INDEX crossings_by_instant ON crossings (segment, at, customer, number, entered);

        -- Sums, so that a history of days does not go through crossings. In every zone days begin on a quarter of an hour.
        CREATE TABLE segment_quarters (
            segment   TEXT    NOT NULL,
            starts_at INTEGER NOT NULL,
            entries   INTEGER NOT NULL,
            exits     INTEGER NOT NULL,
            PRIMARY KEY (segment, starts_at)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO segment_quarters
            SELECT segment, at - (at % 900000 + 900000) % 900000 AS starts_at, count(*), 0 FROM crossings GROUP BY segment, starts_at;
        """,

        """
        CREATE TABLE subscriptions (
            id      TEXT    NOT NULL PRIMARY KEY,
            version INTEGER NOT NULL,
            body    BLOB    NOT NULL
        ) STRICT;

        -- Several attempts in one row: a busy subscription makes hundreds a second.
        CREATE TABLE attempts (
            number       INTEGER PRIMARY KEY AUTOINCREMENT,
            subscription TEXT    NOT NULL,
            attempts     INTEGER NOT NULL,
            body         BLOB    NOT NULL
        ) STRICT;
        CREATE INDEX attempts_by_subscription ON attempts (subscription, number);

        CREATE TABLE leases (
            name       TEXT    NOT NULL PRIMARY KEY,
            holder     TEXT    NOT NULL,
            held_until INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,

        """
        CREATE TABLE feed_positions (
            reader   TEXT    NOT NULL PRIMARY KEY,
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE subscriber_queues (
            name     TEXT NOT NULL PRIMARY KEY,
            bindings BLOB NOT NULL
        ) STRICT;

        CREATE TABLE dead_letters (
            id           TEXT    NOT NULL PRIMARY KEY,
            queue        TEXT    NOT NULL,
            reason       TEXT    NOT NULL,
            detail       TEXT    NOT NULL,
            failed_at    INTEGER NOT NULL,
            content_type TEXT,
            body         BLOB    NOT NULL
        ) STRICT;
        """,

        // Apart from the body, so that rejections are found and counted by why they were rejected. A pattern is a reason with # for each run of digits.
        """
        ALTER TABLE rejected ADD COLUMN code TEXT NOT NULL DEFAULT '';
        ALTER TABLE rejected ADD COLUMN pattern TEXT NOT NULL DEFAULT '';
        ALTER TABLE rejected ADD COLUMN received_at INTEGER NOT NULL DEFAULT 0;
        UPDATE rejected SET
            code = body ->> '$.code',
            pattern = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(body ->> '$.reason', '0', '#'), '1', '#'), '2', '#'), '3', '#'), '4', '#'), '5', '#'), '6', '#'), '7', '#'), '8', '#'), '9', '#'),
            received_at = coalesce(CAST(round(unixepoch(body ->> '$.receivedAt', 'subsec') * 1000) AS INTEGER), 0);
        -- Each of them halves a run.
        UPDATE rejected SET pattern = replace(replace(replace(replace(replace(replace(replace(pattern, '##', '#'), '##', '#'), '##', '#'), '##', '#'), '##', '#'), '##', '#'), '##', '#');
        CREATE INDEX rejected_by_code ON rejected (code);
        CREATE INDEX rejected_by_reason ON rejected (code, pattern, received_at);
        """,

        // What was decided before there were versions has the number 0.
        """
        CREATE TABLE rulebooks (
            number       INTEGER PRIMARY KEY,
            name         TEXT    NOT NULL,
            content_hash TEXT    NOT NULL,
            author       TEXT    NOT NULL,
            message      TEXT    NOT NULL,
            source       TEXT    NOT NULL,
            published_at INTEGER NOT NULL,
            content      TEXT    NOT NULL
        ) STRICT;
        CREATE TABLE rollover_pause (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL) STRICT;
        ALTER TABLE customers ADD COLUMN rulebook_number INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE views ADD COLUMN rulebook_number INTEGER NOT NULL DEFAULT 0;
        """,

        """
        CREATE TABLE replays (
            id         TEXT    NOT NULL PRIMARY KEY,
            version    INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            is_over    INTEGER NOT NULL,
            body       BLOB    NOT NULL
        ) STRICT;
        """,
    ];
}
