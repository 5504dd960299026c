using System.Globalization;
using CsCheck;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>The packed plan of a layer against the same in a sorted dictionary.</summary>
public sealed class PlannedLayerTests
{
    [Fact]
    public void A_plan_has_the_last_entry_of_each_path_in_the_order_of_a_layer() => Gen.Select(
        // Groups as they are copied one after the other, each in order; a few entries between them that the plan makes itself.
        Gen.Select(Gen.Int[0, 900].Array[0, 400], Gen.Int[0, 2], Gen.Int[0, 900].Array[0, 2]).Array[1, 9], Gen.Int[0, 300]).Sample(
            (groups, expected) =>
            {
                var copies = new List<PlannedEntry[]>();
                var table = new PlanTable((group, number) => copies[group][number], expected);
                var model = new SortedDictionary<ImagePath, PlannedEntry>(Files.InOrder);
                var order = new List<ImagePath>();
                foreach (var (group, (paths, links, own)) in groups.Index())
                {
                    copies.Add([.. paths.Select(PathOf).Distinct().Order(Files.InOrder).Select((path, number) => Copied(path, group, number, links))]);
                    foreach (var (number, entry) in copies[group].Index())
                    {
                        Put(entry, number);
                    }
                    foreach (var path in own)
                    {
                        Put(new PlannedEntry(new LayerEntry { Path = PathOf(path), Kind = EntryKind.Directory, UserId = (uint)group }), null);
                    }
                }
                Assert.Equal(order, Enumerable.Range(0, table.Count).Select(i => table[i].Header.Path));
                foreach (var path in Enumerable.Range(0, 901).Select(PathOf))
                {
                    Assert.Equal(model.GetValueOrDefault(path), table.Find(path));
                }
                var firsts = new Dictionary<(int, LinkIdentity), ImagePath>();
                var lines = new List<string>();
                foreach (var entry in model.Values)
                {
                    var first = entry.Path();
                    if (entry.Source?.Link is { } link && !firsts.TryAdd((entry.Group, link), first))
                    {
                        first = firsts[(entry.Group, link)];
                    }
                    lines.Add(first == entry.Path() ? Line(entry.Header) : Line(entry.Header with { Kind = EntryKind.HardLink, LinkTarget = first.Bytes.ToArray() }));
                }
                var layer = new PlannedLayer(table);
                Assert.Equal(lines, layer.Select(entry => Line(entry.Header)));
                Assert.Equal(layer.Sum(entry => entry.Header.Path.Bytes.Length + entry.Header.LinkTarget.Length), layer.Bytes);

                void Put(PlannedEntry entry, int? number)
                {
                    table.Put(entry, number);
                    if (!model.ContainsKey(entry.Path()))
                    {
                        order.Add(entry.Path());
                    }
                    model[entry.Path()] = entry;
                }
            },
            iter: 300);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void However_many_stretches_are_in_order_already_all_of_them_are_in_the_end(int stretches)
    {
        var copies = Enumerable.Range(0, stretches)
            .Select(group => Enumerable.Range(0, 40).Select(i => Copied(ImagePath.Parse($"d/{(i * stretches) + stretches - group:d4}"), group, i, 0)).ToArray()).ToArray();
        var table = new PlanTable((group, number) => copies[group][number], 0);
        foreach (var (number, entry) in copies.SelectMany(group => group.Index()))
        {
            table.Put(entry, number);
        }
        Assert.Equal(
            Enumerable.Range(1, 40 * stretches).Select(i => $"/d/{i:d4}"), new PlannedLayer(table).Select(entry => entry.Header.Path.ToString()));
    }

    private static ImagePath PathOf(int number) => ImagePath.Parse(number % 3 == 0 ? $"d/{number}" : number % 3 == 1 ? $"d-/{number}" : $"{number}");

    private static PlannedEntry Copied(ImagePath path, int group, int number, int links)
    {
        // One file has up to three names in a group.
        var source = new SourceEntry
        {
            Path = path,
            Kind = EntryKind.Regular,
            Mode = 0x1A4,
            Modified = default,
            Link = number % 3 < links ? new LinkIdentity(1, (ulong)number / 3, ImagePath.Root) : null,
        };
        return new PlannedEntry(new LayerEntry { Path = path, Kind = EntryKind.Regular, UserId = (uint)group, GroupId = (uint)number }, source, null, group);
    }

    private static string Line(LayerEntry entry) => string.Create(
        CultureInfo.InvariantCulture, $"{entry.Path} {entry.Kind} {entry.UserId} {entry.GroupId} {ImagePath.FromClean(entry.LinkTarget.ToArray())}");
}

file static class PlannedEntries
{
    public static ImagePath Path(this PlannedEntry entry) => entry.Header.Path;
}
