using System.Diagnostics.CodeAnalysis;
using Strata.Runtime.Spec;

namespace Strata.Runtime;

/// <summary>capabilities(7) by the names people give them.</summary>
public static class CapabilitySet
{
    /// <summary>Stands for every capability.</summary>
    public const string All = "ALL";

    private const string Prefix = "CAP_";

    /// <summary>With or without CAP_, in any case; <see cref="All"/> too.</summary>
    /// <param name="text">What somebody wrote.</param>
    /// <param name="name">As the kernel's headers write it, or <see cref="All"/>.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? name)
    {
        ArgumentNullException.ThrowIfNull(text);
        var upper = text.ToUpperInvariant();
        name = upper == All ? upper : upper.StartsWith(Prefix, StringComparison.Ordinal) ? upper : Prefix + upper;
        if (name != All && !CapabilityNames.All.Contains(name))
        {
            name = null;
        }

        return name is not null;
    }
}
