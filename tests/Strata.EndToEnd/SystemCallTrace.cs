using System.Text.RegularExpressions;

namespace Strata.EndToEnd;

/// <summary>One system call that strace saw: when it began and ended (as numbers of lines) and what it was about.</summary>
/// <param name="Path">The file of the call's descriptor, or what a rename moves.</param>
/// <param name="Target">Where a rename moves it.</param>
/// <param name="Text">The line, with what was written.</param>
internal sealed record SystemCall(int Begun, int Ended, string Name, string Path, string? Target, string Text);

/// <summary>The writing calls of a program and its threads, and the order in which bytes, files and rows became durable.</summary>
internal sealed partial class SystemCallTrace(IReadOnlyList<SystemCall> calls)
{
    public const string Calls = "write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg";

    private const string WriteAheadLog = "strata.db-wal";

    public IReadOnlyList<SystemCall> All => calls;

    /// <summary>The program, traced into <paramref name="file"/>; it ends with strace, however that ends.</summary>
    public static string[] Traced(string file) => ["-f", "-y", "-s", "9000", "-o", file, "-e", $"trace={Calls}", "setpriv", "--pdeathsig", "KILL", Workplace.Executable];

    /// <summary>Runs strata below strace and reads what it did.</summary>
    public static async Task<(CommandResult Result, SystemCallTrace Trace)> OfAsync(Workplace place, string root, params string[] arguments)
    {
        var file = place.PathOf($"trace-{Guid.NewGuid():N}");
        var result = await Command.RunAsync(
            "strace", [.. Traced(file), .. arguments], place.Environment(root));
        return (result, Read(File.ReadLines(file)));
    }

