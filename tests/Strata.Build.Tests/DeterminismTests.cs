namespace Strata.Build.Tests;

/// <summary>Time comes from the inputs: the same tree gives the same image anywhere.</summary>
public sealed class DeterminismTests
{
    private const string Dockerfile = "FROM base\nWORKDIR /app/deep\nCOPY . .\nCOPY --chown=node <<X /x/y\nhi\nX\nCMD [\"x\"]";

    [Fact]
    public async Task The_same_tree_in_another_folder_by_another_clock_written_in_another_order_is_the_same_image()
    {
        using var one = new Workbench();
        using var two = new Workbench { Time = new Workbench.Clock { Ahead = TimeSpan.FromDays(1000) } };
        string[] names = ["b", "a", "dir/z", "dir/y", "dir.x", "dir-x"];
        foreach (var name in names)
        {
            one.File(name, name);
        }
        foreach (var name in names.Reverse())
        {
            two.File(name, name);
        }
        var first = await one.Build(Dockerfile);
        var second = await two.Build(Dockerfile);
        Assert.Equal(first.ImageId, second.ImageId);
    }

    [Fact]
    public async Task The_image_is_as_new_as_its_newest_file()
    {
        using var bench = new Workbench();
        bench.File("a", "a", time: 1_800_000_000);
        var image = await bench.Build("FROM base\nWORKDIR /before\nCOPY a /a\nLABEL x=y");
        Assert.Equal("2027-01-15T08:00:00Z", image.Config.Created);
        Assert.Equal(
            ["2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z", "2027-01-15T08:00:00Z", "2027-01-15T08:00:00Z"],
            image.Config.History!.Select(entry => entry.Created));
        Assert.Equal(1_704_164_645, bench.Entry(image, "before")!.Modified.Seconds);
    }

    [Fact]
    public async Task What_a_command_wrote_counts_too()
    {
        using var bench = new Workbench();
        bench.AddImage("old", [], ("x", ""));
        bench.Executor.On("make", (step, _, _) => Task.FromResult<StepOutcome>(new StepOutcome.Succeeded(
            bench.Layers.Add(builder => builder.AddDirectory(new Content.Layers.LayerEntry
            {
                Path = Oci.ImagePath.Parse("new"),
                Kind = Content.Layers.EntryKind.Directory,
                Mode = 0x1ED,
                Modified = new Linux.FileTime(1_800_000_000, 0),
            })))));
        Assert.Equal("2027-01-15T08:00:00Z", (await bench.Build("FROM old\nRUN make")).Config.Created);
    }

    [Fact]
    public async Task An_epoch_is_the_latest_time_anything_may_have()
    {
        using var bench = new Workbench();
        bench.File("a", "a", time: 1_800_000_000);
        bench.File("old", "a", time: 1_000_000_000);
        bench.Executor.Writes("make", ("made", "x"));
        var image = await bench.Build("FROM scratch\nCOPY . /d/\nRUN make", request => request with { BuildArgs = request.BuildArgs.Add("SOURCE_DATE_EPOCH", "1500000000") });
        Assert.Equal(1_500_000_000, bench.Entry(image, "d/a")!.Modified.Seconds);
        Assert.Equal(1_000_000_000, bench.Entry(image, "d/old")!.Modified.Seconds);
        Assert.Equal(1_500_000_000, bench.Entry(image, "made")!.Modified.Seconds);
        Assert.Equal("2017-07-14T02:40:00Z", image.Config.Created);
        Assert.Equal("2001-09-09T01:46:40Z", (await bench.Build("ARG SOURCE_DATE_EPOCH=1000000000\nFROM scratch\nCOPY a /")).Config.Created);
        Assert.Contains("is not a number of seconds", await bench.Refusal("FROM scratch", request => request with { BuildArgs = request.BuildArgs.Add("SOURCE_DATE_EPOCH", "context") }));
    }

    [Fact]
    public async Task A_reproducible_image_does_not_depend_on_when_files_were_written()
    {
        using var one = new Workbench();
        using var two = new Workbench();
        one.File("a", "a", time: 1_750_000_000);
        two.File("a", "a", time: 1_760_000_000);
        var first = await one.Build("FROM base\nCOPY a /", request => request with { Reproducible = true });
        var second = await two.Build("FROM base\nCOPY a /", request => request with { Reproducible = true });
        Assert.Equal(first.ImageId, second.ImageId);
        Assert.Equal("2024-01-02T03:04:05Z", first.Config.Created);
        Assert.Equal("1970-01-01T00:00:00Z", (await one.Build("FROM scratch\nCOPY a /", request => request with { Reproducible = true })).Config.Created);
    }
}
