using System.Formats.Tar;
using System.Text;
using CsCheck;
using Strata.Content.Layers;
using Strata.Host.Images;
using Strata.Oci;
using Strata.Store;

namespace Strata.Host.Tests.Images;

/// <summary>What layers are said to do to one another, against what the merged tree shows.</summary>
public sealed class LayerComparisonTests
{
    private static readonly ILookup<Digest, string> NobodyElse = Array.Empty<(Digest Layer, string Name)>().ToLookup(pair => pair.Layer, pair => pair.Name);

    [Fact]
    public void A_file_that_is_overwritten_is_wasted_below_and_a_change_above()
    {
        var report = Compare(Layer(("a", 100), ("b", 10)), Layer(("a", 7)));
        Assert.Equal((2, 0, 0, 100L, 0L), Facts(report.Layers[0]));
        Assert.Equal((0, 1, 0, 0L, 100L), Facts(report.Layers[1]));
        Assert.Equal(17.0 / 117, report.Efficiency);
        Assert.Equal(("/a", 100L, 0, 1), Assert.Single(report.Wasted.Select(file => (file.Path.ToString(), file.Size, file.Layer, file.HiddenBy ?? -1))));
        Assert.Equal(["/b", "/a"], report.Visible.Select(file => file.Path.ToString()));
    }

    [Fact]
    public void A_whiteout_of_a_directory_deletes_all_files_in_it_once()
    {
        var report = Compare(Layer(("d/a", 100), ("d/e/b", 10), ("c", 1)), Layer((".wh.d", 0)), Layer((".wh.d", 0)));
        Assert.Equal((0, 0, 2, 0L, 110L), Facts(report.Layers[1]));
        Assert.Equal((0, 0, 0, 0L, 0L), Facts(report.Layers[2]));
        Assert.Equal(110, report.WastedBytes);
    }

    [Fact]
    public void An_opaque_directory_hides_what_was_in_it_and_a_file_of_the_same_name_is_new_to_nobody()
    {
        var report = Compare(Layer(("d/a", 100), ("d/b", 10)), Layer(("d/.wh..wh..opq", 0), ("d/a", 5)));
        Assert.Equal(110, report.WastedBytes);
        Assert.Equal(110, report.Layers[1].HiddenBytes);
        Assert.Equal(["/d/a"], report.Visible.Select(file => file.Path.ToString()));
    }

    [Fact]
    public void A_file_in_the_place_of_a_directory_hides_all_that_was_in_it()
    {
        var report = Compare(Layer(("d/a", 100), ("d/b", 10)), Layer(("d", 5)));
        Assert.Equal(110, report.WastedBytes);
        Assert.Equal(110, report.Layers[1].HiddenBytes);
    }

    [Fact]
    public void A_file_with_two_names_is_seen_as_long_as_one_of_them_is()
    {
        var report = Compare(Layer(linked: ("a", "b"), ("a", 100)), Layer((".wh.a", 0)));
        Assert.Equal(0, report.WastedBytes);
        Assert.Equal(100, report.FileBytes);
    }

    [Fact]
    public void An_opaque_directory_hides_the_file_that_had_its_name()
    {
        var report = Report([Layer(("d", 37)), Layer(("d/.wh..wh..opq", 0))]);
        Assert.Equal((37, 37), (report.WastedBytes, report.Layers[1].HiddenBytes));
    }

    [Fact]
    public void A_layer_that_is_not_here_is_unknown_and_the_others_are_told_without_it()
    {
        var report = Report([Layer(("a", 100)), null, Layer(("a", 7))]);
        Assert.Null(report.Layers[1].TarSize);
        Assert.Equal(2, Assert.Single(report.Wasted).HiddenBy);
    }

    [Fact]
    public void An_image_without_files_wastes_nothing() => Assert.Equal(1, Report([]).Efficiency);

    [Fact]
    public void What_is_visible_and_what_is_wasted_is_all_there_is()
    {
        string[] names = ["a", "b", "d/a", "d/b", "d/e/a", "d", ".wh.a", ".wh.d", "d/.wh.a", "d/.wh.e", "d/.wh..wh..opq"];
        var layer = Gen.Select(Gen.Int[0, names.Length - 1], Gen.Int[0, 50]).Array[0, 5].Select(files => files
            .Select(file => (Name: names[file.Item1], Size: (long)file.Item2))
            .DistinctBy(file => file.Name)
            // A file and a directory of one name in one layer is another test's.
            .Where((file, _) => file.Name != "d" || files.All(other => !names[other.Item1].StartsWith("d/", StringComparison.Ordinal)))
            .ToArray());
        layer.Array[0, 5].Sample(stack =>
        {
            var indexes = stack.Select(files => Layer(files)).ToArray();
            var report = Report(indexes);
            Assert.Equal(report.FileBytes, report.Visible.Sum(file => file.Size) + report.WastedBytes);
            Assert.Equal(report.WastedBytes, report.Layers.Sum(one => one.HiddenBytes));
            var seen = MergedTree.Of([.. indexes]).Walk(ImagePath.Root).Where(entry => entry.Entry.Kind == EntryKind.Regular).Select(entry => entry.Path.ToString());
            Assert.Equal(seen.Order(StringComparer.Ordinal), report.Visible.Select(file => file.Path.ToString()).Order(StringComparer.Ordinal));
        });
    }

    private static (int, int, int, long, long) Facts(LayerReport layer) => (layer.Added, layer.Changed, layer.Deleted, layer.WastedBytes, layer.HiddenBytes);

    private static ImageLayers Compare(params LayerIndex[] layers) => Report(layers);

    private static ImageLayers Report(LayerIndex?[] layers)
    {
        var ids = layers.Select((layer, number) => layer?.DiffId ?? Digest.Of(Encoding.ASCII.GetBytes($"absent {number}"))).ToList();
        var config = new ImageConfig { Architecture = "amd64", Os = "linux", RootFs = new RootFs { DiffIds = ids } };
        return new LayerComparison(layers, TestContext.Current.CancellationToken)
            .Report(new StoredImage(Digest.Of([]), default, config, []), [.. ImageStep.Of(config)], NobodyElse);
    }

    private static LayerIndex Layer(params (string Name, long Size)[] files) => Layer(linked: null, files);

    private static LayerIndex Layer((string Name, string Link)? linked, params (string Name, long Size)[] files)
    {
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            foreach (var (name, size) in files)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[size]) });
            }
            if (linked is { } link)
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, link.Link) { LinkName = link.Name });
            }
        }
        tar.Position = 0;
        return LayerIndexer.Index(tar, IndexLimits.Default, TestContext.Current.CancellationToken);
    }
}
