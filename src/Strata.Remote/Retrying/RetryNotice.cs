using System.Globalization;

namespace Strata.Remote.Retrying;

/// <summary>Something failed and is tried again: for people to read, before the wait.</summary>
/// <param name="Registry">As references name it.</param>
/// <param name="What">The request or transfer, without query and credentials.</param>
/// <param name="Reason">A phrase that says what went wrong.</param>
/// <param name="Failure">Which failure in a row this was, from 1.</param>
/// <param name="Tries">How many tries there are in all.</param>
/// <param name="Wait">How long from now the next try begins.</param>
public sealed record RetryNotice(string Registry, string What, string Reason, int Failure, int Tries, TimeSpan Wait)
{
    /// <summary>All of it in one line; what a registry said may be part of it.</summary>
    public string Line
    {
        get
        {
            var next = Wait > TimeSpan.Zero ? $"in {Wait.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s" : "now";
            return string.Create(CultureInfo.InvariantCulture, $"{What}: {Reason}; try {Failure + 1} of {Tries} {next}");
        }
    }
}
