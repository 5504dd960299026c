using Strata.Content.Layers;

namespace Strata.Content.Tests.Layers;

public sealed class PasswdFileTests
{
    private static ReadOnlySpan<byte> Passwd => "root:x:0:0:root:/root:/bin/sh\n\n# remark\nbroken\nnode:x:1000:1001::/home/node:/bin/sh\r\nnobody:x:65534:65534\n1234:x:7:8::/:\n"u8;

    private static ReadOnlySpan<byte> Groups => "root:x:0:\nnode:x:1001:\nwheel:x:10:node,other\naudio:x:29:other, node\nbad:x:x:node\n"u8;

    [Fact]
    public void Users_and_groups_are_found_by_name_and_by_number()
    {
        Assert.Equal((0u, 0u), PasswdFile.Lookup(Passwd, Groups, "root"));
        Assert.Equal((1000u, 1001u), PasswdFile.Lookup(Passwd, Groups, "node"));
        Assert.Equal((1000u, 1001u), PasswdFile.Lookup(Passwd, Groups, "1000"));
        Assert.Equal((1000u, 10u), PasswdFile.Lookup(Passwd, Groups, "node:wheel"));
        Assert.Equal((5u, 0u), PasswdFile.Lookup(Passwd, Groups, "5"));
        Assert.Equal((5u, 6u), PasswdFile.Lookup([], [], "5:6"));
        Assert.Equal((65534u, 65534u), PasswdFile.Lookup(Passwd, Groups, "nobody"));
    }

    [Fact]
    public void A_name_of_digits_wins_over_the_number() => Assert.Equal((7u, 8u), PasswdFile.Lookup(Passwd, Groups, "1234"));

    [Fact]
    public void Who_is_in_no_file_is_nobody()
    {
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, "postgres"));
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, "node:none"));
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, "broken"));
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, ""));
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, "4294967295"));
        Assert.Null(PasswdFile.Lookup(Passwd, Groups, "-1"));
    }

    [Fact]
    public void Supplementary_groups_are_those_that_name_the_user() => Assert.Equal([10u, 29u], PasswdFile.SupplementaryGroups(Groups, "node"));
}
