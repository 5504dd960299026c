using System.Globalization;

namespace Strata.Dockerfile;

/// <summary>Reads the keys of one <c>--mount</c> with their values expanded, then checks them against its type.</summary>
internal sealed class MountReader(MountFlag flag, ErrorList errors)
{
    private static readonly string[] Keys =
    [
        "type", "from", "source", "target", "readonly", "id", "sharing", "required", "size", "mode", "uid", "gid", "src", "dst",
        "destination", "ro", "rw", "readwrite", "env",
    ];

    private static readonly string[] Types = ["bind", "cache", "tmpfs", "secret", "ssh"];

    private static readonly string[] SharingModes = ["shared", "private", "locked"];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private string _type = "bind";
    private bool? _readOnly;

    public Mount? Read(Func<string, string?> lookup)
    {
        foreach ((string key, string? raw) in flag.Fields)
        {
            string? value = null;
            if (raw is not null)
            {
                ExpansionResult expanded = Expansion.Expand(raw, lookup, flag.Escape);
                if (expanded.Error is { } problem)
                {
                    Fail(problem);
                    return null;
                }

                value = expanded.Text;
            }

            Take(key, value);
        }

        Mount? mount = errors.Count == 0 ? Build() : null;
        return errors.Count == 0 ? mount : null;
    }

    private void Take(string key, string? value)
    {
        switch (key)
        {
            case "readonly" or "ro" or "readwrite" or "rw":
                bool? on = Bool(key, value);
                _readOnly = key is "readonly" or "ro" ? on : !on;
                break;
            case "required":
                _values[key] = Bool(key, value) is true ? "true" : "false";
                break;
            case var _ when !Keys.Contains(key):
                string field = value is null ? key : $"{key}={value}";
                Fail($"unexpected key '{key}' in '{field}'", Suggestion.Hint(key, Keys));
                break;
            case var _ when value is null:
                Fail($"invalid field '{key}' must be a key=value pair");
                break;
            case "type" when Types.Contains(value.ToLowerInvariant()):
                _type = value.ToLowerInvariant();
                break;
            case "type":
                Fail($"unsupported mount type {GoQuote.Quote(value)}", Suggestion.Hint(value, Types) ?? $"use {string.Join(", ", Types)}");
                break;
            default:
                _values[Canonical(key)] = value;
                break;
        }
    }

    private static string Canonical(string key) => key switch
    {
        "src" => "source",
        "dst" or "destination" => "target",
        _ => key,
    };

    private Mount? Build()
    {
        switch (_type)
        {
            case "bind":
                Refuse("mode", "uid", "gid");
                RefuseUnexpected("size", "required", "env");
                RefuseSharing();
                RequireTarget();
                return new BindMount
                {
                    Target = Value("target"),
                    ReadOnly = _readOnly ?? true,
                    From = Value("from"),
                    Source = Value("source"),
                };
            case "tmpfs":
                Refuse("mode", "uid", "gid");
                RefuseUnexpected("required", "env");
                RefuseSharing();
                RequireTarget();
                return new TmpfsMount { Target = Value("target"), ReadOnly = _readOnly ?? false, SizeLimit = Size() };
            case "cache":
                RefuseUnexpected("size", "required", "env");
                RequireTarget();
                return new CacheMount
                {
                    Target = Value("target"),
                    ReadOnly = _readOnly ?? false,
                    Id = Value("id"),
                    Sharing = Sharing(),
                    From = Value("from"),
                    Source = Value("source"),
                    Ownership = Ownership(0b111_101_101),
                };
            case "secret":
                return Secret();
            default:
                RefuseUnexpected("size", "env");
                RefuseSharing();
                if (Value("source") is not null)
                {
                    Fail("ssh mount should not have a source", "name the agent with id=");
                }

                return new SshMount
                {
                    Target = Value("target"),
                    ReadOnly = _readOnly ?? true,
                    Id = Value("id") ?? "default",
                    Required = Value("required") == "true",
                    Ownership = Ownership(0b110_000_000),
                };
        }
    }

