namespace Strata.Build;

/// <summary>A file nobody else sees, gone when it's closed.</summary>
internal static class TemporaryFile
{
    public static FileStream Create(string directory) => new(
        Path.Combine(directory, $".build-{Guid.NewGuid():N}"),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
}
