using System.Text;
using Strata.Dockerfile;
using Strata.Oci;

namespace Strata.Build;

/// <summary>Plans a COPY or ADD.</summary>
internal sealed class FilePlanner(PlanContext plan, StageState state, Func<FileInstruction, string?, Task<Vertex>> findSource)
{
    public async Task AddAsync(FileInstruction instruction, VertexLabel label)
    {
        RefuseWhatCannotBeDone(instruction);
        string[] paths = [.. instruction.Sources.Select(source => Expand(instruction, source))];
        foreach (var path in paths)
        {
            RefuseRemote(instruction, path);
        }
        var destination = Expand(instruction, instruction.Destination);
        var intoDirectory = IsDirectory(destination);
        if (paths.Length + instruction.Heredocs.Length > 1 && !intoDirectory)
        {
            plan.Refuse(instruction, $"with more than one source the destination must be a directory and end with a /, and \"{destination}\" doesn't");
        }
        var owner = instruction.Chown is { } chown ? Expand(instruction, chown) : null;
        var mode = instruction.Chmod is { } chmod ? Expand(instruction, chmod) : null;
        var op = new CopyOp
        {
            Sources = [.. paths.Select(path => new CopySource.Path(path)), .. instruction.Heredocs.Select(heredoc => Inline(instruction, heredoc))],
            Destination = ImagePath.Parse(destination.StartsWith('/') ? destination : $"{state.WorkingDirectory}/{destination}"),
            IntoDirectory = intoDirectory,
            Owner = string.IsNullOrEmpty(owner) ? null : owner,
            Mode = string.IsNullOrEmpty(mode) ? null : ModeOf(instruction, mode),
            Excludes = instruction.Excludes,
            Unpack = instruction is AddInstruction { Unpack: not false },
        };
        var source = paths.Length == 0 ? null : await findSource(instruction, (instruction as CopyInstruction)?.From);
        state.Top = plan.Graph.Add(op, source is null ? [state.Top] : [state.Top, source], label);
        var keyword = instruction.Source.Keyword.ToUpperInvariant();
        var sources = paths.Concat(instruction.Heredocs.Select(heredoc => $"<<{heredoc.Name}"));
        state.History.Add(new PlannedHistory(
            CreatedBy.Copy(keyword, instruction.Chown is null ? null : owner, instruction.Chmod is null ? null : mode, sources, destination), state.Top, state.Author));
    }

    private void RefuseWhatCannotBeDone(FileInstruction instruction)
    {
        var keyword = instruction.Source.Keyword.ToUpperInvariant();
        if (instruction.Link)
        {
            plan.Refuse(instruction, $"{keyword} --link can't be built yet; without the flag the files are the same");
        }
        if (instruction is CopyInstruction { Parents: true })
        {
            plan.Refuse(instruction, "COPY --parents can't be built yet; copy each folder to its own place");
        }
        if (instruction is AddInstruction { Checksum: not null } or AddInstruction { KeepGitDir: not null })
        {
            plan.Refuse(instruction, "ADD from a URL or a git repository can't be built yet, nor can its flags be used");
        }
    }

    private void RefuseRemote(FileInstruction instruction, string source)
    {
        var isGit = source.StartsWith("git@", StringComparison.Ordinal) || source.StartsWith("git://", StringComparison.Ordinal)
            || source.StartsWith("ssh://", StringComparison.Ordinal);
        var isWeb = source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isGit && !isWeb)
        {
            return;
        }
        plan.Refuse(instruction, instruction is CopyInstruction
            ? $"source can't be a {(isGit ? "git ref" : "URL")} for COPY: {source}"
            : $"ADD from {source} can't be built yet; fetch it before the build, or in a RUN");
    }

    private FileModeChange ModeOf(FileInstruction instruction, string text)
    {
        if (!FileModeChange.TryParse(text, out var change, out var problem))
        {
            plan.Refuse(instruction, problem);
        }
        return change;
    }

    private CopySource.Inline Inline(FileInstruction instruction, Heredoc heredoc)
    {
        var body = heredoc.Body;
        if (heredoc.Expand)
        {
            var expanded = Expansion.ExpandHeredoc(body, state.Variables.Find);
            if (expanded.Error is { } problem)
            {
                plan.Refuse(instruction, problem);
            }
            body = expanded.Text;
        }
        return new CopySource.Inline(heredoc.Name, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Written as a directory: ends in a slash, or in a part that is a dot.</summary>
    private static bool IsDirectory(string destination) => destination is "" or "." or ".."
        || destination.EndsWith('/') || destination.EndsWith("/.", StringComparison.Ordinal) || destination.EndsWith("/..", StringComparison.Ordinal);

    private string Expand(FileInstruction instruction, string word) => plan.Expand(instruction, word, state.Variables.Find);
}
