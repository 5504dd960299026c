using Strata.Host.Running;
using Strata.Runtime;

namespace Strata.Cli.Rendering;

/// <summary>What lists say beneath STATUS, in docker's words: how long it has run, or how it ended and when.</summary>
internal static class ContainerStatusText
{
    public static string Of(ContainerView container, DateTimeOffset now) => container.Status switch
    {
        { Phase: ContainerPhase.Running, StartedAt: { } started } => "Up " + Amounts.Age(now - started),
        { Exit: { } exit } => $"Exited ({exit.Code}) {Amounts.Ago(exit.FinishedAt, now)}",
        { Phase: ContainerPhase.Dead } => "Dead",
        _ => "Created",
    };
}
