namespace Strata.EndToEnd;

/// <summary>The programs that <c>scripts/foreign-clients.sh</c> puts into the folder that STRATA_CLIENTS names.</summary>
internal static class UnpackedClients
{
    private static string Folder => Environment.GetEnvironmentVariable("STRATA_CLIENTS") ?? "";

    /// <summary>Where the program is. Skips the calling test where it could not be downloaded.</summary>
    public static string PathOf(string program)
    {
        var path = Path.Combine(Folder, program);
        Assert.SkipUnless(
            Folder.Length > 0 && File.Exists(path),
            $"{program} is not here: STRATA_CLIENTS names no folder that scripts/foreign-clients.sh filled (./test.sh says why not)");
        return path;
    }

    /// <summary>A PATH on which those programs come first.</summary>
    public static string SearchPath => $"{Folder}:{Environment.GetEnvironmentVariable("PATH")}";
}
