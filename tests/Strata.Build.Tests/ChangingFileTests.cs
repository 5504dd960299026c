using System.Diagnostics;

namespace Strata.Build.Tests;

public sealed class ChangingFileTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_file_that_changes_while_it_is_copied_is_copied_again_and_the_key_binds_the_last_state()
    {
        _bench.File("a", "before");
        var changes = 0;
        _bench.Layers.OnBegin = () =>
        {
            if (changes++ == 0)
            {
                _bench.File("a", "after!");
            }
        };
        var image = await _bench.Build("FROM scratch\nCOPY . /");
        Assert.Equal("after!", _bench.Text(image, "a"));
        Assert.Equal(1, _bench.Layers.Committed);
        Assert.Contains(_bench.Events.OfType<BuildEvent.Warning>(), warning => warning.Message.Contains("started 2 times", StringComparison.Ordinal));
        await _bench.Build("FROM scratch\nCOPY . /");
        Assert.Equal("Cached", _bench.Outcomes()["COPY . /"]);
        _bench.File("a", "before");
        await _bench.Build("FROM scratch\nCOPY . /");
        Assert.Equal("a changed", _bench.Why("COPY . /"));
    }

    [Fact]
    public async Task A_file_that_goes_away_while_it_is_copied_is_gone()
    {
        _bench.File("d/a", "a");
        _bench.File("d/b", "b");
        _bench.Layers.OnBegin = () => File.Delete(Path.Combine(_bench.Context, "d/b"));
        var image = await _bench.Build("FROM scratch\nCOPY d /");
        Assert.Equal(["/a"], _bench.Paths(image.Layers[0]));
    }

    [Fact]
    public async Task A_file_that_never_rests_ends_the_build_with_its_name()
    {
        _bench.File("d/log", "0");
        var writes = 0;
        _bench.Layers.OnBegin = () => _bench.File("d/log", new string('x', ++writes));
        Assert.Equal(
            "Dockerfile:2: \"/d/log\" keeps changing while it is copied; stop what writes to it, or exclude it in .dockerignore",
            await _bench.Refusal("FROM scratch\nCOPY d /"));
        Assert.Equal(0, _bench.Layers.Committed);
    }

    [Fact]
    public async Task Five_thousand_files_are_copied_each_to_its_place_in_the_time_that_is_printed()
    {
        for (var i = 0; i < 5000; i++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_bench.Context, $"src/{i / 100}")).FullName;
            File.WriteAllText(Path.Combine(folder, $"{i}.txt"), new string((char)('a' + (i % 26)), 8000) + i);
        }
        var clock = Stopwatch.StartNew();
        var image = await _bench.Build("FROM scratch\nCOPY . /app/");
        var cold = clock.Elapsed;
        // The list of what was found has more than one chunk of 256 KiB.
        var expected = Enumerable.Range(0, 50).Select(i => $"/app/src/{i}").Concat(Enumerable.Range(0, 5000).Select(i => $"/app/src/{i / 100}/{i}.txt"));
        Assert.Equal(
            expected.Concat(["/app", "/app/src"]).Order(StringComparer.Ordinal), _bench.Paths(image.Layers[0]).Order(StringComparer.Ordinal));
        for (var i = 0; i < 5000; i += 7)
        {
            Assert.Equal(new string((char)('a' + (i % 26)), 8000) + i, _bench.Text(image, $"app/src/{i / 100}/{i}.txt"));
        }
        clock.Restart();
        var again = await _bench.Build("FROM scratch\nCOPY . /app/");
        TestContext.Current.TestOutputHelper!.WriteLine($"COPY of 5,000 files of 8 KB: {cold.TotalMilliseconds:N0} ms cold, {clock.Elapsed.TotalMilliseconds:N0} ms when nothing changed");
        Assert.Equal(image.Layers, again.Layers);
        Assert.Equal("Cached", _bench.Outcomes()["COPY . /app/"]);
    }
}
