using System.Text;
using Strata.Content.Layers;
using Strata.Oci;
using Strata.Testing;

namespace Strata.Build.Tests;

/// <summary>A folder to build from, and everything a build needs, in memory.</summary>
internal sealed class Workbench : IDisposable
{
    public const long FileTime = 1_600_000_000;

    private readonly TemporaryFolder _folder = new();

    public Workbench(Workbench? shared = null)
    {
        Layers = shared?.Layers ?? new MemoryLayers();
        Cache = shared?.Cache ?? new MemoryCache();
        Images = shared?.Images ?? new FixedImages();
        Executor = shared?.Executor ?? new ScriptedExecutor(Layers);
        Directory.CreateDirectory(Context);
        if (shared is null)
        {
            AddImage("base", [], ("etc/passwd", "root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"), ("etc/group", "root:x:0:\nnode:x:1000:\nweb:x:33:\n"), ("bin/sh", "shell"));
        }
    }

    public MemoryLayers Layers { get; }
    public MemoryCache Cache { get; }
    public FixedImages Images { get; }
    public ScriptedExecutor Executor { get; }
    public List<BuildEvent> Events { get; } = [];
    public Clock Time { get; init; } = new();
    public string Context => Path.Combine(_folder.Path, "context");

    public void AddImage(string name, IReadOnlyList<string> onBuild, params (string Path, string Content)[] files) =>
        AddImage(name, new ContainerConfig { Env = ["PATH=/bin", "BASE=1"], Cmd = ["sh"], OnBuild = onBuild.Count == 0 ? null : onBuild }, files);

    public void AddImage(string name, ContainerConfig container, params (string Path, string Content)[] files)
    {
        var layer = Files.Layer(Layers, null, files);
        Images.Add(name, new ImageConfig
        {
            Architecture = Platform.Local.Architecture,
            Os = "linux",
            Created = "2024-01-02T03:04:05Z",
            Config = container,
            RootFs = new RootFs { DiffIds = [layer.DiffId] },
            History = [new HistoryEntry { CreatedBy = "base", Created = "2024-01-02T03:04:05Z" }],
        });
    }

    public void File(string path, string content = "", UnixFileMode? mode = null, long time = FileTime)
    {
        var full = Path.Combine(Context, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content);
        System.IO.File.SetUnixFileMode(full, mode ?? (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
        System.IO.File.SetLastWriteTimeUtc(full, DateTimeOffset.FromUnixTimeSeconds(time).UtcDateTime);
        for (var folder = Path.GetDirectoryName(full)!; folder.Length > Context.Length; folder = Path.GetDirectoryName(folder)!)
        {
            Directory.SetLastWriteTimeUtc(folder, DateTimeOffset.FromUnixTimeSeconds(FileTime).UtcDateTime);
        }
    }

    public void Link(string path, string target) => System.IO.File.CreateSymbolicLink(Path.Combine(Context, path), target);

    public async Task<BuiltImage> Build(string dockerfile, Func<BuildRequest, BuildRequest>? change = null, CancellationToken? ct = null)
    {
        Events.Clear();
        var request = new BuildRequest
        {
            Dockerfile = new DockerfileSource("Dockerfile", Encoding.UTF8.GetBytes(dockerfile), null),
            ContextDirectory = Context,
        };
        var builder = new Builder(
            new BuildPorts { Images = Images, Layers = Layers, Executor = Executor, Cache = Cache, TemporaryDirectory = _folder.Path },
            Time);
        var image = await builder.BuildAsync(change?.Invoke(request) ?? request, new Collector(Events), ct ?? TestContext.Current.CancellationToken);
        AssertSound(image);
        return image;
    }

    public async Task<T> Fails<T>(string dockerfile, Func<BuildRequest, BuildRequest>? change = null)
        where T : Exception => await Assert.ThrowsAsync<T>(() => Build(dockerfile, change));

    public async Task<string> Refusal(string dockerfile, Func<BuildRequest, BuildRequest>? change = null) =>
        (await Fails<InstructionException>(dockerfile, change)).Message;

    public MergedTree Tree(BuiltImage image) => MergedTree.Of([.. image.Layers.Select(layer => Layers.IndexOf(layer.DiffId))]);

    public LayerEntry? Entry(BuiltImage image, string path) => Tree(image).Find(ImagePath.Parse(path))?.Entry;

    public string? Text(BuiltImage image, string path)
    {
        if (Tree(image).Find(ImagePath.Parse(path)) is not { Entry.IsFile: true } found)
        {
            return null;
        }
        var tar = Layers.TarOf(image.Layers[found.Layer].DiffId);
        return Encoding.UTF8.GetString(tar, (int)found.Entry.TarOffset, (int)found.Entry.Size);
    }

    /// <summary>The paths of a layer.</summary>
    public string[] Paths(BuiltLayer layer)
    {
        var index = Layers.IndexOf(layer.DiffId);
        return [.. Enumerable.Range(0, index.Count).Select(i => index[i].Path.ToString())];
    }

    /// <summary>What became of each step: its name without the bracket, and how it ended.</summary>
    public Dictionary<string, string> Outcomes()
    {
        var names = Events.Where(e => e is BuildEvent.Started).ToDictionary(e => e.Vertex, e => ((BuildEvent.Started)e).Name);
        return Events
            .Where(e => e is BuildEvent.Done or BuildEvent.Cached or BuildEvent.Failed or BuildEvent.Canceled)
            .ToDictionary(e => names[e.Vertex][(names[e.Vertex].IndexOf(']') + 2)..], e => e.GetType().Name);
    }

    /// <summary>Why the step with this text had to be done.</summary>
    public string? Why(string step)
    {
        var vertex = Events.OfType<BuildEvent.Started>().Single(e => e.Name.EndsWith(step, StringComparison.Ordinal)).Vertex;
        return Events.OfType<BuildEvent.Missed>().SingleOrDefault(e => e.Vertex == vertex)?.Why;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>History and layers tell the same story, and every layer stands on its own.</summary>
    private void AssertSound(BuiltImage image)
    {
        Assert.Equal(image.Layers.Select(layer => layer.DiffId), image.Config.RootFs.DiffIds);
        Assert.Equal(image.Layers.Length, image.Config.History!.Count(entry => entry.EmptyLayer != true));
        Assert.True(ImageConfig.TryParse(image.ConfigBytes.Span, out _, out var problem), problem);
        Assert.All(image.Layers, layer => Assert.True(Layers.IndexOf(layer.DiffId).SelfContained));
    }

    private sealed class Collector(List<BuildEvent> events) : IProgress<BuildEvent>
    {
        public void Report(BuildEvent value) => events.Add(value);
    }

    /// <summary>A clock an hour ahead, so that files just written count as settled.</summary>
    internal sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; } = TimeSpan.FromHours(1);

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
