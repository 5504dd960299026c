using System.Collections.Immutable;
using Strata.Content.Layers;
using Strata.Content.Streams;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Writes planned entries straight into a layer: files of a context from where they lie, files of an image as its layers give them.</summary>
internal sealed class LayerAssembler(ILayerAccess access, string temporaryDirectory)
{
    /// <summary>Throws <see cref="FileChangedException"/>, and leaves no layer, when a file isn't what was planned with.</summary>
    public async Task<LayerIndex> WriteAsync(LayerRecipe recipe, CancellationToken cancellationToken)
    {
        CopyLimit.Check(recipe.Entries.Count, recipe.Entries.Bytes);
        await using var writer = access.Begin();
        using var builder = new LayerBuilder(writer.Tar, recipe.ClampModified, recipe.Entries.Count, (int)recipe.Entries.Bytes);
        if (recipe.SourceLayers.IsEmpty)
        {
            WriteFromContext(recipe, builder, cancellationToken);
        }
        else
        {
            await WriteFromImageAsync(recipe, builder, cancellationToken);
        }
        var index = builder.Complete();
        await writer.CommitAsync(index, cancellationToken);
        return index;
    }

    private static void WriteFromContext(LayerRecipe recipe, LayerBuilder builder, CancellationToken cancellationToken)
    {
        using var cursor = recipe.Context?.OpenCursor();
        foreach (var entry in recipe.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (entry)
            {
                case { Source: null or { Inline: not null } }:
                    WritePlain(entry, builder);
                    break;
                case { Source.Archive: { } place }:
                    WriteFromArchive(place, entry, builder);
                    break;
                case { Source: { } source }:
                    WriteFile(cursor!, source, entry, builder);
                    break;
            }
        }
    }

    private static void WriteFile(RootedDirectory cursor, SourceEntry source, PlannedEntry entry, LayerBuilder builder)
    {
        using var file = ContextTree.OpenFile(cursor, source);
        try
        {
            if (builder.AddFile(entry.Header, file) != entry.Content!.Digest)
            {
                throw new FileChangedException(source.Path);
            }
        }
        catch (ContentChangedException)
        {
            throw new FileChangedException(source.Path);
        }
    }

    private static void WriteFromArchive(ArchivePlace place, PlannedEntry entry, LayerBuilder builder)
    {
        using var content = new FileSliceStream(place.Tar, place.Offset, entry.Header.Size);
        builder.AddFile(entry.Header, content);
    }

    private async Task WriteFromImageAsync(LayerRecipe recipe, LayerBuilder builder, CancellationToken cancellationToken)
    {
        using var sink = new ImageContentSink(recipe.Entries, builder, temporaryDirectory);
        var wanted = recipe.Entries
            .Where(entry => entry.Source is { Layer: >= 0 })
            .GroupBy(entry => entry.Source!.Layer, entry => entry.Source!.Position);
        foreach (var layer in wanted)
        {
            await access.ReadFilesAsync(
                recipe.SourceLayers[layer.Key],
                [.. layer.Distinct().Order()],
                (position, content) => sink.Receive(layer.Key, position, content),
                cancellationToken);
        }
        sink.Finish();
    }

    internal static void WritePlain(PlannedEntry entry, LayerBuilder builder)
    {
        switch (entry.Header.Kind)
        {
            case EntryKind.Directory:
                builder.AddDirectory(entry.Header);
                break;
            case EntryKind.SymbolicLink:
                builder.AddSymbolicLink(entry.Header);
                break;
            case EntryKind.HardLink:
                builder.AddHardLink(entry.Header);
                break;
            case EntryKind.Regular:
                using (var content = new MemoryStream(entry.Source!.Inline!.Value.ToArray(), writable: false))
                {
                    builder.AddFile(entry.Header, content);
                }
                break;
            default:
                builder.AddNode(entry.Header);
                break;
        }
    }
}

/// <param name="Entries">In the order of a layer.</param>
/// <param name="Context">Where files lie that are not in an image.</param>
/// <param name="SourceLayers">The stack that entries with a layer number come from; empty when they come from a context.</param>
internal sealed record LayerRecipe(
    PlannedLayer Entries, ContextTree? Context, ImmutableArray<Digest> SourceLayers, FileTime? ClampModified);
