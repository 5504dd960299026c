using System.Globalization;
using Strata.Cli.Templates;
using Strata.Host.Running;
using Strata.Oci;
using Strata.Runtime;

namespace Strata.Cli.Rendering.Inspection;

/// <summary>A container as <c>docker inspect</c> shows it, as far as it is known.</summary>
internal static class ContainerInspection
{
    private const string NoTime = "0001-01-01T00:00:00Z";

    /// <param name="facts">The container.</param>
    /// <param name="image">The config of its image; null where that can't be read any more.</param>
    public static Value Of(ContainerFacts facts, ImageConfig? image)
    {
        var (record, details) = (facts.View.Record, facts.View.Details);
        var arguments = facts.Spec?.Arguments ?? details.Command;
        return Value.Of(
            ("Id", record.Id),
            ("Created", OciTime.Format(record.Created)),
            ("Path", arguments is [var program, ..] ? program : ""),
            ("Args", Value.Of(arguments.Skip(1))),
            ("State", State(facts.View)),
            ("Image", record.Image.ToString()),
            ("Name", "/" + record.Name),
            ("HostConfig", Value.Of(
                ("NetworkMode", facts.Spec?.Network is NetworkMode.None ? "none" : "host"),
                ("AutoRemove", details.RemoveWhenEnded),
                ("ReadonlyRootfs", facts.Spec?.ReadOnlyRoot ?? false))),
            ("Mounts", Value.Of((facts.Spec?.Mounts ?? []).Select(Mount).OfType<Value>())),
            ("Config", Value.Of(
                ("Hostname", facts.Spec?.Hostname ?? ""),
                ("User", facts.Spec?.User is { } user ? string.Create(CultureInfo.InvariantCulture, $"{user.UserId}:{user.GroupId}") : ""),
                ("Tty", facts.Spec?.Terminal ?? false),
                ("Env", Value.Of(facts.Spec?.Environment ?? [])),
                ("Cmd", Value.Of(details.Command)),
                ("Image", record.ImageName ?? record.Image.ToString()),
                ("WorkingDir", facts.Spec?.WorkingDirectory ?? ""),
                ("Labels", Labels(image?.Config?.Labels, details.Labels)))));
    }

    /// <summary>The container's own win over its image's.</summary>
    private static Value Labels(IReadOnlyDictionary<string, string>? image, IReadOnlyDictionary<string, string> own)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in (image ?? new Dictionary<string, string>()).Concat(own))
        {
            all[name] = value;
        }
        return ImageInspection.Labels(all);
    }

    private static Value State(ContainerView view) => Value.Of(
        ("Status", view.State),
        ("Running", view.Status.Phase is ContainerPhase.Running),
        ("Paused", false),
        ("Restarting", false),
        ("Dead", view.Status.Phase is ContainerPhase.Dead),
        ("ExitCode", view.Status.Exit?.Code ?? 0),
        ("Error", view.Status.Exit?.Problem ?? ""),
        ("StartedAt", view.Status.StartedAt is { } started ? OciTime.Format(started) : NoTime),
        ("FinishedAt", view.Status.Exit is { } exit ? OciTime.Format(exit.FinishedAt) : NoTime));

    /// <summary>Null for the files that strata itself shows inside: hosts, resolv.conf.</summary>
    private static Value? Mount(ContainerMount mount) => mount switch
    {
        BindMount bind => Value.Of(
            ("Type", "bind"),
            ("Source", bind.SubPath is null ? bind.Source : Path.Combine(bind.Source, bind.SubPath)),
            ("Destination", bind.Target),
            ("Mode", bind.ReadOnly ? "ro" : ""),
            ("RW", !bind.ReadOnly),
            ("Propagation", "rprivate")),
        TmpfsMount tmpfs => Value.Of(("Type", "tmpfs"), ("Source", ""), ("Destination", tmpfs.Target), ("Mode", ""), ("RW", true), ("Propagation", "")),
        _ => null,
    };
}
