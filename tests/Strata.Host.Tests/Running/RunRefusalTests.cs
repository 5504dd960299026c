using Strata.Content.Media;
using Strata.Host.Running;

namespace Strata.Host.Tests.Running;

public sealed class RunRefusalTests : HostTest
{
    [Fact]
    public async Task An_ordinary_user_is_told_before_anything_is_pulled()
    {
        var error = await Refusal(() => Host.Run.StartAsync(new RunRequest { Image = "registry.invalid/app" }, new Progress<TransferEvent>(), Stop));
        Assert.Equal("running a container needs root in this version", error.Message);
        Assert.Empty(Host.Containers.List());
    }

    [Fact]
    public void A_container_that_is_not_there_is_said_to_be_missing()
    {
        var error = Assert.Throws<StrataException>(() => Host.Containers.Get("web"));
        Assert.Equal("there is no container 'web'", error.Message);
        Assert.Equal("`strata ps -a` lists them all", error.Hint);
    }

    [Fact]
    public void What_is_remembered_of_a_container_comes_back()
    {
        var details = new ContainerDetails { Command = ["sh", "-c", "échö \"x\""], RemoveWhenEnded = true };
        var read = ContainerDetails.Parse(details.ToBytes());
        Assert.Equal(details.Command, read.Command);
        Assert.True(read.RemoveWhenEnded);
    }
}