    public static SystemCallTrace Read(IEnumerable<string> lines)
    {
        var calls = new List<SystemCall>();
        var begun = new Dictionary<string, (int Line, string Text)>(StringComparer.Ordinal);
        foreach (var (number, line) in lines.Index())
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var (thread, text) = (line[..space], line[space..].TrimStart());
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = (number, text[..^"<unfinished ...>".Length]);
            }
            else if (text.StartsWith("<... ", StringComparison.Ordinal))
            {
                if (begun.Remove(thread, out var start))
                {
                    Add(calls, start.Line, number, start.Text + text[(text.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..]);
                }
            }
            else
            {
                Add(calls, number, number, text);
            }
        }
        return new SystemCallTrace(calls);
    }

    /// <summary>The trace without some of its calls: what a program would have done that forgets them.</summary>
    public SystemCallTrace Without(Func<SystemCall, bool> forgotten) => new([.. calls.Where(call => !forgotten(call))]);

    /// <summary>
    /// What breaks the order for the files that came to lie below <paramref name="folders"/>: written, synced, renamed, the folder synced,
    /// then the row that names it, then <paramref name="acknowledgement"/> on standard output. Empty when all is in order.
    /// </summary>
    public IReadOnlyList<string> Disorder(string acknowledgement, params string[] folders)
    {
        var problems = new List<string>();
        var published = calls.Where(call => call.Target is { } target && folders.Any(folder => target.StartsWith(folder + "/", StringComparison.Ordinal))).ToList();
        var said = calls.FirstOrDefault(call => call.Name == "write" && call.Text.StartsWith("write(1<", StringComparison.Ordinal)
            && call.Text.Contains(acknowledgement, StringComparison.Ordinal));
        if (said is null)
        {
            problems.Add($"\"{acknowledgement}\" was never said");
        }
        foreach (var rename in published)
        {
            problems.AddRange(DisorderOf(rename, said));
        }
        if (LastRowSync() is not { } lastRow)
        {
            problems.Add("no row was synced");
        }
        else if (said is not null && said.Begun < lastRow.Ended)
        {
            problems.Add("it was said before the last row was durable");
        }
        return problems;
    }

    public int Published(params string[] folders) =>
        calls.Count(call => call.Target is { } target && folders.Any(folder => target.StartsWith(folder + "/", StringComparison.Ordinal)));

    /// <summary>
    /// What breaks the order in a registry, where a blob is a file that only its row makes visible: file synced, folder synced, row synced,
    /// then "201 Created". Of its files the k-th must have come so far before the k-th answer.
    /// </summary>
    public IReadOnlyList<string> RegistryDisorder(string blobs)
    {
        var durable = calls.Where(call => IsSync(call) && Path.GetDirectoryName(call.Path) == blobs)
            .DistinctBy(call => call.Path)
            .Select(file => EndOfSync(EndOfSync(file.Ended, path => path == blobs), path => path.EndsWith("-wal", StringComparison.Ordinal)))
            .Order()
            .ToList();
        var answers = calls.Where(call => call.Name is "sendto" or "sendmsg" && call.Text.Contains("HTTP/1.1 201 Created", StringComparison.Ordinal)
            && call.Text.Contains("/blobs/sha256:", StringComparison.Ordinal)).ToList();
        return answers.Count == 0
            ? ["no blob was acknowledged"]
            : [.. answers.Index().Where(answer => answer.Index >= durable.Count || durable[answer.Index] > answer.Item.Begun)
                .Select(answer => $"blob {answer.Index + 1} was acknowledged before it was durable")];
    }

    // When the first sync of such a path that began after the moment had ended; never, where there is none.
    private int EndOfSync(int after, Func<string, bool> isPath) =>
        calls.FirstOrDefault(call => IsSync(call) && isPath(call.Path) && call.Begun > after)?.Ended ?? int.MaxValue;

    private IEnumerable<string> DisorderOf(SystemCall rename, SystemCall? said)
    {
        var target = rename.Target!;
        var lastWrite = calls.LastOrDefault(call => IsWrite(call) && call.Path == rename.Path && call.Begun < rename.Begun);
        if (!calls.Any(call => IsSync(call) && call.Path == rename.Path && call.Ended < rename.Begun && call.Begun > (lastWrite?.Ended ?? -1)))
        {
            yield return $"{target} was renamed before its bytes were synced";
        }
        var folder = calls.FirstOrDefault(call => IsSync(call) && call.Path == Path.GetDirectoryName(target) && call.Begun > rename.Ended);
        if (folder is null)
        {
            yield return $"the folder of {target} was not synced";
            yield break;
        }
        var name = Path.GetFileNameWithoutExtension(target);
        var row = calls.FirstOrDefault(call => IsWrite(call) && call.Path.EndsWith(WriteAheadLog, StringComparison.Ordinal)
            && call.Text.Contains(name, StringComparison.Ordinal));
        if (row is null)
        {
            yield return $"no row names {target}";
        }
        else if (row.Begun < folder.Ended)
        {
            yield return $"the row of {target} was written before the file was durable";
        }
        else if (said is not null && !calls.Any(call => IsSync(call) && call.Path == row.Path && call.Begun > row.Ended && call.Ended < said.Begun))
        {
            yield return $"it was said before the row of {target} was durable";
        }
    }

    private SystemCall? LastRowSync() => calls.LastOrDefault(call => IsSync(call) && call.Path.EndsWith(WriteAheadLog, StringComparison.Ordinal));

    public static bool IsSync(SystemCall call) => call.Name is "fsync" or "fdatasync";

    private static bool IsWrite(SystemCall call) => call.Name is "write" or "writev" or "pwrite64" or "pwritev";

    private static void Add(List<SystemCall> calls, int begun, int ended, string text)
    {
        if (!text.Contains(" = 0", StringComparison.Ordinal) && FailedPattern().IsMatch(text))
        {
            return;
        }
        if (RenamePattern().Match(text) is { Success: true } rename)
        {
            calls.Add(new SystemCall(begun, ended, "rename", rename.Groups["from"].Value, rename.Groups["to"].Value, text));
        }
        else if (DescriptorPattern().Match(text) is { Success: true } other)
        {
            calls.Add(new SystemCall(begun, ended, other.Groups["name"].Value, other.Groups["path"].Value, null, text));
        }
    }

    [GeneratedRegex("""^rename(at2?)?\((AT_FDCWD(<[^>]*>)?, )?"(?<from>[^"]*)", (AT_FDCWD(<[^>]*>)?, )?"(?<to>[^"]*)".*\) += 0""")]
    private static partial Regex RenamePattern();

    [GeneratedRegex("""^(?<name>\w+)\(\d+<(?<path>[^>]*)>""")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex("""= -1 E\w+""")]
    private static partial Regex FailedPattern();
}
