using System.Text.Json;
using Strata.Oci;
using Strata.Store;

namespace Strata.Cli.Tests;

/// <summary>inspect, history and layers over a small store: a base of two layers, and an image on it that overwrites one of the base's files.</summary>
public sealed class SeeingTests : IAsyncLifetime
{
    private readonly CommandLine _line = new();

    public async ValueTask InitializeAsync()
    {
        _line.Write("Dockerfile.base", "FROM scratch\nCOPY big.txt /data/file\nCOPY small.txt /small\nLABEL level=base\n");
        _line.Write("Dockerfile", "FROM localhost/base\nCOPY other.txt /data/file\nENV MODE=test\nLABEL org.example.who=me\nENTRYPOINT [\"/small\"]\n");
        _line.Write("big.txt", new string('b', 3000));
        _line.Write("small.txt", "s");
        _line.Write("other.txt", new string('o', 999));
        Assert.Equal(0, await _line.RunAsync("build", "-q", "-f", "Dockerfile.base", "-t", "localhost/base", "."));
        Assert.Equal(0, await _line.RunAsync("build", "-q", "-t", "app:v1", "."));
        _line.Forget();
    }

    [Fact]
    public async Task Inspect_shows_an_image_as_docker_does()
    {
        Assert.Equal(0, await _line.RunAsync("inspect", "app:v1"));
        using var json = JsonDocument.Parse(_line.Output);
        var image = json.RootElement.EnumerateArray().Single();
        Assert.Equal("app:v1", image.GetProperty("RepoTags").EnumerateArray().Single().GetString());
        Assert.Equal("linux", image.GetProperty("Os").GetString());
        Assert.Equal(3, image.GetProperty("RootFS").GetProperty("Layers").GetArrayLength());
        Assert.Equal("me", image.GetProperty("Config").GetProperty("Labels").GetProperty("org.example.who").GetString());
        Assert.Equal(JsonValueKind.Null, image.GetProperty("Config").GetProperty("Cmd").ValueKind);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT", image.GetProperty("Metadata").GetProperty("LastTagTime").GetString());
    }

