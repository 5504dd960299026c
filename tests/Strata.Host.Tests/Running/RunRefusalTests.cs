using Strata.Content.Media;
using Strata.Host.Running;
using Strata.Store;

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

    public static TheoryData<RunRequest, string> Mistakes
    {
        get
        {
            var request = new RunRequest { Image = "registry.invalid/app" };
            return new()
            {
                { request with { StopSignal = "LOUD" }, "'LOUD' is no signal" },
                { request with { MemoryFolders = ["run"] }, "'run' is no place for a folder in memory: run is no absolute path" },
                { request with { Volumes = ["a"] }, "'a' is no volume" },
                { request with { ExtraHosts = ["db"] }, "'db' is no host entry" },
                { request with { DroppedCapabilities = ["FLY"] }, "'FLY' is no capability" },
                { request with { Environment = ["=x"] }, "'=x' is no variable" },
                { request with { Labels = ["=x"] }, "'=x' is no label" },
                { request with { Name = "-" }, "'-' can't be the name of a container" },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Mistakes), DisableDiscoveryEnumeration = true)]
    public async Task A_mistake_in_an_option_is_told_before_anything_is_pulled_or_made(RunRequest request, string message)
    {
        using var host = new StrataHost(new HostSettings { Root = Place("store") }, Machine with { IsRoot = true });
        Assert.Equal(message, (await Refusal(() => host.Run.StartAsync(request, new Progress<TransferEvent>(), Stop))).Message);
        Assert.Empty(host.Containers.List());
    }

    [Fact]
    public async Task A_container_that_was_to_go_and_never_began_is_swept_once_nobody_can_be_making_it()
    {
        var image = await ImportAsync("mark");
        void Add(string name, TimeSpan age, bool remove) => Assert.Equal(AddContainerResult.Added, Host.Store.Containers.Add(new ContainerRecord
        {
            Id = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(name))),
            Name = name,
            Image = image,
            Created = TimeProvider.System.GetUtcNow() - age,
            Config = new ContainerDetails { Command = ["sh"], RemoveWhenEnded = remove }.ToBytes(),
        }));
        Add("left", TimeSpan.FromHours(1), remove: true);
        Add("kept", TimeSpan.FromHours(1), remove: false);
        Add("new", TimeSpan.Zero, remove: true);
        Assert.Equal(["new", "kept"], Host.Containers.List().Select(container => container.Record.Name));
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
