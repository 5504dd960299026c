using System.Text;
using Strata.Build;
using Strata.Host.Building;
using Strata.Oci;

namespace Strata.Host.Tests.Building;

/// <summary>Builds without RUN over a real store: they need neither root nor a runtime.</summary>
public sealed class BuildImageTests : HostTest
{
    private static readonly BuildCommand Command = new() { Context = "app" };

    private Task<BuiltImage> BuildAsync(BuildCommand command, string standardInput = "") =>
        Host.Build.RunAsync(command, new MemoryStream(Encoding.UTF8.GetBytes(standardInput)), new Events(), Stop);

    private void WriteApp(string dockerfile = "FROM scratch\nCOPY hello.txt /\nCMD [\"/hello\"]\n")
    {
        Write("app/Dockerfile", dockerfile);
        Write("app/hello.txt", "hello");
    }

    [Fact]
    public async Task What_the_Dockerfile_says_is_in_the_store_under_every_tag()
    {
        WriteApp();
        var built = await BuildAsync(Command with { Tags = [Reference.Parse("app:v1"), Reference.Parse("team/app")] });
        var image = Host.Images.Get("app:v1").Image;
        Assert.Equal(built.ImageId, image.Id);
        Assert.Equal(built.ImageId, Host.Images.Get("team/app:latest").Image.Id);
        Assert.Equal(["/hello"], image.Config.Config!.Cmd);
        var layer = Assert.Single(image.Layers);
        var index = await Host.Store.Layers.OpenIndexAsync(layer, Stop);
        Assert.Equal("hello", Encoding.UTF8.GetString(await ReadAsync(layer, index.Find(ImagePath.Parse("hello.txt")))));
    }

    [Fact]
    public async Task A_tag_moves_to_what_was_built_last_and_the_image_before_stays()
    {
        WriteApp();
        var command = Command with { Tags = [Reference.Parse("app")] };
        var first = await BuildAsync(command);
        Write("app/hello.txt", "hello again");
        var second = await BuildAsync(command);
        Assert.NotEqual(first.ImageId, second.ImageId);
        Assert.Equal(second.ImageId, Host.Images.Get("app").Image.Id);
        Assert.NotNull(Host.Images.Find(first.ImageId.ToString()));
        Assert.Equal([second.ImageId, first.ImageId], Host.Store.Names.History(Name("app")).Select(change => change.To!.Image));
    }

    [Fact]
    public async Task A_second_build_takes_every_step_from_the_first()
    {
        WriteApp();
        var first = await BuildAsync(Command);
        var events = new Events();
        var second = await Host.Build.RunAsync(Command, Stream.Null, events, Stop);
        Assert.Equal(first.ImageId, second.ImageId);
        Assert.Contains(events.Seen, e => e is BuildEvent.Cached);
        Assert.DoesNotContain(events.Seen, e => e is BuildEvent.Missed);
    }

    [Fact]
    public async Task An_image_of_the_store_is_a_base()
    {
        var id = await ImportAsync("bottom", "base");
        WriteApp("FROM base\nCOPY hello.txt /\n");
        var built = await BuildAsync(Command);
        Assert.Equal(2, built.Layers.Length);
        Assert.Equal(Host.Images.Get(id.ToString()).Image.Layers[0], built.Layers[0].DiffId);
    }

