using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Strata.Oci;

/// <summary>What an image runs on (image-spec image-index.md, "platform"), written <c>os/architecture[/variant]</c>.</summary>
public sealed record Platform
{
    [JsonPropertyName("architecture")] public required string Architecture { get; init; }
    [JsonPropertyName("os")] public required string Os { get; init; }
    [JsonPropertyName("os.version")] public string? OsVersion { get; init; }
    [JsonPropertyName("os.features")] public IReadOnlyList<string>? OsFeatures { get; init; }
    [JsonPropertyName("variant")] public string? Variant { get; init; }

    /// <summary>The platform of this machine.</summary>
    public static Platform Local { get; } = new()
    {
        Os = "linux",
        Architecture = RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.X86 => "386",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            System.Runtime.InteropServices.Architecture.Arm => "arm",
            var other => other.ToString().ToLowerInvariant(),
        },
    };

    /// <summary>
    /// Reads <c>os[(version+feature)]/arch[/variant]</c>, or one of them alone (<c>linux</c>, <c>arm64</c>), completed from this machine,
    /// with the names that people use brought to the ones images carry (<c>x86_64</c> is amd64).
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }
        if (!PlatformDetails.TrySplit(text, out var rest, out var version, out var features) || !TryParsePlain(rest, out platform))
        {
            return false;
        }
        platform = platform with { OsVersion = version, OsFeatures = features };
        return true;
    }

    private static bool TryParsePlain(string text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        var parts = text.ToLowerInvariant().Split('/');
        if (parts.Length > 3 || Array.Exists(parts, part => !IsComponent(part)))
        {
            return false;
        }
        if (parts.Length == 1)
        {
            if (IsKnownOs(parts[0]))
            {
                platform = Local with { Os = NormalOs(parts[0]) };
                return true;
            }
            var (architecture, variant) = NormalArchitecture(parts[0], null);
            if (!IsKnownArchitecture(architecture))
            {
                return false;
            }
            platform = new Platform { Os = Local.Os, Architecture = architecture, Variant = variant };
            return true;
        }
        var (arch, vari) = NormalArchitecture(parts[1], parts.Length == 3 ? parts[2] : null);
        platform = new Platform { Os = NormalOs(parts[0]), Architecture = arch, Variant = vari };
        return true;
    }

    public static Platform Parse(string text) => TryParse(text, out var platform)
        ? platform
        : throw new FormatException($"'{text}' is no platform; expected os/architecture or os/architecture/variant, such as linux/arm64.");

    /// <summary>The same platform with its architecture and variant in the form that images carry.</summary>
    public Platform Normalize()
    {
        var (architecture, variant) = NormalArchitecture(Architecture, Variant);
        return this with { Os = NormalOs(Os), Architecture = architecture, Variant = variant };
    }

    /// <summary>Whether content made for <paramref name="candidate"/> is exactly for this platform once both are normalised.</summary>
    public bool Matches(Platform candidate)
    {
        var (mine, theirs) = (Normalize(), candidate.Normalize());
        return mine.Architecture == theirs.Architecture && mine.Variant == theirs.Variant && HasSystemOf(candidate);
    }

    /// <summary>Whether this operating system is the candidate's and has every feature that it asks for; versions, where both are given, are the same build.</summary>
    public bool HasSystemOf(Platform candidate) =>
        NormalOs(Os) == NormalOs(candidate.Os)
        && (candidate.OsFeatures ?? []).All(feature => feature.Length == 0 || (OsFeatures?.Contains(feature) ?? false))
        && (OsVersion is null || candidate.OsVersion is null || Build(OsVersion) == Build(candidate.OsVersion));

    /// <summary>Whether this platform runs content made for <paramref name="candidate"/>.</summary>
    public bool Runs(Platform candidate)
    {
        var normal = candidate.Normalize();
        return HasSystemOf(candidate) && Runnable().Any(p => p.Architecture == normal.Architecture && p.Variant == normal.Variant);
    }

    /// <summary>
    /// What this platform runs, best first: itself, then the lower variants and the elder architecture that its processors keep.
    /// </summary>
    public IEnumerable<Platform> Runnable()
    {
        var self = Normalize();
        return self.Architecture switch
        {
            "amd64" => [self, .. Below(Level(self.Variant), 1).Select(v => self with { Variant = v == 1 ? null : $"v{v}" }), self with { Architecture = "386", Variant = null }],
            "arm" => [self, .. Below(Level(self.Variant), 5).Select(v => self with { Variant = $"v{v}" })],
            "arm64" => [self, .. LowerArm64(self), .. Below(9, 5).Select(v => self with { Architecture = "arm", Variant = $"v{v}" })],
            _ => [self],
        };
    }

    // Armv9.n has all of Armv8.(n+5); Armv8.0 is what an image without a variant is for.
    private static IEnumerable<Platform> LowerArm64(Platform self)
    {
        if (self.Variant is not ['v', '8' or '9', ..] || !TryMinor(self.Variant.AsSpan(2), out var minor))
        {
            return [];
        }
        var isV9 = self.Variant[1] == '9';
        var v9 = isV9 ? Below(minor, 0).Select(m => self with { Variant = m == 0 ? "v9" : $"v9.{m}" }) : [];
        var v8 = Below(isV9 ? Math.Min(10, minor + 6) : minor, 0).Select(m => self with { Variant = m == 0 ? null : $"v8.{m}" });
        return v9.Concat(v8);
    }

    private static bool TryMinor(ReadOnlySpan<char> text, out int minor)
    {
        minor = 0;
        return text.IsEmpty || (text is ['.', var digit] && char.IsAsciiDigit(digit) && (minor = digit - '0') >= 0);
    }

    private static int Level(string? variant) => variant is ['v', var digit] && char.IsAsciiDigit(digit) ? digit - '0' : 0;

    private static IEnumerable<int> Below(int level, int lowest) => Enumerable.Range(lowest, Math.Max(0, level - lowest)).Reverse();

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    /// <summary>As <see cref="ToString"/>, with the operating system's version and features.</summary>
    public string ToFullString() => Os + PlatformDetails.Format(OsVersion, OsFeatures) + ToString()[Os.Length..];

    // Windows: major, minor and build; what follows is a revision.
    private static string Build(string version) => string.Join('.', version.Split('.').Take(3));

    private static bool IsComponent(string part) =>
        part.Length is > 0 and <= 128 && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsKnownOs(string os) => os is "linux" or "windows" or "darwin" or "macos" or "freebsd" or "openbsd" or "netbsd"
        or "solaris" or "illumos" or "android" or "aix" or "js" or "plan9" or "dragonfly" or "wasip1" or "zos" or "ios";

    private static bool IsKnownArchitecture(string architecture) => architecture is "386" or "amd64" or "arm" or "arm64" or "ppc64"
        or "ppc64le" or "mips" or "mipsle" or "mips64" or "mips64le" or "riscv64" or "s390x" or "loong64" or "wasm" or "riscv";

    private static string NormalOs(string os) => os == "macos" ? "darwin" : os;

    private static (string Architecture, string? Variant) NormalArchitecture(string architecture, string? variant)
    {
        variant = string.IsNullOrEmpty(variant) ? null : variant;
        switch (architecture)
        {
            case "i386":
                return ("386", null);
            case "x86_64" or "x86-64" or "amd64":
                return ("amd64", variant == "v1" ? null : variant);
            case "aarch64" or "arm64":
                return ("arm64", variant switch { "8" or "v8" or "v8.0" => null, "9" or "v9.0" => "v9", _ => variant });
            case "armhf":
                return ("arm", "v7");
            case "armel":
                return ("arm", "v6");
            case "arm":
                return ("arm", variant switch { null or "7" => "v7", "5" or "6" or "8" => "v" + variant, _ => variant });
            default:
                return (architecture, variant);
        }
    }
}
