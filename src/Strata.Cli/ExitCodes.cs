namespace Strata.Cli;

/// <summary>Docker's: scripts that know one know the other.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;

    /// <summary><c>run</c> itself failed, before the container's process started.</summary>
    public const int RunFailed = 125;

    /// <summary>128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
