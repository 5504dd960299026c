using Strata.Oci;

namespace Strata.Store;

/// <summary>Where things lie below the store's root.</summary>
internal sealed class StoreFolders
{
    public StoreFolders(string root)
    {
        Root = Path.GetFullPath(root);
        FormatFile = Path.Combine(Root, "VERSION");
        Database = Path.Combine(Root, "strata.db");
        Blobs = Path.Combine(Root, "blobs");
        Layers = Path.Combine(Root, "layers");
        Snapshots = Path.Combine(Root, "snapshots");
        Leases = Path.Combine(Root, "leases");
        Locks = Path.Combine(Root, "locks");
        Containers = Path.Combine(Root, "containers");
        CollectionLock = Path.Combine(Root, "gc.lock");
        Reserve = Path.Combine(Root, "reserve");
        StraysNote = Path.Combine(Leases, "strays");
    }

    public string Root { get; }
    public string FormatFile { get; }
    public string Database { get; }
    public string Blobs { get; }
    public string Layers { get; }
    public string Snapshots { get; }
    public string Leases { get; }
    public string Locks { get; }
    public string Containers { get; }
    public string CollectionLock { get; }
    public string Reserve { get; }
    public string StraysNote { get; }

    /// <summary>All that the making of a store puts into its root.</summary>
    public IEnumerable<string> Made => [Blobs, Layers, Snapshots, Leases, Locks, Containers];

    /// <summary>The folders in which temporaries are made; they are renamed from there to where they belong.</summary>
    public IEnumerable<string> WithTemporaries => [Blobs, Layers, Snapshots, Root];

    /// <summary><c>blobs/sha256/ab/abcd…</c>: two levels, so that no folder grows large.</summary>
    public string BlobFolder(Digest digest) =>
        Path.Combine(Blobs, digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512", digest.Hex[..2]);

    public string Blob(Digest digest) => Path.Combine(BlobFolder(digest), digest.Hex);

    public string Index(Digest diffId) => Path.Combine(Layers, diffId.Hex + ".idx");

    public string Snapshot(string id) => Path.Combine(Snapshots, id);

    /// <summary>What is mounted; the folder above it is the store's own.</summary>
    public string SnapshotTree(string id) => Path.Combine(Snapshots, id, "fs");

    public string Container(string id) => Path.Combine(Containers, id);
}
