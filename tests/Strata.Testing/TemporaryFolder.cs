namespace Strata.Testing;

/// <summary>A folder that is there when it is first asked for, and gone with all it holds once the test is over.</summary>
/// <remarks>A test that is skipped before it asks is not disposed of, and leaves nothing.</remarks>
public sealed class TemporaryFolder : IDisposable
{
    private readonly Lazy<string> _path = new(() => Directory.CreateTempSubdirectory("strata-test-").FullName);

    public string Path => _path.Value;

    public string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose()
    {
        if (_path.IsValueCreated && Directory.Exists(Path))
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
