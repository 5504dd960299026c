using Strata.Cli.Rendering;

namespace Strata.Cli.Tests.Rendering;

public sealed class LiveRegionTests : IDisposable
{
    private readonly Captured _output = new() { Columns = 40, Lines = 5 };
    private readonly LiveRegion _region;

    public LiveRegionTests() => _region = new LiveRegion(_output.Output);

    public void Dispose() => _output.Dispose();

    private static LiveLine[] Lines(params string[] texts) => [.. texts.Select(text => new LiveLine(text.TrimEnd('*'), text.EndsWith('*')))];

    private string Shown => new Screen(5).Show(_output.Text).All;

    [Fact]
    public void A_region_is_drawn_over_itself()
    {
        _region.Draw(Lines("a", "b", "c"));
        _region.Draw(Lines("d", "e"));
        Assert.Equal("d\ne", Shown);
    }

    [Fact]
    public void What_is_over_goes_first_where_there_is_no_room()
    {
        _region.Draw(Lines("head", "a*", "b", "c*", "d"));
        Assert.Equal("head\nb\nc\nd", Shown);
    }

    [Fact]
    public void What_still_has_no_room_is_counted()
    {
        _region.Draw(Lines("head", "a*", "b", "c", "d", "e", "f"));
        Assert.Equal("head\nb\nc\n… 3 more", Shown);
    }

    [Fact]
    public void Nothing_scrolls_away_however_often_it_is_drawn()
    {
        for (var i = 0; i < 20; i++)
        {
            _region.Draw(Lines([.. Enumerable.Range(0, 30).Select(line => $"{i}.{line}")]));
        }
        Assert.Equal(0, new Screen(5).Show(_output.Text).Scrolled);
        Assert.Equal("19.0\n19.1\n19.2\n… 27 more", Shown);
    }

    [Fact]
    public void At_the_end_all_of_it_is_there_once()
    {
        _region.Draw(Lines("head", "a", "b", "c", "d", "e"));
        _region.Finish(Lines("head", "a*", "b*", "c*", "d*", "e*"));
        _output.Output.Line("after");
        Assert.Equal("head\na\nb\nc\nd\ne\nafter", Shown);
    }

    [Fact]
    public void Taken_away_it_leaves_nothing()
    {
        _region.Draw(Lines("a", "b"));
        _region.Clear();
        _output.Output.Line("after");
        Assert.Equal("after", Shown);
    }
}
