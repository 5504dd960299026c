using System.CommandLine;
using Strata.Host;
using Strata.Testing;

namespace Strata.Cli.Tests;

/// <summary>The whole program in this process, over a store of its own.</summary>
internal sealed class CommandLine : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Captured _output = new();
    private readonly Captured _error = new();

    public CommandLine()
    {
        Directory.CreateDirectory(_folder.File("store"));
        Session = new CliSession(_output.Output, _error.Output, new HostEnvironment
        {
            Variable = name => name == "STRATA_ROOT" ? _folder.File("store") : null,
            WorkingDirectory = _folder.Path,
            IsRoot = false,
            Time = TimeProvider.System,
            Executable = "/proc/self/exe",
        });
    }

    public CliSession Session { get; }

    public string Output => _output.Text;

    /// <summary>What it calls itself: here the test's program.</summary>
    public string Error => _error.Text.Replace(RootCommand.ExecutableName, "strata", StringComparison.Ordinal);

    public Task<int> RunAsync(params string[] args) => StrataCommand.RunAsync(Session, args);

    /// <summary>The command line as <c>run</c> is given it.</summary>
    public ParseResult Parse(params string[] args)
    {
        var root = StrataCommand.Create(Session);
        return root.Parse(CommandTail.Mark(args, root, "run"));
    }

    /// <summary>What was printed so far.</summary>
    public void Forget()
    {
        _output.Forget();
        _error.Forget();
    }

    public string Write(string file, string content)
    {
        File.WriteAllText(_folder.File(file), content);
        return _folder.File(file);
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _folder.Dispose();
    }
}
