using Strata.Build;

namespace Strata.Host.Building;

/// <summary>Finds the Dockerfile of a build and reads it.</summary>
internal sealed class DockerfileReader(HostEnvironment environment)
{
    internal const string StandardInput = "-";
    private const int Largest = 16 * 1024 * 1024;

    /// <summary>Where the magic of a tar stands in its first header (POSIX ustar).</summary>
    private const int TarMagicOffset = 257;

    /// <param name="command">What was asked for.</param>
    /// <param name="folder">The build context; null when there is none.</param>
    /// <param name="standardInput">Read only when the Dockerfile comes from there.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<DockerfileSource> ReadAsync(
        BuildCommand command, string? folder, Stream standardInput, CancellationToken cancellationToken)
    {
        if (folder is null || command.DockerfilePath == StandardInput)
        {
            var given = await ReadBoundedAsync(standardInput, "the Dockerfile on standard input", cancellationToken);
            RefuseArchive(given);
            RefuseBinary(given, "the Dockerfile on standard input");
            return new DockerfileSource("Dockerfile", given, Path: null);
        }
        var path = Find(command, folder);
        await using var file = File.OpenRead(path);
        var content = await ReadBoundedAsync(file, path, cancellationToken);
        RefuseBinary(content, path);
        return new DockerfileSource(Path.GetFileName(path), content, path);
    }

    private string Find(BuildCommand command, string folder)
    {
        var path = command.DockerfilePath is { } given ? Path.GetFullPath(given, environment.WorkingDirectory) : Path.Combine(folder, "Dockerfile");
        // docker takes -f from the context too, where it is not there from here.
        if (command.DockerfilePath is { } inContext && !File.Exists(path) && File.Exists(Path.Combine(folder, inContext)))
        {
            path = Path.Combine(folder, inContext);
        }
        if (File.Exists(path))
        {
            return path;
        }
        var others = Directory.EnumerateFiles(folder).Select(Path.GetFileName)
            .Where(name => name!.Contains("dockerfile", StringComparison.OrdinalIgnoreCase)
                || name.Contains("containerfile", StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .ToList();
        throw new StrataException(
            Directory.Exists(path) ? $"{path} is a folder, not a Dockerfile" : $"there is no Dockerfile at {path}",
            others is [var only, ..] ? $"did you mean -f {Path.Combine(command.Context, only!)}?" : "write one, or say with -f where it is");
    }

    private static void RefuseArchive(ReadOnlySpan<byte> content)
    {
        var isTar = content.Length > TarMagicOffset + 5 && content.Slice(TarMagicOffset, 5).SequenceEqual("ustar"u8);
        if (isTar || content is [0x1F, 0x8B, ..] || content.StartsWith("BZh"u8) || content is [0xFD, (byte)'7', (byte)'z', ..])
        {
            throw new StrataException(
                "standard input is an archive: a build context that comes as one can't be built from yet",
                "unpack it into a folder (tar -x -C FOLDER) and give that");
        }
    }

    private static void RefuseBinary(ReadOnlySpan<byte> content, string name)
    {
        if (content.IndexOf((byte)0) is >= 0 and var place)
        {
            throw new StrataException(
                $"{name} is no text: line {content[..place].Count((byte)'\n') + 1} holds a NUL byte", "a Dockerfile is written in UTF-8");
        }
    }

    private static async Task<byte[]> ReadBoundedAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            content.Write(buffer, 0, count);
            if (content.Length > Largest)
            {
                throw new StrataException($"{name} has more than {Largest / (1024 * 1024)} MiB, which no Dockerfile has");
            }
        }
        return content.ToArray();
    }
}
