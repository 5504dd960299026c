using System.Diagnostics;
using Strata.Oci;
using Strata.Sqlite;

namespace Strata.Store.Tests;

/// <summary>A store of several hundred thousand rows is asked by keys; nothing that a person waits for reads a whole table.</summary>
public sealed class ManyObjectsTests : StoreTest
{
    private const int Many = 100_000;

    private static string Hash(string what) => "'sha256:' || printf('%064x', " + what + ")";

    /// <summary>As many blobs, as many layers and nearly as many build steps; every tenth layer is of an image of ten layers, the others are of build steps.</summary>
    private void Fill(int layers) => OpenContext().Database.Write(session =>
    {
        session.Execute("CREATE TEMP TABLE n(i INTEGER PRIMARY KEY)");
        session.Execute("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<?1) INSERT INTO n SELECT i FROM c", layers);
        session.Execute($"INSERT INTO blobs SELECT {Hash("i")}, 1000, 1 FROM n");
        session.Execute($"INSERT INTO layers SELECT {Hash("i + 1000000")}, 1, 2000, 1, 1 FROM n");
        session.Execute($"INSERT INTO layer_bodies SELECT {Hash("i + 1000000")}, {Hash("i")}, 'application/vnd.oci.image.layer.v1.tar+gzip', NULL, 1 FROM n");
        session.Execute($"INSERT INTO images(id, created, os, architecture, variant, added) SELECT {Hash("i + 2000000")}, i, 'linux', 'amd64', NULL, i FROM n WHERE i%100=0");
        session.Execute($"INSERT INTO blobs SELECT {Hash("i + 2000000")}, 1000, 1 FROM n WHERE i%100=0");
        session.Execute($"INSERT INTO image_layers SELECT {Hash("(i - i%100 + 100) + 2000000")}, i%100, {Hash("i + 1000000")} FROM n WHERE i%10=0 AND i<?1 - 100", layers);
        session.Execute($"INSERT INTO build_steps SELECT {Hash("i + 3000000")}, 'RUN', x'00', 1000, i, i FROM n WHERE i%10<>0");
        session.Execute($"INSERT INTO build_step_layers SELECT {Hash("i + 3000000")}, {Hash("i + 1000000")} FROM n WHERE i%10<>0");
        session.Execute($"INSERT INTO names SELECT 'docker.io/library/app:' || i, {Hash("i + 2000000")}, NULL, 1 FROM n WHERE i%100=0");
        session.Execute("DROP TABLE n");
        return true;
    });

    [Fact]
    public async Task Removing_and_finding_one_image_among_hundreds_of_thousands_of_objects_is_quick()
    {
        Fill(Many);
        var clock = Stopwatch.StartNew();
        Assert.IsType<ImageLookup.Found>(Store.Images.Find("app:5000"));
        Assert.IsType<ImageLookup.Found>(Store.Images.Find(Digest.Parse("sha256:" + (5000 + 2_000_000).ToString("x64", null)).ToString()));
        Assert.IsType<RemoveResult.Removed>(await Store.Maintenance.RemoveImageAsync("app:5000", force: false, Stop));
        var taken = clock.Elapsed;
        TestContext.Current.SendDiagnosticMessage($"find twice, remove: {taken.TotalMilliseconds:N0} ms");
        Assert.InRange(taken, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        clock.Restart();
        Assert.Equal((Many / 100) - 1, Store.Images.List().Count);
        TestContext.Current.SendDiagnosticMessage($"list {Many / 100}: {clock.Elapsed.TotalMilliseconds:N0} ms");
        clock.Restart();
        Assert.Equal((Many / 100) - 1, Store.Maintenance.DiskUsage().Images.Count);
        TestContext.Current.SendDiagnosticMessage($"disk usage: {clock.Elapsed.TotalMilliseconds:N0} ms");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void No_removal_of_one_image_reads_a_whole_table()
    {
        Fill(1000);
        var scans = GarbageRules.Content.Append(GarbageRules.DanglingImages with { With = "WITH held(digest) AS (SELECT '')" })
            .SelectMany(rule => PlanOf(rule.Select(only: true)).Where(IsScan).Select(step => $"{rule.Kind}: {step}"));
        Assert.Empty(scans);
    }

    [Fact]
    public void A_prune_goes_through_each_table_by_its_key_and_looks_into_the_others_by_theirs()
    {
        Fill(1000);
        foreach (var rule in GarbageRules.Content.Append(GarbageRules.BuildSteps))
        {
            var plan = PlanOf(rule.Select(only: false));
            Assert.Contains(plan, step => step.StartsWith($"SEARCH {rule.Table} ", StringComparison.Ordinal));
            Assert.DoesNotContain(plan, IsScan);
            Assert.DoesNotContain(plan, step => step.Contains("TEMP B-TREE", StringComparison.Ordinal));
        }
    }

    private static bool IsScan(string step) => step.StartsWith("SCAN ", StringComparison.Ordinal) && !step.Contains("json_each", StringComparison.Ordinal) && !step.Contains("CONSTANT ROW", StringComparison.Ordinal)
        // What names hold, found once.
        && step != "SCAN held";

    private List<string> PlanOf(string sql) =>
        OpenContext().Database.Read((SqliteSession s) => s.Query("EXPLAIN QUERY PLAN " + sql, static row => row.Text(3)));
}
