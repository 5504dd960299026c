namespace Strata.EndToEnd;

/// <summary>What strata writes outside of its store: archives, layouts, logins, ids. Whole and durable under their names before the command ends.</summary>
public sealed class DurabilityOfFiles
{
    [Fact]
    public async Task Archives_are_durable_before_save_and_copy_end()
    {
        await using var place = await Durability.OpenAsync();
        foreach (var (name, arguments) in new (string, string[])[]
        {
            ("docker.tar", ["save", "-q", "-o", place.PathOf("docker.tar"), Workplace.Base]),
            ("docker.tar", ["save", "-q", "-o", place.PathOf("docker.tar"), "--compression", "zstd", Workplace.Base]),
            ("oci.tar", ["save", "-q", "--format", "oci-archive", "-o", place.PathOf("oci.tar"), Workplace.Base]),
            ("copied.tar", ["copy", "-q", $"store:{Workplace.Base}", $"oci-archive:{place.PathOf("copied.tar")}:x"]),
            ("docker-copied.tar", ["copy", "-q", $"store:{Workplace.Base}", $"docker-archive:{place.PathOf("docker-copied.tar")}:x:1"]),
        })
        {
            await InOrderAsync(place, place.PathOf(name), arguments[0] == "copy" ? "sha256:" : null, arguments);
        }
    }

    [Fact]
    public async Task Layouts_are_durable_and_their_list_comes_last()
    {
        await using var place = await Durability.OpenAsync();
        (await place.StrataAsync("import", Tars.Make(place, "second"), "localhost/second:1")).Succeeded();
        // New, and one that is there already.
        foreach (var arguments in new string[][]
        {
            ["copy", "-q", $"store:{Workplace.Base}", $"oci:{place.PathOf("layout")}:x"],
            ["copy", "-q", "store:localhost/second:1", $"oci:{place.PathOf("layout")}:y"],
            ["save", "-q", "--format", "oci-dir", "-o", place.PathOf("saved"), Workplace.Base],
        })
        {
            var folder = place.PathOf(arguments[0] == "save" ? "saved" : "layout");
            var isNew = !Directory.Exists(folder);
            var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, arguments);
            result.Succeeded();
            Assert.Empty(trace.LayoutDisorder(folder));
            var blobs = trace.All.First(call => call.Target is { } target && target.Contains("/sha256/", StringComparison.Ordinal));
            Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == blobs.Path).LayoutDisorder(folder));
            Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == Path.GetDirectoryName(blobs.Target)).LayoutDisorder(folder));
            if (isNew)
            {
                Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == place.Folder).LayoutDisorder(folder));
            }
        }
    }

    [Fact]
    public async Task Logins_and_ids_are_durable_before_they_are_acknowledged()
    {
        await using var place = await Durability.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        var file = place.PathOf("login-trace");
        var login = await Command.RunAsync(
            "strace", [.. SystemCallTrace.Traced(file), "login", "-u", "alice", "--password-stdin", registry], place.Environment(place.StoreRoot), input: "secret");
        login.Succeeded();
        Check(SystemCallTrace.Read(File.ReadLines(file)), place.PathOf("docker-config", "config.json"), login.LastLine);

        var context = place.Context("context", ("Dockerfile", "FROM scratch\nCOPY a /a\n"), ("a", "a"));
        await InOrderAsync(place, place.PathOf("iid"), "sha256:", "build", "-q", "--iidfile", place.PathOf("iid"), context);
    }

    private static async Task InOrderAsync(Workplace place, string target, string? acknowledgement, params string[] arguments)
    {
        var (result, trace) = await SystemCallTrace.OfAsync(place, place.StoreRoot, arguments);
        result.Succeeded();
        Check(trace, target, acknowledgement);
    }

    private static void Check(SystemCallTrace trace, string target, string? acknowledgement)
    {
        Assert.Empty(trace.FileDisorder(target, acknowledgement));
        var rename = trace.All.Last(call => call.Target == target);
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == rename.Path).FileDisorder(target, acknowledgement));
        Assert.NotEmpty(trace.Without(call => SystemCallTrace.IsSync(call) && call.Path == Path.GetDirectoryName(target)).FileDisorder(target, acknowledgement));
        Assert.NotEmpty(trace.Without(call => call == rename).FileDisorder(target, acknowledgement));
    }
}
