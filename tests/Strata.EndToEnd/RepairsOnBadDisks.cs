namespace Strata.EndToEnd;

/// <summary><c>system verify --repair</c> of a pulled layer, where the store's own disk fails.</summary>
public sealed class RepairsOnBadDisks
{
    [Fact]
    public async Task A_blob_that_the_disk_does_not_give_is_found_beside_all_others()
    {
        await using var place = await Durability.OpenAsync();
        var blob = await PulledAsync(place);
        var found = await Command.RunAsync(
            "strace",
            ["-f", "-o", "/dev/null", "-P", blob, "-e", "trace=pread64", "-e", "inject=pread64:error=EIO:when=1", Workplace.Executable, "system", "verify"],
            place.Environment(place.StoreRoot));
        Assert.Equal(1, found.ExitCode);
        Assert.Contains($"blob sha256:{Path.GetFileName(blob)} can't be read: Input/output error", found.Error, StringComparison.Ordinal);
        Assert.Contains("\n1 found; ", found.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_that_the_disk_does_not_take_gives_nothing_up_and_the_next_one_succeeds()
    {
        await using var place = await Durability.OpenAsync();
        var blob = await PulledAsync(place);
        for (var call = 1; call <= 3; call++)
        {
            await File.WriteAllTextAsync(blob, "damaged", TestContext.Current.CancellationToken);
            var (failed, hit) = await DiskFaults.InjectedAsync(place, $"fsync,fdatasync:error=EIO:when={call}", ["system", "verify", "--repair"]);
            if (hit && failed.ExitCode != 0)
            {
                DiskFaults.AssertClear(failed, $"fsync {call} of a repair");
                // As it was, or come back already.
                Assert.True(File.Exists(blob), $"fsync {call} of a repair: the blob was given up");
                Assert.DoesNotContain("lacks", (await place.StrataAsync("system", "verify")).Error, StringComparison.Ordinal);
            }
        }
        Assert.Contains("The store is whole", (await place.StrataAsync("system", "verify", "--repair")).Succeeded().Output, StringComparison.Ordinal);
        (await place.StrataAsync("system", "verify")).Succeeded();
    }

    [Fact]
    public async Task An_image_that_can_not_be_made_whole_is_a_failure_that_says_what_to_do()
    {
        await using var place = await Durability.OpenAsync();
        (await place.StrataAsync("import", Tars.Make(place, "only"), "localhost/only:1")).Succeeded();
        var id = (await place.StrataAsync("images", "-q", "--no-trunc", "localhost/only:1")).Succeeded().Output.Trim()["sha256:".Length..];
        File.Delete(Path.Combine(place.StoreRoot, "blobs", "sha256", id[..2], id));
        foreach (var arguments in new[] { ["system", "verify", "--repair"], new[] { "system", "verify" } })
        {
            var result = await place.StrataAsync(arguments);
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("strata rmi", result.Error, StringComparison.Ordinal);
        }
        (await place.StrataAsync("inspect", "localhost/only:1")).FailedSaying("the config of the image 'localhost/only:1' is lost", "strata rmi localhost/only:1");
        (await place.StrataAsync("rmi", "localhost/only:1")).Succeeded();
        (await place.StrataAsync("system", "verify")).Succeeded();
    }

    /// <summary>The file of a layer that is here in this one form.</summary>
    private static async Task<string> PulledAsync(Workplace place)
    {
        var image = $"{await RegistryProcess.StartOwnAsync(place, "registry")}/victim:1";
        (await place.StrataAsync("import", Tars.Make(place, "victim", 600_000), image)).Succeeded();
        (await place.StrataAsync("push", "-q", image)).Succeeded();
        (await place.StrataAsync("rmi", "-f", image)).Succeeded();
        (await place.StrataAsync("pull", "-q", image)).Succeeded();
        return Directory.EnumerateFiles(Path.Combine(place.StoreRoot, "blobs"), "*", SearchOption.AllDirectories)
            .Single(file => new FileInfo(file).Length is > 500_000 and < 700_000);
    }
}
