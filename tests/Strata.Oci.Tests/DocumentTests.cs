using System.Text;
using System.Text.Json;
using CsCheck;
using static Strata.Oci.Tests.Rows;

namespace Strata.Oci.Tests;

public sealed class DocumentTests
{
    // What is refused there and read here, since refusing would only keep people from images that work: odd media types, an
    // Env entry without '=', odd urls and data (neither is used), a manifest without layers. A negative size is refused where a
    // descriptor is used, in a manifest or index.
    private static readonly string[] Lenient =
    [
        "TestConfig/9", "TestDescriptor/3", "TestDescriptor/4", "TestDescriptor/5", "TestDescriptor/7", "TestDescriptor/8", "TestDescriptor/17",
        "TestDescriptor/19", "TestDescriptor/29", "TestDescriptor/30", "TestImageIndex/0", "TestImageIndex/4", "TestImageIndex/5", "TestManifest/0",
        "TestManifest/5",
    ];

    private static readonly string[] UnknownAlgorithms = ["sha256+b64", "multihash+base58:", "sha256.foo-bar", "sha256+foo"];

    [Fact]
    public void The_documents_of_the_image_specification_are_read_or_refused()
    {
        var lenient = new List<string>();
        Check(Table("oci-schemas", "image-spec", "documents.json").GetProperty("documents"), 77, row =>
        {
            var read = Read(row.Text("schema"), row.Text("document"));
            if (read is null || read == row.Flag("valid"))
            {
                return null;
            }
            if (!row.Flag("valid"))
            {
                lenient.Add($"{row.Text("test")}/{row.GetProperty("index")}");
                return null;
            }
            // An algorithm that is not known can't be verified, so nothing is read by such a digest.
            var foreign = UnknownAlgorithms.Any(a => row.Text("document").Contains($"\"{a}", StringComparison.Ordinal));
            return foreign ? null : $"{row.Text("test")} {row.GetProperty("index")}: refused";
        });
        Assert.Equal(string.Join(", ", Lenient), string.Join(", ", lenient));
    }

    [Fact]
    public void Dockers_documents_keep_their_digest_and_type() =>
        Check(Table("oci-schemas", "image-spec", "documents.json").GetProperty("dockerDocuments"), 4, row =>
        {
            var raw = Encoding.UTF8.GetBytes(row.Text("document"));
            if (Read(row.Text("schema"), row.Text("document")) == false)
            {
                return $"{row.Text("test")}: refused";
            }
            return row.Text("schema") switch
            {
                "image-manifest-schema.json" => Manifest.TryParse(raw, null, out var manifest, out _)
                    ? Differs("manifest", row.Text("digest"), manifest.Digest.ToString()) ?? Differs("type", MediaTypes.DockerManifest, manifest.MediaType)
                    : "refused",
                "image-index-schema.json" => ImageIndex.TryParse(raw, null, out var index, out _)
                    ? Differs("index", row.Text("digest"), index.Digest.ToString()) ?? Differs("type", MediaTypes.DockerManifestList, index.MediaType)
                    : "refused",
                _ => null,
            };
        });

    [Fact]
    public void Unknown_fields_survive_an_edit()
    {
        var text = """
            {"created":"2026-01-01T00:00:00.123456789Z","architecture":"amd64","os":"linux","config":{"Cmd":["a+b"],"Hostname":"h","x":{"y":[1.50]}},"rootfs":{"type":"layers","diff_ids":[]},"history":[{"created_by":"é <x> & 'y'","odd":true}],"moby.buildkit":"v"}
            """;
        Assert.True(ImageConfig.TryParse(Encoding.UTF8.GetBytes(text), out var config, out _));
        var edited = Encoding.UTF8.GetString((config with { Author = "me" }).ToBytes());
        using var before = JsonDocument.Parse(text);
        using var after = JsonDocument.Parse(edited);
        var expected = before.RootElement.EnumerateObject().Select(p => p.Name).Append("author").Order();
        Assert.Equal(expected, after.RootElement.EnumerateObject().Select(p => p.Name).Order());
        Assert.Contains("\"x\":{\"y\":[1.50]}", edited, StringComparison.Ordinal);
        Assert.Contains("\"Hostname\":\"h\"", edited, StringComparison.Ordinal);
        Assert.Contains("\"odd\":true", edited, StringComparison.Ordinal);
        Assert.Contains("a+b", edited, StringComparison.Ordinal);
        Assert.Contains("2026-01-01T00:00:00.123456789Z", edited, StringComparison.Ordinal);
    }

