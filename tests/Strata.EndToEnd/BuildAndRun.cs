namespace Strata.EndToEnd;

public sealed class BuildAndRun
{
    private const string Dockerfile = $"""
        FROM {Workplace.Base}
        WORKDIR /app
        COPY names.txt ./
        RUN sort names.txt > sorted.txt && echo built
        COPY . .
        CMD ["cat", "sorted.txt"]
        """;

    private static string AppContext(Workplace place, string name = "app") => place.Context(name,
        ("Dockerfile", Dockerfile), ("names.txt", "b\na\n"), ("main.txt", "one\n"), (".dockerignore", "*.log\nnode_modules\n"),
        ("debug.log", "noise"), ("node_modules/x/index.js", "noise"));

    [Fact]
    public async Task A_Dockerfile_becomes_an_image_that_runs()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("build", "-t", "my-app:v1", AppContext(place))).Succeeded();
        var run = (await place.StrataAsync("run", "--rm", "my-app:v1")).Succeeded();
        Assert.Equal("a\nb\n", run.Output);
        var listing = (await place.StrataAsync("run", "--rm", "my-app:v1", "ls", "/app")).Succeeded();
        Assert.Equal("Dockerfile\nmain.txt\nnames.txt\nsorted.txt\n", listing.Output);
        Assert.Empty((await place.StrataAsync("ps", "-a", "-q")).Succeeded().Output);
    }

    [Fact]
    public async Task Nothing_changed_means_nothing_runs_and_the_same_image()
    {
        await using var place = await Workplace.OpenAsync();
        var context = AppContext(place);
        var first = (await place.StrataAsync("build", "-q", "-t", "app", context)).Succeeded();
        var second = (await place.StrataAsync("build", "--progress=plain", "-t", "app", context)).Succeeded();
        Assert.DoesNotMatch(@"#\d+ [\d.]+ built", second.Error);
        Assert.Contains("CACHED", second.Error, StringComparison.Ordinal);
        Assert.Equal(first.LastLine, (await place.StrataAsync("images", "-q", "--no-trunc", "app")).LastLine);
    }

    [Fact]
    public async Task A_change_of_the_source_runs_only_the_last_copy()
    {
        await using var place = await Workplace.OpenAsync();
        var context = AppContext(place);
        (await place.StrataAsync("build", "-t", "app:v1", context)).Succeeded();
        File.WriteAllText(Path.Combine(context, "main.txt"), "two\n");
        var rebuilt = (await place.StrataAsync("build", "--progress=plain", "-t", "app:v2", context)).Succeeded();
        Assert.DoesNotMatch(@"#\d+ [\d.]+ built", rebuilt.Error);
        Assert.Contains("main.txt changed", rebuilt.Error, StringComparison.Ordinal);
        Assert.Equal("one\n", (await place.StrataAsync("run", "--rm", "app:v1", "cat", "main.txt")).Output);
        Assert.Equal("two\n", (await place.StrataAsync("run", "--rm", "app:v2", "cat", "main.txt")).Output);
    }

    [Fact]
    public async Task A_final_stage_from_scratch_holds_only_what_was_copied()
    {
        await using var place = await Workplace.OpenAsync();
        var context = place.Context("stages", ("Dockerfile", $"""
            FROM {Workplace.Base} AS build
            WORKDIR /src
            RUN cp /bin/busybox busybox && touch rubbish
            FROM scratch
            COPY --from=build /src/busybox /busybox
            ENTRYPOINT ["/busybox"]
            CMD ["echo", "hello"]
            """));
        (await place.StrataAsync("build", "-t", "tool", context)).Succeeded();
        Assert.Equal("hello\n", (await place.StrataAsync("run", "--rm", "tool")).Succeeded().Output);
        (await place.StrataAsync("run", "--rm", "--entrypoint", "sh", "tool")).FailedSaying("sh");
        Assert.Equal("/\n/busybox\n", (await place.StrataAsync("run", "--rm", "tool", "find", "/", "-xdev", "-not", "-path", "/dev*", "-not", "-path", "/proc*", "-not", "-path", "/sys*", "-not", "-path", "/etc*")).Output);
    }

    [Fact]
    public async Task Variables_users_and_labels_reach_the_image()
    {
        await using var place = await Workplace.OpenAsync();
        var context = place.Context("vars", ("Dockerfile", $"""
            ARG TAG=latest
            FROM localhost/busybox:$TAG
            ARG WHO=nobody
            ENV GREETING="hello $WHO" PLACE=here
            LABEL org.example.who=$WHO
            EXPOSE 8080/tcp
            USER app
            WORKDIR /home/app
            RUN id -un > who && id -Gn > groups
            CMD echo $GREETING from $(cat who) in $(pwd) with $(cat groups)
            """));
        (await place.StrataAsync("build", "--build-arg", "WHO=world", "-t", "vars", context)).Succeeded();
        var run = (await place.StrataAsync("run", "--rm", "-e", "PLACE=there", "vars")).Succeeded();
        Assert.Equal("hello world from app in /home/app with app extra\n", run.Output);
        var inspect = (await place.StrataAsync("inspect", "vars")).Succeeded();
        Assert.Contains("\"org.example.who\": \"world\"", inspect.Output, StringComparison.Ordinal);
        Assert.Contains("\"8080/tcp\": {}", inspect.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_layer_of_a_RUN_is_what_it_changed_and_nothing_that_the_engine_made()
    {
        await using var place = await Workplace.OpenAsync();
        var context = place.Context("clean", ("Dockerfile", $"""
            FROM {Workplace.Base}
            RUN echo x > /etc/made && rm /etc/group
            """));
        (await place.StrataAsync("build", "-t", "clean", context)).Succeeded();
        var files = (await place.StrataAsync("layers", "--files", "clean")).Succeeded().Output;
        Assert.Contains("/etc/made", files, StringComparison.Ordinal);
        Assert.DoesNotContain("resolv.conf", files, StringComparison.Ordinal);
        Assert.DoesNotContain("/proc", files, StringComparison.Ordinal);
        (await place.StrataAsync("run", "--rm", "clean", "test", "-e", "/etc/group")).FailedSaying();
    }

    [Fact]
    public async Task The_same_tree_gives_the_same_image_in_another_folder_order_and_time()
    {
        await using var place = await Workplace.OpenAsync();
        string[] names = ["z.txt", "a.txt", "m/n.txt", "m/b.txt"];
        var stamp = new DateTime(2025, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        string Make(string folder, IEnumerable<string> order)
        {
            var context = place.Context(folder, [("Dockerfile", $"FROM {Workplace.Base}\nWORKDIR /w\nCOPY . .\nRUN touch -d '2025-01-01 00:00:00' made .\n"), .. order.Select(name => (name, name))]);
            foreach (var path in Directory.EnumerateFileSystemEntries(context, "*", SearchOption.AllDirectories))
            {
                File.SetLastWriteTimeUtc(path, stamp);
            }
            return context;
        }
        var first = (await place.StrataInAsync(place.StoreRoot, "build", "-q", "--no-cache", Make("one", names))).Succeeded().LastLine;
        var second = (await place.StrataInAsync(place.StoreRoot, "build", "-q", "--no-cache", Make("two", names.Reverse()))).Succeeded().LastLine;
        Assert.Equal(first, second);
        foreach (var path in Directory.EnumerateFiles(place.PathOf("two"), "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(path, stamp.AddDays(30));
        }
        var third = (await place.StrataAsync("build", "-q", "--no-cache", "--reproducible", place.PathOf("one"))).Succeeded().LastLine;
        var fourth = (await place.StrataAsync("build", "-q", "--no-cache", "--reproducible", place.PathOf("two"))).Succeeded().LastLine;
        Assert.Equal(third, fourth);
    }

    [Fact]
    public async Task Containers_in_the_background_are_listed_followed_stopped_and_removed()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("run", "-d", "--name", "ticker", Workplace.Base, "sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.1; done")).Succeeded();
        var listed = (await place.StrataAsync("ps")).Succeeded().Output;
        Assert.Contains("ticker", listed, StringComparison.Ordinal);
        for (var i = 0; i < 100 && !(await place.StrataAsync("logs", "ticker")).Output.Contains("up", StringComparison.Ordinal); i++)
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
        (await place.StrataAsync("run", "-d", "--name", "ticker", Workplace.Base, "true")).FailedSaying("ticker", "in use");
        (await place.StrataAsync("stop", "ticker")).Succeeded();
        Assert.Equal("up\nbye\n", (await place.StrataAsync("logs", "ticker")).Succeeded().Output);
        Assert.Contains("Exited (3)", (await place.StrataAsync("ps", "-a")).Output, StringComparison.Ordinal);
        (await place.StrataAsync("rm", "ticker")).Succeeded();
        Assert.Empty((await place.StrataAsync("ps", "-a", "-q")).Output);
    }

    [Fact]
    public async Task Exit_codes_are_the_process_s_own()
    {
        await using var place = await Workplace.OpenAsync();
        Assert.Equal(7, (await place.StrataAsync("run", "--rm", Workplace.Base, "sh", "-c", "exit 7")).ExitCode);
        Assert.Equal(137, (await place.StrataAsync("run", "--rm", Workplace.Base, "sh", "-c", "sleep 60 & kill -9 $!; wait $!")).ExitCode);
        Assert.Equal(127, (await place.StrataAsync("run", "--rm", Workplace.Base, "/no/such/program")).ExitCode);
        Assert.Equal(126, (await place.StrataAsync("run", "--rm", Workplace.Base, "/etc/passwd")).ExitCode);
        Assert.Equal(125, (await place.StrataAsync("run", "--rm", "localhost/no-such-image:1")).ExitCode);
    }

    [Fact]
    public async Task Files_of_the_machine_can_be_given_to_a_container()
    {
        await using var place = await Workplace.OpenAsync();
        var shared = place.Context("shared", ("in.txt", "from outside\n"));
        (await place.StrataAsync("run", "--rm", "-v", $"{shared}:/data", "-w", "/data", "-u", "0:0", Workplace.Base, "sh", "-c", "cat in.txt > out.txt")).Succeeded();
        Assert.Equal("from outside\n", File.ReadAllText(Path.Combine(shared, "out.txt")));
        (await place.StrataAsync("run", "--rm", "-v", $"{shared}:/data:ro", Workplace.Base, "touch", "/data/no")).FailedSaying("read-only");
    }
}
