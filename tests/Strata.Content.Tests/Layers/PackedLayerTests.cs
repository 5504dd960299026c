using System.Globalization;
using System.Text;
using CsCheck;
using Strata.Content.Layers;
using Strata.Content.Tar;
using Strata.Linux;
using Strata.Oci;
using static Strata.Content.Tests.Layers.Sample;

namespace Strata.Content.Tests.Layers;

/// <summary>The packed forms of an index against the same in plain collections.</summary>
public sealed class PackedLayerTests
{
    private static readonly string[] Names = ["a", "b", "a-", "a.b", "é", "long-name-of-a-file"];

    private static readonly Gen<string> Name = Gen.Int[0, 5].Select(number => Names[number]);

    // Few names, so that they meet; and many, so that tables grow.
    private static readonly Gen<string> Path = Gen.Frequency(
        (3, Name.Array[1, 4].Select(names => string.Join('/', names))),
        (1, Gen.Int[0, 5000].Select(number => $"n/{number % 7}/{number}")));

    private static readonly Gen<EntryKind> Kind = Gen.Byte[0, (byte)EntryKind.OpaqueWhiteout].Select(kind => (EntryKind)kind);

    private static readonly Gen<LayerEntry> Entry = Gen.Select(
        Path, Kind, Gen.UInt, Gen.Byte.Array[0, 20], Gen.Bool, Gen.Bool, (path, kind, number, bytes, hasXattrs, hasInline) => new LayerEntry
        {
            Path = ImagePath.Parse(path),
            Kind = kind,
            Mode = number & 0xFFF,
            UserId = number,
            GroupId = number / 3,
            Size = number * 5L,
            Modified = new FileTime(number - 2_000_000_000L, number % 1_000_000_000),
            LinkTarget = kind is EntryKind.SymbolicLink or EntryKind.HardLink ? bytes : default(ReadOnlyMemory<byte>),
            DeviceMajor = number % 4096,
            DeviceMinor = number % 77,
            Xattrs = hasXattrs ? [new("user.z", []), new("user.é", bytes)] : [],
            Content = kind is EntryKind.Regular or EntryKind.HardLink ? Digest.Of(bytes) : null,
            TarOffset = kind is EntryKind.Regular or EntryKind.HardLink ? number : -1,
            Inline = hasInline ? bytes : default(ReadOnlyMemory<byte>?),
        });

    [Fact]
    public void A_table_finds_what_was_added_and_nothing_else_however_often_it_grows() =>
        Gen.Select(Entry.Array[0, 3000], Gen.Int[0, 2000]).Sample(
            (entries, expected) =>
            {
                var records = new IndexRecords();
                var table = new RecordTable(records, expected);
                var model = new SortedDictionary<(string Path, EntryKind Place), int>();
                foreach (var entry in entries)
                {
                    var key = KeyOf(entry);
                    Assert.Equal(model.GetValueOrDefault(key, -1), table.Find(entry.Path.Bytes, entry.Kind));
                    if (model.TryAdd(key, records.Count))
                    {
                        records.Add(StoredEntry.Of(entry));
                        table.Add(records.Count - 1);
                    }
                }
                foreach (var entry in entries)
                {
                    Assert.Equal(model[KeyOf(entry)], table.Find(entry.Path.Bytes, entry.Kind));
                    Assert.Equal(-1, table.Find(entry.Path.Append("none"u8).Bytes, entry.Kind));
                    foreach (var other in (EntryKind[])[EntryKind.Regular, EntryKind.Whiteout, EntryKind.OpaqueWhiteout])
                    {
                        Assert.Equal(model.GetValueOrDefault((entry.Path.ToString(), other), -1), table.Find(entry.Path.Bytes, other));
                    }
                }
            },
            iter: 60);