    [Fact]
    public async Task A_base_that_only_this_machine_could_have_is_said_to_be_missing()
    {
        WriteApp("FROM localhost/base\n");
        var error = await Assert.ThrowsAnyAsync<Exception>(() => BuildAsync(Command));
        Assert.Contains("there is no image localhost/base:latest in the store", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Arguments_without_a_value_and_labels_come_from_where_they_should()
    {
        Set("VERSION", "1.2");
        WriteApp("FROM scratch\nARG VERSION=none\nARG OTHER=default\nLABEL version=$VERSION other=$OTHER\nCOPY hello.txt /\n");
        var built = await BuildAsync(Command with { BuildArgs = ["VERSION", "OTHER"], Labels = ["by=me", "empty="] });
        var labels = built.Config.Config!.Labels!;
        Assert.Equal(("1.2", "default", "me", ""), (labels["version"], labels["other"], labels["by"], labels["empty"]));
    }

    [Theory]
    [InlineData("=value")]
    [InlineData("")]
    public async Task A_build_argument_without_a_name_is_refused(string text)
    {
        WriteApp();
        var error = await Refusal(() => BuildAsync(Command with { BuildArgs = [text] }));
        Assert.Equal("write it as --build-arg NAME=VALUE", error.Hint);
    }

    [Fact]
    public async Task A_Dockerfile_comes_from_elsewhere_from_the_context_or_from_standard_input()
    {
        WriteApp();
        Write("elsewhere.Dockerfile", "FROM scratch\nLABEL from=elsewhere\n");
        Write("app/docker/inner.Dockerfile", "FROM scratch\nLABEL from=inner\n");
        Assert.Equal("elsewhere", await LabelAsync(Command with { DockerfilePath = "elsewhere.Dockerfile" }));
        Assert.Equal("inner", await LabelAsync(Command with { DockerfilePath = "docker/inner.Dockerfile" }));
        Assert.Equal("input", await LabelAsync(Command with { DockerfilePath = "-" }, "FROM scratch\nLABEL from=input\n"));
        Assert.Equal("alone", await LabelAsync(new BuildCommand { Context = "-" }, "FROM scratch\nLABEL from=alone\n"));
    }

    [Theory]
    [InlineData("build.dockerfile", "did you mean -f app/build.dockerfile?")]
    [InlineData("Containerfile", "did you mean -f app/Containerfile?")]
    [InlineData("readme.md", "write one, or say with -f where it is")]
    public async Task Without_a_Dockerfile_the_one_that_was_meant_is_named(string there, string hint)
    {
        Write($"app/{there}", "");
        var error = await Refusal(() => BuildAsync(Command));
        Assert.Equal($"there is no Dockerfile at {Place("app", "Dockerfile")}", error.Message);
        Assert.Equal(hint, error.Hint);
    }

    [Fact]
    public async Task A_context_that_is_a_file_or_missing_or_an_address_is_refused()
    {
        WriteApp();
        const string hint = "the argument of build is a folder, such as .; a Dockerfile is given with -f";
        var file = await Refusal(() => BuildAsync(Command with { Context = "app/Dockerfile" }));
        Assert.Equal(($"the build context {Place("app/Dockerfile")} is a file, not a folder", hint), (file.Message, file.Hint));
        var missing = await Refusal(() => BuildAsync(Command with { Context = "ap" }));
        Assert.Equal(($"the build context {Place("ap")} does not exist", hint), (missing.Message, missing.Hint));
        var address = await Refusal(() => BuildAsync(Command with { Context = "https://example.org/app.git" }));
        Assert.Equal("the build context https://example.org/app.git is not a folder; building from an address is not supported yet", address.Message);
    }

    [Fact]
    public async Task A_digest_is_no_name_for_what_is_being_built()
    {
        WriteApp();
        var tag = Reference.Parse($"app@{Digest.Of("x"u8)}");
        var error = await Refusal(() => BuildAsync(Command with { Tags = [tag] }));
        Assert.Equal($"'{tag.Familiar}' can't be what the image is called: content alone decides what a digest names", error.Message);
        Assert.Empty(Host.Store.Images.List());
    }

    [Theory]
    [InlineData("helo.txt")]
    [InlineData("hlelo.txt")]
    [InlineData("Hello.TXT")]
    public async Task A_failed_build_moves_no_tag_and_names_the_file_that_was_meant(string file)
    {
        WriteApp($"FROM scratch\nCOPY {file} /\n");
        var error = await Assert.ThrowsAnyAsync<BuildException>(() => BuildAsync(Command with { Tags = [Reference.Parse("app")] }));
        Assert.Equal($"Dockerfile:2: \"/{file}\" is not in the build context; did you mean hello.txt?", error.Message);
        Assert.Null(Host.Images.Find("app"));
    }

    [Fact]
    public async Task A_time_that_is_no_number_is_refused()
    {
        WriteApp();
        Set("SOURCE_DATE_EPOCH", "yesterday");
        Assert.Equal("SOURCE_DATE_EPOCH is 'yesterday', which is no number of seconds since 1970", (await Refusal(() => BuildAsync(Command))).Message);
        Set("SOURCE_DATE_EPOCH", "1000");
        Assert.Equal("1970-01-01T00:16:40Z", (await BuildAsync(Command)).Config.Created);
    }

    [Fact]
    public async Task RUN_by_an_ordinary_user_says_what_it_needs()
    {
        await ImportAsync("bottom", "base");
        WriteApp("FROM base\nRUN true\n");
        var error = await Assert.ThrowsAnyAsync<Exception>(() => BuildAsync(Command));
        Assert.Contains("RUN needs root in this version: run strata with sudo", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> LabelAsync(BuildCommand command, string standardInput = "") => (await BuildAsync(command, standardInput)).Config.Config!.Labels!["from"];

    private async Task<byte[]> ReadAsync(Digest layer, int position)
    {
        using var content = new MemoryStream();
        await Host.Store.Layers.ReadFilesAsync(layer, [position], (_, stream) => stream.CopyTo(content), Stop);
        return content.ToArray();
    }

    private sealed class Events : IProgress<BuildEvent>
    {
        private readonly Lock _lock = new();
        private readonly List<BuildEvent> _seen = [];

        public IReadOnlyList<BuildEvent> Seen => _seen;

        public void Report(BuildEvent value)
        {
            lock (_lock)
            {
                _seen.Add(value);
            }
        }
    }

    [Theory]
    [InlineData("\u001f\u008bpacked", "standard input is an archive")]
    [InlineData("FROM scratch\nCOPY \0 /", "line 2 holds a NUL byte")]
    public async Task What_comes_on_standard_input_and_is_no_Dockerfile_is_refused_in_a_sentence(string given, string expected)
    {
        var bytes = Encoding.Latin1.GetBytes(given);
        var failure = await Assert.ThrowsAsync<StrataException>(() =>
            Host.Build.RunAsync(Command with { Context = "-" }, new MemoryStream(bytes), new Events(), Stop));
        Assert.Contains(expected, failure.Message);
        var archive = Tars.Of(("Dockerfile", "FROM scratch"));
        Assert.Contains("is an archive", (await Assert.ThrowsAsync<StrataException>(() =>
            Host.Build.RunAsync(Command with { Context = "-" }, new MemoryStream(archive), new Events(), Stop))).Message);
    }
}
