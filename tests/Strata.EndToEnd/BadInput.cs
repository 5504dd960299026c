namespace Strata.EndToEnd;

/// <summary>Each mistake gets one message that says what, where, why and what to do, and leaves nothing behind.</summary>
public sealed class BadInput
{
    private static Task<CommandResult> BuildAsync(Workplace place, string dockerfile, params (string, string)[] files) =>
        place.StrataAsync("build", "--progress=plain", place.Context("bad", [("Dockerfile", dockerfile), .. files]));

    [Fact]
    public async Task No_Dockerfile()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        (await place.StrataAsync("build", place.Context("none", ("a.txt", "a")))).FailedSaying("Dockerfile", "-f");
        (await place.StrataAsync("build", place.PathOf("not-there"))).FailedSaying("not-there");
    }

    [Fact]
    public async Task An_unknown_instruction()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        (await BuildAsync(place, "FROM scratch\nCOPPY a b\n")).FailedSaying("Dockerfile:2", "COPPY", "did you mean COPY");
    }

    [Fact]
    public async Task A_source_that_is_missing_or_ignored()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        (await BuildAsync(place, "FROM scratch\nCOPY sever.js /\n", ("server.js", ""))).FailedSaying("sever.js", "server.js", "Dockerfile:2");
        (await BuildAsync(place, "FROM scratch\nCOPY debug.log /\n", ("debug.log", ""), (".dockerignore", "# logs\n\n*.log\n")))
            .FailedSaying("debug.log", ".dockerignore", "line 3");
    }

    [Fact]
    public async Task A_base_that_does_not_exist()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        (await BuildAsync(place, "FROM localhost:1/no/such:1\nRUN true\n")).FailedSaying("localhost:1/no/such:1");
    }

    [Fact]
    public async Task A_step_that_fails_tells_its_line_its_output_and_its_code()
    {
        await using var place = await Workplace.OpenAsync();
        var result = (await BuildAsync(place, $"FROM {Workplace.Base}\nRUN echo about to fail && exit 3\n")).FailedSaying("Dockerfile:2", "about to fail", "3");
        Assert.DoesNotContain("at Strata", result.Error, StringComparison.Ordinal);
        Assert.Equal($"{Workplace.Base}\n", (await place.StrataAsync("images", "--format", "{{.Repository}}:{{.Tag}}")).Output);
    }

    [Fact]
    public async Task What_the_engine_cannot_do_yet_is_refused_and_not_ignored()
    {
        await using var place = await Workplace.OpenAsync();
        (await BuildAsync(place, $"FROM {Workplace.Base}\nRUN --mount=type=ssh true\n")).FailedSaying("Dockerfile:2", "--mount");
    }

    [Fact]
    public async Task No_container_runtime()
    {
        await using var place = await Workplace.OpenAsync();
        var environment = place.Environment(place.StoreRoot);
        environment["STRATA_RUNTIME"] = "no-such-runtime";
        var run = await Command.RunAsync(Workplace.Executable, ["run", "--rm", Workplace.Base, "true"], environment);
        run.FailedSaying("no-such-runtime", "was not found", "runc", "crun");
        Assert.Equal(125, run.ExitCode);
    }

    [Fact]
    public async Task A_port_in_use()
    {
        await using var place = await Workplace.OpenAsync(withBase: false);
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var address = taken.LocalEndpoint.ToString()!;
        var refused = await place.StrataAsync("registry", "serve", "--data", place.PathOf("registry"), "--listen", address);
        Assert.Single(refused.FailedSaying(address, "in use").Error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_registry_that_does_not_answer()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("tag", Workplace.Base, "127.0.0.1:1/team/app:1")).Succeeded();
        (await place.StrataAsync("push", "127.0.0.1:1/team/app:1")).FailedSaying("127.0.0.1:1", "refused");
        (await place.StrataAsync("pull", "127.0.0.1:1/team/app:1")).FailedSaying("127.0.0.1:1", "refused");
    }

    [Fact]
    public async Task A_corrupt_blob_is_found_and_never_used()
    {
        await using var place = await Workplace.OpenAsync();
        (await place.StrataAsync("system", "verify")).Succeeded();
        var blob = Directory.EnumerateFiles(Path.Combine(place.StoreRoot, "blobs"), "*", SearchOption.AllDirectories)
            .OrderByDescending(file => new FileInfo(file).Length).First();
        await using (var file = new FileStream(blob, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            var value = file.ReadByte();
            file.Seek(-1, SeekOrigin.Current);
            file.WriteByte((byte)(value ^ 0x20));
        }
        (await place.StrataAsync("system", "verify")).FailedSaying(Path.GetFileName(blob)[..12]);
        (await place.StrataAsync("run", "--rm", Workplace.Base, "true")).FailedSaying("sha256:");
    }

    [Fact]
    public async Task A_full_disk_leaves_a_whole_store()
    {
        await using var place = await Workplace.OpenAsync();
        var small = place.PathOf("small");
        Directory.CreateDirectory(small);
        (await Command.RunAsync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", small])).Succeeded();
        try
        {
            var context = place.Context("big", ("Dockerfile", "FROM scratch\nCOPY . /\n"));
            File.WriteAllBytes(Path.Combine(context, "big.bin"), new byte[16 * 1024 * 1024]);
            (await place.StrataInAsync(small, "build", "-t", "big", context)).FailedSaying("full");
            Assert.Empty((await place.StrataInAsync(small, "images", "-q")).Succeeded().Output);
            (await place.StrataInAsync(small, "system", "verify")).Succeeded();
            Assert.DoesNotContain(Directory.EnumerateFiles(small, "*", SearchOption.AllDirectories), file => Path.GetFileName(file).StartsWith(".tmp-", StringComparison.Ordinal));
        }
        finally
        {
            (await Command.RunAsync("umount", [small])).Succeeded();
        }
    }

    [Fact]
    public async Task Ctrl_C_ends_a_build_with_130_and_leaves_no_process_and_no_mount()
    {
        await using var place = await Workplace.OpenAsync();
        // Its own: what another run of the tests left is not this one's.
        var mark = $"98{System.Environment.ProcessId}";
        var context = place.Context("slow", ("Dockerfile", $"FROM {Workplace.Base}\nRUN echo started && sleep {mark}\n"));
        var build = place.Start("build", "--progress=plain", context);
        string? line;
        do
        {
            line = await build.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.EndsWith(" started", StringComparison.Ordinal));
        Assert.NotNull(line);
        (await Command.RunAsync("kill", ["-INT", build.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)])).Succeeded();
        await build.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(130, build.ExitCode);
        await Remains.AssertNoneAsync(place, $"sleep {mark}");
    }

    [Fact]
    public async Task A_damaged_layer_is_told_as_the_stores_and_a_registry_without_a_repository_as_that()
    {
        await using var place = await Workplace.OpenAsync();
        var registry = await RegistryProcess.StartOwnAsync(place, "registry");
        (await place.StrataAsync("tag", Workplace.Base, $"{registry}/base:1")).Succeeded();
        var largest = new DirectoryInfo(Path.Combine(place.StoreRoot, "blobs")).EnumerateFiles("*", SearchOption.AllDirectories).MaxBy(file => file.Length)!;
        using (var file = largest.OpenWrite())
        {
            file.Seek(file.Length / 2, SeekOrigin.Begin);
            file.WriteByte((byte)'?');
            file.WriteByte((byte)'!');
        }
        (await place.StrataAsync("push", $"{registry}/base:1")).FailedSaying("damaged in the store", "system verify --repair");
        (await place.StrataAsync("tags", registry)).FailedSaying("names no repository", $"strata tags {registry}/REPOSITORY");
        (await place.StrataAsync("import", place.Folder)).FailedSaying("is a folder");
    }
}
