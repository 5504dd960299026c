using System.Diagnostics;

namespace Strata.Sqlite.Tests;

public sealed class SqliteDatabaseTests : IDisposable
{
    private static readonly SqliteSchema First = new(0x7374, "store", ["CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, body BLOB, real REAL)"]);
    private static readonly SqliteSchema Second = First with { Migrations = [.. First.Migrations, "ALTER TABLE t ADD COLUMN age INTEGER; UPDATE t SET age=1"] };

    private readonly string _folder = Directory.CreateTempSubdirectory("strata-sqlite-").FullName;

    private string File => System.IO.Path.Combine(_folder, "a ?#%.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_written_is_read_with_its_types()
    {
        using var database = SqliteDatabase.Open(File, First);
        var id = await database.WriteAsync(
            s =>
            {
                s.Execute("INSERT INTO t(name, body, real) VALUES(?1, ?2, ?3)", "ä\0b", new byte[] { 0, 255 }, 1.5);
                s.Execute("INSERT INTO t(name, body) VALUES(?1, ?2)", SqliteValue.Null, Array.Empty<byte>());
                return s.LastInsertId;
            },
            CancellationToken.None);
        Assert.Equal(2, id);
        var rows = database.Read(s => s.Query("SELECT name, body, real FROM t ORDER BY id", r => (r.TextOrNull(0), r.Blob(1), r.IsNull(2), r.Double(2))));
        Assert.Equal("ä\0b", rows[0].Item1);
        Assert.Equal([0, 255], rows[0].Item2);
        Assert.Equal(1.5, rows[0].Item4);
        Assert.Null(rows[1].Item1);
        Assert.Equal([], rows[1].Item2);
        Assert.True(rows[1].Item3);
    }

    [Fact]
    public async Task A_failing_command_undoes_only_itself()
    {
        using var database = SqliteDatabase.Open(File, First);
        var commands = Enumerable.Range(0, 400).Select(i => database.WriteAsync(
            s =>
            {
                s.Execute("INSERT INTO t(name) VALUES(?1)", $"first {i}");
                return s.Execute("INSERT INTO t(name) VALUES(?1)", i % 2 == 0 ? "taken" : $"second {i}");
            },
            CancellationToken.None)).ToArray();
        var failures = 0;
        foreach (var command in commands)
        {
            try
            {
                await command;
            }
            catch (SqliteStoreException e)
            {
                Assert.Equal(SqliteProblem.Constraint, e.Problem);
                failures++;
            }
        }
        Assert.Equal(199, failures);
        Assert.Equal(201 * 2, database.Read(s => s.Number("SELECT count(*) FROM t")));
    }

    [Fact]
    public void A_failing_write_on_the_callers_thread_leaves_nothing_and_throws_what_the_command_threw()
    {
        using var database = SqliteDatabase.Open(File, First);
        Assert.Throws<InvalidOperationException>(() => database.Write<int>(s =>
        {
            s.Execute("INSERT INTO t(name) VALUES('x')");
            throw new InvalidOperationException("no");
        }));
        Assert.False(database.Read(s => s.Any("SELECT 1 FROM t")));
        Assert.Equal(1, database.Write(s => s.Execute("INSERT INTO t(name) VALUES('x')")));
    }

    [Fact]
    public void An_older_database_is_migrated_once_and_a_newer_one_is_refused_with_a_sentence()
    {
        using (var old = SqliteDatabase.Open(File, First))
        {
            old.Write(s => s.Execute("INSERT INTO t(name) VALUES('x')"));
        }
        using (var migrated = SqliteDatabase.Open(File, Second))
        {
            Assert.Equal(1, migrated.Read(s => s.Number("SELECT age FROM t")));
        }
        using var behind = SqliteDatabase.Open(File, First);
        var refusal = Assert.Throws<SqliteStoreException>(() => behind.Read(s => s.Number("SELECT 1")));
        Assert.Equal(SqliteProblem.Newer, refusal.Problem);
        Assert.Contains("newer strata", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SqliteProblem.Newer, Assert.Throws<SqliteStoreException>(() => behind.Write(s => 1)).Problem);
    }

    [Fact]
    public void A_program_that_was_overtaken_by_a_newer_one_writes_no_more()
    {
        using var old = SqliteDatabase.Open(File, First);
        old.Write(s => s.Execute("INSERT INTO t(name) VALUES('x')"));
        using var newer = SqliteDatabase.Open(File, Second);
        newer.Write(s => 1);
        Assert.Equal(SqliteProblem.Newer, Assert.Throws<SqliteStoreException>(() => old.Write(s => s.Execute("DELETE FROM t"))).Problem);
        Assert.Equal(1, newer.Read(s => s.Number("SELECT count(*) FROM t")));
    }

    [Fact]
    public void A_program_works_on_beside_a_newer_one_that_only_added_columns_and_the_file_keeps_its_version()
    {
        using var old = SqliteDatabase.Open(File, First);
        old.Write(s => s.Execute("INSERT INTO t(name) VALUES('x')"));
        var adding = Second with { Needed = 1 };
        using (var newer = SqliteDatabase.Open(File, adding))
        {
            Assert.Equal(1, newer.Read(s => s.Number("SELECT age FROM t")));
        }
        Assert.Equal(1, old.Write(s => s.Execute("INSERT INTO t(name) VALUES('y')")));
        using (var another = SqliteDatabase.Open(File, First))
        {
            Assert.Equal(2, another.Read(s => s.Number("SELECT count(*) FROM t")));
            another.Write(s => s.Execute("DELETE FROM t WHERE name='x'"));
        }
        // Had the old one set it back, the column would be added twice.
        using var again = SqliteDatabase.Open(File, adding);
        Assert.Equal(1, again.Write(s => s.Execute("UPDATE t SET age=2")));
        var third = new SqliteSchema(First.ApplicationId, First.Subject, [.. Second.Migrations, "CREATE TABLE u(i INTEGER)"]);
        using var breaking = SqliteDatabase.Open(File, third);
        breaking.Write(s => 1);
        Assert.Equal(SqliteProblem.Newer, Assert.Throws<SqliteStoreException>(() => old.Write(s => s.Execute("DELETE FROM t"))).Problem);
    }

    [Fact]
    public void Somebody_elses_file_is_refused()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        using var text = SqliteDatabase.Open(File, First);
        Assert.Equal(SqliteProblem.Corrupt, Assert.Throws<SqliteStoreException>(() => text.Read(s => 1)).Problem);

        var other = System.IO.Path.Combine(_folder, "other.db");
        using (var theirs = SqliteDatabase.Open(other, First with { ApplicationId = 99 }))
        {
            theirs.Write(s => 1);
        }
        using var ours = SqliteDatabase.Open(other, First);
        Assert.Contains("another program's", Assert.Throws<SqliteStoreException>(() => ours.Write(s => 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_named_in_the_error()
    {
        using var database = SqliteDatabase.Open(System.IO.Path.Combine(_folder, "none", "a.db"), First);
        var e = Assert.Throws<SqliteStoreException>(() => database.Read(s => 1));
        Assert.Equal(SqliteProblem.CannotOpen, e.Problem);
        Assert.Contains("none/a.db", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_openers_at_once_make_one_database()
    {
        await Parallel.ForAsync(0, 16, async (i, cancellationToken) =>
        {
            using var database = SqliteDatabase.Open(File, Second);
            await database.WriteAsync(s => s.Execute("INSERT INTO t(name) VALUES(?1)", $"{i}"), cancellationToken);
        });
        using var after = SqliteDatabase.Open(File, Second);
        Assert.Equal(16, after.Read(s => s.Number("SELECT count(*) FROM t")));
    }

    [Fact]
    public void Statements_seen_together_see_one_state()
    {
        using var database = SqliteDatabase.Open(File, First);
        database.Write(s => 1);
        var (before, after) = database.ReadTogether(s =>
        {
            var first = s.Number("SELECT count(*) FROM t");
            database.Write(w => w.Execute("INSERT INTO t(name) VALUES('x')"));
            return (first, s.Number("SELECT count(*) FROM t"));
        });
        Assert.Equal(before, after);
        Assert.Equal(1, database.Read(s => s.Number("SELECT count(*) FROM t")));
    }

    [Fact]
    public void A_statement_may_run_inside_itself()
    {
        using var database = SqliteDatabase.Open(File, First);
        database.Write(s => s.Execute("INSERT INTO t(name) VALUES('a'), ('b')"));
        const string sql = "SELECT name FROM t ORDER BY id";
        var pairs = database.Read(s => s.Query(sql, outer => outer.Text(0) + string.Concat(s.Query(sql, inner => inner.Text(0)))));
        Assert.Equal(["aab", "bab"], pairs);
    }

    [Fact]
    public async Task A_cancelled_command_that_has_not_begun_does_not_happen()
    {
        using var database = SqliteDatabase.Open(File, First);
        using var began = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var slow = database.WriteAsync(
            _ =>
            {
                began.Set();
                release.Wait();
                return 1;
            },
            CancellationToken.None);
        began.Wait();
        using var source = new CancellationTokenSource();
        var cancelled = database.WriteAsync(s => s.Execute("INSERT INTO t(name) VALUES('x')"), source.Token);
        await source.CancelAsync();
        release.Set();
        await slow;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(database.Read(s => s.Any("SELECT 1 FROM t")));
    }

    [Fact]
    public async Task Two_databases_over_one_file_wait_for_each_other()
    {
        using var one = SqliteDatabase.Open(File, First);
        using var two = SqliteDatabase.Open(File, First);
        var writes = Enumerable.Range(0, 500).SelectMany(i => new[] { one, two }.Select(d =>
            d.WriteAsync(s => s.Execute("INSERT INTO t(name) VALUES(?1)", Guid.NewGuid().ToString()), CancellationToken.None)));
        await Task.WhenAll(writes);
        Assert.Equal(1000, one.Read(s => s.Number("SELECT count(*) FROM t")));
    }

    [Fact]
    public void A_locked_database_is_reported_after_the_time_allowed()
    {
        using var one = SqliteDatabase.Open(File, First);
        using var two = SqliteDatabase.Open(File, First, new SqliteOptions { BusyTimeout = TimeSpan.FromMilliseconds(30) });
        one.Write(s =>
        {
            s.Execute("INSERT INTO t(name) VALUES('x')");
            Assert.Equal(SqliteProblem.Busy, Assert.Throws<SqliteStoreException>(() => two.Write(w => w.Execute("INSERT INTO t(name) VALUES('y')"))).Problem);
            return 1;
        });
        Assert.Equal(1, two.Write(w => w.Execute("INSERT INTO t(name) VALUES('y')")));
    }

    [Fact]
    public async Task Speed_is_printed()
    {
        using var database = SqliteDatabase.Open(File, First);
        database.Write(s => 1);
        var clock = Stopwatch.StartNew();
        const int callers = 32, each = 1000;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(c => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                await database.WriteAsync(s => s.Execute("INSERT INTO t(name) VALUES(?1)", $"{c}/{i}"), CancellationToken.None);
            }
        })));
        TestContext.Current.SendDiagnosticMessage($"group commit: {callers * each / clock.Elapsed.TotalSeconds:N0} rows/s");
        clock.Restart();
        for (var i = 0; i < 100_000; i++)
        {
            database.Read(s => s.Number("SELECT id FROM t WHERE name=?1", "3/77"));
        }
        TestContext.Current.SendDiagnosticMessage($"point reads: {100_000 / clock.Elapsed.TotalSeconds:N0}/s");
        database.Dispose();
        clock.Restart();
        using (var again = SqliteDatabase.Open(File, First))
        {
            again.Write(s => s.Execute("INSERT INTO t(name) VALUES('one more')"));
        }
        TestContext.Current.SendDiagnosticMessage($"open, one write, close: {clock.Elapsed.TotalMilliseconds:N1} ms");
        using var check = SqliteDatabase.Open(File, First);
        Assert.Equal((callers * each) + 1, check.Read(s => s.Number("SELECT count(*) FROM t")));
    }
}
