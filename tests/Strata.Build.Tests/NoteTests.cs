using System.Text.Json;
using Strata.Oci;

namespace Strata.Build.Tests;

/// <summary>The Dockerfile everybody begins with, from end to end.</summary>
public sealed class NoteTests
{
    private const string Dockerfile = """
        # 1. Base image
        FROM node:18-alpine

        WORKDIR /app

        COPY package.json package-lock.json ./
        RUN npm install --production

        COPY . .

        CMD ["node", "server.js"]
        """;

    [Fact]
    public async Task A_node_application_becomes_an_image_with_its_files_its_command_and_its_history()
    {
        using var bench = Application();
        var image = await bench.Build(Dockerfile);

        Assert.Equal("console.log(1)", bench.Text(image, "app/server.js"));
        Assert.Equal("{}", bench.Text(image, "app/package.json"));
        Assert.Equal("left-pad", bench.Text(image, "app/node_modules/x.js"));
        Assert.Null(bench.Entry(image, "app/debug.log"));
        Assert.Equal(["node", "server.js"], image.Config.Config!.Cmd!);
        Assert.Equal("/app", image.Config.Config.WorkingDir);
        Assert.Equal(["PATH=/usr/bin", "NODE_VERSION=18"], image.Config.Config.Env!);
        Assert.Equal(5, image.Layers.Length);
        Assert.Equal(
            [
                "base",
                "WORKDIR /app",
                "COPY package.json package-lock.json ./ # buildkit",
                "RUN /bin/sh -c npm install --production # buildkit",
                "COPY . . # buildkit",
                "CMD [\"node\" \"server.js\"]",
            ],
            image.Config.History!.Select(entry => entry.CreatedBy));
        Assert.Equal([null, null, null, null, null, true], image.Config.History!.Select(entry => entry.EmptyLayer));
        Assert.Equal(Digest.Of(image.ConfigBytes.Span), image.ImageId);
        Assert.Equal("docker.io/library/node:18-alpine", Assert.Single(image.Images).Reference.ToString());
    }

    [Fact]
    public async Task The_command_runs_where_and_as_what_the_stage_says()
    {
        using var bench = Application();
        await bench.Build(Dockerfile);
        var step = Assert.Single(bench.Executor.Ran);
        Assert.Equal(["/bin/sh", "-c", "npm install --production"], step.Arguments);
        Assert.Equal("/app", step.WorkingDirectory);
        Assert.Equal("", step.User.Name);
        Assert.Equal(["PATH=/usr/bin", "NODE_VERSION=18"], step.Environment);
        Assert.Equal(3, step.Layers.Length);
        Assert.StartsWith("root:", System.Text.Encoding.UTF8.GetString(step.User.Passwd.Span));
    }

    [Fact]
    public async Task The_steps_are_named_as_people_know_them()
    {
        using var bench = Application();
        await bench.Build(Dockerfile);
        Assert.Equal(
            [
                "[internal] load metadata for docker.io/library/node:18-alpine",
                "[1/5] FROM docker.io/library/node:18-alpine",
                "[2/5] WORKDIR /app",
                "[3/5] COPY package.json package-lock.json ./",
                "[4/5] RUN npm install --production",
                "[5/5] COPY . .",
            ],
            bench.Events.OfType<BuildEvent.Started>().Select(e => e.Name));
    }

    [Fact]
    public async Task The_second_build_does_nothing_again_and_gives_the_same_image()
    {
        using var bench = Application();
        var first = await bench.Build(Dockerfile);
        var committed = bench.Layers.Committed;
        var second = await bench.Build(Dockerfile);
        Assert.Equal(first.ImageId, second.ImageId);
        Assert.Equal(committed, bench.Layers.Committed);
        Assert.Single(bench.Executor.Ran);
        Assert.All(bench.Outcomes().Where(step => !step.Key.StartsWith("FROM ", StringComparison.Ordinal) && !step.Key.StartsWith("load ", StringComparison.Ordinal)), step => Assert.Equal("Cached", step.Value));
    }

    [Fact]
    public async Task A_changed_source_file_repeats_only_the_last_copy()
    {
        using var bench = Application();
        await bench.Build(Dockerfile);
        bench.File("server.js", "console.log(2)");
        var image = await bench.Build(Dockerfile);
        Assert.Equal("console.log(2)", bench.Text(image, "app/server.js"));
        Assert.Single(bench.Executor.Ran);
        Assert.Equal("Cached", bench.Outcomes()["RUN npm install --production"]);
        Assert.Equal("server.js changed", bench.Why("COPY . ."));
    }

    [Fact]
    public async Task A_changed_package_json_repeats_the_install_and_says_why()
    {
        using var bench = Application();
        await bench.Build(Dockerfile);
        Assert.Equal("first build", bench.Why("RUN npm install --production"));
        bench.File("package.json", "{ }");
        await bench.Build(Dockerfile);
        Assert.Equal(2, bench.Executor.Ran.Count);
        Assert.Equal("package.json changed", bench.Why("COPY package.json package-lock.json ./"));
        Assert.Equal("the step before changed", bench.Why("RUN npm install --production"));
        Assert.Equal("Cached", bench.Outcomes()["WORKDIR /app"]);
    }

    [Fact]
    public async Task The_stored_config_is_json_of_the_form_that_docker_reads()
    {
        using var bench = Application();
        var image = await bench.Build(Dockerfile);
        using var json = JsonDocument.Parse(image.ConfigBytes);
        Assert.Equal("layers", json.RootElement.GetProperty("rootfs").GetProperty("type").GetString());
        Assert.Equal("linux", json.RootElement.GetProperty("os").GetString());
        Assert.Equal("/app", json.RootElement.GetProperty("config").GetProperty("WorkingDir").GetString());
    }

    private static Workbench Application()
    {
        var bench = new Workbench();
        bench.AddImage(
            "node:18-alpine",
            new ContainerConfig { Env = ["PATH=/usr/bin", "NODE_VERSION=18"], Cmd = ["node"] },
            ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
            ("usr/bin/node", "elf"));
        bench.File("package.json", "{}");
        bench.File("package-lock.json", "{}");
        bench.File("server.js", "console.log(1)");
        bench.File("debug.log", "noise");
        bench.File("node_modules/local.js", "not this one");
        bench.File(".dockerignore", "node_modules\n*.log\n");
        bench.Executor.Writes("npm install --production", ("app/node_modules/x.js", "left-pad"));
        return bench;
    }
}