    private SecretMount? Secret()
    {
        RefuseUnexpected("size");
        string? id = Value("id");
        string? source = Value("source");
        string? target = Value("target");
        string? variable = Value("env");
        if (Value("from") is not null)
        {
            Fail("secret mount should not have a from");
        }

        if (Value("sharing") is not null)
        {
            Fail("secret mount should not define sharing");
        }

        if (id is not null && source is not null)
        {
            Fail("both source and id can't be set", "keep id=");
        }

        string? name = id ?? source ?? target?.TrimEnd('/').Split('/')[^1];
        if (string.IsNullOrEmpty(name))
        {
            Fail("invalid secret mount. one of source, target required", "write --mount=type=secret,id=name");
            return null;
        }

        return new SecretMount
        {
            Id = name,
            Target = target ?? (variable is null ? $"/run/secrets/{name.Split('/')[^1]}" : null),
            Variable = variable,
            ReadOnly = _readOnly ?? true,
            Required = Value("required") == "true",
            Ownership = Ownership(0b100_000_000),
        };
    }

    private string? Value(string key) => _values.TryGetValue(key, out string? value) && value.Length > 0 ? value : null;

    private void Refuse(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (_values.ContainsKey(key))
            {
                Fail($"{key} not allowed for {GoQuote.Quote(_type)} type mounts");
            }
        }
    }

    private void RefuseUnexpected(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            if (_values.ContainsKey(key))
            {
                Fail($"unexpected key '{key}' for mount type '{_type}'");
            }
        }
    }

    private void RefuseSharing()
    {
        if (Value("sharing") is not null)
        {
            Fail($"invalid cache sharing set for {_type} mount");
        }
    }

    private void RequireTarget()
    {
        switch (Value("target"))
        {
            case null:
                Fail($"{_type} mount needs a target", "write target=/path");
                break;
            case { } target when target.StartsWith('/') && target.Split('/').All(part => part is "" or "."):
                Fail($"invalid mount target {GoQuote.Quote(target)}", "the root itself cannot be mounted over");
                break;
        }
    }

    private CacheSharing Sharing()
    {
        switch (Value("sharing")?.ToLowerInvariant())
        {
            case null or "shared":
                return CacheSharing.Shared;
            case "private":
                return CacheSharing.Private;
            case "locked":
                return CacheSharing.Locked;
            case { } other:
                Fail(
                    $"unsupported sharing value {GoQuote.Quote(other)}",
                    Suggestion.Hint(other, SharingModes) ?? $"use {string.Join(", ", SharingModes)}");
                return CacheSharing.Shared;
        }
    }

    private FileOwnership Ownership(uint defaultMode) => new(Mode(defaultMode), Id("uid"), Id("gid"));

    private uint Mode(uint defaultMode)
    {
        if (!_values.TryGetValue("mode", out string? text))
        {
            return defaultMode;
        }

        bool isOctal = text.Length is > 0 and <= 11 && text.All(c => c is >= '0' and <= '7');
        if (!isOctal || Convert.ToUInt64(text, 8) is not (<= 0b111_111_111_111 and ulong mode))
        {
            Fail($"invalid value {text} for mode", "write octal permissions, such as 0600");
            return defaultMode;
        }

        return (uint)mode;
    }

    private uint Id(string key)
    {
        if (!_values.TryGetValue(key, out string? text))
        {
            return 0;
        }

        if (!uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
        {
            Fail($"invalid value {text} for {key}", "write a number");
        }

        return id;
    }

    private long Size()
    {
        if (!_values.TryGetValue("size", out string? text))
        {
            return 0;
        }

        if (!ByteSize.TryParse(text, out long size))
        {
            Fail($"invalid value for size: {text}", "write bytes or a number with a unit, such as 64m");
        }

        return size;
    }

    private bool? Bool(string key, string? value)
    {
        if (value is null)
        {
            return true;
        }

        if (GoBool.TryParse(value, out bool on))
        {
            return on;
        }

        Fail($"invalid value for {key}: {value}", "write true or false");
        return null;
    }

    private void Fail(string message, string? hint = null) => errors.Add(flag.Range, message, hint);
}
