using Strata.Cli.Rendering.Inspection;
using Strata.Cli.Templates;
using Strata.Host.Running;
using Strata.Oci;
using Strata.Runtime;
using Strata.Store;

namespace Strata.Cli.Tests.Inspection;

public sealed class ContainerInspectionTests
{
    private static string Fill(string template, ContainerPhase phase, params (string Key, string Value)[] labels)
    {
        var view = new ContainerView(
            new ContainerRecord { Id = new string('a', 64), Name = "web", Image = Digest.Of("image"u8), Created = DateTimeOffset.UnixEpoch, Config = default },
            new ContainerStatus(phase, null, null),
            new ContainerDetails { Command = ["sh"], Labels = labels.ToDictionary(label => label.Key, label => label.Value) });
        var image = new ImageConfig { Architecture = "amd64", Os = "linux", RootFs = new RootFs(), Config = new ContainerConfig { Labels = new Dictionary<string, string> { ["team"] = "base", ["level"] = "1" } } };
        return Template.Parse(template).Fill(ContainerInspection.Of(new ContainerFacts(view, null), image));
    }

    [Fact]
    public void The_labels_are_the_images_and_over_them_the_containers_own() =>
        Assert.Equal("map[level:1 on: team:web]", Fill("{{.Config.Labels}}", ContainerPhase.Created, ("team", "web"), ("on", "")));

    [Theory]
    [InlineData(ContainerPhase.Created, "created")]
    [InlineData(ContainerPhase.Starting, "created")]
    [InlineData(ContainerPhase.Running, "running")]
    [InlineData(ContainerPhase.Exited, "exited")]
    [InlineData(ContainerPhase.Dead, "dead")]
    public void The_state_is_dockers_word(ContainerPhase phase, string expected) => Assert.Equal(expected, Fill("{{.State.Status}}", phase));
}
