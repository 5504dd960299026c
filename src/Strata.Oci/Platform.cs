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
    /// Reads <c>os/arch[/variant]</c>, or one of them alone (<c>linux</c>, <c>arm64</c>), completed from this machine,
    /// with the names that people use brought to the ones images carry (<c>x86_64</c> is amd64).
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Platform? platform)
    {
        platform = null;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }
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
        return mine.Os == theirs.Os && mine.Architecture == theirs.Architecture && mine.Variant == theirs.Variant;
    }

    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

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
                return ("arm64", variant is "8" or "v8" ? null : variant);
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
