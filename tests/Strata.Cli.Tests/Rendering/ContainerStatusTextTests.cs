using Strata.Cli.Rendering;
using Strata.Host.Running;
using Strata.Oci;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Cli.Tests.Rendering;

public sealed class ContainerStatusTextTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(ContainerPhase.Created, "Created")]
    [InlineData(ContainerPhase.Starting, "Created")]
    [InlineData(ContainerPhase.Running, "Up 5 minutes")]
    [InlineData(ContainerPhase.Exited, "Exited (3) 5 minutes ago")]
    [InlineData(ContainerPhase.Dead, "Dead")]
    public void Lists_say_how_a_container_is_in_dockers_words(ContainerPhase phase, string expected)
    {
        var exit = phase == ContainerPhase.Exited ? new ContainerExit { Code = 3, FinishedAt = Then } : null;
        var view = new ContainerView(
            new ContainerRecord { Id = new string('a', 64), Name = "web", Image = Digest.Of("image"u8), Created = Then, Config = default },
            new ContainerStatus(phase, Then, exit),
            new ContainerDetails { Command = ["sh"] });
        Assert.Equal(expected, ContainerStatusText.Of(view, Then + TimeSpan.FromMinutes(5)));
    }
}
