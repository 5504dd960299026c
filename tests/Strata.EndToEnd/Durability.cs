namespace Strata.EndToEnd;

/// <summary>
/// What is acknowledged is on the disk: every path that publishes in the store writes, syncs, renames, syncs the folder, then commits the
/// row, then speaks; what is removed goes after its row.
/// </summary>
public sealed class Durability
{
    [Fact]
    public async Task Import_build_pull_load_and_copy_acknowledge_nothing_before_it_is_durable()
    {
        await using var place = await OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        await InOrderAsync(place, place.StoreRoot, "import", Tars.Make(place, "first"), "localhost/first:1");
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
    public async Task Tag_and_rmi_end_when_their_rows_are_durable_and_files_go_after_their_rows()
    {
        await using var place = await OpenAsync();
        var (tagged, tag) = await SystemCallTrace.OfAsync(place, place.StoreRoot, "tag", Workplace.Base, "localhost/tagged-once:1");
        tagged.Succeeded();
        Assert.Empty(tag.RowDisorder("localhost/tagged-once"));
        Assert.NotEmpty(tag.Without(SystemCallTrace.IsLogSync).RowDisorder("localhost/tagged-once"));

        (await place.StrataAsync("import", Tars.Make(place, "gone"), "localhost/gone:1")).Succeeded();
        var (removed, rmi) = await SystemCallTrace.OfAsync(place, place.StoreRoot, "rmi", "localhost/gone:1");
        removed.Succeeded();
        Assert.True(rmi.Removed(Published(place.StoreRoot)) > 0, "rmi removed no file");
        Assert.Empty(rmi.RemovalDisorder(Published(place.StoreRoot)));
        Assert.NotEmpty(rmi.Without(SystemCallTrace.IsLogSync).RemovalDisorder(Published(place.StoreRoot)));
    }

    [Fact]
    public async Task The_check_finds_each_step_that_is_left_out()
    {
        await using var place = await OpenAsync();
        var folders = Published(place.StoreRoot);
        var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, "import", Tars.Make(place, "one"), "localhost/one:1");
        result.Succeeded();

        Assert.Contains(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.Contains(".tmp-", StringComparison.Ordinal)).Disorder("sha256:", folders),
            problem => problem.Contains("before its bytes were synced", StringComparison.Ordinal));
        Assert.Contains(trace.Without(call => SystemCallTrace.IsSync(call) && folders.Any(folder => call.Path.StartsWith(folder, StringComparison.Ordinal)
                && !call.Path.Contains(".tmp-", StringComparison.Ordinal))).Disorder("sha256:", folders),
            problem => problem.Contains("the folder of", StringComparison.Ordinal));
        Assert.Contains(trace.Without(SystemCallTrace.IsLogSync).Disorder("sha256:", folders), problem => problem.Contains("row", StringComparison.Ordinal));
        Assert.Contains(trace.Without(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal)).Disorder("sha256:", folders),
            problem => problem.Contains("never said", StringComparison.Ordinal));
        var early = new SystemCallTrace([.. trace.All.Select(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal) ? call with { Begun = 0, Ended = 0 } : call)]);
        Assert.Contains(early.Disorder("sha256:", folders), problem => problem.Contains("it was said before", StringComparison.Ordinal));
    }

    internal static async Task<Workplace> OpenAsync()
    {
        Assert.SkipUnless(Command.Exists("strace"), "strace is not installed");
        return await Workplace.OpenAsync();
    }

    private static async Task InOrderAsync(Workplace place, string root, params string[] arguments)
    {
        var (result, trace) = await SystemCallTrace.OfAsync(place, root, arguments);
        var said = result.Succeeded().LastLine;
        var folders = Published(root);
        Assert.Empty(trace.Disorder(said, folders));
        Assert.True(trace.Published(folders) > 1, $"{arguments[0]} published {trace.Published(folders)} files");
        // The check would see it, on this path too.
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.Contains(".tmp-", StringComparison.Ordinal)).Disorder(said, folders));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && !call.Path.Contains(".tmp-", StringComparison.Ordinal) && !call.Path.EndsWith("-wal", StringComparison.Ordinal)).Disorder(said, folders));
        Assert.NotEmpty(trace.Without(SystemCallTrace.IsLogSync).Disorder(said, folders));
    }

    private static string[] Published(string root) => [Path.Combine(root, "blobs"), Path.Combine(root, "layers")];
}