    [Fact]
    public void Records_give_back_what_was_added_in_the_order_of_an_index() => Entry.Array[0, 300].Sample(
        entries =>
        {
            var records = new IndexRecords();
            var model = new SortedDictionary<ImagePath, SortedDictionary<EntryKind, string>>(InOrder);
            foreach (var entry in entries)
            {
                var kinds = model.TryGetValue(entry.Path, out var known) ? known : model[entry.Path] = [];
                // Names of one file are added after it, as a builder does.
                var link = entry with { Path = entry.Path.Append("link"u8), Kind = EntryKind.HardLink, LinkTarget = entry.Path.Bytes.ToArray() };
                var isLinked = entry.Kind == EntryKind.Regular && !model.ContainsKey(link.Path);
                if (kinds.TryAdd(entry.Kind, Line(entry)))
                {
                    records.Add(StoredEntry.Of(entry));
                    if (isLinked)
                    {
                        records.AddName(link.Path, EntryKind.HardLink, records.Count - 1);
                        model[link.Path] = new() { [EntryKind.HardLink] = Line(link) };
                    }
                }
            }
            var expected = model.Values.SelectMany(kinds => kinds.Values).ToArray();
            Assert.Equal(expected.Length, records.Count);
            var index = Written(LayerIndex.Create(Digest.Of([]), 0, records, new byte[IndexHeader.HashSize]));
            Assert.Equal(expected, Enumerable.Range(0, index.Count).Select(i => Line(index[i])));
            foreach (var path in model.Keys)
            {
                Assert.Equal(path, index[index.Find(path)].Path);
                var below = model.Where(pair => pair.Key != path && pair.Key.IsWithin(path)).SelectMany(pair => pair.Value.Values);
                var (first, count) = index.Below(path);
                Assert.Equal(below, Enumerable.Range(first, count).Select(i => Line(index[i])));
            }
        },
        iter: 300);

    [Fact]
    public void A_builder_takes_what_a_plain_tree_takes_and_its_tar_says_the_same() => Entry.Array[0, 200].Sample(
        entries =>
        {
            var tar = new MemoryStream();
            using var builder = new LayerBuilder(tar, null);
            var model = new PlainLayer();
            foreach (var made in entries)
            {
                var entry = Sound(made, model);
                if (entry is not null && model.Add(entry))
                {
                    Sample.Add(builder, entry);
                }
            }
            var built = builder.Complete();
            Assert.Equal(model.Lines(), Lines(built));
            Assert.Equal(model.Lines(), Lines(Written(Index(tar.ToArray()))));
        },
        iter: 300);

    [Fact]
    public void Of_a_tar_with_names_that_come_again_the_index_is_what_a_plain_tree_becomes() => RandomLayer.Path.Array[1, 12].SelectMany(
        paths => Gen.Int[0, 9].Array[paths.Length].Select(kinds => paths.Zip(kinds).ToArray())).Sample(
        steps =>
        {
            var model = new PlainLayer();
            var headers = new List<TarHeader>();
            foreach (var (i, (path, kind)) in steps.Index())
            {
                var entry = kind switch
                {
                    0 or 1 => Directory(path),
                    2 or 3 or 4 => model.AnyFile(i, ownName: false) is { } file && !file.IsWithin(ImagePath.Parse(path)) ? HardLink(path, file.ToString()[1..]) : Device(path, EntryKind.Fifo, 0, 0),
                    5 => Whiteout(path),
                    6 => Opaque(path),
                    7 => Device(path, EntryKind.CharacterDevice, 1, (uint)i),
                    8 => File(path, ""),
                    _ => File(path, new string('\0', i + 1)),
                };
                entry = entry.IsWhiteout ? entry : entry with { UserId = (uint)i, Mode = 0x1A4, Modified = Time };
                if (model.Place(entry))
                {
                    headers.Add(HeaderOf(entry));
                }
            }
            Assert.Equal(model.Lines(), Lines(Written(Index(Archive(headers)))));
        },
        iter: 2000);

