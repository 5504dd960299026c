namespace Strata.Dockerfile.Tests;

public sealed class MountTests
{
    [Fact]
    public void A_bind_mount_is_the_default_and_read_only()
    {
        var mount = Resolve<BindMount>("target=src,source=a,from=build");

        Assert.Equal("src", mount.Target);
        Assert.Equal("a", mount.Source);
        Assert.Equal("build", mount.From);
        Assert.True(mount.ReadOnly);
        Assert.False(Resolve<BindMount>("dst=/x,rw").ReadOnly);
    }

    [Fact]
    public void A_cache_has_an_owner_and_a_way_of_sharing()
    {
        var mount = Resolve<CacheMount>("type=cache,target=/c,id=x,sharing=LOCKED,mode=0700,uid=1,gid=2,ro");

        Assert.Equal("x", mount.Id);
        Assert.Equal(CacheSharing.Locked, mount.Sharing);
        Assert.Equal(new FileOwnership(448, 1, 2), mount.Ownership);
        Assert.True(mount.ReadOnly);
        Assert.Equal(new FileOwnership(493, 0, 0), Resolve<CacheMount>("type=cache,target=/c").Ownership);
    }

    [Fact]
    public void A_secret_is_a_file_or_a_variable()
    {
        var file = Resolve<SecretMount>("type=secret,id=a/key,required");
        var variable = Resolve<SecretMount>("type=secret,id=key,env=KEY");
        var named = Resolve<SecretMount>("type=secret,target=/etc/token,mode=0440");

        Assert.Equal("/run/secrets/key", file.Target);
        Assert.True(file.Required);
        Assert.Null(variable.Target);
        Assert.Equal("KEY", variable.Variable);
        Assert.Equal("token", named.Id);
        Assert.Equal(288u, named.Ownership.Mode);
    }

    [Fact]
    public void The_other_kinds_have_their_defaults()
    {
        Assert.Equal(64L << 20, Resolve<TmpfsMount>("type=tmpfs,target=/t,size=64m").SizeLimit);
        Assert.False(Resolve<TmpfsMount>("type=tmpfs,target=/t").ReadOnly);
        Assert.Equal("default", Resolve<SshMount>("type=ssh").Id);
        Assert.Equal(384u, Resolve<SshMount>("type=ssh").Ownership.Mode);
    }

    [Fact]
    public void Values_are_expanded_when_they_are_needed()
    {
        MountFlag flag = Read.One<RunInstruction>("RUN --mount=type=$T,target=/${D:-x} y").Mounts[0];

        Assert.True(flag.TryResolve(name => name == "T" ? "cache" : null, out Mount? mount, out _));
        Assert.Equal("/x", Assert.IsType<CacheMount>(mount).Target);
        Assert.False(flag.TryResolve(_ => "nonsense", out _, out DockerfileError? problem));
        Assert.Equal("unsupported mount type \"nonsense\"", problem.Message);
    }

    [Theory]
    [InlineData("type=bnd,target=/x", "unsupported mount type \"bnd\" (did you mean bind?)")]
    [InlineData("type=cache,tagret=/x", "unexpected key 'tagret' in 'tagret=/x' (did you mean target?)")]
    [InlineData("type=cache", "cache mount needs a target (write target=/path)")]
    [InlineData("target=/", "invalid mount target \"/\" (the root itself cannot be mounted over)")]
    [InlineData("target", "invalid field 'target' must be a key=value pair")]
    [InlineData("target=/x,mode=0700", "mode not allowed for \"bind\" type mounts")]
    [InlineData("target=/x,size=1", "unexpected key 'size' for mount type 'bind'")]
    [InlineData("target=/x,sharing=locked", "invalid cache sharing set for bind mount")]
    [InlineData("target=/x,ro=maybe", "invalid value for ro: maybe (write true or false)")]
    [InlineData("target=/x,from=$X", "'from' doesn't support variable expansion, define alias stage instead")]
    [InlineData("type=cache,target=/x,sharing=shard", "unsupported sharing value \"shard\" (did you mean shared?)")]
    [InlineData("type=cache,target=/x,mode=9", "invalid value 9 for mode (write octal permissions, such as 0600)")]
    [InlineData("type=cache,target=/x,uid=me", "invalid value me for uid (write a number)")]
    [InlineData("type=tmpfs,target=/x,size=big", "invalid value for size: big (write bytes or a number with a unit, such as 64m)")]
    [InlineData("type=secret", "invalid secret mount. one of source, target required (write --mount=type=secret,id=name)")]
    [InlineData("type=secret,id=a,src=b", "both source and id can't be set (keep id=)")]
    [InlineData("type=secret,id=a,from=b", "secret mount should not have a from")]
    [InlineData("type=ssh,src=b", "ssh mount should not have a source (name the agent with id=)")]
    public void A_wrong_mount_says_what_is_wrong(string mount, string expected) =>
        Assert.Equal("Dockerfile:2: " + expected, Read.Error($"FROM scratch\nRUN --mount={mount} x"));

    private static T Resolve<T>(string text)
        where T : Mount
    {
        MountFlag flag = Read.One<RunInstruction>($"RUN --mount={text} x").Mounts[0];
        Assert.True(flag.TryResolve(_ => null, out Mount? mount, out _));
        return Assert.IsType<T>(mount);
    }
}