    [Fact]
    public void Writing_reading_and_writing_again_gives_the_same_bytes()
    {
        var text = Gen.String[Gen.Char["aé+\"\\<>&'\n😀"[..10]], 0, 8];
        Gen.Select(text.Array[0, 3], text, Gen.Bool, Gen.Dictionary(text, text)[0, 3]).Sample((env, user, empty, labels) =>
        {
            var config = new ImageConfig
            {
                Architecture = "amd64",
                Os = "linux",
                Config = new ContainerConfig { Env = env, User = user, Labels = labels, ExposedPorts = ["80/tcp"], Cmd = empty ? [] : null },
                RootFs = new RootFs { DiffIds = [Digest.Of([1])] },
                History = [new HistoryEntry { CreatedBy = user, EmptyLayer = empty ? true : null }],
            };
            var bytes = config.ToBytes();
            Assert.True(ImageConfig.TryParse(bytes, out var read, out var problem), problem);
            Assert.Equal(bytes, read.ToBytes());
        });
    }

    [Fact]
    public void A_manifest_and_an_index_are_what_they_were_made_from()
    {
        var layer = new Descriptor
        {
            MediaType = MediaTypes.OciLayerGzip,
            Digest = Digest.Of([2]),
            Size = 3_000_000_000,
            Annotations = new Dictionary<string, string> { ["a"] = "ü" },
        };
        var config = new Descriptor { MediaType = MediaTypes.OciConfig, Digest = Digest.Of([1]), Size = 1 };
        var made = Manifest.Create(config, [layer], new Dictionary<string, string> { ["k"] = "v" });
        Assert.True(Manifest.TryParse(made.Raw, null, out var manifest, out var problem), problem);
        Assert.Equal(made.Digest, manifest.Digest);
        Assert.Equal(3_000_000_000, manifest.Layers[0].Size);
        Assert.Equal("ü", manifest.Layers[0].Annotations!["a"]);
        Assert.Contains("tar+gzip", Encoding.UTF8.GetString(made.Raw.Span), StringComparison.Ordinal);

        var index = ImageIndex.Create([manifest.Descriptor with { Platform = Platform.Parse("linux/arm64/v9") }]);
        Assert.True(ImageIndex.TryParse(index.Raw, null, out var read, out problem), problem);
        Assert.Equal("linux/arm64/v9", read.Manifests[0].Platform!.ToString());
    }

