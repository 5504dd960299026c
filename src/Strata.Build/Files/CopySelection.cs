using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Strata.Content.Layers;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>What a COPY takes, each file with its content.</summary>
internal sealed class CopySelection
{
    private const int Portion = 64 * 1024;
    private const int MostStackBytes = 256;

    private readonly Dictionary<SourceEntry, FileContent> _read;

    private CopySelection(IReadOnlyList<SourceMatch> matches, Dictionary<SourceEntry, FileContent> read, IReadOnlyList<string> warnings)
    {
        Matches = matches;
        _read = read;
        Warnings = warnings;
    }

    public IReadOnlyList<SourceMatch> Matches { get; }

    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The latest time among what is taken; the file time zero when nothing is.</summary>
    public FileTime Newest
    {
        get
        {
            FileTime newest = default;
            foreach (var match in Matches)
            {
                foreach (var selected in match.Entries)
                {
                    newest = newest.Latest(selected.Entry.Modified);
                }
            }
            return newest;
        }
    }

    /// <summary>Selects, and reads what isn't known yet. Throws <see cref="FileChangedException"/> when files change meanwhile.</summary>
    public static async Task<CopySelection> MakeAsync(CopyOp op, ISourceTree? tree, FileHasher hasher, CancellationToken cancellationToken)
    {
        var warnings = new List<string>();
        var matches = new CopySelector(op, tree, cancellationToken).Select(warnings);
        var read = new Dictionary<SourceEntry, FileContent>(ReferenceEqualityComparer.Instance);
        if (tree is ContextTree context)
        {
            SourceEntry[] files = [.. matches.SelectMany(match => match.Entries)
                .Select(selected => selected.Entry)
                .Where(entry => entry is { IsRegular: true, Content: null })];
            var contents = await hasher.HashAsync(context, files, cancellationToken);
            read.EnsureCapacity(files.Length);
            for (var i = 0; i < files.Length; i++)
            {
                read[files[i]] = contents[i];
            }
        }
        return new CopySelection(matches, read, warnings);
    }

    /// <summary>The same with every archive unpacked; <paramref name="archives"/> are to be disposed when the layer is written.</summary>
    public CopySelection Unpack(ContextTree? tree, UnpackWork work, ICollection<UnpackedArchive> archives)
    {
        if (!Matches.Any(match => match.IsArchive))
        {
            return this;
        }
        var matches = new List<SourceMatch>(Matches.Count);
        foreach (var match in Matches)
        {
            if (match.IsArchive)
            {
                var archive = UnpackedArchive.Open(tree!, match.Entries[0].Entry, ContentOf(match.Entries[0].Entry)!.Digest, work);
                archives.Add(archive);
                matches.Add(archive.Match);
            }
            else
            {
                matches.Add(match);
            }
        }
        return new CopySelection(matches, _read, Warnings);
    }

    /// <summary>Null for what has no content.</summary>
    public FileContent? ContentOf(SourceEntry entry) => entry.Content ?? _read.GetValueOrDefault(entry);

    /// <summary>
    /// Adds everything that the copies will be made of: names below the source, kinds, modes and owners as they will be
    /// written, links, attributes and bytes. Not where they come from, and no times, as in BuildKit.
    /// </summary>
    public void Describe(CopyOp op, FactList facts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var headers = new MemoryStream();
        foreach (var match in Matches)
        {
            WriteNumber(headers, match.Entries.Count);
            headers.WriteByte((byte)(match.IsArchive ? 2 : match.IsDirectory ? 1 : 0));
            foreach (var (selected, first) in WithFirstNames(match))
            {
                WriteHeader(headers, op, match, selected);
                Write(headers, first);
                if (headers.Length >= Portion)
                {
                    hash.AppendData(headers.GetBuffer(), 0, (int)headers.Length);
                    headers.SetLength(0);
                }
            }
        }
        hash.AppendData(headers.GetBuffer(), 0, (int)headers.Length);
        facts.AddMany(hash.GetHashAndReset(), () => FactsOf(op));
    }

    private IEnumerable<Fact> FactsOf(CopyOp op)
    {
        using var header = new MemoryStream();
        foreach (var match in Matches)
        {
            foreach (var (selected, first) in WithFirstNames(match))
            {
                header.SetLength(0);
                WriteHeader(header, op, match, selected);
                Write(header, first);
                yield return Fact.Of(selected.Entry.Path.ToString()[1..], SHA256.HashData(header.GetBuffer().AsSpan(0, (int)header.Length)));
            }
        }
    }

    /// <summary>Each entry with the name that a layer makes it a link to: of one file's names the first; empty for every other entry.</summary>
    private static IEnumerable<(SelectedEntry Selected, byte[] First)> WithFirstNames(SourceMatch match)
    {
        var names = new Dictionary<LinkIdentity, ImagePath>();
        foreach (var selected in match.Entries)
        {
            var isLink = selected.Entry is { IsRegular: true, Link: { } link } && !names.TryAdd(link, selected.Relative);
            yield return (selected, isLink ? names[selected.Entry.Link!.Value].Bytes.ToArray() : []);
        }
    }

    private void WriteHeader(MemoryStream to, CopyOp op, SourceMatch match, SelectedEntry selected)
    {
        var entry = selected.Entry;
        Write(to, match.IsDirectory ? selected.Relative.Bytes : match.Path.Name);
        to.WriteByte((byte)entry.Kind);
        WriteNumber(to, op.Mode is { } change && entry.Kind != EntryKind.SymbolicLink ? change.Apply(entry.Mode, entry.IsDirectory) : entry.Mode);
        WriteNumber(to, op.Owner is null ? entry.UserId : 0);
        WriteNumber(to, op.Owner is null ? entry.GroupId : 0);
        WriteNumber(to, entry.DeviceMajor);
        WriteNumber(to, entry.DeviceMinor);
        WriteNumber(to, entry.Size);
        Write(to, entry.LinkTarget.Span);
        if (ContentOf(entry) is not { } content)
        {
            return;
        }
        Write(to, content.Digest.ToString());
        WriteNumber(to, content.Xattrs.Count);
        foreach (var (name, value) in content.Xattrs)
        {
            Write(to, name);
            Write(to, value);
        }
    }

    private static void Write(MemoryStream to, string text)
    {
        Span<byte> bytes = stackalloc byte[MostStackBytes];
        if (Encoding.UTF8.TryGetBytes(text, bytes, out var length))
        {
            Write(to, bytes[..length]);
        }
        else
        {
            Write(to, Encoding.UTF8.GetBytes(text));
        }
    }

    private static void Write(MemoryStream to, ReadOnlySpan<byte> bytes)
    {
        WriteNumber(to, bytes.Length);
        to.Write(bytes);
    }

    private static void WriteNumber(MemoryStream to, long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        to.Write(bytes);
    }
}
