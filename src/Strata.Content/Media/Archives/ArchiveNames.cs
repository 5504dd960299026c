using System.Text;
using Strata.Content.Tar;

namespace Strata.Content.Media.Archives;

/// <summary>
/// What the files and links of an archive are called. Nothing of an archive is ever written to a path, so a name that leads outside
/// is merely one that nobody asks for.
/// </summary>
internal sealed class ArchiveNames
{
    // An image has a few files a layer; this is room for some ten thousand layers.
    private const int MaxEntries = 100_000;
    private const int MaxNameLength = 4096;
    private const int MaxLinks = 8;

    private readonly Dictionary<string, ArchiveMember> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private int _entries;

    /// <summary>The name of a file that is to be added; null for what is no file, links among them, which are kept here.</summary>
    public string? Take(TarHeader header)
    {
        if (++_entries > MaxEntries)
        {
            throw new InvalidImageException($"The archive has more than {MaxEntries:N0} entries; no image has so many.");
        }
        if (header.Name.Length > MaxNameLength || header.LinkName.Length > MaxNameLength)
        {
            throw new InvalidImageException($"The archive has a name of more than {MaxNameLength:N0} bytes.");
        }
        if (Resolve("", Encoding.UTF8.GetString(header.Name)) is not { Length: > 0 } name)
        {
            return null;
        }
        switch (header.Type)
        {
            case TarType.Regular or TarType.Contiguous or TarType.GnuSparse:
                return header.IsSparse
                    ? throw new InvalidImageException($"The archive holds {name} as a sparse file; pack it again without that (tar's --sparse).")
                    : name;
            case TarType.SymbolicLink:
                AddLink(name, Resolve(DirectoryOf(name), Encoding.UTF8.GetString(header.LinkName)));
                return null;
            case TarType.HardLink:
                AddLink(name, Resolve("", Encoding.UTF8.GetString(header.LinkName)));
                return null;
            default:
                return null;
        }
    }

    /// <summary>Of two files with one name it could not be told which is meant, unless their name is their digest.</summary>
    public void Add(ArchiveMember member)
    {
        if (!_files.TryAdd(member.Name, member) && LayoutPaths.DigestOf(member.Name) is null)
        {
            throw Twice(member.Name);
        }
        if (_links.ContainsKey(member.Name))
        {
            throw Twice(member.Name);
        }
    }

    public ArchiveMember? Find(string name)
    {
        var at = Resolve("", name);
        for (var links = 0; at is not null && links <= MaxLinks; links++)
        {
            if (_files.TryGetValue(at, out var member))
            {
                return member;
            }
            at = _links.GetValueOrDefault(at);
        }
        return null;
    }

    private void AddLink(string name, string? target)
    {
        if (_files.ContainsKey(name) || !_links.TryAdd(name, target ?? "") && _links[name] != (target ?? ""))
        {
            throw Twice(name);
        }
    }

    private static InvalidImageException Twice(string name) => new($"The archive holds {name} twice; which one is meant cannot be told.");

    private static string DirectoryOf(string name) => name.LastIndexOf('/') is > 0 and var slash ? name[..slash] : "";

    /// <summary>Null where the path leads outside of the archive.</summary>
    private static string? Resolve(string directory, string path)
    {
        var parts = new List<string>(directory.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".")
            {
                continue;
            }
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }
        return string.Join('/', parts);
    }
}
