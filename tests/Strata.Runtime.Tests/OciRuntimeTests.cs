using Strata.Testing;

namespace Strata.Runtime.Tests;

public sealed class OciRuntimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_chosen_runtime_wins_and_its_name_tells_its_kind()
    {
        File.WriteAllText(_folder.File("crun-1.28"), "");
        File.WriteAllText(_folder.File("special"), "");
        Assert.Equal(new OciRuntime(_folder.File("crun-1.28"), OciRuntimeKind.Crun), OciRuntime.Find(_folder.File("crun-1.28"), null));
        Assert.Equal(new OciRuntime(_folder.File("special"), OciRuntimeKind.Runc), OciRuntime.Find("special", _folder.Path));
    }

    [Fact]
    public void A_chosen_runtime_that_is_not_there_is_named()
    {
        var missing = Assert.Throws<OciRuntimeException>(() => OciRuntime.Find("no-such-runtime", _folder.Path));
        Assert.StartsWith("the container runtime no-such-runtime was not found", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_of_the_path_is_taken()
    {
        File.WriteAllText(_folder.File("crun"), "");
        Assert.Equal(_folder.File("crun"), OciRuntime.Find(null, "relative:" + _folder.Path).Path);
    }

    [Fact]
    public void A_sweep_of_control_groups_leaves_those_whose_maker_lives()
    {
        var own = ControlGroups.NewName();
        foreach (var name in new[] { own, "999999999-1-abc", "1-2-x" })
        {
            Directory.CreateDirectory(_folder.File("memory", "strata", name));
            Directory.CreateDirectory(_folder.File("strata", name));
        }
        ControlGroups.Sweep(_folder.Path);
        Assert.Equal([own], Directory.GetDirectories(_folder.File("memory", "strata")).Select(Path.GetFileName));
        Assert.Equal([own], Directory.GetDirectories(_folder.File("strata")).Select(Path.GetFileName));
    }

    [Fact]
    public void The_network_files_name_the_container_and_keep_the_machines_names_in_its_network()
    {
        static string Hosts(NetworkMode mode) => System.Text.Encoding.UTF8.GetString(
            ((ContentMount)NetworkFiles.For(mode, "box", "nameserver 1.1.1.1\n"u8.ToArray(), "10.0.0.1 db"u8.ToArray(), [("extra", "10.0.0.9")])
                .Single(mount => mount.Target == "/etc/hosts")).Content.Span);
        Assert.Equal("10.0.0.9\textra\n10.0.0.1 db\n127.0.0.1\tbox\n", Hosts(NetworkMode.Host));
        Assert.StartsWith("10.0.0.9\textra\n127.0.0.1\tlocalhost\n::1\tlocalhost", Hosts(NetworkMode.None), StringComparison.Ordinal);
        Assert.EndsWith("\n127.0.0.1\tbox\n", Hosts(NetworkMode.None), StringComparison.Ordinal);
    }
}
