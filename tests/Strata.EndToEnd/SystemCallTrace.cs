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
    public const string Calls = "write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,sendto,sendmsg";

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

    /// <summary>What breaks the order for one file that came to lie at <paramref name="target"/>: written, synced, renamed, its folder synced, then said.</summary>
    /// <param name="target">Where it lies.</param>
    /// <param name="acknowledgement">Words on standard output; null for a command that says nothing, and ends.</param>
    public IReadOnlyList<string> FileDisorder(string target, string? acknowledgement)
    {
        if (calls.LastOrDefault(call => call.Target == target) is not { } rename)
        {
            return [$"{target} was never renamed to its name"];
        }
        var problems = DisorderOfFile(rename).ToList();
        if (acknowledgement is not null && FolderSync(rename) is { } folder
            && !calls.Any(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal) && call.Text.Contains(acknowledgement, StringComparison.Ordinal) && call.Begun > folder.Ended))
        {
            problems.Add($"\"{acknowledgement}\" was not said after {target} was durable");
        }
        return problems;
    }

    /// <summary>As <see cref="FileDisorder"/> for every file of an image layout, and index.json after all of them: it makes them visible.</summary>
    public IReadOnlyList<string> LayoutDisorder(string folder)
    {
        var made = calls.FirstOrDefault(call => call.Target == folder);
        var root = made?.Path ?? folder;
        var published = calls.Where(call => call.Target is { } target && target.StartsWith(root + "/", StringComparison.Ordinal)).ToList();
        if (published is not [.., var index] || Path.GetFileName(index.Target) != "index.json")
        {
            return [$"{folder}: the last file that was published is not index.json"];
        }
        var problems = published.SelectMany(DisorderOfFile).ToList();
        problems.AddRange(published.Where(file => Path.GetFileName(Path.GetDirectoryName(file.Target)) == "sha256" && (FolderSync(file) is not { } sync || sync.Ended > index.Begun))
            .Select(file => $"index.json was written before {file.Target} was durable"));
        if (made is not null && (FolderSync(index)?.Ended > made.Begun || FolderSync(made) is null))
        {
            problems.Add($"{folder} got its name before its files had theirs durably, or its own is not durable");
        }
        return problems;
    }

    /// <summary>What breaks the order of a mere row: written, synced, then said (or the end).</summary>
    public IReadOnlyList<string> RowDisorder(string text)
    {
        var row = calls.LastOrDefault(call => IsLogWrite(call) && call.Text.Contains(text, StringComparison.Ordinal));
        var said = calls.FirstOrDefault(call => call.Text.StartsWith("write(1<", StringComparison.Ordinal));
        return row is null ? [$"no row names {text}"]
            : !calls.Any(call => IsSync(call) && call.Path == row.Path && call.Begun > row.Ended && call.Ended < (said?.Begun ?? int.MaxValue))
                ? [$"the row of {text} was not durable"]
                : [];
    }

    /// <summary>
    /// Files of <paramref name="folders"/> that were removed while the row that said they are needed might have come back. Rows go in
    /// batches, and one before may hide that a batch's own comes late: so none may be written after the last file has gone.
    /// </summary>
    public IReadOnlyList<string> RemovalDisorder(params string[] folders) =>
    [
        .. calls.Where(call => IsRemoval(call, folders))
            .Where(removal => calls.LastOrDefault(call => IsLogWrite(call) && call.Ended < removal.Begun) is not { } row
                || !calls.Any(call => IsSync(call) && call.Path == row.Path && call.Begun > row.Ended && call.Ended < removal.Begun))
            .Select(removal => $"{removal.Path} was removed before its row was gone for good"),
        .. calls.LastOrDefault(call => IsRemoval(call, folders)) is { } last && calls.Any(call => IsLogWrite(call) && call.Begun > last.Begun)
            ? (string[])[$"a row was written after {last.Path}, the last file, was removed"]
            : [],
    ];

    public int Removed(params string[] folders) => calls.Count(call => IsRemoval(call, folders));

    /// <summary>
    /// What breaks the order in a registry that was asked one thing after the other: whatever it answers with 201 or 202 was written to its
    /// database's log and synced after the answer before.
    /// </summary>
    public IReadOnlyList<string> AnswerDisorder()
    {
        var problems = new List<string>();
        var before = -1;
        foreach (var answer in Answers())
        {
            var row = calls.LastOrDefault(call => IsLogWrite(call) && call.Begun > before && call.Ended < answer.Begun);
            if (row is null || !calls.Any(call => IsSync(call) && call.Path == row.Path && call.Begun > row.Ended && call.Ended < answer.Begun))
            {
                problems.Add($"answered before it was durable: {answer.Text}");
            }
            before = answer.Ended;
        }
        return problems;
    }

    public IReadOnlyList<SystemCall> Answers() =>
    [
        .. calls.Where(call => call.Name is "sendto" or "sendmsg" && (call.Text.Contains("HTTP/1.1 201 ", StringComparison.Ordinal) || call.Text.Contains("HTTP/1.1 202 ", StringComparison.Ordinal))),
    ];

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

    private IEnumerable<string> DisorderOfFile(SystemCall rename)
    {
        var lastWrite = calls.LastOrDefault(call => IsWrite(call) && call.Path == rename.Path && call.Begun < rename.Begun);
        if (!calls.Any(call => IsSync(call) && call.Path == rename.Path && call.Ended < rename.Begun && call.Begun > (lastWrite?.Ended ?? -1)))
        {
            yield return $"{rename.Target} was renamed before its bytes were synced";
        }
        if (FolderSync(rename) is null)
        {
            yield return $"the folder of {rename.Target} was not synced";
        }
    }

    private SystemCall? FolderSync(SystemCall rename) =>
        calls.FirstOrDefault(call => IsSync(call) && call.Path == Path.GetDirectoryName(rename.Target) && call.Begun > rename.Ended);

    private IEnumerable<string> DisorderOf(SystemCall rename, SystemCall? said)
    {
        var target = rename.Target!;
        foreach (var problem in DisorderOfFile(rename))
        {
            yield return problem;
        }
        if (FolderSync(rename) is not { } folder)
        {
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

    // That of the last row: the end of a command syncs the log once more when it takes it into the database.
    private SystemCall? LastRowSync() => calls.LastOrDefault(IsLogWrite) is { } row
        ? calls.FirstOrDefault(call => IsSync(call) && call.Path.EndsWith(WriteAheadLog, StringComparison.Ordinal) && call.Begun > row.Ended)
        : null;

    public static bool IsSync(SystemCall call) => call.Name is "fsync" or "fdatasync";

    public static bool IsLogSync(SystemCall call) => IsSync(call) && call.Path.EndsWith("-wal", StringComparison.Ordinal);

    private static bool IsLogWrite(SystemCall call) => IsWrite(call) && call.Path.EndsWith("-wal", StringComparison.Ordinal);

    private static bool IsRemoval(SystemCall call, string[] folders) => call.Name == "unlink"
        && folders.Any(folder => call.Path.StartsWith(folder + "/", StringComparison.Ordinal))
        && !Path.GetFileName(call.Path).StartsWith(".tmp-", StringComparison.Ordinal);

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
        else if (UnlinkPattern().Match(text) is { Success: true } unlink)
        {
            calls.Add(new SystemCall(begun, ended, "unlink", Path.Combine(unlink.Groups["folder"].Value, unlink.Groups["path"].Value), null, text));
        }
        else if (DescriptorPattern().Match(text) is { Success: true } other)
        {
            calls.Add(new SystemCall(begun, ended, other.Groups["name"].Value, other.Groups["path"].Value, null, text));
        }
    }

    [GeneratedRegex("""^rename(at2?)?\((AT_FDCWD(<[^>]*>)?, )?"(?<from>[^"]*)", (AT_FDCWD(<[^>]*>)?, )?"(?<to>[^"]*)".*\) += 0""")]
    private static partial Regex RenamePattern();

    [GeneratedRegex("""^unlink(at)?\(((AT_FDCWD|\d+)(<(?<folder>[^>]*)>)?, )?"(?<path>[^"]*)".*\) += 0""")]
    private static partial Regex UnlinkPattern();

    [GeneratedRegex("""^(?<name>\w+)\(\d+<(?<path>[^>]*)>""")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex("""= -1 E\w+""")]
    private static partial Regex FailedPattern();
}
