namespace Strata.EndToEnd;

/// <summary>What a verification with repair puts in the place of what was damaged is on the disk before it says so.</summary>
public sealed class DurabilityOfRepairs
{
    [Fact]
    public async Task A_blob_that_is_replaced_is_durable_before_the_store_is_called_whole()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var image = $"{registry}/victim:1";
        var before = Blobs(place.StoreRoot);
        (await place.StrataAsync("import", Tars.Make(place, "victim"), image)).Succeeded();
        var imported = Blobs(place.StoreRoot).Except(before).ToArray();
        (await place.StrataAsync("push", "-q", image)).Succeeded();
        var compressed = Blobs(place.StoreRoot).Except(before).Except(imported).ToArray();
        Assert.Single(compressed);

        // The tar from its compressed form and the config from the registry; then the compressed form from the tar.
        foreach (var damaged in new[] { imported, compressed })
        {
            foreach (var blob in damaged)
            {
                await File.WriteAllTextAsync(blob, "damaged", TestContext.Current.CancellationToken);
            }
            var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, "system", "verify", "--repair");
            var said = result.Succeeded().LastLine;
            Assert.Equal("The store is whole again.", said);
            foreach (var blob in damaged)
            {
                Assert.Empty(trace.FileDisorder(blob, said));
                var rename = trace.All.Last(call => call.Target == blob);
                Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == rename.Path).FileDisorder(blob, said));
                Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == Path.GetDirectoryName(blob)).FileDisorder(blob, said));
                Assert.NotEmpty(trace.Without(call => call == rename).FileDisorder(blob, said));
            }
            // The row of what is only replaced stands all the while: no file of it may go.
            Assert.Equal(0, trace.Removed(Path.Combine(place.StoreRoot, "blobs")));
            (await place.StrataAsync("system", "verify")).Succeeded();
        }
    }

    [Fact]
    public async Task A_layer_that_is_made_again_has_its_row_after_its_file_and_before_it_is_said()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var image = $"{registry}/base:1";
        (await place.StrataAsync("tag", Workplace.Base, image)).Succeeded();
        (await place.StrataAsync("push", "-q", image)).Succeeded();
        // A store of its own has only the compressed form of the layer, which no registry gives again; and the directory that a container ran in.
        var root = place.PathOf("other");
        (await place.StrataInAsync(root, "pull", "-q", image)).Succeeded();
        (await place.StrataInAsync(root, "run", "--rm", image, "true")).Succeeded();
        await place.StopAllAsync();
        var compressed = Blobs(root).MaxBy(blob => new FileInfo(blob).Length)!;
        await File.WriteAllTextAsync(compressed, "damaged", TestContext.Current.CancellationToken);

        var (result, trace) = await SystemCallTrace.OfAsync(place, root, "system", "verify", "--repair", "--format", "json");
        Assert.Contains("made again, to the byte, from its recipe", result.Succeeded().Output, StringComparison.Ordinal);
        var folders = Path.Combine(root, "blobs");
        const string said = "made again, to the byte";
        Assert.Equal(1, trace.Published(folders));
        Assert.Empty(trace.Disorder(said, folders));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.Contains(".tmp-", StringComparison.Ordinal)).Disorder(said, folders));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path.StartsWith(folders, StringComparison.Ordinal)
            && !call.Path.Contains(".tmp-", StringComparison.Ordinal)).Disorder(said, folders));
        Assert.NotEmpty(trace.Without(SystemCallTrace.IsLogSync).Disorder(said, folders));
        // The damaged form is forgotten first, and its file goes then.
        Assert.False(File.Exists(compressed), "the damaged form is still there");
        Assert.Empty(trace.RemovalDisorder(folders));
        (await place.StrataInAsync(root, "system", "verify")).Succeeded();
    }

    private static string[] Blobs(string root) => Directory.GetFiles(Path.Combine(root, "blobs"), "*", SearchOption.AllDirectories);
}
