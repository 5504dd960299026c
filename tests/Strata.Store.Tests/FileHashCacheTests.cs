using System.Diagnostics;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Store.Tests;

public sealed class FileHashCacheTests : StoreTest
{
    private static FileIdentity File(int i) => new(ulong.MaxValue, (ulong)i, i, new FileTime(1_700_000_000 + i, 123), new FileTime(1_700_000_000, 5));

    [Fact]
    public async Task A_file_that_changed_in_any_way_is_not_known()
    {
        var file = File(7);
        await Store.BuildCache.FileHashes.PutAsync([KeyValuePair.Create(file, Digest.Of("x"u8))], Stop);
        var found = Store.BuildCache.FileHashes.Find(new[]
        {
            file, file with { Size = 8 }, file with { Modified = new FileTime(1, 123) }, file with { Changed = new FileTime(1_700_000_000, 6) }, file with { Inode = 9 },
        });
        Assert.Equal([Digest.Of("x"u8), null, null, null, null], found);
    }

    [Fact]
    public async Task Fifty_thousand_files_are_quick()
    {
        var files = Enumerable.Range(0, 50_000).Select(i => KeyValuePair.Create(File(i), Digest.Of(BitConverter.GetBytes(i)))).ToList();
        _ = Store.Images.List();
        var clock = Stopwatch.StartNew();
        await Store.BuildCache.FileHashes.PutAsync(files, Stop);
        TestContext.Current.SendDiagnosticMessage($"put 50,000 hashes: {clock.Elapsed.TotalMilliseconds:N0} ms");
        clock.Restart();
        var found = Store.BuildCache.FileHashes.Find(files.Select(f => f.Key).ToArray());
        TestContext.Current.SendDiagnosticMessage($"find 50,000 hashes: {clock.Elapsed.TotalMilliseconds:N0} ms");
        Assert.Equal(files.Select(f => (Digest?)f.Value), found);
    }
}
