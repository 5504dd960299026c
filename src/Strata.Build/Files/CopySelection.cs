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

    // The contents of a context's files; those of a match begin at its first number.
    private readonly FileContents _read;
    private readonly int[] _firsts;

    private CopySelection(IReadOnlyList<SourceMatch> matches, FileContents read, int[] firsts, IReadOnlyList<string> warnings)
    {
        Matches = matches;
        _read = read;
        _firsts = firsts;
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
        var firsts = new int[matches.Count];
        var count = 0;
        for (var i = 0; i < firsts.Length; i++)
        {
            firsts[i] = count;
            CopyLimit.Check((long)count + matches[i].Entries.Count, bytes: 0);
            count += matches[i].Entries.Count;
        }
        var read = new FileContents(tree is ContextTree ? count : 0);
        if (tree is ContextTree context)
        {
            await hasher.HashAsync(context, matches.SelectMany(match => match.Entries).Select(selected => selected.Entry), read, cancellationToken);
        }
        return new CopySelection(matches, read, firsts, warnings);
    }

    /// <summary>The same with every archive unpacked; <paramref name="archives"/> are to be disposed when the layer is written.</summary>
    public CopySelection Unpack(ContextTree? tree, UnpackWork work, ICollection<UnpackedArchive> archives)
    {
        if (!Matches.Any(match => match.IsArchive))
        {
            return this;
        }
        var matches = new List<SourceMatch>(Matches.Count);
        for (var i = 0; i < Matches.Count; i++)
        {
            var match = Matches[i];
            if (match.IsArchive)
            {
                var entry = match.Entries[0].Entry;
                var archive = UnpackedArchive.Open(tree!, entry, ContentOf(i, 0, entry)!.Digest, work);
                archives.Add(archive);
                matches.Add(archive.Match);
            }
            else
            {
                matches.Add(match);
            }
        }
        return new CopySelection(matches, _read, _firsts, Warnings);
    }

    /// <summary>Of an entry of a match; null for what has no content.</summary>
    public FileContent? ContentOf(int match, int number, SourceEntry entry) =>
        entry.Content ?? (entry is { IsRegular: true, Layer: < 0, Archive: null } ? _read[_firsts[match] + number] : null);

    /// <summary>
    /// Adds everything that the copies will be made of: names below the source, kinds, modes and owners as they will be
    /// written, links, attributes and bytes. Not where they come from, and no times, as in BuildKit.
    /// </summary>
    public void Describe(CopyOp op, FactList facts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var headers = new MemoryStream();
        for (var i = 0; i < Matches.Count; i++)
        {
            var match = Matches[i];
            WriteNumber(headers, match.Entries.Count);
            headers.WriteByte((byte)(match.IsArchive ? 2 : match.IsDirectory ? 1 : 0));
            foreach (var (number, selected, first) in WithFirstNames(match))
            {
                WriteHeader(headers, op, match, selected, ContentOf(i, number, selected.Entry));
                Write(headers, first);
                if (headers.Length >= Portion)
                {
                    hash.AppendData(headers.GetBuffer(), 0, (int)headers.Length);
                    headers.SetLength(0);
                }
            }
        }
        hash.AppendData(headers.GetBuffer(), 0, (int)headers.Length);
        facts.AddMany(hash.GetHashAndReset(), Matches.Sum(match => match.Entries.Count), () => FactsOf(op));
    }

    private IEnumerable<Fact> FactsOf(CopyOp op)
    {
        using var header = new MemoryStream();
        for (var i = 0; i < Matches.Count; i++)
        {
            foreach (var (number, selected, first) in WithFirstNames(Matches[i]))
            {
                header.SetLength(0);
                WriteHeader(header, op, Matches[i], selected, ContentOf(i, number, selected.Entry));
                Write(header, first);
                yield return Fact.Of(selected.Entry.Path.ToString()[1..], SHA256.HashData(header.GetBuffer().AsSpan(0, (int)header.Length)));
            }
        }
    }

    /// <summary>Each entry with the name that a layer makes it a link to: of one file's names the first; empty for every other entry.</summary>
    private static IEnumerable<(int Number, SelectedEntry Selected, byte[] First)> WithFirstNames(SourceMatch match)
    {
        var names = new Dictionary<LinkIdentity, ImagePath>();
        var number = 0;
        foreach (var selected in match.Entries)
        {
            var isLink = selected.Entry is { IsRegular: true, Link: { } link } && !names.TryAdd(link, selected.Relative);
            yield return (number++, selected, isLink ? names[selected.Entry.Link!.Value].Bytes.ToArray() : []);
        }
    }

    private static void WriteHeader(MemoryStream to, CopyOp op, SourceMatch match, SelectedEntry selected, FileContent? content)
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
        if (content is null)
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