    [Theory]
    [InlineData("""{"schemaVersion":1,"name":"x"}""", "schema version 1")]
    [InlineData("""{"schemaVersion":2,"manifests":[],"layers":[]}""", "a manifest and an index at once")]
    [InlineData("""{"schemaVersion":2}""", "it has no config")]
    [InlineData("""{"schemaVersion":2,"config":{"mediaType":"x","digest":"sha256:0","size":1}}""", "not the JSON of a manifest ($.config.digest")]
    [InlineData("""{"schemaVersion":2,"config":null,"layers":[null]}""", "empty entry")]
    [InlineData("null", "it is empty")]
    [InlineData("[]", "not the JSON")]
    [InlineData("", "not the JSON")]
    public void What_is_wrong_with_a_manifest_is_said(string text, string problem)
    {
        Assert.False(Manifest.TryParse(Encoding.UTF8.GetBytes(text), null, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"layers","diff_ids":null}""")]
    [InlineData("""{"type":"layers"}""")]
    [InlineData("{}")]
    public void An_image_without_layers_has_none_however_that_is_written(string rootFs)
    {
        Assert.True(ImageConfig.TryParse(Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{{rootFs}}}"""), out var config, out var problem), problem);
        Assert.Empty(config.RootFs.DiffIds);
        Assert.Equal("layers", config.RootFs.Type);
    }

    [Theory]
    [InlineData("""{"architecture":"amd64","os":"linux","rootfs":null}""")]
    [InlineData("""{"architecture":null,"os":"linux","rootfs":{}}""")]
    [InlineData("""{"architecture":"amd64","os":"linux","rootfs":{},"history":[null]}""")]
    [InlineData("""{"architecture":"amd64","os":"linux","rootfs":{},"config":{"Env":[null]}}""")]
    public void A_config_with_nothing_where_something_must_be_is_refused(string text) =>
        Assert.False(ImageConfig.TryParse(Encoding.UTF8.GetBytes(text), out _, out _));

    [Fact]
    public void A_descriptor_without_a_media_type_is_refused() => Assert.False(Manifest.TryParse(
        Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"config":{"mediaType":null,"digest":"{{{Digest.Of([1])}}}","size":1},"layers":[]}"""), null, out _, out _));

    [Fact]
    public void Damaged_documents_are_refused_without_an_exception()
    {
        var digest = Digest.Of([1]);
        string[] documents =
        [
            $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{"mediaType":"a","digest":"{{{digest}}}","size":1},"layers":[{"mediaType":"b","digest":"{{{digest}}}","size":2,"annotations":{"x":"y"},"platform":{"os":"linux","architecture":"arm"}}],"subject":null}""",
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{digest}}}","size":1,"urls":["u"],"data":"AA=="}]}""",
            $$$"""{"architecture":"a","os":"b","config":{"ExposedPorts":{"80/tcp":{}},"Env":["A=b"],"Healthcheck":{"Interval":1}},"rootfs":{"type":"layers","diff_ids":["{{{digest}}}"]},"history":[{"empty_layer":true}]}""",
        ];
        string[] snippets = ["null", "[", "]", "{", "}", "[null]", "1e999", "-1", "\"\\ud800\"", "\"", ",", ":", "true", "99999999999999999999", "\0", "{\"a\":1,\"a\":2}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["];
        Gen.Select(Gen.OneOf(documents), Gen.Int[0, 400], Gen.Int[0, 12], Gen.OneOf(snippets), Gen.Byte).Sample((document, at, cut, snippet, junk) =>
        {
            var bytes = Encoding.UTF8.GetBytes(document);
            at = Math.Min(at, bytes.Length);
            var end = Math.Min(bytes.Length, at + cut);
            byte[][] variants =
            [
                [.. bytes[..at], .. Encoding.UTF8.GetBytes(snippet), .. bytes[end..]],
                [.. bytes[..at], junk, .. bytes[end..]],
                bytes[..at],
            ];
            foreach (var variant in variants)
            {
                Manifest.TryParse(variant, null, out _, out _);
                ImageIndex.TryParse(variant, null, out var index, out _);
                index?.Select(Platform.Local);
                if (ImageConfig.TryParse(variant, out var config, out _))
                {
                    config.ToBytes();
                }
            }
        }, iter: 30_000);
    }

    [Theory]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"a/b","digest":"D","size":2},"layers":[]@}""", ""","layers":[]""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"a/b","digest":"D","size":2@},"layers":[]}""", ""","size":3""")]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"a/b","digest":"D","size":2},"layers":[],"annotations":{"a":"1"@}}""", ""","a":"2" """)]
    [InlineData("""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]@}""", ""","manifests":[]""")]
    [InlineData("""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}@}""", ""","os":"other" """)]
    [InlineData("""{"architecture":"amd64","os":"linux","config":{"Env":["A=1"]@},"rootfs":{"type":"layers","diff_ids":[]}}""", ""","Env":[]""")]
    public void A_document_with_a_key_twice_is_refused(string document, string again)
    {
        document = document.Replace("\"D\"", $"\"{Digest.Of("x"u8)}\"", StringComparison.Ordinal);
        Assert.True(IsRead(document.Replace("@", "", StringComparison.Ordinal)));
        Assert.False(IsRead(document.Replace("@", again, StringComparison.Ordinal)));

        static bool IsRead(string text)
        {
            var raw = Encoding.UTF8.GetBytes(text);
            return text.Contains("rootfs", StringComparison.Ordinal) ? ImageConfig.TryParse(raw, out _, out _)
                : text.Contains("manifests", StringComparison.Ordinal) ? ImageIndex.TryParse(raw, null, out _, out _)
                : Manifest.TryParse(raw, null, out _, out _);
        }
    }

    // Null: not a document that has a reader here.
    private static bool? Read(string schema, string document)
    {
        var raw = Encoding.UTF8.GetBytes(document);
        switch (schema)
        {
            case "config-schema.json":
                return ImageConfig.TryParse(raw, out _, out _);
            case "image-manifest-schema.json":
                return Manifest.TryParse(raw, null, out _, out _)
                    || Manifest.TryParse(raw, MediaTypes.OciManifest, out _, out _);
            case "image-index-schema.json":
                return ImageIndex.TryParse(raw, null, out _, out _);
            case "content-descriptor.json":
                try
                {
                    return JsonSerializer.Deserialize(raw, OciJson.Canonical.Descriptor) is not null;
                }
                catch (JsonException)
                {
                    return false;
                }
            default:
                return null;
        }
    }
}
