using Strata.Host.Images;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Host.Tests;

/// <summary>A machine for one test: a folder, a store in it, variables, and nobody privileged.</summary>
public abstract class HostTest : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private StrataHost? _host;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected HostEnvironment Machine => new()
    {
        Variable = name => _variables.GetValueOrDefault(name),
        WorkingDirectory = _folder.Path,
        IsRoot = false,
        Time = Time,
        Executable = "/proc/self/exe",
    };

    protected virtual TimeProvider Time => TimeProvider.System;

    protected StrataHost Host => _host ??= OpenHost("store");

    protected static Reference Name(string text) => Reference.Parse(text).WithDefaultTag();

    protected string Place(params ReadOnlySpan<string> parts) => _folder.File(parts);

    /// <summary>What the archive was found to hold.</summary>
    protected static async Task<List<LoadedImage>> LoadAsync(StrataHost host, string file)
    {
        var loaded = new List<LoadedImage>();
        await host.Load.FromFileAsync(file, null, loaded.Add, null, Stop);
        return loaded;
    }

    /// <summary>As <see cref="LoadAsync(StrataHost, string)"/>, of what is read once.</summary>
    protected static async Task<List<LoadedImage>> LoadAsync(StrataHost host, Stream stream)
    {
        var loaded = new List<LoadedImage>();
        await host.Load.FromStreamAsync(stream, "standard input", null, loaded.Add, null, Stop);
        return loaded;
    }

    protected void Set(string name, string value) => _variables[name] = value;

    /// <summary>As of another machine, unless it is <c>store</c>.</summary>
    protected StrataHost OpenHost(string store)
    {
        // Logins are looked for there, never in the home of who runs the tests.
        Set("HOME", _folder.Path);
        return new StrataHost(new HostSettings { Root = Place(store) }, Machine);
    }

    /// <summary>Makes a file below the working directory, with its folders.</summary>
    protected string Write(string path, string content)
    {
        var file = Place(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    protected Task<Digest> ImportAsync(string mark, string? name = null) =>
        Host.Import.RunAsync(new MemoryStream(Tars.Of((mark, mark))), "base.tar", name is null ? null : Name(name), Stop);

    protected static async Task<StrataException> Refusal(Func<Task> act) => await Assert.ThrowsAsync<StrataException>(act);

    public virtual void Dispose()
    {
        _host?.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
