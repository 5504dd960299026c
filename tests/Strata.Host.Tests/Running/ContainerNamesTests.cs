using System.Text.RegularExpressions;
using Strata.Host.Running;

namespace Strata.Host.Tests.Running;

public sealed class ContainerNamesTests
{
    [Fact]
    public void A_name_is_two_words_that_a_shell_takes_as_they_are()
    {
        var names = Enumerable.Range(0, 500).Select(_ => ContainerNames.Next()).ToList();
        Assert.All(names, name => Assert.Matches(new Regex("^[a-z]+_[a-z]+$"), name));
        // Of 1600 names the 500 that are drawn here are not few.
        Assert.True(names.Distinct().Count() > 200);
    }

    [Theory]
    [InlineData("web", true)]
    [InlineData("0_a.b-C", true)]
    [InlineData("a", false)]
    [InlineData("", false)]
    [InlineData("-web", false)]
    [InlineData("a b", false)]
    [InlineData("wéb", false)]
    [InlineData("a/b", false)]
    public void A_name_has_dockers_form(string name, bool valid) => Assert.Equal(valid, ContainerNames.IsValid(name));
}
