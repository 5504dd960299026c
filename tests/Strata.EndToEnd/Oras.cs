using System.Text.Json;

namespace Strata.EndToEnd;

/// <summary>Artifacts, and what is attached to images, to and from oras.</summary>
public sealed class Oras
{
    private const string Sbom = "application/vnd.example.sbom";
    private const string Signature = "application/vnd.example.signature";

    private static async Task<CommandResult> OrasAsync(Workplace place, params string[] arguments) =>
        (await Command.RunAsync(UnpackedClients.PathOf("oras"), arguments, place.Environment(place.StoreRoot), place.Folder)).Succeeded();

    /// <summary>What is attached to an image, and to that: type and digest, each in its own line, the inner ones indented.</summary>
    private static async Task<string> AttachedAsync(Workplace place, params string[] image)
    {
        return Lines(RoundTrip.Json(await OrasAsync(place, ["discover", "--format", "json", .. image])), "");

        static string Lines(JsonElement node, string indent) => string.Concat(
            from referrer in node.GetProperty("referrers").EnumerateArray()
            select $"{indent}{referrer.GetProperty("artifactType")} {referrer.GetProperty("digest")}\n{Lines(referrer, indent + "  ")}");
    }

    /// <summary>Pushes or attaches an artifact; the answer is its digest.</summary>
    private static async Task<string> PutAsync(Workplace place, string verb, string type, string name, string file) =>
        RoundTrip.Json(await OrasAsync(place, verb, "--plain-http", "--format", "json", "--artifact-type", type, name, file))
            .GetProperty("digest").GetString()!;

    /// <summary>Attaches a list of contents, and a signature to that; the answer is what must be found wherever the image goes.</summary>
    private static async Task<string> AttachAsync(Workplace place, string image)
    {
        place.Context(".", ("sbom.json", """{"components":[]}"""), ("signature", "signed"));
        var sbom = await PutAsync(place, "attach", Sbom, image, "sbom.json:application/json");
        var signature = await PutAsync(place, "attach", Signature, $"{image.Remove(image.LastIndexOf(':'))}@{sbom}", "signature");
        return $"{Sbom} {sbom}\n  {Signature} {signature}\n";
    }

    [Theory]
    [InlineData(RegistryProcess.Own)]
    [InlineData(RegistryProcess.Distribution)]
    public async Task An_artifact_is_pushed_copied_by_strata_and_pulled(string whose)
    {
        UnpackedClients.PathOf("oras");
        await using var place = await Workplace.OpenAsync(withBase: false);
        var registry = await RegistryProcess.StartLoggedInAsync(place, whose);
        place.Context(".", ("model.bin", "weights"));
        var name = $"{registry}/models/m:1";
        var digest = await PutAsync(place, "push", "application/vnd.example.model", name, "model.bin");
        var (layout, archive) = ($"{place.PathOf("layout")}:m", $"{place.PathOf("m.tar")}:m");
        string[] places = [$"docker://{name}", $"oci:{layout}", $"oci-archive:{archive}", $"docker://{registry}/copied/m:2"];
        foreach (var (from, to) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(digest, await RoundTrip.CopyAsync(place, from, to));
        }
        string[][] sources = [["--plain-http", $"{registry}/copied/m:2"], ["--oci-layout", layout], ["--oci-layout", archive]];
        foreach (var (number, source) in sources.Index())
        {
            var folder = place.PathOf($"pulled-{number}");
            await OrasAsync(place, ["pull", "-o", folder, .. source]);
            Assert.Equal("weights", File.ReadAllText(Path.Combine(folder, "model.bin")));
        }
        (await place.StrataAsync("pull", name)).FailedSaying("is of an artifact (application/vnd.example.model)", "strata copy");
    }

    [Theory]
    [InlineData(RegistryProcess.Own, RegistryProcess.Distribution)]
    [InlineData(RegistryProcess.Distribution, RegistryProcess.Own)]
    public async Task What_is_attached_to_an_image_goes_with_it_and_oras_finds_it_wherever_it_went(string here, string there)
    {
        UnpackedClients.PathOf("oras");
        await using var place = await Workplace.OpenAsync();
        await RoundTrip.BuildAsync(place, "app");
        var from = await RegistryProcess.StartLoggedInAsync(place, here);
        var to = await RegistryProcess.StartLoggedInAsync(place, there);
        var name = $"{from}/team/app:1";
        var digest = await RoundTrip.PushAsync(place, "app", name);
        var attached = await AttachAsync(place, name);
        Assert.Equal(attached, await AttachedAsync(place, "--plain-http", name));
        // distribution 2.8 knows no referrers: they are listed under a tag. Where they are known there is no such tag.
        var tags = (await OrasAsync(place, "repo", "tags", "--plain-http", $"{from}/team/app")).Output;
        Assert.Equal(here == RegistryProcess.Distribution, tags.Contains(digest.Replace(':', '-'), StringComparison.Ordinal));

        // By strata, from registry to registry, through a layout, the store and an archive.
        string[] places =
        [
            $"docker://{name}", $"docker://{to}/team/app:2", $"oci:{place.PathOf("layout")}:3", "store:kept:1",
            $"oci-archive:{place.PathOf("app.tar")}:4", $"docker://{from}/back/app:5",
        ];
        foreach (var (source, target) in places.Zip(places.Skip(1)))
        {
            Assert.Equal(digest, await RoundTrip.CopyAsync(place, "--recursive", source, target));
        }
        Assert.Equal(attached, await AttachedAsync(place, "--plain-http", $"{to}/team/app:2"));
        Assert.Equal(attached, await AttachedAsync(place, "--oci-layout", $"{place.PathOf("layout")}:3"));
        Assert.Equal(attached, await AttachedAsync(place, "--oci-layout", $"{place.PathOf("app.tar")}:4"));
        Assert.Equal(attached, await AttachedAsync(place, "--plain-http", $"{from}/back/app:5"));

        // By oras, and on by strata.
        var copied = $"{place.PathOf("by-oras")}:1";
        await OrasAsync(place, "cp", "-r", "--from-plain-http", name, "--to-oci-layout", copied);
        Assert.Equal(digest, await RoundTrip.CopyAsync(place, "--recursive", $"oci:{copied}", $"docker://{to}/by/oras:1"));
        Assert.Equal(attached, await AttachedAsync(place, "--plain-http", $"{to}/by/oras:1"));
        await OrasAsync(place, "cp", "-r", "--from-plain-http", "--to-plain-http", name, $"{to}/by/oras:2");
        Assert.Equal(attached, await AttachedAsync(place, "--plain-http", $"{to}/by/oras:2"));
        var last = $"{place.PathOf("last")}:1";
        Assert.Equal(digest, await RoundTrip.CopyAsync(place, "--recursive", $"docker://{to}/by/oras:2", $"oci:{last}"));
        Assert.Equal(attached, await AttachedAsync(place, "--oci-layout", last));
    }
}
