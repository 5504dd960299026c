using Strata.Build;
using Strata.Cli.Rendering;
using Strata.Cli.Rendering.Builds;
using Strata.Content.Layers;
using Strata.Content.Media;
using Strata.Host;
using Strata.Linux;
using Strata.Remote;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Cli;

/// <summary>The one place where an exception becomes words on stderr and an exit code.</summary>
internal static class ErrorReport
{
    public static int Write(Output error, Exception exception, bool debug, int failureCode, CancellationToken cancellation)
    {
        if (exception is OperationCanceledException && cancellation.IsCancellationRequested)
        {
            error.Line("strata: interrupted");
            return ExitCodes.Interrupted;
        }
        if (exception is LinuxException { Errno: Errno.EPIPE })
        {
            // Whoever read our output has left (`strata images | head`): nobody is there to be told.
            return ExitCodes.Failure;
        }
        if (exception is BuildException failure)
        {
            BuildFailure.Write(error, failure);
        }
        var (message, hint) = Describe(exception);
        // What a registry or an image said may be part of it.
        error.Line($"{error.Red("error:")} {TerminalText.TameLines(message)}");
        if (hint is not null)
        {
            error.Line($"{error.Cyan("hint:")} {TerminalText.TameLines(hint)}");
        }
        if (debug)
        {
            error.Line(error.Dim(exception.ToString()));
        }
        // docker's 126 and 127: the container's program can't be executed, or is not there.
        return exception is OciRuntimeException { ExitCode: var code } && failureCode == ExitCodes.RunFailed ? code : failureCode;
    }

    private static (string Message, string? Hint) Describe(Exception exception) => exception switch
    {
        StrataException known => (known.Message, known.Hint),
        RegistryException refused => (refused.Message, refused.Hint),
        // The step says where, the disk's own words what and what to do.
        BuildException { InnerException: LinuxException disk } when Describe(disk) is var (words, hint) =>
            (exception.Message.Replace(disk.Message, words, StringComparison.Ordinal), hint),
        BuildException or BaseImageException or StepException or OciRuntimeException or StoreException or LayerMismatchException or InvalidImageException
            or InvalidLayerException => (exception.Message, null),
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } full => ($"the disk is full: {full.Message}", "`strata prune` removes what no image and no container uses; `strata system df` shows what takes the space"),
        LinuxException { Errno: Errno.EACCES or Errno.EPERM } denied => (denied.Message, "building, running and the store in /var/lib/strata need root in this version: try sudo"),
        LinuxException { Errno: Errno.EIO } broken => (
            $"the disk reports an error: {broken.Message}", "nothing half-written is kept; look at the machine's log (dmesg) before you try again"),
        LinuxException { Errno: Errno.EROFS } fixedly => ($"nothing can be written there: {fixedly.Message}", "the file system is read-only; name another place, or mount it for writing"),
        IOException { HResult: Errno.ENOSPC or Errno.EDQUOT } full => ($"the disk is full: {PlaceFirst(full.Message)}", "`strata system df` shows what the store takes, `strata prune` gives some of it back"),
        IOException { HResult: Errno.EIO } broken => (
            $"the disk reports an error: {PlaceFirst(broken.Message)}", "nothing half-written is kept; look at the machine's log (dmesg) before you try again"),
        IOException { HResult: Errno.EROFS } fixedly => ($"nothing can be written there: {PlaceFirst(fixedly.Message)}", "the file system is read-only; name another place, or mount it for writing"),
        LinuxException other => (other.Message, null),
        UnauthorizedAccessException => (exception.Message, "building, running and the store in /var/lib/strata need root in this version: try sudo"),
        FormatException or ArgumentException or IOException => (exception.Message, null),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => (exception.Message, "this error should have had better words; --debug shows where it came from"),
    };

    // The framework says it the other way round: "Input/output error : '/x'".
    private static string PlaceFirst(string message) =>
        message.LastIndexOf(" : '", StringComparison.Ordinal) is > 0 and var at ? $"{message[(at + " : ".Length)..]}: {message[..at]}" : message;
}
