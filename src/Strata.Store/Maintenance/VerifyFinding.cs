using Strata.Oci;

namespace Strata.Store;

/// <summary>Something in the store that is not as it should be. A closed family.</summary>
public abstract record VerifyFinding
{
    private VerifyFinding()
    {
    }

    /// <summary>Nothing is lost by it, and it goes or comes again by itself.</summary>
    public virtual bool IsHarmless => false;

    /// <summary>The file of a blob is gone.</summary>
    public sealed record BlobMissing(Digest Blob) : VerifyFinding;

    /// <summary>The file of a blob holds other bytes.</summary>
    public sealed record BlobDamaged(Digest Blob, Digest Actual) : VerifyFinding;

    /// <summary>The file of a blob is whole, and the database says another size.</summary>
    public sealed record BlobSizeWrong(Digest Blob, long Size) : VerifyFinding;

    /// <summary>The disk does not give the bytes of a blob's file.</summary>
    public sealed record BlobUnreadable(Digest Blob, string Why) : VerifyFinding;

    /// <summary>The blob is gone or damaged, and a repair had to leave it, as another process takes it to be present.</summary>
    public sealed record LeftInUse(Digest Blob) : VerifyFinding
    {
        public override string ToString() => $"blob {Blob} is in use by another process and was left as it is: end that process, then repair again";
    }

    /// <summary>Was damaged, and is whole again: a blob, a manifest, or a layer's tar where the layer has lost all its forms.</summary>
    /// <param name="Repository">Where it was fetched.</param>
    public sealed record Restored(Digest Content, RestoredFrom From, Reference? Repository) : VerifyFinding
    {
        public override bool IsHarmless => true;
    }

    /// <summary>A file, or a folder of a snapshot, that no row names; harmless.</summary>
    public sealed record Stray(string Path) : VerifyFinding
    {
        public override bool IsHarmless => true;
    }

    /// <summary>A layer's index is gone, can't be read or is not that of its tar; it is made again when it's needed.</summary>
    public sealed record IndexDamaged(Digest DiffId) : VerifyFinding;

    /// <summary>A layer that nothing can be read of any more.</summary>
    public sealed record LayerLost(Digest DiffId) : VerifyFinding;

    /// <summary>The bytes of a manifest in the database are not those of its digest. A repair leaves it where no repository that had it gives it again.</summary>
    public sealed record ManifestDamaged(Digest Manifest) : VerifyFinding;

    /// <summary>An image that lacks its config or a layer.</summary>
    public sealed record ImageIncomplete(Digest Image, IReadOnlyList<Digest> Missing) : VerifyFinding;

    public sealed record SnapshotMissing(string Path) : VerifyFinding;

    /// <summary>The tree of a snapshot is not what its layer says; a repair discards it, and it is made again when it's needed.</summary>
    /// <param name="Path">The tree.</param>
    /// <param name="What">The first difference: a path and a predicate.</param>
    public sealed record SnapshotDamaged(string Path, string What) : VerifyFinding
    {
        /// <summary>A repair had to leave it: a container or another process uses it.</summary>
        public bool IsInUse { get; init; }
    }

    /// <summary>SQLite's own check found something.</summary>
    public sealed record DatabaseDamaged(string Detail) : VerifyFinding;
}

/// <summary>What lost content was made of again.</summary>
public enum RestoredFrom
{
    /// <summary>A registry.</summary>
    Origin,

    /// <summary>The layer's tar, or a compressed blob of it.</summary>
    OtherForm,

    /// <summary>The layer's recipe and the files of a snapshot.</summary>
    Snapshot,

    /// <summary>Its file, which was whole: the database had lost its row.</summary>
    ItsFile,
}

/// <param name="Done">Bytes read so far.</param>
/// <param name="Total">Bytes to read in all.</param>
public sealed record VerifyProgress(long Done, long Total);
