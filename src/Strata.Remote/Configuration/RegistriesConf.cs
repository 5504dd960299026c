namespace Strata.Remote.Configuration;

/// <summary>Reads podman's registries.conf with what is in registries.conf.d, the newer form and the old one.</summary>
public static class RegistriesConf
{
    private const int MaxFile = 1024 * 1024;
    private const int MaxRules = 10_000;

    /// <summary>
    /// The user's file, else the machine's; then the drop-in files of both folders by their names, each of which may replace what
    /// came before. CONTAINERS_REGISTRIES_CONF names another file.
    /// </summary>
    public static RegistryRules Locate(Func<string, string?> variable, string machineFolder = "/etc/containers")
    {
        var home = variable("XDG_CONFIG_HOME") is { Length: > 0 } given && given.StartsWith('/') ? given
            : variable("HOME") is { Length: > 0 } user ? Path.Combine(user, ".config") : null;
        var userFolder = home is null ? null : Path.Combine(home, "containers");
        string[] mains = variable("CONTAINERS_REGISTRIES_CONF") is { Length: > 0 } named
            ? [named]
            : [.. new[] { userFolder, machineFolder }.OfType<string>().Select(folder => Path.Combine(folder, "registries.conf"))];
        var rules = mains.FirstOrDefault(File.Exists) is { } main ? Read(main) : RegistryRules.None;
        foreach (var folder in new[] { machineFolder, userFolder }.OfType<string>().Select(folder => Path.Combine(folder, "registries.conf.d")).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal))
            {
                rules = rules.With(Read(file));
            }
        }
        return rules;
    }

    private static RegistryRules Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxFile
                ? Parse(File.ReadAllText(path), path)
                : throw new RegistryConfigurationException($"{path} is too large to be a list of registries.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RegistryConfigurationException($"{path} may not be read by this user.", e);
        }
    }

    internal static RegistryRules Parse(string text, string path)
    {
        var document = new Table(TomlReader.Read(text, path), path);
        // Two tables of one prefix contradict each other; the later one counts, as in drop-in files.
        var rules = new Dictionary<string, RegistryRule>();
        foreach (var table in document.Tables("registry"))
        {
            var rule = ReadRule(table);
            rules[rule.Prefix] = rule;
        }
        if (document.Sub("registries") is { } old)
        {
            AddOld(rules, old.Sub("insecure"), rule => rule with { IsInsecure = true });
            AddOld(rules, old.Sub("block"), rule => rule with { IsBlocked = true });
        }
        if (rules.Count > MaxRules)
        {
            throw new RegistryConfigurationException($"{path} has more than {MaxRules:N0} registries.");
        }
        return new RegistryRules
        {
            Rules = [.. rules.Values],
            Aliases = document.Sub("aliases")?.Texts() ?? new Dictionary<string, string>(),
            CredentialHelpers = [.. document.TextList("credential-helpers")],
        };
    }

    private static void AddOld(Dictionary<string, RegistryRule> rules, Table? list, Func<RegistryRule, RegistryRule> change)
    {
        foreach (var prefix in list?.TextList("registries") ?? [])
        {
            rules[prefix] = change(rules.GetValueOrDefault(prefix) ?? new RegistryRule { Prefix = prefix, Source = list!.File });
        }
    }

    private static RegistryRule ReadRule(Table table)
    {
        var location = Trim(table.Text("location"));
        var prefix = Trim(table.Text("prefix")) is { Length: > 0 } given ? given : location;
        if (prefix.Length == 0 || (prefix.Contains('*', StringComparison.Ordinal) && !IsWildcard(prefix)))
        {
            throw new RegistryConfigurationException($"{table.File}: a [[registry]] needs a prefix such as example.com, example.com/team or *.example.com, or a location{(prefix.Length > 0 ? $"; '{prefix}' is none" : "")}.");
        }
        if (prefix.Contains('@', StringComparison.Ordinal) || prefix.LastIndexOf(':') > prefix.IndexOf('/', StringComparison.Ordinal) && prefix.Contains('/', StringComparison.Ordinal))
        {
            throw new RegistryConfigurationException($"{table.File}: the prefix '{prefix}' names one tag or digest; name the repository or its registry.");
        }
        var byDigest = table.Flag("mirror-by-digest-only");
        return new RegistryRule
        {
            Prefix = prefix,
            Location = location,
            IsInsecure = table.Flag("insecure"),
            IsBlocked = table.Flag("blocked"),
            Mirrors = [.. table.Tables("mirror").Select(mirror => ReadMirror(mirror, byDigest))],
            Source = table.File,
        };
    }

    private static RegistryMirror ReadMirror(Table table, bool byDigest)
    {
        var location = Trim(table.Text("location"));
        if (location.Length == 0)
        {
            throw new RegistryConfigurationException($"{table.File}: a mirror has no location.");
        }
        var use = table.Text("pull-from-mirror") switch
        {
            "" => byDigest ? MirrorUse.DigestsOnly : MirrorUse.All,
            "all" => MirrorUse.All,
            "digest-only" => MirrorUse.DigestsOnly,
            "tag-only" => MirrorUse.TagsOnly,
            var other => throw new RegistryConfigurationException($"{table.File}: pull-from-mirror is all, digest-only or tag-only, not '{other}'."),
        };
        return new RegistryMirror(location, table.Flag("insecure"), use);
    }

    private static bool IsWildcard(string prefix) =>
        prefix.StartsWith("*.", StringComparison.Ordinal) && prefix.Length > 2 && prefix.AsSpan(1).IndexOfAny('*', '/', ':') < 0;

    private static string Trim(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal);
        return (start < 0 ? text : text[(start + 3)..]).TrimEnd('/');
    }

    /// <summary>A table whose values are asked for by type; another type is an error, an unknown key is not.</summary>
    private sealed record Table(Dictionary<string, object> Values, string File)
    {
        public string Text(string key) => Get<string>(key, "a text in quotes") ?? "";

        public bool Flag(string key) => Values.ContainsKey(key) && (Get<object>(key, "") is bool flag ? flag : throw Wrong(key, "true or false"));

        public Table? Sub(string key) => Get<Dictionary<string, object>>(key, "a table") is { } values ? this with { Values = values } : null;

        public IEnumerable<Table> Tables(string key) => (Get<List<object>>(key, $"a list of tables, [[{key}]]") ?? [])
            .Select(item => item is Dictionary<string, object> values ? this with { Values = values } : throw Wrong(key, $"a list of tables, [[{key}]]"));

        public IEnumerable<string> TextList(string key) => (Get<List<object>>(key, "a list of texts") ?? [])
            .Select(item => item as string ?? throw Wrong(key, "a list of texts"));

        public IReadOnlyDictionary<string, string> Texts() => Values.ToDictionary(pair => pair.Key, pair => pair.Value as string ?? throw Wrong(pair.Key, "a text in quotes"));

        private T? Get<T>(string key, string kind)
            where T : class =>
            !Values.TryGetValue(key, out var value) ? null : value as T ?? throw Wrong(key, kind);

        private RegistryConfigurationException Wrong(string key, string kind) => new($"{File}: '{key}' should be {kind}.");
    }
}
