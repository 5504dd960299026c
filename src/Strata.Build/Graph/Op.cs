using System.Collections.Immutable;
using System.Globalization;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>What a vertex of the build graph does, as data. The set is closed; the solver carries each out.</summary>
internal abstract record Op
{
    /// <summary>Adds everything about the operation that can change its result.</summary>
    public abstract void Describe(FactList facts);
}

/// <summary>The layers of an image. No inputs.</summary>
internal sealed record ImageOp(Reference Reference, BaseImage Image) : Op
{
    /// <summary>When it was made, by its own word; steps above stamp what they make themselves with it.</summary>
    public FileTime Newest
    {
        get
        {
            FileTime newest = Image.Config.CreatedAt is { } created ? FileTimes.Of(created) : default;
            foreach (var entry in Image.Config.History ?? [])
            {
                newest = OciTime.TryParse(entry.Created, out var time) ? newest.Latest(FileTimes.Of(time)) : newest;
            }
            return newest;
        }
    }

    public override void Describe(FactList facts)
    {
        facts.Add("the image", Image.Config.RootFs.DiffIds.Select(id => id.ToString()));
        facts.Add("its time", Newest.ToString());
    }
}

/// <summary>A file system without anything. No inputs.</summary>
internal sealed record ScratchOp : Op
{
    public override void Describe(FactList facts) => facts.Add("the kind", "scratch");
}

/// <summary>A folder of this machine, only ever copied from. No inputs.</summary>
internal sealed record ContextOp(string Name, ContextTree Tree) : Op
{
    public override void Describe(FactList facts) => facts.Add("the context", [Name, Tree.Directory]);
}

/// <summary>Inputs: the file system below.</summary>
internal sealed record MakeDirectoryOp(ImagePath Path, string User) : Op
{
    public override void Describe(FactList facts)
    {
        facts.Add("the directory", Path.Bytes);
        facts.Add("the user", User);
    }
}

/// <summary>Inputs: the file system below, then the tree to copy from unless all sources are inline.</summary>
internal sealed record CopyOp : Op
{
    public required ImmutableArray<CopySource> Sources { get; init; }
    public required ImagePath Destination { get; init; }

    /// <summary>The destination was written as a directory: it ends in a slash, or is <c>.</c>.</summary>
    public required bool IntoDirectory { get; init; }

    /// <summary><c>user[:group]</c>; null keeps the owners of an image's files and gives a context's files to root.</summary>
    public string? Owner { get; init; }

    public FileModeChange? Mode { get; init; }
    public ImmutableArray<string> Excludes { get; init; } = [];

    /// <summary>Archives among the sources are unpacked (ADD).</summary>
    public bool Unpack { get; init; }

    public override void Describe(FactList facts)
    {
        facts.Add("the instruction", [
            "copy", IntoDirectory ? "into" : "to", Owner ?? "-", Mode?.ToString() ?? "-", Unpack ? "unpack" : "-", .. Excludes]);
        facts.Add("the destination", Destination.Bytes);
        foreach (var source in Sources)
        {
            source.Describe(facts);
        }
    }
}

internal abstract record CopySource
{
    private CopySource()
    {
    }

    public abstract void Describe(FactList facts);

    /// <summary>A path or pattern inside the source tree. Only what it finds counts for the result, and where that is put.</summary>
    public sealed record Path(string Pattern) : CopySource
    {
        public override void Describe(FactList facts)
        {
        }
    }

    /// <summary>A file whose content stands in the Dockerfile.</summary>
    public sealed record Inline(string Name, ReadOnlyMemory<byte> Content) : CopySource
    {
        public override void Describe(FactList facts)
        {
            facts.Add("the name of a heredoc", Name);
            facts.Add($"heredoc {Name}", Content.Span);
        }
    }
}

/// <summary>Inputs: the file system below.</summary>
internal sealed record RunOp : Op
{
    public required ImmutableArray<string> Arguments { get; init; }

    /// <summary>In the order it was declared; the proxies among it are in <see cref="Proxies"/> instead.</summary>
    public required ImmutableArray<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Given to the command, but no part of its identity.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Proxies { get; init; } = [];

    public required string WorkingDirectory { get; init; }
    public required string User { get; init; }
    public required StepNetwork Network { get; init; }
    public required string HostName { get; init; }
    public ImmutableArray<string> ExtraHosts { get; init; } = [];
    public ImmutableArray<StepFile> Files { get; init; } = [];

    public override void Describe(FactList facts)
    {
        facts.Add("the command", Arguments);
        foreach (var file in Files)
        {
            facts.Add("the path of a script", [file.Path, file.Mode.ToString(CultureInfo.InvariantCulture)]);
            facts.Add($"script {file.Path}", file.Content.Span);
        }
        foreach (var (name, value) in Environment)
        {
            facts.Add($"variable {name}", value);
        }
        facts.Add("the working directory", WorkingDirectory);
        facts.Add("the user", User);
        facts.Add("the network", Network.ToString());
        facts.Add("the host name", HostName);
        // Names only: an address that changed must not repeat the step, as in BuildKit.
        facts.Add("the extra hosts", ExtraHosts.Select(host => host.Split(':', 2)[0]));
    }
}
