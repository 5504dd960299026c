using System.Text;
using CsCheck;
using Strata.Content.Layers;

namespace Strata.Runtime.Tests.Users;

public sealed class UserSpecTests
{
    private static readonly byte[] Passwd = Encoding.UTF8.GetBytes(
        "root:x:0:0:root:/root:/bin/sh\n# comment\nbroken:x:nonsense:5::/:\nnode:x:1000:100:Node:/home/node:/bin/sh\n1234:x:77:78::/odd:\nlast:x:9:9::/last:/bin/sh");

    private static readonly byte[] Group = Encoding.UTF8.GetBytes(
        "root:x:0:\nusers:x:100:\nvideo:x:44:other,node\naudio:x:29:nodejs,node2\nextra:x:27:node\nusers2:x:100:node\n");

    private static UserIdentity Resolve(string spec)
    {
        Assert.True(UserSpec.TryResolve(spec, Passwd, Group, out var identity, out var problem), problem);
        return identity;
    }

    [Theory]
    [InlineData("", 0, 0, "0", "/root")]
    [InlineData("root", 0, 0, "0", "/root")]
    [InlineData("node", 1000, 100, "100,44,27", "/home/node")]
    [InlineData("1000", 1000, 100, "100,44,27", "/home/node")]
    [InlineData("node:video", 1000, 44, "44", "/home/node")]
    [InlineData("node:5000", 1000, 5000, "5000", "/home/node")]
    [InlineData("4321", 4321, 0, "0", null)]
    [InlineData("4321:29", 4321, 29, "29", null)]
    [InlineData("1234", 77, 78, "78", "/odd")]
    [InlineData("last", 9, 9, "9", "/last")]
    [InlineData("node:", 1000, 100, "100,44,27", "/home/node")]
    [InlineData(":video", 0, 44, "44", "/root")]
    public void A_user_is_found_by_name_or_number_with_the_groups_docker_gives(string spec, uint user, uint group, string groups, string? home)
    {
        var identity = Resolve(spec);
        Assert.Equal((user, group, groups, home), (identity.UserId, identity.GroupId, string.Join(',', identity.Groups), identity.Home));
    }

    [Theory]
    [InlineData("nobody", "there is no user nobody in /etc/passwd of the image")]
    [InlineData("broken", "there is no user broken in /etc/passwd of the image")]
    [InlineData("node:nogroup", "there is no group nogroup in /etc/group of the image")]
    [InlineData("-1", "there is no user -1 in /etc/passwd of the image")]
    [InlineData("4294967295", "there is no user 4294967295 in /etc/passwd of the image")]
    [InlineData("node:4294967295", "there is no group 4294967295 in /etc/group of the image")]
    [InlineData("4294967296", "there is no user 4294967296 in /etc/passwd of the image")]
    public void An_unknown_name_is_said(string spec, string sentence)
    {
        Assert.False(UserSpec.TryResolve(spec, Passwd, Group, out _, out var problem));
        Assert.Equal(sentence, problem);
    }

    [Fact]
    public void What_is_beyond_a_megabyte_is_not_read()
    {
        byte[] padded = [.. Enumerable.Repeat((byte)'\n', PasswdFile.LargestSize), .. Passwd];
        Assert.False(UserSpec.TryResolve("node", padded, Group, out _, out _));
    }

    [Fact]
    public void No_bytes_make_it_fail() => Gen.Select(Gen.String, Gen.Byte.Array, Gen.Byte.Array).Sample((spec, passwd, group) =>
        UserSpec.TryResolve(spec, passwd, group, out var identity, out var problem) == (problem is null) && (identity is null) == (problem is not null));
}
