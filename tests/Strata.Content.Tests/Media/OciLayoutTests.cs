using System.Text.Json;
using Strata.Content.Media;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Content.Tests.Media;

public sealed class OciLayoutTests : ImageMediumContract, IDisposable
{
    private static readonly Tag V1 = Tag.Parse("v1");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override Task<(IImageReader Reader, IImageWriter Writer)> CreateAsync()
    {
        var path = _folder.File(Guid.NewGuid().ToString("N"));
        // Two objects over one folder, as two processes would have.
        return Task.FromResult<(IImageReader, IImageWriter)>((OciLayout.Create(path), OciLayout.Open(path)));
    }

    [Fact]
    public async Task The_folder_is_laid_out_as_the_specification_says()
    {
        var path = _folder.File("layout");
        var image = RandomImage.Create(1);
        await image.WriteAsync(OciLayout.Create(path), V1, Stop);

        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", await File.ReadAllTextAsync(Path.Combine(path, "oci-layout"), Stop));
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(path, "index.json"), Stop));
        var entry = Assert.Single(index.RootElement.GetProperty("manifests").EnumerateArray().ToList());
        Assert.Equal("v1", entry.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString());
        Assert.Equal(image.Manifest.Digest.ToString(), entry.GetProperty("digest").GetString());
        var expected = image.Blobs.Select(b => b.Descriptor.Digest.Hex).Append(image.Manifest.Digest.Hex).Order();
        Assert.Equal(expected, Directory.GetFiles(Path.Combine(path, "blobs", "sha256")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task An_update_is_listed_whole_and_at_its_end_with_names_of_several_repositories()
    {
        var layout = OciLayout.Create(_folder.File("updated"));
        var (first, second) = (RandomImage.Create(21), RandomImage.Create(22));
        var update = layout.Begin(null);
        await first.WriteAsync(update.In(Reference.Parse("one/app")), V1, Stop);
        await second.WriteAsync(update.In(Reference.Parse("two/app")), V1, Stop);
        Assert.Empty(await layout.ListAsync(Stop));
        await update.CommitAsync(Stop);
        Assert.Equal([first.Manifest.Digest, second.Manifest.Digest], (await layout.ListAsync(Stop)).Select(e => e.Digest));
        Assert.Equal(second.Manifest.Digest, (await layout.FindAsync("two/app:v1", Stop))!.Digest);
        Assert.Null(await layout.FindAsync("three/app:v1", Stop));
    }

    [Fact]
    public async Task Two_repositories_with_one_tag_have_names_that_differ_also_for_those_who_know_only_the_specification()
    {
        const string refName = "org.opencontainers.image.ref.name";
        var layout = OciLayout.Create(_folder.File("two"));
        var (first, second, newer) = (RandomImage.Create(25), RandomImage.Create(26), RandomImage.Create(27));
        await PutAsync(first, "one/app");
        await PutAsync(second, "two/app");
        Assert.Equal(["v1", "docker.io/two/app:v1"], await NamesAsync());
        // What is saved again keeps the place it has.
        await PutAsync(newer, "two/app");
        await PutAsync(first, "one/app");
        Assert.Equivalent(new[] { null, "v1", "docker.io/two/app:v1" }, await NamesAsync());
        Assert.Equal(first.Manifest.Digest, (await layout.FindAsync("one/app:v1", Stop))!.Digest);
        Assert.Equal(newer.Manifest.Digest, (await layout.FindAsync("two/app:v1", Stop))!.Digest);
        Assert.Equal(newer.Manifest.Digest, (await layout.FindAsync("docker.io/two/app:v1", Stop))!.Digest);
        Assert.Equal(first.Manifest.Digest, (await layout.FindAsync("v1", Stop))!.Digest);

        async Task PutAsync(RandomImage image, string repository)
        {
            var update = layout.Begin(Reference.Parse(repository));
            await image.WriteAsync(update, V1, Stop);
            await update.CommitAsync(Stop);
        }

        async Task<string?[]> NamesAsync() => [.. (await layout.ListAsync(Stop)).Select(e => e.Annotations?.GetValueOrDefault(refName))];
    }

    [Theory]
    [InlineData("one/app:v1")]
    [InlineData("docker.io/one/app:v1")]
    public async Task An_entry_that_others_called_by_the_whole_name_alone_is_replaced(string theirs)
    {
        var layout = OciLayout.Create(_folder.File("theirs"));
        var (old, newer) = (RandomImage.Create(31), RandomImage.Create(32));
        await old.WriteAsync(layout, V1, Stop);
        var index = _folder.File("theirs", "index.json");
        var text = await File.ReadAllTextAsync(index, Stop);
        await File.WriteAllTextAsync(index, text.Replace("\"v1\"", $"\"{theirs}\"", StringComparison.Ordinal), Stop);
        var update = layout.Begin(Reference.Parse("one/app"));
        await newer.WriteAsync(update, V1, Stop);
        await update.CommitAsync(Stop);
        foreach (var name in new[] { theirs, "one/app:v1", "docker.io/one/app:v1", "v1" })
        {
            Assert.Equal(newer.Manifest.Digest, (await layout.FindAsync(name, Stop))!.Digest);
        }
        var unnamed = Assert.Single(await layout.ListAsync(Stop), entry => entry.Digest == old.Manifest.Digest);
        Assert.Null(unnamed.Annotations);
    }

    [Theory]
    [InlineData("one/app:v1", "docker.io/one/app:v1")]
    [InlineData("one/app", "docker.io/one/app:v1")]
    [InlineData("reg.example/one/app:v1", "reg.example/one/app:v1")]
    [InlineData("v1", null)]
    public async Task A_name_is_kept_as_it_was_written_and_what_had_it_is_replaced(string written, string? whole)
    {
        var layout = OciLayout.Create(_folder.File("written"));
        var (docker, theirs, ours) = (RandomImage.Create(33), RandomImage.Create(34), RandomImage.Create(35));
        var repository = whole is null ? null : Reference.Parse(whole);
        await PutAsync(docker, null);
        await PutAsync(theirs, written);
        await PutAsync(ours, written);
        var named = Assert.Single(await layout.ListAsync(Stop), entry => entry.Annotations is not null);
        Assert.Equal(ours.Manifest.Digest, named.Digest);
        Assert.Equal(written, named.Annotations!["org.opencontainers.image.ref.name"]);
        Assert.Equal(whole, named.Annotations!.GetValueOrDefault("io.containerd.image.name"));
        Assert.Equal(ours.Manifest.Digest, (await layout.FindAsync(written, Stop))!.Digest);
        Assert.Equal(ours.Manifest.Digest, (await layout.FindAsync(whole ?? "v1", Stop))!.Digest);

        async Task PutAsync(RandomImage image, string? name)
        {
            var update = layout.Begin(repository, name);
            await image.WriteAsync(update, V1, Stop);
            await update.CommitAsync(Stop);
        }
    }

    [Fact]
    public async Task A_tag_that_several_whole_names_have_means_none_of_them()
    {
        var layout = OciLayout.Create(_folder.File("several"));
        foreach (var (seed, name) in new[] { (36, "one/app:v1"), (37, "two/app:v1") })
        {
            var update = layout.Begin(Reference.Parse(name), name);
            await RandomImage.Create(seed).WriteAsync(update, V1, Stop);
            await update.CommitAsync(Stop);
            Assert.Equal(seed == 36, await layout.FindAsync("v1", Stop) is not null);
        }
        await RandomImage.Create(38).WriteAsync(layout, V1, Stop);
        Assert.Equal(RandomImage.Create(38).Manifest.Digest, (await layout.FindAsync("v1", Stop))!.Digest);
        Assert.Equal(RandomImage.Create(37).Manifest.Digest, (await layout.FindAsync("two/app:v1", Stop))!.Digest);
    }

    [Fact]
    public async Task A_tag_alone_is_found_by_itself_where_a_whole_name_had_it()
    {
        var layout = OciLayout.Create(_folder.File("both"));
        var (named, tagged) = (RandomImage.Create(23), RandomImage.Create(24));
        var update = layout.Begin(Reference.Parse("one/app"));
        await named.WriteAsync(update, V1, Stop);
        await update.CommitAsync(Stop);
        await tagged.WriteAsync(layout, V1, Stop);
        Assert.Equal(tagged.Manifest.Digest, (await layout.FindAsync("v1", Stop))!.Digest);
        Assert.Equal(2, (await layout.ListAsync(Stop)).Count);
    }

    [Fact]
    public async Task A_list_of_images_is_one_entry()
    {
        var path = _folder.File("layout");
        var layout = OciLayout.Create(path);
        var image = RandomImage.Create(2);
        await image.WriteAsync(layout, null, Stop);
        Assert.Equal([image.Manifest.Digest], (await layout.ListAsync(Stop)).Select(e => e.Digest));
        var index = RandomImage.Index(image);
        await layout.PutManifestAsync(index, V1, Stop);
        Assert.Equal([index.Digest], (await layout.ListAsync(Stop)).Select(e => e.Digest));
        await ImageAssert.Valid(layout, ManifestKey.ByTag(V1), Stop);
    }

    [Fact]
    public async Task A_whole_reference_as_name_is_found_by_its_tag()
    {
        var layout = OciLayout.Create(_folder.File("layout"));
        var image = RandomImage.Create(3);
        await image.WriteAsync(layout, V1, Stop);
        var index = _folder.File("layout", "index.json");
        var text = await File.ReadAllTextAsync(index, Stop);
        await File.WriteAllTextAsync(index, text.Replace("\"v1\"", "\"registry.example/app:v1\"", StringComparison.Ordinal), Stop);
        Assert.Equal(image.Manifest.Digest, (await layout.GetManifestAsync(ManifestKey.ByTag(V1), Stop))?.Digest);
    }

    [Fact]
    public async Task A_damaged_file_is_not_passed_on_and_a_copy_repairs_a_cut_one()
    {
        var path = _folder.File("layout");
        var layout = OciLayout.Create(path);
        var image = RandomImage.Create(4);
        await image.WriteAsync(layout, V1, Stop);
        var (descriptor, content) = image.Blobs[1];
        var file = Path.Combine(path, "blobs", "sha256", descriptor.Digest.Hex);

        await File.WriteAllBytesAsync(file, content.AsMemory(1), Stop);
        Assert.False(await layout.HasBlobAsync(descriptor, Stop));
        await layout.PutBlobAsync(descriptor, new MemoryStream(content), Stop);
        await ImageAssert.Valid(layout, ManifestKey.ByTag(V1), Stop);

        await File.WriteAllTextAsync(Path.Combine(path, "blobs", "sha256", image.Manifest.Digest.Hex), "{}", Stop);
        var error = await Assert.ThrowsAsync<InvalidImageException>(async () => await layout.GetManifestAsync(ManifestKey.ByTag(V1), Stop));
        Assert.Contains("is damaged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "it has no file 'oci-layout'")]
    [InlineData("""{"imageLayoutVersion":"2.0.0"}""", "version '2.0.0'")]
    [InlineData("nonsense", "version ''")]
    public void A_folder_that_is_no_layout_is_refused(string? marker, string reason)
    {
        if (marker is not null)
        {
            File.WriteAllText(_folder.File("oci-layout"), marker);
        }
        var error = Assert.Throws<InvalidImageException>(() => OciLayout.Open(_folder.Path));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_marker_without_end_is_not_read()
    {
        File.WriteAllText(_folder.File("oci-layout"), """{"imageLayoutVersion":"1.0.0"}""" + new string(' ', 64 * 1024));
        Assert.Throws<InvalidImageException>(() => OciLayout.Open(_folder.Path));
    }

    [Fact]
    public async Task Other_entries_of_the_index_survive_a_new_one()
    {
        var path = _folder.File("layout");
        var layout = OciLayout.Create(path);
        var foreign = $$"""
            {"schemaVersion":2,"annotations":{"com.example.revision":"r1"},"manifests":[{"mediaType":"application/xml","digest":"{{Digest.Of([1])}}","size":1,"com.example.extra":[true]}]}
            """;
        await File.WriteAllTextAsync(Path.Combine(path, "index.json"), foreign, Stop);
        await RandomImage.Create(5).WriteAsync(layout, V1, Stop);
        var text = await File.ReadAllTextAsync(Path.Combine(path, "index.json"), Stop);
        Assert.Contains("com.example.revision", text, StringComparison.Ordinal);
        Assert.Contains("\"com.example.extra\":[true]", text, StringComparison.Ordinal);
    }
}
