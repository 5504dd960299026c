namespace Strata.Content.Layers;

/// <summary>What one or more names of a layer that is being read are names of.</summary>
internal sealed class LayerInode
{
    private IndexRecords? _packed;
    private int _position;
    private LayerEntry? _attributes;
    private LayerNode? _firstName;
    private List<LayerNode>? _laterNames;
    private int _gone;

    internal LayerInode(LayerEntry attributes)
    {
        _attributes = attributes;
        Kind = attributes.Kind;
        HasContent = attributes.Size > 0;
        XattrSize = EntryRecord.SizeOf(attributes.Xattrs);
    }

    internal EntryKind Kind { get; }

    /// <summary>A regular file that is not empty.</summary>
    internal bool HasContent { get; }

    /// <summary>Bytes of its extended attributes.</summary>
    internal int XattrSize { get; private set; }

    /// <summary>The content, of the few small files that an index carries; apart from the attributes, so that many names have it once.</summary>
    internal byte[]? Inline { get; set; }

    /// <summary>Where its first name's record is in the index to come, once it is there; -1 before.</summary>
    internal int Record { get; set; } = -1;

    /// <summary>How many names it has got so far, those that are gone included.</summary>
    internal int Names => _firstName is null ? 0 : 1 + (_laterNames?.Count ?? 0);

    /// <summary>Of a symbolic link: the attributes are not made anew for it.</summary>
    internal ReadOnlyMemory<byte> LinkTarget => _attributes?.LinkTarget ?? _packed!.LinkTargetAt(_position);

    /// <summary>Where the content, or its first part, starts in the tar.</summary>
    internal long ContentOffset { get; init; } = -1;

    internal bool IsSparse { get; init; }

    /// <summary>Without a path (it is the root's): names have theirs in their nodes. Once packed, made anew each time they are asked for.</summary>
    internal LayerEntry Attributes
    {
        get => _attributes ?? _packed![_position];
        set
        {
            _attributes = value;
            XattrSize = EntryRecord.SizeOf(value.Xattrs);
        }
    }

    /// <summary>
    /// Keeps the attributes as a record, which takes a fourth of the memory; what changes later is kept as an object again, so that nobody
    /// fills the records by changing one file many times.
    /// </summary>
    internal void Pack(IndexRecords records)
    {
        _position = records.Count;
        records.Add(new StoredEntry(Attributes, ContentOffset, IsSparse));
        (_packed, _attributes) = (records, null);
    }

    /// <summary>After those that it has, in the order of the tar.</summary>
    internal void AddName(LayerNode name)
    {
        if (_firstName is null)
        {
            _firstName = name;
        }
        else
        {
            (_laterNames ??= []).Add(name);
        }
    }

    /// <summary>The first of the names that nothing took the place of; null where there is none.</summary>
    internal LayerNode? Name()
    {
        if (_firstName is not { IsAlive: false })
        {
            return _firstName;
        }
        // None comes back: those that are gone are passed over once.
        while (_gone < _laterNames?.Count && !_laterNames[_gone].IsAlive)
        {
            _gone++;
        }
        return _gone < _laterNames?.Count ? _laterNames[_gone] : null;
    }
}
