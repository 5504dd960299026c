using Microsoft.Win32.SafeHandles;

namespace Strata.Content.Layers;

/// <summary>Unpacks a layer whose index is known, from a tar that can be read anywhere: by all processors, and without reading headers.</summary>
public static class IndexedExtractor
{
    /// <summary>Whether the index says of every file where it lies and what it is. Sparse files have to be read through.</summary>
    public static bool CanExtract(LayerIndex index)
    {
        for (var position = 0; position < index.Count; position++)
        {
            if (index.KindAt(position) == EntryKind.Regular && index[position] is { TarOffset: < 0 } or { Content: null })
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Makes what <see cref="LayerExtractor.Extract"/> makes of the same layer. Every file's bytes are checked against the digest that the
    /// index has of them while they are written; <see cref="Streams.ContentMismatchException"/> where the tar holds others.
    /// </summary>
    public static void Extract(
        LayerIndex index, SafeFileHandle tar, string targetDirectory, ExtractOptions options, CancellationToken cancellationToken)
    {
        using var extraction = new IndexedExtraction(index, targetDirectory, options);
        extraction.Run(tar, cancellationToken);
    }
}
