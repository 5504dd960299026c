using Strata.Content.Layers;

namespace Strata.Build.Tests;

/// <summary>The rules of COPY, one by one.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_directory_gives_its_content_not_itself()
    {
        _bench.File("src/a.txt", "a");
        _bench.File("src/deep/b.txt", "b");
        var image = await _bench.Build("FROM scratch\nCOPY src /app");
        Assert.Equal(["/app", "/app/a.txt", "/app/deep", "/app/deep/b.txt"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task A_file_takes_the_name_it_is_given()
    {
        _bench.File("a.txt", "a");
        var image = await _bench.Build("FROM scratch\nCOPY a.txt /to/b.txt");
        Assert.Equal("a", _bench.Text(image, "to/b.txt"));
    }

    [Theory]
    [InlineData("/to/", "to/a.txt")]
    [InlineData("/to/.", "to/a.txt")]
    [InlineData(".", "a.txt")]
    [InlineData("./", "a.txt")]
    [InlineData("/", "a.txt")]
    public async Task A_file_goes_into_a_directory_that_is_written_as_one(string destination, string expected)
    {
        _bench.File("a.txt", "a");
        var image = await _bench.Build($"FROM scratch\nCOPY a.txt {destination}");
        Assert.Equal("a", _bench.Text(image, expected));
    }

    [Fact]
    public async Task A_file_goes_into_a_directory_that_exists()
    {
        _bench.File("a.txt", "a");
        var image = await _bench.Build("FROM base\nCOPY a.txt /etc");
        Assert.Equal("a", _bench.Text(image, "etc/a.txt"));
    }

    [Fact]
    public async Task A_relative_destination_counts_from_the_working_directory()
    {
        _bench.File("a.txt", "a");
        var image = await _bench.Build("FROM scratch\nWORKDIR /x\nWORKDIR y\nCOPY a.txt z/");
        Assert.Equal("a", _bench.Text(image, "x/y/z/a.txt"));
        Assert.Equal("/x/y", image.Config.Config!.WorkingDir);
    }

    [Fact]
    public async Task Several_sources_need_a_directory()
    {
        _bench.File("a", "a");
        _bench.File("b", "b");
        Assert.Contains("must be a directory and end with a /", await _bench.Refusal("FROM scratch\nCOPY a b /to"));
        var image = await _bench.Build("FROM scratch\nCOPY a b /to/");
        Assert.Equal(["/to", "/to/a", "/to/b"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task A_pattern_that_finds_several_files_needs_a_directory()
    {
        _bench.File("a.js", "a");
        _bench.File("b.js", "b");
        Assert.Contains("2 files match", await _bench.Refusal("FROM scratch\nCOPY *.js /to"));
        var image = await _bench.Build("FROM scratch\nCOPY *.js /to/");
        Assert.Equal(["/to", "/to/a.js", "/to/b.js"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task Patterns_match_element_by_element()
    {
        _bench.File("one/package.json", "1");
        _bench.File("two/package.json", "2");
        _bench.File("two/deep/package.json", "3");
        var image = await _bench.Build("FROM scratch\nCOPY t*/p*.json /to/");
        Assert.Equal("2", _bench.Text(image, "to/package.json"));
        Assert.Equal(2, _bench.Paths(image.Layers[0]).Length);
    }

    [Fact]
    public async Task A_pattern_that_finds_nothing_copies_nothing_and_warns()
    {
        var image = await _bench.Build("FROM base\nCOPY *.none /to/");
        Assert.Single(image.Layers);
        Assert.Contains(_bench.Events.OfType<BuildEvent.Warning>(), warning => warning.Message.Contains("*.none", StringComparison.Ordinal));
        Assert.True(image.Config.History![^1].EmptyLayer);
    }

    [Fact]
    public async Task A_missing_file_is_named_with_the_one_that_was_meant()
    {
        _bench.File("src/server.js", "x");
        Assert.Equal(
            "Dockerfile:2: \"/server.js\" is not in the build context; did you mean src/server.js?",
            await _bench.Refusal("FROM scratch\nCOPY server.js /"));
        Assert.EndsWith("did you mean src/server.js?", await _bench.Refusal("FROM scratch\nCOPY src/sever.js /"));
    }

    [Fact]
    public async Task A_missing_file_shows_its_line_of_the_Dockerfile()
    {
        var failure = await _bench.Fails<InstructionException>("FROM scratch\n# why\nCOPY nothing /\nCMD [\"x\"]");
        Assert.Equal(
            [(1, "FROM scratch", false), (2, "# why", false), (3, "COPY nothing /", true), (4, "CMD [\"x\"]", false)],
            failure.Excerpt.Select(line => (line.Number, line.Text, line.IsCause)));
    }

    [Fact]
    public async Task A_file_that_is_ignored_is_named_with_the_line_that_ignores_it()
    {
        _bench.File("a.log", "x");
        _bench.File(".dockerignore", "# noise\n\n*.log\n");
        Assert.Contains("\"/a.log\" is excluded from the build context by .dockerignore line 3 (*.log)", await _bench.Refusal("FROM scratch\nCOPY a.log /"));
    }

    [Fact]
    public async Task The_ignore_file_of_the_Dockerfile_wins()
    {
        _bench.File("a", "a");
        _bench.File("b", "b");
        _bench.File(".dockerignore", "a");
        _bench.File("web.Dockerfile", "");
        _bench.File("web.Dockerfile.dockerignore", "b\nweb*\n.docker*");
        var image = await _bench.Build(
            "FROM scratch\nCOPY . /",
            request => request with { Dockerfile = request.Dockerfile with { Path = Path.Combine(_bench.Context, "web.Dockerfile") } });
        Assert.Equal(["/a"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task What_is_included_again_comes_with_the_folders_it_is_in()
    {
        _bench.File("lib/a/keep.txt", "k");
        _bench.File("lib/a/drop.txt", "d");
        _bench.File("lib/b/drop.txt", "d");
        _bench.File("top.txt", "t");
        _bench.File(".dockerignore", "lib\n!lib/a/keep.txt\n.dockerignore");
        var image = await _bench.Build("FROM scratch\nCOPY . /");
        Assert.Equal(["/lib", "/lib/a", "/lib/a/keep.txt", "/top.txt"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task Sources_cannot_leave_the_context()
    {
        _bench.File("a", "a");
        var image = await _bench.Build("FROM scratch\nCOPY ../../a /one\nCOPY /a /two");
        Assert.Equal("a", _bench.Text(image, "one"));
        Assert.Equal("a", _bench.Text(image, "two"));
    }

    [Fact]
    public async Task Links_that_lead_out_of_the_context_stay_inside()
    {
        _bench.Link("out", "/etc/passwd");
        Assert.Contains("\"/out\" is a link to /etc/passwd, which is not in the build context", await _bench.Refusal("FROM scratch\nCOPY out /"));
    }

    [Fact]
    public async Task A_link_that_is_named_is_followed_and_links_in_folders_stay_links()
    {
        _bench.File("real/a", "a");
        _bench.Link("real/link", "a");
        _bench.Link("alias", "real");
        _bench.Link("file", "real/a");
        var image = await _bench.Build("FROM scratch\nCOPY alias /dir\nCOPY file /to/");
        Assert.Equal(EntryKind.SymbolicLink, _bench.Entry(image, "dir/link")!.Kind);
        Assert.Equal("a"u8.ToArray(), _bench.Entry(image, "dir/link")!.LinkTarget.ToArray());
        Assert.Equal("a", _bench.Text(image, "to/file"));
    }

    [Fact]
    public async Task Hard_links_stay_one_file()
    {
        _bench.File("d/first", "same");
        LinkFile(Path.Combine(_bench.Context, "d/first"), Path.Combine(_bench.Context, "d/second"));
        var image = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal(EntryKind.Regular, _bench.Entry(image, "first")!.Kind);
        Assert.Equal(EntryKind.HardLink, _bench.Entry(image, "second")!.Kind);
        Assert.Equal("same", _bench.Text(image, "second"));
    }

    [Fact]
    public async Task Files_belong_to_root_and_keep_their_mode_and_time()
    {
        _bench.File("run.sh", "#!", UnixFileMode.UserRead | UnixFileMode.UserExecute, time: 1_234_567_890);
        var image = await _bench.Build("FROM scratch\nCOPY run.sh /bin/");
        var entry = _bench.Entry(image, "bin/run.sh")!;
        Assert.Equal((0u, 0u, 0x140u, 1_234_567_890L), (entry.UserId, entry.GroupId, entry.Mode, entry.Modified.Seconds));
        var made = _bench.Entry(image, "bin")!;
        Assert.Equal((0u, 0x1EDu, 1_234_567_890L), (made.UserId, made.Mode, made.Modified.Seconds));
    }

    [Theory]
    [InlineData("node", 1000, 1000)]
    [InlineData("node:web", 1000, 33)]
    [InlineData("55", 55, 55)]
    [InlineData("55:7", 55, 7)]
    [InlineData("$OWNER", 1000, 1000)]
    public async Task The_owner_is_looked_up_in_the_stage(string owner, uint userId, uint groupId)
    {
        _bench.File("d/a", "a");
        var image = await _bench.Build($"FROM base\nARG OWNER=node\nCOPY --chown={owner} d /new/place");
        foreach (var path in new[] { "new", "new/place", "new/place/a" })
        {
            var entry = _bench.Entry(image, path)!;
            Assert.Equal((userId, groupId), (entry.UserId, entry.GroupId));
        }
    }

    [Fact]
    public async Task An_owner_nobody_knows_is_refused()
    {
        _bench.File("a");
        Assert.Contains("\"nobody\" names a user or group that is not in /etc/passwd", await _bench.Refusal("FROM base\nCOPY --chown=nobody a /"));
    }

    [Theory]
    [InlineData("755", 0x1EDu, 0x1EDu)]
    [InlineData("u=rwX,go=rX", 0x1A4u, 0x1EDu)]
    [InlineData("+x", 0x1EDu, 0x1EDu)]
    [InlineData("g=u", 0x1B4u, 0x1FDu)]
    public async Task The_mode_is_set_by_number_or_by_letters(string mode, uint file, uint directory)
    {
        _bench.File("d/sub/a", "a");
        var image = await _bench.Build($"FROM scratch\nCOPY --chmod={mode} d /to");
        Assert.Equal(file, _bench.Entry(image, "to/sub/a")!.Mode);
        Assert.Equal(directory, _bench.Entry(image, "to/sub")!.Mode);
    }

    [Fact]
    public async Task A_mode_that_is_none_is_refused() => Assert.Contains("invalid chmod parameter: '999'", await _bench.Refusal("FROM scratch\nCOPY --chmod=999 a /"));

    [Fact]
    public async Task Excluded_files_stay_out()
    {
        _bench.File("d/a.js", "a");
        _bench.File("d/a.txt", "t");
        _bench.File("d/sub/b.txt", "t");
        var image = await _bench.Build("FROM scratch\nCOPY --exclude=**/*.txt --exclude=sub d /to");
        Assert.Equal(["/to", "/to/a.js"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task A_file_does_not_replace_a_directory_nor_a_directory_a_file()
    {
        _bench.File("etc", "not a folder");
        _bench.File("d/passwd/x", "x");
        Assert.Contains("\"/etc\" is a directory and can't be replaced by a file", await _bench.Refusal("FROM base\nCOPY etc /"));
        Assert.Contains("\"/etc/passwd\" is not a directory", await _bench.Refusal("FROM base\nCOPY d /etc"));
        Assert.Contains("\"/etc/passwd\" is not a directory", await _bench.Refusal("FROM base\nCOPY d /etc/passwd"));
        Assert.Contains("\"/etc/passwd\" is not a directory", await _bench.Refusal("FROM base\nCOPY etc /etc/passwd/"));
    }

    [Fact]
    public async Task Links_of_the_stage_are_followed_inside_its_root()
    {
        _bench.AddImage("linked", [], ("real/keep", "k"), ("link", "-> /real"), ("climb", "-> ../../real/sub"));
        _bench.File("a", "a");
        var image = await _bench.Build("FROM linked\nCOPY a /link/\nCOPY a /climb/deep/");
        Assert.Equal("a", _bench.Text(image, "real/a"));
        Assert.Equal("a", _bench.Text(image, "real/sub/deep/a"));
        Assert.Equal(EntryKind.SymbolicLink, _bench.Entry(image, "link")!.Kind);
    }

    [Fact]
    public async Task An_existing_directory_keeps_its_own_mode_and_owner()
    {
        _bench.File("a", "a");
        var image = await _bench.Build("FROM base\nCOPY --chown=5:5 a /etc/");
        var entry = _bench.Entry(image, "etc")!;
        Assert.Equal((0u, Files.Time), (entry.UserId, entry.Modified.Seconds));
        Assert.Equal("root:x:0:\nnode:x:1000:\nweb:x:33:\n", _bench.Text(image, "etc/group"));
    }

    [Fact]
    public async Task Names_that_mark_deletions_are_refused()
    {
        _bench.File("d/.wh.x");
        Assert.Contains(".wh.", await _bench.Refusal("FROM scratch\nCOPY d /"));
    }

    [Fact]
    public async Task A_stage_and_an_image_can_be_copied_from()
    {
        _bench.AddImage("tools", [], ("usr/bin/tool", "tool"), ("usr/lib/lib.so.1", "so"), ("usr/lib/lib.so", "-> lib.so.1"));
        _bench.File("main.c", "int main");
        _bench.Executor.Writes("make", ("out/bin/app", "elf"), ("out/share/doc", "text"));
        var image = await _bench.Build("""
            FROM base AS Build
            COPY main.c /src/
            RUN make
            FROM scratch
            COPY --from=build /out /
            COPY --from=0 /src/main.c /m.c
            COPY --from=tools /usr/bin/tool /usr/lib/*.so /t/
            """);
        Assert.Equal("elf", _bench.Text(image, "bin/app"));
        Assert.Equal("text", _bench.Text(image, "share/doc"));
        Assert.Equal("int main", _bench.Text(image, "m.c"));
        Assert.Equal("tool", _bench.Text(image, "t/tool"));
        Assert.Equal("so", _bench.Text(image, "t/lib.so"));
        Assert.Equal(3, image.Layers.Length);
    }

    [Fact]
    public async Task Files_that_come_in_another_order_still_land_in_theirs()
    {
        _bench.Layers.Backwards = true;
        _bench.AddImage("many", [], [.. Enumerable.Range(0, 40).Select(i => ($"d/{i}", $"content {i}"))]);
        var image = await _bench.Build("FROM scratch\nCOPY --from=many /d /a\nCOPY --from=many /d/3 /d/1 /b/");
        Assert.All(Enumerable.Range(0, 40), i => Assert.Equal($"content {i}", _bench.Text(image, $"a/{i}")));
        Assert.Equal("content 1", _bench.Text(image, "b/1"));
    }

    [Fact]
    public async Task A_stage_without_RUN_reads_no_content_of_its_base()
    {
        _bench.File("a", "a");
        await _bench.Build("FROM base\nWORKDIR /srv\nCOPY --chown=node a /etc/");
        Assert.Equal(0, _bench.Layers.FilesRead);
    }

    [Fact]
    public async Task A_heredoc_becomes_a_file()
    {
        var image = await _bench.Build("FROM base\nARG NAME=World\nCOPY <<one.txt <<'two.txt' /to/\nHello $NAME\none.txt\n$NAME\ntwo.txt\n");
        Assert.Equal("Hello World\n", _bench.Text(image, "to/one.txt"));
        Assert.Equal("$NAME\n", _bench.Text(image, "to/two.txt"));
        Assert.Equal(0x1A4u, _bench.Entry(image, "to/one.txt")!.Mode);
    }

    [Fact]
    public async Task Names_beyond_ASCII_survive()
    {
        _bench.File("d/é ü", "x");
        var image = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal("x", _bench.Text(image, "é ü"));
    }

    [Fact]
    public async Task A_named_context_is_another_folder()
    {
        using var other = new Workbench(_bench);
        other.File("lib.js", "lib");
        other.File("x.log", "log");
        other.File(".dockerignore", "*.log\n.docker*");
        var image = await _bench.Build(
            "FROM scratch\nCOPY --from=shared . /",
            request => request with { NamedContexts = request.NamedContexts.Add("shared", other.Context) });
        Assert.Equal(["/lib.js"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task A_named_context_may_stand_for_an_image()
    {
        _bench.AddImage("local/base", [], ("here", "local"));
        var image = await _bench.Build(
            "FROM alpine:3\nCMD [\"x\"]",
            request => request with { NamedContexts = request.NamedContexts.Add("alpine:3", "docker-image://local/base") });
        Assert.Equal("local", _bench.Text(image, "here"));
        Assert.Equal(["local/base:latest"], _bench.Images.Asked);
    }

    private static void LinkFile(string from, string to)
    {
        using var root = Linux.RootedDirectory.Open("/");
        root.MakeHardLink(System.Text.Encoding.UTF8.GetBytes(from[1..]), System.Text.Encoding.UTF8.GetBytes(to[1..]));
    }
}
