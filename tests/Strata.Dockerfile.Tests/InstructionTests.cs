namespace Strata.Dockerfile.Tests;

public sealed class InstructionTests
{
    [Fact]
    public void Copy_has_all_its_flags()
    {
        CopyInstruction copy = Read.One<CopyInstruction>(
            "COPY --from=build --chown=1:2 --chmod=u=rwX --link --parents=TRUE --exclude=*.a --exclude='b c' [\"a b\", \"c\", \"/d/\"]\n");

        Assert.Equal("build", copy.From);
        Assert.Equal("1:2", copy.Chown);
        Assert.Equal("u=rwX", copy.Chmod);
        Assert.True(copy.Link);
        Assert.True(copy.Parents);
        Assert.Equal(["*.a", "b c"], copy.Excludes);
        Assert.Equal(["a b", "c"], copy.Sources);
        Assert.Equal("/d/", copy.Destination);
    }

    [Fact]
    public void Add_has_all_its_flags()
    {
        AddInstruction add = Read.One<AddInstruction>(
            "ADD --checksum=sha256:1 --keep-git-dir=false --unpack --link=false https://x/y.tgz /d\n");

        Assert.Equal("sha256:1", add.Checksum);
        Assert.False(add.KeepGitDir);
        Assert.True(add.Unpack);
        Assert.False(add.Link);
        Assert.Null(Read.One<AddInstruction>("ADD a b").Unpack);
    }