    private static TarHeader HeaderOf(LayerEntry entry)
    {
        var path = entry.Path.ToString()[1..];
        var slash = path.LastIndexOf('/') + 1;
        var header = entry.Kind switch
        {
            EntryKind.Directory => Header(path + "/", TarType.Directory),
            EntryKind.HardLink => Header(path, TarType.HardLink, Encoding.UTF8.GetString(entry.LinkTarget.Span)),
            EntryKind.Whiteout => Header($"{path[..slash]}.wh.{path[slash..]}"),
            EntryKind.OpaqueWhiteout => Header($"{path}/.wh..wh..opq"),
            EntryKind.Fifo => Header(path, TarType.Fifo),
            EntryKind.CharacterDevice => Header(path, TarType.CharacterDevice),
            _ => Header(path, size: entry.Size),
        };
        return header with { UserId = entry.UserId, DeviceMajor = entry.DeviceMajor, DeviceMinor = entry.DeviceMinor };
    }

    /// <summary>What the entry would have to be for a builder to take it and a tar to tell all of it; null where nothing would do.</summary>
    private static LayerEntry? Sound(LayerEntry entry, PlainLayer model) => entry switch
    {
        { IsWhiteout: true } => new LayerEntry { Path = entry.Path, Kind = entry.Kind },
        { Kind: EntryKind.HardLink } => model.AnyFile((int)(entry.UserId % 1000), ownName: true) is { } file ? HardLink(entry.Path.ToString()[1..], file.ToString()[1..]) : null,
        _ => entry with
        {
            UserId = entry.UserId / 2,
            Mode = entry.Kind == EntryKind.SymbolicLink ? 0x1FF : entry.Mode,
            Modified = new FileTime(entry.Modified.Seconds, 0),
            LinkTarget = entry.Kind == EntryKind.SymbolicLink ? "target"u8.ToArray() : default(ReadOnlyMemory<byte>),
            DeviceMajor = entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? entry.DeviceMajor + 1 : 0,
            DeviceMinor = entry.Kind is EntryKind.CharacterDevice or EntryKind.BlockDevice ? entry.DeviceMinor : 0,
            Size = entry.Kind == EntryKind.Regular ? entry.Inline?.Length ?? 0 : 0,
            Content = entry.Kind == EntryKind.Regular ? Digest.Of(entry.Inline.GetValueOrDefault().Span) : null,
        },
    };

    private static (string Path, EntryKind Place) KeyOf(LayerEntry entry) =>
        (entry.Path.ToString(), entry.IsWhiteout ? entry.Kind : EntryKind.Regular);

    private static string Line(LayerEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Describe(entry)} {entry.Kind} {entry.Modified.Nanoseconds} {entry.TarOffset} {Convert.ToHexString(entry.LinkTarget.Span)} {entry.Content} {Convert.ToHexString(entry.Inline.GetValueOrDefault().Span)} {entry.Inline is null}");

    private static IEnumerable<string> Lines(LayerIndex index) => Enumerable.Range(0, index.Count).Select(i => Line(index[i] with { TarOffset = -1, Inline = null }));

    private static LayerIndex Written(LayerIndex index)
    {
        var file = new MemoryStream();
        index.Write(file);
        return LayerIndex.Parse(file.ToArray());
    }

    /// <summary>The tree of a layer in plain collections.</summary>
    private sealed class PlainLayer
    {
        // Of directories that no entry is of, null.
        private readonly SortedDictionary<ImagePath, File?> _files = new(InOrder);
        private readonly SortedDictionary<ImagePath, SortedSet<EntryKind>> _marks = new(InOrder);

        /// <summary>As a builder: no path twice, a directory before what is in it. False: the entry is not taken.</summary>
        public bool Add(LayerEntry entry)
        {
            var isNew = entry.IsWhiteout
                ? !(_marks.TryGetValue(entry.Path, out var kinds) && kinds.Contains(entry.Kind))
                : !_files.ContainsKey(entry.Path);
            return isNew && Place(entry);
        }

