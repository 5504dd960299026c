using System.Text;
using Strata.Content.Layers;
using Strata.Host.Running;
using Strata.Linux;
using Strata.Oci;
using Strata.Runtime;

namespace Strata.Host.Tests.Running;

public sealed class ContainerPlanTests : HostTest
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly RunRequest Request = new() { Image = "app" };

    private ContainerSpec Plan(RunRequest request, ContainerConfig? config = null, params ReadOnlySpan<(string Path, string Content)> files) =>
        ContainerPlan.Make(Wishes(request), Image(config ?? new ContainerConfig { Cmd = ["sh"] }), new ContainerFiles(Tree(files), []), Id);

    private RunWishes Wishes(RunRequest request) => RunWishes.Read(request, Machine);

    private static ImageConfig Image(ContainerConfig? config) => new() { Architecture = "amd64", Os = "linux", RootFs = new RootFs(), Config = config };

    private static MergedTree Tree(ReadOnlySpan<(string Path, string Content)> files) => files.IsEmpty
        ? MergedTree.Empty
        : MergedTree.Of([LayerIndexer.Index(new MemoryStream(Tars.Of(files)), IndexLimits.Default, Stop)]);

    public static TheoryData<string[]?, string[]?, string?, string[], string> Commands => new()
    {
        { null, ["sh"], null, [], "sh" },
        { ["/entry"], null, null, [], "/entry" },
        { ["/entry"], ["a", "b"], null, [], "/entry a b" },
        { ["/entry"], ["a"], null, ["x", "-y"], "/entry x -y" },
        { null, ["sh"], null, ["ls", "-l"], "ls -l" },
        // A new entrypoint leaves the image's CMD behind, an empty one too.
        { ["/entry"], ["a"], "/mine", [], "/mine" },
        { ["/entry"], ["a"], "/mine", ["x"], "/mine x" },
        { ["/entry"], ["a"], "", ["x"], "x" },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public void What_runs_is_put_together_by_dockers_rules(string[]? entrypoint, string[]? cmd, string? given, string[] arguments, string expected)
    {
        var plan = Plan(Request with { Entrypoint = given, Arguments = arguments }, new ContainerConfig { Entrypoint = entrypoint, Cmd = cmd });
        Assert.Equal(expected, string.Join(' ', plan.Arguments));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void An_image_that_names_no_command_needs_one(string? entrypoint)
    {
        // The empty entrypoint takes the image's and its CMD away.
        var config = entrypoint is null ? new ContainerConfig() : new ContainerConfig { Entrypoint = ["/entry"], Cmd = ["a"] };
        var error = Assert.Throws<StrataException>(() => Plan(Request with { Entrypoint = entrypoint }, config));
        Assert.Equal("app names no command to run", error.Message);
        Assert.Equal("say one: strata run app COMMAND", error.Hint);
    }

    [Fact]
    public void An_image_without_a_config_runs_what_it_is_told()
    {
        var plan = ContainerPlan.Make(Wishes(Request with { Arguments = ["/bin/app"] }), Image(null), new ContainerFiles(MergedTree.Empty, []), Id);
        Assert.Equal(["/bin/app"], plan.Arguments);
        Assert.Equal("/", plan.WorkingDirectory);
        Assert.Equal(UserIdentity.Root.UserId, plan.User.UserId);
    }

    [Fact]
    public void A_given_variable_replaces_the_images_and_the_others_stay()
    {
        var plan = Plan(Request with { Environment = ["B=mine", "C=new", "C=newer"] }, new ContainerConfig { Cmd = ["sh"], Env = ["PATH=/bin", "A=1", "B=2", "BB=3"] });
        Assert.Equal(["PATH=/bin", "A=1", "BB=3", "B=mine", "C=newer"], plan.Environment);
    }

    [Fact]
    public void A_variable_without_a_value_is_the_callers_and_one_they_lack_is_taken_away()
    {
        Set("TOKEN", "a=b");
        var plan = Plan(Request with { Environment = ["TOKEN", "GONE", "EMPTY="] }, new ContainerConfig { Cmd = ["sh"], Env = ["PATH=/bin", "TOKEN=old", "GONE=1"] });
        Assert.Equal(["PATH=/bin", "TOKEN=a=b", "EMPTY="], plan.Environment);
    }

    [Fact]
    public void An_image_without_a_path_gets_the_usual_one() =>
        Assert.Equal(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Plan(Request).Environment);

    [Theory]
    [InlineData("")]
    [InlineData("=value")]
    public void A_variable_without_a_name_is_refused(string given) =>
        Assert.Equal($"'{given}' is no variable", Assert.Throws<StrataException>(() => Plan(Request with { Environment = [given] })).Message);

    [Theory]
    [InlineData(null, null, "/")]
    [InlineData("", null, "/")]
    [InlineData("/srv", null, "/srv")]
    [InlineData("/srv", "/tmp", "/tmp")]
    public void It_starts_where_the_request_says_else_the_image(string? image, string? given, string expected) =>
        Assert.Equal(expected, Plan(Request with { WorkingDirectory = given }, new ContainerConfig { Cmd = ["sh"], WorkingDir = image }).WorkingDirectory);

    [Fact]
    public void The_user_is_looked_up_in_the_image()
    {
        var config = new ContainerConfig { Cmd = ["sh"], User = "node" };
        (string, string)[] files =
        [
            ("etc/group", "node:x:1000:\ndocker:x:999:root,node\n"),
            ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n"),
        ];
        var user = Plan(Request, config, files).User;
        Assert.Equal((1000u, 1000u, "/home/node"), (user.UserId, user.GroupId, user.Home));
        Assert.Equal([1000u, 999u], user.Groups);
        Assert.Equal(0u, Plan(Request with { User = "root" }, config, files).User.UserId);
        Assert.Equal((5u, 999u), (Plan(Request with { User = "5:docker" }, config, files).User is var other ? (other.UserId, other.GroupId) : default));
    }

    [Fact]
    public void A_user_whom_the_image_does_not_know_is_refused()
    {
        var error = Assert.Throws<StrataException>(() => Plan(Request with { User = "nobody-here" }));
        Assert.Equal("the user 'nobody-here' can't be used: there is no user nobody-here in /etc/passwd of the image", error.Message);
    }

    [Fact]
    public void A_number_needs_no_passwd() => Assert.Equal(4711u, Plan(Request with { User = "4711" }).User.UserId);

    [Fact]
    public void Apart_from_the_machines_network_it_is_called_by_its_id()
    {
        var plan = Plan(Request with { Network = NetworkMode.None, ExtraHosts = ["db:10.0.0.7"] });
        Assert.Equal(Id[..12], plan.Hostname);
        var hosts = Assert.IsType<ContentMount>(Assert.Single(plan.Mounts, mount => mount.Target == "/etc/hosts"));
        Assert.StartsWith("10.0.0.7\tdb\n", Encoding.UTF8.GetString(hosts.Content.Span), StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName, Plan(Request).Hostname);
        Assert.Equal("web", Plan(Request with { Hostname = "web" }).Hostname);
    }

    [Fact]
    public void Volumes_lie_over_the_files_of_the_network()
    {
        Write("hosts", "1.2.3.4 mine\n");
        var plan = Plan(Request with { Volumes = ["./hosts:/etc/hosts:ro"] });
        Assert.IsType<BindMount>(plan.Mounts[^1]);
    }

    [Theory]
    [InlineData(null, SignalNumber.SIGTERM)]
    [InlineData("", SignalNumber.SIGTERM)]
    [InlineData("SIGKILL", SignalNumber.SIGKILL)]
    [InlineData("quit", 3)]
    [InlineData("3", 3)]
    [InlineData("SIGRTMIN+3", 37)]
    [InlineData("nonsense", SignalNumber.SIGTERM)]
    public void The_image_says_how_it_is_stopped(string? text, int expected) =>
        Assert.Equal(expected, ContainerPlan.StopSignal(Wishes(Request), Image(new ContainerConfig { StopSignal = text })));

    [Fact]
    public void A_stop_signal_that_is_asked_for_wins_over_the_images()
    {
        var image = Image(new ContainerConfig { StopSignal = "QUIT" });
        Assert.Equal(SignalNumber.SIGINT, ContainerPlan.StopSignal(Wishes(Request with { StopSignal = "INT" }), image));
        Assert.Equal("'LOUD' is no signal", Assert.Throws<StrataException>(() => Wishes(Request with { StopSignal = "LOUD" })).Message);
    }

    [Fact]
    public void Variables_come_from_files_too_and_what_is_given_wins_over_them()
    {
        Set("TOKEN", "secret");
        Write("app.env", "\n# a comment\nA=from file\n  B = spaced \"quoted\"\nTOKEN\nABSENT\n");
        var plan = Plan(Request with { EnvironmentFiles = ["app.env"], Environment = ["A=given"] }, new ContainerConfig { Cmd = ["sh"], Env = ["PATH=/bin", "A=image"] });
        Assert.Equal(["PATH=/bin", "B= spaced \"quoted\"", "TOKEN=secret", "A=given"], plan.Environment);
    }

    [Theory]
    [InlineData("A B=1", "app.env:1: 'A B=1' is no variable")]
    [InlineData("X=1\n=2", "app.env:2: '=2' is no variable")]
    public void A_line_of_a_file_that_is_no_variable_is_told_with_its_number(string content, string message)
    {
        Write("app.env", content);
        Assert.EndsWith(message, Assert.Throws<StrataException>(() => Plan(Request with { EnvironmentFiles = ["app.env"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_variables_that_is_missing_is_said_so() =>
        Assert.StartsWith("there is no file /", Assert.Throws<StrataException>(() => Plan(Request with { EnvironmentFiles = ["no.env"] })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_user_list_too_large_for_the_index_is_read_from_the_snapshots()
    {
        const int accounts = 3000;
        var passwd = new StringBuilder();
        for (var i = 0; i < accounts; i++)
        {
            passwd.Append(System.Globalization.CultureInfo.InvariantCulture, $"user{i}:x:{i + 1000}:{i + 1000}::/home/user{i}:/bin/sh\n");
        }
        Assert.True(passwd.Length > 64 * 1024);
        Write("lower/etc/passwd", "user2999:x:1:1::/:/bin/sh\n");
        Write("upper/etc/passwd", passwd.ToString());
        Directory.CreateDirectory(Place("top"));
        var files = new ContainerFiles(Tree([("etc/passwd", passwd.ToString())]), [Place("lower"), Place("upper"), Place("top")]);
        var plan = ContainerPlan.Make(Wishes(Request with { User = "user2999" }), Image(new ContainerConfig { Cmd = ["sh"] }), files, Id);
        Assert.Equal((3999u, "/home/user2999"), (plan.User.UserId, plan.User.Home));
    }

    [Fact]
    public void Capabilities_have_the_kernels_names()
    {
        var plan = Plan(Request with { AddedCapabilities = ["net_admin,CAP_SYS_TIME"], DroppedCapabilities = ["all"] });
        Assert.Equal(["CAP_NET_ADMIN", "CAP_SYS_TIME"], plan.AddedCapabilities);
        Assert.Equal(["ALL"], plan.DroppedCapabilities);
        Assert.Equal("'FLY' is no capability", Assert.Throws<StrataException>(() => Plan(Request with { AddedCapabilities = ["FLY"] })).Message);
    }
}
