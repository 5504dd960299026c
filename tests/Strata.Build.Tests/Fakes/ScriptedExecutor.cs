using System.Collections.Concurrent;
using System.Text;
using Strata.Content.Layers;

namespace Strata.Build.Tests;

/// <summary>Runs no command: a script says by the command's last argument what it does.</summary>
internal sealed class ScriptedExecutor(MemoryLayers layers) : IStepExecutor
{
    private readonly Dictionary<string, Func<RunStep, IVertexOutput, CancellationToken, Task<StepOutcome>>> _scripts = [];

    public ConcurrentQueue<RunStep> Ran { get; } = [];

    public RunStep Last => Ran.Last();

    /// <summary>A command that adds files, given as path and content.</summary>
    public void Writes(string command, params (string Path, string Content)[] files) =>
        On(command, (step, _, _) => Task.FromResult<StepOutcome>(new StepOutcome.Succeeded(Files.Layer(layers, step.ClampModified, files))));

    public void Fails(string command, int exitCode, string output) => On(command, (_, to, _) =>
    {
        to.Write(OutputStream.Error, Encoding.UTF8.GetBytes(output));
        return Task.FromResult<StepOutcome>(new StepOutcome.Failed(exitCode));
    });

    public void On(string command, Func<RunStep, IVertexOutput, CancellationToken, Task<StepOutcome>> script) => _scripts[command] = script;

    public async ValueTask<StepOutcome> RunAsync(RunStep step, IVertexOutput output, CancellationToken ct)
    {
        Ran.Enqueue(step);
        return _scripts.TryGetValue(step.Arguments[^1], out var script) ? await script(step, output, ct) : new StepOutcome.Succeeded(null);
    }
}

/// <summary>Layers made by hand: directories end in a slash, <c>a -> b</c> is a link.</summary>
internal static class Files
{
    public const long Time = 1_700_000_000;

    /// <summary>The order of a layer's entries.</summary>
    public static readonly Comparer<Oci.ImagePath> InOrder = Comparer<Oci.ImagePath>.Create(static (x, y) => PathOrder.Compare(x.Bytes, y.Bytes));

    public static LayerIndex Layer(MemoryLayers layers, Linux.FileTime? clamp, params (string Path, string Content)[] files) => layers.Add(
        builder =>
        {
            var all = new SortedDictionary<Oci.ImagePath, (string Path, string Content)>(InOrder);
            foreach (var file in files)
            {
                var path = Oci.ImagePath.Parse(file.Path);
                for (var parent = path.Parent; !parent.IsRoot; parent = parent.Parent)
                {
                    all.TryAdd(parent, (parent + "/", ""));
                }
                all[path] = file;
            }
            foreach (var (path, file) in all)
            {
                Add(builder, path, file);
            }
        },
        clamp);

    private static void Add(LayerBuilder builder, Oci.ImagePath path, (string Path, string Content) file)
    {
        var entry = new LayerEntry { Path = path, Kind = EntryKind.Directory, Mode = 0x1ED, Modified = new Linux.FileTime(Time, 0) };
        if (file.Path.EndsWith('/'))
        {
            builder.AddDirectory(entry);
        }
        else if (file.Content.StartsWith("-> ", StringComparison.Ordinal))
        {
            builder.AddSymbolicLink(entry with { Kind = EntryKind.SymbolicLink, LinkTarget = Encoding.UTF8.GetBytes(file.Content[3..]) });
        }
        else
        {
            var content = Encoding.UTF8.GetBytes(file.Content);
            builder.AddFile(entry with { Kind = EntryKind.Regular, Mode = 0x1A4, Size = content.Length }, new MemoryStream(content));
        }
    }
}
