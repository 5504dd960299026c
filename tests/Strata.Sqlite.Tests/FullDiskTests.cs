using Strata.Testing;

namespace Strata.Sqlite.Tests;

/// <summary>What a database still does where not one byte can be written.</summary>
public sealed class FullDiskTests
{
    private static readonly SqliteSchema Schema = new(0x7374, "store", ["CREATE TABLE t(id INTEGER PRIMARY KEY, body BLOB)"]) { WhenFull = "Make room" };

    private static long Count(SqliteDatabase database) => database.Read(s => s.Number("SELECT count(*) FROM t"))!.Value;

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public async Task A_database_on_a_full_disk_is_read_by_several_at_once_and_says_that_it_can_not_be_written(string type)
    {
        using var disk = SmallDisk.Mount(type, 8);
        var path = Path.Combine(disk.Path, "t.db");
        using (var database = SqliteDatabase.Open(path, Schema))
        {
            database.Write(s => s.Execute("INSERT INTO t(body) VALUES(zeroblob(100000))"));
        }
        disk.Fill();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var another = SqliteDatabase.Open(path, Schema);
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(1, Count(another));
            }
        })));
        using (var database = SqliteDatabase.Open(path, Schema))
        {
            var full = Assert.Throws<SqliteStoreException>(() => database.Write(s => s.Execute("INSERT INTO t(body) VALUES(zeroblob(100000))")));
            Assert.Equal(SqliteProblem.Full, full.Problem);
            Assert.Contains("is full", full.Message, StringComparison.Ordinal);
            Assert.EndsWith("Make room", full.Message, StringComparison.Ordinal);
            Assert.Equal(1, Count(database));
            disk.Empty();
            database.Write(s => s.Execute("INSERT INTO t(body) VALUES(zeroblob(100000))"));
            Assert.Equal(2, Count(database));
        }
    }

    [Fact]
    public void What_a_reader_without_locks_saw_is_read_again_when_somebody_wrote_meanwhile()
    {
        Privileges.NeedRoot();
        using var folder = new TemporaryFolder();
        var (here, there) = (folder.File("here"), folder.File("there"));
        Directory.CreateDirectory(here);
        Directory.CreateDirectory(there);
        using var writer = SqliteDatabase.Open(Path.Combine(here, "t.db"), Schema);
        writer.Write(s => s.Execute("INSERT INTO t(body) VALUES(NULL)"));
        writer.Dispose();
        Linux.Mounts.Bind(here, there, recursive: false, readOnly: true);
        try
        {
            using var reader = SqliteDatabase.Open(Path.Combine(there, "t.db"), Schema);
            var times = 0;
            var count = reader.Read(s =>
            {
                var seen = s.Number("SELECT count(*) FROM t");
                if (++times == 1)
                {
                    using var another = SqliteDatabase.Open(Path.Combine(here, "t.db"), Schema);
                    another.Write(w => w.Execute("INSERT INTO t(body) VALUES(NULL)"));
                }
                return seen;
            });
            Assert.Equal((2, 2L), (times, count));
            var refused = Assert.Throws<SqliteStoreException>(() => reader.Write(s => s.Execute("DELETE FROM t")));
            Assert.Equal(SqliteProblem.ReadOnly, refused.Problem);
            Assert.Contains("mounted read-only", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Linux.Mounts.Unmount(there, detach: true);
        }
    }

    [Fact]
    public void A_log_that_nobody_put_in_order_is_read_where_its_index_is_there_and_refused_where_not()
    {
        Privileges.NeedRoot();
        using var folder = new TemporaryFolder();
        var (here, left, there) = (folder.File("here"), folder.File("left"), folder.File("there"));
        Array.ForEach([here, left, there], path => Directory.CreateDirectory(path));
        using (var writer = SqliteDatabase.Open(Path.Combine(here, "t.db"), Schema))
        {
            writer.Write(s => s.Execute("INSERT INTO t(body) VALUES(NULL)"));
            // As a machine leaves it that loses its power.
            Array.ForEach(Directory.GetFiles(here), file => File.Copy(file, Path.Combine(left, Path.GetFileName(file))));
        }
        Linux.Mounts.Bind(left, there, recursive: false, readOnly: true);
        try
        {
            using (var reader = SqliteDatabase.Open(Path.Combine(there, "t.db"), Schema))
            {
                Assert.Equal(1, Count(reader));
            }
            File.Delete(Path.Combine(left, "t.db-shm"));
            using (var reader = SqliteDatabase.Open(Path.Combine(there, "t.db"), Schema))
            {
                Assert.Contains("not closed", Assert.Throws<SqliteStoreException>(() => Count(reader)).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Linux.Mounts.Unmount(there, detach: true);
        }
    }

    [Fact]
    public void A_database_in_memory_is_empty_and_needs_no_file()
    {
        using var database = SqliteDatabase.Open("/nowhere/t.db", Schema with { IsInMemory = true });
        Assert.Equal(0, Count(database));
        Assert.Equal(0, database.Write(s => s.Execute("DELETE FROM t")));
    }
}