    [Theory]
    [InlineData("{{.Config.Entrypoint}} {{.Config.Cmd}} {{len .RootFS.Layers}}", "[/small] [] 3\n")]
    [InlineData("{{index .Config.Labels \"org.example.who\"}}", "me\n")]
    [InlineData("{{range .Config.Env}}{{println .}}{{end}}", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nMODE=test\n\n")]
    [InlineData("{{json .RepoTags}}", "[\"app:v1\"]\n")]
    public async Task Inspect_takes_dockers_templates(string format, string expected)
    {
        Assert.Equal(0, await _line.RunAsync("inspect", "--format", format, "app:v1"));
        Assert.Equal(expected, _line.Output);
    }

    [Fact]
    public async Task A_mistyped_field_is_told_with_the_one_that_was_meant()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "-f", "{{.Confg}}", "app:v1"));
        Assert.Equal("error: --format, column 3: there is no .Confg here; did you mean .Config?\n", _line.Error);
        Assert.Equal("", _line.Output);
    }

    [Fact]
    public async Task What_is_found_is_printed_and_each_that_is_missing_is_told()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "--format", "{{index .RepoTags 0}}", "app:v2", "app:v1", "nothing", "localhost/base"));
        Assert.Equal("app:v1\nlocalhost/base:latest\n", _line.Output);
        Assert.Contains("there is no image and no container 'app:v2' in the store", _line.Error, StringComparison.Ordinal);
        Assert.Contains("there is no image and no container 'nothing' in the store", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_raw_config_is_the_bytes_whose_digest_is_the_id()
    {
        Assert.Equal(0, await _line.RunAsync("inspect", "--raw", "--config", "app:v1"));
        var id = Digest.Of(System.Text.Encoding.UTF8.GetBytes(_line.Output));
        _line.Forget();
        Assert.Equal(0, await _line.RunAsync("inspect", "--format", "{{.Id}}", id.ToString()));
        Assert.Equal($"{id}\n", _line.Output);
    }

    [Fact]
    public async Task A_manifest_that_was_never_made_is_told_and_not_invented()
    {
        Assert.Equal(1, await _line.RunAsync("inspect", "--raw", "app:v1"));
        Assert.StartsWith("error: app:v1 has no manifest yet", _line.Error, StringComparison.Ordinal);
        Assert.Equal("", _line.Output);
    }

    [Fact]
    public async Task Inspect_finds_containers_too_and_before_images()
    {
        using (var host = _line.Session.OpenHost(_line.Parse("ps"), looksOnly: true))
        {
            var image = host.Images.Get("app:v1").Image.Id;
            Assert.Equal(AddContainerResult.Added, host.Store.Containers.Add(new ContainerRecord
            {
                Id = new string('c', 64),
                Name = "app",
                Image = image,
                ImageName = "app:v1",
                Created = DateTimeOffset.UnixEpoch,
                Config = "{\"Command\":[\"/small\",\"-x\"]}"u8.ToArray(),
            }));
        }
        Assert.Equal(0, await _line.RunAsync("inspect", "--format", "{{.Name}} {{.State.Status}} {{.Path}} {{.Args}} {{.Config.Image}} {{.Config.Labels.level}}", "app"));
        Assert.Equal("/app created /small [-x] app:v1 base\n", _line.Output);
        Assert.Equal(1, await _line.RunAsync("inspect", "--type", "image", "app"));
        Assert.Equal(1, await _line.RunAsync("inspect", "--type", "container", "app:v1"));
    }

    [Theory]
    [InlineData("layers --files app:v1 localhost/base", "--files and --largest tell of one image, and several are compared")]
    [InlineData("layers --largest 3 app:v1 localhost/base", "--files and --largest tell of one image, and several are compared")]
    [InlineData("layers --largest -1 app:v1", "--largest -1 is no number of files")]
    [InlineData("layers --files docker://localhost:1/app", "--files and --largest tell of files, which are known when the image has been pulled")]
    public async Task An_option_that_would_do_nothing_is_refused(string line, string message)
    {
        Assert.Equal(1, await _line.RunAsync(line.Split(' ')));
        Assert.StartsWith($"error: {message}\n", _line.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_tells_which_steps_came_with_which_image()
    {
        Assert.Equal(0, await _line.RunAsync("history", "--format", "{{.From}}|{{.CreatedBy}}", "app:v1"));
        Assert.Equal(
            """
            |ENTRYPOINT ["/small"]
            |LABEL org.example.who=me
            |ENV MODE=test
            |COPY other.txt /data/file
            localhost/base:latest|LABEL level=base
            localhost/base:latest|COPY small.txt /small
            localhost/base:latest|COPY big.txt /data/file

            """,
            _line.Output);
    }

    [Fact]
    public async Task History_has_dockers_columns_and_an_id_where_an_image_ends()
    {
        Assert.Equal(0, await _line.RunAsync("history", "app:v1"));
        var lines = _line.Output.TrimEnd('\n').Split('\n');
        Assert.Matches("^IMAGE +CREATED +CREATED BY +SIZE +COMMENT +FROM$", lines[0]);
        Assert.Matches("^[0-9a-f]{12} .*ENTRYPOINT", lines[1]);
        Assert.StartsWith("<missing> ", lines[2], StringComparison.Ordinal);
        Assert.Matches("^[0-9a-f]{12} .*LABEL level=base", lines[5]);
        _line.Forget();
        Assert.Equal(0, await _line.RunAsync("history", "-q", "--no-trunc", "app:v1"));
        Assert.Matches("^sha256:[0-9a-f]{64}\n<missing>\n", _line.Output);
        _line.Forget();
        Assert.Equal(0, await _line.RunAsync("history", "--human=false", "--format", "{{.Size}} {{.CreatedAt}}", "app:v1"));
        Assert.Matches(@"^0 \d{4}-", _line.Output);
    }

    [Fact]
    public async Task Layers_tells_what_is_carried_along_for_nothing()
    {
        Assert.Equal(0, await _line.RunAsync("layers", "app:v1"));
        Assert.Contains("3 layers, ", _line.Output, StringComparison.Ordinal);
        Assert.Contains("efficiency 25.0%: 3kB in 1 file are carried along, hidden by later layers", _line.Output, StringComparison.Ordinal);
        Assert.Contains("are shared with localhost/base:latest", _line.Output, StringComparison.Ordinal);
        Assert.Matches(@"3kB +/data/file +[0-9a-f]{12} COPY big.txt /data/file +[0-9a-f]{12} COPY other.txt /data/file", _line.Output);
    }

    [Fact]
    public async Task Layers_are_data_too()
    {
        Assert.Equal(0, await _line.RunAsync("layers", "--format", "{{.Efficiency}} {{range .Layers}}{{.Added}}/{{.Changed}}/{{.WastedBytes}} {{end}}", "app:v1", "localhost/base"));
        Assert.Equal("0.25 1/0/3000 1/0/0 0/1/0 \n1 1/0/0 1/0/0 \n", _line.Output);
        _line.Forget();
        Assert.Equal(0, await _line.RunAsync("layers", "--format", "json", "--files", "--largest", "1", "app:v1"));
        using var json = JsonDocument.Parse(_line.Output);
        var image = json.RootElement.EnumerateArray().Single();
        Assert.Equal("/data/file", image.GetProperty("LargestFiles").EnumerateArray().Single().GetProperty("Path").GetString());
        Assert.Equal(["localhost/base:latest"], image.GetProperty("Layers")[0].GetProperty("SharedWith").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("Changed", image.GetProperty("Layers")[2].GetProperty("Changes").EnumerateArray().Last().GetProperty("Kind").GetString());
    }

    [Fact]
    public async Task Several_images_are_compared_layer_by_layer()
    {
        Assert.Equal(0, await _line.RunAsync("layers", "--format", "table {{.In}}\t{{.Step}}", "app:v1", "localhost/base"));
        Assert.Equal("IN       STEP\nall      COPY big.txt /data/file\nall      COPY small.txt /small\napp:v1   COPY other.txt /data/file\n", _line.Output);
    }

    public ValueTask DisposeAsync()
    {
        _line.Dispose();
        return ValueTask.CompletedTask;
    }
}
