namespace Strata.Content.Layers;

/// <summary>What an entry of a layer is. The numbers are part of the index's file format.</summary>
public enum EntryKind : byte
{
    Regular,

    /// <summary>One more name of a regular file; it carries that file's attributes and content.</summary>
    HardLink,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Directory,
    Fifo,

    /// <summary>The entry's path is hidden in the layers below (image-spec layer.md, "Whiteouts").</summary>
    Whiteout,

    /// <summary>All that the layers below have in the entry's directory is hidden ("Opaque Whiteout").</summary>
    OpaqueWhiteout,
}
