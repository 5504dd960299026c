namespace Strata.EndToEnd;

/// <summary>
/// What is acknowledged is on the disk: every path that publishes writes, syncs, renames, syncs the folder, then commits the row, then
/// speaks. And a disk that fails in the middle leaves the store whole.
/// </summary>
public sealed class Durability
{
    private const int MostFaults = 60;

    [Fact]
    public async Task Import_build_pull_load_and_copy_acknowledge_nothing_before_it_is_durable()
    {
        await using var place = await OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        await InOrderAsync(place, place.StoreRoot, "import", Tar(place, "first"), "localhost/first:1");
        var context = place.Context("context", ("Dockerfile", $"FROM {Workplace.Base}\nCOPY a /a\nRUN echo b > /b\n"), ("a", "a"));
        await InOrderAsync(place, place.StoreRoot, "build", "-q", "-t", $"{registry}/built:1", context);
        (await place.StrataAsync("push", "-q", $"{registry}/built:1")).Succeeded();
        // Into a store of its own: pages of a database keep the bytes of rows that were deleted, and would be taken for the new row.
        await InOrderAsync(place, place.PathOf("other"), "pull", "-q", $"{registry}/built:1");
        (await place.StrataAsync("save", "-o", place.PathOf("built.tar"), $"{registry}/built:1")).Succeeded();
        await InOrderAsync(place, place.PathOf("loaded"), "load", "-i", place.PathOf("built.tar"));
        await InOrderAsync(place, place.PathOf("copied"), "copy", $"docker://{registry}/built:1", "store:localhost/copied:1");
    }

    [Fact]
    public async Task A_registry_acknowledges_no_blob_before_it_is_durable()
    {
        await using var place = await OpenAsync();
        var file = place.PathOf("registry-trace");
        var server = place.StartOther("strace", null, [.. SystemCallTrace.Traced(file), "registry", "serve", "--data", place.PathOf("data"), "--listen", "127.0.0.1:0"]);
        var registry = await RegistryProcess.AddressOfAsync(server);
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/base:1")).Succeeded();
        await place.StopAllAsync();

        var trace = SystemCallTrace.Read(File.ReadLines(file));
        var blobs = place.PathOf("data", "blobs");
        Assert.Empty(trace.RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && Path.GetDirectoryName(call.Path) == blobs).RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == blobs).RegistryDisorder(blobs));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.EndsWith("-wal", StringComparison.Ordinal)).RegistryDisorder(blobs));
    }

    [Fact]
    public async Task The_check_finds_each_step_that_is_left_out()
    {
        await using var place = await OpenAsync();
        var folders = Published(place.StoreRoot);
        var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, "import", Tar(place, "one"), "localhost/one:1");
        result.Succeeded();

        Assert.Contains(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.Contains(".tmp-", StringComparison.Ordinal)).Disorder("sha256:", folders),
            problem => problem.Contains("before its bytes were synced", StringComparison.Ordinal));
        Assert.Contains(trace.Without(call => SystemCallTrace.IsSync(call) && folders.Any(folder => call.Path.StartsWith(folder, StringComparison.Ordinal)
                && !call.Path.Contains(".tmp-", StringComparison.Ordinal))).Disorder("sha256:", folders),
            problem => problem.Contains("the folder of", StringComparison.Ordinal));
        Assert.Contains(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.EndsWith("-wal", StringComparison.Ordinal)).Disorder("sha256:", folders),
            problem => problem.Contains("row", StringComparison.Ordinal));
        Assert.Contains(trace.Without(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal)).Disorder("sha256:", folders),
            problem => problem.Contains("never said", StringComparison.Ordinal));
        var early = new SystemCallTrace([.. trace.All.Select(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal) ? call with { Begun = 0, Ended = 0 } : call)]);
        Assert.Contains(early.Disorder("sha256:", folders), problem => problem.Contains("it was said before", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("fsync:error=EIO")]
    [InlineData("pwrite64:error=ENOSPC")]
    [InlineData("renameat,renameat2:signal=KILL")]
    [InlineData("fsync:signal=KILL")]
    public async Task A_disk_that_fails_at_any_call_leaves_a_whole_store_and_the_next_try_succeeds(string fault)
    {
        await using var place = await OpenAsync();
        var tar = Tar(place, "tried");
        var came = false;
        for (var when = 1; when <= MostFaults && !came; when++)
        {
            var tried = await InjectedAsync(place, $"{fault}:when={when}", "import", tar, "localhost/tried:1");
            came = tried.ExitCode == 0;
            if (!came && !fault.Contains("KILL", StringComparison.Ordinal))
            {
                tried.FailedSaying("error:", "disk");
            }
            (await place.StrataAsync("tag", Workplace.Base, "localhost/after:1")).Succeeded();
            (await place.StrataAsync("system", "verify")).Succeeded();
            Assert.Empty(Remains.Temporaries(place.StoreRoot));
            var listed = (await place.StrataAsync("images", "-q", "localhost/tried")).Succeeded().Output;
            Assert.True(!came || listed.Trim().Length > 0, $"acknowledged with the fault {fault} at call {when}, but not there");
            if (listed.Trim().Length > 0 && !came)
            {
                (await place.StrataAsync("rmi", "-f", "localhost/tried:1")).Succeeded();
            }
        }
        Assert.True(came, $"{fault} still struck at call {MostFaults}");
        (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).Succeeded();
    }

    private static async Task<Workplace> OpenAsync()
    {
        Assert.SkipUnless(Command.Exists("strace"), "strace is not installed");
        return await Workplace.OpenAsync();
    }

    private static async Task InOrderAsync(Workplace place, string root, params string[] arguments)
    {
        var (result, trace) = await SystemCallTrace.OfAsync(place, root, arguments);
        var said = result.Succeeded().LastLine;
        Assert.Empty(trace.Disorder(said, Published(root)));
        Assert.True(trace.Published(Published(root)) > 1, $"{arguments[0]} published {trace.Published(Published(root))} files");
    }

    private static string[] Published(string root) => [Path.Combine(root, "blobs"), Path.Combine(root, "layers")];

    private static Task<CommandResult> InjectedAsync(Workplace place, string fault, params string[] arguments) => Command.RunAsync(
        "strace", ["-f", "-o", "/dev/null", "-e", $"inject={fault}", Workplace.Executable, .. arguments], place.Environment(place.StoreRoot));

    private static string Tar(Workplace place, string name)
    {
        var file = place.PathOf(name + ".tar");
        using var tar = new System.Formats.Tar.TarWriter(File.Create(file), System.Formats.Tar.TarEntryFormat.Ustar, leaveOpen: false);
        tar.WriteEntry(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[100_000]) });
        return file;
    }
}
