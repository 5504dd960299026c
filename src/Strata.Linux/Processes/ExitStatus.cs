namespace Strata.Linux;

/// <summary>How a process ended: with a code, or (<paramref name="Signal"/> above 0) by a signal.</summary>
public readonly record struct ExitStatus(int Code, int Signal)
{
    public bool IsSuccess => Code == 0 && Signal == 0;

    /// <summary>What a shell reports: 128 + the signal, or the code.</summary>
    public int ShellCode => Signal > 0 ? 128 + Signal : Code;
}
