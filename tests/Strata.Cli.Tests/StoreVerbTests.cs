using System.Formats.Tar;
using System.Text.Json;

namespace Strata.Cli.Tests;

/// <summary>The verbs that list and empty the store.</summary>
public sealed class StoreVerbTests : IDisposable
{
    private readonly CommandLine _line = new();

    private async Task ImportAsync(string mark, params string[] name)
    {
        var path = _line.Write(mark + ".tar", "");
        await using (var tar = new TarWriter(File.Create(path)))
        {
            await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, mark) { DataStream = new MemoryStream(new byte[1000]), ModificationTime = DateTimeOffset.UnixEpoch });
        }
        Assert.Equal(0, await _line.RunAsync(["import", path, .. name]));
    }

    private string After(int length) => _line.Output[length..];

    [Fact]
    public async Task Images_are_chosen_by_pattern_filter_and_id()
    {
        await ImportAsync("one", "app:v1");
        await ImportAsync("two", "team/app:v2");
        await ImportAsync("three");
        var dangling = _line.Output.TrimEnd('\n').Split('\n')[^1];
        async Task<string> Images(params string[] args)
        {
            var before = _line.Output.Length;
            Assert.Equal(0, await _line.RunAsync(["images", "--format", "{{.Repository}}:{{.Tag}}", .. args]));
            return After(before);
        }
        Assert.Equal("app:v1\n", await Images("a*"));
        Assert.Equal("team/app:v2\n", await Images("--filter", "reference=*/*"));
        Assert.Equal("<none>:<none>\n", await Images("--filter", "dangling=true"));
        Assert.Equal("<none>:<none>\n", await Images(dangling[7..19]));
        Assert.Equal("", await Images("--filter", "label=team"));
        Assert.Equal(1, await _line.RunAsync("images", "--filter", "colour=red"));
        Assert.Contains("error: --filter colour=red is not known to images\nhint: known are reference=PATTERN", _line.Error, StringComparison.Ordinal);
        var from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("images", "--digests", "app"));
        Assert.StartsWith("REPOSITORY   TAG   DIGEST   IMAGE ID", After(from), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_an_archive_gives_no_name_is_told_with_the_way_to_name_it()
    {
        await ImportAsync("one", "app:v1");
        var archive = Path.Combine(Path.GetDirectoryName(_line.Write("here", ""))!, "m.tar");
        Assert.Equal(0, await _line.RunAsync("copy", "-q", "store:app:v1", $"oci-archive:{archive}:m"));
        var from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("load", "-q", "-i", archive));
        Assert.Matches("^Loaded image ID: sha256:([0-9a-f]{64})\n$", After(from));
        Assert.Matches("note: .* `strata tag [0-9a-f]{12} NAME`\n$", _line.Error);
    }

    [Fact]
    public async Task What_is_damaged_in_the_store_does_not_leave_it_and_the_error_says_how_to_mend_it()
    {
        await ImportAsync("one", "app:v1");
        var folder = Path.GetDirectoryName(_line.Write("here", ""))!;
        var archive = Path.Combine(folder, "m.tar");
        Assert.Equal(0, await _line.RunAsync("copy", "-q", "--compression", "gzip", "store:app:v1", $"oci-archive:{archive}:localhost:1/app:v1"));
        Assert.Equal(0, await _line.RunAsync("load", "-q", "-i", archive));
        string[][] ways = [["save", "-o", "x.tar", "localhost:1/app:v1"], ["copy", "-q", "store:localhost:1/app:v1", "oci:x"], ["push", "localhost:1/app:v1"]];
        // One bit of the row that holds the manifest.
        var database = Path.Combine(folder, "store", "strata.db");
        var bytes = await File.ReadAllBytesAsync(database);
        bytes[bytes.AsSpan().IndexOf("{\"schemaVersion\":2,"u8) + "{\"schemaVersion\":".Length] ^= 1;
        await File.WriteAllBytesAsync(database, bytes);
        foreach (var way in ways)
        {
            _line.Forget();
            Assert.Equal(1, await _line.RunAsync(way));
            Assert.Matches($"^error: The manifest sha256:[0-9a-f]{{64}} is damaged in the store {folder}/store\\. Run 'strata system verify --repair', then try again\\.\n$", _line.Error);
            Assert.False(Path.Exists(Path.Combine(folder, way[0] == "save" ? "x.tar" : "x")));
        }
        Assert.Equal(1, await _line.RunAsync("system", "verify", "--repair"));
        Assert.Contains("pull or load its image again, or remove it with `strata rmi`", _line.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _line.RunAsync("load", "-q", "-i", archive));
        Assert.Equal(0, await _line.RunAsync("system", "verify"));

        // And one of every layer, and then of all other blobs.
        foreach (var (isLayer, message) in new[]
        {
            (true, "; it was refused.\nhint: `strata system verify --repair` makes again what it can and takes away the rest; then pull or build it again\n"),
            (false, $" is damaged in the store {folder}/store. Run 'strata system verify --repair', then pull or build the image again.\n"),
        })
        {
            foreach (var blob in Directory.EnumerateFiles(Path.Combine(folder, "store", "blobs"), "*", SearchOption.AllDirectories))
            {
                bytes = await File.ReadAllBytesAsync(blob);
                bytes[^1] ^= (byte)(isLayer == (bytes[0] != '{') ? 1 : 0);
                await File.WriteAllBytesAsync(blob, bytes);
            }
            foreach (var way in ways[..2])
            {
                _line.Forget();
                Assert.Equal(1, await _line.RunAsync(way));
                Assert.EndsWith(message, _line.Error, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Prune_says_what_went_and_how_much_came_back()
    {
        await ImportAsync("one", "app:v1");
        await ImportAsync("two");
        var from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("prune", "-f", "--older-than", "2d"));
        Assert.Equal("Total reclaimed space: 0B\n", After(from));
        from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("prune", "-f"));
        Assert.Matches("^Deleted Images:\ndeleted: sha256:[0-9a-f]{64}\n\nLayers: 1 .*\nBlobs: 2 .*\nTotal reclaimed space: [0-9.]+kB\n$", After(from));
        from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("prune", "-a", "-f", "--keep-storage", "0"));
        Assert.StartsWith("Deleted Images:\nuntagged: app:v1\ndeleted: sha256:", After(from), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--older-than", "yesterday")]
    [InlineData("--older-than", "-1")]
    [InlineData("--keep-storage", "lots")]
    [InlineData("--filter", "until=2999-01-01")]
    [InlineData("--filter", "label=x")]
    public async Task What_prune_does_not_understand_it_refuses_and_removes_nothing(string option, string value)
    {
        await ImportAsync("one");
        Assert.Equal(1, await _line.RunAsync("prune", "-f", $"{option}={value}"));
        Assert.Contains(value, _line.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _line.RunAsync("images", "-q"));
        Assert.NotEmpty(_line.Output.Split('\n')[1]);
    }

    [Fact]
    public async Task Strays_are_a_note_and_no_failure()
    {
        await ImportAsync("one", "app:v1");
        var stray = _line.Write("store/layers/stray.idx", "?");
        Assert.Equal(0, await _line.RunAsync("system", "verify"));
        Assert.Contains($"note: {stray} belongs to nothing: harmless", _line.Error, StringComparison.Ordinal);
        Assert.EndsWith("The store is whole.\n", _line.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _line.RunAsync("system", "verify", "--repair"));
        Assert.False(File.Exists(stray));
    }

    [Fact]
    public async Task Disk_usage_is_told_in_sum_and_one_by_one()
    {
        await ImportAsync("one", "app:v1");
        var from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("system", "df"));
        Assert.Matches(@"^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +0 +[\d.]+kB +[\d.]+kB \(100%\)\nContainers +0 +0 +0B +0B\nBuild Cache +0", After(from));
        from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync("system", "df", "-v"));
        Assert.Matches(@"Images space usage:\n\nREPOSITORY +TAG +IMAGE ID +CREATED +SIZE +SHARED SIZE +UNIQUE SIZE +CONTAINERS\napp +v1 +", After(from));
        Assert.Contains("Containers space usage:", After(from), StringComparison.Ordinal);
        Assert.Contains("Build cache usage:", After(from), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Programs_get_bytes_whole_ids_and_moments()
    {
        await ImportAsync("one", "app:v1");
        var image = (await JsonAsync("images", "--format", "json"))[0];
        Assert.Equal(JsonValueKind.Number, image.GetProperty("Size").ValueKind);
        Assert.Equal(64 + "sha256:".Length, image.GetProperty("ID").GetString()!.Length);
        Assert.True(image.GetProperty("CreatedAt").TryGetDateTimeOffset(out _));
        Assert.Equal(image.GetProperty("ID").GetString(), (await JsonAsync("history", "app:v1", "--format", "json"))[0].GetProperty("ID").GetString());
        var sums = (await JsonAsync("system", "df", "--format", "json"))[0];
        Assert.Equal(1, sums.GetProperty("TotalCount").GetInt32());
        Assert.Equal(sums.GetProperty("Size").GetInt64(), sums.GetProperty("Reclaimable").GetInt64());
        var all = await JsonAsync("system", "df", "-v", "--format", "json");
        Assert.Equal(image.GetProperty("ID").GetString(), all.GetProperty("Images")[0].GetProperty("ID").GetString());
        Assert.Equal((0, 0), (all.GetProperty("Containers").GetArrayLength(), all.GetProperty("BuildCache").GetArrayLength()));
        Assert.Equal("linux", (await JsonAsync("version", "--format", "json")).GetProperty("Os").GetString());
        Assert.Equal(0, (await JsonAsync("system", "verify", "--format", "json")).GetArrayLength());
        var pruned = await JsonAsync("prune", "--all", "--dry-run", "--format", "json");
        Assert.Equal(image.GetProperty("ID").GetString(), pruned.GetProperty("Images")[0].GetString());
        Assert.True(pruned.GetProperty("Reclaimed").GetInt64() > 0);
    }

    [Fact]
    public async Task A_mistyped_root_is_an_error_and_makes_nothing()
    {
        var wrong = Path.Combine(Path.GetDirectoryName(_line.Write("x", ""))!, "stor");
        await ImportAsync("one", "app:v1");
        Assert.All(
            await Task.WhenAll(new[] { "images", "ps", "prune -f", "system df", "system verify", "rmi app", "tag a b", "inspect a", "history a", "layers a", "save -o x.tar a", "copy store:a oci:x", "push localhost:1/a" }
                .Select(verb => _line.RunAsync(["--root", wrong, .. verb.Split(' ')]))),
            code => Assert.Equal(1, code));
        Assert.Contains($"error: there is no store at {wrong}\nhint: did you mean {wrong}e?\n", _line.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(wrong));
    }

    private async Task<JsonElement> JsonAsync(params string[] words)
    {
        var from = _line.Output.Length;
        Assert.Equal(0, await _line.RunAsync(words));
        return JsonElement.Parse(After(from));
    }

    public void Dispose() => _line.Dispose();
}