    [Theory]
    [InlineData("COPY --form=x a b", "unknown flag: --form (did you mean --from?)")]
    [InlineData("ADD --from=x a b", "unknown flag: --from (known here: --chown, --chmod, --link, --exclude, --checksum, --keep-git-dir, --unpack)")]
    [InlineData("COPY --link=maybe a b", "expecting boolean value for flag --link, not: maybe")]
    [InlineData("COPY --link= a b", "missing a value on flag: --link")]
    [InlineData("COPY --from a b", "missing a value on flag: --from (write --from=value)")]
    [InlineData("COPY --chmod=1 --chmod=2 a b", "duplicate flag specified: --chmod")]
    [InlineData("COPY --from=$X a b", "variable expansion is not supported for --from, define a new stage with FROM using ARG from global scope as a workaround")]
    [InlineData("COPY --exclude=[x a b", "invalid --exclude: syntax error in pattern: \"[x\"")]
    [InlineData("COPY a", "COPY requires at least two arguments, but only one was provided. Destination could not be determined (write COPY source destination)")]
    [InlineData("ADD", "ADD requires at least two arguments (write ADD source destination)")]
    [InlineData("RUN --network=hots x", "invalid network mode: \"hots\" (use default, none or host)")]
    [InlineData("RUN --security=x y", "invalid security mode: \"x\" (use sandbox or insecure)")]
    [InlineData("RUN", "RUN requires a command (write RUN command or RUN [\"program\", \"argument\"])")]
    [InlineData("CMD --x y", "unknown flag: --x (this instruction takes no flags)")]
    [InlineData("CMD [\"a\", 1]", "when using JSON array syntax, arrays must be comprised of strings only (put quotes around every element)")]
    [InlineData("SHELL /bin/sh", "SHELL requires the arguments to be in JSON form (write SHELL [\"/bin/sh\", \"-c\"])")]
    [InlineData("SHELL []", "SHELL requires at least one argument (write SHELL [\"/bin/sh\", \"-c\"])")]
    [InlineData("ENV a", "ENV must have two arguments (write ENV a=value)")]
    [InlineData("ENV a=b c", "Syntax error - can't find = in \"c\". Must be of the form: name=value (a value with blanks in it needs quotes)")]
    [InlineData("ENV =b", "ENV names can not be blank (write a name in front of the =)")]
    [InlineData("LABEL", "LABEL requires at least one argument")]
    [InlineData("ARG =b", "ARG names can not be blank (write a name in front of the =)")]
    [InlineData("EXPOSE", "EXPOSE requires at least one argument")]
    [InlineData("USER", "USER requires exactly one argument")]
    [InlineData("VOLUME [\" \"]", "VOLUME specified can not be an empty string")]
    [InlineData("ONBUILD ONBUILD RUN x", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")]
    [InlineData("ONBUILD FROM x", "FROM isn't allowed as an ONBUILD trigger")]
    [InlineData("ONBUILD COPY x", "COPY requires at least two arguments, but only one was provided. Destination could not be determined (write COPY source destination)")]
    [InlineData("HEALTHCHECK", "HEALTHCHECK requires at least one argument (write HEALTHCHECK CMD command or HEALTHCHECK NONE)")]
    [InlineData("HEALTHCHECK NONE x", "HEALTHCHECK NONE takes no arguments")]
    [InlineData("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD")]
    [InlineData("HEALTHCHECK TCP 80", "Unknown type \"TCP\" in HEALTHCHECK (try CMD)")]
    [InlineData("HEALTHCHECK --interval=1us CMD x", "Interval \"interval\" cannot be less than 1ms")]
    [InlineData("HEALTHCHECK --timeout=5 CMD x", "invalid duration \"5\" for --timeout (write a number and a unit, such as 30s or 1m30s)")]
    [InlineData("HEALTHCHECK --retries=-1 CMD x", "--retries cannot be negative (-1)")]
    public void A_wrong_instruction_says_what_is_wrong(string line, string expected) =>
        Assert.Equal("Dockerfile:2: " + expected, Read.Error("FROM scratch\n" + line));

    [Fact]
    public void A_command_is_text_or_a_list_and_broken_JSON_is_text()
    {
        Assert.Equal(["a", "b c", "\u00e9\ud83d\ude00\ufffd"], Exec("CMD [\"a\", \"b c\", \"\\u00e9\\ud83d\\ude00\\ud800\"]"));
        Assert.Empty(Exec("CMD []"));
        Assert.Equal(new CommandLine.Shell("['a']"), Read.One<CmdInstruction>("CMD ['a']").CommandLine);
        Assert.Equal(new CommandLine.Shell("[\"a\"] b"), Read.One<CmdInstruction>("CMD [\"a\"] b").CommandLine);
        Assert.Equal(new CommandLine.Shell("[\"a\",]"), Read.One<CmdInstruction>("CMD [\"a\",]").CommandLine);
        Assert.Equal(["x"], Assert.IsType<CommandLine.Exec>(Read.One<EntrypointInstruction>("ENTRYPOINT [\"x\"]").CommandLine).Arguments);

        static IEnumerable<string> Exec(string line) =>
            Assert.IsType<CommandLine.Exec>(Read.One<CmdInstruction>(line).CommandLine).Arguments;
    }

    [Fact]
    public void Environment_comes_in_pairs_or_in_the_old_form()
    {
        EnvInstruction pairs = Read.One<EnvInstruction>("ENV a=\"b c\" d=e\\ f g=\n");
        EnvInstruction old = Read.One<EnvInstruction>("ENV a b c=d\n");

        Assert.Equal([new KeyValue("a", "\"b c\""), new KeyValue("d", "e\\ f"), new KeyValue("g", "")], pairs.Variables);
        Assert.False(pairs.IsLegacyForm);
        Assert.Equal([new KeyValue("a", "b c=d")], old.Variables);
        Assert.True(old.IsLegacyForm);
        Assert.Equal([new KeyValue("x", "y")], Read.One<LabelInstruction>("LABEL x=y").Labels);
    }

    [Fact]
    public void An_argument_without_default_is_not_one_with_an_empty_default()
    {
        Assert.Equal(
            [new ArgDeclaration("a", null), new ArgDeclaration("b", ""), new ArgDeclaration("c", "\"d e\"")],
            Read.One<ArgInstruction>("ARG a b= c=\"d e\"").Declarations);
    }

    [Fact]
    public void A_health_check_has_a_test_and_times()
    {
        HealthCheckInstruction check = Read.One<HealthCheckInstruction>(
            "HEALTHCHECK --interval=1m30s --timeout=500ms --start-period=1.5h --start-interval=2s --retries=4 CMD [\"a\", \"b\"]");

        Assert.Equal(["a", "b"], Assert.IsType<CommandLine.Exec>(check.Test).Arguments);
        Assert.Equal(TimeSpan.FromSeconds(90), check.Interval);
        Assert.Equal(TimeSpan.FromMilliseconds(500), check.Timeout);
        Assert.Equal(TimeSpan.FromMinutes(90), check.StartPeriod);
        Assert.Equal(TimeSpan.FromSeconds(2), check.StartInterval);
        Assert.Equal(4, check.Retries);
        Assert.Equal(new CommandLine.Shell("x y"), Read.One<HealthCheckInstruction>("HEALTHCHECK cmd x y").Test);
        Assert.Null(Read.One<HealthCheckInstruction>("HEALTHCHECK none").Test);
    }

    [Fact]
    public void The_small_instructions_keep_their_text()
    {
        Assert.Equal(["80", "90-92/udp"], Read.One<ExposeInstruction>("EXPOSE 80 90-92/udp").Ports);
        Assert.Equal("me:us", Read.One<UserInstruction>("USER me:us").User);
        Assert.Equal("/a b", Read.One<WorkdirInstruction>("WORKDIR /a b ").Path);
        Assert.Equal(["/a", "/b"], Read.One<VolumeInstruction>("VOLUME /a /b").Paths);
        Assert.Equal(["/a b"], Read.One<VolumeInstruction>("VOLUME [\" /a b\"]").Paths);
        Assert.Equal(["/bin/bash", "-c"], Read.One<ShellInstruction>("SHELL [\"/bin/bash\", \"-c\"]").Shell);
        Assert.Equal("SIGTERM", Read.One<StopSignalInstruction>("STOPSIGNAL SIGTERM").Signal);
        Assert.Equal("me <m@e>", Read.One<MaintainerInstruction>("MAINTAINER me <m@e>").Maintainer);
    }

    [Fact]
    public void A_run_has_all_its_flags()
    {
        RunInstruction run = Read.One<RunInstruction>(
            "RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --network=none --security=insecure --device=x -- --y z");

        Assert.Equal(2, run.Mounts.Length);
        Assert.Equal(NetworkMode.None, run.Network);
        Assert.Equal(SecurityMode.Insecure, run.Security);
        Assert.Equal(["x"], run.Devices);
        Assert.Equal(new RunForm.Shell("--y z"), run.Form);
        Assert.Null(Read.One<RunInstruction>("RUN x").Network);
    }

    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("80/UDP", "80/udp")]
    [InlineData("80-82/sctp", "80/sctp 81/sctp 82/sctp")]
    [InlineData("8080:80", "80/tcp")]
    [InlineData("127.0.0.1:8080:80", "80/tcp")]
    [InlineData("127.0.0.1::80", "80/tcp")]
    [InlineData("[::1]:8080:80/tcp", "80/tcp")]
    [InlineData("2001:db8::1:8080:80", "80/tcp")]
    [InlineData("8000-8010:80/", "80/tcp")]
    public void Ports_are_read_in_every_form(string word, string expected)
    {
        Assert.True(ExposedPorts.TryParse(word, out var ports, out _));
        Assert.Equal(expected, string.Join(' ', ports));
    }

    [Theory]
    [InlineData("80/http", "invalid proto: http")]
    [InlineData("x", "invalid containerPort: x")]
    [InlineData("65536", "invalid containerPort: 65536")]
    [InlineData("82-80", "invalid containerPort: 82-80")]
    [InlineData("x:80", "invalid hostPort: x")]
    [InlineData("localhost:80:80", "invalid IP address: localhost")]
    [InlineData("80:/tcp", "no port specified: 80:/tcp<empty>")]
    [InlineData("1-3:80-81", "invalid ranges specified for container and host Ports: 80-81 and 1-3")]
    public void What_is_no_port_is_refused(string word, string expected)
    {
        Assert.False(ExposedPorts.TryParse(word, out _, out string? error));
        Assert.Equal(expected, error);
    }
}
