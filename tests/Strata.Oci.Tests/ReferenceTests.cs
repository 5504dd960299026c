using CsCheck;

namespace Strata.Oci.Tests;

public sealed class ReferenceTests
{
    [Theory]
    [InlineData("node", "docker.io/library/node", "node")]
    [InlineData("node:18", "docker.io/library/node:18", "node:18")]
    [InlineData("me/app", "docker.io/me/app", "me/app")]
    [InlineData("index.docker.io/library/node", "docker.io/library/node", "node")]
    [InlineData("localhost/app:1", "localhost/app:1", "localhost/app:1")]
    [InlineData("localhost:5000/app", "localhost:5000/app", "localhost:5000/app")]
    [InlineData("[::1]:5000/app:x", "[::1]:5000/app:x", "[::1]:5000/app:x")]
    [InlineData("Registry/app", "Registry/app", "Registry/app")]
    public void What_people_type_is_completed_as_docker_does(string typed, string canonical, string familiar)
    {
        var reference = Reference.Parse(typed);
        Assert.Equal(canonical, reference.ToString());
        Assert.Equal(familiar, reference.Familiar);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("App", "a repository's name is lower case")]
    [InlineData("app:", "'' is no tag")]
    [InlineData("app@sha256:12", "'sha256:12' after the '@' is no digest")]
    [InlineData("a//b", "'a//b' is no repository name")]
    [InlineData("-x.example/app", "'-x.example' is no registry's host name")]
    public void What_is_wrong_is_said(string typed, string problem)
    {
        Assert.False(Reference.TryParse(typed, out _, out var said));
        Assert.Equal(problem, said);
    }

    [Fact]
    public void Writing_and_reading_again_changes_nothing()
    {
        var part = Gen.Char["abcz019"].Array[1, 6].Select(c => new string(c));
        var separator = Gen.OneOf(".", "_", "__", "-", "--");
        var component = Gen.Select(part, separator, part, (a, s, b) => a + s + b);
        var repository = Gen.OneOf(part, component).Array[1, 3].Select(p => string.Join('/', p));
        var host = Gen.OneOf("docker.io", "reg.example", "localhost", "localhost:5000", "10.0.0.1:80", "[fe80::1]");
        var tag = Gen.OneOf("", ":1.0", ":_x", ":A-b.c");
        var digest = Gen.OneOf("", "@" + Digest.Of([1]));
        Gen.Select(host, repository, tag, digest).Sample((h, r, t, d) =>
        {
            var reference = Reference.Parse($"{h}/{r}{t}{d}");
            Assert.Equal(reference, Reference.Parse(reference.ToString()));
            Assert.Equal(reference, Reference.Parse(reference.Familiar));
        });
    }

    [Fact]
    public void Any_text_is_read_or_refused_without_an_exception() =>
        Gen.Char["ab/:@.-_[]Z0 é"].Array[0, 40].Select(c => new string(c)).Sample(text =>
        {
            if (Reference.TryParse(text, out var reference, out var problem))
            {
                Assert.Equal(reference, Reference.Parse(reference.ToString()));
            }
            else
            {
                Assert.NotEmpty(problem);
            }
        }, iter: 20_000);
}
