using Strata.Cli.Templates;
using Strata.Host.Images;
using Strata.Oci;

namespace Strata.Cli.Rendering.Inspection;

/// <summary>An image as <c>docker image inspect</c> shows it, and behind that what docker does not know.</summary>
internal static class ImageInspection
{
    private const string NoTime = "0001-01-01T00:00:00Z";

    public static Value Of(ImageFacts facts)
    {
        var config = facts.Image.Config;
        return Value.Of(
        [
            ("Id", facts.Image.Id.ToString()),
            ("RepoTags", Value.Of(facts.Names.Where(name => name.Reference.Tag is not null).Select(name => name.Reference.Familiar))),
            ("RepoDigests", Value.Of(facts.RepoDigests)),
            ("Parent", ""),
            ("Comment", config.History is [.., var last] ? last.Comment ?? "" : ""),
            ("Created", config.Created ?? NoTime),
            ("Author", config.Author ?? ""),
            ("Config", ContainerDefaults(config.Config ?? new ContainerConfig())),
            ("Architecture", config.Architecture),
            .. Given("Variant", config.Variant),
            ("Os", config.Os),
            .. Given("OsVersion", config.OsVersion),
            ("Size", facts.Size),
            ("RootFS", Value.Of(("Type", config.RootFs.Type), ("Layers", Value.Of(facts.Image.Layers.Select(layer => layer.ToString()))))),
            ("Metadata", Value.Of(("LastTagTime", facts.Tagged is { } tagged ? OciTime.Format(tagged) : NoTime))),
            ("Containers", facts.Containers),
            ("Manifests", Value.Of(facts.Manifests.Select(manifest =>
                (Value)Value.Of(("Digest", manifest.Digest.ToString()), ("MediaType", manifest.MediaType), ("Size", manifest.Raw.Length))))),
            ("History", Value.Of((config.History ?? []).Select(History))),
            .. Unknown(config.Unknown),
        ]);
    }

    /// <summary>The part of a config that says what runs, with docker's names, the empty ones too.</summary>
    public static Value ContainerDefaults(ContainerConfig config) => Value.Of(
    [
        ("User", config.User ?? ""),
        ("ExposedPorts", Keys(config.ExposedPorts)),
        ("Env", List(config.Env)),
        ("Cmd", List(config.Cmd)),
        .. config.Healthcheck is { } check ? [("Healthcheck", Health(check))] : Array.Empty<(string, Value)>(),
        .. config.ArgsEscaped is { } escaped ? [("ArgsEscaped", escaped)] : Array.Empty<(string, Value)>(),
        ("Volumes", Keys(config.Volumes)),
        ("WorkingDir", config.WorkingDir ?? ""),
        ("Entrypoint", List(config.Entrypoint)),
        ("OnBuild", List(config.OnBuild)),
        ("Labels", Labels(config.Labels)),
        .. Given("StopSignal", config.StopSignal),
        .. config.Shell is { } shell ? [("Shell", Value.Of(shell))] : Array.Empty<(string, Value)>(),
        .. Unknown(config.Unknown),
    ]);

    public static Value Labels(IReadOnlyDictionary<string, string>? labels) =>
        labels is null ? Value.NoMap : new Value.Map(labels.Select(label => KeyValuePair.Create(label.Key, (Value)label.Value)));

    public static Value List(IReadOnlyList<string>? items) => items is null ? Value.NoList : Value.Of(items);

    private static Value Keys(IReadOnlyList<string>? keys) =>
        keys is null ? Value.NoMap : new Value.Map(keys.Select(key => KeyValuePair.Create(key, (Value)new Value.Map([]))));

    private static Value Health(HealthCheck check) => Value.Of(
    [
        ("Test", List(check.Test)),
        .. Given("Interval", check.Interval),
        .. Given("Timeout", check.Timeout),
        .. Given("StartPeriod", check.StartPeriod),
        .. Given("StartInterval", check.StartInterval),
        .. Given("Retries", check.Retries),
    ]);

    private static Value History(HistoryEntry entry) => Value.Of(
    [
        .. Given("Created", entry.Created),
        .. Given("CreatedBy", entry.CreatedBy),
        .. Given("Author", entry.Author),
        .. Given("Comment", entry.Comment),
        .. entry.EmptyLayer is { } empty ? [("EmptyLayer", empty)] : Array.Empty<(string, Value)>(),
    ]);

    private static (string, Value)[] Given(string name, string? text) => text is null ? [] : [(name, text)];

    private static (string, Value)[] Given(string name, long? number) => number is { } known ? [(name, known)] : [];

    private static IEnumerable<(string, Value)> Unknown(IDictionary<string, System.Text.Json.JsonElement>? fields) =>
        (fields ?? new Dictionary<string, System.Text.Json.JsonElement>()).Select(field => (field.Key, ValueJson.Read(field.Value)));
}
