using Strata.Host.Running;
using Strata.Oci;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Host.Tests.Running;

public sealed class ContainerFilterTests
{
    private static readonly Digest Image = Digest.Of("image"u8);

    private static readonly ContainerView Web = View("web-1", new ContainerStatus(ContainerPhase.Running, DateTimeOffset.UnixEpoch, null), ("team", "web"), ("on", ""));

    private static readonly ContainerView Job = View(
        "job", new ContainerStatus(ContainerPhase.Exited, DateTimeOffset.UnixEpoch, new ContainerExit { Code = 3, FinishedAt = DateTimeOffset.UnixEpoch }), ("team", "batch"));

    private static ContainerView View(string name, ContainerStatus status, params (string Key, string Value)[] labels) => new(
        new ContainerRecord { Id = new string('a', 63) + name.Length, Name = name, Image = Image, Created = DateTimeOffset.UnixEpoch, Config = default },
        status,
        new ContainerDetails { Command = ["sh"], Labels = labels.ToDictionary(label => label.Key, label => label.Value) });

    [Theory]
    [InlineData("", "web-1 job")]
    [InlineData("name=web", "web-1")]
    [InlineData("name=/job", "job")]
    [InlineData("name=web name=job", "web-1 job")]
    [InlineData("label=team", "web-1 job")]
    [InlineData("label=team=web", "web-1")]
    [InlineData("label=team label=on", "web-1")]
    [InlineData("label=on=", "web-1")]
    [InlineData("status=running", "web-1")]
    [InlineData("status=exited", "job")]
    [InlineData("status=running status=exited", "web-1 job")]
    [InlineData("exited=3", "job")]
    [InlineData("exited=0", "")]
    [InlineData("ancestor=app", "web-1 job")]
    [InlineData("ancestor=other", "")]
    [InlineData("status=exited name=web", "")]
    [InlineData("id=aaaa", "web-1 job")]
    [InlineData("id=b", "")]
    public void Of_one_key_one_value_must_fit_and_of_each_key_one(string filters, string expected)
    {
        Assert.Equal(expected, string.Join(' ', Fitting(filters.Split(' ', StringSplitOptions.RemoveEmptyEntries))));
    }

    [Theory]
    [InlineData("name", "'name' is no filter")]
    [InlineData("name=", "'name=' is no filter")]
    [InlineData("colour=red", "'colour' can't be filtered by")]
    [InlineData("status=up", "'up' is no state of a container")]
    [InlineData("exited=x", "'x' is no exit code")]
    public void A_filter_that_is_not_known_is_refused(string filter, string message) =>
        Assert.Equal(message, Assert.Throws<StrataException>(() => ContainerFilter.Parse([filter])).Message);

    private static IEnumerable<string> Fitting(params string[] filters)
    {
        var filter = ContainerFilter.Parse(filters);
        return new[] { Web, Job }.Where(view => filter.Fits(view, text => text == "app" ? Image : null)).Select(view => view.Record.Name);
    }
}
