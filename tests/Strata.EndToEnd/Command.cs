using System.Diagnostics;
using System.Text;

namespace Strata.EndToEnd;

/// <summary>A program that ran to its end.</summary>
internal sealed record CommandResult(string Name, int ExitCode, string Output, string Error)
{
    /// <summary>Both streams, for messages.</summary>
    public string Everything => $"{Name} left with {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";

    /// <summary>The last line of stdout that is not empty.</summary>
    public string LastLine => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, Everything);
        return this;
    }

    /// <summary>It failed, and told why on stderr in a few lines without a stack trace.</summary>
    public CommandResult FailedSaying(params string[] words)
    {
        Assert.True(ExitCode != 0, Everything);
        Assert.DoesNotContain("   at Strata.", Error, StringComparison.Ordinal);
        foreach (var word in words)
        {
            Assert.True(Error.Contains(word, StringComparison.OrdinalIgnoreCase), $"expected '{word}' in:\n{Everything}");
        }
        return this;
    }
}

/// <summary>Runs programs, never through a shell.</summary>
internal static class Command
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(3);

    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, string? input = null, TimeSpan? limit = null)
    {
        using var process = Start(program, arguments, environment, directory, redirectInput: true);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(limit ?? DefaultLimit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end within {limit ?? DefaultLimit}; so far:\n{await output}\n{await error}");
        }
        return new CommandResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
    }

    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null, bool redirectInput = false)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = redirectInput,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = directory ?? "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }

    /// <summary>Whether a program of that name is on PATH.</summary>
    public static bool Exists(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
