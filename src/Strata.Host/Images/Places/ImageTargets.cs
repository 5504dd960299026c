using Strata.Content.Compression;
using Strata.Content.Media.Archives;
using Strata.Host.Registries;
using Strata.Linux;
using Strata.Oci;
using Strata.Remote;
using Strata.Store;

namespace Strata.Host.Images.Places;

/// <summary>Opens places to write to. What was written appears when <c>use</c> has ended well, and only then.</summary>
internal sealed class ImageTargets(Func<LocalStore> store, RegistryAccess registries, HostEnvironment environment)
{
    /// <param name="place">Where to.</param>
    /// <param name="reach">How a registry is reached.</param>
    /// <param name="origin">The source's own name, where it has one.</param>
    /// <param name="use">Writes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public Task<T> OpenAsync<T>(ImagePlace place, Reach reach, Reference? origin, Func<ImageTarget, Task<T>> use, CancellationToken cancellationToken) => place switch
    {
        ImagePlace.Registry registry => ToRegistryAsync(registry.Name, reach, origin, use),
        ImagePlace.Store stored => ToStoreAsync(stored.Wanted, use, cancellationToken),
        ImagePlace.Layout layout => ToLayoutAsync(layout, use, cancellationToken),
        ImagePlace.Archive archive => ToArchiveAsync(archive, origin, use, cancellationToken),
        _ => throw new InvalidOperationException($"An unknown place: {place}"),
    };

    private async Task<T> ToRegistryAsync<T>(Reference name, Reach reach, Reference? origin, Func<ImageTarget, Task<T>> use)
    {
        if (name.Digest is not null)
        {
            throw new StrataException($"{name.Familiar} cannot be written to: what has a digest is there or is not", "give a tag");
        }
        var repository = registries.Repository(name, reach);
        var writer = origin?.Registry == name.Registry ? repository.MountingFrom(_ => origin.Repository) : repository;
        return await use(new ImageTarget(writer, name.Tag) { WantsCompressed = true });
    }

    private async Task<T> ToStoreAsync<T>(string text, Func<ImageTarget, Task<T>> use, CancellationToken cancellationToken)
    {
        var name = Reference.Parse(text).WithDefaultTag();
        if (name.Digest is not null)
        {
            throw new StrataException($"{name.Familiar} cannot be written to: what has a digest is there or is not", "give a tag");
        }
        var local = store();
        var arrival = new StoredArrival(local);
        return await use(new ImageTarget(local.Medium(name, LayerEncoder.Default), name.Tag)
        {
            TakeUnpacked = async (source, manifest) =>
                local.Names.Give(name, await arrival.TakeUnpackedAsync(source.Reader, manifest, null, cancellationToken), manifest: null),
        });
    }

    private Task<T> ToLayoutAsync<T>(ImagePlace.Layout place, Func<ImageTarget, Task<T>> use, CancellationToken cancellationToken)
    {
        var (repository, tag) = NameOf(place.Name);
        return LayoutFolder.FillAsync(
            Path.GetFullPath(place.Path, environment.WorkingDirectory), repository, place.Name, update => use(new ImageTarget(update, tag) { IsLayout = true }), cancellationToken);
    }

    private async Task<T> ToArchiveAsync<T>(ImagePlace.Archive place, Reference? origin, Func<ImageTarget, Task<T>> use, CancellationToken cancellationToken)
    {
        // docker's list of images has whole names only, and drops a tag that stands alone.
        var (repository, tag) = place.Format != ArchiveFormat.Docker ? NameOf(place.Name)
            : place.Name is not null ? WholeNameOf(place.Name)
            : (origin, origin?.Tag);
        if (place.Path == "-")
        {
            return await WriteAsync(OutputStream.Standard);
        }
        var path = Path.GetFullPath(place.Path, environment.WorkingDirectory);
        // The images that are in it would be lost; an OCI archive is replaced, as skopeo replaces it.
        if (place.Format == ArchiveFormat.Docker && HostFile.Status(path, follow: true) is { Kind: FileKind.Regular, Size: > 0 })
        {
            throw new StrataException(
                $"{path} is there already, and copy adds no image to a docker-archive",
                "name another file, or remove this one; `strata save -o FILE IMAGE…` writes several images into one archive");
        }
        using var output = ArchiveOutput.Create(path);
        var result = await WriteAsync(output.Stream);
        output.Publish();
        return result;

        async Task<T> WriteAsync(Stream stream)
        {
            using var archive = new ImageArchiveWriter(stream, place.Format);
            var result = await use(new ImageTarget(archive.In(repository, place.Format == ArchiveFormat.Docker ? null : place.Name), tag) { OneAtATime = true, IsLayout = place.Format == ArchiveFormat.Oci });
            await archive.CompleteAsync(cancellationToken);
            return result;
        }
    }

    /// <summary>A word alone is a tag; what has more is a whole name.</summary>
    private static (Reference? Repository, Tag? Tag) NameOf(string? text) =>
        text is null ? (null, null)
        : Tag.TryParse(text, out var tag) ? (null, tag)
        : WholeNameOf(text);

    private static (Reference? Repository, Tag? Tag) WholeNameOf(string text)
    {
        var name = Reference.Parse(text).WithDefaultTag();
        return name.Digest is null ? (name, name.Tag)
            : throw new StrataException($"{text} cannot be written to: what has a digest is there or is not", "give a tag");
    }
}
