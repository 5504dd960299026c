namespace Strata.Linux.Tests;

/// <summary>A script of /bin/sh, run by the class under test.</summary>
internal static class Shell
{
    internal static ProcessStart Script(string script) => new() { Path = "/bin/sh", Arguments = ["sh", "-c", script] };

    internal static Task<(ExitStatus Status, string Output)> Run(string script) => Run(Script(script));

    /// <summary>Runs it with standard output and error read together.</summary>
    internal static async Task<(ExitStatus Status, string Output)> Run(ProcessStart start)
    {
        var (read, write) = Pipes.Create();
        using var child = ChildProcess.Start(start with { Descriptors = [.. start.Descriptors, (write, 1), (write, 2)] });
        write.Dispose();
        var output = TemporaryDirectory.ReadAll(read);
        return (await child.WaitAsync(TestContext.Current.CancellationToken), output);
    }

    internal static string Succeed(string script)
    {
        var (status, output) = Run(script).GetAwaiter().GetResult();
        Assert.True(status.IsSuccess, $"{script}: {status} {output}");
        return output;
    }
}
