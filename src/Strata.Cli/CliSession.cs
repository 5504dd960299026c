using System.CommandLine;
using Strata.Cli.Rendering;
using Strata.Host;

namespace Strata.Cli;

/// <summary>What every verb works with: the two outputs, the machine as this process sees it, and the one place where errors end.</summary>
internal sealed class CliSession(Output output, Output error, HostEnvironment environment)
{
    public static readonly Option<string?> RootOption = new("--root")
    {
        Description = "The folder of the store (default: $STRATA_ROOT, else /var/lib/strata for root, ~/.local/share/strata for a user)",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<bool> DebugOption = new("--debug")
    {
        Description = "With an error, print where in the program it came from",
        Recursive = true,
    };

    public Output Out => output;

    public Output Error => error;

    public HostEnvironment Environment => environment;

    /// <summary>The use cases over the store that this call of the program was pointed at.</summary>
    /// <param name="parse">The command line.</param>
    /// <param name="looksOnly">The verb works on what is in a store: a mistyped --root is not to become one.</param>
    public StrataHost OpenHost(ParseResult parse, bool looksOnly) =>
        new(HostSettings.Read(environment, parse.GetValue(RootOption)) with { OnlyLooks = looksOnly }, environment);

    /// <summary>Gives <paramref name="command"/> its action: exit code out, every error reported in one form, Ctrl-C as 130.</summary>
    public void SetAction(Command command, Func<ParseResult, CancellationToken, Task<int>> action, int failureCode = ExitCodes.Failure) =>
        command.SetAction(async (parse, cancellationToken) =>
        {
            try
            {
                var code = await action(parse, cancellationToken);
                output.Flush();
                return code;
            }
            catch (Exception e)
            {
                TryFlush();
                return ErrorReport.Write(error, e, parse.GetValue(DebugOption), failureCode, cancellationToken);
            }
            finally
            {
                error.Flush();
            }
        });

    /// <summary>Does the same for each of several names; what fails is reported, and the others are still done.</summary>
    public async Task<int> EachAsync(ParseResult parse, IEnumerable<string> names, Func<string, Task> action)
    {
        var code = ExitCodes.Success;
        foreach (var name in names)
        {
            try
            {
                await action(name);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                output.Flush();
                code = ErrorReport.Write(error, e, parse.GetValue(DebugOption), ExitCodes.Failure, CancellationToken.None);
            }
        }
        return code;
    }

    private void TryFlush()
    {
        try
        {
            output.Flush();
        }
        catch (Exception e) when (e is IOException or StrataException)
        {
            // The reader of our output has gone, or its disk is full; the error that brought us here is reported all the same.
        }
    }
}