        /// <summary>As a tar: what comes later takes the place of what was there. False: the entry would be refused.</summary>
        public bool Place(LayerEntry entry)
        {
            var parent = entry.Kind == EntryKind.OpaqueWhiteout ? entry.Path : entry.Path.Parent;
            for (var above = parent; !above.IsRoot; above = above.Parent)
            {
                if (_files.TryGetValue(above, out var there) && !IsDirectory(there))
                {
                    return false;
                }
            }
            for (var above = parent; !above.IsRoot; above = above.Parent)
            {
                _files.TryAdd(above, null);
            }
            if (entry.IsWhiteout)
            {
                if (!_marks.TryGetValue(entry.Path, out var kinds))
                {
                    _marks[entry.Path] = kinds = [];
                }
                kinds.Add(entry.Kind);
                return true;
            }
            // Found before its own name takes the place of what is there.
            var file = entry.Kind == EntryKind.HardLink ? _files[ImagePath.FromClean(entry.LinkTarget.ToArray())]! : new File(entry);
            if (_files.TryGetValue(entry.Path, out var old))
            {
                if (IsDirectory(old) && entry.IsDirectory)
                {
                    _files[entry.Path] = file;
                    return true;
                }
                foreach (var gone in _files.Keys.Where(path => path.IsWithin(entry.Path)).ToArray())
                {
                    _files[gone]?.Names.Remove(gone);
                    _files.Remove(gone);
                }
                foreach (var gone in _marks.Keys.Where(path => path != entry.Path && path.IsWithin(entry.Path)).ToArray())
                {
                    _marks.Remove(gone);
                }
                if (_marks.TryGetValue(entry.Path, out var kinds) && kinds.Remove(EntryKind.OpaqueWhiteout) && kinds.Count == 0)
                {
                    _marks.Remove(entry.Path);
                }
            }
            if (entry.Kind == EntryKind.HardLink && entry.Mode != 0)
            {
                // A tar's link has attributes of its own, which the file takes over; a builder's has not.
                file.Attributes = file.Attributes with { UserId = entry.UserId };
            }
            file.Names.Add(entry.Path);
            _files[entry.Path] = file;
            return true;
        }

        /// <param name="ownName">The first of a file's names: a builder makes no link to a link.</param>
        public ImagePath? AnyFile(int number, bool ownName)
        {
            var files = _files.Where(pair => pair.Value?.Attributes.Kind == EntryKind.Regular).ToArray();
            return files.Length == 0 ? null : ownName ? files[number % files.Length].Value!.Names[0] : files[number % files.Length].Key;
        }

        public IEnumerable<string> Lines()
        {
            foreach (var path in _files.Keys.Union(_marks.Keys).Order(InOrder))
            {
                if (_files.GetValueOrDefault(path) is { } file)
                {
                    var isLink = file.Attributes.Kind == EntryKind.Regular && file.Names[0] != path;
                    yield return Line(file.Attributes with
                    {
                        Path = path,
                        Kind = isLink ? EntryKind.HardLink : file.Attributes.Kind,
                        LinkTarget = isLink ? file.Names[0].Bytes.ToArray() : file.Attributes.LinkTarget,
                        Content = file.Attributes.Kind == EntryKind.Regular ? file.Attributes.Content ?? Digest.Of(file.Attributes.Inline.GetValueOrDefault().Span) : null,
                        TarOffset = -1,
                        Inline = null,
                    });
                }
                foreach (var mark in _marks.GetValueOrDefault(path) ?? [])
                {
                    yield return Line(new LayerEntry { Path = path, Kind = mark });
                }
            }
        }

        private static bool IsDirectory(File? file) => file is null or { Attributes.IsDirectory: true };

        private sealed class File(LayerEntry attributes)
        {
            public LayerEntry Attributes { get; set; } = attributes;

            public List<ImagePath> Names { get; } = [];
        }
    }
}
