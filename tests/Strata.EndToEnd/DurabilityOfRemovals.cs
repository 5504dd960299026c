namespace Strata.EndToEnd;

/// <summary>What a prune removes, and what a repair gives up: the row goes first and for good, then the file.</summary>
public sealed class DurabilityOfRemovals
{
    [Fact]
    public async Task A_prune_removes_no_file_before_its_row_is_gone_for_good()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("import", Tars.Make(place, "first"), $"{registry}/victim:1")).Succeeded();
        (await place.StrataAsync("import", Tars.Make(place, "second"), $"{registry}/victim:1")).Succeeded();
        await InOrderAsync(place, 0, "prune", "-f");

        (await place.StrataAsync("push", "-q", $"{registry}/victim:1")).Succeeded();
        await InOrderAsync(place, 0, "prune", "-a", "-f");
        Assert.Empty(Directory.GetFiles(Path.Combine(place.StoreRoot, "blobs"), "*", SearchOption.AllDirectories));

        // A tar that is kept compressed too, and what a build made. Notes of builds go with --all, after the files: so that came before.
        (await place.StrataAsync("import", Tars.Make(place, "third"), $"{registry}/victim:3")).Succeeded();
        (await place.StrataAsync("push", "-q", $"{registry}/victim:3")).Succeeded();
        var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", "a"));
        (await place.StrataAsync("build", "-q", "-t", "localhost/built:1", context)).Succeeded();
        (await place.StrataAsync("rmi", "localhost/built:1")).Succeeded();
        await InOrderAsync(place, 0, "prune", "-f", "--keep-storage", "1");
    }

    [Fact]
    public async Task A_repair_removes_no_file_before_its_row_is_gone_for_good()
    {
        await using var place = await Durability.OpenAsync();
        var blobs = Path.Combine(place.StoreRoot, "blobs");
        var tar = Directory.GetFiles(blobs, "*", SearchOption.AllDirectories).MaxBy(blob => new FileInfo(blob).Length)!;
        await File.WriteAllTextAsync(tar, "damaged", TestContext.Current.CancellationToken);
        // It fails, as the image is not whole any more.
        await InOrderAsync(place, 1, "system", "verify", "--repair");
        Assert.False(File.Exists(tar), "what can't be made again is still there");
    }

    private static async Task InOrderAsync(Workplace place, int exitCode, params string[] arguments)
    {
        string[] folders = [Path.Combine(place.StoreRoot, "blobs"), Path.Combine(place.StoreRoot, "layers")];
        var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, arguments);
        Assert.True(result.ExitCode == exitCode, result.Everything);
        Assert.True(trace.Removed(folders) > 0, $"{result.Name} removed no file");
        Assert.Empty(trace.RemovalDisorder(folders));
        // The check would see a row that is not for good, and one that comes late.
        Assert.NotEmpty(trace.Without(SystemCallTrace.IsLogSync).RemovalDisorder(folders));
        var early = new SystemCallTrace([.. trace.All.OrderBy(call => call.Name == "unlink" ? 0 : 1).Select((call, order) => call with { Begun = order, Ended = order })]);
        Assert.NotEmpty(early.RemovalDisorder(folders));
    }
}
