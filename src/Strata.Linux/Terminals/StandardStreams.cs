namespace Strata.Linux;

/// <summary>Descriptors 0, 1 and 2 without System.Console. Nothing is buffered; each is a new stream, and disposing it closes nothing.</summary>
public static class StandardStreams
{
    public static Stream Input => new DescriptorStream(Terminal.Borrow(0));
    public static Stream Output => new DescriptorStream(Terminal.Borrow(1));
    public static Stream Error => new DescriptorStream(Terminal.Borrow(2));

    /// <summary>From now on there is nothing to read, and what is written goes nowhere; their other ends see this process gone.</summary>
    public static void LetGo()
    {
        using var nowhere = HostFile.Open("/dev/null", OpenFlags.O_RDWR);
        for (var descriptor = 0; descriptor <= 2; descriptor++)
        {
            if (FileCalls.dup2(nowhere, descriptor) < 0)
            {
                throw Failure.Of("dup2");
            }
        }
    }
}
