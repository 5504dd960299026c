using System.Collections.Immutable;
using Strata.Linux;
using Strata.Oci;

namespace Strata.Build;

/// <summary>A stage as far as it has been planned. A stage that starts from it goes on with a copy.</summary>
internal sealed class StageState
{
    public required Vertex Top { get; set; }

    /// <summary>Platform and unknown fields of the base; its config, history and times are kept apart.</summary>
    public required ImageConfig Base { get; init; }

    public required ContainerConfig Config { get; set; }
    public string? Author { get; set; }
    public required ImmutableArray<HistoryEntry> BaseHistory { get; init; }
    public List<PlannedHistory> History { get; private init; } = [];
    public Variables Variables { get; private init; } = new();

    /// <summary>Every ARG declared, in order, repeated where it was.</summary>
    public List<(string Name, string? Value)> Args { get; private init; } = [];

    /// <summary>A CMD stands in this very stage, so ENTRYPOINT keeps it.</summary>
    public bool HasOwnCmd { get; set; }

    public required FileTime? Clamp { get; init; }

    public string WorkingDirectory => string.IsNullOrEmpty(Config.WorkingDir) ? "/" : Config.WorkingDir;

    public IReadOnlyList<string> Shell => Config.Shell is { Count: > 0 } shell ? shell : ["/bin/sh", "-c"];

    public StageState Derive() => new()
    {
        Top = Top,
        Base = Base,
        Config = Config,
        Author = Author,
        BaseHistory = BaseHistory,
        History = [.. History],
        Variables = Variables.Copy(),
        Args = [.. Args],
        Clamp = Clamp,
    };

    /// <summary>Takes the variables of the config into the build's.</summary>
    public StageState WithEnvironment()
    {
        foreach (var variable in Config.Env ?? [])
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            Variables.Set(equals < 0 ? variable : variable[..equals], equals < 0 ? "" : variable[(equals + 1)..]);
        }
        return this;
    }
}
